terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

# The API key comes from CODEFRESH_API_KEY, or from the file of the Codefresh CLI.
provider "codefresh" {
  # Resources name these with token_name.
  git_tokens = {
    ci-bot = var.ci_bot_token
  }
}

# Ephemeral: Terraform keeps the value out of saved plans (1.10 or later).
variable "ci_bot_token" {
  type      = string
  sensitive = true
  ephemeral = true
}
