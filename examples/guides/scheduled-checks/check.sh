#!/bin/sh
# Exits with 0 if all is well, 2 if something is to be done about a Git token, 3 if about something else only, and 1 if
# nobody can tell.
set -u

exit_code=0
terraform plan -detailed-exitcode -input=false -lock=false -json >plan.jsonl || exit_code=$?
sed -n 's/^{"@level":"[a-z]*","@message":"\([EW][a-z]*: [^"]*\)".*/\1/p' plan.jsonl

case $exit_code in
0) ! grep -q '"summary":"Git token could not be checked"' plan.jsonl || exit_code=1 ;;
2) grep '"type":"planned_change"' plan.jsonl | grep -v '"action":"read"' | grep -q '"resource_type":"codefresh_git_' || exit_code=3 ;;
esac
exit "$exit_code"
