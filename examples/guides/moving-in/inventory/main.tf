terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

# The API key of an administrator comes from CODEFRESH_API_KEY.
data "codefresh_git_tokens" "all" {}

output "runtime_tokens" {
  value = { for t in data.codefresh_git_tokens.all.runtime_tokens : t.runtime => t.status }
}

output "user_tokens" {
  value = {
    for t in data.codefresh_git_tokens.all.user_tokens :
    "${t.runtime}/${t.integration}" => { user = t.user_id, git_provider = t.git_provider, valid = t.valid }...
  }
}

output "not_read" {
  value = data.codefresh_git_tokens.all.unreachable[*].runtime
}
