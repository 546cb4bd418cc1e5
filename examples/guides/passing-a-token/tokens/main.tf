# A module of somebody else.
terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

resource "codefresh_git_runtime_token" "prod" {
  runtime    = "prod"
  token_name = "ci-bot"
}
