package github_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
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
		"read":                     {gittoken.KindClassic, gittoken.Read, repo(true, reader), gittoken.Proven, "", ""},
		"read, public":             {gittoken.KindClassic, gittoken.Read, repo(false, reader), gittoken.Proven, "", ""},
		"read, archived":           {gittoken.KindClassic, gittoken.Read, repo(true, reader+`,"archived":true`), gittoken.Proven, "", ""},
		"write as reader":          {gittoken.KindClassic, gittoken.Write, repo(true, reader), gittoken.Denied, "", "no write access"},
		"write as writer":          {gittoken.KindClassic, gittoken.Write, repo(true, writer), gittoken.Proven, "", ""},
		"write by OAuth":           {gittoken.KindOAuth, gittoken.Write, repo(true, writer), gittoken.Proven, "", ""},
		"write as admin":           {gittoken.KindClassic, gittoken.Write, repo(true, boss), gittoken.Proven, "", ""},
		"write, archived":          {gittoken.KindClassic, gittoken.Write, repo(true, boss+`,"archived":true`), gittoken.Denied, "", "archived"},
		"admin as writer":          {gittoken.KindClassic, gittoken.Admin, repo(true, writer), gittoken.Denied, "", "no admin access"},
		"admin as admin":           {gittoken.KindClassic, gittoken.Admin, repo(true, boss), gittoken.Proven, "", ""},
		"write, role not told":     {gittoken.KindClassic, gittoken.Write, repo(true, ""), gittoken.Undetermined, gittoken.CauseNotUnderstood, "role"},
		"write, fine-grained yes":  {gittoken.KindFineGrained, gittoken.Write, repo(true, boss), gittoken.Undetermined, gittoken.CauseNotPermitted, "role"},
		"write, fine-grained no":   {gittoken.KindFineGrained, gittoken.Write, repo(true, reader), gittoken.Undetermined, gittoken.CauseNotPermitted, "role"},
		"write, unknown kind":      {gittoken.KindUnknown, gittoken.Write, repo(true, boss), gittoken.Undetermined, gittoken.CauseNotPermitted, "role"},
		"no such level":            {gittoken.KindClassic, "own", repo(true, boss), gittoken.Undetermined, gittoken.CauseNotUnderstood, ""},
		"hidden":                   {gittoken.KindClassic, gittoken.Read, message(404, "Not Found"), gittoken.Denied, "", "does not exist"},
		"a proxy's 404":            {gittoken.KindClassic, gittoken.Read, page(404), gittoken.Undetermined, gittoken.CauseNotUnderstood, ""},
		"single sign-on":           {gittoken.KindClassic, gittoken.Read, message(403, "Resource protected by organization SAML enforcement."), gittoken.Denied, gittoken.CauseSSO, "SAML"},
		"policy":                   {gittoken.KindClassic, gittoken.Read, message(403, "`acme` forbids access via a personal access token (classic)."), gittoken.Denied, gittoken.CausePolicy, "forbids"},
		"suspended":                {gittoken.KindClassic, gittoken.Read, message(403, "Sorry. Your account was suspended."), gittoken.Undetermined, gittoken.CauseAccountBlocked, ""},
		"limit":                    {gittoken.KindClassic, gittoken.Write, message(403, "API rate limit exceeded"), gittoken.Undetermined, gittoken.CauseRateLimited, ""},
		"server error":             {gittoken.KindClassic, gittoken.Read, page(502), gittoken.Undetermined, gittoken.CauseServerError, ""},
		"rejected meanwhile":       {gittoken.KindClassic, gittoken.Read, message(401, "Bad credentials"), gittoken.Undetermined, gittoken.CauseNotPermitted, "Bad credentials"},
		"page instead of JSON":     {gittoken.KindClassic, gittoken.Read, page(200), gittoken.Undetermined, gittoken.CauseNotUnderstood, ""},
		"another JSON":             {gittoken.KindClassic, gittoken.Read, ok(`{"login":"x"}`), gittoken.Undetermined, gittoken.CauseNotUnderstood, ""},
		"repository blocked (451)": {gittoken.KindClassic, gittoken.Read, message(451, "Repository access blocked"), gittoken.Undetermined, gittoken.CauseNotUnderstood, "blocked"},
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

			if n := len(s.requests()); n != 1 {
				t.Errorf("%d requests", n)
			}
		})
	}
}

// TestProbeRenamed follows GitHub's redirect of a repository that moved, and only within the host.
func TestProbeRenamed(t *testing.T) {
	t.Parallel()

	s := serve(t, classic, map[string]reply{
		repoLine:                     message(301, "Moved Permanently").with("Location", "/api/v3/repositories/1"),
		"GET /api/v3/repositories/1": repo(true, `,"permissions":{"push":true}`),
	})

	p := gittoken.Probe{Repository: s.URL + "/acme/app", Access: gittoken.Write}
	if got := inspector(
		t,
	).Probe(
		t.Context(),
		credential(t, s.URL, classic),
		gittoken.KindClassic,
		p,
		false,
	); got.Outcome != gittoken.Proven {
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
		if got.Outcome != gittoken.Undetermined || got.Cause != gittoken.CauseNotUnderstood ||
			!strings.Contains(got.Detail, want) {
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

func git(status int, text string) reply {
	kind := "text/plain; charset=utf-8"
	if status == http.StatusOK {
		kind = "application/x-git-receive-pack-advertisement"
	}

	return reply{status, map[string]string{"Content-Type": kind}, text}
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
		answers    answers
		outcome    gittoken.Outcome
		cause      gittoken.Cause
	}{
		"metadata":              {"metadata:read", no, answers{repoLine: private}, gittoken.Proven, ""},
		"metadata, public":      {"metadata:read", no, answers{repoLine: public}, gittoken.Undetermined, gittoken.CausePublic},
		"metadata, hidden":      {"metadata:read", no, answers{repoLine: missing}, gittoken.Denied, ""},
		"metadata, refused":     {"metadata:read", no, answers{repoLine: refused}, gittoken.Denied, ""},
		"metadata, limited":     {"metadata:read", no, answers{repoLine: limited}, gittoken.Undetermined, gittoken.CauseRateLimited},
		"metadata has no write": {"metadata:write", yes, answers{repoLine: private}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"not known":             {"issues:write", yes, answers{repoLine: private}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"no such level":         {"contents:admin", yes, answers{repoLine: private}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"no level":              {"contents", yes, answers{repoLine: private}, gittoken.Undetermined, gittoken.CauseNotPermitted},

		"administration read":                           {"administration:read", no, answers{repoLine: public, readAdministration: ok(`{"enabled":true}`)}, gittoken.Proven, ""},
		"administration read, refused":                  {"administration:read", no, answers{repoLine: public, readAdministration: refused}, gittoken.Denied, ""},
		"administration read, not shown":                {"administration:read", no, answers{repoLine: public, readAdministration: missing}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"administration write":                          {"administration:write", no, answers{repoLine: public, writeAdministration: list}, gittoken.Proven, ""},
		"administration write, refused":                 {"administration:write", no, answers{repoLine: private, writeAdministration: byApp}, gittoken.Denied, ""},
		"administration write, plan":                    {"administration:write", no, answers{repoLine: private, writeAdministration: upgrade, readAdministration: ok(`{}`)}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"administration write, plan, and not even read": {"administration:write", no, answers{repoLine: private, writeAdministration: upgrade, readAdministration: refused}, gittoken.Denied, ""},
		"administration write, too old":                 {"administration:write", no, answers{repoLine: private, writeAdministration: missing, readAdministration: ok(`{}`)}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"administration write, limited":                 {"administration:write", no, answers{repoLine: private, writeAdministration: limited}, gittoken.Undetermined, gittoken.CauseRateLimited},

		"webhooks read":                    {"webhooks:read", no, answers{repoLine: public, readHooks: list}, gittoken.Proven, ""},
		"webhooks read, refused":           {"webhooks:read", no, answers{repoLine: public, readHooks: refused}, gittoken.Denied, ""},
		"webhooks write":                   {"webhooks:write", yes, answers{repoLine: private, readHooks: list, writeHooks: missing}, gittoken.Proven, ""},
		"webhooks write, refused":          {"webhooks:write", yes, answers{repoLine: private, readHooks: list, writeHooks: refused}, gittoken.Denied, ""},
		"webhooks write, not even read":    {"webhooks:write", yes, answers{repoLine: private, readHooks: refused}, gittoken.Denied, ""},
		"webhooks write, none allowed":     {"webhooks:write", no, answers{repoLine: private, readHooks: list}, gittoken.Undetermined, gittoken.CauseNotReadOnly},
		"webhooks write, refused reading":  {"webhooks:write", no, answers{repoLine: private, readHooks: byApp}, gittoken.Denied, ""},
		"webhooks write, no admin":         {"webhooks:write", yes, answers{repoLine: private, readHooks: missing}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"webhooks write, accepted?":        {"webhooks:write", yes, answers{repoLine: private, readHooks: list, writeHooks: ok(`{}`)}, gittoken.Undetermined, gittoken.CauseNotUnderstood},
		"webhooks write, a proxy's 404":    {"webhooks:write", yes, answers{repoLine: private, readHooks: list, writeHooks: page(404)}, gittoken.Undetermined, gittoken.CauseNotUnderstood},
		"webhooks write, a gateway's 404":  {"webhooks:write", yes, answers{repoLine: private, readHooks: list, writeHooks: {404, nil, `{"message":"no route"}`}}, gittoken.Undetermined, gittoken.CauseNotUnderstood},
		"webhooks write, validated before": {"webhooks:write", yes, answers{repoLine: private, readHooks: list, writeHooks: invalid}, gittoken.Undetermined, gittoken.CauseNotUnderstood},

		"statuses read":                 {"statuses:read", no, answers{repoLine: private, readStatuses: missing}, gittoken.Proven, ""},
		"statuses read, 422":            {"statuses:read", no, answers{repoLine: private, readStatuses: message(422, "No commit found for SHA: zzzz")}, gittoken.Proven, ""},
		"statuses read, refused":        {"statuses:read", no, answers{repoLine: private, readStatuses: refused}, gittoken.Denied, ""},
		"statuses read, public":         {"statuses:read", no, answers{repoLine: public, readStatuses: missing}, gittoken.Undetermined, gittoken.CausePublic},
		"statuses write":                {"statuses:write", yes, answers{repoLine: public, readStatuses: missing, writeStatuses: invalid}, gittoken.Proven, ""},
		"statuses write, refused":       {"statuses:write", yes, answers{repoLine: public, readStatuses: missing, writeStatuses: refused}, gittoken.Denied, ""},
		"statuses write, hidden":        {"statuses:write", yes, answers{repoLine: private, readStatuses: missing, writeStatuses: missing}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"statuses write, server error":  {"statuses:write", yes, answers{repoLine: private, readStatuses: missing, writeStatuses: page(503)}, gittoken.Undetermined, gittoken.CauseServerError},
		"statuses write, none allowed":  {"statuses:write", no, answers{repoLine: public, readStatuses: missing}, gittoken.Undetermined, gittoken.CauseNotReadOnly},
		"statuses write, reading fails": {"statuses:write", yes, answers{repoLine: private, readStatuses: page(502)}, gittoken.Undetermined, gittoken.CauseServerError},

		"pull requests read":                {"pull_requests:read", no, answers{repoLine: private, readPulls: list}, gittoken.Proven, ""},
		"pull requests read, public":        {"pull_requests:read", no, answers{repoLine: public, readPulls: list}, gittoken.Undetermined, gittoken.CausePublic},
		"pull requests write":               {"pull_requests:write", yes, answers{repoLine: private, readPulls: list, writePulls: invalid}, gittoken.Proven, ""},
		"pull requests write, refused":      {"pull_requests:write", yes, answers{repoLine: private, readPulls: list, writePulls: byApp}, gittoken.Denied, ""},
		"pull requests write, none allowed": {"pull_requests:write", no, answers{repoLine: private, readPulls: list}, gittoken.Undetermined, gittoken.CauseNotReadOnly},
		"pull requests write, created?!":    {"pull_requests:write", yes, answers{repoLine: private, readPulls: list, writePulls: {201, nil, `{"number":1}`}}, gittoken.Undetermined, gittoken.CauseNotUnderstood},

		"contents read":                   {"contents:read", no, answers{repoLine: private, readContents: list}, gittoken.Proven, ""},
		"contents read, empty repository": {"contents:read", no, answers{repoLine: private, readContents: message(409, "Git Repository is empty.")}, gittoken.Proven, ""},
		"contents read, refused":          {"contents:read", no, answers{repoLine: private, readContents: refused}, gittoken.Denied, ""},
		"contents read, public":           {"contents:read", no, answers{repoLine: public, readContents: list}, gittoken.Undetermined, gittoken.CausePublic},
		"contents read, page":             {"contents:read", no, answers{repoLine: private, readContents: page(200)}, gittoken.Undetermined, gittoken.CauseNotUnderstood},
		"contents write":                  {"contents:write", no, answers{repoLine: public, push: git(200, "001f# service=git-receive-pack\n")}, gittoken.Proven, ""},
		"contents write, many branches":   {"contents:write", no, answers{repoLine: private, push: git(200, strings.Repeat("x", 1<<20))}, gittoken.Proven, ""},
		"contents write, refused":         {"contents:write", no, answers{repoLine: private, push: git(403, "Write access to repository not granted.")}, gittoken.Denied, ""},
		"contents write, account":         {"contents:write", no, answers{repoLine: private, push: git(403, "Permission to acme/app.git denied to ci-bot.")}, gittoken.Denied, ""},
		"contents write, single sign-on": {
			"contents:write",
			no,
			answers{
				repoLine:     private,
				push:         git(403, "The 'acme' organization has enabled or enforced SAML SSO."),
				readContents: list,
			},
			gittoken.Undetermined,
			gittoken.CauseNotPermitted,
		},
		"contents write, single sign-on, and not even read": {
			"contents:write",
			no,
			answers{
				repoLine:     private,
				push:         git(403, "The 'acme' organization has enabled or enforced SAML SSO."),
				readContents: refused,
			},
			gittoken.Denied,
			"",
		},
		"contents write, Git refuses":  {"contents:write", no, answers{repoLine: private, push: git(401, "Invalid username or token."), readContents: list}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"contents write, page":         {"contents:write", no, answers{repoLine: private, push: page(200)}, gittoken.Undetermined, gittoken.CauseNotUnderstood},
		"contents write, proxy's 403":  {"contents:write", no, answers{repoLine: private, push: page(403)}, gittoken.Undetermined, gittoken.CauseNotUnderstood},
		"contents write, limited":      {"contents:write", no, answers{repoLine: private, push: git(429, "slow down")}, gittoken.Undetermined, gittoken.CauseRateLimited},
		"contents write, server error": {"contents:write", no, answers{repoLine: private, push: git(503, "")}, gittoken.Undetermined, gittoken.CauseServerError},
		"contents write, archived":     {"contents:write", yes, answers{repoLine: repo(true, `,"archived":true`)}, gittoken.Undetermined, gittoken.CauseNotPermitted},
		"contents write, hidden":       {"contents:write", yes, answers{repoLine: missing}, gittoken.Denied, ""},
		"contents write, page for it":  {"contents:write", yes, answers{repoLine: page(404)}, gittoken.Undetermined, gittoken.CauseNotUnderstood},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, fineGrained, tt.answers)
			p := gittoken.Probe{Repository: s.URL + "/acme/app", Permission: tt.permission}

			got := inspector(t).Probe(t.Context(), credential(t, s.URL, fineGrained), gittoken.KindFineGrained, p, tt.writes)
			if got.Probe != p || got.Outcome != tt.outcome || got.Cause != tt.cause {
				t.Errorf("= %+v", got)
			}

			if (got.Outcome != gittoken.Proven) != (got.Detail != "") {
				t.Errorf("detail = %q", got.Detail)
			}

			// Each answer was asked for once (MaxRetries is 0 here), and nothing else.
			asked := s.requests()
			if len(asked) != len(tt.answers) {
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
		readPulls: ok(`[]`), push: git(200, "refs"),
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

	if asked := s.requests(); len(asked) != 6 {
		t.Errorf("asked %q", asked)
	}
}
