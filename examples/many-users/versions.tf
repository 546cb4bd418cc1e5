terraform {
  required_version = ">= 1.11" # for token_wo

  required_providers {
    codefresh = {
      source  = "codefresh-gitops/codefresh"
      version = "~> 0.1"
    }

    # The official provider, for everything else of Codefresh. Its resources have the same prefix, so that it goes by a
    # local name of your choice, and each of its blocks names it.
    codefresh-platform = {
      source = "codefresh-io/codefresh"
    }
  }
}
