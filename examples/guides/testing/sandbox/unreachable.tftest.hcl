# Bitbucket Data Center: the Git host is down.
variables {
  host = 4
}

run "a_good_token" {
  assert {
    condition     = alltrue([for status in values(output.statuses) : status == "valid"])
    error_message = "The token of the sandbox must be valid."
  }
}

run "the_host_goes_down" {
  module {
    source = "./control"
  }

  variables {
    url  = "${var.sandbox.services.control}/faults"
    body = { service = var.sandbox.hosts[4].name, status = 503 }
  }
}

# That a host does not answer says nothing about the token: a warning, and the state keeps what was proved last.
run "the_token_stays_valid" {
  command = plan

  plan_options {
    mode = refresh-only
  }

  assert {
    condition     = alltrue([for status in values(output.statuses) : status == "valid"])
    error_message = "A host that is down must not make its token invalid."
  }
}

run "the_host_is_back" {
  module {
    source = "./control"
  }

  variables {
    url    = "${var.sandbox.services.control}/faults/${var.sandbox.hosts[4].name}"
    method = "DELETE"
  }
}
