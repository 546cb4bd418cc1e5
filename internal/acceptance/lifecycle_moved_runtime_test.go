package acceptance_test

import (
	"sync"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// movesAfterFirst has the runtime get another address as soon as an apply has sent something there.
func (w *world) movesAfterFirst() {
	var once sync.Once

	w.ForgetRequests()
	w.clock = func() time.Time {
		if w.sent() > 0 {
			once.Do(func() { w.must(w.MoveRuntime(runtimeName)) })
		}

		return time.Now()
	}
}

// A runtime whose ingress moves during an apply is found by whatever comes later in it.
func TestRuntimeMovesDuringApply(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{SkipValidation: true})
	w.must(w.AddIntegration(runtimeName, "lab", "GITHUB", w.api()))

	c := w.session()
	id, _ := w.DefaultUser()
	one, two := c.secret(w.mint("repo", "admin:repo_hook")), c.secret(w.mint("repo", "admin:repo_hook"))
	both := func(integration, text string) []string {
		return []string{
			w.provider(), block(userToken, set("token", text), set("integration", integration),
				"lifecycle { create_before_destroy = true }"),
			provided(runtimeToken, "it", set("runtime", runtimeName), set("token", text),
				"depends_on = ["+userToken+".it]"),
		}
	}
	want := func(what, integration, text string) {
		t.Helper()

		for _, name := range []string{"default", "lab"} {
			held, _ := w.UserToken(runtimeName, name, id)
			if name == integration && held != text || name != integration && held != "" {
				t.Errorf("%s: what Codefresh holds for %s is wrong (nothing: %t)", what, name, held == "")
			}
		}

		if held, _, _, _, _ := w.RuntimeToken(runtimeName); held != text {
			t.Errorf("%s: the runtime has another token", what)
		}
	}

	c.configure(both("default", one)...)
	w.movesAfterFirst()
	c.apply().wantExit(0)
	want("create", "default", one)

	c.configure(both("default", two)...)
	w.movesAfterFirst()
	c.apply().wantExit(0)
	want("update", "default", two)

	c.configure(both("lab", one)...)
	w.movesAfterFirst()
	c.apply().wantExit(0)
	want("replacement", "lab", one)

	w.clock = time.Now

	c.wantSettled()

	// A destroy asks once where the runtime is, however many tokens there are.
	w.ForgetRequests()
	c.destroy().wantExit(0)

	if n := w.operations()["codefresh runtime"]; n != 1 {
		t.Errorf("a destroy asks %d times where the runtime is", n)
	}
}
