import {
  to = codefresh_git_runtime_token.prod
  identity = {
    runtime = "prod"
  }
}
