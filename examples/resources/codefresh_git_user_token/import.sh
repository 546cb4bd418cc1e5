# The runtime's name and the integration's. Without the second it is "default". For the token of another user than the
# API key's, that user's id follows: prod/default/USER_ID.
terraform import codefresh_git_user_token.me prod/default
