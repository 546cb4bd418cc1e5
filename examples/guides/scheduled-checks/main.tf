terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

provider "codefresh" {
  on_unreachable      = "error" # if Codefresh cannot be reached, the run fails
  expiry_warning_days = 30

  git_tokens = {
    ci-bot = var.ci_bot_token
  }
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "codefresh_git_runtime_token" "this" {
  for_each = toset(["prod", "staging"])

  runtime    = each.key
  token_name = "ci-bot"
}
