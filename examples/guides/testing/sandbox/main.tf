# The module, used as in a configuration, with Codefresh and a Git host that codefresh-sandbox plays.
terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

variable "sandbox" {
  description = "What codefresh-sandbox -json prints: see run-tests."
  type        = any
}

variable "host" {
  description = "Which of the sandbox's hosts."
  type        = number
  default     = 0
}

locals {
  host = var.sandbox.hosts[var.host]
}

provider "codefresh" {
  url     = var.sandbox.services.codefresh
  api_key = var.sandbox.default_key

  git_tokens = {
    ci-bot = local.host.tokens[0].text
  }
}

module "tokens" {
  source = "../"

  runtimes = {
    (local.host.runtime) = {
      git_provider = local.host.git_provider
      api_url      = local.host.api_url
      token_name   = "ci-bot"
    }
  }
}

output "statuses" {
  value = module.tokens.statuses
}
