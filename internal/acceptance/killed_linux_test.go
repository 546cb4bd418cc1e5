package acceptance_test

import (
	"os/exec"
	"syscall"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// TestKilledPrograms ends the real programs with SIGKILL while Codefresh owes an answer: the next apply does what is
// left, and the plan after it has nothing to do. internal/faultmatrix does the same at every request.
func TestKilledPrograms(t *testing.T) {
	t.Parallel()
	w := lifeWorld(t, sandbox.Runtime{})
	s := newShipped(w)
	user, _ := w.DefaultUser()
	first, second := w.mint("repo"), w.mint("repo")

	done := sandbox.Fault{Mode: "slow", Pause: time.Hour} // Codefresh did what it was asked

	ignored := sandbox.Fault{Mode: "hang"}
	for _, step := range []struct {
		what      string
		token     string // in the configuration; none is a destroy
		mutation  string
		fault     sandbox.Fault
		terraform bool // is killed, and not only the provider
		between   string
	}{
		{"create, ignored", first, "registerToGitIntegration", ignored, true, ""},
		{"create, done", first, "registerToGitIntegration", done, false, first},
		{"update, done", second, "registerToGitIntegration", done, true, second},
		{"update, ignored", first, "registerToGitIntegration", ignored, false, second},
		{"destroy, done", "", "deregisterFromGitIntegration", done, true, ""},
	} {
		config := w.provider()
		if step.token != "" {
			config = w.config(userToken, set("token", step.token))
		}

		s.write("main.tf", config)

		step.fault.Match = step.mutation
		w.must(w.Break(sandbox.AppProxy(runtimeName), step.fault))
		s.killed(step.terraform, func() bool {
			held, _ := w.UserToken(runtimeName, "default", user)

			return step.fault.Mode == "slow" && held == step.between || step.fault.Mode == "hang" && s.owes()
		})
		w.Heal(sandbox.AppProxy(runtimeName))

		if held, _ := w.UserToken(runtimeName, "default", user); held != step.between {
			t.Errorf("%s: Codefresh holds the wrong token after the end of the programs", step.what)
		}

		if step.what == "create, ignored" {
			continue // the next step has the same to do
		}

		s.run(step.what+": the next apply", 0, "apply", "-input=false", "-no-color", "-auto-approve")
		s.run(step.what+": the plan after it", 0, "plan", "-input=false", "-no-color", "-detailed-exitcode")

		if held, _ := w.UserToken(runtimeName, "default", user); held != step.token {
			t.Errorf("%s: Codefresh does not hold the configured token in the end", step.what)
		}
	}
}

// killed applies, and kills the provider, and Terraform with it if that is wanted, once it is time.
func (s *shipped) killed(terraform bool, due func() bool) {
	s.t.Helper()
	s.ForgetRequests()
	apply := exec.CommandContext(s.t.Context(), s.terraform, "apply", "-input=false", "-no-color", "-auto-approve")
	apply.Dir, apply.Env = s.folder, s.env
	s.must(apply.Start())

	for s.t.Context().Err() == nil && !due() {
		time.Sleep(10 * time.Millisecond)
	}

	if terraform {
		s.must(apply.Process.Kill())
	}

	if !s.signal(syscall.SIGKILL) && !terraform {
		s.t.Error("there was no provider to kill")
	}

	if apply.Wait() == nil {
		s.t.Error("an apply succeeded whose provider was killed")
	}
}

// owes reports whether the app-proxy has left a request without an answer for longer than it usually takes to give one.
func (s *shipped) owes() bool {
	for _, r := range s.Requests(sandbox.AppProxy(runtimeName)) {
		if r.Status == 0 && time.Since(r.At) > time.Second {
			return true
		}
	}

	return false
}
