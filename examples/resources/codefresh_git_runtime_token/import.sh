# The runtime's name.
terraform import codefresh_git_runtime_token.prod prod
