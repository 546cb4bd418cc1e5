package main

import (
	"context"
	"fmt"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// configuration is what a platform team would write. Tokens come in as variables, as from a secret store.
const configuration = `variable "runtime_git_token" {
  type      = string
  sensitive = true
}

variable "my_git_token" {
  type      = string
  sensitive = true
}

# The token that Argo CD and Argo Events use on this runtime.
resource "codefresh_git_runtime_token" "prod" {
  runtime = "prod"
  token   = var.runtime_git_token
}

# The token that I clone and push with on this runtime.
resource "codefresh_git_user_token" "me" {
  runtime = "prod"
  token   = var.my_git_token
}
`

// Terraform's exit codes with -detailed-exitcode.
const (
	exitUnchanged = 0
	exitFailed    = 1
	exitChanges   = 2
)

// play tells the story. Each step says what it does, runs Terraform, and checks what came of it.
func (s *stage) play(ctx context.Context) error {
	narrow, err := s.mint("repo")
	if err != nil {
		return err
	}
	good, err := s.mint("repo", "admin:repo_hook")
	if err != nil {
		return err
	}
	rotated, err := s.mint("repo", "admin:repo_hook")
	if err != nil {
		return err
	}
	mine, err := s.mint("repo")
	if err != nil {
		return err
	}

	return s.steps(ctx,
		step{
			title: "Plan with a runtime token that lacks a scope",
			why:   "Without the scope Codefresh could not create webhooks. The plan says so, and nothing is changed.",
			args:  []string{"plan"}, runtime: narrow, user: mine,
			exit: exitFailed, says: []string{"lacks 1 of 2 scopes", "admin:repo_hook"},
		},
		step{
			title: "Plan with a good token", why: "The token can do its job: the plan has nothing to say about it.",
			args: []string{"plan", "-detailed-exitcode"}, runtime: good, user: mine,
			exit: exitChanges, says: []string{"2 to add"},
		},
		step{
			title: "Apply it", why: "The tokens are checked once more, handed to the runtime, and read back.",
			args: []string{"apply", "-auto-approve"}, runtime: good, user: mine,
			says: []string{"2 added"}, check: s.holds(good, mine),
		},
		step{
			title: "Somebody revokes the runtime token at the Git host",
			why: "The next plan sees it, before a deployment fails: exit code 2, an update in place, and other resources " +
				"go on.",
			first: func() error { return s.sandbox.RevokeToken(good) },
			args:  []string{"plan", "-detailed-exitcode"}, runtime: good, user: mine,
			exit: exitChanges, says: []string{"was revoked", "0 to add, 1 to change, 0 to destroy"},
		},
		step{
			title: "Put a new token into the configuration and apply", why: "An update in place: the runtime never is " +
				"without a token.",
			args: []string{"apply", "-auto-approve"}, runtime: rotated, user: mine,
			says: []string{"1 changed"}, check: s.holds(rotated, mine),
		},
		step{
			title: "Plan again", why: "All is well: exit code 0.",
			args: []string{"plan", "-detailed-exitcode"}, runtime: rotated, user: mine,
			exit: exitUnchanged, says: []string{"No changes"},
		},
		step{
			title: "Destroy", why: "The user's token is unregistered. A runtime must have one, so that its token stays, " +
				"and a warning says so.",
			args: []string{"destroy", "-auto-approve"}, runtime: rotated, user: mine,
			says: []string{"stays in Codefresh", "2 destroyed"}, check: s.holds(rotated, ""),
		},
	)
}

// mint makes a token at the Git host with these scopes.
func (s *stage) mint(scopes ...string) (string, error) {
	made, err := s.sandbox.CreateToken(sandbox.Token{
		Service: gitHost, Kind: "classic", Owner: "ci-bot", Scopes: scopes,
	})
	if err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}

	return made.Text, nil
}

// holds checks what Codefresh holds. An empty user token means none.
func (s *stage) holds(runtime, user string) func() error {
	return func() error {
		if text, _, _, _, _ := s.sandbox.RuntimeToken(runtimeName); text != runtime {
			return fmt.Errorf("the runtime does not hold the token that was applied")
		}
		id, _ := s.sandbox.DefaultUser()
		if text, _ := s.sandbox.UserToken(runtimeName, "default", id); text != user {
			return fmt.Errorf("the user's registration is not the one that was applied")
		}

		return nil
	}
}
