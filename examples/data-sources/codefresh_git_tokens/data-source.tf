data "codefresh_git_tokens" "all" {}

# What Codefresh itself calls broken, whoever set it up.
output "broken" {
  value = {
    runtimes = [for t in data.codefresh_git_tokens.all.runtime_tokens : t.runtime if t.status == "failed"]
    users    = [for t in data.codefresh_git_tokens.all.user_tokens : "${t.user_id} on ${t.runtime}" if !t.valid]
  }
}
