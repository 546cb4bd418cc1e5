# GitHub Enterprise: somebody takes a scope away from the token.
variables {
  host = 1
}

run "a_good_token" {
  assert {
    condition     = alltrue([for status in values(output.statuses) : status == "valid"])
    error_message = "The token of the sandbox must be valid."
  }
}

run "somebody_takes_a_scope_away" {
  module {
    source = "./control"
  }

  variables {
    url  = "${var.sandbox.services.control}/tokens/scopes"
    body = { text = var.sandbox.hosts[1].tokens[0].text, scopes = ["repo"] }
  }
}

# The next plan notices. A bad token that has not changed does not fail the plan: it is drift.
run "the_plan_notices" {
  command = plan

  plan_options {
    mode = refresh-only
  }

  assert {
    condition     = alltrue([for status in values(output.statuses) : status == "under_scoped"])
    error_message = "A token without admin:repo_hook must be called under-scoped."
  }
}
