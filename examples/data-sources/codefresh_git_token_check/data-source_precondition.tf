data "codefresh_git_token_check" "ci_bot" {
  git_provider = "github"
  token_type   = "runtime"
  token        = var.ci_bot_token
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
}

# An error instead, before something is made that relies on the token. "ok" lets a token pass that could not be checked;
# this insists on proof.
resource "terraform_data" "runtime_installation" {
  lifecycle {
    precondition {
      condition = data.codefresh_git_token_check.ci_bot.status == "valid"
      error_message = join("", [
        "The Git token of ci-bot is ${data.codefresh_git_token_check.ci_bot.status}: ",
        "${data.codefresh_git_token_check.ci_bot.status_reason}.",
      ])
    }
  }
}
