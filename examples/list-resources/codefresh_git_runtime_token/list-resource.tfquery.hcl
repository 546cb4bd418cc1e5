list "codefresh_git_runtime_token" "all" {
  provider = codefresh
}
