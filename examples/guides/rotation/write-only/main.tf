terraform {
  required_version = ">= 1.11" # for token_wo

  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "codefresh_git_runtime_token" "prod" {
  runtime          = "prod"
  token_wo         = var.ci_bot_token
  token_wo_version = "2026-11" # change it together with the token
}
