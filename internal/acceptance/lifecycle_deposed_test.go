package acceptance_test

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/acceptance/core"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const (
	createFirst = "lifecycle { create_before_destroy = true }"
	// failing makes an apply fail after the resource was created.
	failing = "provisioner \"local-exec\" {\n  command = \"exit 1\"\n}"
)

// An apply that ends before it destroys what was replaced leaves an old object behind, which the next one destroys, in
// any order: the new object's registration stays.
func TestReplacedObjectIsDestroyedLater(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		here := w.workspace()
		text, rotated := w.mint(k.scopes...), w.mint(k.scopes...)
		apply := func(here *core.Workspace, o core.Options) {
			t.Helper()

			plan := here.Plan(t.Context(), o)
			if told := append(plan.Diagnostics, here.Apply(t.Context(), plan, nil)...); told.HasErrors() {
				t.Fatalf("%+v: %s", o, told)
			}
		}

		here.Configure(w.config(k.resourceType, set("token", text), createFirst))
		apply(here, core.Options{})
		apply(here, core.Options{Replace: []string{k.at()}, Interrupted: true})

		if left := here.Deposed(); len(left) != 1 {
			t.Fatalf("what was replaced is not left behind: %v", left)
		}

		for _, configured := range []string{text, rotated} {
			for seed := range int64(16) {
				later := here.Copy()
				later.Configure(w.config(k.resourceType, set("token", configured), createFirst))
				apply(later, core.Options{Seed: seed, Parallelism: 1 + int(seed)%2})
				w.wantHeld(k, configured)

				if left := later.Deposed(); len(left) != 0 {
					t.Errorf("seed %d: still left behind: %v", seed, left)
				}

				if plan := later.Plan(t.Context(), core.Options{}); !plan.Empty() {
					t.Errorf("seed %d: the next plan is %v", seed, plan.Changes)
				}
			}
		}

		// Everything is destroyed: nothing stays because each of the two left it to the other.
		apply(here, core.Options{Destroy: true, Seed: 1})

		if k.resourceType == userToken {
			w.wantHeld(k, "")
		}
	})
}

// With Terraform itself: a provisioner fails, so that what was replaced is left behind, and somebody unmarks the new
// object by hand or has it replaced in its turn.
func TestReplacedObjectOfAFailedApply(t *testing.T) {
	t.Parallel()

	for _, untaint := range []bool{true, false} {
		t.Run(fmt.Sprint(untaint), func(t *testing.T) {
			t.Parallel()
			forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
				t.Helper()

				c := w.cli()
				text := w.leaveBehind(c, k)

				if untaint {
					c.plainly("untaint", k.at())
				}

				if !strings.Contains(readText(t, filepath.Join(c.folder, "terraform.tfstate")), `"deposed":`) {
					t.Error("nothing was left behind")
				}

				c.apply().wantExit(0)
				w.wantHeld(k, text)
				c.wantSettled()
				c.destroy().wantExit(0)

				if k.resourceType == userToken {
					w.wantHeld(k, "")
				}
			})
		})
	}
}

// leaveBehind has a replacement fail after it created the new object, so that the old one is left in the state. It
// returns the token of both.
func (w *world) leaveBehind(c *cli, k lifeKind) string {
	text := c.secret(w.mint(k.scopes...))
	with := func(lines ...string) {
		c.configure(w.config(k.resourceType, append(lines, set("token", text), createFirst)...))
	}
	with()
	c.apply().wantExit(0)
	with(failing)
	c.run("apply", "-json", "-input=false", "-auto-approve", "-replace="+k.at()).wantExit(1)
	with()

	return text
}

// plainly runs a command of Terraform's that says nothing in JSON.
func (c *cli) plainly(args ...string) {
	c.t.Helper()

	if stdout, stderr, exit := c.execute(args...); exit != 0 {
		c.t.Fatalf("terraform %v: %s%s", args, stdout, stderr)
	}
}

// Of two resources for one place, the one that was applied first can go: what is there is the other's.
func TestOlderOfTwoForOnePlace(t *testing.T) {
	t.Parallel()

	for seed := range int64(6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()

			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[1]
			c.order = seed
			text := c.secret(w.mint("repo"))
			one := provided(userToken, "one", set("runtime", runtimeName), set("token", text))
			two := provided(userToken, "two", set("runtime", runtimeName), set("token", text))

			c.configure(w.provider(), one)
			c.apply().wantExit(0)
			c.configure(w.provider(), one, two)
			c.apply().wantExit(0)
			c.configure(w.provider(), two)
			c.apply().wantExit(0)
			w.wantHeld(k, text)
			c.wantSettled()
			c.destroy().wantExit(0)
			w.wantHeld(k, "")
		})
	}
}

// With -target Terraform shows only what is named: a destroy of one of two resources for one place takes the token of
// both away, and the next plan registers the other one's again.
func TestTargetedDestroyOfOneOfTwo(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c, k := w.session(), lifeKinds()[1]
	text := c.secret(w.mint("repo"))
	c.configure(w.provider(), provided(userToken, "one", set("runtime", runtimeName), set("token", text)))
	c.apply().wantExit(0)
	c.configure(w.provider(), provided(userToken, "one", set("runtime", runtimeName), set("token", text)),
		provided(userToken, "two", set("runtime", runtimeName), set("token", text)))
	c.apply().wantExit(0)
	c.run("apply", "-destroy", "-json", "-input=false", "-auto-approve", "-target="+userToken+".one").wantExit(0)
	w.wantHeld(k, "")

	c.configure(w.provider(), provided(userToken, "two", set("runtime", runtimeName), set("token", text)))

	told := c.plan().wantExit(2)
	told.only(t, "warning", userToken+".two").wants(t, "no longer registered",
		"by the destroy of another resource for the same place")

	if strings.Contains(told.text, "outside") {
		t.Errorf("what Terraform did was done outside of it, by the words of %s", told.text)
	}

	c.apply().wantExit(0)
	w.wantHeld(k, text)
	c.wantSettled()
}

// Without a refresh, what was left behind may not be told from another resource: an apply does it or fails, and no
// registration is lost. With one, it works in any order.
func TestReplacedObjectWithoutRefresh(t *testing.T) {
	t.Parallel()

	for name, args := range map[string][]string{
		"none": {"-refresh=false"}, "none, one by one": {"-refresh=false", "-parallelism=1"},
		"one by one": {"-parallelism=1"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.cli(), lifeKinds()[1]
			text := w.leaveBehind(c, k)
			c.plainly("untaint", k.at())

			told := c.run(append([]string{"apply", "-json", "-input=false", "-auto-approve"}, args...)...)

			w.wantHeld(k, text)

			if told.exit != 0 {
				for _, d := range told.failuresOf() {
					d.wants(t, "deregister another resource's", "plan without -refresh=false")
				}

				if name == "one by one" {
					t.Errorf("with a refresh it fails: %v", told.diagnostics)
				}

				c.apply().wantExit(0)
				w.wantHeld(k, text)
			}

			c.wantSettled()
		})
	}
}

// The newer of two resources for one place is forgotten. A destroy of the older one that does not look goes by what the
// last refresh saw: it leaves the registration, says so, and what it says works.
func TestOlderOutlivesNewer(t *testing.T) {
	t.Parallel()

	const left = "Git user token is left to a newer resource"

	for name, test := range map[string]struct {
		args   []string
		both   bool // whether the newer one is there still, and destroyed too
		warned bool
	}{
		"without a refresh": {args: []string{"-refresh=false"}, warned: true},
		"with a refresh":    {},
		"both":              {both: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			w := lifeWorld(t, sandbox.Runtime{})
			c, k := w.session(), lifeKinds()[1]
			user, _ := w.DefaultUser()
			text := c.secret(w.mint("repo"))
			one := provided(userToken, "one", set("runtime", runtimeName), set("token", text))
			two := provided(userToken, "two", set("runtime", runtimeName), set("token", text))

			// The refresh takes the newer one first: once that of the older one has ended, it hears of no other.
			after := provided(userToken, "one", set("runtime", runtimeName), set("token", text),
				"depends_on = ["+userToken+".two]")

			c.configure(w.provider(), one)
			c.apply().wantExit(0)
			c.configure(w.provider(), after, two)
			c.apply().wantExit(0)
			c.run("apply", "-refresh-only", "-json", "-input=false", "-auto-approve").wantExit(0)

			if !test.both {
				c.execute("state", "rm", userToken+".two")
				c.configure(w.provider(), one)
			}

			destroy := append([]string{"apply", "-destroy", "-json", "-input=false", "-auto-approve"}, test.args...)
			told := c.run(destroy...).wantExit(0)

			if !test.warned {
				if strings.Contains(told.text, left) {
					t.Errorf("it was left, by its words: %v", told.diagnostics)
				}

				w.wantHeld(k, "")

				return
			}

			if len(told.diagnostics) != 1 {
				t.Fatalf("not one warning, but %v", told.diagnostics)
			}

			told.diagnostics[0].wants(t, left, "terraform import with the id prod/default/"+user)
			w.wantHeld(k, text)

			if _, problem, exit := c.execute("import", userToken+".one", "prod/default/"+user); exit != 0 {
				t.Fatal(problem)
			}

			c.run(destroy...).wantExit(0)
			w.wantHeld(k, "")
		})
	}
}
