action "codefresh_git_token_verify" "ci_bot" {
  config {
    git_provider = "github"
    token_type   = "runtime"
    token_name   = "ci-bot" # a key of the provider's git_tokens
  }
}

# terraform apply -invoke=action.codefresh_git_token_verify.ci_bot
