package acceptance_test

import (
	"context"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// onPause has something happen at the n-th pause of the provider, which is a poll or a retry.
func (w *world) onPause(steps map[int]func()) {
	var mu sync.Mutex

	pauses := 0
	w.wait = func(ctx context.Context, _ time.Duration) error {
		mu.Lock()
		defer mu.Unlock()

		pauses++
		if step := steps[pauses]; step != nil {
			step()
		}

		return ctx.Err()
	}
}

// waited leaves the warnings that a runtime was waited for.
func (s said) waited() said {
	s.diagnostics = slices.DeleteFunc(slices.Clone(s.diagnostics), func(d diagnostic) bool {
		return !strings.HasSuffix(d.Summary, "was waited for")
	})

	return s
}

// waits returns the warning about a block that its runtime was waited for.
func (s said) waits(t *testing.T, address string) diagnostic {
	t.Helper()

	return s.waited().only(t, "warning", address)
}

// installs adds a runtime whose parts appear one after the other while the provider waits.
func (w *world) installs(name string) {
	stage := func(s sandbox.Stage) func() { return func() { w.must(w.SetStage(name, s)) } }
	w.onPause(map[int]func(){
		4:  func() { w.must(w.AddRuntime(sandbox.Runtime{Name: name, Stage: sandbox.StageListed})) },
		8:  stage(sandbox.StageAddressed),
		16: stage(sandbox.StageAnswering),
		24: stage(sandbox.StageInstalled),
	})
}

// One apply installs a runtime and gives it its tokens, in whatever order Terraform goes about it: each resource waits
// for what it needs.
func TestWaitsForRuntime(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.must(w.RemoveRuntime(runtimeName))
	w.installs(runtimeName)
	c := w.session()
	tokens := map[string]string{
		runtimeToken: c.secret(w.mint("repo", "admin:repo_hook")), userToken: c.secret(w.mint("repo")),
	}
	c.configure(w.provider(), block(runtimeToken, set("token", tokens[runtimeToken])),
		block(userToken, set("token", tokens[userToken])))

	planned := c.plan().wantExit(2)
	for _, k := range lifeKinds() {
		planned.only(t, "warning", k.at()).wants(t, `Runtime "prod" does not exist`, "waits for it, 10m at most")
	}

	applied := c.apply().wantExit(0)

	for _, k := range lifeKinds() {
		w.wantHeld(k, tokens[k.resourceType])
	}

	// One that Terraform comes to late may find all that it needs.
	waited := applied.waited().diagnostics
	for _, d := range waited {
		d.wants(t, `Runtime "prod" was waited for`, "It is there now.")
	}

	if len(waited) == 0 {
		t.Error("nobody says that the runtime was waited for")
	}

	w.wantSent(2)

	if again := c.plan().wantExit(0); len(again.diagnostics) > 0 {
		t.Errorf("then: %v", again.diagnostics)
	}
}

// What was waited for is told part by part.
func TestTellsWhatItWaitedFor(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()
		w.must(w.RemoveRuntime(runtimeName))
		w.installs(runtimeName)

		parts := "the platform did not know it, then its app-proxy had no address, then its app-proxy did not answer"
		if k.resourceType == userToken {
			parts += `, then it had no Git integration "default"`
		}

		token := w.mint(k.scopes...)

		said := w.wire(nil).create(k.resourceType, map[string]any{"runtime": runtimeName, "token": token})
		if len(said) != 1 || said[0].Severity != "warning" {
			t.Fatalf("diagnostics are %v", said)
		}

		said[0].wants(t, `Runtime "prod" was waited for`, parts+". It is there now.")
		w.wantHeld(k, token)
	})
}

// An app-proxy that is not there yet looks like this, and each is waited for.
func TestWaitsForAppProxy(t *testing.T) {
	t.Parallel()

	proxy := sandbox.AppProxy(runtimeName)

	for name, fault := range map[string]sandbox.Fault{
		"a tunnel without a client":      {Status: 404, Body: "<html>no tunnel</html>"},
		"a router without a pod":         {Status: 502, Body: "<html>bad gateway</html>"},
		"an ingress without a backend":   {Status: 503, Body: "default backend - 503"},
		"an ingress that asks who it is": {Status: 401, Body: "<html>who are you</html>"},
		"an answer that breaks off":      {Mode: "truncate"},
		"nobody who listens":             {Mode: "refuse"},
		"no such name":                   {},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
				t.Helper()

				mend := func() { w.Heal(proxy) }

				if fault.Status == 0 && fault.Mode == "" {
					w.must(w.RemoveRuntime(runtimeName))
					w.must(w.AddRuntime(sandbox.Runtime{Name: runtimeName, Ingress: "https://prod.invalid"}))

					mend = func() {
						w.must(w.RemoveRuntime(runtimeName))
						w.must(w.AddRuntime(sandbox.Runtime{Name: runtimeName}))
					}
				} else {
					w.must(w.Break(proxy, fault))
				}

				w.onPause(map[int]func(){40: mend})
				token := w.mint(k.scopes...)

				said := w.wire(nil).create(k.resourceType, map[string]any{"runtime": runtimeName, "token": token})
				if len(said) != 1 {
					t.Fatalf("diagnostics are %v", said)
				}

				said[0].wants(t, `Runtime "prod" was waited for`, "its app-proxy did not answer")
				w.wantHeld(k, token)
				w.wantSent(1)
			})
		})
	}
}

// What time does not mend is not waited for; nor is anything with 0s, and nor is what was there before, unless the
// configuration says so.
func TestDoesNotWait(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		c := w.session()
		at, token, next := k.at(), c.secret(w.mint(k.scopes...)), c.secret(w.mint(k.scopes...))
		polled := 0
		w.wait = func(ctx context.Context, d time.Duration) error {
			if d >= 2*time.Second { // retries begin with less, and there are three at most
				polled++
			}

			return ctx.Err()
		}
		// wants applies, fails, and has waited or not.
		wants := func(waits bool, texts ...string) {
			t.Helper()

			polled = 0

			c.apply().wantExit(1).only(t, "error", at).wants(t, texts...)

			if waited := polled > 10; waited != waits {
				t.Errorf("%d pauses, and it was to wait: %t", polled, waits)
			}
		}
		with := func(token string, more ...string) {
			c.configure(w.config(k.resourceType, append(more, set("token", token))...))
		}
		proxy := sandbox.AppProxy(runtimeName)

		with(token)
		w.must(w.Break(proxy, sandbox.Fault{
			Status: 401, Header: map[string]string{"Content-Type": "application/json"},
			Body: `{"status":401,"code":"2401","name":"UNAUTHORIZED_ERROR","message":"Unauthorized"}`,
		}))

		if k.resourceType == runtimeToken { // of a user's the plan says so
			wants(false, "Codefresh refuses the API key")
		}

		w.must(w.Break(proxy, sandbox.Fault{Status: 502}))
		with(token, set("wait_for_runtime", "0s"))
		wants(false, "Codefresh could not be reached")
		with(token, set("wait_for_runtime", "3m"))
		wants(true, "The apply waited 3m, as long as wait_for_runtime says: its app-proxy did not answer. The app-proxy of")
		w.Heal(proxy)
		w.wantSent(0)

		with(token)
		c.apply().wantExit(0)
		w.must(w.SetReach(runtimeName, sandbox.ReachDown))
		with(next)
		wants(false, "Codefresh could not be reached")
		with(next, set("wait_for_runtime", "90s"))
		wants(true, "The apply waited 1m30s")
		w.onPause(map[int]func(){12: func() { w.must(w.SetReach(runtimeName, sandbox.ReachUp)) }})
		c.apply().wantExit(0).waits(t, at)

		if k.held(w) != next {
			t.Error("the update was not sent")
		}
	})
}

// A setting alone that changes sends nothing, and so waits for nothing.
func TestSettingsDoNotWait(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()
	token := c.secret(w.mint("repo", "admin:repo_hook"))
	c.configure(w.config(runtimeToken, set("token", token), set("wait_for_runtime", "1h")))
	c.apply().wantExit(0)
	w.must(w.SetReach(runtimeName, sandbox.ReachDown))
	c.configure(w.config(runtimeToken, set("token", token), set("wait_for_runtime", "2h")))
	c.plan().wantExit(2)

	if applied := c.apply().wantExit(0); len(applied.diagnostics) > 0 {
		t.Errorf("diagnostics are %v", applied.diagnostics)
	}

	c.plan().wantExit(0)
	w.wantSent(1)
}

// A mistyped name is the end of the apply that waits for it, with what may have been meant.
func TestWaitsInVain(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()
	token := c.secret(w.mint("repo", "admin:repo_hook"))
	c.configure(w.provider(),
		provided(runtimeToken, "it", set("runtime", "prdo"), set("token", token)),
		provided(userToken, "it", set("runtime", runtimeName), set("integration", "defaults"), set("token", token)))
	applied := c.apply().wantExit(1)
	applied.only(t, "error", runtimeToken+".it").wants(t, `Runtime "prdo" does not exist`,
		"The apply waited 10m, as long as wait_for_runtime says: the platform did not know it.", `Did you mean "prod"?`,
		"Nothing was sent")
	applied.only(t, "error", userToken+".it").wants(t, `has no Git integration "defaults"`,
		"The apply waited 10m", `Did you mean "default"? It lists: default.`, "Nothing was sent")
	w.wantSent(0)
}

// Whoever interrupts Terraform need not wait until the time is up.
func TestWaitIsCancelled(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()
		w.must(w.RemoveRuntime(runtimeName))

		pausing := make(chan struct{}, 100)
		w.wait = func(ctx context.Context, _ time.Duration) error {
			pausing <- struct{}{}

			<-ctx.Done()

			return ctx.Err()
		}
		x := w.wire(nil)

		done := make(chan []diagnostic)
		go func() {
			done <- x.create(k.resourceType, map[string]any{"runtime": runtimeName, "token": w.mint(k.scopes...)})
		}()

		<-pausing

		_, err := x.server.StopProvider(t.Context(), &tfprotov6.StopProviderRequest{})
		w.must(err)

		said := <-done
		if len(said) != 1 || said[0].Severity != "error" {
			t.Fatalf("diagnostics are %v", said)
		}

		said[0].wants(t, `Runtime "prod" does not exist`, "The apply was cancelled after it had waited")
		w.wantSent(0)
	})
}

// create plans and applies a new resource, and returns what the apply says.
func (x *wire) create(name string, config map[string]any) []diagnostic {
	x.t.Helper()
	shape := x.schemas.ResourceSchemas[name].ValueType()
	proposed := x.encode(shape, config)

	none, err := tfprotov6.NewDynamicValue(shape, tftypes.NewValue(shape, nil))
	if err != nil {
		x.t.Error(err)

		return nil
	}

	planned, err := x.server.PlanResourceChange(x.t.Context(), &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, PriorState: &none, ProposedNewState: proposed, Config: proposed,
	})
	if err != nil {
		x.t.Error(err)

		return nil
	}

	if said := told(planned.Diagnostics); severities(said)["error"] > 0 {
		x.t.Errorf("the plan says %v", said)

		return said
	}

	applied, err := x.server.ApplyResourceChange(x.t.Context(), &tfprotov6.ApplyResourceChangeRequest{
		TypeName: name, PriorState: &none, PlannedState: planned.PlannedState, Config: proposed,
		PlannedPrivate: planned.PlannedPrivate, PlannedIdentity: planned.PlannedIdentity,
	})
	if err != nil {
		x.t.Error(err)

		return nil
	}

	return told(applied.Diagnostics)
}
