terraform {
  required_providers {
    codefresh = {
      source = "codefresh-gitops/codefresh"
    }
  }
}

data "codefresh_required_scopes" "runtime" {
  git_provider = "github"
  token_type   = "runtime"
}

output "create_a_token" {
  value = data.codefresh_required_scopes.runtime.token_url
}
