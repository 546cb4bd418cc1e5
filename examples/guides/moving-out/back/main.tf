terraform {
  required_version = ">= 1.7" # for removed blocks

  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}

# In place of the resource blocks: Terraform forgets the tokens, and Codefresh keeps them.
removed {
  from = codefresh_git_runtime_token.prod

  lifecycle {
    destroy = false
  }
}

removed {
  from = codefresh_git_user_token.me

  lifecycle {
    destroy = false
  }
}
