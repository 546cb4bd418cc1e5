package github_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestInspectLive(t *testing.T) {
	t.Parallel()

	const (
		user   = `{"login":"ci-bot","id":42,"type":"User"}`
		expiry = "GitHub-Authentication-Token-Expiration"
		scopes = "X-OAuth-Scopes"
	)

	summer := time.Date(2026, 8, 1, 10, 0, 0, 0, time.UTC)

	tests := map[string]struct {
		token string
		reply reply
		want  gittoken.Verdict
	}{
		"classic": {
			classic, ok(user).With(scopes, "repo, admin:repo_hook", expiry, "2026-08-01 10:00:00 UTC"),
			gittoken.Verdict{
				Kind: gittoken.KindClassic, Owner: "ci-bot", ScopesKnown: true,
				Scopes: []gittoken.Scope{"repo", "admin:repo_hook"}, ExpiresAt: summer,
			},
		},
		"classic without scopes": {
			classic, ok(user).With(scopes, ""),
			gittoken.Verdict{Kind: gittoken.KindClassic, Owner: "ci-bot", ScopesKnown: true},
		},
		"classic behind a proxy that drops headers": {
			classic, ok(user),
			gittoken.Verdict{
				Kind: gittoken.KindClassic, Owner: "ci-bot", Detail: "the header X-OAuth-Scopes, which GitHub sends with every " +
					"answer to such a token, is missing: a proxy on the way may have removed it",
			},
		},
		"classic, with odd spaces": {
			classic, ok(user).With(scopes, " repo ,admin:repo_hook,\tgist, repo,"),
			gittoken.Verdict{
				Kind: gittoken.KindClassic, Owner: "ci-bot", ScopesKnown: true,
				Scopes: []gittoken.Scope{"repo", "admin:repo_hook", "gist"},
			},
		},
		"classic, with the header twice": {
			classic, twice(ok(user), scopes, "repo", "admin:repo_hook"),
			gittoken.Verdict{
				Kind: gittoken.KindClassic, Owner: "ci-bot", ScopesKnown: true,
				Scopes: []gittoken.Scope{"repo", "admin:repo_hook"},
			},
		},
		"classic behind a proxy that changes headers": {
			classic, ok(user).With(scopes, "repo; admin:repo_hook"),
			gittoken.Verdict{
				Kind: gittoken.KindClassic, Owner: "ci-bot", Detail: "the header X-OAuth-Scopes is not the list of scopes that " +
					"GitHub sends: a proxy on the way may have changed it",
			},
		},
		"fine-grained": {
			fineGrained, ok(user).With(expiry, "2026-08-01 12:00:00 +0200"),
			gittoken.Verdict{Kind: gittoken.KindFineGrained, Owner: "ci-bot", ExpiresAt: summer},
		},
		"fine-grained with an empty header": {
			fineGrained, ok(user).With(scopes, ""),
			gittoken.Verdict{Kind: gittoken.KindFineGrained, Owner: "ci-bot"},
		},
		"OAuth": {
			oauth, ok(user).With(scopes, "repo"),
			gittoken.Verdict{
				Kind: gittoken.KindOAuth, Owner: "ci-bot", ScopesKnown: true, Scopes: []gittoken.Scope{"repo"},
			},
		},
		"app user": {appUser, ok(user), gittoken.Verdict{Kind: gittoken.KindAppUser, Owner: "ci-bot"}},
		"old prefix": {
			bare, ok(user).With(scopes, "gist"),
			gittoken.Verdict{
				Kind: gittoken.KindClassic, Owner: "ci-bot", ScopesKnown: true, Scopes: []gittoken.Scope{"gist"},
			},
		},
		"no prefix and no header": {bare, ok(user), gittoken.Verdict{Kind: gittoken.KindUnknown, Owner: "ci-bot"}},
		"expiry in an unknown zone": {
			classic, ok(user).With(scopes, "", expiry, "2026-08-01 10:00:00 EST"),
			gittoken.Verdict{Kind: gittoken.KindClassic, Owner: "ci-bot", ScopesKnown: true},
		},
		"expiry is the current time": {
			fineGrained,
			ok(user).With(expiry, "2026-03-01 12:01:00 UTC", "Date", hosttest.Now().Format(http.TimeFormat)),
			gittoken.Verdict{Kind: gittoken.KindFineGrained, Owner: "ci-bot"},
		},
		"expiry is the server's current time, and our clock is slow": {
			fineGrained, ok(user).With(expiry, "2026-03-01 15:00:00 UTC", "Date", "Sun, 01 Mar 2026 15:00:00 GMT"),
			gittoken.Verdict{Kind: gittoken.KindFineGrained, Owner: "ci-bot"},
		},
		"expiry soon": {
			fineGrained,
			ok(user).With(expiry, "2026-03-01 12:03:00 UTC", "Date", hosttest.Now().Format(http.TimeFormat)),
			gittoken.Verdict{
				Kind: gittoken.KindFineGrained, Owner: "ci-bot", ExpiresAt: hosttest.Now().Add(3 * time.Minute),
			},
		},
		"expiry in an hour, and our clock is two hours fast": {
			classic,
			ok(user).With(scopes, "", expiry, "2026-03-01 11:00:00 UTC", "Date", "Sun, 01 Mar 2026 10:00:00 GMT"),
			gittoken.Verdict{
				Kind: gittoken.KindClassic, Owner: "ci-bot", ScopesKnown: true, ExpiresAt: hosttest.Now().Add(-time.Hour),
			},
		},
		"installation with another prefix": {
			bare, message(403, "Resource not accessible by integration"),
			gittoken.Verdict{Kind: gittoken.KindAppInstallation},
		},
		"login with control characters": {
			classic, ok(`{"login":"ci\u001b[31m-bot","id":42}`).With(scopes, ""),
			gittoken.Verdict{Kind: gittoken.KindClassic, Owner: "ci [31m-bot", ScopesKnown: true},
		},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tt.want.Standing = gittoken.Live
			if _, dated := tt.reply.Header["Date"]; !dated {
				tt.reply = tt.reply.With("Date", hosttest.Now().Format(http.TimeFormat))
			}

			s := serve(t, tt.token, map[string]reply{"GET /api/v3/user": tt.reply})

			got := inspector(t).Inspect(t.Context(), credential(t, s.URL, tt.token))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}

			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestInspectRequest(t *testing.T) {
	t.Parallel()

	var got http.Header

	s := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() }))
	t.Cleanup(s.Close)

	inspector(t).Inspect(t.Context(), credential(t, s.URL, classic))

	if got.Get("X-Github-Api-Version") != "2022-11-28" || got.Get("User-Agent") == "" ||
		got.Get("Authorization") != "Bearer "+classic {
		t.Errorf("headers: %v", got)
	}
}

func TestInspectInstallation(t *testing.T) {
	t.Parallel()

	const path = "GET /api/v3/installation/repositories?per_page=1"

	tests := map[string]struct {
		reply reply
		want  gittoken.Verdict
	}{
		"live": {ok(`{"total_count":3,"repositories":[]}`), gittoken.Verdict{Standing: gittoken.Live}},
		"rejected": {
			message(401, "Bad credentials"),
			gittoken.Verdict{Standing: gittoken.Rejected, Detail: "Bad credentials"},
		},
		"suspended": {
			message(403, "This installation has been suspended"),
			gittoken.Verdict{
				Standing: gittoken.Blocked, Cause: gittoken.CauseAccountBlocked,
				Detail: "This installation has been suspended",
			},
		},
		"not JSON": {
			page(200),
			gittoken.Verdict{
				Cause: gittoken.CauseNotUnderstood, Detail: "HTTP 200 with a web page instead of JSON",
			},
		},
		"no list": {ok(`{}`), gittoken.Verdict{Cause: gittoken.CauseNotUnderstood, Detail: "HTTP 200 OK"}},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tt.want.Kind = gittoken.KindAppInstallation
			s := serve(t, app, map[string]reply{path: tt.reply})

			got := inspector(t).Inspect(t.Context(), credential(t, s.URL, app))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}
		})
	}
}

// TestInspectFailures has an answer for each way in which GitHub, or what stands before it, says something else than
// yes.
func TestInspectFailures(t *testing.T) {
	t.Parallel()

	reset := hosttest.Now().Add(40 * time.Minute)
	epoch := strconv.FormatInt(reset.Unix(), 10)

	const (
		saml = "Resource protected by organization SAML enforcement. You must grant your Personal Access token " +
			"access to this organization."
		allow = "Although you appear to have the correct authorization credentials, the `acme` organization " +
			"has an IP allow list enabled, " +
			"and your IP address is not permitted to access this resource."
		lifetime = "The 'acme' organization forbids access via a fine-grained personal access tokens " +
			"if the token's lifetime is greater than 366 days."
	)

	tests := map[string]struct {
		reply    reply
		standing gittoken.Standing
		cause    gittoken.Cause
		detail   string // a part of it
		retryAt  time.Time
		help     string // below the site
	}{
		"bad credentials": {reply: message(401, "Bad credentials"), standing: gittoken.Rejected, detail: "Bad credentials"},
		"no credentials": {
			reply: message(401, "Requires authentication"), cause: gittoken.CauseTokenLost,
			detail: "Requires authentication",
		},
		"private mode": {
			reply: reply{Status: 401, Body: `{"message":"Must authenticate to access this API."}`},
			cause: gittoken.CauseTokenLost,
		},
		"two factors": {
			reply:    message(401, "Must specify two-factor authentication OTP code.").With("X-GitHub-OTP", "required; app"),
			standing: gittoken.Rejected,
		},
		"a proxy's 401": {
			reply: page(401),
			cause: gittoken.CauseNotUnderstood, detail: "HTTP 401 with a web page",
		},
		"a gateway's 401": {
			reply: reply{Status: 401, Body: `{"message":"Unauthorized"}`},
			cause: gittoken.CauseNotUnderstood,
		},
		"an empty 401": {reply: reply{Status: 401}, cause: gittoken.CauseNotUnderstood},
		"lock-out": {
			reply: message(403, "Maximum number of login attempts exceeded. Please try again later."),
			cause: gittoken.CauseLoginLockout,
		},
		"SSO": {reply: message(403, saml), standing: gittoken.Blocked, cause: gittoken.CauseSSO, detail: "SAML"},
		"SSO by header": {
			reply:    message(403, "Forbidden").With("X-GitHub-SSO", "required; url=https://evil.example/"),
			standing: gittoken.Blocked, cause: gittoken.CauseSSO,
		},
		"IP allow list": {
			reply: message(403, allow), cause: gittoken.CauseIPAllowList, detail: "`acme`",
			help: "/organizations/acme/settings/security",
		},
		"an enterprise's IP allow list": {
			reply: message(403, strings.Replace(allow, "organization has", "enterprise has", 1)),
			cause: gittoken.CauseIPAllowList, detail: "`acme`",
		},
		"token lifetime": {
			reply:    message(403, lifetime),
			standing: gittoken.Blocked, cause: gittoken.CausePolicy, detail: "366 days",
		},
		"classic forbidden": {
			reply:    message(403, "`acme` forbids access via a personal access token (classic)."),
			standing: gittoken.Blocked, cause: gittoken.CauseFineGrainedOnly,
		},
		"suspended": {
			reply:    message(403, "Sorry. Your account was suspended."),
			standing: gittoken.Blocked, cause: gittoken.CauseAccountBlocked,
		},
		"primary limit, 403": {
			reply: message(403, "API rate limit exceeded for user ID 42.").
				With("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", epoch),
			cause: gittoken.CauseRateLimited, retryAt: reset,
		},
		"primary limit, 429": {
			reply: message(429, "API rate limit exceeded for user ID 42.").
				With("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", epoch),
			cause: gittoken.CauseRateLimited, retryAt: reset,
		},
		"limit without words": {
			reply: message(403, "Forbidden").
				With("X-RateLimit-Remaining", "0", "X-RateLimit-Reset", epoch),
			cause: gittoken.CauseRateLimited, retryAt: reset,
		},
		"secondary limit, 403": {
			reply: message(403, "You have exceeded a secondary rate limit. Please wait.").
				With("Retry-After", "60", "X-RateLimit-Remaining", "4000"),
			cause: gittoken.CauseRateLimited, retryAt: hosttest.Now().Add(time.Minute),
		},
		"secondary limit, 429": {
			reply: message(429, "You have exceeded a secondary rate limit. Please wait.").With("Retry-After", "60"),
			cause: gittoken.CauseRateLimited, retryAt: hosttest.Now().Add(time.Minute),
		},
		"suspended, none left": {
			reply:    message(403, "Sorry. Your account was suspended.").With("X-RateLimit-Remaining", "0"),
			standing: gittoken.Blocked, cause: gittoken.CauseAccountBlocked,
		},
		"unknown 403": {
			reply: message(403, "Something new."),
			cause: gittoken.CauseNotUnderstood, detail: "Something new.",
		},
		"a proxy's 403":       {reply: page(403), cause: gittoken.CauseNotUnderstood},
		"no such API":         {reply: message(404, "Not Found"), cause: gittoken.CauseNotUnderstood, detail: "Not Found"},
		"unknown API version": {reply: message(400, "API version not supported"), cause: gittoken.CauseNotUnderstood},
		"internal error":      {reply: message(500, "Server Error"), cause: gittoken.CauseServerError},
		"bad gateway":         {reply: page(502), cause: gittoken.CauseServerError},
		"maintenance": {
			reply: page(503).With("Retry-After", "3600"),
			cause: gittoken.CauseServerError, retryAt: hosttest.Now().Add(time.Hour),
		},
		"sign-in page":     {reply: page(200), cause: gittoken.CauseNotUnderstood, detail: "web page"},
		"another JSON":     {reply: ok(`{"id":42}`), cause: gittoken.CauseNotUnderstood},
		"a list":           {reply: ok(`[]`), cause: gittoken.CauseNotUnderstood},
		"login is no text": {reply: ok(`{"login":7}`), cause: gittoken.CauseNotUnderstood},
		"nothing":          {reply: ok(``), cause: gittoken.CauseNotUnderstood},
		"accepted":         {reply: reply{Status: 202, Body: `{}`}, cause: gittoken.CauseNotUnderstood},
		"not modified":     {reply: reply{Status: 304}, cause: gittoken.CauseNotUnderstood},
		"redirect elsewhere": {
			reply: reply{Status: 302}.With("Location", "https://sso.example.com/login?x=1"),
			cause: gittoken.CauseRedirect, detail: "https://sso.example.com",
		},
		"redirect to nowhere": {reply: reply{Status: 302}, cause: gittoken.CauseNotUnderstood},
		"message in many lines": {
			reply:    message(401, "Bad credentials\r\n\x1b[2J here"),
			standing: gittoken.Rejected, detail: "Bad credentials [2J here",
		},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, classic, map[string]reply{"GET /api/v3/user": tt.reply})
			got := inspector(t).Inspect(t.Context(), credential(t, s.URL, classic))

			if got.Standing != tt.standing || got.Cause != tt.cause {
				t.Errorf("= %q %q, want %q %q (%s)", got.Standing, got.Cause, tt.standing, tt.cause, got.Detail)
			}

			if got.Detail == "" || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("detail = %q", got.Detail)
			}

			if !got.RetryAt.Equal(tt.retryAt) {
				t.Errorf("retry at %v, want %v", got.RetryAt, tt.retryAt)
			}

			if tt.help != "" {
				tt.help = s.URL + tt.help
			}

			if got.HelpURL != tt.help || got.ScopesKnown || !got.ExpiresAt.IsZero() || got.Owner != "" {
				t.Errorf("a refusal tells more than it can: %+v", got)
			}

			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

func TestInspectSSOPage(t *testing.T) {
	t.Parallel()

	var s *httptest.Server

	s = httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-GitHub-SSO", "required; url="+s.URL+"/orgs/acme/sso?authorization_request=AB1")
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, message(403, "Resource protected by organization SAML enforcement.").Body)
	}))
	t.Cleanup(s.Close)

	got := inspector(t).Inspect(t.Context(), credential(t, s.URL, classic))
	if want := s.URL + "/orgs/acme/sso?authorization_request=AB1"; got.HelpURL != want ||
		got.Standing != gittoken.Blocked {
		t.Errorf("verdict = %+v", got)
	}
}

func TestInspectUnreachable(t *testing.T) {
	t.Parallel()

	got := inspector(t).Inspect(t.Context(), credential(t, hosttest.Nowhere, classic))
	if got.Standing != gittoken.Unchecked || got.Cause != gittoken.CauseNetwork {
		t.Errorf("closed: %+v", got)
	}

	got = inspector(t).Inspect(t.Context(), credential(t, "http://ghe.example.com", classic))
	if got.Cause != gittoken.CauseInsecure {
		t.Errorf("http: %+v", got)
	}

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	got = inspector(t).Inspect(ctx, credential(t, hosttest.Nowhere, classic))
	if got.Standing != gittoken.Unchecked || got.Cause != gittoken.CauseTimeout {
		t.Errorf("cancelled: %+v", got)
	}
}

// TestInspectTokensApart asks for a token after another one of the same host used up its limit.
func TestInspectTokensApart(t *testing.T) {
	t.Parallel()

	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Header.Get("Authorization") == "Bearer "+oauth {
			w.Header().Set("Content-Type", "application/json; charset=utf-8")
			_, _ = io.WriteString(w, `{"login":"other","id":43,"type":"User"}`)

			return
		}

		w.Header().Set("Content-Type", "application/json; charset=utf-8")
		w.Header().Set("X-RateLimit-Remaining", "0")
		w.Header().Set("X-RateLimit-Limit", "5000")
		w.Header().Set("X-RateLimit-Reset", strconv.FormatInt(time.Now().Add(time.Hour).Unix(), 10))
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, message(403, "API rate limit exceeded for user ID 42.").Body)
	}))
	t.Cleanup(s.Close)

	i := inspector(t)
	if v := i.Inspect(t.Context(), credential(t, s.URL, classic)); v.Cause != gittoken.CauseRateLimited {
		t.Fatalf("first: %+v", v)
	}

	if v := i.Inspect(t.Context(), credential(t, s.URL, oauth)); v.Standing != gittoken.Live {
		t.Errorf("second: %+v", v)
	}
}

// TestInspectEcho meets a server that repeats the token wherever it can.
func TestInspectEcho(t *testing.T) {
	t.Parallel()

	for _, status := range []int{200, 401, 403, 404, 500} {
		echo := reply{Status: status, Body: fmt.Sprintf(`{"login":%q,"message":%q}`, classic, "no: "+classic)}
		s := serve(t, classic, map[string]reply{"GET /api/v3/user": echo.With("X-OAuth-Scopes", classic)})

		got := inspector(t).Inspect(t.Context(), credential(t, s.URL, classic))
		if strings.Contains(fmt.Sprintf("%+v", got), classic) {
			t.Errorf("HTTP %d: %+v", status, got)
		}
	}
}

// twice returns r with a header that comes once for each of values.
func twice(r reply, name string, values ...string) reply {
	r = r.With()
	r.Header[http.CanonicalHeaderKey(name)] = values

	return r
}
