package main

import (
	"context"
	"fmt"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const (
	runtimeName = "prod"
	helmFile    = "helm-install"
)

// configuration is what a platform team would write.
const configuration = `# Stands in for the helm_release that installs a GitOps Runtime into a cluster.
resource "terraform_data" "runtime" {
  provisioner "local-exec" {
    command = "echo started >` + helmFile + `"
  }
}

# The token that this runtime deploys with.
resource "codefresh_git_runtime_token" "prod" {
  runtime      = "prod"
  token_name   = "ci-bot"
  git_provider = "github"
  api_url      = "https://api.github.com"
  depends_on   = [terraform_data.runtime]
}

# The tokens that three people commit with, each at their own Git host.
resource "codefresh_git_user_token" "team" {
  for_each = {
    ann = { in = "default", host = "github", url = "https://api.github.com" }
    ben = { in = "gitlab", host = "gitlab", url = "https://gitlab.com/api/v4" }
    cho = { in = "bitbucket", host = "bitbucket", url = "https://api.bitbucket.org/2.0" }
  }
  runtime      = codefresh_git_runtime_token.prod.runtime
  token_name   = each.key
  api_key      = var.api_keys[each.key]
  integration  = each.value.in
  git_provider = each.value.host
  api_url      = each.value.url
  username     = each.value.host == "bitbucket" ? "cho@example.com" : null
}
`

// settings is the rest of it. The tokens come in as variables, as from a secret store.
const settings = `variable "git_tokens" {
  type      = map(string)
  sensitive = true
  ephemeral = true
}

variable "api_keys" {
  type      = map(string)
  sensitive = true
}

provider "codefresh" {
  git_tokens     = var.git_tokens
  ca_certificate = file("ca.pem")
}
`

const introduction = "Codefresh GitOps deploys from Git. Each of its runtimes, one to a cluster, holds a Git token " +
	"to deploy with, and one for each person who commits through it. When such a token expires, is revoked or lacks a " +
	"scope, deployments fail. This provider asks the Git host at every plan. What follows is real: Terraform and the " +
	"provider run, and Codefresh, GitHub, GitLab and Bitbucket are played in memory. Terraform says more than is shown; " +
	left + " marks where."

const farewell = `Every step behaved as it says. Next, in docs/guides:

  getting-started.md   the first token of your own account
  sandbox.md           all of this on your machine, to apply to and to break
  scheduled-checks.md  a plan every night that reports bad tokens
`

// Terraform's exit codes with -detailed-exitcode.
const (
	exitUnchanged = 0
	exitFailed    = 1
	exitChanges   = 2
)

// play tells the story. Each step says what it does, runs Terraform, and checks what came of it.
func (s *stage) play(ctx context.Context) error {
	var made [3]string

	for i, scopes := range [][]string{{"repo", "admin:repo_hook"}, {"repo"}, {"repo", "admin:repo_hook"}} {
		var err error
		if made[i], err = s.mint(sandbox.GitHub, "classic", "ci-bot", scopes...); err != nil {
			return err
		}
	}

	good, narrow, rotated := made[0], made[1], made[2]

	fmt.Fprintf(s, "%s\n%s\n\n%s\n", heading("The life of a Git token"), wrap(introduction), indent(configuration))

	if err := s.steps(ctx, s.scenes(good, narrow, rotated)...); err != nil {
		return err
	}

	fmt.Fprint(s, farewell)

	return nil
}

// with returns the configuration's tokens: this one for the runtime, and the team's.
func (s *stage) with(runtimeToken string) tokens {
	all := tokens{"ci-bot": runtimeToken}
	for _, m := range s.team {
		all[m.name] = m.gitToken
	}

	return all
}

func (s *stage) scenes(good, narrow, rotated string) []step {
	apply, plan := []string{"apply", "-auto-approve"}, []string{"plan", "-detailed-exitcode"}

	return []step{
		{
			title: "From nothing to a fleet, in one apply",
			why: "There is no runtime yet. The plan asks three Git hosts about four tokens. The apply starts the " +
				"runtime, waits until it can take its token, and registers the people's tokens with it.",
			args: apply, tokens: s.with(good), during: s.install, means: "all of it is there",
			says:  []string{`Runtime "prod" does not exist`, "5 added"},
			check: s.holds(good, true),
		},
		{
			title: "Somebody configures a token that lacks a scope",
			why:   "The plan fails and says which scope is missing. Codefresh keeps the token that works.",
			args:  plan, tokens: s.with(narrow), exit: exitFailed, means: "a token cannot do its job, and nothing is changed",
			says:  []string{"lacks 1 of 2 scopes", "admin:repo_hook"},
			check: s.holds(good, true),
		},
		{
			title: revocation,
			why:   "The next deployment would fail. The next plan says so first.",
			first: func() error { return s.sandbox.RevokeToken(good) },
			args:  plan, tokens: s.with(good), exit: exitChanges, means: "there is something to do, for a nightly job to report",
			says: []string{"was revoked", "0 to add, 1 to change, 0 to destroy"},
		},
		{
			title: "Rotate it",
			why: "A new token in the configuration is an update in place. The provider asks GitHub about it right before " +
				"it hands it to the runtime, which is never without a token.",
			args: apply, tokens: s.with(rotated), means: "the runtime has its new token",
			says: []string{"1 changed"}, check: s.holds(rotated, true),
		},
		{
			title: "The next plan",
			why:   "Four tokens, asked about at their hosts once more: all can do their job.",
			args:  plan, tokens: s.with(rotated), exit: exitUnchanged, means: "nothing to do",
			says: []string{"No changes"},
		},
		{
			title: "Destroy",
			why: "People's tokens are unregistered. Codefresh cannot take a runtime's token away, so a warning says that " +
				"it stays until you revoke it.",
			args: []string{"destroy", "-auto-approve"}, tokens: s.with(rotated), means: "Terraform manages nothing any more",
			says: []string{"stays in Codefresh", "5 destroyed"}, check: s.holds(rotated, false),
		},
	}
}

// revocation is the title of the scene that the README's picture shows.
const revocation = "Overnight, somebody revokes the token that deployments need"
