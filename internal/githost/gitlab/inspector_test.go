package gitlab_test

import (
	"fmt"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/gitlab"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

type verdict = gittoken.Verdict

func TestInspect(t *testing.T) {
	t.Parallel()

	midnight := time.Date(2026, 6, 1, 0, 0, 0, 0, time.UTC)
	live := gittoken.Live
	api := []gittoken.Scope{"api"}

	tests := map[string]struct {
		answers map[string]reply
		want    verdict
	}{
		"personal": {
			map[string]reply{selfLine: self(`"api"`, `,"expires_at":"2026-06-01"`), userLine: ok(human)},
			verdict{
				Standing: live, Kind: gittoken.KindPersonal, Owner: "ci-bot", Scopes: api, ScopesKnown: true,
				ExpiresAt: midnight,
			},
		},
		"without expiry": {
			map[string]reply{selfLine: self(`"api"`, `,"expires_at":null`), userLine: ok(human)},
			verdict{Standing: live, Kind: gittoken.KindPersonal, Owner: "ci-bot", Scopes: api, ScopesKnown: true},
		},
		"expiry in another form": {
			map[string]reply{
				selfLine: self(`"api"`, `,"expires_at":"2026-06-01T02:00:00+02:00"`), userLine: ok(human),
			},
			verdict{
				Standing: live, Kind: gittoken.KindPersonal, Owner: "ci-bot", Scopes: api, ScopesKnown: true,
				ExpiresAt: midnight,
			},
		},
		"expiry in no form": {
			map[string]reply{selfLine: self(`"api"`, `,"expires_at":17`), userLine: ok(human)},
			verdict{Standing: live, Kind: gittoken.KindPersonal, Owner: "ci-bot", Scopes: api, ScopesKnown: true},
		},
		"project": {
			map[string]reply{
				selfLine: self(`"read_api","write_repository"`, ""),
				userLine: ok(`{"id":42,"username":"project_5_bot_ab12","bot":true}`),
			},
			verdict{
				Standing: live, Kind: gittoken.KindProject, Owner: "project_5_bot_ab12",
				Scopes: []gittoken.Scope{"read_api", "write_repository"}, ScopesKnown: true,
			},
		},
		"group": {
			map[string]reply{
				selfLine: self(`"api"`, ""), userLine: ok(`{"id":42,"username":"group_5_bot_ab12","bot":true}`),
			},
			verdict{
				Standing: live, Kind: gittoken.KindGroup, Owner: "group_5_bot_ab12", Scopes: api, ScopesKnown: true,
			},
		},
		"service account": {
			map[string]reply{
				selfLine: self(`"read_user"`, ""),
				userLine: ok(`{"id":42,"username":"service_account_1","bot":true}`),
			},
			verdict{
				Standing: live, Kind: gittoken.KindPersonal, Owner: "service_account_1",
				Scopes: []gittoken.Scope{"read_user"}, ScopesKnown: true,
			},
		},
		"a person called project_": {
			map[string]reply{
				selfLine: self(`"api"`, ""), userLine: ok(`{"id":42,"username":"project_lead","bot":false}`),
			},
			verdict{
				Standing: live, Kind: gittoken.KindPersonal, Owner: "project_lead", Scopes: api, ScopesKnown: true,
			},
		},
		"may not ask for its user": {
			map[string]reply{selfLine: self(`"write_repository"`, "")},
			verdict{
				Standing: live, Kind: gittoken.KindUnknown, Owner: "user 42",
				Scopes: []gittoken.Scope{"write_repository"}, ScopesKnown: true,
			},
		},
		"without scopes": {
			map[string]reply{selfLine: self(``, "")},
			verdict{Standing: live, Kind: gittoken.KindUnknown, Owner: "user 42", ScopesKnown: true},
		},
		"scopes with control characters": {
			map[string]reply{selfLine: self(`"write_repository","a b","\u001b[31m","write_repository"`, "")},
			verdict{
				Standing: live, Kind: gittoken.KindUnknown, Owner: "user 42",
				Scopes: []gittoken.Scope{"write_repository"}, ScopesKnown: true,
			},
		},
		"granular": {
			map[string]reply{selfLine: self(`"granular"`, `,"expires_at":"2026-06-01","granular_scopes":[]`)},
			verdict{
				Standing: live, Kind: gittoken.KindGranular, Owner: "user 42", ExpiresAt: midnight,
				Grant: &gittoken.Grant{},
			},
		},
		"granular that may not look at itself": {
			map[string]reply{selfLine: granularOnly},
			verdict{Standing: live, Kind: gittoken.KindGranular},
		},
		"granular beside others is a list of scopes": {
			map[string]reply{selfLine: self(`"granular","api"`, ""), userLine: ok(human)},
			verdict{
				Standing: live, Kind: gittoken.KindPersonal, Owner: "ci-bot",
				Scopes: []gittoken.Scope{"granular", "api"}, ScopesKnown: true,
			},
		},
		"scope missing for itself": {
			map[string]reply{selfLine: scopeMissing},
			verdict{Standing: live, Kind: gittoken.KindUnknown},
		},
		"user limited": {
			map[string]reply{selfLine: self(`"api"`, ""), userLine: plain(429, "Retry later\n")},
			verdict{Standing: live, Kind: gittoken.KindUnknown, Scopes: api, ScopesKnown: true},
		},
		"user has an error": {
			map[string]reply{selfLine: self(`"api"`, ""), userLine: page(502)},
			verdict{Standing: live, Kind: gittoken.KindUnknown, Scopes: api, ScopesKnown: true},
		},
		"user refused for its scope": {
			map[string]reply{selfLine: self(`"api"`, ""), userLine: granularOnly},
			verdict{Standing: live, Kind: gittoken.KindUnknown, Scopes: api, ScopesKnown: true},
		},
		"user rejected": {
			map[string]reply{selfLine: self(`"api"`, ""), userLine: unauthorized},
			verdict{Standing: live, Kind: gittoken.KindUnknown, Scopes: api, ScopesKnown: true},
		},
		"user is a page": {
			map[string]reply{selfLine: self(`"api"`, ""), userLine: page(200)},
			verdict{Standing: live, Kind: gittoken.KindUnknown, Scopes: api, ScopesKnown: true},
		},
		"user blocked": {
			map[string]reply{selfLine: self(`"api"`, ""), userLine: blocked},
			verdict{
				Standing: gittoken.Blocked, Cause: gittoken.CauseAccountBlocked,
				Detail: "403 Forbidden - Your account has been blocked.", Kind: gittoken.KindUnknown, Scopes: api,
				ScopesKnown: true,
			},
		},
		"revoked in between": {
			map[string]reply{selfLine: self(`"api"`, ""), userLine: revoked},
			verdict{
				Standing: gittoken.Revoked, Detail: "Token was revoked. You have to re-authorize from the user.",
				Kind: gittoken.KindUnknown, Scopes: api, ScopesKnown: true,
			},
		},
		"record says revoked": {
			map[string]reply{selfLine: ok(`{"id":7,"user_id":42,"scopes":["api"],"revoked":true,"active":false}`)},
			verdict{Standing: gittoken.Revoked, Kind: gittoken.KindUnknown, Scopes: api, ScopesKnown: true},
		},
		"record says expired": {
			map[string]reply{
				selfLine: ok(`{"id":7,"user_id":42,"scopes":["api"],"revoked":false,"active":false,"expires_at":"2026-03-01"}`),
			},
			verdict{
				Standing: gittoken.Expired, Kind: gittoken.KindUnknown, Scopes: api, ScopesKnown: true,
				ExpiresAt: time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC),
			},
		},
		"OAuth": {
			map[string]reply{
				selfLine: wrongType,
				infoLine: ok(`{"resource_owner_id":42,"scope":["api","read_user"],"expires_in":7170,` +
					`"application":{"uid":"x"},"created_at":1772366370}`), // 30 s ago
			},
			verdict{
				Standing: live, Kind: gittoken.KindOAuth, Owner: "user 42",
				Scopes: []gittoken.Scope{"api", "read_user"}, ScopesKnown: true,
				ExpiresAt: hosttest.Now().Add(2*time.Hour - 30*time.Second),
			},
		},
		"OAuth, and our clock is half a minute fast": {
			map[string]reply{
				selfLine: wrongType,
				infoLine: ok(`{"resource_owner_id":42,"scope":["api"],"expires_in":7199,"created_at":`+
					strconv.FormatInt(hosttest.Now().Add(-31*time.Second).Unix(), 10)+`}`).
					With("Date", "Sun, 01 Mar 2026 11:59:30 GMT"),
			},
			verdict{
				Standing: live, Kind: gittoken.KindOAuth, Owner: "user 42", Scopes: api, ScopesKnown: true,
				ExpiresAt: hosttest.Now().Add(2*time.Hour - 31*time.Second),
			},
		},
		"OAuth for ever": {
			map[string]reply{
				selfLine: wrongType, infoLine: ok(`{"resource_owner_id":null,"scope":["api"],"expires_in":null}`),
			},
			verdict{Standing: live, Kind: gittoken.KindOAuth, Scopes: api, ScopesKnown: true},
		},
		"OAuth without its information": {
			map[string]reply{selfLine: wrongType, infoLine: page(404)},
			verdict{Standing: live, Kind: gittoken.KindOAuth},
		},
		"old GitLab": {
			map[string]reply{selfLine: {Status: 404, Body: `{"error":"404 Not Found"}`}, userLine: ok(human)},
			verdict{Standing: live, Kind: gittoken.KindPersonal, Owner: "ci-bot"},
		},
		"old GitLab, scope missing": {
			map[string]reply{selfLine: message(404, "404 Not Found"), userLine: scopeMissing},
			verdict{Standing: live, Kind: gittoken.KindUnknown},
		},
		"old GitLab, expired": {
			map[string]reply{selfLine: message(404, "404 Not Found"), userLine: expired},
			verdict{
				Standing: gittoken.Expired, Kind: gittoken.KindUnknown,
				Detail: "Token is expired. You can either do re-authorization or token refresh.",
			},
		},
		"no GitLab at all": {
			map[string]reply{selfLine: message(404, "404 Not Found"), userLine: message(404, "404 Not Found")},
			verdict{Cause: gittoken.CauseNotUnderstood, Kind: gittoken.KindUnknown, Detail: "404 Not Found"},
		},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, tt.answers)

			got := inspector(t).Inspect(t.Context(), credential(t, s.URL+root))
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}

			if asked := s.Requests(); len(asked) != len(tt.answers) || len(asked) > 2 {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// TestInspectFailures has an answer to the first question for each way in which GitLab says something else than yes.
func TestInspectFailures(t *testing.T) {
	t.Parallel()

	reset := hosttest.Now().Add(50 * time.Second).Truncate(time.Second)
	account := gittoken.CauseAccountBlocked
	dpop := guard(401, "dpop_error", "DPoP validation error: DPoP header is missing")

	tests := map[string]struct {
		reply    reply
		standing gittoken.Standing
		cause    gittoken.Cause
		detail   string
		retryAt  time.Time
	}{
		"expired": {reply: expired, standing: gittoken.Expired, detail: "Token is expired"},
		"revoked": {reply: revoked, standing: gittoken.Revoked, detail: "Token was revoked"},
		"impersonation off": {
			reply:    guard(401, "invalid_token", "Token is an impersonation token but impersonation was disabled."),
			standing: gittoken.Blocked, cause: gittoken.CausePolicy,
		},
		"another 401": {
			reply: guard(401, "invalid_token", "Token is odd."),
			cause: gittoken.CauseNotUnderstood, detail: "odd",
		},
		"proof wanted":      {reply: dpop, standing: gittoken.Blocked, cause: gittoken.CausePolicy, detail: "DPoP"},
		"a proxy's 401":     {reply: page(401), cause: gittoken.CauseNotUnderstood},
		"a gateway's 401":   {reply: message(401, "Unauthorized"), cause: gittoken.CauseNotUnderstood},
		"an OAuth proxy":    {reply: guard(401, "invalid_request", "x"), cause: gittoken.CauseNotUnderstood},
		"expired, but HTML": {reply: expired.With("Content-Type", "text/html"), cause: gittoken.CauseNotUnderstood},

		"blocked": {reply: blocked, standing: gittoken.Blocked, cause: account},
		"pending": {
			reply: message(403, "403 Forbidden - Your account is pending approval "+
				"from your GitLab administrator and hence blocked."),
			standing: gittoken.Blocked, cause: account, detail: "pending",
		},
		"deactivated": {
			reply: message(403, "403 Forbidden - Your account has been deactivated by your administrator. "+
				"Please log back in from a web browser to reactivate your account at https://gitlab.com"),
			standing: gittoken.Blocked, cause: account,
		},
		"terms": {
			reply: message(403, "403 Forbidden - You (@jo) must accept the Terms of Service "+
				"in order to perform this action."),
			standing: gittoken.Blocked, cause: account,
		},
		"unconfirmed": {
			reply:    message(403, "403 Forbidden - Your primary email address is not confirmed."),
			standing: gittoken.Blocked, cause: account,
		},
		"password": {
			reply: message(403, "403 Forbidden - Your password expired. "+
				"Please access GitLab from a web browser to update your password."),
			standing: gittoken.Blocked, cause: account,
		},
		"another 403": {
			reply: message(403, "403 Forbidden - Something new"),
			cause: gittoken.CauseNotUnderstood, detail: "Something new",
		},
		"bare 403":        {reply: message(403, "403 Forbidden"), cause: gittoken.CauseNotUnderstood},
		"banned address":  {reply: plain(403, "Forbidden\n"), cause: gittoken.CauseAddressBanned},
		"a proxy's 403":   {reply: page(403), cause: gittoken.CauseNotUnderstood},
		"a gateway's 403": {reply: message(403, "Your account is not ours"), cause: gittoken.CauseNotUnderstood},
		"read-only": {
			reply: message(403, "You cannot perform write operations on a read-only instance"),
			cause: gittoken.CauseServerError,
		},

		"limited": {
			reply: plain(429, "Retry later\n").
				With("RateLimit-Reset", strconv.FormatInt(reset.Unix(), 10), "RateLimit-Remaining", "0"),
			cause: gittoken.CauseRateLimited, retryAt: reset,
		},
		"limited, in seconds": {
			reply: plain(429, "Retry later\n").With("Retry-After", "50"),
			cause: gittoken.CauseRateLimited, retryAt: reset,
		},
		"internal error": {reply: message(500, "500 Internal Server Error"), cause: gittoken.CauseServerError},
		"bad gateway":    {reply: page(502), cause: gittoken.CauseServerError},
		"maintenance": {
			reply: reply{Status: 503, Body: `{"message":"GitLab Maintenance"}`}.With("Retry-After", "50"),
			cause: gittoken.CauseServerError, retryAt: reset, detail: "Maintenance",
		},

		"sign-in page":     {reply: page(200), cause: gittoken.CauseNotUnderstood, detail: "web page"},
		"page not found":   {reply: page(404), cause: gittoken.CauseNotUnderstood},
		"another JSON":     {reply: ok(`{"login":"jo"}`), cause: gittoken.CauseNotUnderstood},
		"a record as text": {reply: self(`"api"`, "").With("Content-Type", "text/plain"), cause: gittoken.CauseNotUnderstood},
		"no scopes told":   {reply: ok(`{"id":7,"user_id":42,"active":true}`), cause: gittoken.CauseNotUnderstood},
		"no user told":     {reply: ok(`{"id":7,"scopes":["api"],"active":true}`), cause: gittoken.CauseNotUnderstood},
		"a list":           {reply: ok(`[]`), cause: gittoken.CauseNotUnderstood},
		"nothing":          {reply: ok(``), cause: gittoken.CauseNotUnderstood},
		"another 400":      {reply: message(400, "400 Bad request"), cause: gittoken.CauseNotUnderstood},
		"no content":       {reply: reply{Status: 204}, cause: gittoken.CauseNotUnderstood},
		"moved": {
			reply: reply{Status: 405, Body: `{"message":"Non GET methods are not allowed for moved projects"}`},
			cause: gittoken.CauseNotUnderstood,
		},
		"redirect elsewhere": {
			reply: reply{Status: 302}.With("Location", "https://sso.example.com/login?x=1"),
			cause: gittoken.CauseRedirect, detail: "https://sso.example.com",
		},
		"many lines": {
			reply:    reply{Status: 401, Body: `{"message":"401 Unauthorized - no\r\n\u001b[2J"}`},
			standing: gittoken.Rejected, detail: "401 Unauthorized - no [2J",
		},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, map[string]reply{selfLine: tt.reply})
			got := inspector(t).Inspect(t.Context(), credential(t, s.URL+root))

			if got.Standing != tt.standing || got.Cause != tt.cause {
				t.Errorf("= %q %q, want %q %q (%s)", got.Standing, got.Cause, tt.standing, tt.cause, got.Detail)
			}

			if got.Detail == "" || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("detail = %q", got.Detail)
			}

			if !got.RetryAt.Equal(tt.retryAt) {
				t.Errorf("retry at %v, want %v", got.RetryAt, tt.retryAt)
			}

			if got.ScopesKnown || got.Owner != "" || got.Kind != gittoken.KindUnknown {
				t.Errorf("a refusal tells more than it can: %+v", got)
			}

			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestInspectBareRefusal meets the refusal that is said of an unknown token, and before 15.5 of a good one: only with a
// second one is it believed.
func TestInspectBareRefusal(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		user     reply
		standing gittoken.Standing
		cause    gittoken.Cause
		kind     gittoken.Kind
	}{
		"unknown":                  {unauthorized, gittoken.Rejected, "", gittoken.KindUnknown},
		"good, of an old GitLab":   {ok(human), gittoken.Live, "", gittoken.KindPersonal},
		"good, without that scope": {scopeMissing, gittoken.Live, "", gittoken.KindUnknown},
		"expired":                  {expired, gittoken.Expired, "", gittoken.KindUnknown},
		"blocked":                  {blocked, gittoken.Blocked, gittoken.CauseAccountBlocked, gittoken.KindUnknown},
		"a page":                   {page(401), "", gittoken.CauseNotUnderstood, gittoken.KindUnknown},
		"a gateway":                {message(401, "Unauthorized"), "", gittoken.CauseNotUnderstood, gittoken.KindUnknown},
		"limited":                  {plain(429, "Retry later\n"), "", gittoken.CauseRateLimited, gittoken.KindUnknown},
		"an error":                 {page(502), "", gittoken.CauseServerError, gittoken.KindUnknown},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, map[string]reply{selfLine: unauthorized, userLine: tt.user})

			got := inspector(t).Inspect(t.Context(), credential(t, s.URL+root))
			if got.Standing != tt.standing || got.Cause != tt.cause || got.Kind != tt.kind {
				t.Errorf("= %+v", got)
			}

			if n := len(s.Requests()); n != 2 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestInspectInactiveRecord is about a record that contradicts itself.
func TestInspectInactiveRecord(t *testing.T) {
	t.Parallel()

	s := serve(t, map[string]reply{selfLine: ok(`{"id":7,"user_id":42,"scopes":["api"],"revoked":false,"active":false}`)})

	got := inspector(t).Inspect(t.Context(), credential(t, s.URL+root))
	if got.Standing != gittoken.Unchecked || got.Cause != gittoken.CauseNotUnderstood {
		t.Errorf("= %+v", got)
	}
}

func TestInspectUnreachable(t *testing.T) {
	t.Parallel()

	got := inspector(t).Inspect(t.Context(), credential(t, hosttest.Nowhere))
	if got.Standing != gittoken.Unchecked || got.Cause != gittoken.CauseNetwork {
		t.Errorf("closed: %+v", got)
	}

	got = inspector(t).Inspect(t.Context(), credential(t, "http://gitlab.example.com"))
	if got.Cause != gittoken.CauseInsecure {
		t.Errorf("http: %+v", got)
	}
}

// TestInspectEcho meets a server that repeats the token wherever it can.
func TestInspectEcho(t *testing.T) {
	t.Parallel()

	for _, r := range []reply{
		ok(fmt.Sprintf(`{"user_id":1,"scopes":[%q]}`, token)),
		message(401, "401 Unauthorized: "+token), guard(401, "invalid_token", token),
		message(403, "403 Forbidden - Your account "+token),
		message(500, token), plain(200, token),
	} {
		s := serve(t, map[string]reply{selfLine: r})

		got := inspector(t).Inspect(t.Context(), credential(t, s.URL+root))
		if strings.Contains(fmt.Sprintf("%+v", got), token) {
			t.Errorf("%+v", got)
		}
	}
}

func FuzzParseError(f *testing.F) {
	f.Add([]byte(expired.Body))
	f.Add([]byte(`{"message":{"base":["x"]}}`))
	f.Add([]byte(`{"error":7}`))
	f.Add([]byte(`{"message":"\ud800"}`))

	f.Fuzz(func(t *testing.T, body []byte) {
		code, text := gitlab.ParseError(body)
		if code != "" && text == "" {
			t.Fatalf("%q has a code and no text", body)
		}

		if text != "" && !strings.Contains(string(body), "{") {
			t.Fatalf("%q is no object and says %q", body, text)
		}
	})
}

func TestParseError(t *testing.T) {
	t.Parallel()

	tests := []struct{ body, code, text string }{
		{expired.Body, "invalid_token", "Token is expired. You can either do re-authorization or token refresh."},
		{`{"message":"401 Unauthorized"}`, "", "401 Unauthorized"},
		{`{"error":"404 Not Found"}`, "404 Not Found", "404 Not Found"},
		{`{"message":{"name":["is bad"]}}`, "", ""},
		{`{"error":{"code":1},"message":"m"}`, "", "m"},
		{`["x"]`, "", ""},
		{`Retry later`, "", ""},
		{``, "", ""},
	}

	for _, tt := range tests {
		if code, text := gitlab.ParseError([]byte(tt.body)); code != tt.code || text != tt.text {
			t.Errorf("ParseError(%s) = %q, %q", tt.body, code, text)
		}
	}
}
