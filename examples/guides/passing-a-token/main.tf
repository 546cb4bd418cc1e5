# What the module may have: one API key, and one Git token.
provider "codefresh" {
  alias   = "narrow"
  api_key = var.narrow_api_key

  git_tokens = {
    ci-bot = var.ci_bot_token
  }
}

module "tokens" {
  source = "./tokens"

  providers = {
    codefresh = codefresh.narrow
  }
}

variable "narrow_api_key" {
  type      = string
  sensitive = true
  ephemeral = true
}

variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
