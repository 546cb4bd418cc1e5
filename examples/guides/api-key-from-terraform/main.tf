provider "codefresh" {}

resource "codefresh_service_account" "deploy_bot" {
  name = "deploy-bot"
}

resource "codefresh_api_key" "deploy_bot" {
  name               = "git-token"
  service_account_id = codefresh_service_account.deploy_bot.id
}

# The key is known only once the official provider has made it.
provider "codefresh-gitops" {
  api_key = codefresh_api_key.deploy_bot.token
}

resource "codefresh_git_user_token" "deploy_bot" {
  provider = codefresh-gitops

  runtime  = "prod"
  token_wo = var.deploy_bot_git_token

  # Without them the first plan cannot tell which host to ask about the token.
  git_provider = "github"
  api_url      = "https://api.github.com"
}

variable "deploy_bot_git_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
