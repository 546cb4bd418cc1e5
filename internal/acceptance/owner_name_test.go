package acceptance_test

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// TestOwnerThatCodefreshMisses plans and applies with tokens of an owner at Data Center whose name differs from its
// form in addresses: Codefresh looks for that owner's personal project by the name. A plan cannot know that it will,
// and says what may come; the apply says what did.
func TestOwnerThatCodefreshMisses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.AddRuntime(sandbox.Runtime{Name: "staging"}))
	c := w.session()

	token := func(owner string) string {
		return c.secret(w.token(sandbox.Token{
			Service: sandbox.BitbucketServer, Kind: "http_access", Owner: owner, Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
		}).Text)
	}
	at := func(runtime, token string) []string {
		return []string{
			set("runtime", runtime), set("git_provider", "bitbucket-server"), set("api_url", w.URL(sandbox.BitbucketServer)),
			set("token", token),
		}
	}
	doubtful := token("ci@example.com")

	c.configure(
		c.provider(),
		provided(runtimeToken, "doubtful", at("prod", doubtful)...),
		provided(runtimeToken, "plain", at("staging", token("ci.bot"))...),
		provided(userToken, "doubtful", at("prod", doubtful)...),
	)

	const summary = "Codefresh may not find the owner of the Git token"

	planned := c.plan().wantExit(2)
	planned.only(t, "warning", runtimeToken+".doubtful").
		wants(t, summary, `of "ci@example.com"`, "is not confirmed", "letters, digits, dots, hyphens and underscores")

	if len(planned.diagnostics) != 1 {
		t.Errorf("%d diagnostics, want 1:\n%v", len(planned.diagnostics), planned.diagnostics)
	}

	applied := c.apply().wantExit(1)
	applied.only(t, "error", runtimeToken+".doubtful").wants(t, "Codefresh refuses the Git token",
		"expected Project Admin", `the owner's name, "ci@example.com"`, "an account whose name has nothing but letters")
}

// TestTokenCheckOfOwnerThatCodefreshMisses has checks by themselves say what a plan of a resource warns of.
func TestTokenCheckOfOwnerThatCodefreshMisses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	x := w.wire(nil)

	for name, tt := range map[string]struct {
		owner, tokenType string
		doubted          bool
	}{
		"doubtful":           {"ci@example.com", "runtime", true},
		"doubtful, a user's": {"ci@example.com", "user", false},
		"plain":              {"ci.bot", "runtime", false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			config := map[string]any{
				"git_provider": "bitbucket-server", "api_url": w.URL(sandbox.BitbucketServer), "token_type": tt.tokenType,
				"token": w.token(sandbox.Token{
					Service: sandbox.BitbucketServer, Kind: "http_access", Owner: tt.owner,
					Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
				}).Text,
			}
			data, _ := x.read(tokenCheck, config)

			reason, _ := data["status_reason"].(string)
			if data["ok"] != true || strings.Contains(reason, "may refuse it") != tt.doubted {
				t.Errorf("ok %v, reason %q", data["ok"], reason)
			}
		})
	}
}
