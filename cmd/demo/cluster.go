package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// install plays the cluster in which Helm has just started a runtime. In a real one minutes pass between its parts;
// here each comes right after the provider has asked for it in vain.
func (s *stage) install(ctx context.Context) error {
	if err := until(ctx, func() bool {
		_, err := os.Stat(filepath.Join(s.folder, helmFile))

		return err == nil
	}); err != nil {
		return err
	}

	s.happens("Helm starts the runtime's pods")

	proxy := sandbox.AppProxy(runtimeName)
	for _, part := range []struct {
		asked     sandbox.Service
		operation string
		times     int
		what      string
		comes     func() error
	}{
		// Once when the apply plans the resource again, and once when it creates it.
		{sandbox.Codefresh, "runtime", 2, "the runtime reports its name and address to Codefresh", func() error {
			return s.sandbox.AddRuntime(sandbox.Runtime{Name: runtimeName, Stage: sandbox.StageAddressed})
		}},
		{proxy, "", 1, "the runtime's app-proxy answers", s.answer},
	} {
		if err := s.answered(ctx, part.asked, part.operation, part.times); err != nil {
			return err
		}

		if err := part.comes(); err != nil {
			return err
		}

		s.happens(part.what)
	}

	if err := until(ctx, func() bool {
		_, _, _, _, ok := s.sandbox.RuntimeToken(runtimeName)

		return ok
	}); err != nil {
		return err
	}

	s.happens("the runtime has its Git token: people can register theirs")

	return nil
}

// answer lets the runtime's app-proxy answer. The integration for GitHub comes with the runtime's token.
func (s *stage) answer() error {
	if err := s.sandbox.SetStage(runtimeName, sandbox.StageAnswering); err != nil {
		return fmt.Errorf("letting the app-proxy answer: %w", err)
	}

	for _, m := range s.team {
		if m.integration == "default" {
			continue
		}

		if err := s.sandbox.AddIntegration(runtimeName, m.integration, m.codefreshName, m.apiURL); err != nil {
			return fmt.Errorf("adding an integration: %w", err)
		}
	}

	return nil
}

func (s *stage) happens(what string) { fmt.Fprintln(s, dim("  (in the cluster) "+what)) }

// answered waits until a service has answered new requests, of a GraphQL operation if one is given.
func (s *stage) answered(ctx context.Context, service sandbox.Service, operation string, times int) error {
	s.sandbox.ForgetRequests()

	return until(ctx, func() bool {
		n := 0

		for _, r := range s.sandbox.Requests(service) {
			if r.Status != 0 && (operation == "" || r.Operation == operation) {
				n++
			}
		}

		return n >= times
	})
}

// until waits for a condition.
func until(ctx context.Context, holds func() bool) error {
	for !holds() {
		select {
		case <-ctx.Done():
			return context.Cause(ctx)
		case <-time.After(5 * time.Millisecond):
		}
	}

	return nil
}

// member is one of the team: a Codefresh user with a Git token at some host.
type member struct {
	name, integration    string
	service              sandbox.Service
	kind, codefreshName  string // of the token; of the Git provider, in Codefresh
	apiURL               string
	scopes               []string
	id, apiKey, gitToken string
}

// hire makes the team's users and their tokens.
func (s *stage) hire() ([]member, error) {
	team := []member{
		{name: "ann", integration: "default", service: sandbox.GitHub, kind: "classic", scopes: []string{"repo"}},
		{
			name: "ben", integration: "gitlab", service: sandbox.GitLab, kind: "personal",
			codefreshName: "GITLAB", apiURL: "https://gitlab.com/api/v4",
			scopes: []string{"write_repository", "read_api"},
		},
		{
			name: "cho", integration: "bitbucket", service: sandbox.BitbucketCloud, kind: "api_token",
			codefreshName: "BITBUCKET", apiURL: "https://api.bitbucket.org/2.0",
			scopes: []string{
				"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket",
				"read:repository:bitbucket", "write:repository:bitbucket",
			},
		},
	}
	for i, m := range team {
		var err error
		if team[i].id, team[i].apiKey, err = s.sandbox.AddUser(m.name, false); err != nil {
			return nil, fmt.Errorf("adding a user: %w", err)
		}

		if team[i].gitToken, err = s.mint(m.service, m.kind, m.name, m.scopes...); err != nil {
			return nil, err
		}
	}

	return team, nil
}

// mint makes a token at a Git host.
func (s *stage) mint(service sandbox.Service, kind, owner string, scopes ...string) (string, error) {
	made, err := s.sandbox.CreateToken(sandbox.Token{Service: service, Kind: kind, Owner: owner, Scopes: scopes})
	if err != nil {
		return "", fmt.Errorf("making a token: %w", err)
	}

	return made.Text, nil
}

// holds checks what Codefresh holds: this runtime token, and the team's tokens or none of them.
func (s *stage) holds(runtimeToken string, team bool) func() error {
	return func() error {
		if text, _, _, _, _ := s.sandbox.RuntimeToken(runtimeName); text != runtimeToken {
			return errors.New("the runtime does not hold the token that was applied")
		}

		for _, m := range s.team {
			want := ""
			if team {
				want = m.gitToken
			}

			if text, _ := s.sandbox.UserToken(runtimeName, m.integration, m.id); text != want {
				return fmt.Errorf("%s's registration is not the one that was applied", m.name)
			}
		}

		return nil
	}
}
