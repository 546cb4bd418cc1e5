# Both take their API key from CODEFRESH_API_KEY.
provider "codefresh" {
  expiry_warning_days = 30
}

provider "codefresh-platform" {}

# Of the official provider: a service account for each name, and its API key.
resource "codefresh_service_account" "this" {
  provider = codefresh-platform
  for_each = var.service_accounts

  name = each.key
}

resource "codefresh_api_key" "this" {
  provider = codefresh-platform
  for_each = codefresh_service_account.this

  name               = "terraform-${each.key}"
  service_account_id = each.value.id
}

# Of this one: each service account's Git token on each runtime, registered with the account's own API key.
data "codefresh_runtimes" "all" {}

locals {
  tokens = {
    for pair in setproduct(var.service_accounts, data.codefresh_runtimes.all.names) :
    "${pair[0]}/${pair[1]}" => { user = pair[0], runtime = pair[1] }
  }
}

resource "codefresh_git_user_token" "this" {
  for_each = local.tokens

  runtime  = each.value.runtime
  api_key  = codefresh_api_key.this[each.value.user].token
  token_wo = var.git_tokens[each.value.user]
}
