package gitlab_test

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const (
	projectLine = "GET /gitlab/api/v4/projects/acme%2Fteam%2Fapp%2Ejs"
	memberLine  = "GET /gitlab/api/v4/projects/5/members/all/42"
)

func project(permissions string) reply {
	return ok(
		`{"id":5,"path_with_namespace":"acme/team/app.js","archived":false,"visibility":"private"` + permissions + `}`,
	)
}

// roles is the part of a project that tells the user's roles: their JSON, or null.
func roles(inProject, inGroup string) string {
	return `,"permissions":{"project_access":` + inProject + `,"group_access":` + inGroup + `}`
}

func level(n string) string { return `{"access_level":` + n + `,"notification_level":3}` }

func TestProbe(t *testing.T) {
	t.Parallel()

	type answers = map[string]reply

	none := project(roles("null", "null"))
	userOK := ok(human)

	tests := map[string]struct {
		kind    gittoken.Kind
		access  gittoken.Access
		answers answers
		outcome gittoken.Outcome
		cause   gittoken.Cause
		detail  string
	}{
		"read":                     {gittoken.KindPersonal, gittoken.Read, answers{projectLine: none}, gittoken.Proven, "", ""},
		"read, hidden":             {gittoken.KindPersonal, gittoken.Read, answers{projectLine: message(404, "404 Project Not Found")}, gittoken.Denied, "", "does not exist"},
		"read, granular":           {gittoken.KindGranular, gittoken.Read, answers{projectLine: none}, gittoken.Proven, "", ""},
		"read, granular, refused":  {gittoken.KindGranular, gittoken.Read, answers{projectLine: granularOnly}, gittoken.Undetermined, gittoken.CauseNotPermitted, "Project: Read"},
		"read, scope missing":      {gittoken.KindPersonal, gittoken.Read, answers{projectLine: scopeMissing}, gittoken.Undetermined, gittoken.CauseNotPermitted, "higher privileges"},
		"read, another 404":        {gittoken.KindPersonal, gittoken.Read, answers{projectLine: page(404)}, gittoken.Undetermined, gittoken.CauseNotUnderstood, ""},
		"read, page":               {gittoken.KindPersonal, gittoken.Read, answers{projectLine: page(200)}, gittoken.Undetermined, gittoken.CauseNotUnderstood, ""},
		"read, limited":            {gittoken.KindPersonal, gittoken.Read, answers{projectLine: plain(429, "Retry later")}, gittoken.Undetermined, gittoken.CauseRateLimited, ""},
		"read, error":              {gittoken.KindPersonal, gittoken.Read, answers{projectLine: message(500, "500 Internal Server Error")}, gittoken.Undetermined, gittoken.CauseServerError, ""},
		"read, revoked meanwhile":  {gittoken.KindPersonal, gittoken.Read, answers{projectLine: revoked}, gittoken.Undetermined, gittoken.CauseNotPermitted, "revoked"},
		"read, blocked":            {gittoken.KindPersonal, gittoken.Read, answers{projectLine: blocked}, gittoken.Undetermined, gittoken.CauseAccountBlocked, ""},
		"write as developer":       {gittoken.KindPersonal, gittoken.Write, answers{projectLine: project(roles(level("30"), "null"))}, gittoken.Proven, "", ""},
		"write by the group":       {gittoken.KindProject, gittoken.Write, answers{projectLine: project(roles(level("20"), level("40")))}, gittoken.Proven, "", ""},
		"write, archived":          {gittoken.KindPersonal, gittoken.Write, answers{projectLine: project(roles(level("50"), "null") + `,"archived":true`)}, gittoken.Denied, "", "archived"},
		"write, roles not told":    {gittoken.KindPersonal, gittoken.Write, answers{projectLine: project("")}, gittoken.Undetermined, gittoken.CauseNotUnderstood, ""},
		"write, granular":          {gittoken.KindGranular, gittoken.Write, answers{projectLine: project(roles(level("50"), "null"))}, gittoken.Undetermined, gittoken.CauseNotPermitted, "role"},
		"admin as maintainer":      {gittoken.KindPersonal, gittoken.Admin, answers{projectLine: project(roles(level("40"), "null"))}, gittoken.Proven, "", ""},
		"admin as owner":           {gittoken.KindOAuth, gittoken.Admin, answers{projectLine: project(roles("null", level("50")))}, gittoken.Proven, "", ""},
		"write, shared group":      {gittoken.KindPersonal, gittoken.Write, answers{projectLine: none, userLine: userOK, memberLine: ok(level("30"))}, gittoken.Proven, "", ""},
		"admin, developer":         {gittoken.KindPersonal, gittoken.Admin, answers{projectLine: project(roles(level("30"), "null")), userLine: userOK, memberLine: ok(level("30"))}, gittoken.Denied, "", "access level 30"},
		"write, no member":         {gittoken.KindPersonal, gittoken.Write, answers{projectLine: none, userLine: userOK, memberLine: message(404, "404 Not found")}, gittoken.Denied, "", "not a member"},
		"write, granular reporter": {gittoken.KindGranular, gittoken.Write, answers{projectLine: project(roles(level("20"), "null")), userLine: userOK, memberLine: ok(level("20"))}, gittoken.Denied, "", "access level 20"},
		"write, members closed":    {gittoken.KindPersonal, gittoken.Write, answers{projectLine: none, userLine: userOK, memberLine: message(403, "403 Forbidden")}, gittoken.Undetermined, gittoken.CauseNotPermitted, ""},
		"write, members odd":       {gittoken.KindPersonal, gittoken.Write, answers{projectLine: none, userLine: userOK, memberLine: ok(`{}`)}, gittoken.Undetermined, gittoken.CauseNotUnderstood, ""},
		"write, no user":           {gittoken.KindPersonal, gittoken.Write, answers{projectLine: none, userLine: scopeMissing}, gittoken.Undetermined, gittoken.CauseNotPermitted, ""},
		"write, administrator": {
			gittoken.KindPersonal,
			gittoken.Write,
			answers{projectLine: none, userLine: ok(`{"id":42,"username":"root","is_admin":true}`)},
			gittoken.Undetermined,
			gittoken.CauseNotPermitted,
			"administrator",
		},
		"no such level": {gittoken.KindPersonal, "own", answers{}, gittoken.Undetermined, gittoken.CauseNotUnderstood, ""},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, tt.answers)
			p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js.git", Access: tt.access}

			got := inspector(t).Probe(t.Context(), credential(t, s.URL+root), tt.kind, p, true)
			if got.Probe != p || got.Outcome != tt.outcome || got.Cause != tt.cause || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("= %+v", got)
			}

			if (got.Outcome != gittoken.Proven) != (got.Detail != "") {
				t.Errorf("detail = %q", got.Detail)
			}

			if asked := s.requests(); len(asked) != len(tt.answers) {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// TestProbeRemembersUser spares the question whose the token is after an inspection, and after a probe.
func TestProbeRemembersUser(t *testing.T) {
	t.Parallel()

	s := serve(t, map[string]reply{
		selfLine: self(
			`"api"`,
			"",
		),
		userLine:    ok(human),
		projectLine: project(roles("null", "null")),
		memberLine:  ok(level("30")),
	})
	i, c := inspector(t), credential(t, s.URL+root)

	i.Inspect(t.Context(), c)

	for _, access := range []gittoken.Access{gittoken.Write, gittoken.Admin} {
		i.Probe(
			t.Context(),
			c,
			gittoken.KindPersonal,
			gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: access},
			false,
		)
	}

	if asked := s.requests(); len(asked) != 2+2*2 {
		t.Errorf("asked %q", asked)
	}
}

// TestProbeMoved follows GitLab's redirect of a project that moved.
func TestProbeMoved(t *testing.T) {
	t.Parallel()

	s := serve(t, map[string]reply{
		projectLine:                     {301, map[string]string{"Location": "/gitlab/api/v4/projects/5"}, ""},
		"GET /gitlab/api/v4/projects/5": project(roles(level("30"), "null")),
	})

	p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: gittoken.Write}
	if got := inspector(
		t,
	).Probe(
		t.Context(),
		credential(t, s.URL+root),
		gittoken.KindPersonal,
		p,
		false,
	); got.Outcome != gittoken.Proven {
		t.Errorf("= %+v", got)
	}
}

func TestProbeAddress(t *testing.T) {
	t.Parallel()

	s := serve(t, nil) // no request is expected

	for address, want := range map[string]string{
		"https://gitlab.com/acme/app": "not on the server",
		s.URL + "/acme/app":           "not on the server", // outside the relative root
		s.URL + root + "/acme":        "neither",
	} {
		p := gittoken.Probe{Repository: address, Access: gittoken.Read}

		got := inspector(t).Probe(t.Context(), credential(t, s.URL+root), gittoken.KindPersonal, p, true)
		if got.Outcome != gittoken.Undetermined || got.Cause != gittoken.CauseNotUnderstood ||
			!strings.Contains(got.Detail, want) {
			t.Errorf("%q: %+v", address, got)
		}
	}

	p := gittoken.Probe{Repository: s.URL + root + "/acme/app", Permission: "contents:write"}
	if got := inspector(
		t,
	).Probe(
		t.Context(),
		credential(t, s.URL+root),
		gittoken.KindPersonal,
		p,
		true,
	); got.Outcome != gittoken.Undetermined {
		t.Errorf("permission: %+v", got)
	}
}
