package acceptance_test

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// ignoring is a lifecycle block that ignores changes of attributes.
func ignoring(attributes ...string) string {
	return "lifecycle { ignore_changes = [" + strings.Join(attributes, ", ") + "] }"
}

// wantSettled fails the test unless nothing is left to plan.
func (c *cli) wantSettled() {
	c.t.Helper()

	if got := c.plan(); got.exit != 0 {
		c.t.Errorf("the plan is not empty: %v\n%s", got.diagnostics, got.text)
	}
}

func (c *cli) destroy() said {
	c.t.Helper()

	return c.run("apply", "-destroy", "-json", "-input=false", "-auto-approve")
}

// What ignore_changes ignores is neither judged nor sent, whatever else changes.
func TestIgnoredTokens(t *testing.T) {
	t.Parallel()

	for name, attribute := range map[string]string{"token": "token", "write-only": "token_wo", "named": "token_name"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[0]
			a, b := c.secret(w.mint(k.scopes...)), c.secret(w.mint("repo:status"))
			with := func(text string, more ...string) {
				value, names := text, ""
				if attribute == "token_name" {
					value = map[bool]string{true: "a", false: "b"}[text == a]
					names = namedTokens(map[string]string{"a": a, "b": b})
				}

				c.configure(w.provider(names), block(k.resourceType, append(more, set(attribute, value))...))
			}

			with(a)
			c.apply().wantExit(0)
			with(b, ignoring(attribute), set("expires_at_hint", "2099-01-31"))
			c.apply().wantExit(0)
			w.wantSent(1)
			w.wantHeld(k, a)
			c.wantSettled()

			if status := c.state()[k.at()]["status"]; status != "valid" {
				t.Errorf("the registered token is called %v", status)
			}

			// The registered one goes bad: that is drift, an apply says so, and a destroy still works.
			w.must(w.RevokeToken(a))

			if attribute != "token_wo" { // which nobody can ask about without its value
				c.plan().wantExit(2).only(t, "warning", k.at()).wants(t, "Git token was revoked")
				c.apply().wantExit(1)
			}

			w.wantSent(1)
			c.destroy().wantExit(0)
		})
	}
}

// An ignored requirement is that of the plan, in the apply too.
func TestIgnoredRequirement(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c, k := w.session(), lifeKinds()[1]
	text := c.secret(w.mint("repo"))
	c.configure(w.config(k.resourceType, set("token", text)))
	c.apply().wantExit(0)
	c.configure(w.config(k.resourceType, set("token", text), `required_scopes = ["repo", "gist"]`,
		set("expires_at_hint", "2099-01-31"), ignoring("required_scopes")))
	c.apply().wantExit(0)
	w.wantSent(1)
	c.wantSettled()
}

// However a resource is replaced, renamed or counted anew, its user has a token afterwards.
func TestReplacementKeepsTheRegistration(t *testing.T) {
	t.Parallel()

	first := "resource \"terraform_data\" \"trigger\" {\n  input = 1\n}\n"

	for name, test := range map[string]struct {
		before, after func(text string) string // configurations without the provider block
		args          []string
	}{
		"replaced": {args: []string{"-replace=" + userToken + ".it"}},
		"replaced, created first": {
			before: func(text string) string {
				return block(userToken, set("token", text), "lifecycle { create_before_destroy = true }")
			}, args: []string{"-replace=" + userToken + ".it"},
		},
		"replaced by a trigger, created first": {
			before: func(text string) string {
				return first + block(userToken, set("token", text), "lifecycle {\n create_before_destroy = true\n "+
					"replace_triggered_by = [terraform_data.trigger]\n}")
			},
			after: func(text string) string {
				return strings.Replace(first, "1", "2", 1) + block(userToken, set("token", text),
					"lifecycle {\n create_before_destroy = true\n replace_triggered_by = [terraform_data.trigger]\n}")
			},
		},
		"renamed": {after: func(text string) string {
			return provided(userToken, "renamed", set("runtime", runtimeName), set("token", text))
		}},
		"renamed, one after the other": {after: func(text string) string {
			return provided(userToken, "renamed", set("runtime", runtimeName), set("token", text))
		}, args: []string{"-parallelism=1"}},
		"counted": {after: func(text string) string { return block(userToken, set("token", text), "count = 1") }},
		"for each": {after: func(text string) string {
			return block(userToken, set("token", text), `for_each = toset(["a"])`)
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[1]
			text := c.secret(w.mint("repo"))
			plain := func(text string) string { return block(userToken, set("token", text)) }

			before, after := plain, plain
			if test.before != nil {
				before, after = test.before, test.before
			}

			if test.after != nil {
				after = test.after
			}

			c.configure(w.provider(), before(text))
			c.apply().wantExit(0)
			c.configure(w.provider(), after(text))
			c.run(append([]string{"apply", "-json", "-input=false", "-auto-approve"}, test.args...)...).wantExit(0)
			w.wantHeld(k, text)
			c.wantSettled()
			c.destroy().wantExit(0)
			w.wantHeld(k, "")
		})
	}
}

// Twenty-four resources renamed at once, or one after the other: none of the users is lost.
func TestRenamedFleet(t *testing.T) {
	t.Parallel()

	for _, parallelism := range []string{"-parallelism=10", "-parallelism=1"} {
		t.Run(parallelism, func(t *testing.T) {
			t.Parallel()

			w := lifeWorld(t, sandbox.Runtime{})
			c := w.session()

			var rows, ids []string

			for i := range 24 {
				id, key, err := w.AddUser(fmt.Sprintf("u%d", i), false)
				w.must(err)

				ids = append(ids, id)
				rows = append(rows, fmt.Sprintf("u%d = %q", i, c.secret(key)))
			}

			text := c.secret(w.mint("repo"))
			fleet := func(prefix string) string {
				return "locals {\n  keys = {\n    " + strings.Join(rows, "\n    ") + "\n  }\n}\n" + block(userToken,
					"for_each = { for name, key in local.keys : \""+prefix+"${name}\" => key }", "api_key = each.value",
					set("token", text))
			}
			c.configure(w.provider(), fleet("a"))
			c.apply().wantExit(0)

			for order, prefix := range []string{"b", "c", "d"} {
				c.order = int64(order)
				c.configure(w.provider(), fleet(prefix))
				c.run("apply", "-json", "-input=false", "-auto-approve", parallelism).wantExit(0)

				for _, id := range ids {
					if held, _ := w.UserToken(runtimeName, "default", id); held != text {
						t.Errorf("user %s is not registered", id)
					}
				}

				c.wantSettled()
			}
		})
	}
}

// Of two resources for one place, neither can be destroyed while the other stays: forgetting it is the way.
func TestOneOfTwoForOnePlace(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c, k := w.session(), lifeKinds()[1]
	text := c.secret(w.mint("repo"))
	one := provided(userToken, "one", set("runtime", runtimeName), set("token", text))
	two := provided(userToken, "two", set("runtime", runtimeName), set("token", text))

	c.configure(w.provider(), one)
	c.apply().wantExit(0)
	c.configure(w.provider(), one, two)
	c.apply().wantExit(0)

	c.configure(w.provider(), one)

	said := c.plan().wantExit(1)
	if errors := severities(said.diagnostics)["error"]; errors != 1 {
		t.Fatalf("%d errors: %v", errors, said.diagnostics)
	}

	for _, d := range said.diagnostics {
		if d.Severity == "error" {
			d.wants(t, "another resource's Git user token", "destroy = false", "terraform state rm")
		}
	}

	w.wantHeld(k, text)
	c.configure(w.provider(), one, "removed {\n  from = "+userToken+".two\n  lifecycle {\n    destroy = false\n  }\n}\n")
	c.apply().wantExit(0)
	w.wantHeld(k, text)

	c.configure(w.provider(), one, two)
	c.apply().wantExit(0)
	c.destroy().wantExit(0)
	w.wantHeld(k, "")
}

// The natural order: the plan shows that a token was revoked, somebody puts a new one into the store, and the saved
// plan is applied.
func TestSavedPlanWithAnotherToken(t *testing.T) {
	t.Parallel()

	for name, attribute := range map[string]string{"write-only": "token_wo", "named": "token_name"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[1]
			a, b := c.secret(w.mint("repo")), w.token(sandbox.Token{
				Service: lifeHost, Kind: "fine_grained", Owner: "ci-bot",
				Permissions: map[string]string{"contents": "write", "metadata": "read"},
			}).Text
			c.secret(b)
			c.write("store.tf", "variable \"token\" {\n  type = string\n  sensitive = true\n  ephemeral = true\n}\n")

			it := set("token_name", "x")
			if attribute == "token_wo" {
				it = "token_wo = var.token"
			}

			c.configure(w.provider("git_tokens = { x = var.token }"), block(k.resourceType, it))

			with := func(text string, args ...string) said {
				return c.run(slices.Insert(args, 1, "-var=token="+text)...)
			}
			apply := []string{"apply", "-json", "-input=false", "-auto-approve"}

			with(a, apply...).wantExit(0)
			w.must(w.RevokeToken(a))
			with(a, "plan", "-json", "-input=false", "-out=saved", "-detailed-exitcode").wantExit(2)
			with(b, append(slices.Clone(apply), "saved")...).wantExit(0)
			w.wantHeld(k, b)
			with(b, "plan", "-json", "-input=false", "-detailed-exitcode").wantExit(0)
		})
	}
}

// A saved plan of one person is applied with another one's key: the token is that one's then.
func TestSavedPlanWithAnotherKey(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()
	text := c.secret(w.mint("repo"))
	ann, annsKey, err := w.AddUser("ann", true)
	w.must(err)
	c.secret(annsKey)
	c.write("key.tf", "variable \"key\" {\n  type = string\n  ephemeral = true\n}\n")

	_, key := w.DefaultUser()
	c.configure(fmt.Sprintf("provider \"codefresh\" {\n  url = %q\n  api_key = var.key\n}\n", w.URL(sandbox.Codefresh)),
		block(userToken, set("token", text)))
	c.run("apply", "-json", "-input=false", "-auto-approve", "-var=key="+key).wantExit(0)
	c.configure(fmt.Sprintf("provider \"codefresh\" {\n  url = %q\n  api_key = var.key\n}\n", w.URL(sandbox.Codefresh)),
		block(userToken, set("token", text), set("expires_at_hint", "2099-01-31")))
	c.run("plan", "-json", "-input=false", "-out=saved", "-var=key="+key).wantExit(0)
	c.run("apply", "-json", "-input=false", "-var=key="+annsKey, "saved").wantExit(0)

	if held, _ := w.UserToken(runtimeName, "default", ann); held != text {
		t.Error("the token is not registered for the user whose key applied the plan")
	}

	c.run("plan", "-json", "-input=false", "-detailed-exitcode", "-var=key="+annsKey).wantExit(0)
}

// A key that comes from a resource, and is another person's by the time it is known: the planned update registers the
// token for that person. Where nothing else is planned the next plan does, which knows the key.
func TestKeyUnknownAtPlan(t *testing.T) {
	t.Parallel()

	for name, updates := range map[string]bool{"with an update": true, "with nothing else": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[1]
			text := c.secret(w.mint("repo"))
			ann, annsKey, err := w.AddUser("ann", true)
			w.must(err)

			_, key := w.DefaultUser()
			with := func(key string, lines ...string) {
				c.configure(
					fmt.Sprintf("resource \"terraform_data\" \"key\" {\n  input = %q\n  triggers_replace = %q\n}\n", key, key),
					fmt.Sprintf("provider \"codefresh\" {\n  url = %q\n  api_key = terraform_data.key.output\n}\n",
						w.URL(sandbox.Codefresh)),
					block(userToken, append(lines, set("token", text))...))
			}
			with(key)
			c.apply().wantExit(0)
			w.wantHeld(k, text)

			lines := []string{}
			if updates {
				lines = append(lines, set("expires_at_hint", "2099-01-31"))
			}

			with(c.secret(annsKey), lines...)
			c.apply().wantExit(0)

			if !updates {
				c.plan().wantExit(2).only(t, "warning", k.at()).wants(t, "API key is another user's")
				c.apply().wantExit(0)
			}

			if held, _ := w.UserToken(runtimeName, "default", ann); held != text {
				t.Error("the token is not registered for the user whose key applied the plan")
			}

			if user := c.state()[k.at()]["user_id"]; user != ann {
				t.Errorf("user_id is %v", user)
			}

			c.wantSettled()
		})
	}
}

// An address or a provider that is configured no longer gives way to Codefresh's, and a token is judged nowhere else.
func TestRemovedAddressIsForgotten(t *testing.T) {
	t.Parallel()

	for name, left := range map[string][]string{"both": nil, "the address": {set("git_provider", "github")}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			for _, k := range lifeKinds() {
				t.Run(k.name, func(t *testing.T) {
					t.Parallel()

					w := lifeWorld(t, sandbox.Runtime{SkipValidation: true})
					c := w.session()
					old := c.secret(w.token(sandbox.Token{
						Service: sandbox.GitLabSelfManaged, Kind: "personal", Owner: "ci-bot", Scopes: []string{"api"},
					}).Text)
					text := c.secret(w.mint(k.scopes...))
					c.configure(w.config(k.resourceType, set("token", old), set("git_provider", "gitlab"),
						set("api_url", w.URL(sandbox.GitLabSelfManaged))))
					c.apply().wantExit(0)
					w.ForgetRequests()
					c.configure(w.config(k.resourceType, append(left, set("token", text))...))
					// Without the refresh, which asks about the old token where that one is.
					c.run("apply", "-json", "-input=false", "-auto-approve", "-refresh=false").wantExit(0)

					if asked := w.Requests(sandbox.GitLabSelfManaged); len(asked) != 0 {
						t.Errorf("the old host was asked %d times about the new token", len(asked))
					}

					w.wantHeld(k, text)

					if url := c.state()[k.at()]["api_url"]; url != w.api() {
						t.Errorf("api_url is %v", url)
					}

					c.wantSettled()
				})
			}
		})
	}
}

// What is not known before apply is no reason to fail a plan.
func TestUnknownSettings(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{SkipValidation: true})
	w.must(w.AddIntegration(runtimeName, "one", "GITHUB", w.api()))
	w.must(w.AddIntegration(runtimeName, "two", "GITHUB", w.api()))
	c := w.session()
	text, narrow := c.secret(w.mint("repo")), c.secret(w.mint("repo:status"))
	prod := set("runtime", runtimeName)
	c.configure(w.provider(), later("one", "one"), later("two", "two"), later("mode", "warn"),
		later("scope", "repo:status"),
		provided(userToken, "one", prod, set("token", text), "integration = terraform_data.one.output"),
		provided(userToken, "two", prod, set("token", text), "integration = terraform_data.two.output"),
		provided(userToken, "mode", prod, set("token", narrow), "validation = terraform_data.mode.output",
			`required_scopes = [terraform_data.scope.output]`),
	)

	for _, d := range c.plan().wantExit(2).diagnostics {
		d.wants(t, "Git host is not known before apply")
	}

	c.apply().wantExit(0)
	w.wantSent(3)
	c.wantSettled()
}

// A repository whose address, or the access to it, is known only after apply is neither refused nor asked about, and
// proved by the apply.
func TestUnknownRepository(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.session()
		token := set("token", c.secret(w.mint(k.scopes...)))
		with := func(unknown, row string) string {
			return unknown + w.config(k.resourceType, token, "repositories = ["+row+"]")
		}
		address := later("address", w.repository("acme/address"))

		c.configure(with(address, `{ url = terraform_data.address.output, access = "read" }`))
		c.plan().wantExit(2)
		c.apply().wantExit(0)
		c.wantSettled()

		c.configure(with(later("access", "admin"), "{ "+set("url", w.repository("acme/access"))+
			", access = terraform_data.access.output }"))
		c.plan().wantExit(2)
		c.apply().wantExit(1) // the account may only write there
		w.wantSent(1)
	})
}

// What ignore_changes ignores may contradict what is configured beside it, or be no token at all.
func TestIgnoredContradictions(t *testing.T) {
	t.Parallel()

	const gitlab = "glpat-0123456789abcdefghij"

	for name, test := range map[string]struct {
		lines   []string
		ignored string
		wants   string // what the plan says if nothing is ignored
	}{
		"another provider": {[]string{set("git_provider", "gitlab")}, "git_provider", "it is a token of GitHub"},
		"another provider's token": {
			[]string{set("git_provider", "github"), set("token", gitlab)}, "token", "it is a token of GitLab",
		},
		"a placeholder": {[]string{set("token", "<kept outside>")}, "token", "placeholder"},
		"no token":      {[]string{set("token", "")}, "token", "is empty"},
		"a line break":  {[]string{set("token", gitlab+"\n")}, "token", "trimspace()"},
		"everything": {[]string{
			set("git_provider", "gitlab"), set("api_url", "https://github.com/acme/page"), set("username", "x"),
		}, "", "it is a token of GitHub"},
		"another host": {[]string{
			set("git_provider", "github"), set("api_url", "https://git.example.com"),
			`repositories = [{ url = "https://git.example.com/acme/a", access = "read" }]`,
		}, "", "git.example.com"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
				t.Helper()

				c := w.session()
				text := c.secret(w.mint(k.scopes...))
				token := []string{set("token", text)}

				if strings.Contains(strings.Join(test.lines, "\n"), "token =") {
					token = nil
				}

				c.configure(w.config(k.resourceType, set("token", text)))
				c.apply().wantExit(0)

				lines := append(append(token, test.lines...), set("expires_at_hint", "2099-01-31"))
				c.configure(w.config(k.resourceType, lines...))

				told := c.plan()
				if !strings.Contains(told.text, test.wants) {
					t.Errorf("without ignore_changes the plan does not say %q:\n%s", test.wants, told.text)
				}

				if test.ignored != "" {
					lines = append(lines, ignoring(test.ignored))
				} else {
					lines = append(lines, "lifecycle { ignore_changes = all }")
				}

				c.configure(w.config(k.resourceType, lines...))

				if got := c.apply().wantExit(0); len(got.diagnostics) > 0 {
					t.Errorf("the apply says %v", got.diagnostics)
				}

				w.wantSent(1)
				w.wantHeld(k, text)
				c.wantSettled()
				c.destroy().wantExit(0)
			})
		})
	}
}

// With everything ignored, what was imported stays as it is, the token behind a name is rotated, and one that goes bad
// is drift.
func TestEverythingIgnored(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.session()
		id, _ := w.DefaultUser()
		first, second := c.secret(w.mint(k.scopes...)), c.secret(w.mint(k.scopes...))
		with := func(text string, lines ...string) {
			c.configure(w.provider(namedTokens(map[string]string{"a": text})),
				block(k.resourceType, append(lines, "lifecycle { ignore_changes = all }")...))
		}
		with(first, set("token_name", "a"))
		c.apply().wantExit(0)
		with(second, set("token_name", "b"), set("validation", "warn"))
		c.apply().wantExit(0)
		w.wantHeld(k, second)
		c.wantSettled()
		w.must(w.RevokeToken(second))
		c.plan().wantExit(2).only(t, "warning", k.at()).wants(t, "Git token was revoked")
		w.wantSent(2)

		if _, problem, exit := c.execute("state", "rm", k.at()); exit != 0 {
			t.Fatal(problem)
		}

		name := k.importID
		if k.resourceType == userToken {
			name += "/" + id
		}

		with(first, set("token", "<kept outside>"))

		if _, problem, exit := c.execute("import", k.at(), name); exit != 0 {
			t.Fatal(problem)
		}

		c.apply().wantExit(0)
		w.wantSent(2)
		c.destroy().wantExit(0)
	})
}

// Whatever is wrong with a new token or key, a destroy without the plan before it works, and that plan says so.
func TestDestroyAnyway(t *testing.T) {
	t.Parallel()

	const (
		remedy = "terraform destroy -refresh=false"
		// An error comes at once, perhaps before Terraform has shown that there is something else to destroy.
		afterIt = "depends_on = [" + userToken + ".it]"
	)

	for name, test := range map[string]struct {
		after    func(w *world, good, bad string) []string
		added    func(bad string) string // a block that was never applied
		ordinary bool                    // whether an ordinary destroy works
	}{
		"a token that lacks scopes": {after: func(_ *world, _, bad string) []string { return []string{set("token", bad)} }},
		"a token that is revoked": {after: func(w *world, _, bad string) []string {
			w.must(w.RevokeToken(bad))

			return []string{set("token_wo", bad)}
		}},
		"a token with a line break": {after: func(_ *world, good, _ string) []string {
			return []string{set("token", good+"\n")}
		}},
		"another provider's token": {after: func(*world, string, string) []string {
			return []string{set("token", "glpat-0123456789abcdefghij"), set("git_provider", "github")}
		}},
		"a placeholder": {after: func(*world, string, string) []string { return []string{set("token", "<TOKEN>")} }},
		"another provider": {after: func(_ *world, good, _ string) []string {
			return []string{set("token", good), set("git_provider", "gitlab")}
		}},
		"a page for an API": {after: func(_ *world, good, _ string) []string {
			return []string{set("token", good), set("git_provider", "github"), set("api_url", "https://github.com/acme/a")}
		}},
		"a name that is not known": {after: func(*world, string, string) []string {
			return []string{set("token_name", "missing")}
		}},
		"a key with a line break": {after: func(_ *world, good, _ string) []string {
			return []string{set("token", good), set("api_key", "5f0c00000000000000000000.00000000000000000000000000000000\n")}
		}},
		"a key that is empty": {after: func(_ *world, good, _ string) []string {
			return []string{set("token", good), set("api_key", "")}
		}},
		"a new resource with a token that lacks scopes": {added: func(bad string) string {
			return provided(userToken, "new", set("runtime", runtimeName), set("token", bad), set("integration", "lab"), afterIt)
		}},
		"a new resource without a token": {added: func(string) string {
			return provided(runtimeToken, "new", set("runtime", runtimeName), set("token", ""), afterIt)
		}},
		"a new resource with a name that is not known": {added: func(string) string {
			return provided(runtimeToken, "new", set("runtime", runtimeName), set("token_name", "missing"), afterIt)
		}},
		"another runtime, and a token that lacks scopes": {after: func(_ *world, _, bad string) []string {
			return []string{set("token", bad), set("integration", "lab")}
		}},
		"no token": {ordinary: true, after: func(*world, string, string) []string { return []string{set("token", "")} }},
		"the registered token is revoked": {ordinary: true, after: func(w *world, good, _ string) []string {
			w.must(w.RevokeToken(good))

			return []string{set("token", good)}
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			w.must(w.AddIntegration(runtimeName, "lab", "GITHUB", w.URL(lifeHost)+"/api/v3"))
			c, k := w.session(), lifeKinds()[1]
			good, bad := c.secret(w.mint(k.scopes...)), c.secret(w.mint("repo:status"))
			c.configure(w.config(k.resourceType, set("token", good)))
			c.apply().wantExit(0)

			lines, added := []string{set("token", good)}, ""
			if test.after != nil {
				lines = test.after(w, good, bad)
			}

			if test.added != nil {
				added = test.added(bad)
			}

			c.configure(w.config(k.resourceType, lines...), added)

			told := c.plan("-destroy")
			if test.ordinary {
				told.wantExit(2)
			} else if told.wantExit(1); !strings.Contains(told.text, remedy) {
				t.Errorf("the plan before the destroy does not say %q:\n%s", remedy, told.text)
			}

			c.run("apply", "-destroy", "-json", "-input=false", "-auto-approve", "-refresh=false").wantExit(0)
			w.wantHeld(k, "")
		})
	}
}

// What stands in the way of other plans than a destroy of everything, and says so.
func TestDestroyAnywayOfMore(t *testing.T) {
	t.Parallel()

	const remedy = "terraform destroy -refresh=false"

	refused := func(c *cli, what string) {
		c.t.Helper()

		told := c.plan("-destroy").wantExit(1)
		if !strings.Contains(told.text, what) || !strings.Contains(told.text, remedy) {
			c.t.Errorf("the plan before the destroy does not say %q and %q:\n%s", what, remedy, told.text)
		}

		c.run("apply", "-destroy", "-json", "-input=false", "-auto-approve", "-refresh=false").wantExit(0)

		if left := c.state(); len(left) > 0 {
			c.t.Errorf("the state still has %v", left)
		}
	}

	t.Run("one of two for one place is without its block", func(t *testing.T) {
		t.Parallel()

		w := lifeWorld(t, sandbox.Runtime{})
		c, k := w.session(), lifeKinds()[1]
		one := provided(userToken, "one", set("runtime", runtimeName), set("token", c.secret(w.mint("repo"))))
		c.configure(w.provider(), one)
		c.apply().wantExit(0)
		c.configure(w.provider(), one, strings.Replace(one, `"one"`, `"two"`, 1))
		c.apply().wantExit(0)
		c.configure(w.provider(), one)
		refused(c, "deregister another resource's")
		w.wantHeld(k, "")
	})

	// The key of the state is the one that a destroy takes.
	t.Run("another key of the user's own is no good", func(t *testing.T) {
		t.Parallel()

		w := lifeWorld(t, sandbox.Runtime{})
		c := w.session()
		ann, annsKey, err := w.AddUser("ann", false)
		w.must(err)
		_, bensKey, err := w.AddUser("ben", false)
		w.must(err)

		text := c.secret(w.mint("repo"))
		with := func(key string) {
			c.configure(w.providerWith(""),
				block(userToken, set("token", text), set("api_key", c.secret(key))))
		}

		with(annsKey)
		c.apply().wantExit(0)
		w.must(w.RevokeKey(bensKey))
		with(bensKey)
		refused(c, "refuses the API key")

		if _, registered := w.UserToken(runtimeName, "default", ann); registered {
			t.Error("a destroyed token is still registered")
		}
	})
}

// To destroy takes the state and the key.
func TestDestroyAsksForNothingElse(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c, k := w.session(), lifeKinds()[1]
	text := c.secret(w.mint("repo"))

	c.configure(w.provider(namedTokens(map[string]string{"x": text})), block(userToken, set("token_name", "x")))
	c.apply().wantExit(0)
	c.configure(w.provider(), block(userToken, set("token_name", "x")))
	c.plan().wantExit(0).only(t, "warning", k.at()).wants(t, "token name is not known", "Codefresh keeps the token")
	c.destroy().wantExit(0)
	w.wantHeld(k, "")

	for _, attribute := range []string{"token", "token_wo"} {
		c.configure(w.config(userToken, set(attribute, text)))
		c.apply().wantExit(0)
		c.configure(w.config(userToken, set(attribute, "")))
		c.destroy().wantExit(0)
		w.wantHeld(k, "")
	}
}

// Nor do values that the configuration has for other walks, and does not know before apply.
func TestDestroyWithoutTheRest(t *testing.T) {
	t.Parallel()

	for _, unknown := range []string{"git_tokens", "api_key", "url", "expires_at_hint", "required_scopes"} {
		t.Run(unknown, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[1]
			text := c.secret(w.mint("repo"))
			_, key := w.DefaultUser()
			with := func(version int, value string) {
				configured := map[string]string{
					"git_tokens": strconv.Quote(text), "api_key": strconv.Quote(key), "url": strconv.Quote(w.URL(sandbox.Codefresh)),
					"expires_at_hint": "null", "required_scopes": `"repo"`,
				}
				configured[unknown] = "terraform_data.later.output"
				c.configure(
					fmt.Sprintf("resource \"terraform_data\" \"later\" {\n  input = %q\n  triggers_replace = %d\n}\n", value, version),
					fmt.Sprintf("provider \"codefresh\" {\n  url = %s\n  api_key = %s\n  git_tokens = { x = %s }\n}\n",
						configured["url"], configured["api_key"], configured["git_tokens"]),
					block(userToken, set("token_name", "x"), "expires_at_hint = "+configured["expires_at_hint"],
						"required_scopes = ["+configured["required_scopes"]+"]"))
			}
			good := map[string]string{
				"git_tokens": text, "api_key": key, "url": w.URL(sandbox.Codefresh), "expires_at_hint": "2099-01-31",
				"required_scopes": "repo",
			}[unknown]
			with(1, good)
			c.apply().wantExit(0)
			w.wantHeld(k, text)
			with(2, good)
			c.destroy().wantExit(0)
			w.wantHeld(k, "")

			if left := c.state(); len(left) > 0 {
				t.Errorf("the state still has %v", left)
			}
		})
	}
}

// A user's own key does without one in the provider block, and a plan looks with it.
func TestOwnKeyAlone(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()
	ann, annsKey, err := w.AddUser("ann", false)
	w.must(err)
	ben, bensKey, err := w.AddUser("ben", false)
	w.must(err)
	text := c.secret(w.mint("repo"))
	bare := fmt.Sprintf("provider \"codefresh\" {\n  url = %q\n}\n", w.URL(sandbox.Codefresh))
	at := userToken + ".it"
	c.configure(bare, block(userToken, set("token", text), set("api_key", c.secret(annsKey))))

	if got := c.plan().wantExit(2); len(got.diagnostics) != 0 {
		t.Errorf("the plan says %v", got.diagnostics)
	}

	c.apply().wantExit(0)

	if held, _ := w.UserToken(runtimeName, "default", ann); held != text {
		t.Error("the token is not registered for the key's user")
	}

	c.wantSettled()

	// Another user's key: the token is registered for that one, and what stays behind is said.
	c.configure(bare, block(userToken, set("token", text), set("api_key", c.secret(bensKey))))
	c.apply().wantExit(0).only(t, "warning", at).wants(t, "Registration of another user stays", ann, ben)

	if held, _ := w.UserToken(runtimeName, "default", ben); held != text {
		t.Error("the token is not registered for the second key's user")
	}

	c.wantSettled()
	c.destroy().wantExit(0)

	if _, ok := w.UserToken(runtimeName, "default", ben); ok {
		t.Error("a destroyed token is still registered")
	}
}

// An import says whose token it is, or its destroy takes nobody's away.
func TestImportOfAnothersToken(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c, k := w.session(), lifeKinds()[1]
	ann, annsKey, err := w.AddUser("ann", false)
	w.must(err)
	text := c.secret(w.mint("repo"))
	both := []string{
		block(userToken, set("token", text)),
		provided(userToken, "ann", set("runtime", runtimeName), set("token", text), set("api_key", c.secret(annsKey))),
	}
	c.configure(append(both, w.provider())...)
	c.apply().wantExit(0)

	plainly := func(args ...string) {
		t.Helper()

		if _, stderr, exit := c.execute(args...); exit != 0 {
			t.Fatalf("terraform %v: %s", args, stderr)
		}
	}
	plainly("state", "rm", userToken+".ann", userToken+".it")

	c.configure(both[1], w.provider())
	plainly("import", userToken+".ann", runtimeName+"/default")
	c.destroy().wantExit(0)
	w.wantHeld(k, text)
	plainly("import", userToken+".ann", runtimeName+"/default/"+ann)

	if user := c.state()[userToken+".ann"]["user_id"]; user != ann {
		t.Errorf("imported for user %v", user)
	}

	c.apply().wantExit(0)
	c.destroy().wantExit(0)

	if _, ok := w.UserToken(runtimeName, "default", ann); ok {
		t.Error("the imported token is still registered")
	}

	w.wantHeld(k, text)
}

// A first version beside a write-only token that is registered already says nothing new.
func TestFirstVersion(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c, k := w.session(), lifeKinds()[0]
	text := c.secret(w.mint(k.scopes...))
	c.configure(w.config(k.resourceType, set("token_wo", text)))
	c.apply().wantExit(0)
	c.configure(w.config(k.resourceType, set("token_wo", text), set("token_wo_version", "1")))
	c.apply().wantExit(0)
	w.wantSent(1)
	c.configure(w.config(k.resourceType, set("token_wo", text), set("token_wo_version", "2")))
	c.apply().wantExit(0)
	w.wantSent(2)
}

// Less is asked than before, or asked in another way: a bad token stays drift, and is said once.
func TestRequirementThatShrinks(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c, k := w.session(), lifeKinds()[0]
	text := c.secret(w.mint(k.scopes...))
	c.configure(w.config(k.resourceType, set("token", text), `required_scopes = ["repo", "admin:repo_hook"]`))
	c.apply().wantExit(0)
	w.must(w.RevokeToken(text))
	c.configure(w.config(k.resourceType, set("token", text), `required_scopes = ["admin:repo_hook"]`,
		"write_probes = true"))
	c.plan().wantExit(2).only(t, "warning", k.at()).wants(t, "Git token was revoked")
}
