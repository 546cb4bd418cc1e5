# The module alone: nobody is asked, and no API key is needed.
mock_provider "codefresh" {
  mock_resource "codefresh_git_runtime_token" {
    defaults = {
      status = "valid"
    }
  }
}

variables {
  runtimes = {
    prod    = { git_provider = "github", token_name = "ci-bot" }
    staging = { git_provider = "github", token_name = "ci-bot" }
  }
}

run "one_resource_for_each_runtime" {
  assert {
    condition     = length(codefresh_git_runtime_token.this) == 2
    error_message = "There must be one runtime token for each runtime."
  }

  assert {
    condition     = codefresh_git_runtime_token.this["staging"].token_name == "ci-bot"
    error_message = "Every runtime must get the token that its entry names."
  }

  assert {
    condition     = output.statuses["prod"] == "valid"
    error_message = "The output must have the status of each token."
  }
}
