# A module that registers Git runtime tokens, as the one that you want to test.
terraform {
  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

variable "runtimes" {
  description = "Runtimes by name, each with its Git host and the name of a token in the provider's git_tokens."
  type = map(object({
    git_provider = string
    api_url      = optional(string)
    token_name   = string
  }))
}

resource "codefresh_git_runtime_token" "this" {
  for_each = var.runtimes

  runtime      = each.key
  git_provider = each.value.git_provider
  api_url      = each.value.api_url
  token_name   = each.value.token_name
}

output "statuses" {
  description = "What became of each runtime's token."
  value       = { for name, token in codefresh_git_runtime_token.this : name => token.status }
}
