package acceptance_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// A registration that goes away after the plan, or that no refresh has looked for, is there again after the apply.
func TestUnregisteredMeanwhile(t *testing.T) {
	t.Parallel()

	saved := []string{"apply", "-json", "-input=false", "saved"}
	blind := []string{"apply", "-json", "-input=false", "-auto-approve", "-refresh=false"}

	for name, test := range map[string]struct {
		attribute string
		changes   bool // whether something else is to be changed
		apply     []string
	}{
		"after the plan":                            {"token", true, saved},
		"after the plan, a write-only token":        {"token_wo", true, saved},
		"without a refresh":                         {"token", true, blind},
		"without a refresh, a write-only token":     {"token_wo", true, blind},
		"without a refresh, and nothing else":       {"token", false, blind},
		"nothing else, and with a write-only token": {"token_wo", false, blind},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[1]
			id, _ := w.DefaultUser()
			text := c.secret(w.mint(k.scopes...))
			lines := []string{set(test.attribute, text)}
			c.configure(w.config(k.resourceType, lines...))
			c.apply().wantExit(0)

			if test.changes {
				c.configure(w.config(k.resourceType, append(lines, set("expires_at_hint", "2099-01-31"))...))
				c.plan().wantExit(2)
			}

			w.must(w.Unregister(runtimeName, "default", id))
			c.run(test.apply...).wantExit(0)
			w.wantHeld(k, text)
			w.wantSent(2)
			c.wantSettled()
		})
	}
}

// Codefresh comes to use another Git host after a plan, of which no known value follows from that.
func TestHostMovesAfterThePlan(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{SkipValidation: true})
	c, k := w.session(), lifeKinds()[0]
	lines := []string{set("token", c.secret(w.mint(k.scopes...))), set("validation", "warn")}
	c.configure(w.config(k.resourceType, lines...))
	c.apply().wantExit(0)
	c.configure(w.config(k.resourceType, append(lines, set("expires_at_hint", "2099-01-31"))...))
	c.plan().wantExit(2)
	w.must(w.SetAccountGit("GITHUB", w.URL(sandbox.GitHub)))
	c.run("apply", "-json", "-input=false", "saved").wantExit(0)

	if url := c.state()[k.at()]["api_url"]; url != w.URL(sandbox.GitHub) {
		t.Errorf("api_url is %v", url)
	}

	c.wantSettled()
}

// What an apply was told to ignore, and failed over, the next plan does not.
func TestIgnoredOnceOnly(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.session()
		first, second := c.secret(w.mint(k.scopes...)), c.secret(w.mint(k.scopes...))
		c.configure(w.config(k.resourceType, set("token_wo", first)))
		c.apply().wantExit(0)
		c.configure(w.config(k.resourceType, set("token_wo", second), set("username", "ci-bot"), ignoring("token_wo")))
		c.apply().wantExit(1).only(t, "error", k.at()).wants(t, "Git token is ignored")
		c.configure(w.config(k.resourceType, set("token_wo", second), set("username", "ci-bot")))
		c.apply().wantExit(0)
		w.wantHeld(k, second)
		c.wantSettled()
	})
}

// A user's own key that was revoked gives way to the one that is configured, with no key in the provider block either.
func TestOwnKeyRotated(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()
	_, annsKey, err := w.AddUser("ann", false)
	w.must(err)
	ben, bensKey, err := w.AddUser("ben", false)
	w.must(err)

	at, text := userToken+".it", c.secret(w.mint("repo"))
	with := func(key string) {
		c.configure(fmt.Sprintf("provider \"codefresh\" {\n  url = %q\n}\n", w.URL(sandbox.Codefresh)),
			block(userToken, set("token", text), set("api_key", c.secret(key))))
	}

	with(annsKey)
	c.apply().wantExit(0)
	w.must(w.RevokeKey(annsKey))

	told := c.plan().wantExit(1)
	if n := len(told.of("error", at)); n != 1 {
		t.Errorf("%d errors about the key that is still configured: %v", n, told.diagnostics)
	}

	with(bensKey)
	c.plan().wantExit(2).only(t, "warning", at).wants(t, "refuses the API key", "The state was left as it is.")
	c.apply().wantExit(0)

	if held, _ := w.UserToken(runtimeName, "default", ben); held != text {
		t.Error("the token is not registered for the user of the new key")
	}

	c.wantSettled()
}

// A token that Codefresh calls invalid whatever is sent is sent once more, and no plan goes on about it.
func TestRefusedWhateverIsSent(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c, k := w.session(), lifeKinds()[0]
	c.configure(w.config(k.resourceType, set("token", c.secret(w.mint(k.scopes...)))))
	c.apply().wantExit(0)
	w.must(w.SetRuntimeTokenStatus(runtimeName, "FAILED"))
	c.plan().wantExit(2).only(t, "warning", k.at()).wants(t, "The plan sends it again")
	c.apply().wantExit(0)
	w.wantSent(2)
	c.plan().wantExit(0).only(t, "warning", k.at()).wants(t, "as it did right after the token was sent")
}

// The same token from another attribute is the same token: nothing is sent.
func TestTokenFromElsewhere(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.session()
		text := c.secret(w.mint(k.scopes...))
		provider := w.provider(namedTokens(map[string]string{"a": text}))

		literal, writeOnly, named := set("token", text), set("token_wo", text), set("token_name", "a")
		for _, lines := range [][]string{
			{literal}, {writeOnly}, {named}, {writeOnly, set("token_wo_version", "1")}, {literal}, {named}, {writeOnly},
		} {
			c.configure(provider, block(k.resourceType, lines...))
			c.apply().wantExit(0)
			c.wantSettled()
			w.wantSent(1)
		}
	})
}

// An address that is spelled otherwise is the same: nothing is planned.
func TestAddressSpelledOtherwise(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.session()
		token, proxy := set("token", c.secret(w.mint(k.scopes...))), w.URL(sandbox.AppProxy(runtimeName))
		repository := w.repository("acme/infra")
		with := func(api, proxy, repository string) {
			c.configure(w.config(k.resourceType, token, set("git_provider", "github"), set("api_url", api),
				set("app_proxy_url", proxy), repositories(repository, "read")))
		}
		with(w.api(), proxy, repository)
		c.apply().wantExit(0)

		for _, spelled := range []func(string) string{
			func(address string) string { return address + "/" },
			func(address string) string { return strings.Replace(address, "http://", "HTTP://", 1) },
			func(address string) string { return strings.TrimSuffix(address, "/api/v3") },
		} {
			with(spelled(w.api()), spelled(proxy), spelled(repository))
			c.wantSettled()
		}

		c.plan("-refresh=false").wantExit(0)
		w.wantSent(1)

		w.must(w.AddRuntime(sandbox.Runtime{Name: "stage"}))
		with(w.api(), w.URL(sandbox.AppProxy("stage")), repository)
		c.plan().wantExit(2) // another one is another one
	})
}
