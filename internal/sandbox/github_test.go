package sandbox_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestGitHubUserByKind(t *testing.T) {
	t.Parallel()
	s := begin(t)

	expiry := time.Date(2026, 12, 24, 18, 30, 0, 0, time.UTC)
	for _, c := range []struct {
		kind           string
		scopes         []string
		status         int
		header, expiry string
		hasHeader      bool
	}{
		{"classic", []string{"repo", "admin:repo_hook"}, 200, "admin:repo_hook, repo", "2026-12-24 18:30:00 UTC", true},
		{"classic", nil, 200, "", "2026-12-24 18:30:00 UTC", true},
		{"oauth", []string{"repo"}, 200, "repo", "2026-12-24 18:30:00 UTC", true},
		{"fine_grained", nil, 200, "", "2026-12-24 20:30:00 +0200", false},
		{"app_user", nil, 200, "", "2026-12-24 20:30:00 +0200", false},
		{"app_installation", nil, 403, "", "", false},
	} {
		made := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: c.kind, Scopes: c.scopes, ExpiresAt: expiry})

		got := ask(t, "GET", s.URL(sandbox.GitHub)+"/user", bearer(made.Text))
		if got.status != c.status {
			t.Errorf("%s: status %d %s", c.kind, got.status, got.body)
		}

		if scopes, has := got.header["X-Oauth-Scopes"]; has != c.hasHeader || (has && scopes[0] != c.header) {
			t.Errorf("%s: scopes header %v", c.kind, scopes)
		}

		if at := got.header.Get("GitHub-Authentication-Token-Expiration"); at != c.expiry {
			t.Errorf("%s: expiry header %q, want %q", c.kind, at, c.expiry)
		}
	}
}

func TestGitHubAnswersHaveTheHostsClock(t *testing.T) {
	t.Parallel()
	s := begin(t)
	do(t, s.SetBehaviour(sandbox.GitHub, sandbox.ExpiryIsNow, true))
	made := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "fine_grained"})

	got := ask(t, "GET", s.URL(sandbox.GitHub)+"/user", bearer(made.Text))
	if got.header.Get("Date") != noon.Format(http.TimeFormat) ||
		got.header.Get("GitHub-Authentication-Token-Expiration") != "2026-09-15 12:00:00 +0000" {
		t.Errorf("headers %v", got.header)
	}
}

func TestGitHubRefusals(t *testing.T) {
	t.Parallel()
	s := begin(t)
	user := s.URL(sandbox.GitHub) + "/user"
	made := func() string {
		return token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text
	}
	revoked, expired, suspended, locked := made(), made(), made(), made()
	do(t, s.RevokeToken(revoked))
	do(t, s.ExpireToken(expired))
	do(t, s.BlockToken(suspended, sandbox.BlockSuspended))
	do(t, s.BlockToken(locked, sandbox.BlockLoginAttempts))
	app := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "app_installation"}).Text
	enterprise := token(t, s, sandbox.Token{Service: sandbox.GitHubEnterprise, Kind: "classic"}).Text

	for name, c := range map[string]struct {
		headers  []string
		status   int
		contains string
	}{
		"unknown":             {[]string{bearer("ghp_x")}, 401, `"message":"Bad credentials"`},
		"of another host":     {[]string{bearer(enterprise)}, 401, "Bad credentials"},
		"revoked":             {[]string{bearer(revoked)}, 401, "Bad credentials"},
		"expired":             {[]string{bearer(expired)}, 401, `"status":"401"`},
		"no token":            {nil, 401, "Requires authentication"},
		"other scheme":        {[]string{"Authorization: Digest " + made()}, 401, "Requires authentication"},
		"bare":                {[]string{"Authorization: " + made()}, 401, "Requires authentication"},
		"suspended":           {[]string{bearer(suspended)}, 403, "Sorry. Your account was suspended."},
		"locked out":          {[]string{bearer(locked)}, 403, "Maximum number of login attempts exceeded"},
		"scheme token":        {[]string{"Authorization: token " + made()}, 200, "ci-bot"},
		"basic":               {[]string{basic("x", made())}, 200, "ci-bot"},
		"app":                 {[]string{bearer(app)}, 403, "Resource not accessible by integration"},
		"app by scheme token": {[]string{"Authorization: token " + app}, 401, "Bad credentials"},
		"API version":         {[]string{bearer(made()), "X-GitHub-Api-Version: 1999-01-01"}, 400, "not supported"},
		"right API version":   {[]string{bearer(made()), "X-GitHub-Api-Version: 2022-11-28"}, 200, "ci-bot"},
		"no User-Agent":       {[]string{bearer(made()), "User-Agent: "}, 403, "User-Agent header"},
	} {
		got := ask(t, "GET", user, c.headers...)
		got.check(t, c.status, c.contains)

		if got.status != 200 && got.header.Get("GitHub-Authentication-Token-Expiration") != "" {
			t.Errorf("%s: a refusal tells an expiry", name)
		}

		if _, has := got.header["X-Oauth-Scopes"]; got.status == 401 && has {
			t.Errorf("%s: a 401 tells scopes", name)
		}
	}

	do(t, s.Unblock(suspended))
	ask(t, "GET", user, bearer(suspended)).check(t, 200, "ci-bot")
	ask(t, "POST {}", user, bearer(made())).check(t, 404, "Not Found")
	ask(t, "GET", user+"s/none", bearer(made())).check(t, 404, "Not Found")
}

func TestGitHubRoot(t *testing.T) {
	t.Parallel()
	s := begin(t)
	made := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"gist"}})

	root := s.URL(sandbox.GitHub)
	for _, path := range []string{"", "/"} {
		got := ask(t, "HEAD", root+path, bearer(made.Text))
		if got.status != 200 || got.header.Get("X-OAuth-Scopes") != "gist" {
			t.Errorf("HEAD %q: %d %v", path, got.status, got.header)
		}
	}

	ask(t, "GET", root+"/").check(t, 200, "current_user_url")

	if got := ask(t, "HEAD", root+"/", bearer("ghp_x")); got.status != 401 {
		t.Errorf("HEAD with a bad token: %d", got.status)
	}
}

func TestGitHubRateLimit(t *testing.T) {
	t.Parallel()
	s := begin(t)
	first := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic"})
	second := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "fine_grained"})
	root := s.URL(sandbox.GitHub)
	ask(t, "GET", root+"/user", bearer(first.Text))
	ask(t, "GET", root+"/rate_limit", bearer(first.Text)).check(t, 200, `"used":1`)

	got := ask(t, "GET", root+"/user", bearer(second.Text))
	if got.header.Get("X-RateLimit-Remaining") != "4998" || got.header.Get("X-RateLimit-Limit") != "5000" {
		t.Errorf("two tokens of one account: %v", got.header)
	}

	if anonymous := ask(t, "GET", root+"/meta"); anonymous.header.Get("X-RateLimit-Limit") != "60" {
		t.Errorf("anonymous: %v", anonymous.header)
	}
}

func TestGitHubEnterprise(t *testing.T) {
	t.Parallel()
	s := begin(t)
	made := token(t, s, sandbox.Token{
		Service: sandbox.GitHubEnterprise, Kind: "classic", Scopes: []string{"repo", "site_admin"},
	})
	root := s.URL(sandbox.GitHubEnterprise)
	got := ask(t, "GET", root+"/api/v3/user", bearer(made.Text))
	got.check(t, 200, "ci-bot")

	if got.header.Get("X-RateLimit-Limit") != "" || got.header.Get("X-GitHub-Enterprise-Version") == "" {
		t.Errorf("headers %v", got.header)
	}

	ask(t, "GET", root+"/api/v3/rate_limit", bearer(made.Text)).check(t, 404, "Rate limiting is not enabled.")
	ask(t, "GET", root+"/api/v3/meta").check(t, 200, "installed_version")
	ask(t, "GET", root+"/user", bearer(made.Text)).check(t, 404, "<!DOCTYPE html>")

	do(t, s.SetBehaviour(sandbox.GitHubEnterprise, sandbox.PrivateMode, true))
	do(t, s.SetBehaviour(sandbox.GitHubEnterprise, sandbox.RateLimits, true))
	ask(t, "GET", root+"/api/v3/meta").check(t, 401, "Must authenticate to access this API.")

	if got := ask(t, "GET", root+"/api/v3/user", bearer(made.Text)); got.header.Get("X-RateLimit-Limit") != "5000" {
		t.Errorf("rate limits on: %v", got.header)
	}
}

func TestGitHubInstallation(t *testing.T) {
	t.Parallel()
	s := begin(t)
	repository(t, s, sandbox.Repository{Service: sandbox.GitHub, Path: "acme/one", Private: true})
	repository(t, s, sandbox.Repository{Service: sandbox.GitHub, Path: "acme/two", Private: true})
	app := token(t, s, sandbox.Token{
		Service: sandbox.GitHub, Kind: "app_installation", Repositories: []string{"acme/one"},
		Permissions: map[string]string{"contents": "write"},
	})
	root := s.URL(sandbox.GitHub)
	ask(t, "GET", root+"/installation/repositories?per_page=1", bearer(app.Text)).check(t, 200, `"total_count":1`)
	ask(t, "GET", root+"/repos/acme/one/commits", bearer(app.Text)).check(t, 200, "sha")
	ask(t, "GET", root+"/repos/acme/two", bearer(app.Text)).check(t, 404, "Not Found")
	ask(t, "GET", root+"/repos/acme/one/hooks", bearer(app.Text)).check(t, 403, "by integration")
	classic := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}})
	ask(t, "GET", root+"/installation/repositories", bearer(classic.Text)).check(t, 403, "installation access token")
	do(t, s.BlockToken(app.Text, sandbox.BlockSuspended))
	ask(t, "GET", root+"/installation/repositories", bearer(app.Text)).
		check(t, 403, "This installation has been suspended")
}

func TestGitHubEmails(t *testing.T) {
	t.Parallel()
	s := begin(t)

	emails := s.URL(sandbox.GitHub) + "/user/emails"
	for scope, status := range map[string]int{"user:email": 200, "user": 200, "read:user": 404} {
		made := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{scope}})
		if got := ask(t, "GET", emails, bearer(made.Text)); got.status != status {
			t.Errorf("%s: %d %s", scope, got.status, got.body)
		}
	}
}

func TestGitHubOrganisationRules(t *testing.T) {
	t.Parallel()
	s := begin(t)
	clone := repository(t, s, sandbox.Repository{
		Service: sandbox.GitHub, Path: "acme/app", Private: true, Roles: map[string]string{"ci-bot": "admin"},
	})
	repository(t, s, sandbox.Repository{Service: sandbox.GitHub, Path: "ci-bot/own", Private: true})
	made := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}})

	root := s.URL(sandbox.GitHub)
	for block, texts := range map[sandbox.Block][2]string{
		sandbox.BlockSSO: {
			"Resource protected by organization SAML enforcement.", "'acme' organization has enabled or enforced SAML SSO",
		},
		sandbox.BlockPolicy: {
			"forbids access via a personal access token (classic)", "forbids access via a personal access token (classic)",
		},
		sandbox.BlockIPAllowList: {
			"the `acme` organization has an IP allow list enabled", "the `acme` organization has an IP allow list enabled",
		},
	} {
		do(t, s.BlockToken(made.Text, block))
		got := ask(t, "GET", root+"/repos/acme/app", bearer(made.Text))
		got.check(t, 403, texts[0])

		sso := got.header.Get("X-GitHub-SSO")
		if (block == sandbox.BlockSSO) != strings.HasPrefix(sso, "required; url=https://") {
			t.Errorf("%s: X-GitHub-SSO %q", block, sso)
		}

		if got.header.Get("X-OAuth-Scopes") != "repo" {
			t.Errorf("%s: scopes header %q", block, got.header.Get("X-OAuth-Scopes"))
		}

		ask(t, "GET", root+"/user", bearer(made.Text)).check(t, 200, "ci-bot")
		ask(t, "GET", root+"/repos/ci-bot/own", bearer(made.Text)).check(t, 200, "own")
		ask(t, "GET", clone+"/info/refs?service=git-upload-pack", basic("x", made.Text)).check(t, 403, texts[1])
	}
}
