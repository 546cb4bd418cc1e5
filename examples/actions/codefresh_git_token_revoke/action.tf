provider "codefresh" {
  git_tokens = {
    ci-bot     = var.ci_bot_token
    ci-bot-old = var.ci_bot_old_token
  }
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "ci_bot_old_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

resource "codefresh_git_runtime_token" "prod" {
  runtime    = "prod"
  token_name = "ci-bot"
}

action "codefresh_git_token_revoke" "ci_bot_old" {
  config {
    git_provider = "github"
    token_name   = "ci-bot-old"

    # Terraform reads what is referred to, and the action compares.
    unused_by = [codefresh_git_runtime_token.prod.id]
  }
}

# Once the new token is applied:
# terraform apply -invoke=action.codefresh_git_token_revoke.ci_bot_old
