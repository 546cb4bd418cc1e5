# Git tokens that Terraform takes straight from Vault and keeps nowhere: no state and no plan has them.
terraform {
  required_version = ">= 1.11"

  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
    vault = {
      source  = "hashicorp/vault"
      version = ">= 5.0" # for ephemeral resources
    }
  }
}

ephemeral "vault_kv_secret_v2" "ci_bot" {
  mount = "secret"
  name  = "codefresh/ci-bot"
}

# git_tokens may be ephemeral, and every command has it: a refresh checks the token too.
provider "codefresh" {
  git_tokens = {
    ci-bot = ephemeral.vault_kv_secret_v2.ci_bot.data.git_token
  }
}

resource "codefresh_git_runtime_token" "prod" {
  runtime    = "prod"
  token_name = "ci-bot"
}

# Without an entry in the provider block: write-only.
resource "codefresh_git_user_token" "me" {
  runtime  = codefresh_git_runtime_token.prod.runtime
  token_wo = ephemeral.vault_kv_secret_v2.ci_bot.data.git_token
}

# The token that is to follow: nothing registers it yet.
ephemeral "codefresh_git_token_check" "next" {
  git_provider = "github"
  token_type   = "runtime"
  token        = ephemeral.vault_kv_secret_v2.ci_bot.data.next_git_token
}

check "next_git_token" {
  assert {
    condition     = ephemeral.codefresh_git_token_check.next.ok
    error_message = "The token that is to follow in Vault cannot be a Git runtime token."
  }
}
