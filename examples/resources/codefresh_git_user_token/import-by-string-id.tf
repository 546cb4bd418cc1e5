import {
  to = codefresh_git_user_token.me
  id = "prod/default"
}
