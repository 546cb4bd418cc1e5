# The provider block holds the token as git_tokens["ci-bot"]. The runtime's Git provider and its API address come from
# Codefresh.
resource "codefresh_git_runtime_token" "prod" {
  runtime    = "prod"
  token_name = "ci-bot"
}
