package github_test

import (
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// The outcomes and causes, as the tables name them.
const (
	proven = gittoken.Proven
	denied = gittoken.Denied
	open   = gittoken.Undetermined

	hidden     = gittoken.CauseHidden
	roleTooLow = gittoken.CauseRole
	notGranted = gittoken.CauseNotGranted
	readOnly   = gittoken.CauseReadOnly

	notPermitted  = gittoken.CauseNotPermitted
	notUnderstood = gittoken.CauseNotUnderstood
	rateLimited   = gittoken.CauseRateLimited
	serverError   = gittoken.CauseServerError
	notReadOnly   = gittoken.CauseNotReadOnly
)

const (
	base     = "/api/v3/repos/acme/app"
	repoLine = "GET " + base
)

func repo(private bool, more string) reply {
	body := `{"id":1,"full_name":"acme/app","private":false` + more + `}`
	if private {
		body = strings.Replace(body, "false", "true", 1)
	}

	return ok(body)
}

func TestProbeAccess(t *testing.T) {
	t.Parallel()

	reader := `,"permissions":{"admin":false,"push":false,"pull":true}`
	writer := `,"permissions":{"admin":false,"push":true,"pull":true}`
	boss := `,"permissions":{"admin":true,"push":true,"pull":true}`

	tests := map[string]struct {
		kind    gittoken.Kind
		access  gittoken.Access
		reply   reply
		outcome gittoken.Outcome
		cause   gittoken.Cause
		detail  string
	}{
		"read":            {gittoken.KindClassic, gittoken.Read, repo(true, reader), proven, "", ""},
		"read, public":    {gittoken.KindClassic, gittoken.Read, repo(false, reader), proven, "", ""},
		"read, archived":  {gittoken.KindClassic, gittoken.Read, repo(true, reader+`,"archived":true`), proven, "", ""},
		"write as reader": {gittoken.KindClassic, gittoken.Write, repo(true, reader), denied, roleTooLow, "no write access"},
		"write as writer": {gittoken.KindClassic, gittoken.Write, repo(true, writer), proven, "", ""},
		"write by OAuth":  {gittoken.KindOAuth, gittoken.Write, repo(true, writer), proven, "", ""},
		"write as admin":  {gittoken.KindClassic, gittoken.Write, repo(true, boss), proven, "", ""},
		"write, archived": {
			gittoken.KindClassic, gittoken.Write, repo(true, boss+`,"archived":true`),
			open, readOnly, "archived",
		},
		"admin as writer": {
			gittoken.KindClassic, gittoken.Admin, repo(true, writer), denied, roleTooLow, "no admin access",
		},
		"admin as admin":          {gittoken.KindClassic, gittoken.Admin, repo(true, boss), proven, "", ""},
		"write, role not told":    {gittoken.KindClassic, gittoken.Write, repo(true, ""), open, notUnderstood, "role"},
		"write, fine-grained yes": {gittoken.KindFineGrained, gittoken.Write, repo(true, boss), open, notPermitted, "role"},
		"write, fine-grained no":  {gittoken.KindFineGrained, gittoken.Write, repo(true, reader), open, notPermitted, "role"},
		"write, unknown kind":     {gittoken.KindUnknown, gittoken.Write, repo(true, boss), open, notPermitted, "role"},
		"no such level":           {gittoken.KindClassic, "own", repo(true, boss), open, notUnderstood, ""},
		"hidden": {
			gittoken.KindClassic, gittoken.Read, message(404, "Not Found"),
			denied, hidden, "does not exist",
		},
		"hidden, fine-grained": {
			gittoken.KindFineGrained, gittoken.Read, message(404, "Not Found"),
			denied, hidden, "not among those chosen for the token, or its organisation has not approved the token yet",
		},
		"a proxy's 404": {gittoken.KindClassic, gittoken.Read, page(404), open, notUnderstood, ""},
		"single sign-on": {
			gittoken.KindClassic, gittoken.Read, message(403, "Resource protected by organization SAML enforcement."),
			denied, gittoken.CauseSSO, "SAML",
		},
		"policy": {
			gittoken.KindClassic, gittoken.Read,
			message(403, "`acme` forbids access via a personal access token (classic)."),
			denied, gittoken.CauseFineGrainedOnly, "forbids",
		},
		"suspended": {
			gittoken.KindClassic, gittoken.Read, message(403, "Sorry. Your account was suspended."),
			open, gittoken.CauseAccountBlocked, "",
		},
		"limit": {
			gittoken.KindClassic, gittoken.Write, message(403, "API rate limit exceeded"),
			open, rateLimited, "",
		},
		"server error": {gittoken.KindClassic, gittoken.Read, page(502), open, serverError, ""},
		"rejected meanwhile": {
			gittoken.KindClassic, gittoken.Read, message(401, "Bad credentials"),
			open, notPermitted, "Bad credentials",
		},
		"page instead of JSON": {gittoken.KindClassic, gittoken.Read, page(200), open, notUnderstood, ""},
		"another JSON":         {gittoken.KindClassic, gittoken.Read, ok(`{"login":"x"}`), open, notUnderstood, ""},
		"repository blocked (451)": {
			gittoken.KindClassic, gittoken.Read, message(451, "Repository access blocked"),
			open, notUnderstood, "blocked",
		},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, classic, map[string]reply{repoLine: tt.reply})
			p := gittoken.Probe{Repository: s.URL + "/acme/app.git", Access: tt.access}

			got := inspector(t).Probe(t.Context(), credential(t, s.URL, classic), tt.kind, p, true)
			if got.Probe != p || got.Outcome != tt.outcome || got.Cause != tt.cause || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("= %+v", got)
			}

			if n := len(s.Requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestProbeRenamed follows GitHub's redirect of a repository that moved, and only within the host.
func TestProbeRenamed(t *testing.T) {
	t.Parallel()

	s := serve(t, classic, map[string]reply{
		repoLine:                     message(301, "Moved Permanently").With("Location", "/api/v3/repositories/1"),
		"GET /api/v3/repositories/1": repo(true, `,"permissions":{"push":true}`),
	})

	p := gittoken.Probe{Repository: s.URL + "/acme/app", Access: gittoken.Write}

	got := inspector(t).Probe(t.Context(), credential(t, s.URL, classic), gittoken.KindClassic, p, false)
	if got.Outcome != gittoken.Proven {
		t.Errorf("= %+v", got)
	}
}

func TestProbeAddress(t *testing.T) {
	t.Parallel()

	s := serve(t, classic, nil) // no request is expected

	for address, want := range map[string]string{
		"https://github.com/acme/app":     "not on the server",
		"git@gitlab.example.com:acme/app": "not on the server",
		s.URL + "/acme":                   "neither",
		s.URL + "/acme/app/issues":        "neither",
		"acme/app":                        "neither",
		"":                                "neither",
	} {
		p := gittoken.Probe{Repository: address, Access: gittoken.Read}

		got := inspector(t).Probe(t.Context(), credential(t, s.URL, classic), gittoken.KindClassic, p, true)

		cause := gittoken.CauseNotUnderstood
		if want == "not on the server" {
			cause = gittoken.CauseOtherHost
		}

		if got.Outcome != gittoken.Undetermined || got.Cause != cause || !strings.Contains(got.Detail, want) {
			t.Errorf("%q: %+v", address, got)
		}
	}
}

const (
	notByToken = "Resource not accessible by personal access token"
	notByApp   = "Resource not accessible by integration"

	readAdministration  = "GET " + base + "/actions/permissions"
	writeAdministration = "GET " + base + "/rulesets/rule-suites?per_page=1"
	readHooks           = "GET " + base + "/hooks?per_page=1"
	writeHooks          = "PATCH " + base + "/hooks/4294967289"
	readStatuses        = "GET " + base + "/commits/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz/statuses"
	writeStatuses       = "POST " + base + "/statuses/zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz"
	readPulls           = "GET " + base + "/pulls?per_page=1"
	writePulls          = "POST " + base + "/pulls"
	readContents        = "GET " + base + "/commits?per_page=1"
	push                = "GET /acme/app.git/info/refs?service=git-receive-pack"
)

// refs is how the list of references begins of which a push is told.
const refs = "001f# service=git-receive-pack\n0000004a" +
	"0123456789012345678901234567890123456789 refs/heads/main\x00report-status"

func git(status int, text string) reply {
	kind := "text/plain; charset=utf-8"
	if status == http.StatusOK {
		kind = "application/x-git-receive-pack-advertisement"
	}

	return reply{Status: status, Body: text}.With("Content-Type", kind)
}

func TestProbePermission(t *testing.T) {
	t.Parallel()

	const yes, no = true, false

	var (
		private = repo(true, "")
		public  = repo(false, "")
		refused = message(403, notByToken)
		byApp   = message(403, notByApp)
		limited = message(403, "You have exceeded a secondary rate limit.")
		upgrade = message(403, "Upgrade to GitHub Pro or make this repository public to enable this feature.")
		missing = message(404, "Not Found")
		invalid = message(422, "Validation Failed")
		list    = ok(`[]`)
	)

	type answers = map[string]reply

	tests := map[string]struct {
		permission gittoken.Scope
		writes     bool
		repository reply
		answers    answers // beside it
		outcome    gittoken.Outcome
		cause      gittoken.Cause
	}{
		"metadata":              {"metadata:read", no, private, nil, proven, ""},
		"metadata, public":      {"metadata:read", no, public, nil, open, gittoken.CausePublic},
		"metadata, hidden":      {"metadata:read", no, missing, nil, denied, hidden},
		"metadata, refused":     {"metadata:read", no, refused, nil, denied, notGranted},
		"metadata, limited":     {"metadata:read", no, limited, nil, open, rateLimited},
		"metadata has no write": {"metadata:write", yes, private, nil, open, notPermitted},
		"not known":             {"issues:write", yes, private, nil, open, notPermitted},
		"no such level":         {"contents:admin", yes, private, nil, open, notPermitted},
		"no level":              {"contents", yes, private, nil, open, notPermitted},

		"administration read": {
			"administration:read", no, public,
			answers{readAdministration: ok(`{"enabled":true}`)},
			proven, "",
		},
		"administration read, refused": {
			"administration:read", no, public, answers{readAdministration: refused}, denied, notGranted,
		},
		"administration read, not shown": {
			"administration:read", no, public,
			answers{readAdministration: missing},
			open, notPermitted,
		},
		"administration write": {"administration:write", no, public, answers{writeAdministration: list}, proven, ""},
		"administration write, refused": {
			"administration:write", no, private,
			answers{writeAdministration: byApp},
			denied, notGranted,
		},
		"administration write, plan": {
			"administration:write", no, private,
			answers{writeAdministration: upgrade, readAdministration: ok(`{}`)},
			open, notPermitted,
		},
		"administration write, plan, and not even read": {
			"administration:write", no, private,
			answers{writeAdministration: upgrade, readAdministration: refused},
			denied, notGranted,
		},
		"administration write, too old": {
			"administration:write", no, private,
			answers{writeAdministration: missing, readAdministration: ok(`{}`)},
			open, notPermitted,
		},
		"administration write, limited": {
			"administration:write", no, private,
			answers{writeAdministration: limited},
			open, rateLimited,
		},

		"webhooks read":          {"webhooks:read", no, public, answers{readHooks: list}, proven, ""},
		"webhooks read, refused": {"webhooks:read", no, public, answers{readHooks: refused}, denied, notGranted},
		"webhooks write":         {"webhooks:write", yes, private, answers{readHooks: list, writeHooks: missing}, proven, ""},
		"webhooks write, refused": {
			"webhooks:write", yes, private,
			answers{readHooks: list, writeHooks: refused},
			denied, notGranted,
		},
		"webhooks write, not even read":   {"webhooks:write", yes, private, answers{readHooks: refused}, denied, notGranted},
		"webhooks write, none allowed":    {"webhooks:write", no, private, answers{readHooks: list}, open, notReadOnly},
		"webhooks write, refused reading": {"webhooks:write", no, private, answers{readHooks: byApp}, denied, notGranted},
		"webhooks write, no admin":        {"webhooks:write", yes, private, answers{readHooks: missing}, open, notPermitted},
		"webhooks write, accepted?": {
			"webhooks:write", yes, private,
			answers{readHooks: list, writeHooks: ok(`{}`)},
			open, notUnderstood,
		},
		"webhooks write, a proxy's 404": {
			"webhooks:write", yes, private,
			answers{readHooks: list, writeHooks: page(404)},
			open, notUnderstood,
		},
		"webhooks write, a gateway's 404": {
			"webhooks:write", yes, private,
			answers{readHooks: list, writeHooks: {Status: 404, Body: `{"message":"no route"}`}},
			open, notUnderstood,
		},
		"webhooks write, validated before": {
			"webhooks:write", yes, private,
			answers{readHooks: list, writeHooks: invalid},
			open, notUnderstood,
		},

		"statuses read": {"statuses:read", no, private, answers{readStatuses: missing}, proven, ""},
		"statuses read, 422": {
			"statuses:read", no, private,
			answers{readStatuses: message(422, "No commit found for SHA: zzzz")},
			proven, "",
		},
		"statuses read, refused": {"statuses:read", no, private, answers{readStatuses: refused}, denied, notGranted},
		"statuses read, public":  {"statuses:read", no, public, answers{readStatuses: missing}, open, gittoken.CausePublic},
		"statuses write": {
			"statuses:write", yes, public,
			answers{readStatuses: missing, writeStatuses: invalid},
			proven, "",
		},
		"statuses write, refused": {
			"statuses:write", yes, public,
			answers{readStatuses: missing, writeStatuses: refused},
			denied, notGranted,
		},
		"statuses write, hidden": {
			"statuses:write", yes, private,
			answers{readStatuses: missing, writeStatuses: missing},
			open, notPermitted,
		},
		"statuses write, server error": {
			"statuses:write", yes, private,
			answers{readStatuses: missing, writeStatuses: page(503)},
			open, serverError,
		},
		"statuses write, none allowed": {"statuses:write", no, public, answers{readStatuses: missing}, open, notReadOnly},
		"statuses write, reading fails": {
			"statuses:write", yes, private,
			answers{readStatuses: page(502)},
			open, serverError,
		},

		"pull requests read": {"pull_requests:read", no, private, answers{readPulls: list}, proven, ""},
		"pull requests read, public": {
			"pull_requests:read", no, public,
			answers{readPulls: list},
			open, gittoken.CausePublic,
		},
		"pull requests write": {
			"pull_requests:write", yes, private,
			answers{readPulls: list, writePulls: invalid},
			proven, "",
		},
		"pull requests write, refused": {
			"pull_requests:write", yes, private,
			answers{readPulls: list, writePulls: byApp},
			denied, notGranted,
		},
		"pull requests write, none allowed": {
			"pull_requests:write", no, private,
			answers{readPulls: list},
			open, notReadOnly,
		},
		"pull requests write, created?!": {
			"pull_requests:write", yes, private,
			answers{readPulls: list, writePulls: {Status: 201, Body: `{"number":1}`}},
			open, notUnderstood,
		},

		"contents read": {"contents:read", no, private, answers{readContents: list}, proven, ""},
		"contents read, empty repository": {
			"contents:read", no, private,
			answers{readContents: message(409, "Git Repository is empty.")},
			proven, "",
		},
		"contents read, refused": {"contents:read", no, private, answers{readContents: refused}, denied, notGranted},
		"contents read, public":  {"contents:read", no, public, answers{readContents: list}, open, gittoken.CausePublic},
		"contents read, page":    {"contents:read", no, private, answers{readContents: page(200)}, open, notUnderstood},
		"contents write": {
			"contents:write", no, public,
			answers{push: git(200, refs)},
			proven, "",
		},
		"contents write, many branches": {
			"contents:write", no, private,
			answers{push: git(200, refs+strings.Repeat("x", 1<<20))},
			proven, "",
		},
		"contents write, refused": {
			"contents:write", no, private,
			answers{push: git(403, "Write access to repository not granted.")},
			denied, notGranted,
		},
		"contents write, account": {
			"contents:write", no, private,
			answers{push: git(403, "Permission to acme/app.git denied to ci-bot.")},
			denied, roleTooLow,
		},
		"contents write, single sign-on": {
			"contents:write", no, private,
			answers{push: git(403, "The 'acme' organization has enabled or enforced SAML SSO."), readContents: list},
			open, notPermitted,
		},
		"contents write, single sign-on, and not even read": {
			"contents:write", no, private,
			answers{
				push: git(403, "The 'acme' organization has enabled or enforced SAML SSO."), readContents: refused,
			},
			denied, notGranted,
		},
		"contents write, Git refuses": {
			"contents:write", no, private,
			answers{push: git(401, "Invalid username or token."), readContents: list},
			open, notPermitted,
		},
		"contents write, another list": {
			"contents:write", no, private,
			answers{push: git(200, "<html>Sign in</html>")},
			open, notUnderstood,
		},
		"contents write, an error in place of the list": {
			"contents:write", no, private,
			answers{push: git(200, "0019ERR Repository moved.")},
			open, notUnderstood,
		},
		"contents write, page":        {"contents:write", no, private, answers{push: page(200)}, open, notUnderstood},
		"contents write, proxy's 403": {"contents:write", no, private, answers{push: page(403)}, open, notUnderstood},
		"contents write, limited": {
			"contents:write", no, private,
			answers{push: git(429, "slow down")},
			open, rateLimited,
		},
		"contents write, server error": {"contents:write", no, private, answers{push: git(503, "")}, open, serverError},
		"contents write, archived":     {"contents:write", yes, repo(true, `,"archived":true`), nil, open, readOnly},
		"contents write, hidden":       {"contents:write", yes, missing, nil, denied, hidden},
		"contents write, page for it":  {"contents:write", yes, page(404), nil, open, notUnderstood},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			replies := answers{repoLine: tt.repository}
			maps.Copy(replies, tt.answers)

			s := serve(t, fineGrained, replies)
			p := gittoken.Probe{Repository: s.URL + "/acme/app", Permission: tt.permission}

			got := inspector(t).Probe(t.Context(), credential(t, s.URL, fineGrained), gittoken.KindFineGrained, p, tt.writes)
			if got.Probe != p || got.Outcome != tt.outcome || got.Cause != tt.cause {
				t.Errorf("= %+v", got)
			}

			// Only an answer other than the one hoped for has something to tell beyond its cause.
			settled := got.Outcome == gittoken.Proven || got.Cause == gittoken.CauseNotReadOnly
			if settled != (got.Detail == "") {
				t.Errorf("detail = %q", got.Detail)
			}

			// Each answer was asked for once (MaxRetries is 0 here), and nothing else.
			asked := s.Requests()
			if len(asked) != len(replies) {
				t.Errorf("asked %q", asked)
			}

			if !tt.writes && slices.ContainsFunc(asked, func(line string) bool { return !strings.HasPrefix(line, "GET ") }) {
				t.Errorf("a write verb was sent: %q", asked)
			}
		})
	}
}

// TestProbesShareRepository asks for all permissions of a runtime token, which looks at the repository itself only
// once.
func TestProbesShareRepository(t *testing.T) {
	t.Parallel()

	s := serve(t, fineGrained, map[string]reply{
		repoLine: repo(true, ""), writeAdministration: ok(`[]`), readHooks: ok(`[]`), readStatuses: message(404, "Not Found"),
		readPulls: ok(`[]`), push: git(200, refs),
	})
	i, c := inspector(t), credential(t, s.URL, fineGrained)

	var got []gittoken.Outcome

	for _, permission := range []gittoken.Scope{
		"administration:write", "statuses:write", "contents:write", "metadata:read", "pull_requests:write", "webhooks:write",
	} {
		p := gittoken.Probe{Repository: s.URL + "/acme/app", Permission: permission}
		got = append(got, i.Probe(t.Context(), c, gittoken.KindFineGrained, p, false).Outcome)
	}

	want := []gittoken.Outcome{gittoken.Proven, "", gittoken.Proven, gittoken.Proven, "", ""}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("outcomes (-want +got):\n%s", diff)
	}

	if asked := s.Requests(); len(asked) != 6 {
		t.Errorf("asked %q", asked)
	}
}
