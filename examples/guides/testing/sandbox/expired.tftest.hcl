# GitLab: the token reaches its expiry.
variables {
  host = 2
}

run "a_good_token" {
  assert {
    condition     = alltrue([for status in values(output.statuses) : status == "valid"])
    error_message = "The token of the sandbox must be valid."
  }
}

run "time_goes_by" {
  module {
    source = "./control"
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
    condition     = alltrue([for status in values(output.statuses) : status == "expired"])
    error_message = "A token that is past its expiry must be called expired."
  }
}
