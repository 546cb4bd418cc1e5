package acceptance_test

import (
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const tokenVerify = "codefresh_git_token_verify"

var actionExamples = filepath.Join(examplesDir, "actions")

// TestVerify invokes the action by Terraform's protocol: what is bad fails with the words of an apply, and what could
// not be found out fails as such.
func TestVerify(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	fine := w.token(sandbox.Token{
		Service: lifeHost, Kind: "fine_grained", Owner: "ci-bot", Permissions: map[string]string{"contents": "write"},
	}).Text
	revoked, late := w.mint("repo", "admin:repo_hook"), w.mint("repo", "admin:repo_hook")
	w.must(w.RevokeToken(revoked))
	w.must(w.SetExpiry(late, time.Now().Add(50*time.Hour)))
	tokens := map[string]string{
		"good": w.mint("repo", "admin:repo_hook"), "narrow": w.mint("repo"), "revoked": revoked, "late": late, "fine": fine,
		"broken": "ghp_two words", "empty": "", "atlassian": "ATATT3xFfGF0made", "password": "ATBBmade",
	}

	x := w.wire(map[string]any{"git_tokens": tokens, "url": nil, "api_key": nil, "validation": "skip"})
	for name, tt := range map[string]struct {
		config   map[string]any
		progress string
		severity string
		says     []string
	}{
		"good": {
			map[string]any{"token_name": "good"}, `The classic token of "ci-bot" at ` + w.api() +
				" is valid: has every required scope", "", nil,
		},
		"own requirement": {
			map[string]any{"token_name": "narrow", "required_scopes": []string{"public_repo"}}, "is valid", "", nil,
		},
		"about to expire": {
			map[string]any{"token_name": "late"}, "is valid", "warning", []string{"Git token expires in 2 days"},
		},
		"unproven": {
			map[string]any{"token_name": "fine"},
			"is unproven: ", "warning",
			[]string{"Git token works, but its permissions are not proved"},
		},
		"under-scoped": {
			map[string]any{"token_name": "narrow"}, "", "error", []string{"lacks 1 of 2 scopes", "admin:repo_hook", "Create"},
		},
		"revoked":       {map[string]any{"token_name": "revoked"}, "", "error", []string{"Git token is not valid at"}},
		"no such name":  {map[string]any{"token_name": "gone"}, "", "error", []string{"token name is not known", `"gone"`}},
		"no credential": {map[string]any{"token_name": "broken"}, "", "error", []string{`git_tokens["broken"]`}},
		"of no host": {
			map[string]any{"token_name": "good", "git_provider": "bitbucket-server", "api_url": nil}, "", "error", nil,
		},
		"empty": {map[string]any{"token_name": "empty"}, "", "error", []string{`git_tokens["empty"]`}},
		"no e-mail": {
			map[string]any{"token_name": "atlassian", "git_provider": "bitbucket", "api_url": nil},
			"", "error",
			[]string{"username is missing"},
		},
		"no user name": {
			map[string]any{"token_name": "password", "git_provider": "bitbucket", "api_url": nil},
			"", "error",
			[]string{"username is missing"},
		},
		"an e-mail with a mark": {
			map[string]any{
				"token_name": "atlassian", "git_provider": "bitbucket", "api_url": nil, "username": "\ufeffci@example.com",
			}, "", "error", []string{"username cannot be used"},
		},
		"foreign repository": {
			map[string]any{
				"token_name":   "good",
				"repositories": []map[string]any{{"url": "https://github.com/acme/gitops", "access": "read"}},
			}, "", "error", []string{"repositories[0].url"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			config := map[string]any{"git_provider": "github", "token_type": "runtime", "api_url": w.api()}
			for attribute, value := range tt.config {
				config[attribute] = value
			}

			progress, ended := x.invoke(tokenVerify, config)
			switch {
			case tt.severity == "" && len(ended) == 0:
			case len(ended) == 1 && ended[0].Severity == tt.severity:
				ended[0].wants(t, tt.says...)
			default:
				t.Fatalf("it ends with %v", ended)
			}

			found := ""
			if len(progress) > 1 {
				found = progress[len(progress)-1]
			}

			if !strings.Contains(found, tt.progress) || tt.progress == "" && found != "" {
				t.Errorf("it says %q", progress)
			}

			if len(progress) > 0 && progress[0] != "Asking "+w.api()+" about the Git token" {
				t.Errorf("it begins with %q", progress)
			}
		})
	}
}

// An answer of a moment ago is no answer now, and a host that gives none is an error that says so.
func TestVerifyAsksNow(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	text := w.mint("repo", "admin:repo_hook")
	config := map[string]any{"git_provider": "github", "token_type": "runtime", "api_url": w.api(), "token_name": "ci"}

	x := w.wire(map[string]any{"git_tokens": map[string]string{"ci": text}})
	if planned := x.planAction(tokenVerify, config); len(planned) > 0 {
		t.Errorf("the plan says %v", planned)
	}

	if asked := w.operations(); len(asked) > 0 {
		t.Errorf("the plan asked %v", asked)
	}

	if _, ended := x.invoke(tokenVerify, config); len(ended) > 0 {
		t.Fatalf("it ends with %v", ended)
	}

	w.must(w.RevokeToken(text))

	if _, ended := x.invoke(tokenVerify, config); len(ended) != 1 || ended[0].Severity != "error" {
		t.Errorf("after the revocation it ends with %v", ended)
	}

	w.must(w.Break(lifeHost, sandbox.Fault{Mode: "refuse"}))

	progress, ended := x.invoke(tokenVerify, config)
	if len(ended) != 1 || ended[0].Severity != "error" || len(progress) != 1 {
		t.Fatalf("without a host it says %q and ends with %v", progress, ended)
	}

	ended[0].wants(t, "Git token could not be checked", "says nothing about the token itself")

	if strings.Contains(ended[0].Detail, "validation") {
		t.Errorf("the message speaks of an attribute that there is not:\n%s", ended[0])
	}

	want := map[string]int{string(lifeHost) + " GET /api/v3/user": 2}
	if diff := cmp.Diff(want, w.operations()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// Terraform prints a plan of an action with its configuration: a credential in an attribute that is no place for one is
// refused before.
func TestVerifyWithMisplacedToken(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	text := w.mint("repo")
	x := w.wire(nil)
	config := map[string]any{"git_provider": "github", "token_type": "runtime", "api_url": w.api(), "token_name": text}
	planned := x.planAction(tokenVerify, config)

	_, ended := x.invoke(tokenVerify, config)
	for _, all := range [][]diagnostic{planned, ended} {
		if len(all) != 1 || all[0].Severity != "error" || all[0].Address != "" {
			t.Fatalf("diagnostics are %v", all)
		}

		if strings.Contains(all[0].String(), text) {
			t.Errorf("the message repeats the token:\n%s", all[0])
		}
	}

	planned[0].wants(t, "value of token_name looks like a credential")
}
