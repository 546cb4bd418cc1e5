# The API key comes from CODEFRESH_API_KEY: that of an administrator of the account, who may set runtime tokens.
provider "codefresh" {
  git_tokens          = var.git_tokens
  expiry_warning_days = 30
}

# One token may serve many runtimes; its host is asked about it once.
resource "codefresh_git_runtime_token" "this" {
  for_each = var.runtimes

  runtime      = each.key
  git_provider = each.value.git_provider
  api_url      = each.value.api_url
  token_name   = each.value.git_token
}

# My own token on the runtimes of GitHub. To name the runtime by its other resource puts them in order: the integration
# that a user registers with comes into being with the runtime's token.
resource "codefresh_git_user_token" "me" {
  for_each = { for name, runtime in var.runtimes : name => runtime if runtime.git_token == "github-bot" }

  runtime  = codefresh_git_runtime_token.this[each.key].runtime
  token_wo = var.my_git_token
}

data "codefresh_required_scopes" "runtime" {
  for_each = { for name, runtime in var.runtimes : coalesce(runtime.git_provider, "github") => runtime.api_url... }

  git_provider = each.key
  token_type   = "runtime"
  api_url      = one(distinct(each.value))
}
