# Both read CODEFRESH_API_KEY, the key of an administrator.
provider "codefresh" {}

provider "codefresh-gitops" {
  git_tokens = {
    ci-bot = var.ci_bot_token
  }
}

# Of the official provider: it has the name that the type begins with, and needs no more.
resource "codefresh_service_account" "deploy_bot" {
  name = "deploy-bot"
}

resource "codefresh_api_key" "deploy_bot" {
  name               = "git-token"
  service_account_id = codefresh_service_account.deploy_bot.id
}

# Of this provider: each block says so.
resource "codefresh_git_runtime_token" "prod" {
  provider = codefresh-gitops

  runtime    = "prod"
  token_name = "ci-bot"
}

resource "codefresh_git_user_token" "deploy_bot" {
  provider = codefresh-gitops

  runtime  = codefresh_git_runtime_token.prod.runtime
  api_key  = codefresh_api_key.deploy_bot.token
  token_wo = var.deploy_bot_git_token
}
