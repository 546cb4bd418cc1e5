terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

# Every token that Codefresh knows, including those that Terraform does not manage.
data "codefresh_git_tokens" "all" {}

check "git_tokens_in_codefresh" {
  assert {
    condition = alltrue(concat(
      [for t in data.codefresh_git_tokens.all.runtime_tokens : t.status != "failed"],
      [for t in data.codefresh_git_tokens.all.user_tokens : t.valid != false], # null: Codefresh does not tell
    ))
    error_message = "Codefresh calls a Git token invalid."
  }
}
