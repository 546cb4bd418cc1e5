terraform {
  required_version = ">= 1.11" # for token_wo

  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

# The API key of an administrator comes from CODEFRESH_API_KEY: runtime tokens are registered with it.
provider "codefresh" {
  git_tokens = {
    ci-bot = var.ci_bot_token
  }
}

data "codefresh_runtimes" "github" {
  git_provider = "github"
}

# One token on all runtimes.
resource "codefresh_git_runtime_token" "this" {
  for_each = toset(data.codefresh_runtimes.github.names)

  runtime    = each.key
  token_name = "ci-bot"
}

# Every user on every runtime, each with the user's own API key.
locals {
  registrations = {
    for pair in setproduct(var.users, data.codefresh_runtimes.github.names) :
    "${pair[0]}/${pair[1]}" => { user = pair[0], runtime = pair[1] }
  }
}

resource "codefresh_git_user_token" "this" {
  for_each = local.registrations

  runtime  = codefresh_git_runtime_token.this[each.value.runtime].runtime
  api_key  = var.api_keys[each.value.user]
  token_wo = var.git_tokens[each.value.user]
}
