package acceptance_test

import (
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const tokenCheck = "codefresh_git_token_check"

// checkCase is a token to check, and what is to be found out about it.
type checkCase struct {
	token   string
	also    map[string]any // further configuration
	ok      bool
	status  string
	reason  string
	missing []any
}

// TestTokenCheck holds the data source and the ephemeral resource to the same answers: a bad token is one, and no
// error.
func TestTokenCheck(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	for path, role := range map[string]string{"acme/gitops": "write", "acme/own": "admin"} {
		_, err := w.AddRepository(sandbox.Repository{
			Service: lifeHost, Path: path, Private: true, Roles: map[string]string{"ci-bot": role},
		})
		w.must(err)
	}

	page := func(path string) string { return w.URL(lifeHost) + "/" + path }
	with := func(change func(text string) error, scopes ...string) string {
		text := w.mint(scopes...)
		w.must(change(text))

		return text
	}
	fine := w.token(sandbox.Token{
		Service: lifeHost, Kind: "fine_grained", Owner: "ci-bot", Repositories: []string{"acme/own"},
		Permissions: map[string]string{
			"administration": "write", "statuses": "write", "contents": "write", "metadata": "read",
			"pull_requests": "write", "webhooks": "write",
		},
	}).Text
	suspend := func(text string) error { return w.BlockToken(text, sandbox.BlockSuspended) }
	good, narrow := w.mint("repo", "admin:repo_hook"), w.mint("repo")

	cases := map[string]checkCase{
		"good": {token: good, ok: true, status: "valid", reason: "has every required scope", missing: []any{}},
		"under-scoped": {
			token: narrow, status: "under_scoped", reason: "lacks admin:repo_hook", missing: []any{"admin:repo_hook"},
		},
		"for a user": {
			token: narrow, also: map[string]any{"token_type": "user"}, ok: true, status: "valid",
			reason: "has every required scope", missing: []any{},
		},
		"own requirement": {
			token: narrow, also: map[string]any{"required_scopes": []string{"public_repo"}}, ok: true, status: "valid",
			reason: "has every required scope", missing: []any{},
		},
		"repository out of reach": {
			token: good, also: map[string]any{"repositories": []map[string]any{{"url": page("acme/gitops"), "access": "admin"}}},
			status: "under_scoped", reason: "is refused access at " + page("acme/gitops"), missing: []any{},
		},
		"revoked": {
			token: with(w.RevokeToken, "repo"), status: "invalid", reason: "the host rejects it, and it was never seen working",
			missing: []any{},
		},
		"blocked": {
			token: with(suspend, "repo", "admin:repo_hook"), status: "blocked", reason: "its owner is blocked",
			missing: []any{},
		},
		"unproven": {
			token: fine, ok: true, status: "unproven", missing: []any{},
			reason: "works; its host does not tell its permissions, and nothing proves: administration:write, statuses:write, " +
				"contents:write, metadata:read, pull_requests:write, webhooks:write",
		},
		"proved": {
			token: fine, ok: true, status: "valid", reason: "has every required scope", missing: []any{},
			also: map[string]any{
				"write_probes": true, "repositories": []map[string]any{{"url": page("acme/own"), "access": "write"}},
			},
		},
		"of another host": {
			token:  w.token(sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}}).Text,
			status: "invalid", reason: "the token is one of GitLab", missing: []any{},
		},
		"empty":       {token: "", status: "invalid", reason: "the token is empty", missing: []any{}},
		"with a line": {token: good + "\n", status: "invalid", reason: "the token ends with a line break", missing: []any{}},
		"in a line of variables": {
			token: "GITHUB_TOKEN=" + good, status: "invalid", missing: []any{},
			reason: "the token has the name of a variable before it",
		},
		"behind its scheme": {
			token: "Bearer " + good, status: "invalid", missing: []any{},
			reason: "the token has before it what an HTTP header has there",
		},
		"in an address": {
			token: "https://ci:" + good + "@git.example.com/acme/app", status: "invalid", missing: []any{},
			reason: "the token is an address",
		},
		"far too long": {
			token: strings.Repeat("x", 10000), status: "invalid", reason: "the token is longer than any token",
			missing: []any{},
		},
		"no credential": {
			token: "ghr_" + strings.Repeat("a", 72), status: "invalid", missing: []any{},
			reason: "the token is a refresh token of a GitHub App, which opens no API",
		},
	}

	x := w.wire(map[string]any{"expiry_warning_days": nil})

	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			config := map[string]any{"token": c.token, "git_provider": "github", "token_type": "runtime", "api_url": w.api()}
			for attribute, value := range c.also {
				config[attribute] = value
			}

			data, diagnostics := x.read(tokenCheck, config)

			opened, ephemeral := x.open(tokenCheck, config)
			if diff := cmp.Diff(data, opened); diff != "" {
				t.Errorf("the ephemeral resource answers otherwise (-data source +ephemeral):\n%s", diff)
			}

			if len(diagnostics)+len(ephemeral) > 0 {
				t.Errorf("unexpected %v, %v", diagnostics, ephemeral)
			}

			reason, _ := data["status_reason"].(string)
			if data["ok"] != c.ok || data["status"] != c.status || reason != c.reason {
				t.Errorf("ok %v, status %v, reason %q; want %t, %s, %q", data["ok"], data["status"], reason,
					c.ok, c.status, c.reason)
			}

			if missing, _ := data["missing_scopes"].([]any); !cmp.Equal(missing, c.missing) {
				t.Errorf("missing scopes %v, want %v", missing, c.missing)
			}
		})
	}
}

// What cannot be asked is said, and not held against the token.
func TestTokenCheckOutOfReach(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	config := map[string]any{
		"token": w.mint("repo", "admin:repo_hook"), "git_provider": "github", "token_type": "runtime", "api_url": w.api(),
	}
	w.must(w.Break(lifeHost, sandbox.Fault{Mode: "refuse"}))

	for name, ask := range map[string]func(*wire) (map[string]any, []diagnostic){
		"data source": func(x *wire) (map[string]any, []diagnostic) { return x.read(tokenCheck, config) },
		"ephemeral":   func(x *wire) (map[string]any, []diagnostic) { return x.open(tokenCheck, config) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			// Not even where a plan of a resource would fail for it.
			got, diagnostics := ask(w.wire(map[string]any{"max_retries": nil, "on_unreachable": "error"}))
			if got["ok"] != true || got["status"] != "unchecked" || got["token_owner"] != nil {
				t.Errorf("got %v", got)
			}

			if count := severities(diagnostics); len(diagnostics) != 1 || count["warning"] != 1 {
				t.Fatalf("diagnostics are %v", diagnostics)
			}

			diagnostics[0].wants(t, "Git token could not be checked", "says nothing about the token itself", "Try again")

			if strings.Contains(diagnostics[0].Detail, "validation") {
				t.Errorf("the message speaks of an attribute that there is not:\n%s", diagnostics[0])
			}
		})
	}
}

// Nothing of a check needs Codefresh.
func TestTokenCheckWithoutCodefresh(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	expiry := time.Date(2031, 5, 6, 7, 8, 9, 0, time.UTC)
	text := w.mint("repo", "admin:org", "user:email")
	w.must(w.SetExpiry(text, expiry))
	x := w.wire(map[string]any{"url": nil, "api_key": nil})

	got, diagnostics := x.read(tokenCheck, map[string]any{
		"token": text, "git_provider": "github", "token_type": "user", "api_url": w.URL(lifeHost),
	})
	if len(diagnostics) > 0 {
		t.Errorf("unexpected %v", diagnostics)
	}

	want := map[string]any{
		"token": text, "git_provider": "github", "token_type": "user", "api_url": w.URL(lifeHost), "username": nil,
		"required_scopes": nil, "repositories": nil, "write_probes": nil,
		"ok": true, "status": "valid", "status_reason": "has every required scope", "token_kind": "classic",
		"token_owner": "ci-bot", "granted_scopes": []any{"admin:org", "repo", "user:email"}, "missing_scopes": []any{},
		"excess_scopes": []any{"admin:org", "user:email"}, "expires_at": "2031-05-06T07:08:09Z",
		"repository_access": nil, "help_url": nil,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("answer (-want +got):\n%s", diff)
	}

	if asked := w.operations(); !cmp.Equal(asked, map[string]int{string(lifeHost) + " GET /api/v3/user": 1}) {
		t.Errorf("requests are %v", asked)
	}
}

// A configuration that names no host to ask is an error, which repeats no secret.
func TestTokenCheckOfNoHost(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	x := w.wire(nil)

	for name, tt := range map[string]struct {
		change map[string]any
		want   string
	}{
		"no address":  {map[string]any{"git_provider": "bitbucket-server"}, "api_url is missing"},
		"a password":  {map[string]any{"api_url": "https://me:hunter2@git.example.com"}, "api_url is not a usable address"},
		"plain http":  {map[string]any{"api_url": "ftp://git.example.com"}, "api_url is not a usable address"},
		"provider":    {map[string]any{"git_provider": "sourcehut"}, "git_provider"},
		"type":        {map[string]any{"token_type": "robot"}, "token_type"},
		"no scope":    {map[string]any{"required_scopes": []string{}}, "required_scopes cannot be used"},
		"blank scope": {map[string]any{"required_scopes": []string{" repo"}}, "required_scopes cannot be used"},
		"no e-mail": {
			map[string]any{"git_provider": "bitbucket", "token": "ATATT3xhunter2hunter2"}, "username is missing",
		},
		"an empty e-mail": {
			map[string]any{"git_provider": "bitbucket", "token": "ATATT3xhunter2hunter2", "username": ""}, "username is missing",
		},
		"an e-mail of a file": {
			map[string]any{
				"git_provider": "bitbucket", "token": "ATATT3xhunter2hunter2", "username": "ci@example.com\n",
			}, "username cannot be used",
		},
		"an e-mail with a mark": {
			map[string]any{
				"git_provider": "bitbucket", "token": "ATATT3xhunter2hunter2", "username": "\ufeffci@example.com",
			}, "username cannot be used",
		},
		"an e-mail in quotes": {
			map[string]any{
				"git_provider": "bitbucket", "token": "ATATT3xhunter2hunter2", "username": `"ci@example.com"`,
			}, "username cannot be used",
		},
		"no user name": {
			map[string]any{"git_provider": "bitbucket", "token": "ATBBhunter2hunter2hunter2"}, "username is missing",
		},
		"access": {map[string]any{
			"repositories": []map[string]any{{"url": "https://x.test/a/b", "access": "all"}},
		}, "access"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			config := map[string]any{"token": "ghp_hunter2hunter2", "git_provider": "github", "token_type": "user"}
			for attribute, value := range tt.change {
				config[attribute] = value
			}

			_, data := x.read(tokenCheck, config)

			_, ephemeral := x.open(tokenCheck, config)
			for _, diagnostics := range [][]diagnostic{data, ephemeral} {
				if len(diagnostics) != 1 || diagnostics[0].Severity != "error" {
					t.Fatalf("diagnostics are %v", diagnostics)
				}

				diagnostics[0].wants(t, tt.want)

				if strings.Contains(diagnostics[0].String(), "hunter2") {
					t.Errorf("the message repeats a secret:\n%s", diagnostics[0])
				}
			}
		})
	}
}
