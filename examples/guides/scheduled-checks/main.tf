terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

provider "codefresh" {
  on_unreachable      = "error" # Codefresh out of reach is not a green run
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

# Every token that Codefresh knows, those that nobody manages with Terraform included.
data "codefresh_git_tokens" "all" {}

check "git_tokens_in_codefresh" {
  assert {
    condition = alltrue(concat(
      [for t in data.codefresh_git_tokens.all.runtime_tokens : t.status != "failed"],
      [for t in data.codefresh_git_tokens.all.user_tokens : t.valid],
    ))
    error_message = "Codefresh calls a Git token invalid."
  }
}
