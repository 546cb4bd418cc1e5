package acceptance_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// post sends a GraphQL request to a service of the sandbox with somebody's key, as Codefresh's own pages do, and
// returns the answer's data.
func (w *world) post(address, key, query string, variables map[string]any) map[string]any {
	w.t.Helper()

	body, err := json.Marshal(map[string]any{"query": query, "variables": variables})
	w.must(err)
	r, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, address, bytes.NewReader(body))
	w.must(err)
	r.Header.Set("Authorization", key)
	r.Header.Set("Content-Type", "application/json")
	response, err := http.DefaultClient.Do(r)
	w.must(err)

	defer func() { _ = response.Body.Close() }()

	var answer struct {
		Data   map[string]any `json:"data"`
		Errors []any          `json:"errors"`
	}
	w.must(json.NewDecoder(response.Body).Decode(&answer))

	if len(answer.Errors) > 0 {
		w.t.Fatalf("the sandbox says %v", answer.Errors)
	}

	return answer.Data
}

// A user's own key that Codefresh refuses by now takes nothing away any more. Where the provider block has a key, the
// resource goes and what stays is said; where it has none, nothing proves that the platform is the right one, and what
// to do is said. A new key that was applied does.
func TestDestroyWithADeadKey(t *testing.T) {
	t.Parallel()

	for name, alone := range map[string]bool{"beside the provider's key": false, "alone": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			c := w.session()
			ann, annsKey, err := w.AddUser("ann", false)
			w.must(err)
			_, bensKey, err := w.AddUser("ben", false)
			w.must(err)

			text := c.secret(w.mint("repo"))
			with := func(key string) {
				provider := w.provider()
				if alone {
					provider = w.providerWith("")
				}

				c.configure(provider, block(userToken, set("token", text), set("api_key", c.secret(key))))
			}
			with(annsKey)
			c.apply().wantExit(0)
			w.must(w.RevokeKey(annsKey))

			blind := []string{"apply", "-destroy", "-json", "-input=false", "-auto-approve", "-refresh=false"}

			if !alone {
				told := c.destroy().wantExit(0)
				if len(told.diagnostics) != 1 {
					t.Fatalf("not one warning, but %v", told.diagnostics)
				}

				told.diagnostics[0].wants(t, "stays registered", "refuses the API key of user "+ann, runtimeName,
					"remove it in Codefresh, under Git Personal Access Token")

				if held, _ := w.UserToken(runtimeName, "default", ann); held != text || len(c.state()) > 0 {
					t.Errorf("held: %t, state: %v", held == text, c.state())
				}

				return
			}

			told := c.destroy().wantExit(1)
			told.only(t, "error", userToken+".it").wants(t, "refuses the API key", "apply that before you destroy",
				"terraform state rm")

			told = c.run(blind...).wantExit(1)
			told.failuresOf()[0].wants(t, "refuses the API key", "apply that before you destroy", "terraform state rm")

			if len(c.state()) == 0 {
				t.Error("the resource is gone, although nobody could be asked")
			}

			with(bensKey) // in the configuration alone it is not the one that a destroy goes by
			c.run(blind...).wantExit(1)
			c.apply().wantExit(0)
			c.destroy().wantExit(0)
		})
	}
}

// What a key may not see, and what does not answer, may be there still: a destroy says so, keeps the resource, and says
// how to be rid of it.
func TestDestroyOfWhatIsOutOfSight(t *testing.T) {
	t.Parallel()

	shares := func(policy string) func(w *world) {
		return func(w *world) {
			_, key := w.DefaultUser()
			w.post(w.URL(sandbox.AppProxy(runtimeName))+"/app-proxy/api/graphql", key,
				"mutation($args: EditGitIntegrationArgs!) { editGitIntegration(args: $args) { name } }",
				map[string]any{"args": map[string]any{"name": "lab", "sharingPolicy": policy}})
		}
	}

	for name, test := range map[string]struct {
		happens func(w *world)
		wants   []string
		mend    func(w *world)
	}{
		"an integration of administrators": {
			shares("ACCOUNT_ADMINS"),
			[]string{"could not be deregistered", "does not see", "share the integration with all users", "terraform state rm"},
			shares("ALL_USERS_IN_ACCOUNT"),
		},
		"a cluster that is gone": {
			func(w *world) { w.must(w.SetReach(runtimeName, sandbox.ReachDown)) },
			[]string{"Codefresh could not be reached", "If its cluster is gone for good", "terraform state rm"},
			func(w *world) { w.must(w.SetReach(runtimeName, sandbox.ReachUp)) },
		},
		"a tunnel without a client": {
			func(w *world) { w.must(w.SetReach(runtimeName, sandbox.ReachTunnelDown)) },
			[]string{"Codefresh could not be reached", "If its cluster is gone for good", "terraform state rm"},
			func(w *world) { w.must(w.SetReach(runtimeName, sandbox.ReachUp)) },
		},
		"a platform that is down": {
			func(w *world) { w.must(w.Break(sandbox.Codefresh, sandbox.Fault{Status: 503})) },
			[]string{"Codefresh could not be reached", "The state was left as it is", "terraform state rm"},
			func(w *world) { w.Heal(sandbox.Codefresh) },
		},
		"a platform that does not tell of the integrations": {
			func(w *world) {
				w.must(w.Break(sandbox.AppProxy(runtimeName), sandbox.Fault{Null: "data.gitIntegrations.users"}))
			},
			[]string{"the answer has no data for the users of an integration", "The state was left as it is"},
			func(w *world) { w.Heal(sandbox.AppProxy(runtimeName)) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			w.must(w.AddIntegration(runtimeName, "lab", "GITHUB", w.api()))
			c := w.session()
			ann, annsKey, err := w.AddUser("ann", false)
			w.must(err)

			text := c.secret(w.mint("repo"))
			c.configure(w.providerWith(c.secret(annsKey)), block(userToken, set("token", text), set("integration", "lab")))
			c.apply().wantExit(0)
			test.happens(w)

			for _, args := range [][]string{nil, {"-refresh=false"}} {
				told := c.run(append([]string{"apply", "-destroy", "-json", "-input=false", "-auto-approve"}, args...)...)
				if failures := told.wantExit(1).failuresOf(); len(failures) == 1 {
					failures[0].wants(t, test.wants...)
				} else {
					t.Errorf("not one error, but %v", failures)
				}

				if held, _ := w.UserToken(runtimeName, "lab", ann); held != text || len(c.state()) != 1 {
					t.Errorf("held: %t, state: %v", held == text, c.state())
				}
			}

			test.mend(w)
			c.destroy().wantExit(0)

			if _, registered := w.UserToken(runtimeName, "lab", ann); registered {
				t.Error("a destroyed token is still registered")
			}
		})
	}
}

// What no value makes right, Terraform refuses before it plans anything, with or without a refresh: such a message
// promises no way around it.
func TestDestroyOfWhatIsNoConfiguration(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.session()
		text := c.secret(w.mint(k.scopes...))
		good := []string{set("token", text)}
		c.configure(w.config(k.resourceType, good...))
		c.apply().wantExit(0)

		for name, lines := range map[string][]string{
			"no token":                nil,
			"two tokens":              {set("token", text), set("token_wo", text)},
			"a version without token": {set("token", text), set("token_wo_version", "1")},
			"no such provider":        append(good, set("git_provider", "gitea")),
			"no such validation":      append(good, set("validation", "perhaps")),
			"no day":                  append(good, set("expires_at_hint", "soon")),
			"no such scope":           append(good, `required_scopes = [""]`),
			"no such access":          append(good, repositories("https://git.example.com/a/b", "own")),
			"no duration":             append(good, set("wait_for_runtime", "a while")),
			"another host's": append(good, set("git_provider", "github"), set("api_url", w.api()),
				repositories("https://git.example.com/a/b", "read")),
		} {
			c.configure(w.config(k.resourceType, lines...))

			for _, args := range [][]string{nil, {"-refresh=false"}} {
				told := c.plan(append([]string{"-destroy"}, args...)...).wantExit(1)
				if strings.Contains(told.text, "-refresh=false") {
					t.Errorf("%s: it promises what does not help: %s", name, told.text)
				}
			}
		}

		c.configure(w.config(k.resourceType, good...))
		c.destroy().wantExit(0)
	})
}

// To destroy a runtime's token takes no key: Codefresh keeps it anyhow. What stops the plan before says so.
func TestDestroyOfARuntimesTokenTakesNoKey(t *testing.T) {
	t.Parallel()

	const refused = "5f0c00000000000000000000.00000000000000000000000000000000"

	for name, test := range map[string]struct {
		provider func(w *world) string
		happens  func(w *world)
		wants    string
	}{
		"no key": {provider: func(w *world) string { return w.providerWith("") }, wants: "API key is missing"},
		"a key that is refused": {
			provider: func(w *world) string { return w.providerWith(refused) },
			wants:    "refuses the API key",
		},
		"a key of another account": {
			provider: func(w *world) string { return newWorld(w.t).provider() }, wants: "another Codefresh account",
		},
		"a platform that is down": {
			provider: func(w *world) string { return w.provider(set("on_unreachable", "error")) },
			happens:  func(w *world) { w.must(w.Break(sandbox.Codefresh, sandbox.Fault{Mode: "refuse"})) },
			wants:    "Codefresh could not be reached",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[0]
			text := c.secret(w.mint(k.scopes...))
			it := block(runtimeToken, set("token", text))
			c.configure(w.provider(), it)
			c.apply().wantExit(0)

			if test.happens != nil {
				test.happens(w)
			}

			c.configure(test.provider(w), it)

			for _, args := range [][]string{{"-destroy"}, {"-refresh=false"}} {
				c.plan(args...).wantExit(1).only(t, "error", k.at()).wants(t, test.wants, "terraform destroy -refresh=false")
			}

			told := c.run("apply", "-destroy", "-json", "-input=false", "-auto-approve", "-refresh=false").wantExit(0)
			if len(told.diagnostics) != 1 || len(c.state()) > 0 {
				t.Fatalf("diagnostics %v, state %v", told.diagnostics, c.state())
			}

			told.diagnostics[0].wants(t, "stays in Codefresh")
			w.wantHeld(k, text)
		})
	}
}

// A key of another account plans nothing, with or without a refresh, and has no token shown to that account's Git host.
func TestKeyOfAnotherAccount(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		elsewhere := lifeWorld(t, sandbox.Runtime{})
		c := w.session()
		it := block(k.resourceType, set("token", c.secret(w.mint(k.scopes...))))
		c.configure(w.provider(), it)
		c.apply().wantExit(0)
		c.configure(elsewhere.provider(), it)
		w.ForgetRequests()

		for _, args := range [][]string{nil, {"-refresh=false"}} {
			c.plan(args...).wantExit(1).only(t, "error", k.at()).wants(t, "another Codefresh account")
		}

		if asked := len(elsewhere.Requests(lifeHost)); asked > 0 {
			t.Errorf("the other account's Git host was asked %d times", asked)
		}
	})
}
