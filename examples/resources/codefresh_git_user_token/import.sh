# The runtime's name and the integration's. Without the second it is "default".
terraform import codefresh_git_user_token.me prod/default
