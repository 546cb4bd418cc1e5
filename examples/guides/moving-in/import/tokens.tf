resource "codefresh_git_runtime_token" "prod" {
  runtime    = "prod"
  token_name = "ci-bot"
}

resource "codefresh_git_user_token" "me" {
  runtime    = "prod"
  token_name = "me"
}
