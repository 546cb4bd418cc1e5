package main

import (
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// perRuntime is how many integrations, and so user tokens, one runtime has: a runtime is asked once for all of them.
const perRuntime = 100

// world is the sandbox with a runtime and an integration for each resource.
type world struct {
	sandbox   *sandbox.Sandbox
	resources int
	tokens    []string
}

func newWorld(resources, tokens int) (*world, error) {
	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		return nil, err
	}
	w := &world{sandbox: s, resources: resources}
	if err := w.furnish(tokens); err != nil {
		s.Close()

		return nil, err
	}

	return w, nil
}

func (w *world) furnish(tokens int) error {
	host := w.sandbox.URL(sandbox.GitHubEnterprise) + "/api/v3"
	if err := w.sandbox.SetAccountGit("GITHUB", host); err != nil {
		return err
	}
	for i := range w.resources {
		if i%perRuntime == 0 {
			if err := w.sandbox.AddRuntime(sandbox.Runtime{Name: runtimeOf(i)}); err != nil {
				return err
			}
		}
		if err := w.sandbox.AddIntegration(runtimeOf(i), integrationOf(i), "GITHUB", host); err != nil {
			return err
		}
	}
	for range tokens {
		t, err := w.sandbox.CreateToken(sandbox.Token{
			Service: sandbox.GitHubEnterprise, Kind: "classic", Scopes: []string{"repo"},
		})
		if err != nil {
			return err
		}
		w.tokens = append(w.tokens, t.Text)
	}

	return nil
}

func runtimeOf(i int) string { return fmt.Sprintf("runtime-%d", i/perRuntime) }

func integrationOf(i int) string { return fmt.Sprintf("integration-%d", i%perRuntime) }

// configuration has the same resources for both providers; only the real one has anything to configure.
func (w *world) configuration(provider string) string {
	settings := ""
	if provider == "codefresh" {
		_, key := w.sandbox.DefaultUser()
		settings = fmt.Sprintf("provider \"codefresh\" {\n  url     = %q\n  api_key = %q\n}\n",
			w.sandbox.URL(sandbox.Codefresh), key)
	}

	return strings.NewReplacer(
		"PROVIDER", provider,
		"SETTINGS", settings,
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
