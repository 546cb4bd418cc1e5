# terraform query -generate-config-out=tokens.tf
list "codefresh_git_runtime_token" "all" {
  provider = codefresh
}
