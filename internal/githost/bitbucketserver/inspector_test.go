package bitbucketserver_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketserver"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// The five questions, and the one in their place.
const (
	askProjects    = "GET /rest/api/1.0/projects?limit=1&permission=PROJECT_ADMIN"
	askRecord      = "GET /rest/access-tokens/latest/users/ci-bot/" + tokenNo
	askPermissions = "GET /rest/api/1.0/projects/GITOPS/permissions/users?limit=1"
	askRepos       = "GET /rest/api/1.0/repos?limit=10&permission=REPO_WRITE"
	askRecent      = "GET /rest/api/1.0/profile/recent/repos?limit=1"
	askPush        = "GET /scm/GITOPS/app.git/info/refs?service=git-receive-pack"
)

const (
	archived      = `{"slug":"old","id":6,"name":"Old","project":{"key":"GITOPS"},"public":false,"archived":true}`
	oneProject    = `{"key":"GITOPS","id":1,"name":"GitOps","public":false,"type":"NORMAL"}`
	oneRepository = `{"slug":"app","id":7,"name":"App","project":{"key":"GITOPS"},"public":false}`
	onePermission = `{"user":{"name":"ci-bot"},"permission":"PROJECT_ADMIN"}`
	projectToken  = "access-token-user%2F1%2F77"
	repoToken     = "access-token-user%2F2%2F11754"
)

func recordOf(fields string) reply {
	return object("ci-bot", `{"id":"`+tokenNo+`","name":"codefresh",`+fields+
		`"createdDate":1700000000000,"user":{"name":"CI-Bot","slug":"ci-bot"}}`)
}

// inspection is a row of the tables below.
type inspection struct {
	token   string // secretText if empty
	replies map[string]reply
	want    gittoken.Verdict // without Kind
	asked   []string
}

func (row inspection) run(t *testing.T) {
	t.Helper()

	if row.token == "" {
		row.token = secretText
	}

	server := serve(t, row.token, row.replies)
	got := inspector(t).Inspect(t.Context(), credential(t, server.URL, row.token))
	row.want.Kind = gittoken.KindHTTPAccess

	if diff := cmp.Diff(row.want, got); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}

	if diff := cmp.Diff(row.asked, server.Requests()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func live(owner string, scopes ...gittoken.Scope) gittoken.Verdict {
	return gittoken.Verdict{Standing: gittoken.Live, Owner: owner, Scopes: scopes, ScopesKnown: len(scopes) > 0}
}

// leaving returns v with scopes that nothing settles.
func leaving(v gittoken.Verdict, scopes ...gittoken.Scope) gittoken.Verdict {
	v.Unsettled = scopes

	return v
}

func TestInspectWorksOutPermissions(t *testing.T) {
	t.Parallel()

	silent := live("ci-bot")
	silent.Detail = "the server does not say which permissions the token has"

	unknownService := silent
	unknownService.Owner = "access-token-user/9/1"

	noRepos := live("ci-bot")
	noRepos.Detail = "You are not permitted to access this resource"

	onlyArchived := leaving(live("ci-bot", "PROJECT_READ", "REPO_READ"), "REPO_WRITE", "REPO_ADMIN", "PROJECT_WRITE")
	onlyArchived.Detail = "all repositories that its owner can write to are archived"

	tests := map[string]inspection{
		"PROJECT_ADMIN is proved by what only it may read": {
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject), askPermissions: pageOf("ci-bot", onePermission),
			},
			want:  live("ci-bot", "PROJECT_ADMIN"),
			asked: []string{askProjects, askPermissions},
		},
		"an owner who administers a project, with a token that writes only": {
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject), askPermissions: notPermitted("ci-bot"),
				askRepos: pageOf("ci-bot", oneRepository), askPush: advertisement("ci-bot"),
			},
			want:  leaving(live("ci-bot", "PROJECT_READ", "REPO_WRITE"), "REPO_ADMIN", "PROJECT_WRITE"),
			asked: []string{askProjects, askPermissions, askRepos, askPush},
		},
		"an owner who administers a project, with a token that reads only": {
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject), askPermissions: notPermitted("ci-bot"),
				askRepos: pageOf("ci-bot", oneRepository), askPush: notPermitted("ci-bot"),
			},
			want:  live("ci-bot", "PROJECT_READ", "REPO_READ"),
			asked: []string{askProjects, askPermissions, askRepos, askPush},
		},
		"writes, administers nothing": {
			replies: map[string]reply{
				askProjects: pageOf("ci-bot"), askRepos: pageOf("ci-bot", oneRepository), askPush: advertisement("ci-bot"),
			},
			want:  leaving(live("ci-bot", "PROJECT_READ", "REPO_WRITE"), "REPO_ADMIN", "PROJECT_WRITE"),
			asked: []string{askProjects, askRepos, askPush},
		},
		"reads only": {
			replies: map[string]reply{askProjects: pageOf("ci-bot"), askRepos: pageOf("ci-bot")},
			want:    live("ci-bot", "PROJECT_READ", "REPO_READ"),
			asked:   []string{askProjects, askRepos},
		},
		"a project's token has a project level": {
			replies: map[string]reply{
				askProjects: pageOf(projectToken), askRepos: pageOf(projectToken, oneRepository),
				askPush: advertisement(projectToken),
			},
			want:  leaving(live("access-token-user/1/77", "PROJECT_READ", "REPO_WRITE"), "REPO_ADMIN", "PROJECT_WRITE"),
			asked: []string{askProjects, askRepos, askPush},
		},
		"a repository's token has none": {
			replies: map[string]reply{
				askProjects: pageOf(repoToken), askRepos: pageOf(repoToken, oneRepository),
				askPush: advertisement(repoToken),
			},
			want:  leaving(live("access-token-user/2/11754", "REPO_WRITE"), "REPO_ADMIN"),
			asked: []string{askProjects, askRepos, askPush},
		},
		"the first of them is archived": {
			replies: map[string]reply{
				askProjects: pageOf("ci-bot"), askRepos: pageOf("ci-bot", archived, oneRepository), askPush: notPermitted("ci-bot"),
			},
			want:  live("ci-bot", "PROJECT_READ", "REPO_READ"),
			asked: []string{askProjects, askRepos, askPush},
		},
		"all of them are archived": {
			replies: map[string]reply{askProjects: pageOf("ci-bot"), askRepos: pageOf("ci-bot", archived)},
			want:    onlyArchived,
			asked:   []string{askProjects, askRepos},
		},
		"a repository's token that may not even ask for projects": {
			replies: map[string]reply{askProjects: notPermitted(repoToken), askRepos: pageOf(repoToken)},
			want:    live("access-token-user/2/11754", "REPO_READ"),
			asked:   []string{askProjects, askRepos},
		},
		"a kind of service user nobody has seen": {
			replies: map[string]reply{askProjects: pageOf("access-token-user%2F9%2F1")},
			want:    unknownService,
			asked:   []string{askProjects},
		},
		"a user's token that may not list projects lives, of unknown permissions": {
			replies: map[string]reply{askProjects: notPermitted("ci-bot")},
			want:    silent,
			asked:   []string{askProjects},
		},
		"a token that may not list repositories": {
			replies: map[string]reply{askProjects: pageOf("ci-bot"), askRepos: notPermitted("ci-bot")},
			want:    noRepos,
			asked:   []string{askProjects, askRepos},
		},
		"a 401 without a body, but with a user": {
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject), askPermissions: document(401, "ci-bot", "").Without("Content-Type"),
				askRepos: pageOf("ci-bot"),
			},
			want:  live("ci-bot", "PROJECT_READ", "REPO_READ"),
			asked: []string{askProjects, askPermissions, askRepos},
		},
		"the header was lost on the way, but the list is no stranger's": {
			replies: map[string]reply{askProjects: pageOf("", oneProject), askPermissions: pageOf("", onePermission)},
			want:    live("", "PROJECT_ADMIN"),
			asked:   []string{askProjects, askPermissions},
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.run(t)
		})
	}
}

func TestInspectReadsTheTokensOwnRecord(t *testing.T) {
	t.Parallel()

	expires := time.Date(2027, 1, 2, 3, 4, 5, 0, time.UTC)
	told := live("ci-bot", "PROJECT_READ", "REPO_ADMIN")
	told.ExpiresAt = expires

	toldSoon, soon := told, hosttest.Now().Add(-time.Hour)
	toldSoon.ExpiresAt = soon

	unlisted := leaving(live("ci-bot", "PROJECT_READ", "REPO_READ"), "REPO_WRITE", "REPO_ADMIN")
	unlisted.Detail = "You are not permitted to access this resource"

	proved := live("ci-bot", "PROJECT_ADMIN")
	provedUntil := proved
	provedUntil.ExpiresAt = expires

	// worksWithout is what follows if the record cannot be had: no more than five requests.
	worksWithout := func(record reply) inspection {
		return inspection{
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject), askRecord: record,
				askPermissions: notPermitted("ci-bot"), askRepos: pageOf("ci-bot"),
			},
			want:  live("ci-bot", "PROJECT_READ", "REPO_READ"),
			asked: []string{askProjects, askRecord, askPermissions, askRepos},
		}
	}

	tests := map[string]inspection{
		"permissions and expiry": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject),
				askRecord:   recordOf(`"permissions":["PROJECT_READ","REPO_ADMIN"],"expiryDate":1798859045000,`),
			},
			want:  told,
			asked: []string{askProjects, askRecord},
		},
		"a prefix before the same payload": {
			token: "BBDC-" + oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject),
				askRecord:   recordOf(`"permissions":["PROJECT_READ","REPO_ADMIN"],"expiryDate":1798859045000,`),
			},
			want:  told,
			asked: []string{askProjects, askRecord},
		},
		"no expiry": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject),
				askRecord:   recordOf(`"permissions":["PROJECT_ADMIN"],"expiryDate":null,`),
			},
			want:  live("ci-bot", "PROJECT_ADMIN"),
			asked: []string{askProjects, askRecord},
		},
		"an expiry that is past cannot be that of a token in use": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject),
				askRecord:   recordOf(`"permissions":["PROJECT_ADMIN"],"expiryDate":1600000000000,`),
			},
			want:  live("ci-bot", "PROJECT_ADMIN"),
			asked: []string{askProjects, askRecord},
		},
		"an expiry in an hour, and our clock is two hours fast": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject).With("Date", "Sun, 01 Mar 2026 10:00:00 GMT"),
				askRecord: recordOf(`"permissions":["PROJECT_READ","REPO_ADMIN"],"expiryDate":` +
					strconv.FormatInt(soon.UnixMilli(), 10) + `,`),
			},
			want:  toldSoon,
			asked: []string{askProjects, askRecord},
		},
		"more than its owner has, who administers nothing": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot"), askRecord: recordOf(`"permissions":["PROJECT_ADMIN","REPO_ADMIN"],`),
				askRepos: pageOf("ci-bot", oneRepository),
			},
			want:  leaving(live("ci-bot", "PROJECT_READ", "REPO_WRITE"), "REPO_ADMIN", "PROJECT_WRITE"),
			asked: []string{askProjects, askRecord, askRepos},
		},
		"more than its owner has, who writes nowhere": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot"), askRecord: recordOf(`"permissions":["PROJECT_ADMIN","REPO_ADMIN"],`),
				askRepos: pageOf("ci-bot"),
			},
			want:  live("ci-bot", "PROJECT_READ", "REPO_READ"),
			asked: []string{askProjects, askRecord, askRepos},
		},
		"less than its owner has, who administers nothing": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot"), askRecord: recordOf(`"permissions":["PROJECT_READ","REPO_READ"],`),
			},
			want:  live("ci-bot", "PROJECT_READ", "REPO_READ"),
			asked: []string{askProjects, askRecord},
		},
		"as much as its owner has, who administers nothing": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot"), askRecord: recordOf(`"permissions":["PROJECT_READ","REPO_WRITE"],`),
				askRepos: pageOf("ci-bot", oneRepository),
			},
			want:  live("ci-bot", "PROJECT_READ", "REPO_WRITE"),
			asked: []string{askProjects, askRecord, askRepos},
		},
		"an owner whose repositories the server does not list": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot"), askRecord: recordOf(`"permissions":["PROJECT_READ","REPO_WRITE"],`),
				askRepos: notPermitted("ci-bot"),
			},
			want:  unlisted,
			asked: []string{askProjects, askRecord, askRepos},
		},
		"an owner whose repositories could not be asked for": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot"), askRecord: recordOf(`"permissions":["PROJECT_ADMIN"],`),
				askRepos: {Status: 500},
			},
			want: gittoken.Verdict{
				Owner: "ci-bot", Cause: gittoken.CauseServerError, Detail: "HTTP 500 Internal Server Error",
			},
			asked: []string{askProjects, askRecord, askRepos},
		},
		"an owner of whom the server does not say what he administers": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: notPermitted("ci-bot"), askRecord: recordOf(`"permissions":["REPO_WRITE"],`),
			},
			want:  live("ci-bot", "REPO_WRITE"),
			asked: []string{askProjects, askRecord},
		},
		"no permissions, and all five questions": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject), askRecord: notPermitted("ci-bot"),
				askPermissions: notPermitted("ci-bot"), askRepos: pageOf("ci-bot", oneRepository),
				askPush: advertisement("ci-bot"),
			},
			want:  leaving(live("ci-bot", "PROJECT_READ", "REPO_WRITE"), "REPO_ADMIN", "PROJECT_WRITE"),
			asked: []string{askProjects, askRecord, askPermissions, askRepos, askPush},
		},
		"no permissions, and nothing that the owner administers": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot"), askRecord: notPermitted("ci-bot"),
				askRepos: pageOf("ci-bot", oneRepository), askPush: advertisement("ci-bot"),
			},
			want:  leaving(live("ci-bot", "PROJECT_READ", "REPO_WRITE"), "REPO_ADMIN", "PROJECT_WRITE"),
			asked: []string{askProjects, askRecord, askRepos, askPush},
		},
		"the published schema has no permissions, and the rest is asked for": {
			token: oldToken(),
			replies: map[string]reply{
				askProjects: pageOf("ci-bot", oneProject), askRecord: recordOf(`"expiryDate":1798859045000,`),
				askPermissions: pageOf("ci-bot", onePermission),
			},
			want:  provedUntil,
			asked: []string{askProjects, askRecord, askPermissions},
		},
		"a project's token has no user to ask under": {
			token:   oldToken(),
			replies: map[string]reply{askProjects: pageOf(projectToken), askRepos: pageOf(projectToken)},
			want:    live("access-token-user/1/77", "PROJECT_READ", "REPO_READ"),
			asked:   []string{askProjects, askRepos},
		},
		"401":                 worksWithout(notPermitted("ci-bot")),
		"403":                 worksWithout(failure(403, "ci-bot", "AuthorisationException", "no")),
		"404":                 worksWithout(failure(404, "ci-bot", "user.NoSuchUserException", "no")),
		"429":                 worksWithout(reply{Status: 429}),
		"500":                 worksWithout(reply{Status: 500}),
		"a web page":          worksWithout(html(200, "ci-bot")),
		"no JSON":             worksWithout(object("ci-bot", "{")),
		"another token":       worksWithout(reply{Status: 200, Body: `{"id":"1","permissions":["PROJECT_ADMIN"]}`}),
		"an impossible level": worksWithout(recordOf(`"permissions":["PROJECT_ADMIN","\u001b[31m"],`)),
		"too many":            worksWithout(recordOf(`"permissions":[` + strings.Repeat(`"A_B",`, 50) + `"A_B"],`)),
		"permissions no list": worksWithout(recordOf(`"permissions":"PROJECT_ADMIN",`)),
		"somebody else's token": worksWithout(
			reply{Status: 200, Body: `{"id":"` + tokenNo + `","permissions":["PROJECT_ADMIN"],"user":{"name":"eve"}}`},
		),
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test.run(t)
		})
	}
}

func TestInspectFirstAnswer(t *testing.T) {
	t.Parallel()

	unchecked := func(cause gittoken.Cause, detail string) gittoken.Verdict {
		return gittoken.Verdict{Cause: cause, Detail: detail}
	}
	rejected := func(detail string) gittoken.Verdict {
		return gittoken.Verdict{Standing: gittoken.Rejected, Detail: detail}
	}
	blocked := func(detail string) gittoken.Verdict {
		return gittoken.Verdict{Standing: gittoken.Blocked, Cause: gittoken.CauseAccountBlocked, Detail: detail}
	}

	limited := unchecked(gittoken.CauseRateLimited, "HTTP 429 Too Many Requests")
	limited.RetryAt = hosttest.Now().Add(time.Minute)

	maintenance := unchecked(gittoken.CauseServerError, "HTTP 503 Service Unavailable")
	maintenance.RetryAt = hosttest.Now().Add(time.Hour)

	const (
		badPassword = "Authentication failed. Please check your credentials and try again."
		captcha     = "CAPTCHA required. Your Bitbucket account has been locked."
	)

	tests := map[string]struct {
		reply reply
		want  gittoken.Verdict
	}{
		"wrong credentials": {
			failure(401, "", "auth.IncorrectPasswordAuthenticationException", badPassword), rejected(badPassword),
		},
		"nobody is not permitted": {notPermitted(""), rejected("You are not permitted to access this resource")},
		"control characters in the host's words": {
			reply{Status: 401, Body: `{"errors":[{"message":"bad\u001b[31m\ntoken","exceptionName":"com.atlassian.X"}]}`},
			rejected("bad [31m token"),
		},
		"401 with errors of another": {
			reply{Status: 401, Body: `{"errors":[{"message":"bad token","exceptionName":null}]}`},
			unchecked(gittoken.CauseNotUnderstood, "HTTP 401 Unauthorized: bad token"),
		},
		"403 with errors of another": {
			reply{Status: 403, Body: `{"errors":[{"message":"Your account is disabled"}]}`},
			unchecked(gittoken.CauseNotUnderstood, "HTTP 403 Forbidden: Your account is disabled"),
		},
		"the host repeats the token": {
			failure(401, "", "auth.X", "no such token "+secretText), rejected("no such token (redacted)"),
		},
		"401 with a web page": {
			html(401, ""), unchecked(gittoken.CauseNotUnderstood, "HTTP 401 with a web page instead of JSON"),
		},
		"401 with a user and a web page": {
			html(401, "ci-bot"), unchecked(gittoken.CauseNotUnderstood, "HTTP 401 with a web page instead of JSON"),
		},
		"401 with nothing": {
			reply{Status: 401}.Without("Content-Type"), unchecked(gittoken.CauseNotUnderstood, "HTTP 401 Unauthorized"),
		},
		"401 with another JSON": {
			reply{Status: 401, Body: `{"message":"401 Unauthorized"}`},
			unchecked(gittoken.CauseNotUnderstood, "HTTP 401 Unauthorized"),
		},
		"401 with errors that say nothing": {
			reply{Status: 401, Body: `{"errors":[{}]}`},
			unchecked(gittoken.CauseNotUnderstood, "HTTP 401 Unauthorized"),
		},
		"CAPTCHA by exception": {
			failure(401, "", "auth.CaptchaRequiredAuthenticationException", captcha),
			unchecked(gittoken.CauseLoginLockout, "HTTP 401 Unauthorized: "+captcha),
		},
		"CAPTCHA by reason": {
			reply{Status: 403}.With("X-Authentication-Denied-Reason", "CAPTCHA_CHALLENGE; login-url=https://evil/"),
			unchecked(gittoken.CauseLoginLockout, "HTTP 403 Forbidden"),
		},
		"CAPTCHA by sign-in library": {
			html(403, "").With("X-Seraph-LoginReason", "AUTHENTICATION_DENIED"),
			unchecked(gittoken.CauseLoginLockout, "HTTP 403 Forbidden"),
		},
		"CAPTCHA by text": {
			failure(403, "", "X", "solve a CAPTCHA"),
			unchecked(gittoken.CauseLoginLockout, "HTTP 403 Forbidden: solve a CAPTCHA"),
		},
		"inactive user": {
			failure(401, "", "auth.InactiveUserAuthenticationException", "Your account is not active"),
			blocked("HTTP 401 Unauthorized: Your account is not active"),
		},
		"inactive user by text": {
			failure(403, "", "X", "Your account has been deactivated"),
			blocked("HTTP 403 Forbidden: Your account has been deactivated"),
		},
		"unlicensed user": {
			failure(403, "ci-bot", "X", "You are not licensed to use Bitbucket"),
			blocked("HTTP 403 Forbidden: You are not licensed to use Bitbucket"),
		},
		"the server's licence": {
			failure(403, "", "X", "Your Bitbucket license has expired"),
			unchecked(gittoken.CauseServerError, "HTTP 403 Forbidden: Your Bitbucket license has expired"),
		},
		"user directory out of reach": {
			failure(401, "", "auth.AuthenticationSystemException", "LDAP is down"),
			unchecked(gittoken.CauseServerError, "HTTP 401 Unauthorized: LDAP is down"),
		},
		"403 for another reason": {
			failure(403, "", "X", "XSRF check failed"),
			unchecked(gittoken.CauseNotUnderstood, "HTTP 403 Forbidden: XSRF check failed"),
		},
		"403 with a web page": {
			html(403, ""), unchecked(gittoken.CauseNotUnderstood, "HTTP 403 with a web page instead of JSON"),
		},
		"429":                 {reply{Status: 429}.With("Retry-After", "60"), limited},
		"503 for maintenance": {reply{Status: 503}.With("Retry-After", "3600"), maintenance},
		"500": {
			reply{Status: 500}, unchecked(gittoken.CauseServerError, "HTTP 500 Internal Server Error"),
		},
		"404": {
			html(404, ""), unchecked(gittoken.CauseNotUnderstood, "HTTP 404 with a web page instead of JSON"),
		},
		"400": {
			failure(400, "ci-bot", "X", "no such permission"),
			unchecked(gittoken.CauseNotUnderstood, "HTTP 400 Bad Request: no such permission"),
		},
		"a sign-in page": {
			html(200, ""), unchecked(gittoken.CauseNotUnderstood, "HTTP 200 with a web page instead of JSON"),
		},
		"200 with another JSON": {
			reply{Status: 200, Body: `{"login":"octocat"}`}, unchecked(gittoken.CauseNotUnderstood, "HTTP 200 OK"),
		},
		"200 with values of something else": {
			reply{Status: 200, Body: `{"values":[]}`}, unchecked(gittoken.CauseNotUnderstood, "HTTP 200 OK"),
		},
		"a bad token, in words that also mean other things": {
			failure(401, "", "auth.X", "No account, locked or unlicensed, has it"),
			rejected("No account, locked or unlicensed, has it"),
		},
		"200 with half a page": {
			object("ci-bot", `{"values":[{"key":"GIT`),
			unchecked(gittoken.CauseNotUnderstood, "HTTP 200 OK"),
		},
		"a project key that would change the address": {
			pageOf("ci-bot", `{"key":"../admin"}`), unchecked(gittoken.CauseNotUnderstood, "HTTP 200 OK"),
		},
		"304": {reply{Status: 304}.Without("Content-Type"), unchecked(gittoken.CauseRedirect, "HTTP 304 Not Modified")},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			inspection{
				replies: map[string]reply{askProjects: test.reply}, want: test.want, asked: []string{askProjects},
			}.run(t)
		})
	}
}

// TestInspectNobody gets an empty list and nobody's name: either the server ignored the token, or the name was lost on
// the way.
func TestInspectNobody(t *testing.T) {
	t.Parallel()

	ignored := gittoken.Verdict{
		Standing: gittoken.Rejected, Detail: "the server ignored the token and answered as it answers anybody",
	}
	nameless := gittoken.Verdict{
		Standing: gittoken.Live, Detail: "the header X-AUSERNAME, with which the server names whom it answers, is missing: " +
			"a proxy on the way may have removed it",
	}

	for name, test := range map[string]struct {
		first, second reply
		want          gittoken.Verdict
	}{
		"ignored":           {pageOf(""), notPermitted(""), ignored},
		"anonymous by name": {pageOf("anonymous"), notPermitted("anonymous"), ignored},
		"lost on the way":   {pageOf(""), pageOf(""), nameless},
		"a page": {pageOf(""), html(401, ""), gittoken.Verdict{
			Cause: gittoken.CauseNotUnderstood, Detail: "HTTP 401 with a web page instead of JSON",
		}},
		"an error": {pageOf(""), reply{Status: 502}, gittoken.Verdict{
			Cause: gittoken.CauseServerError, Detail: "HTTP 502 Bad Gateway",
		}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			inspection{
				replies: map[string]reply{askProjects: test.first, askRecent: test.second}, want: test.want,
				asked: []string{askProjects, askRecent},
			}.run(t)
		})
	}
}

// Nothing may be called missing as long as one of the answers that would show it is not to be had.
func TestInspectClaimsNoLackWithoutProof(t *testing.T) {
	t.Parallel()

	broken := map[string]struct {
		reply reply
		cause gittoken.Cause
	}{
		"500":        {reply{Status: 500}, gittoken.CauseServerError},
		"503":        {reply{Status: 503}, gittoken.CauseServerError},
		"429":        {reply{Status: 429}, gittoken.CauseRateLimited},
		"403":        {failure(403, "ci-bot", "X", "no"), gittoken.CauseNotUnderstood},
		"404":        {failure(404, "ci-bot", "project.NoSuchProjectException", "no"), gittoken.CauseNotUnderstood},
		"web page":   {html(200, "ci-bot"), gittoken.CauseNotUnderstood},
		"now nobody": {notPermitted(""), gittoken.CauseNotUnderstood},
		"other JSON": {object("ci-bot", `[]`), gittoken.CauseNotUnderstood},
		"CAPTCHA": {
			failure(401, "ci-bot", "auth.CaptchaRequiredAuthenticationException", "no"), gittoken.CauseLoginLockout,
		},
	}

	for name, fault := range broken {
		for step, replies := range map[string]map[string]reply{
			"permissions": {askProjects: pageOf("ci-bot", oneProject), askPermissions: fault.reply},
			"repos":       {askProjects: pageOf("ci-bot"), askRepos: fault.reply},
		} {
			t.Run(step+" "+name, func(t *testing.T) {
				t.Parallel()

				server := serve(t, secretText, replies)
				got := inspector(t).Inspect(t.Context(), credential(t, server.URL, secretText))

				want := gittoken.Verdict{Kind: gittoken.KindHTTPAccess, Cause: fault.cause, Owner: "ci-bot"}
				if diff := cmp.Diff(want, got, cmpopts.IgnoreFields(gittoken.Verdict{}, "Detail")); diff != "" {
					t.Errorf("verdict (-want +got):\n%s", diff)
				}

				if got.Detail == "" {
					t.Error("no detail")
				}
			})
		}
	}
}

// An empty page that is not the last one does not say that there is nothing: the server leaves out what may not be seen
// page by page.
func TestInspectClaimsNoLackByAnEmptyPage(t *testing.T) {
	t.Parallel()

	hollow := object("ci-bot", `{"size":0,"limit":1,"isLastPage":false,"nextPageStart":1,"values":[],"start":0}`)

	for name, replies := range map[string]map[string]reply{
		"projects": {askProjects: hollow},
		"repositories": {
			askProjects: pageOf("ci-bot"), askRecord: recordOf(""), askRepos: hollow,
		},
		"repositories, beside a record": {
			askProjects: pageOf("ci-bot"), askRecord: recordOf(`"permissions":["PROJECT_ADMIN"],`), askRepos: hollow,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := serve(t, oldToken(), replies)

			got := inspector(t).Inspect(t.Context(), credential(t, server.URL, oldToken()))
			if got.Standing != gittoken.Unchecked || got.Cause != gittoken.CauseNotUnderstood || got.Detail == "" {
				t.Errorf("the verdict is %+v", got)
			}
		})
	}
}

func TestInspectDecidesAStrangersListByItsProject(t *testing.T) {
	t.Parallel()

	inspection{
		replies: map[string]reply{askProjects: pageOf("", oneProject), askPermissions: notPermitted("")},
		want: gittoken.Verdict{
			Standing: gittoken.Rejected, Detail: "You are not permitted to access this resource",
		},
		asked: []string{askProjects, askPermissions},
	}.run(t)
}

func TestInspectNamesTheLoginPage(t *testing.T) {
	t.Parallel()

	replies := map[string]reply{}
	server := serve(t, secretText, replies)
	page := server.URL + "/login?captcha=1"
	reason := "CAPTCHA_CHALLENGE; login-url=" + page
	replies[askProjects] = reply{Status: 403}.With("X-Authentication-Denied-Reason", reason)

	got := inspector(t).Inspect(t.Context(), credential(t, server.URL, secretText))
	if got.HelpURL != page || got.Cause != gittoken.CauseLoginLockout || got.Standing != gittoken.Unchecked {
		t.Errorf("got %+v", got)
	}
}

func TestInspectBelowAContextPath(t *testing.T) {
	t.Parallel()

	latest := strings.Replace(askProjects, "1.0", "latest", 1)
	server := serve(t, oldToken(), map[string]reply{
		below(latest):    pageOf("ci-bot"),
		below(askRecord): recordOf(`"permissions":["PROJECT_READ","REPO_READ"],`),
	})

	c := credential(t, server.URL+root+"/rest/api/latest", oldToken())

	got := inspector(t).Inspect(t.Context(), c)
	if diff := cmp.Diff([]gittoken.Scope{"PROJECT_READ", "REPO_READ"}, got.Scopes); diff != "" {
		t.Errorf("scopes (-want +got):\n%s\n%+v", diff, got)
	}
}

func TestInspectWithoutAnAnswer(t *testing.T) {
	t.Parallel()

	hanging := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		<-r.Context().Done()
	}))
	t.Cleanup(hanging.Close)

	elsewhere := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://sso.example.com/login", http.StatusFound)
	}))
	t.Cleanup(elsewhere.Close)

	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		_, _ = w.Write(make([]byte, 5<<20))
	}))
	t.Cleanup(endless.Close)

	selfSigned := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(selfSigned.Close)

	tests := map[string]struct {
		url   string
		limit time.Duration // 0 for the usual one
		want  gittoken.Cause
	}{
		"nobody listens":        {hosttest.Nowhere, 0, gittoken.CauseNetwork},
		"no answer":             {hanging.URL, 100 * time.Millisecond, gittoken.CauseTimeout},
		"sent elsewhere":        {elsewhere.URL, 0, gittoken.CauseRedirect},
		"endless":               {endless.URL, 0, gittoken.CauseTooLarge},
		"certificate":           {selfSigned.URL, 0, gittoken.CauseTLS},
		"not encrypted":         {"http://git.example.com", 0, gittoken.CauseInsecure},
		"no host at all (zero)": {"", 0, gittoken.CauseNetwork},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := gittoken.Credential{Token: gittoken.NewSecret(secretText)}
			if test.url != "" {
				c = credential(t, test.url, secretText)
			}

			i := bitbucketserver.New(hosttest.Transport(t, transport.Config{RequestTimeout: test.limit}), hosttest.Now)

			got := i.Inspect(t.Context(), c)
			if got.Standing != gittoken.Unchecked || got.Cause != test.want || got.Detail == "" {
				t.Errorf("got %+v, want cause %s", got, test.want)
			}

			if strings.Contains(got.Detail, secretText) {
				t.Error("the detail holds the token")
			}
		})
	}
}

func TestInspectCancelled(t *testing.T) {
	t.Parallel()

	server := serve(t, secretText, map[string]reply{askProjects: pageOf("")})

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	got := inspector(t).Inspect(ctx, credential(t, server.URL, secretText))
	if got.Standing != gittoken.Unchecked || got.Cause != gittoken.CauseTimeout {
		t.Errorf("got %+v", got)
	}
}

// A refused token is asked about once, however many attempts are allowed: repetition locks accounts.
func TestInspectDoesNotRepeatARefusal(t *testing.T) {
	t.Parallel()

	for name, refusal := range map[string]reply{"401": notPermitted(""), "403": {Status: 403}} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := serve(t, secretText, map[string]reply{askProjects: refusal})
			patient := bitbucketserver.New(hosttest.Transport(t, transport.Config{MaxRetries: 3}), hosttest.Now)
			patient.Inspect(t.Context(), credential(t, server.URL, secretText))

			if got := server.Requests(); len(got) != 1 {
				t.Errorf("asked %d times", len(got))
			}
		})
	}
}
