# GitHub: somebody revokes the token at its host.
variables {
  host = 0
}

run "a_good_token" {
  assert {
    condition     = alltrue([for status in values(output.statuses) : status == "valid"])
    error_message = "The token of the sandbox must be valid."
  }
}

run "somebody_revokes_it" {
  module {
    source = "./control"
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
    condition     = alltrue([for status in values(output.statuses) : status == "revoked"])
    error_message = "A token that its host stopped accepting must be called revoked."
  }
}
