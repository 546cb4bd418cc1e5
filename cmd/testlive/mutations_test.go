package main

import (
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// operations are the mutations that Codefresh received.
func (w *world) operations() []string {
	var names []string
	for _, r := range w.box.Mutations() {
		names = append(names, r.Operation)
	}

	return names
}

func TestMutationsArePutBack(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	id := w.everything()
	w.env[liveMutations] = mutationsYes

	code, out := w.run()
	if code != exitConfirmed {
		t.Errorf("exit code %d:\n%s", code, out)
	}

	for _, want := range []string{
		"confirmed  what updateRuntimeGitToken returns", "confirmed  registering a user token",
		"confirmed  the user is among the integration's, with a valid token",
		"confirmed  deregistering\n", "confirmed  the user is no longer among the integration's",
		"confirmed  deregistering again", "not tried  replacing the runtime's token\n",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in the output:\n%s", want, out)
		}
	}

	want := []string{
		"updateRuntimeGitToken", "registerToGitIntegration", "deregisterFromGitIntegration", "deregisterFromGitIntegration",
	}
	if got := w.operations(); !slices.Equal(got, want) {
		t.Errorf("mutations %v, want %v", got, want)
	}

	if _, ok := w.box.UserToken(testRuntime, integration, id); ok {
		t.Error("the token is still registered")
	}

	if _, _, _, _, ok := w.box.RuntimeToken(testRuntime); ok { //nolint:dogsled // only whether there is one matters
		t.Error("the runtime has a token")
	}
}

// TestMutationsKeepARegistration has a user who is registered already.
func TestMutationsKeepARegistration(t *testing.T) {
	t.Parallel()

	for allowed, replaces := range map[string]bool{mutationsYes: false, mutationsReplace: true} {
		t.Run(allowed, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			id := w.everything()
			before, err := w.box.CreateToken(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}})
			w.must(err)
			w.must(w.box.Register(testRuntime, integration, map[string]string{id: before.Text}))
			w.env[liveMutations] = allowed

			code, out := w.run()
			if code != exitConfirmed {
				t.Errorf("exit code %d:\n%s", code, out)
			}

			want := before.Text
			if replaces {
				want = w.env["LIVE_GITHUB_TOKEN"]
			}

			if got, _ := w.box.UserToken(testRuntime, integration, id); got != want {
				t.Error("another token is registered than should be")
			}

			if slices.Contains(w.operations(), "deregisterFromGitIntegration") {
				t.Error("the user was deregistered")
			}
		})
	}
}

func TestMutationsRefuted(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		runtime sandbox.Runtime
		change  func(w *world, id string) error
		want    string
	}{
		"an object": {
			sandbox.Runtime{UpdateAnswers: "object"},
			func(*world, string) error { return nil },
			`a text that matches "must have a selection of subfields": present instead of absent`,
		},
		"no such mutation": {
			sandbox.Runtime{UpdateAnswers: "absent"},
			func(*world, string) error { return nil },
			"a text that matches \"^Cannot query field \\\"\": present instead of absent",
		},
		"refused registration": {
			sandbox.Runtime{},
			func(w *world, _ string) error {
				return w.box.Break(sandbox.AppProxy(testRuntime), sandbox.Fault{
					Status: 200, Header: map[string]string{"Content-Type": "application/json"}, Match: "registerToGitIntegration",
					Body: `{"errors":[{"message":"private"}],"data":null}`,
				})
			},
			"failed     registering a user token\n             refused, HTTP status 200",
		},
		"invalid in Codefresh": {
			sandbox.Runtime{},
			func(w *world, id string) error {
				w.env[liveMutations] = mutationsReplace
				w.must(w.box.Register(testRuntime, integration, map[string]string{id: "of-old"}))

				return w.box.Break(sandbox.AppProxy(testRuntime), sandbox.Fault{
					Status: 200, Header: map[string]string{"Content-Type": "application/json"}, Match: "gitIntegrations",
					Body: `{"data":{"gitIntegrations":[{"name":"default","provider":"GITHUB","apiUrl":"` + w.box.URL(sandbox.GitHub) +
						`","users":[{"userId":"` + id + `","isValid":false}]}]}}`,
				})
			},
			"Codefresh does not call the token valid",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.host(goodTokens()[0])
			id := w.codefresh(tt.runtime)
			w.env[liveMutations] = mutationsYes
			w.must(tt.change(w, id))

			code, out := w.run()
			if code != exitRefuted || !strings.Contains(out, tt.want) || strings.Contains(out, "private") {
				t.Errorf("exit code %d, want %q:\n%s", code, tt.want, out)
			}
		})
	}
}

// TestRuntimeToken needs no token of the user.
func TestRuntimeToken(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	w.codefresh(sandbox.Runtime{UpdateAnswers: "scalar"})
	token, err := w.box.CreateToken(goodTokens()[0])
	w.must(err)
	w.env[liveMutations], w.env[liveRuntimeToken] = mutationsYes, token.Text

	code, out := w.run()
	if code != exitConfirmed || !strings.Contains(out, "confirmed  replacing the runtime's token") ||
		!strings.Contains(out, "not tried  registering a user token") {
		t.Errorf("exit code %d:\n%s", code, out)
	}

	if got, _, _, _, _ := w.box.RuntimeToken(testRuntime); got != token.Text { //nolint:dogsled // only the token matters
		t.Error("the runtime has another token")
	}
}
