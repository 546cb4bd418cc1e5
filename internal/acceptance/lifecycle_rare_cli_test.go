package acceptance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// aliased returns a provider block with an alias and somebody's API key.
func (w *world) aliased(alias, key string) string {
	return fmt.Sprintf("provider \"codefresh\" {\n  alias = %q\n  url = %q\n  api_key = %q\n}\n", alias,
		w.URL(sandbox.Codefresh), key)
}

// Import blocks with for_each take over what is registered, several at once.
func TestImportForEach(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.must(w.AddRuntime(sandbox.Runtime{Name: "staging"}))
	c := w.cli()
	ann, annsKey, err := w.AddUser("ann", false)
	w.must(err)
	ben, bensKey, err := w.AddUser("ben", false)
	w.must(err)

	text := c.secret(w.mint("repo", "admin:repo_hook"))
	people := fmt.Sprintf(`locals {
  people = {
    ann = { id = %q, key = %q }
    ben = { id = %q, key = %q }
  }
}
`, ann, c.secret(annsKey), ben, c.secret(bensKey))
	resources := provided(runtimeToken, "it", `for_each = toset(["prod", "staging"])`, "runtime = each.key",
		set("token", text)) +
		provided(userToken, "it", "for_each = local.people", set("runtime", runtimeName), "api_key = each.value.key",
			set("token", text))

	c.configure(w.provider(), people, resources)
	c.apply().wantExit(0)
	w.wantSent(4)
	c.plainly("state", "rm", runtimeToken+".it", userToken+".it")

	imports := fmt.Sprintf(`import {
  for_each = toset(["prod", "staging"])
  to       = %s.it[each.key]
  id       = each.key
}
import {
  for_each = local.people
  to       = %s.it[each.key]
  id       = "prod/default/${each.value.id}"
}
`, runtimeToken, userToken)
	c.configure(w.provider(), people, resources, imports)
	c.plan().wantExit(2).wantNoErrors()
	c.apply().wantExit(0)
	w.wantSent(8) // nobody can tell which token is there

	for _, id := range []string{ann, ben} {
		if held, _ := w.UserToken(runtimeName, "default", id); held != text {
			t.Errorf("user %s does not have the token", id)
		}
	}

	c.wantSettled()
	c.destroy().wantExit(0)

	for _, id := range []string{ann, ben} {
		if _, registered := w.UserToken(runtimeName, "default", id); registered {
			t.Errorf("user %s is still registered", id)
		}
	}
}

func (s said) wantNoErrors() {
	s.t.Helper()

	if failures := s.failuresOf(); len(failures) > 0 {
		s.t.Errorf("errors: %v", failures)
	}
}

func (s said) failuresOf() []diagnostic {
	return slices.DeleteFunc(slices.Clone(s.diagnostics), func(d diagnostic) bool { return d.Severity != "error" })
}

// A check block of the data source's answer says what is wrong, and is in nobody's way.
func TestCheckBlock(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.cli()

		nested := false
		good, narrow := c.secret(w.mint(k.scopes...)), c.secret(w.mint("repo:status"))
		with := func(checked string) {
			lines := append(w.setHost(), set("token_type", k.name), set("token", checked))
			data := fmt.Sprintf("data %q \"it\" {\n  %s\n}\n", tokenCheck, strings.Join(lines, "\n  "))

			outside, inside := data, ""
			if nested {
				outside, inside = "", data
			}

			c.configure(w.config(k.resourceType, set("token", good)), outside, fmt.Sprintf(`check "token" {
  %[3]s
  assert {
    condition     = data.%[1]s.it.ok
    error_message = "The token cannot do it: ${data.%[1]s.it.status}."
  }
  assert {
    condition     = %[2]s.status == "valid"
    error_message = "The registered token is ${%[2]s.status}."
  }
}
`, tokenCheck, k.at(), inside))
		}
		with(good)

		if got := c.apply().wantExit(0); len(got.diagnostics) > 0 {
			t.Errorf("the apply says %v", got.diagnostics)
		}

		w.wantSent(1)
		c.wantSettled()
		with(narrow)

		told := c.apply().wantExit(0)
		if len(told.diagnostics) != 1 || !strings.Contains(told.text, "The token cannot do it: under_scoped.") {
			t.Errorf("the apply says %v", told.diagnostics)
		}

		w.wantSent(1)
		c.wantSettled()

		// A data source inside of the block is read by every apply, which Terraform counts as something to do.
		nested = true

		with(good)

		if told = c.plan().wantExit(2); !strings.Contains(told.text, "0 to add, 0 to change, 0 to destroy") {
			t.Errorf("the plan changes something: %s", told.text)
		}

		if told = c.apply().wantExit(0); len(told.diagnostics) > 0 {
			t.Errorf("the apply says %v", told.diagnostics)
		}

		w.wantSent(1)
		w.must(w.RevokeToken(good))

		told = c.plan().wantExit(2)
		told.wantNoErrors()

		if !strings.Contains(told.text, "The registered token is revoked.") &&
			!strings.Contains(told.text, "Git token was revoked") {
			t.Errorf("the plan says %v", told.diagnostics)
		}

		c.destroy().wantExit(0)
	})
}

// A resource that is marked by hand, or by a create that failed afterwards, is replaced; one that is unmarked stays.
func TestTaint(t *testing.T) {
	t.Parallel()

	for name, first := range map[string]string{"destroyed first": "", "created first": createFirst} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
				t.Helper()

				c := w.cli()
				text := c.secret(w.mint(k.scopes...))
				with := func(provisioner string) {
					c.configure(w.config(k.resourceType, set("token", text), first, provisioner))
				}
				with(failing)
				c.apply().wantExit(1)
				w.wantHeld(k, text)
				with("")
				c.apply().wantExit(0).wantNoErrors()
				w.wantHeld(k, text)
				c.wantSettled()

				c.plainly("taint", k.at())
				c.plan().wantExit(2)
				c.plainly("untaint", k.at())

				sent := w.sent()

				c.wantSettled()
				w.wantSent(sent)

				c.plainly("taint", k.at())
				c.apply().wantExit(0).wantNoErrors()
				w.wantHeld(k, text)
				c.wantSettled()

				// The token of a marked one goes bad, and a good one takes its place.
				c.plainly("taint", k.at())
				w.must(w.RevokeToken(text))
				c.plan().wantExit(1)

				text = c.secret(w.mint(k.scopes...))

				with("")
				c.apply().wantExit(0)
				w.wantHeld(k, text)
				c.wantSettled()
				c.destroy().wantExit(0)
			})
		})
	}
}

// A resource moves to another alias of the provider. With the same person's key that is no change; with another's, a
// user's token comes to be that one's.
func TestAnotherAlias(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.cli()
		_, key := w.DefaultUser()
		ann, annsKey, err := w.AddUser("ann", true)
		w.must(err)

		text := c.secret(w.mint(k.scopes...))
		with := func(alias string) {
			c.configure(w.aliased("one", key), w.aliased("two", key), w.aliased("ann", c.secret(annsKey)),
				block(k.resourceType, set("token", text), "provider = codefresh."+alias))
		}
		with("one")
		c.apply().wantExit(0)
		with("two")
		c.wantSettled()
		c.apply().wantExit(0)
		w.wantSent(1)
		with("ann")

		if k.resourceType == runtimeToken {
			c.wantSettled()

			return
		}

		c.plan().wantExit(2).only(t, "warning", k.at()).wants(t, "API key is another user's")
		c.apply().wantExit(0)

		if held, _ := w.UserToken(runtimeName, "default", ann); held != text {
			t.Error("the other alias's user does not have the token")
		}

		w.wantHeld(k, text) // and nobody took the former user's away
		c.wantSettled()
		c.destroy().wantExit(0)

		if _, registered := w.UserToken(runtimeName, "default", ann); registered {
			t.Error("a destroyed token is still registered")
		}
	})
}

// Two resources swap their keys: each person has the token of the resource that has their key now, and nobody is told
// that one of them was left behind, except by the first of two that are applied one after the other, which cannot know.
func TestSwappedKeys(t *testing.T) {
	t.Parallel()

	for seed := range int64(8) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()

			w := lifeWorld(t, sandbox.Runtime{})
			c := w.session()
			c.order = seed
			ann, annsKey, err := w.AddUser("ann", false)
			w.must(err)
			ben, bensKey, err := w.AddUser("ben", false)
			w.must(err)

			texts := []string{c.secret(w.mint("repo")), c.secret(w.mint("repo"))}
			with := func(keys ...string) {
				blocks := []string{w.provider()}
				for i, key := range keys {
					blocks = append(blocks, provided(userToken, []string{"one", "two"}[i], set("runtime", runtimeName),
						set("token", texts[i]), set("api_key", c.secret(key))))
				}

				c.configure(blocks...)
			}
			with(annsKey, bensKey)
			c.apply().wantExit(0)
			with(bensKey, annsKey)

			if told := c.plan().wantExit(2); len(told.diagnostics) > 0 {
				t.Errorf("the plan says %v", told.diagnostics)
			}

			told := c.apply().wantExit(0)
			if len(told.diagnostics) > 1 {
				t.Errorf("the apply says %v", told.diagnostics)
			}

			for _, d := range told.diagnostics {
				d.wants(t, "Registration of another user stays", "If another resource is for that user, nothing needs to be done")
			}

			for i, id := range []string{ben, ann} {
				if held, _ := w.UserToken(runtimeName, "default", id); held != texts[i] {
					t.Errorf("person %d does not have the token that the configuration gives them", i)
				}
			}

			c.wantSettled()
			c.destroy().wantExit(0)

			for _, id := range []string{ben, ann} {
				if _, registered := w.UserToken(runtimeName, "default", id); registered {
					t.Error("a destroyed token is still registered")
				}
			}
		})
	}
}
