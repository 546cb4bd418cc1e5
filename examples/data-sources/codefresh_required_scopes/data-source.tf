data "codefresh_required_scopes" "runtime" {
  git_provider = "github"
  token_type   = "runtime"
}

# The page that makes such a token, with the scopes ticked.
output "create_runtime_token" {
  value = data.codefresh_required_scopes.runtime.token_url
}
