package gitlab_test

import (
	"fmt"
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
	pullLine    = "GET /gitlab/acme/team/app.js.git/info/refs?service=git-upload-pack"
	pushLine    = "GET /gitlab/acme/team/app.js.git/info/refs?service=git-receive-pack"
)

// refs is the list of references with which a service begins.
func refs(service string) reply {
	packet := func(line string) string { return fmt.Sprintf("%04x%s", len(line)+4, line) }
	body := packet("# service="+service+"\n") + "0000" +
		packet("0123456789012345678901234567890123456789 refs/heads/main\x00report-status\n") + "0000"

	return ok(body).With("Content-Type", "application/x-"+service+"-advertisement")
}

var (
	pulled = refs("git-upload-pack")
	pushed = refs("git-receive-pack")
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

// refusedGit is a refusal of Git's in GitLab's words.
func refusedGit(text string) reply { return plain(403, text) }

const (
	noProject = "The project you were looking for could not be found or you don't have permission to view it."
	noSSO     = "Cannot find valid SSO session. Please login via your group's SSO at "
	noGrant   = "Access denied: This operation requires a fine-grained personal access token with the following project " +
		"permissions: [Code: Push]."
)

// TestProbeGit asks Git about reading and writing.
func TestProbeGit(t *testing.T) {
	t.Parallel()

	type answers = map[string]reply

	const personal, granular, read, write = gittoken.KindPersonal, gittoken.KindGranular, gittoken.Read, gittoken.Write

	push := func(r reply) answers { return answers{pullLine: pulled, pushLine: r} }

	tests := map[string]struct {
		kind    gittoken.Kind
		access  gittoken.Access
		answers answers
		outcome gittoken.Outcome
		cause   gittoken.Cause
		detail  string
	}{
		"read":           {personal, read, answers{pullLine: pulled}, proven, "", ""},
		"read, granular": {granular, read, answers{pullLine: pulled}, proven, "", ""},
		"read, hidden": {
			personal, read,
			answers{pullLine: plain(404, noProject)},
			denied, gittoken.CauseHidden, "could not be found",
		},
		"read, single sign-on": {
			personal, read,
			answers{pullLine: refusedGit(noSSO + "https://gitlab.com/groups/acme/-/saml/sso?token=9f8e7d")},
			denied, gittoken.CauseSSO, "SSO at https://gitlab.com/groups/acme/-/saml/sso",
		},
		"read, not granted": {
			granular, read,
			answers{pullLine: refusedGit(strings.Replace(noGrant, "Push", "Download", 1))},
			denied, gittoken.CauseNotGranted, "[Code: Download]",
		},
		"read, fine-grained tokens enforced": {
			personal, read,
			answers{pullLine: refusedGit(noGrant)},
			denied, gittoken.CauseFineGrainedOnly, "requires a fine-grained",
		},
		"read, scope missing": {
			personal, read,
			answers{pullLine: refusedGit("You are not allowed to download code.")},
			denied, gittoken.CauseNotGranted, "download",
		},
		"read, blocked": {
			personal, read,
			answers{pullLine: refusedGit("Your account has been blocked.")},
			open, gittoken.CauseAccountBlocked, "blocked",
		},
		"read, limited": {personal, read, answers{pullLine: plain(429, "Retry later")}, open, rateLimited, ""},
		"read, error":   {personal, read, answers{pullLine: plain(502, "")}, open, serverError, ""},

		"write": {personal, write, push(pushed), proven, "", ""},
		"write, hidden": {
			personal, write,
			answers{pullLine: plain(404, noProject)}, // and a push is not asked about: it would make the project
			denied, gittoken.CauseHidden, "could not be found",
		},
		"write, not even read": {
			granular, write,
			answers{pullLine: refusedGit(noGrant)},
			denied, gittoken.CauseNotGranted, "Access denied",
		},
		"write, pulling fails": {personal, write, answers{pullLine: plain(503, "")}, open, serverError, ""},
		"write as reporter": {
			personal, write,
			push(refusedGit("You are not allowed to push code to this project.")),
			denied, gittoken.CauseRole, "push code",
		},
		"write, scope missing": {
			personal, write,
			push(refusedGit("You are not allowed to upload code.")),
			denied, gittoken.CauseNotGranted, "upload",
		},
		"write, not granted": {granular, write, push(refusedGit(noGrant)), denied, gittoken.CauseNotGranted, "[Code: Push]"},
		"write, enforced": {
			personal, write, push(refusedGit(noGrant)), denied, gittoken.CauseFineGrainedOnly, "[Code: Push]",
		},
		"write, single sign-on": {
			gittoken.KindOAuth, write,
			push(refusedGit(noSSO + "https://gitlab.com/groups/acme/-/saml/sso")),
			denied, gittoken.CauseSSO, "SSO",
		},
		"write, archived": {
			personal, write,
			push(refusedGit("You can't push code to an archived project.")),
			open, gittoken.CauseReadOnly, "archived",
		},
		"write, read-only repository": {
			personal, write,
			push(refusedGit("The repository is temporarily read-only. Please try again later.")),
			open, serverError, "read-only",
		},
		"write, read-only GitLab": {
			personal, write,
			push(refusedGit("You can't push code to a read-only GitLab instance.")),
			open, serverError, "read-only",
		},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := probed(t, tt.kind, tt.access, tt.answers)
			if got.Outcome != tt.outcome || got.Cause != tt.cause || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("= %+v", got)
			}

			if strings.Contains(got.Detail+got.HelpURL, "9f8e7d") {
				t.Errorf("a secret of the group is told: %+v", got)
			}
		})
	}
}

// probed asks one probe of a new server. Each of answers must be asked for, and nothing else.
func probed(t *testing.T, kind gittoken.Kind, access gittoken.Access, answers map[string]reply) gittoken.ProbeResult {
	t.Helper()

	s := serve(t, answers)
	p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js.git", Access: access}

	got := inspector(t).Probe(t.Context(), credential(t, s.URL+root), kind, p, true)
	if got.Probe != p || (got.Outcome == gittoken.Proven) != (got.Detail == "") {
		t.Errorf("= %+v", got)
	}

	if asked := s.Requests(); len(asked) != len(answers) {
		t.Errorf("asked %q", asked)
	}

	return got
}

// TestProbeSSOPage has the link of a refusal, which must be one of the same site.
func TestProbeSSOPage(t *testing.T) {
	t.Parallel()

	for page, want := range map[string]string{
		"/groups/acme/-/saml/sso?token=9f8e7d": "/groups/acme/-/saml/sso",
		"/groups/acme/-/saml/sso.":             "/groups/acme/-/saml/sso",
		"/groups/acme":                         "",
	} {
		s := serve(t, nil)
		s.Answer(pullLine, refusedGit(noSSO+s.URL+page))

		p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: gittoken.Read}
		if want != "" {
			want = s.URL + want
		}

		got := inspector(t).Probe(t.Context(), credential(t, s.URL+root), gittoken.KindPersonal, p, true)
		if got.Cause != gittoken.CauseSSO || got.HelpURL != want {
			t.Errorf("%s: %+v, want the page %q", page, got, want)
		}
	}
}

// TestProbeRole asks for the role, which is all there is for administering, and for the rest what Git leaves open.
func TestProbeRole(t *testing.T) {
	t.Parallel()

	type answers = map[string]reply

	const personal, granular, admin, write = gittoken.KindPersonal, gittoken.KindGranular, gittoken.Admin, gittoken.Write

	none := project(roles("null", "null"))
	userOK := ok(human)
	off := refusedGit("Pulling over HTTP is not allowed.")

	tests := map[string]struct {
		kind    gittoken.Kind
		access  gittoken.Access
		answers answers
		outcome gittoken.Outcome
		cause   gittoken.Cause
		detail  string
	}{
		"read, no Git": {personal, gittoken.Read, answers{pullLine: off, projectLine: none}, proven, "", ""},
		"read, no Git, granular": {
			granular, gittoken.Read, answers{pullLine: off, projectLine: none}, open, notPermitted, "over HTTP",
		},
		"read, no Git, and neither": {
			personal, gittoken.Read, answers{pullLine: off, projectLine: scopeMissing}, open, notPermitted, "over HTTP",
		},
		"read, a banned address": {
			personal, gittoken.Read,
			answers{pullLine: refusedGit("Forbidden\n"), projectLine: plain(403, "Forbidden\n")},
			open, gittoken.CauseAddressBanned, "Forbidden",
		},
		"read, an address that is banned from Git": {
			personal, gittoken.Read, answers{pullLine: refusedGit("Forbidden\n"), projectLine: none}, proven, "", "",
		},
		"read, Git's page, hidden": {
			personal, gittoken.Read,
			answers{pullLine: page(403), projectLine: message(404, "404 Project Not Found")},
			denied, gittoken.CauseHidden, "does not exist",
		},
		"read, bad token for Git": {
			personal, gittoken.Read, answers{pullLine: badToken, projectLine: unauthorized}, open, notPermitted, "HTTP Basic",
		},
		"write, no Git, as developer": {
			personal, write,
			answers{pullLine: off, projectLine: project(roles(level("30"), "null"))},
			proven, "", "",
		},
		"write, no pushing by Git, as reporter": {
			personal, write,
			answers{
				pullLine: pulled, pushLine: refusedGit("Pushing over HTTP is not allowed."),
				projectLine: project(roles(level("20"), "null")), userLine: userOK, memberLine: ok(level("20")),
			},
			denied, gittoken.CauseRole, "access level 20",
		},
		"admin, hidden": {
			personal, admin,
			answers{projectLine: message(404, "404 Project Not Found")},
			denied, gittoken.CauseHidden, "does not exist",
		},
		"admin, granular, refused": {
			granular, admin,
			answers{projectLine: granularOnly},
			open, notPermitted, "Project: Read",
		},
		"admin, enforced": {
			personal, admin,
			answers{projectLine: granularOnly},
			denied, gittoken.CauseFineGrainedOnly, "Project: Read",
		},
		"admin, scope missing": {
			personal, admin,
			answers{projectLine: scopeMissing},
			open, notPermitted, "higher privileges",
		},
		"admin, another 404": {personal, admin, answers{projectLine: page(404)}, open, notUnderstood, ""},
		"admin, page":        {personal, admin, answers{projectLine: page(200)}, open, notUnderstood, ""},
		"admin, limited": {
			personal, admin,
			answers{projectLine: plain(429, "Retry later")},
			open, rateLimited, "",
		},
		"admin, error": {
			personal, admin,
			answers{projectLine: message(500, "500 Internal Server Error")},
			open, serverError, "",
		},
		"admin, revoked meanwhile": {personal, admin, answers{projectLine: revoked}, open, notPermitted, "revoked"},
		"admin, blocked": {
			personal, admin,
			answers{projectLine: blocked},
			open, gittoken.CauseAccountBlocked, "",
		},
		"admin by the group": {
			gittoken.KindProject, admin,
			answers{projectLine: project(roles(level("20"), level("40")))},
			proven, "", "",
		},
		"admin, archived": {
			personal, admin,
			answers{projectLine: project(roles(level("50"), "null") + `,"archived":true`)},
			open, gittoken.CauseReadOnly, "archived",
		},
		"admin, roles not told": {personal, admin, answers{projectLine: project("")}, open, notUnderstood, ""},
		"admin, granular": {
			granular, admin,
			answers{projectLine: project(roles(level("50"), "null"))},
			open, notPermitted, "role",
		},
		"admin as maintainer": {
			personal, admin,
			answers{projectLine: project(roles(level("40"), "null"))},
			proven, "", "",
		},
		"admin as owner": {
			gittoken.KindOAuth, admin,
			answers{projectLine: project(roles("null", level("50")))},
			proven, "", "",
		},
		"admin, shared group": {
			personal, admin,
			answers{projectLine: none, userLine: userOK, memberLine: ok(level("40"))},
			proven, "", "",
		},
		"admin, developer": {
			personal, admin,
			answers{projectLine: project(roles(level("30"), "null")), userLine: userOK, memberLine: ok(level("30"))},
			denied, gittoken.CauseRole, "access level 30",
		},
		"admin, no member": {
			personal, admin,
			answers{projectLine: none, userLine: userOK, memberLine: message(404, "404 Not found")},
			denied, gittoken.CauseRole, "not a member",
		},
		"admin, granular reporter": {
			granular, admin,
			answers{projectLine: project(roles(level("20"), "null")), userLine: userOK, memberLine: ok(level("20"))},
			denied, gittoken.CauseRole, "access level 20",
		},
		"admin, members closed": {
			personal, admin,
			answers{projectLine: none, userLine: userOK, memberLine: message(403, "403 Forbidden")},
			open, notPermitted, "",
		},
		"admin, members odd": {
			personal, admin,
			answers{projectLine: none, userLine: userOK, memberLine: ok(`{}`)},
			open, notUnderstood, "",
		},
		"admin, no user": {
			personal, admin,
			answers{projectLine: none, userLine: scopeMissing},
			open, notPermitted, "",
		},
		"admin, administrator": {
			personal, admin,
			answers{projectLine: none, userLine: ok(`{"id":42,"username":"root","is_admin":true}`)},
			open, notPermitted, "administrator",
		},
		"no such level": {personal, "own", answers{}, open, notUnderstood, ""},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := probed(t, tt.kind, tt.access, tt.answers)
			if got.Outcome != tt.outcome || got.Cause != tt.cause || !strings.Contains(got.Detail, tt.detail) {
				t.Errorf("= %+v", got)
			}
		})
	}
}

// TestProbesShareAProject asks for every access, which asks each question once.
func TestProbesShareAProject(t *testing.T) {
	t.Parallel()

	s := serve(t, map[string]reply{
		pullLine: pulled, pushLine: pushed, projectLine: project(roles(level("40"), "null")),
	})
	i, c := inspector(t), credential(t, s.URL+root)

	for _, access := range []gittoken.Access{gittoken.Read, gittoken.Write, gittoken.Admin} {
		p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: access}
		if got := i.Probe(t.Context(), c, gittoken.KindPersonal, p, false); got.Outcome != gittoken.Proven {
			t.Errorf("%s: %+v", access, got)
		}
	}

	if asked := s.Requests(); len(asked) != 3 {
		t.Errorf("asked %q", asked)
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

	p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: gittoken.Admin}
	i.Probe(t.Context(), c, gittoken.KindPersonal, p, false)

	if asked := s.Requests(); len(asked) != 2+2 {
		t.Errorf("asked %q", asked)
	}
}

// TestProbeMoved follows GitLab's redirect of a project that moved.
func TestProbeMoved(t *testing.T) {
	t.Parallel()

	s := serve(t, map[string]reply{
		projectLine:                     reply{Status: 301}.With("Location", "/gitlab/api/v4/projects/5"),
		"GET /gitlab/api/v4/projects/5": project(roles(level("40"), "null")),
	})

	p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: gittoken.Admin}

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

		cause := gittoken.CauseNotUnderstood
		if want == "not on the server" {
			cause = gittoken.CauseOtherHost
		}

		if got.Outcome != gittoken.Undetermined || got.Cause != cause || !strings.Contains(got.Detail, want) {
			t.Errorf("%q: %+v", address, got)
		}
	}

	p := gittoken.Probe{Repository: s.URL + root + "/acme/app", Permission: "contents:write"}

	got := inspector(t).Probe(t.Context(), credential(t, s.URL+root), gittoken.KindPersonal, p, true)
	if got.Outcome != gittoken.Undetermined {
		t.Errorf("permission: %+v", got)
	}
}
