# GitLab: the token reaches its expiry.
#
# var.sandbox is what "codefresh-sandbox -json" prints: see run-tests.
provider "codefresh" {
  url     = var.sandbox.services.codefresh
  api_key = var.sandbox.default_key

  git_tokens = {
    ci-bot = var.sandbox.hosts[2].tokens[0].text
  }
}

variables {
  runtimes = {
    (var.sandbox.hosts[2].runtime) = {
      git_provider = var.sandbox.hosts[2].git_provider
      api_url      = var.sandbox.hosts[2].api_url
      token_name   = "ci-bot"
    }
  }
}

run "a_good_token" {
  assert {
    condition     = alltrue([for status in values(output.statuses) : status == "valid"])
    error_message = "The token of the sandbox must be valid."
  }
}

run "time_goes_by" {
  module {
    source = "./tests/control"
  }

  variables {
    url  = "${var.sandbox.services.control}/tokens/expire"
    body = { text = var.sandbox.hosts[2].tokens[0].text }
  }
}

# The next plan notices. A bad token that has not changed does not fail the plan: it is drift.
run "the_plan_notices" {
  command = plan

  plan_options {
    mode = refresh-only
  }

  assert {
    condition     = alltrue([for token in values(codefresh_git_runtime_token.this) : token.status == "expired"])
    error_message = "A token that is past its expiry must be called expired."
  }
}
