provider "codefresh" {
  api_key = var.codefresh_api_key

  git_tokens = {
    ci-bot = var.ci_bot_token
  }
}

# Into the cluster of KUBE_CONFIG_PATH.
resource "helm_release" "runtime" {
  name             = "cf-gitops-runtime"
  namespace        = "codefresh"
  create_namespace = true
  upgrade_install  = true # an apply that was killed can be repeated
  repository       = "oci://quay.io/codefresh"
  chart            = "gitops-runtime"
  version          = "0.27.0"

  # No global.runtime.gitCredentials: the runtime gets its Git token below.
  values = [yamlencode({
    global = {
      codefresh = { accountId = var.codefresh_account_id }
      runtime   = { name = var.runtime }
    }
  })]

  set_wo = [{
    name  = "global.codefresh.userToken.token"
    value = var.codefresh_api_key
  }]
  set_wo_revision = 1
}

# The apply waits until the runtime has reported to Codefresh and its app-proxy answers.
resource "codefresh_git_runtime_token" "runtime" {
  runtime    = var.runtime
  token_name = "ci-bot"

  # While there is no runtime, nobody else tells the plan which host to ask about the token.
  git_provider = "github"
  api_url      = "https://api.github.com"

  depends_on = [helm_release.runtime]
}

# To name the runtime by its other resource puts them in order: users register with an integration that comes with the
# runtime's token.
resource "codefresh_git_user_token" "team" {
  for_each = var.team

  runtime  = codefresh_git_runtime_token.runtime.runtime
  api_key  = var.team_api_keys[each.key]
  token_wo = var.team_git_tokens[each.key]

  git_provider = "github"
  api_url      = "https://api.github.com"
}
