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

# An error instead, and proof insisted on. A condition in the ephemeral block itself would do the same, but "terraform
# show -json" fails on those (seen with Terraform 1.11 and 1.14).
resource "terraform_data" "runtime_installation" {
  lifecycle {
    precondition {
      condition     = ephemeral.codefresh_git_token_check.ci_bot.status == "valid"
      error_message = "The Git token of ci-bot is not proved able to be a Git runtime token."
    }
  }
}
