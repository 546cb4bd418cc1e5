//go:build faults

package faultmatrix_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// interrupted starts a lane in a plain world, without a misbehaving service.
func interrupted(t *testing.T, resourceType string) *lane {
	t.Helper()

	schemas, err := typesOf(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	w, err := newPlainWorld(schemas, runtimeName)
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(w.close)
	w.tap.reset(0, false)

	l := &lane{world: w, resourceType: resourceType}
	if err := l.prepare(t.Context()); err != nil {
		t.Fatal(err)
	}

	return l
}

// TestKilled kills the provider before and after each of its requests, and after the last one but before Terraform
// saved its state. Terraform then has the state of before the walk. The next apply does what is left, and the one after
// it has nothing to do.
func TestKilled(t *testing.T) {
	t.Parallel()

	for _, resourceType := range []string{userToken, runtimeToken} {
		for _, w := range []walk{walkCreate, walkUpdate, walkDestroy} {
			t.Run(resourceType+" "+string(w), func(t *testing.T) {
				t.Parallel()
				l := interrupted(t, resourceType)
				kills := 0

				for k, over := 1, false; !over; k++ {
					for _, after := range []bool{false, true} {
						what := fmt.Sprintf("before request %d", k)
						if after {
							what = fmt.Sprintf("after request %d", k)
						}

						over = l.killed(t, w, k, after, what)
						kills++
					}
				}

				if minimum := map[walk]int{walkCreate: 8, walkUpdate: 8, walkDestroy: 2}[w]; kills < minimum {
					t.Errorf("killed %d times only, want %d or more", kills, minimum)
				}
			})
		}
	}
}

// killed does a walk, kills it, and repairs. It reports whether the walk was over before it could be killed.
func (l *lane) killed(t *testing.T, w walk, k int, after bool, what string) (over bool) {
	t.Helper()
	ctx := t.Context()

	before, wanted := l.before(w)
	if err := l.put(ctx, l.resourceType, before); err != nil {
		t.Fatal(err)
	}

	l.forgetAttempts()
	l.tap.reset(k, after)

	got, err := l.walk(ctx, w, false)
	if err != nil {
		t.Fatal(err)
	}

	over = !l.tap.dead.Load()
	l.hangUp()
	l.tap.reset(0, false)

	if over && !got.ok {
		t.Errorf("%s: nothing was killed, and yet: %s", what, words(got.process.told))
	}

	if held := l.held(l.resourceType); held != before.Text && held != wanted.Text {
		t.Errorf("%s: a token was lost", what)
	}

	config := l.config

	switch w {
	case walkUpdate:
		config = l.rotated
	case walkDestroy:
		config = nil
	case walkRefresh, walkPlan, walkRefreshOnly, walkCreate:
	}
	// The result of a killed process never reaches Terraform, not even if it is the whole one.
	state := instance{}
	if w != walkCreate {
		state = l.registered
	}

	for round := range 2 {
		l.ForgetRequests()

		now, plan, err := l.well(ctx, state, config)
		switch {
		case err != nil:
			t.Errorf("%s: %v", what, err)
		case now.exists() != (config != nil):
			t.Errorf("%s: there is a resource: %t", what, now.exists())
		case now.exists() && now.text("status") != "valid":
			t.Errorf("%s: status %q", what, now.text("status"))
		case l.held(l.resourceType) != wanted.Text:
			t.Errorf("%s: Codefresh does not hold the configured token", what)
		case round == 1 && config != nil && plan.changes(), round == 1 && len(l.Mutations()) > 0:
			t.Errorf("%s: a second apply finds something to do", what)
		}

		state = now
	}

	return over
}

// TestKilledWhileWaiting kills the provider at each request of an apply that waits for its runtime, whose parts appear
// one after the other. The next apply finishes, however far the installation is by then.
func TestKilledWhileWaiting(t *testing.T) {
	t.Parallel()

	for _, resourceType := range []string{userToken, runtimeToken} {
		t.Run(resourceType, func(t *testing.T) {
			t.Parallel()
			l := interrupted(t, resourceType)
			delete(l.config, "wait_for_runtime")

			kills := 0

			for k, over := 1, false; !over; k++ {
				for _, after := range []bool{false, true} {
					over = l.killedWaiting(t, k, after)
					kills++
				}
			}

			if kills < 30 {
				t.Errorf("killed %d times only", kills)
			}
		})
	}
}

// killedWaiting removes the runtime, kills a create that waits for it, and applies once more. It reports whether the
// create was over before it could be killed.
func (l *lane) killedWaiting(t *testing.T, k int, after bool) (over bool) {
	t.Helper()

	must := func(err error) {
		t.Helper()

		if err != nil {
			t.Errorf("request %d, after it: %t: %v", k, after, err)
		}
	}
	must(l.RemoveRuntime(runtimeName))

	pauses := 0
	l.pause = func() {
		pauses++
		switch pauses {
		case 3:
			must(l.AddRuntime(sandbox.Runtime{
				Name: runtimeName, GitProvider: l.host.reported, GitAPIURL: l.host.apiURL, Stage: sandbox.StageListed,
			}))
		case 5:
			must(l.SetStage(runtimeName, sandbox.StageAddressed))
		case 7:
			must(l.SetStage(runtimeName, sandbox.StageAnswering))
		case 9:
			must(l.SetStage(runtimeName, sandbox.StageInstalled))
		}
	}
	l.tap.reset(k, after)
	p, err := l.launch(t.Context(), l.resourceType, nil)
	must(err)

	if plan, ok := p.plan(t.Context(), instance{}, l.config); ok {
		_, over = p.carryOut(t.Context(), plan)
	}

	over = over && !l.tap.dead.Load()
	l.hangUp()
	l.tap.reset(0, false)

	now, _, err := l.well(t.Context(), instance{}, l.config)
	must(err)

	if held := l.held(l.resourceType); !now.exists() || held != l.old.Text {
		t.Errorf("request %d, after it: %t: the next apply did not finish", k, after)
	}

	return over
}

// TestLostAnswers has Codefresh do what it is asked and lose its answer.
func TestLostAnswers(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		resourceType string
		walk         walk
		found        bool // by reading back
	}{
		{userToken, walkCreate, true},
		{userToken, walkUpdate, false}, // of a token that took another one's place nothing tells
		{userToken, walkDestroy, true},
		{runtimeToken, walkCreate, false},
		{runtimeToken, walkUpdate, false},
	} {
		t.Run(test.resourceType+" "+string(test.walk), func(t *testing.T) {
			t.Parallel()
			l := interrupted(t, test.resourceType)

			before, wanted := l.before(test.walk)
			if err := l.put(t.Context(), l.resourceType, before); err != nil {
				t.Fatal(err)
			}

			if err := l.LoseAnswers(runtimeName, 1); err != nil {
				t.Fatal(err)
			}

			l.ForgetRequests()

			got, err := l.walk(t.Context(), test.walk, false)
			if err != nil {
				t.Fatal(err)
			}

			if got.ok != test.found {
				t.Errorf("done: %t, want %t: %s", got.ok, test.found, words(got.process.told))
			}

			if n := len(l.Mutations()); n != 1 {
				t.Errorf("%d mutations were sent, want 1", n)
			}

			if l.held(l.resourceType) != wanted.Text {
				t.Error("the sandbox did not do what it was asked")
			}

			if test.found {
				return
			}

			if test.walk == walkUpdate && !got.after.value.Equal(l.registered.value) ||
				test.walk == walkCreate && got.after.exists() {
				t.Error("the state is not what it was")
			}

			if !strings.Contains(words(got.process.told), "took the token is not known") {
				t.Errorf("told: %s", words(got.process.told))
			}

			config := map[walk]attributes{walkCreate: l.config, walkUpdate: l.rotated}[test.walk]
			if now, _, err := l.well(t.Context(), got.after, config); err != nil || !now.exists() {
				t.Errorf("the next apply: %v", err)
			}

			if n := len(l.Mutations()); n != 2 {
				t.Errorf("%d mutations in the end, want 2", n)
			}
		})
	}
}

// TestLostRequest loses a request before Codefresh sees it: reading back finds no registration, and that is told.
func TestLostRequest(t *testing.T) {
	t.Parallel()

	l := interrupted(t, userToken)
	if err := l.put(t.Context(), userToken, sandbox.Token{}); err != nil {
		t.Fatal(err)
	}

	lost := sandbox.Fault{Status: 504, Match: "registerToGitIntegration"}
	if err := l.Break(sandbox.AppProxy(runtimeName), lost); err != nil {
		t.Fatal(err)
	}

	got, err := l.walk(t.Context(), walkCreate, false)
	if err != nil {
		t.Fatal(err)
	}

	if got.ok || got.after.exists() {
		t.Errorf("a registration that was never made was found: %s", words(got.process.told))
	}
}
