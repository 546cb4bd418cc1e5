package bitbucketserver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const (
	askPushMine = "GET /scm/GITOPS/my-app.git/info/refs?service=git-receive-pack"

	askRead  = "GET /rest/api/1.0/projects/GITOPS/repos/my-app?"
	askAdmin = "GET /rest/api/1.0/projects/GITOPS/repos/my-app/permissions/users?limit=1"
	askWrite = "GET /rest/api/1.0/repos?limit=25&name=my-app&permission=REPO_WRITE&projectkey=GITOPS"
	askName  = "GET /rest/api/1.0/repos?limit=25&name=My+App&permission=REPO_WRITE&projectkey=GITOPS"
)

func repo(key, slug, name string, public bool) string {
	return fmt.Sprintf(`{"slug":%q,"name":%q,"project":{"key":%q},"public":%t}`, slug, name, key, public)
}

func object(user, body string) reply { return document(200, user, body) }

func nextPage(user string, start int, values ...string) reply {
	return object(user, fmt.Sprintf(`{"size":%d,"limit":25,"isLastPage":false,"nextPageStart":%d,"values":[%s]}`,
		len(values), start, strings.Join(values, ",")))
}

func TestProbe(t *testing.T) {
	t.Parallel()

	var (
		mine    = repo("GITOPS", "my-app", "my-app", false)
		renamed = repo("GITOPS", "my-app", "My App", false)
		similar = repo("GITOPS", "my-app-2", "my-app-2", false)
		foreign = repo("OTHER", "my-app", "my-app", false)
		public  = repo("GITOPS", "my-app", "my-app", true)
		refused = git(403, "ci-bot", "text/plain", "no pushes")
		closed  = gittoken.ProbeResult{Cause: gittoken.CauseNotPermitted, Detail: "no pushes"}
		gone    = failure(404, "ci-bot", "repository.NoSuchRepositoryException", "Repository GITOPS/my-app does not exist.")
	)

	const (
		denied  = "You are not permitted to access this resource"
		missing = "Repository GITOPS/my-app does not exist."
		unfound = "not among the repositories that the token may write to"
	)

	tests := map[string]struct {
		access  gittoken.Access
		replies map[string]reply
		want    gittoken.ProbeResult
		asked   []string
	}{
		"reads": {
			access: gittoken.Read, replies: map[string]reply{askRead: object("ci-bot", mine)},
			want: gittoken.ProbeResult{Outcome: gittoken.Proven}, asked: []string{askRead},
		},
		"reads what is public, as somebody": {
			access: gittoken.Read, replies: map[string]reply{askRead: object("ci-bot", public)},
			want: gittoken.ProbeResult{Outcome: gittoken.Proven}, asked: []string{askRead},
		},
		"reads what is public, as nobody": {
			access: gittoken.Read, replies: map[string]reply{askRead: object("", public)},
			want:  gittoken.ProbeResult{Cause: gittoken.CausePublic, Detail: "the server ignored the token"},
			asked: []string{askRead},
		},
		"may not read": {
			access: gittoken.Read, replies: map[string]reply{askRead: notPermitted("ci-bot")},
			want: gittoken.ProbeResult{
				Outcome: gittoken.Denied, Cause: gittoken.CauseRole, Detail: denied,
			}, asked: []string{askRead},
		},
		"no such repository": {
			access: gittoken.Read, replies: map[string]reply{askRead: gone},
			want: gittoken.ProbeResult{
				Outcome: gittoken.Denied, Cause: gittoken.CauseHidden, Detail: missing,
			}, asked: []string{askRead},
		},
		"no such repository for nobody": {
			access:  gittoken.Read,
			replies: map[string]reply{askRead: failure(404, "", "repository.NoSuchRepositoryException", missing)},
			want:    gittoken.ProbeResult{Cause: gittoken.CauseNotPermitted, Detail: missing}, asked: []string{askRead},
		},
		"a 404 for another reason": {
			access: gittoken.Read, replies: map[string]reply{askRead: failure(404, "ci-bot", "X", "HTTP 404")},
			want:  gittoken.ProbeResult{Cause: gittoken.CauseNotUnderstood, Detail: "HTTP 404 Not Found: HTTP 404"},
			asked: []string{askRead},
		},
		"a 404 of something else": {
			access: gittoken.Read, replies: map[string]reply{askRead: html(404, "ci-bot")},
			want: gittoken.ProbeResult{
				Cause: gittoken.CauseNotUnderstood, Detail: "HTTP 404 with a web page instead of JSON",
			},
			asked: []string{askRead},
		},
		"a bad token proves nothing of the repository": {
			access: gittoken.Read, replies: map[string]reply{askRead: notPermitted("")},
			want:  gittoken.ProbeResult{Cause: gittoken.CauseNotPermitted, Detail: denied},
			asked: []string{askRead},
		},
		"CAPTCHA": {
			access:  gittoken.Read,
			replies: map[string]reply{askRead: failure(401, "", "auth.CaptchaRequiredAuthenticationException", "locked")},
			want:    gittoken.ProbeResult{Cause: gittoken.CauseLoginLockout, Detail: "HTTP 401 Unauthorized: locked"},
			asked:   []string{askRead},
		},
		"server error": {
			access: gittoken.Read, replies: map[string]reply{askRead: {Status: 502}},
			want:  gittoken.ProbeResult{Cause: gittoken.CauseServerError, Detail: "HTTP 502 Bad Gateway"},
			asked: []string{askRead},
		},
		"rate limit": {
			access: gittoken.Admin, replies: map[string]reply{askAdmin: {Status: 429}},
			want:  gittoken.ProbeResult{Cause: gittoken.CauseRateLimited, Detail: "HTTP 429 Too Many Requests"},
			asked: []string{askAdmin},
		},
		"reads something that is no repository": {
			access: gittoken.Read, replies: map[string]reply{askRead: object("ci-bot", `{}`)},
			want:  gittoken.ProbeResult{Cause: gittoken.CauseNotUnderstood, Detail: "HTTP 200 OK"},
			asked: []string{askRead},
		},
		"administers": {
			access: gittoken.Admin, replies: map[string]reply{askAdmin: pageOf("ci-bot")},
			want: gittoken.ProbeResult{Outcome: gittoken.Proven}, asked: []string{askAdmin},
		},
		"does not administer": {
			access: gittoken.Admin, replies: map[string]reply{askAdmin: notPermitted("ci-bot")},
			want: gittoken.ProbeResult{
				Outcome: gittoken.Denied, Cause: gittoken.CauseRole, Detail: denied,
			}, asked: []string{askAdmin},
		},
		"administration behind a sign-in page": {
			access: gittoken.Admin, replies: map[string]reply{askAdmin: html(200, "")},
			want: gittoken.ProbeResult{
				Cause: gittoken.CauseNotUnderstood, Detail: "HTTP 200 with a web page instead of JSON",
			},
			asked: []string{askAdmin},
		},
		"writes": {
			access: gittoken.Write, replies: map[string]reply{askPushMine: advertisement("ci-bot")},
			want: gittoken.ProbeResult{Outcome: gittoken.Proven}, asked: []string{askPushMine},
		},
		"may not write": {
			access:  gittoken.Write,
			replies: map[string]reply{askPushMine: notPermitted("ci-bot"), askRead: object("ci-bot", mine)},
			want:    gittoken.ProbeResult{Outcome: gittoken.Denied, Cause: gittoken.CauseRole, Detail: denied},
			asked:   []string{askPushMine, askRead},
		},
		"may not write, nor read": {
			access:  gittoken.Write,
			replies: map[string]reply{askPushMine: notPermitted("ci-bot"), askRead: notPermitted("ci-bot")},
			want:    gittoken.ProbeResult{Outcome: gittoken.Denied, Cause: gittoken.CauseRole, Detail: denied},
			asked:   []string{askPushMine, askRead},
		},
		"nobody may write": {
			access: gittoken.Write,
			replies: map[string]reply{
				askPushMine: notPermitted("ci-bot"),
				askRead:     object("ci-bot", strings.Replace(mine, "{", `{"archived":true,`, 1)),
			},
			want: gittoken.ProbeResult{
				Cause: gittoken.CauseReadOnly, Detail: "the repository is archived: nothing can be written to it",
			},
			asked: []string{askPushMine, askRead},
		},
		"refused, though the owner may write": {
			access:  gittoken.Write,
			replies: map[string]reply{askPushMine: refused, askWrite: pageOf("ci-bot", similar, foreign, mine)},
			want:    closed, asked: []string{askPushMine, askWrite},
		},
		"keys and slugs in another case": {
			access: gittoken.Write,
			replies: map[string]reply{
				askPushMine: refused, askWrite: pageOf("ci-bot", repo("gitops", "My-App", "My-App", false)),
			},
			want: closed, asked: []string{askPushMine, askWrite},
		},
		"on the second page": {
			access: gittoken.Write,
			replies: map[string]reply{
				askPushMine: refused, askWrite: nextPage("ci-bot", 25, similar),
				strings.Replace(askWrite, "GITOPS", "GITOPS&start=25", 1): pageOf("ci-bot", mine),
			},
			want:  closed,
			asked: []string{askPushMine, askWrite, strings.Replace(askWrite, "GITOPS", "GITOPS&start=25", 1)},
		},
		"names like it are not it": {
			access: gittoken.Write,
			replies: map[string]reply{
				askPushMine: refused, askWrite: pageOf("ci-bot", similar, foreign), askRead: object("ci-bot", mine),
			},
			want:  gittoken.ProbeResult{Outcome: gittoken.Denied, Cause: gittoken.CauseRole, Detail: unfound},
			asked: []string{askPushMine, askWrite, askRead},
		},
		"found by its real name": {
			access: gittoken.Write,
			replies: map[string]reply{
				askPushMine: refused, askWrite: pageOf("ci-bot"), askRead: object("ci-bot", renamed),
				askName: pageOf("ci-bot", renamed),
			},
			want:  closed,
			asked: []string{askPushMine, askWrite, askRead, askName},
		},
		"not found by its real name": {
			access: gittoken.Write,
			replies: map[string]reply{
				askPushMine: refused, askWrite: pageOf("ci-bot"), askRead: object("ci-bot", renamed), askName: pageOf("ci-bot"),
			},
			want:  gittoken.ProbeResult{Outcome: gittoken.Denied, Cause: gittoken.CauseRole, Detail: unfound},
			asked: []string{askPushMine, askWrite, askRead, askName},
		},
		"moved to another project": {
			access: gittoken.Write,
			replies: map[string]reply{
				askPushMine: refused, askWrite: pageOf("ci-bot", foreign), askRead: object("ci-bot", foreign),
				strings.Replace(askWrite, "GITOPS", "OTHER", 1): pageOf("ci-bot", foreign),
			},
			want:  closed,
			asked: []string{askPushMine, askWrite, askRead, strings.Replace(askWrite, "GITOPS", "OTHER", 1)},
		},
		"not even readable": {
			access:  gittoken.Write,
			replies: map[string]reply{askPushMine: refused, askWrite: pageOf("ci-bot"), askRead: gone},
			want:    gittoken.ProbeResult{Outcome: gittoken.Denied, Cause: gittoken.CauseHidden, Detail: missing},
			asked:   []string{askPushMine, askWrite, askRead},
		},
		"its name could not be had": {
			access:  gittoken.Write,
			replies: map[string]reply{askPushMine: refused, askWrite: pageOf("ci-bot"), askRead: {Status: 500}},
			want:    gittoken.ProbeResult{Cause: gittoken.CauseServerError, Detail: "HTTP 500 Internal Server Error"},
			asked:   []string{askPushMine, askWrite, askRead},
		},
		"nobody's empty list": {
			access: gittoken.Write, replies: map[string]reply{askPushMine: refused, askWrite: pageOf("")},
			want:  gittoken.ProbeResult{Cause: gittoken.CauseNotPermitted, Detail: "the server ignored the token"},
			asked: []string{askPushMine, askWrite},
		},
		"a list that breaks off": {
			access:  gittoken.Write,
			replies: map[string]reply{askPushMine: refused, askWrite: object("ci-bot", `{"values":[],"isLastPage":false}`)},
			want: gittoken.ProbeResult{
				Cause: gittoken.CauseNotUnderstood, Detail: "the list of repositories breaks off",
			},
			asked: []string{askPushMine, askWrite},
		},
		"a list that never ends": {
			access: gittoken.Write,
			replies: map[string]reply{
				askPushMine: refused, askWrite: nextPage("ci-bot", 25, similar),
				strings.Replace(askWrite, "GITOPS", "GITOPS&start=25", 1): nextPage("ci-bot", 25, similar),
			},
			want: gittoken.ProbeResult{
				Cause: gittoken.CauseNotUnderstood, Detail: "too many repositories have a name like this one's",
			},
			asked: []string{
				askPushMine, askWrite, strings.Replace(askWrite, "GITOPS", "GITOPS&start=25", 1),
				strings.Replace(askWrite, "GITOPS", "GITOPS&start=25", 1),
				strings.Replace(askWrite, "GITOPS", "GITOPS&start=25", 1),
			},
		},
		"an access that does not exist": {
			access: "own", want: gittoken.ProbeResult{Cause: gittoken.CauseNotUnderstood, Detail: "no such access"},
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := serve(t, secretText, test.replies)
			probe := gittoken.Probe{Repository: server.URL + "/scm/GITOPS/my-app.git", Access: test.access}
			c := credential(t, server.URL, secretText)

			got := inspector(t).Probe(t.Context(), c, gittoken.KindHTTPAccess, probe, true)
			test.want.Probe = probe

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff(test.asked, server.Requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// No question is sent for a repository of another server, and no address is repeated.
func TestProbeAsksItsOwnServerOnly(t *testing.T) {
	t.Parallel()

	server := serve(t, secretText, nil) // no request is expected
	c := credential(t, server.URL, secretText)

	tests := map[string]gittoken.Probe{
		"another host": {
			Repository: "https://u:" + "hunter2@git.example.com/scm/GITOPS/my-app.git", Access: gittoken.Read,
		},
		"another SSH host":  {Repository: "ssh://git@git.example.com:7999/gitops/my-app.git", Access: gittoken.Write},
		"no repository":     {Repository: server.URL + "/dashboard", Access: gittoken.Admin},
		"no URL":            {Repository: "https://u:hunter2@%zz/", Access: gittoken.Admin},
		"another form":      {Repository: "git@git.example.com:gitops/my-app.git", Access: gittoken.Admin},
		"nothing":           {Access: gittoken.Read},
		"a permission":      {Repository: server.URL + "/scm/GITOPS/my-app.git", Permission: "contents:write"},
		"up the directory":  {Repository: server.URL + "/scm/../my-app.git", Access: gittoken.Read},
		"a slash in a slug": {Repository: server.URL + "/scm/GITOPS/my%2Fapp.git", Access: gittoken.Read},
	}

	for name, probe := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := inspector(t).Probe(t.Context(), c, gittoken.KindHTTPAccess, probe, false)

			cause := gittoken.CauseNotUnderstood
			if strings.Contains(probe.Repository, "git.example.com") {
				cause = gittoken.CauseOtherHost
			}

			if got.Outcome != gittoken.Undetermined || got.Cause != cause || got.Detail == "" {
				t.Errorf("got %+v", got)
			}

			if strings.Contains(got.Detail, "hunter2") {
				t.Error("the detail holds a password")
			}
		})
	}
}

func TestProbeOfAHostThatCannotBeAsked(t *testing.T) {
	t.Parallel()

	c := credential(t, "http://git.example.com", secretText)
	probe := gittoken.Probe{Repository: "http://git.example.com/scm/A/b.git", Access: gittoken.Read}

	got := inspector(t).Probe(t.Context(), c, gittoken.KindHTTPAccess, probe, false)
	if got.Outcome != gittoken.Undetermined || got.Cause != gittoken.CauseInsecure {
		t.Errorf("got %+v", got)
	}
}
