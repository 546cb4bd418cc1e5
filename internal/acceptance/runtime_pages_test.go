package acceptance_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// pagedRuntimes are those of an account whose list has a page for each.
func pagedRuntimes() []string { return []string{"apac", "emea", runtimeName, "stage"} }

func (w *world) addPagedRuntimes() {
	w.t.Helper()

	for _, name := range pagedRuntimes() {
		if name != runtimeName {
			w.must(w.AddRuntime(sandbox.Runtime{Name: name}))
		}
	}

	w.SetPlatform(sandbox.Platform{PageSize: 1})
}

// forEachRuntime is a resource for each runtime that the account is said to have.
func forEachRuntime(text string) string {
	return "data \"codefresh_runtimes\" \"all\" {}\n" + provided(runtimeToken, "all",
		"for_each = toset(data.codefresh_runtimes.all.names)", "runtime = each.key", set("token", text))
}

// A list with pages is followed to its end, wherever people get to see it.
func TestRuntimesOnPages(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.addPagedRuntimes()

	me, _ := w.DefaultUser()
	for _, name := range pagedRuntimes() {
		w.must(w.Register(name, "default", map[string]string{me: w.mint("repo")}))
		w.must(w.SetRuntimeTokenStatus(name, "SUCCESSFUL"))
	}

	x, all := w.wire(nil), []any{"apac", "emea", runtimeName, "stage"}

	if got, said := x.read(runtimesList, nil); !cmp.Equal(got["names"], any(all)) || len(said) > 0 {
		t.Errorf("%s: %v, %v", runtimesList, got["names"], said)
	}

	audit, said := x.read(gitTokens, nil)
	for _, list := range []string{"runtime_tokens", "user_tokens"} {
		if got := listOf(audit[list], "runtime"); !cmp.Equal(got, all) || len(said) > 0 {
			t.Errorf("%s of %s: %v, %v", list, gitTokens, got, said)
		}
	}

	for _, block := range []string{runtimeToken, userToken} {
		results, said := x.list(block, false, 0)

		var got []any
		for _, r := range results {
			got = append(got, r.identity["runtime"])
		}

		if !cmp.Equal(got, all) || len(said) > 0 {
			t.Errorf("list %s: %v, %v", block, got, said)
		}
	}
}

// A list that the platform tells only a part of is an error where people make something of it, and destroys nothing.
func TestRuntimesInPart(t *testing.T) {
	t.Parallel()

	for name, part := range map[string]func(w *world){
		"a platform without pages": func(w *world) { w.SetPlatform(sandbox.Platform{PageSize: 1, NoPagination: true}) },
		"no word on pages": func(w *world) {
			w.must(w.Break(sandbox.Codefresh, sandbox.Fault{Match: "runtimes", Null: "data.runtimes.pageInfo"}))
		},
		"a page that fails": func(w *world) {
			w.must(w.Break(sandbox.Codefresh, sandbox.Fault{Match: "RuntimesAfter", Status: 500}))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{})
			w.addPagedRuntimes()

			c := w.session()
			text := c.secret(w.mint("repo", "admin:repo_hook"))
			c.configure(w.provider(), forEachRuntime(text))
			c.apply().wantExit(0)
			w.wantSent(len(pagedRuntimes()))
			c.wantSettled()
			part(w)

			told := c.plan().wantExit(1)
			if failures := told.failuresOf(); len(failures) != 1 {
				t.Errorf("not one error, but %v", failures)
			} else {
				failures[0].wants(t, "Some runtimes are not listed")
			}

			x := w.wire(nil)
			if _, said := x.read(gitTokens, nil); severities(said)["error"] != 1 {
				t.Errorf("the audit view says %v", said)
			}

			for _, block := range []string{runtimeToken, userToken} {
				if results, said := x.list(block, false, 0); len(results) > 0 || severities(said)["error"] != 1 {
					t.Errorf("list %s: %v, %v", block, results, said)
				}
			}

			// By name, those that are not listed are as good as others, and none is called gone.
			var blocks []string
			for _, name := range pagedRuntimes() {
				blocks = append(blocks, fmt.Sprintf("moved {\n  from = %s.all[%q]\n  to = %[1]s.%[2]s\n}\n", runtimeToken, name),
					provided(runtimeToken, name, set("runtime", name), set("token", text)))
			}

			c.configure(append(blocks, w.provider())...)

			if told := c.plan().wantExit(0); len(told.diagnostics) > 0 {
				t.Errorf("the plan says %v", told.diagnostics)
			}
		})
	}
}

// Resources on runtimes of later pages cost no request each: the pages are asked for once.
func TestCostOfPages(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.addPagedRuntimes()

	c := w.session()
	text := c.secret(w.mint("repo", "admin:repo_hook"))

	var blocks []string
	for _, name := range pagedRuntimes() {
		blocks = append(blocks, provided(runtimeToken, name, set("runtime", name), set("token", text)),
			provided(userToken, name, set("runtime", name), set("token", text)))
	}

	c.configure(append(blocks, w.provider())...)
	c.apply().wantExit(0)
	w.ForgetRequests()
	c.plan().wantExit(0)

	count := w.operations()
	maps.DeleteFunc(count, func(what string, _ int) bool { return !strings.HasPrefix(what, "codefresh ") })

	want := map[string]int{
		"codefresh me,runtimes": 1, "codefresh runtimes": len(pagedRuntimes()) - 1, "codefresh gitSources": 1,
	}
	if diff := cmp.Diff(want, count); diff != "" {
		t.Errorf("what a plan asks the platform (-want +got):\n%s", diff)
	}
}

// An account that seems to have lost all its runtimes is asked about those that the state knows by name, before any of
// them is called gone.
func TestEmptyListProvesNothing(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.session()
		c.configure(w.config(k.resourceType, set("token", c.secret(w.mint(k.scopes...)))))
		c.apply().wantExit(0)

		_, key := w.DefaultUser()
		me := w.post(w.URL(sandbox.Codefresh)+"/2.0/api/graphql", key,
			"{ me { id name activeAccount { id name gitProvider gitApiUrl admins } } }", nil)["me"]
		body, err := json.Marshal(map[string]any{"data": map[string]any{
			"me": me, "runtimes": map[string]any{"edges": []any{}, "pageInfo": map[string]any{"hasNextPage": false}},
		}})
		w.must(err)
		w.must(w.Break(sandbox.Codefresh, sandbox.Fault{
			Match: "Overview", Status: 200, Header: map[string]string{"Content-Type": "application/json"},
			Body: string(body),
		}))

		w.ForgetRequests()

		if told := c.plan().wantExit(0); len(told.diagnostics) > 0 {
			t.Errorf("the plan says %v", told.diagnostics)
		}

		if n := w.operations()["codefresh runtime"]; n != 1 {
			t.Errorf("the runtime was asked about by name %d times", n)
		}

		w.must(w.RemoveRuntime(runtimeName))
		c.plan().wantExit(2).only(t, "warning", k.at()).wants(t, "is gone")
	})
}

// A service that is away for a moment fails what needs it then, and nothing that comes later in the same apply.
func TestAwayForAMoment(t *testing.T) {
	t.Parallel()

	for name, service := range map[string]sandbox.Service{
		"the platform": sandbox.Codefresh, "the app-proxy": sandbox.AppProxy(runtimeName), "the Git host": lifeHost,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
				t.Helper()

				now := time.Now()
				w.clock = func() time.Time { return now }
				text := w.mint("repo", "admin:repo_hook")
				x := w.wire(nil) // one process
				create := func(resourceType string) []diagnostic {
					return x.create(resourceType, map[string]any{
						"runtime": runtimeName, "token": text, "wait_for_runtime": "0s",
					})
				}
				other := map[string]string{runtimeToken: userToken, userToken: runtimeToken}[k.resourceType]

				w.must(w.Break(service, sandbox.Fault{Mode: "refuse"}))

				if said := create(other); severities(said)["error"] != 1 {
					t.Errorf("while it is away: %v", said)
				}

				x.read(gitTokens, nil) // asks the app-proxies about what user tokens go by
				x.read(tokenCheck, map[string]any{
					"token": text, "git_provider": "github", "api_url": w.api(), "token_type": k.name,
				})

				w.wantSent(0)
				w.Heal(service)

				now = now.Add(time.Minute)

				if said := create(k.resourceType); len(said) > 0 {
					t.Errorf("a minute later: %v", said)
				}

				w.wantHeld(k, text)
			})
		})
	}
}

// What is shown of an account in an apply tells of the runtimes that the apply has installed.
func TestRuntimeInstalledMeanwhile(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})

	now := time.Now()
	w.clock = func() time.Time { return now }
	x := w.wire(nil) // one process
	want := func(names ...any) {
		t.Helper()

		if got, said := x.read(runtimesList, nil); !cmp.Equal(got["names"], any(names)) || len(said) > 0 {
			t.Errorf("%v, %v; want %v", got["names"], said, names)
		}

		got, said := x.read(gitTokens, nil)
		if listed := listOf(got["runtime_tokens"], "runtime"); !cmp.Equal(listed, names) || len(said) > 0 {
			t.Errorf("the audit view: %v, %v; want %v", listed, said, names)
		}
	}

	want(runtimeName)

	for _, name := range []string{"stage", "test"} {
		w.must(w.AddRuntime(sandbox.Runtime{Name: name}))

		now = now.Add(2 * time.Minute)
	}

	want(runtimeName, "stage", "test")
	w.must(w.RemoveRuntime("stage"))

	now = now.Add(2 * time.Minute)

	want(runtimeName, "test")
}
