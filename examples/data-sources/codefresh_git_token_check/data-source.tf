data "codefresh_git_token_check" "ci_bot" {
  git_provider = "github"
  token_type   = "runtime"
  token        = var.ci_bot_token
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
}

# A bad token is an answer of the data source. What follows from it is yours to say: here, a warning.
check "ci_bot" {
  assert {
    condition = data.codefresh_git_token_check.ci_bot.ok
    error_message = join("", [
      "The Git token of ci-bot is ${data.codefresh_git_token_check.ci_bot.status}: ",
      "${data.codefresh_git_token_check.ci_bot.status_reason}.",
    ])
  }
}
