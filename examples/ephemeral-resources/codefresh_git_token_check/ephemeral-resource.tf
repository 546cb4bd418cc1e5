ephemeral "codefresh_git_token_check" "ci_bot" {
  git_provider = "github"
  token_type   = "runtime"
  token        = var.ci_bot_token

  lifecycle {
    postcondition {
      condition = self.status == "valid"
      # Terraform shows no message that has an ephemeral value in it.
      error_message = "The token of ci-bot is not proved able to be a Git runtime token."
    }
  }
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
