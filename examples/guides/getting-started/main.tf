terraform {
  required_providers {
    codefresh = { source = "codefresh-gitops/codefresh", version = "~> 0.1" }
  }
}

provider "codefresh" {
  git_tokens = {
    ci-bot = var.ci_bot_token
  }
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true # Terraform 1.10 or OpenTofu 1.11; leave it out before
}

resource "codefresh_git_runtime_token" "prod" {
  runtime    = "prod"
  token_name = "ci-bot"
}
