list "codefresh_git_user_token" "all" {
  provider = codefresh
}
