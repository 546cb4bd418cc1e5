import {
  to = codefresh_git_runtime_token.prod
  id = "prod"
}

# The user's is the API key that the provider block has.
import {
  to = codefresh_git_user_token.me
  id = "prod/default"
}
