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
    me = var.my_git_token
  }
}

# What ran the script leaves the state. Nothing is destroyed, and no destroy-time provisioner runs.
removed {
  from = terraform_data.register_git_token

  lifecycle {
    destroy = false
  }
}

# What it registered comes in.
import {
  to = codefresh_git_user_token.me
  id = "prod/default"
}

resource "codefresh_git_user_token" "me" {
  runtime    = "prod"
  token_name = "me"
}

variable "my_git_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
