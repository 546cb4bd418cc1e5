terraform {
  required_version = ">= 1.11" # for token_wo

  required_providers {
    # The official provider keeps the name that its resources begin with.
    codefresh = {
      source = "codefresh-io/codefresh"
    }

    # This provider goes by a name of your choice.
    codefresh-gitops = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }
  }
}
