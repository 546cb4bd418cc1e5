# terraform query -generate-config-out=tokens.tf
list "codefresh_git_user_token" "all" {
  provider = codefresh
}
