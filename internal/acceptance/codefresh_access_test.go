package acceptance_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// providerWith returns a provider block with this API key; an empty one is left out.
func (w *world) providerWith(key string) string {
	line := ""
	if key != "" {
		line = set("api_key", key)
	}

	return fmt.Sprintf("provider \"codefresh\" {\n  url = %q\n  %s\n}\n", w.URL(sandbox.Codefresh), line)
}

// Without a key that Codefresh takes nothing is true, least of all that something is gone.
func TestAPIKey(t *testing.T) {
	t.Parallel()

	w, k := lifeWorld(t, sandbox.Runtime{}), lifeKinds()[1]
	elsewhere := newWorld(t) // another Codefresh account, with a runtime of the same name
	at, text := k.at(), w.mint(k.scopes...)
	it := block(k.resourceType, set("token", text))

	const wrong = "5f0c00000000000000000000.00000000000000000000000000000000"

	w.run(
		planFails(w.providerWith("")+it, "Codefresh API key is missing", "CODEFRESH_API_KEY"),
		step{
			config: w.providerWith("") + "data \"codefresh_required_scopes\" \"it\" {\n" +
				"  git_provider = \"gitlab\"\n  token_type = \"runtime\"\n}\n",
			checks: []check{{
				at: "data.codefresh_required_scopes.it", name: "scopes", want: inOrder{"api", "read_repository"},
			}},
		},
		planFails(w.providerWith(wrong)+it, "Codefresh refuses the API key"),
		applies(w.provider()+it, at, create),
		planFails(w.providerWith(wrong)+it, "Codefresh refuses the API key"),
		planFails(w.providerWith("")+it, "Codefresh API key is missing"),
		planFails(elsewhere.provider()+it, "API key belongs to another Codefresh account"),
		plans(w.provider()+it, at, noop),
	)
	elsewhere.wantSent(0)
}

// A user may have a key of their own, and then the token is theirs.
func TestUsersOwnKey(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	at := userToken + ".it"
	admin, _ := w.DefaultUser()
	ann, annsKey, err := w.AddUser("ann", false)
	w.must(err)
	bob, bobsKey, err := w.AddUser("bob", false)
	w.must(err)
	text := w.mint("repo")
	with := func(key string) string { return w.config(userToken, set("token", text), set("api_key", key)) }
	holds := func(who string, want bool) {
		t.Helper()

		if held, ok := w.UserToken(runtimeName, "default", who); ok != want || ok && held != text {
			t.Errorf("user %s is registered: %t, want %t", who, ok, want)
		}
	}

	w.run(
		planFails(with("not a key"), "Codefresh API key cannot be used"),
		applies(with(annsKey), at, create, has(at, "user_id", ann), has(at, "codefresh_status", "successful")),
		after(func() { holds(ann, true); holds(admin, false) },
			applies(with(bobsKey), at, update, has(at, "user_id", bob), has(at, "codefresh_status", "successful"))),
		after(func() { holds(bob, true) }, destroys(with(bobsKey))),
	)
	holds(bob, false)
}

// A runtime that is installed in the same apply is not there yet at plan.
func TestRuntimeAppearsBeforeApply(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()
		w.must(w.RemoveRuntime(runtimeName))
		at, text := k.at(), w.mint(k.scopes...)
		config := w.config(k.resourceType, set("token", text))
		created := applies(config, at, create, has(at, "status", "valid"), has(at, "api_url", w.api()))
		created.between = func() { w.must(w.AddRuntime(sandbox.Runtime{Name: runtimeName})) }

		w.run(
			applyFails(config, nil, `Runtime "prod" does not exist`, "Nothing was sent"),
			created,
		)
	})
}

// An app-proxy that does not answer as one proves nothing, whatever its router or tunnel says in its place.
func TestAppProxyOutOfReach(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[1]
	at, text, next := k.at(), w.mint(k.scopes...), w.mint(k.scopes...)
	config := w.config(k.resourceType, set("token", text))
	reach := func(r sandbox.Reach) func() { return func() { w.must(w.SetReach(runtimeName, r)) } }

	w.run(
		applies(config, at, create),
		after(reach(sandbox.ReachDown),
			refreshes(at, noop, has(at, "status", "valid"), has(at, "codefresh_status", "successful"))),
		after(reach(sandbox.ReachTunnelDown), plans(config, at, noop)),
		// The Git host is asked all the same.
		after(func() { w.must(w.RevokeToken(text)) }, refreshes(at, update, has(at, "status", "revoked"))),
		planFails(w.provider(set("on_unreachable", "error"))+block(k.resourceType, set("token", text)),
			"Codefresh could not be reached", "app-proxy of runtime"),
		applyFails(w.config(k.resourceType, set("token", next)), nil, "Codefresh could not be reached"),
		after(reach(sandbox.ReachUp), applies(w.config(k.resourceType, set("token", next)), at, update,
			has(at, "status", "valid"))),
	)
	w.wantSent(3) // with the destruction at the end
}

func TestPlatformOutOfReach(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[0]
	at, text := k.at(), w.mint(k.scopes...)
	config := w.config(k.resourceType, set("token", text))

	w.run(
		applies(config, at, create),
		after(func() {
			w.must(w.Break(sandbox.Codefresh, sandbox.Fault{
				Status: 502, Body: "<html>Bad gateway</html>",
				Header: map[string]string{"Content-Type": "text/html"},
			}))
		}, refreshes(at, noop, has(at, "status", "valid"))),
		after(func() { w.must(w.SetScopes(text, "repo")) }, refreshes(at, update, has(at, "status", "under_scoped"))),
		planFails(w.provider(set("on_unreachable", "error"))+block(k.resourceType, set("token", text)),
			"Codefresh could not be reached", "The Codefresh platform"),
		after(func() { w.Heal(sandbox.Codefresh); w.must(w.SetScopes(text, k.scopes...)) },
			refreshes(at, noop, has(at, "status", "valid"))),
	)
}

// A gateway before an app-proxy refuses whom it wants to, and no API key: no plan is blocked, and it is said what
// answered, and where.
func TestGatewayBeforeAnAppProxyBlocksNoPlan(t *testing.T) {
	t.Parallel()

	for name, fault := range map[string]sandbox.Fault{
		"JSON": {
			Status: http.StatusForbidden, Body: `{"message":"Forbidden"}`,
			Header: map[string]string{"Content-Type": "application/json"},
		},
		"HTML": {
			Status: http.StatusUnauthorized, Body: "<html><title>401 Authorization Required</title></html>",
			Header: map[string]string{"Content-Type": "text/html"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w, k := lifeWorld(t, sandbox.Runtime{}), lifeKinds()[1]
			text := w.mint(k.scopes...)
			c := w.session()
			c.secret(text)
			c.configure(w.provider(), block(k.resourceType, set("token", text)))
			c.apply().wantExit(0)

			w.must(w.Break(sandbox.AppProxy(runtimeName), fault))

			said := c.plan().wantExit(0)
			said.only(t, "warning", k.at()).wants(t, "could not be asked", w.URL(sandbox.AppProxy(runtimeName)),
				"the answer is not Codefresh's", map[string]string{"JSON": "Forbidden", "HTML": "it is a web page"}[name])

			for _, d := range said.of("warning", k.at()) {
				if strings.Contains(d.String(), "refuses the API key") {
					t.Errorf("it says %s", d)
				}
			}
		})
	}
}
