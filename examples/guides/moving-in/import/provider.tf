terraform {
  required_version = ">= 1.10" # for ephemeral variables

  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

provider "codefresh" {
  git_tokens = {
    ci-bot = var.ci_bot_token
    me     = var.my_git_token
  }
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "my_git_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
