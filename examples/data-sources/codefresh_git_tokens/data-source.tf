data "codefresh_git_tokens" "all" {}

locals {
  # What Codefresh itself calls broken, whoever set it up.
  bad_tokens = concat(
    [for t in data.codefresh_git_tokens.all.runtime_tokens : "runtime ${t.runtime}" if t.status == "failed"],
    [for t in data.codefresh_git_tokens.all.user_tokens : "user ${t.user_id} on ${t.runtime}/${t.integration}" if t.valid == false],
  )
}

output "bad_git_tokens" {
  value = local.bad_tokens
}

output "runtimes_without_git_token" {
  value = [for t in data.codefresh_git_tokens.all.runtime_tokens : t.runtime if t.status == "unknown"]
}

check "git_tokens" {
  assert {
    condition     = length(local.bad_tokens) == 0
    error_message = "Codefresh calls Git tokens invalid: ${join(", ", local.bad_tokens)}."
  }
  assert {
    condition     = length(data.codefresh_git_tokens.all.unreachable) == 0
    error_message = "Not read: ${join(", ", data.codefresh_git_tokens.all.unreachable[*].runtime)}."
  }
}
