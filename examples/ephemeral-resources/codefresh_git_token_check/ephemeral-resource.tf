ephemeral "codefresh_git_token_check" "ci_bot" {
  git_provider = "github"
  token_type   = "runtime"
  token        = var.ci_bot_token
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}

# A warning. Terraform shows no message that has an ephemeral value in it.
check "ci_bot" {
  assert {
    condition     = ephemeral.codefresh_git_token_check.ci_bot.ok
    error_message = "The Git token of ci-bot cannot be a Git runtime token."
  }
}
