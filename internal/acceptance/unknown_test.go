package acceptance_test

import (
	"fmt"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestTokenUnknownAtPlan(t *testing.T) {
	t.Parallel()

	w, k := lifeWorld(t, sandbox.Runtime{}), lifeKinds()[0]
	at, text, narrow := k.at(), w.mint(k.scopes...), w.mint("repo:status")
	with := func(text string) string {
		return w.provider() + later("secret", text) +
			block(k.resourceType, "token = terraform_data.secret.output", set("git_provider", "github"))
	}
	created := applies(with(text), at, create, has(at, "status", "valid"))
	created.unknown = []string{"status", "required_scopes"}

	w.run(
		applyFails(with(narrow), nil, "Git token lacks", "has repo:status"),
		after(func() { w.wantSent(0) }, created),
		// A value that may change, and then does not: the update is planned, and nothing is sent.
		after(func() { w.wantSent(1) }, step{
			config: w.provider() + fmt.Sprintf("resource \"terraform_data\" \"secret\" {\n  input = %q\n"+
				"  triggers_replace = \"again\"\n}\n", text) +
				block(k.resourceType, "token = terraform_data.secret.output", set("git_provider", "github")),
			actions: map[string]action{at: update},
		}),
	)
	w.wantSent(1)
}

func TestRuntimeUnknownAtPlan(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[0]
	at, text := k.at(), w.mint(k.scopes...)
	with := func(name string, attributes ...string) string {
		return w.provider() + later("cluster", name) +
			custom(k.resourceType, append(attributes, "runtime = terraform_data.cluster.output")...)
	}
	host := w.setHost()

	w.run(
		// Where the host is told, the token is checked whatever its runtime.
		planFails(with(runtimeName, append(host, set("token", w.mint("repo")))...), "Git token lacks 1 of 2 scopes"),
		applyFails(with("nowhere", set("token", text)), nil, `Runtime "nowhere" does not exist`, "It has: "+runtimeName,
			"Nothing was sent to Codefresh."),
	)
	w.wantSent(0)
	w.run(applies(with(runtimeName, set("token", text)), at, create,
		has(at, "id", runtimeName), has(at, "status", "valid")))
	w.wantHeld(k, text)
}

func TestGitHostUnknownAtPlan(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.must(w.SetAccountGit("", ""))

	k := lifeKinds()[0]
	at, text := k.at(), w.mint(k.scopes...)
	host := later("provider", "github") + later("address", w.api())

	w.run(
		planFails(w.config(k.resourceType, set("token", text)), "Git provider is not known", "Set git_provider"),
		after(w.ForgetRequests, applies(w.provider()+host+block(k.resourceType, set("token", text),
			"git_provider = terraform_data.provider.output", "api_url = terraform_data.address.output"), at, create,
			has(at, "git_provider", "github"), has(at, "api_url", w.api()), has(at, "status", "valid"))),
	)
	w.wantHeld(k, text)
}

// The provider block may take its secrets from resources. What can be checked without Codefresh is checked.
func TestProviderUnknownAtPlan(t *testing.T) {
	t.Parallel()

	t.Run("git_tokens", func(t *testing.T) {
		t.Parallel()
		w := lifeWorld(t, sandbox.Runtime{})
		k := lifeKinds()[1]
		text := w.mint(k.scopes...)
		config := later("secret", text) + w.provider("git_tokens = { ci = terraform_data.secret.output }") +
			block(k.resourceType, set("token_name", "ci"))

		w.run(applies(config, k.at(), create, has(k.at(), "status", "valid"), has(k.at(), "token_name", "ci")))
	})

	t.Run("api_key", func(t *testing.T) {
		t.Parallel()
		w := lifeWorld(t, sandbox.Runtime{})
		k := lifeKinds()[1]
		_, key := w.DefaultUser()
		// A key from elsewhere must not stand in: it could be another account's.
		w.env["CODEFRESH_API_KEY"] = "5f0c00000000000000000000.00000000000000000000000000000000"
		with := func(attributes ...string) string {
			return later("key", key) + fmt.Sprintf("provider \"codefresh\" {\n  url = %q\n"+
				"  api_key = terraform_data.key.output\n}\n", w.URL(sandbox.Codefresh)) + block(k.resourceType, attributes...)
		}
		text := w.mint(k.scopes...)
		narrow := append(w.setHost(), set("token", w.mint("repo:status")))

		w.run(
			planFails(with(narrow...), "Git token lacks its only required scope"),
			after(func() {
				if n := len(w.Requests(sandbox.Codefresh)); n != 0 {
					t.Errorf("Codefresh got %d requests without its key", n)
				}
			}, applies(with(set("token", text)), k.at(), create, has(k.at(), "status", "valid"))),
		)
	})
}

// What the provider block says may be known only after apply, too: until then no plan fails over it.
func TestProviderSettingsUnknownAtPlan(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		value    string
		settings []string // beside the one that is not known
		prepare  func(w *world, text string)
		host     sandbox.Service
	}{
		"validation": {value: "warn", prepare: func(w *world, text string) { w.must(w.SetScopes(text, "repo:status")) }},
		"check_repositories": {value: "listed", prepare: func(w *world, _ string) {
			url, err := w.AddRepository(sandbox.Repository{Service: lifeHost, Path: "acme/isc", Private: true})
			w.must(err)
			w.SetSharedConfigRepo(url)
		}},
		"ca_certificate": {settings: []string{set("on_unreachable", "error")}, host: sandbox.GitHub},
		"on_unreachable": {value: "warn", prepare: func(w *world, _ string) {
			w.must(w.SetReach(runtimeName, sandbox.ReachDown))
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{SkipValidation: true})
			k, host, value := lifeKinds()[0], w.setHost(), tt.value

			text := w.mint(k.scopes...)
			if tt.host != "" {
				made := w.token(sandbox.Token{Service: tt.host, Kind: "classic", Owner: "ci-bot", Scopes: k.scopes})
				host, text = []string{set("git_provider", "github"), set("api_url", "https://api.github.com")}, made.Text
				value = string(w.CACertificate())
			}

			if tt.prepare != nil {
				tt.prepare(w, text)
			}

			c := w.session()
			c.secret(text)
			c.configure(later("setting", value),
				w.provider(append(tt.settings, name+" = terraform_data.setting.output")...),
				block(k.resourceType, append(host, set("token", text))...))
			c.plan().wantExit(2)
			w.must(w.SetReach(runtimeName, sandbox.ReachUp))
			c.apply().wantExit(0)
			w.wantHeld(k, text)
			c.wantSettled()
		})
	}
}

// A token must not go to a provider's public service only because Codefresh could not be asked for the address.
func TestTokenStaysFromThePublicHost(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[1]
	at, text := k.at(), w.mint(k.scopes...)
	config := w.provider(set("ca_certificate", string(w.CACertificate()))) +
		block(k.resourceType, set("token", text), set("git_provider", "github"))

	w.run(
		after(func() { w.must(w.SetReach(runtimeName, sandbox.ReachDown)) }, plans(config, at, create)),
		applyFails(config, nil, "Codefresh could not be reached"),
		after(func() { w.must(w.SetReach(runtimeName, sandbox.ReachUp)) },
			applies(config, at, create, has(at, "api_url", w.api()), has(at, "status", "valid"))),
	)

	if requests := w.Requests(sandbox.GitHub); len(requests) != 0 {
		t.Errorf("the public GitHub was asked: %+v", requests)
	}
}
