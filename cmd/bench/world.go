package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const (
	// perRuntime is how many integrations, and so user tokens, one runtime has: a runtime is asked once for all of them.
	perRuntime = 100

	// benchHost is the Git host of everything.
	benchHost = sandbox.GitHubEnterprise
)

// world is the sandbox with a runtime and an integration for each resource. The account has a shared configuration
// repository, and each runtime a Git Source.
type world struct {
	*sandbox.Sandbox

	resources int
	tokens    []string
}

func newWorld(resources, tokens int) (*world, error) {
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		return nil, err
	}

	w := &world{Sandbox: s}
	if err := errors.Join(w.furnish(tokens), w.grow(resources)); err != nil {
		s.Close()

		return nil, fmt.Errorf("furnish the sandbox: %w", err)
	}

	return w, nil
}

func (w *world) furnish(tokens int) error {
	if err := w.SetAccountGit("GITHUB", w.hostURL()); err != nil {
		return err
	}

	shared, err := w.AddRepository(sandbox.Repository{Service: benchHost, Path: "platform/shared-configuration"})
	if err != nil {
		return err
	}

	w.SetSharedConfigRepo(shared)

	for range tokens {
		t, err := w.CreateToken(sandbox.Token{Service: benchHost, Kind: "classic", Scopes: []string{"repo"}})
		if err != nil {
			return err
		}

		w.tokens = append(w.tokens, t.Text)
	}

	return nil
}

// grow adds what there is not yet of a number of resources.
func (w *world) grow(resources int) error {
	for ; w.resources < resources; w.resources++ {
		i := w.resources
		if i%perRuntime == 0 {
			if err := w.addRuntime(runtimeOf(i)); err != nil {
				return err
			}
		}

		if err := w.AddIntegration(runtimeOf(i), integrationOf(i), "GITHUB", w.hostURL()); err != nil {
			return err
		}
	}

	return nil
}

func (w *world) hostURL() string { return w.URL(benchHost) + "/api/v3" }

func (w *world) addRuntime(name string) error {
	if err := w.AddRuntime(sandbox.Runtime{Name: name}); err != nil {
		return err
	}

	repository, err := w.AddRepository(sandbox.Repository{Service: benchHost, Path: "applications/" + name})
	if err != nil {
		return err
	}

	return w.AddGitSource(sandbox.GitSource{Runtime: name, Name: "applications", RepoURL: repository})
}

// register sets the token of each resource in Codefresh.
func (w *world) register() error {
	user, _ := w.DefaultUser()

	var problems []error

	for i := range w.resources {
		held := map[string]string{user: w.tokens[i%len(w.tokens)]}
		problems = append(problems, w.Register(runtimeOf(i), integrationOf(i), held))
	}

	return errors.Join(problems...)
}

// unregister takes all tokens out of Codefresh.
func (w *world) unregister() error {
	user, _ := w.DefaultUser()

	var problems []error

	for i := range w.resources {
		if _, held := w.UserToken(runtimeOf(i), integrationOf(i), user); held {
			problems = append(problems, w.Unregister(runtimeOf(i), integrationOf(i), user))
		}
	}

	return errors.Join(problems...)
}

func runtimeOf(i int) string { return fmt.Sprintf("runtime-%d", i/perRuntime) }

func integrationOf(i int) string { return fmt.Sprintf("integration-%d", i%perRuntime) }

// configuration has the same resources for both providers; only the real one has anything to configure, settings in
// addition to what it always needs.
func (w *world) configuration(provider string, settings ...string) string {
	block := ""

	if provider == "codefresh" {
		_, key := w.DefaultUser()
		block = fmt.Sprintf("provider \"codefresh\" {\n  url     = %q\n  api_key = %q\n  %s\n}\n",
			w.URL(sandbox.Codefresh), key, strings.Join(settings, "\n  "))
	}

	return strings.NewReplacer(
		"PROVIDER", provider,
		"SETTINGS", block,
		"RESOURCES", fmt.Sprint(w.resources),
		"TOKENS", `"`+strings.Join(w.tokens, `", "`)+`"`,
		"PER", fmt.Sprint(perRuntime),
	).Replace(`terraform {
  required_providers {
    PROVIDER = { source = "codefresh-gitops/PROVIDER" }
  }
}

SETTINGS
locals {
  tokens = [TOKENS]
}

resource "PROVIDER_git_user_token" "bench" {
  count       = RESOURCES
  runtime     = "runtime-${floor(count.index / PER)}"
  integration = "integration-${count.index % PER}"
  token       = local.tokens[count.index % length(local.tokens)]
}
`)
}
