package acceptance_test

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// lifeHost is the Git host that most of these tests use.
const lifeHost = sandbox.GitHubEnterprise

// lifeKind is one of the two resources, with what a test of both has to know.
type lifeKind struct {
	name         string
	resourceType string
	scopes       []string // what its token needs
	importID     string
}

func lifeKinds() []lifeKind {
	return []lifeKind{
		{"runtime", runtimeToken, []string{"repo", "admin:repo_hook"}, runtimeName},
		{"user", userToken, []string{"repo"}, runtimeName + "/default"},
	}
}

func (k lifeKind) at() string { return k.resourceType + ".it" }

// held returns the Git token that Codefresh holds for the resource; empty means none.
func (k lifeKind) held(w *world) string {
	if k.resourceType == runtimeToken {
		text, _, _, _, _ := w.RuntimeToken(runtimeName)

		return text
	}

	id, _ := w.DefaultUser()
	text, _ := w.UserToken(runtimeName, "default", id)

	return text
}

// forEachKind runs a test for both resources, each in a world of its own.
func forEachKind(t *testing.T, test func(t *testing.T, w *world, k lifeKind)) {
	t.Helper()

	for _, k := range lifeKinds() {
		t.Run(k.name, func(t *testing.T) {
			t.Parallel()
			test(t, lifeWorld(t, sandbox.Runtime{}), k)
		})
	}
}

// lifeWorld is a world whose account and runtime use lifeHost, so that a configuration need not name it.
func lifeWorld(t *testing.T, r sandbox.Runtime) *world {
	t.Helper()
	w := newWorld(t)
	w.must(w.RemoveRuntime(runtimeName))
	w.must(w.SetAccountGit("GITHUB", w.URL(lifeHost)))

	r.Name = runtimeName
	w.must(w.AddRuntime(r))

	return w
}

// api returns the address of lifeHost's API, with its path.
func (w *world) api() string { return w.URL(lifeHost) + "/api/v3" }

// mint makes a classic token at lifeHost.
func (w *world) mint(scopes ...string) string {
	w.t.Helper()

	return w.token(sandbox.Token{Service: lifeHost, Kind: "classic", Owner: "ci-bot", Scopes: scopes}).Text
}

// setHost returns the attributes that name lifeHost.
func (w *world) setHost() []string {
	return []string{set("git_provider", "github"), set("api_url", w.api())}
}

// namedTokens returns the provider's setting git_tokens.
func namedTokens(tokens map[string]string) string {
	var b strings.Builder
	for _, name := range slices.Sorted(maps.Keys(tokens)) {
		fmt.Fprintf(&b, "%s = %q, ", name, tokens[name])
	}

	return "git_tokens = { " + b.String() + "}"
}

// custom returns a resource named "it" with nothing but these lines.
func custom(resourceType string, lines ...string) string {
	return fmt.Sprintf("resource %q \"it\" {\n  %s\n}\n", resourceType, strings.Join(lines, "\n  "))
}

// later returns a resource whose output is value, and not known before it is applied.
func later(name, value string) string {
	return fmt.Sprintf("resource \"terraform_data\" %q {\n  input = %q\n}\n", name, value)
}

// says matches texts in their order, each of which Terraform may have wrapped at any space.
func says(texts ...string) *regexp.Regexp {
	patterns := make([]string, 0, len(texts))
	for _, text := range texts {
		words := strings.Fields(text)
		for i := range words {
			words[i] = regexp.QuoteMeta(words[i])
		}

		patterns = append(patterns, strings.Join(words, `[\s│]+`))
	}

	return regexp.MustCompile(`(?s)` + strings.Join(patterns, `.*`))
}

// sent counts the mutations that Codefresh received.
func (w *world) sent() int { return len(w.Mutations()) }

// wantSent fails the test unless Codefresh received so many mutations.
func (w *world) wantSent(want int) {
	w.t.Helper()

	if got := w.sent(); got != want {
		w.t.Errorf("Codefresh received %d mutations, want %d: %+v", got, want, w.Mutations())
	}
}

// wantHeld fails the test unless Codefresh holds the token with this text.
func (w *world) wantHeld(k lifeKind, text string) {
	w.t.Helper()

	if got := k.held(w); got != text {
		w.t.Errorf("Codefresh holds another %s token than expected (none: %t, none expected: %t)",
			k.name, got == "", text == "")
	}
}
