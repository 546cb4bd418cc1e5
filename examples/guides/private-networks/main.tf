terraform {
  required_version = ">= 1.11" # for token_wo

  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

provider "codefresh" {
  # Codefresh out of reach, or a new token that could not be checked, fails the plan.
  on_unreachable = "error"

  # For app_proxy_url below. It holds for every address that the provider is given.
  allow_http = true
}

resource "codefresh_git_user_token" "me" {
  runtime  = "prod"
  token_wo = var.my_git_token

  # How Terraform reaches the runtime, where that is not the address that Codefresh reports.
  app_proxy_url = "http://internal-router.codefresh.svc"
}

variable "my_git_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
