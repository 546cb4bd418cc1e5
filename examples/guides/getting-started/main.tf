terraform {
  required_providers {
    codefresh = {
      source = "codefresh-gitops/codefresh"
    }
  }
}

# The API key comes from CODEFRESH_API_KEY.
provider "codefresh" {
  git_tokens = {
    ci-bot = var.ci_bot_token
  }
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "codefresh_git_runtime_token" "prod" {
  runtime    = "prod"
  token_name = "ci-bot"
}

output "git_token" {
  value = {
    owner      = codefresh_git_runtime_token.prod.token_owner
    status     = codefresh_git_runtime_token.prod.status
    expires_at = codefresh_git_runtime_token.prod.expires_at
  }
}
