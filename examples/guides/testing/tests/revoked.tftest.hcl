# GitHub: somebody revokes the token at its host.
#
# var.sandbox is what "codefresh-sandbox -json" prints: see run-tests.
provider "codefresh" {
  url     = var.sandbox.services.codefresh
  api_key = var.sandbox.default_key

  git_tokens = {
    ci-bot = var.sandbox.hosts[0].tokens[0].text
  }
}

variables {
  runtimes = {
    (var.sandbox.hosts[0].runtime) = {
      git_provider = var.sandbox.hosts[0].git_provider
      api_url      = var.sandbox.hosts[0].api_url
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

run "somebody_revokes_it" {
  module {
    source = "./tests/control"
  }

  variables {
    url  = "${var.sandbox.services.control}/tokens/revoke"
    body = { text = var.sandbox.hosts[0].tokens[0].text }
  }
}

# The next plan notices. A bad token that has not changed does not fail the plan: it is drift.
run "the_plan_notices" {
  command = plan

  plan_options {
    mode = refresh-only
  }

  assert {
    condition     = alltrue([for token in values(codefresh_git_runtime_token.this) : token.status == "revoked"])
    error_message = "A token that its host stopped accepting must be called revoked."
  }
}
