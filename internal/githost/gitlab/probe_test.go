package gitlab_test

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// The outcomes and causes, as the tables name them.
const (
	proven = gittoken.Proven
	denied = gittoken.Denied
	open   = gittoken.Undetermined

	notPermitted  = gittoken.CauseNotPermitted
	notUnderstood = gittoken.CauseNotUnderstood
	rateLimited   = gittoken.CauseRateLimited
	serverError   = gittoken.CauseServerError
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

	const personal, granular = gittoken.KindPersonal, gittoken.KindGranular

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
		"read": {personal, gittoken.Read, answers{projectLine: none}, proven, "", ""},
		"read, hidden": {
			personal, gittoken.Read,
			answers{projectLine: message(404, "404 Project Not Found")},
			denied, "", "does not exist",
		},
		"read, granular": {granular, gittoken.Read, answers{projectLine: none}, proven, "", ""},
		"read, granular, refused": {
			granular, gittoken.Read,
			answers{projectLine: granularOnly},
			open, notPermitted, "Project: Read",
		},
		"read, scope missing": {
			personal, gittoken.Read,
			answers{projectLine: scopeMissing},
			open, notPermitted, "higher privileges",
		},
		"read, another 404": {personal, gittoken.Read, answers{projectLine: page(404)}, open, notUnderstood, ""},
		"read, page":        {personal, gittoken.Read, answers{projectLine: page(200)}, open, notUnderstood, ""},
		"read, limited": {
			personal, gittoken.Read,
			answers{projectLine: plain(429, "Retry later")},
			open, rateLimited, "",
		},
		"read, error": {
			personal, gittoken.Read,
			answers{projectLine: message(500, "500 Internal Server Error")},
			open, serverError, "",
		},
		"read, revoked meanwhile": {personal, gittoken.Read, answers{projectLine: revoked}, open, notPermitted, "revoked"},
		"read, blocked": {
			personal, gittoken.Read,
			answers{projectLine: blocked},
			open, gittoken.CauseAccountBlocked, "",
		},
		"write as developer": {
			personal, gittoken.Write,
			answers{projectLine: project(roles(level("30"), "null"))},
			proven, "", "",
		},
		"write by the group": {
			gittoken.KindProject, gittoken.Write,
			answers{projectLine: project(roles(level("20"), level("40")))},
			proven, "", "",
		},
		"write, archived": {
			personal, gittoken.Write,
			answers{projectLine: project(roles(level("50"), "null") + `,"archived":true`)},
			denied, "", "archived",
		},
		"write, roles not told": {personal, gittoken.Write, answers{projectLine: project("")}, open, notUnderstood, ""},
		"write, granular": {
			granular, gittoken.Write,
			answers{projectLine: project(roles(level("50"), "null"))},
			open, notPermitted, "role",
		},
		"admin as maintainer": {
			personal, gittoken.Admin,
			answers{projectLine: project(roles(level("40"), "null"))},
			proven, "", "",
		},
		"admin as owner": {
			gittoken.KindOAuth, gittoken.Admin,
			answers{projectLine: project(roles("null", level("50")))},
			proven, "", "",
		},
		"write, shared group": {
			personal, gittoken.Write,
			answers{projectLine: none, userLine: userOK, memberLine: ok(level("30"))},
			proven, "", "",
		},
		"admin, developer": {
			personal, gittoken.Admin,
			answers{projectLine: project(roles(level("30"), "null")), userLine: userOK, memberLine: ok(level("30"))},
			denied, "", "access level 30",
		},
		"write, no member": {
			personal, gittoken.Write,
			answers{projectLine: none, userLine: userOK, memberLine: message(404, "404 Not found")},
			denied, "", "not a member",
		},
		"write, granular reporter": {
			granular, gittoken.Write,
			answers{projectLine: project(roles(level("20"), "null")), userLine: userOK, memberLine: ok(level("20"))},
			denied, "", "access level 20",
		},
		"write, members closed": {
			personal, gittoken.Write,
			answers{projectLine: none, userLine: userOK, memberLine: message(403, "403 Forbidden")},
			open, notPermitted, "",
		},
		"write, members odd": {
			personal, gittoken.Write,
			answers{projectLine: none, userLine: userOK, memberLine: ok(`{}`)},
			open, notUnderstood, "",
		},
		"write, no user": {
			personal, gittoken.Write,
			answers{projectLine: none, userLine: scopeMissing},
			open, notPermitted, "",
		},
		"write, administrator": {
			personal, gittoken.Write,
			answers{projectLine: none, userLine: ok(`{"id":42,"username":"root","is_admin":true}`)},
			open, notPermitted, "administrator",
		},
		"no such level": {personal, "own", answers{}, open, notUnderstood, ""},
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

			if asked := s.Requests(); len(asked) != len(tt.answers) {
				t.Errorf("asked %q", asked)
			}
		})
	}
}

// TestProbeRemembersUser spares the question whose the token is after an inspection, and after a probe.
func TestProbeRemembersUser(t *testing.T) {
	t.Parallel()

	s := serve(t, map[string]reply{
		selfLine:    self(`"api"`, ""),
		userLine:    ok(human),
		projectLine: project(roles("null", "null")),
		memberLine:  ok(level("30")),
	})
	i, c := inspector(t), credential(t, s.URL+root)

	i.Inspect(t.Context(), c)

	for _, access := range []gittoken.Access{gittoken.Write, gittoken.Admin} {
		p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: access}
		i.Probe(t.Context(), c, gittoken.KindPersonal, p, false)
	}

	if asked := s.Requests(); len(asked) != 2+2*2 {
		t.Errorf("asked %q", asked)
	}
}

// TestProbeMoved follows GitLab's redirect of a project that moved.
func TestProbeMoved(t *testing.T) {
	t.Parallel()

	s := serve(t, map[string]reply{
		projectLine:                     reply{Status: 301}.With("Location", "/gitlab/api/v4/projects/5"),
		"GET /gitlab/api/v4/projects/5": project(roles(level("30"), "null")),
	})

	p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: gittoken.Write}

	got := inspector(t).Probe(t.Context(), credential(t, s.URL+root), gittoken.KindPersonal, p, false)
	if got.Outcome != gittoken.Proven {
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

	got := inspector(t).Probe(t.Context(), credential(t, s.URL+root), gittoken.KindPersonal, p, true)
	if got.Outcome != gittoken.Undetermined {
		t.Errorf("permission: %+v", got)
	}
}
