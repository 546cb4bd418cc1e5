import {
  to = codefresh_git_user_token.me
  identity = {
    runtime     = "prod"
    integration = "default" # may be left out
  }
}
