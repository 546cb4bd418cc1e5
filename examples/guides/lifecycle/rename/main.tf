moved {
  from = codefresh_git_runtime_token.prod
  to   = codefresh_git_runtime_token.production
}

resource "codefresh_git_runtime_token" "production" {
  runtime    = "prod"
  token_name = "ci-bot"
}
