package bitbucketserver_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const pushType = "application/x-git-receive-pack-advertisement"

func packet(line string) string { return fmt.Sprintf("%04x%s", len(line)+4, line) }

func git(status int, user, kind, body string) reply {
	return document(status, user, body).With("Content-Type", kind)
}

// advertised is what the Git side answers with, lines being the packets after the service.
func advertised(user string, lines ...string) reply {
	body := packet("# service=git-receive-pack\n") + "0000"
	for _, line := range lines {
		body += packet(line)
	}

	return git(200, user, pushType, body+"0000")
}

func advertisement(user string) reply {
	return advertised(user, strings.Repeat("1f", 20)+" refs/heads/main\x00report-status\n")
}

// TestPush covers the answers of the Git side, for a verdict on a token whose owner can write and for a probe of a
// repository that is among those of the owner.
func TestPush(t *testing.T) {
	t.Parallel()

	const (
		denied  = "You are not permitted to access this resource"
		refused = "You are not permitted to push to this repository."
		noRepo  = "Repository not found The requested repository does not exist."
		plain   = "text/plain;charset=UTF-8"
		strange = "the server answered the question that a push asks first with HTTP "
	)

	first := strings.Repeat("0", 40) + " capabilities^{}\x00report-status\n"

	tests := map[string]struct {
		reply    reply
		outcome  gittoken.Outcome
		cause    gittoken.Cause
		detail   string
		unlisted bool // the probe asks for the list, too
		looked   bool // the probe looks at the repository itself, too
		passes   bool // the fault is a passing one: nothing is claimed of the token
	}{
		"a repository with a branch": {reply: advertisement("ci-bot"), outcome: gittoken.Proven},
		"an empty repository":        {reply: advertised("ci-bot", first), outcome: gittoken.Proven},
		"the header was lost":        {reply: advertised("", first), outcome: gittoken.Proven},
		"SHA-256":                    {reply: advertised("", strings.Repeat("a", 64)+" refs/x\n"), outcome: gittoken.Proven},
		"service without a line feed": {
			reply:   git(200, "", pushType, packet("# service=git-receive-pack")+"0000"+packet(first)),
			outcome: gittoken.Proven,
		},
		"more branches than are read": {
			reply:   advertised("ci-bot", append([]string{first}, strings.Split(strings.Repeat(first, 2000), "\n")...)...),
			outcome: gittoken.Proven,
		},
		"not permitted": {
			reply: notPermitted("ci-bot"), outcome: gittoken.Denied, cause: gittoken.CauseRole,
			looked: true, detail: denied,
		},
		"not permitted, in plain text": {
			reply: git(401, "ci-bot", plain, refused+"\n"), outcome: gittoken.Denied, cause: gittoken.CauseRole,
			looked: true, detail: refused,
		},
		"not permitted, without a word": {
			reply: document(401, "ci-bot", "").Without("Content-Type"), outcome: gittoken.Denied, cause: gittoken.CauseRole,
			looked: true, detail: strange + "401",
		},
		"archived": {
			reply: git(401, "ci-bot", plain, "This repository is archived."), cause: gittoken.CauseReadOnly,
			detail: "This repository is archived.",
		},
		"archived, as an error that looks like success": {
			reply: advertised("ci-bot", "ERR Repository is archived and read-only\n"), cause: gittoken.CauseReadOnly,
			detail: "Repository is archived and read-only",
		},
		"an expired licence": {
			reply: git(403, "ci-bot", plain, "Your Bitbucket license has expired. Pushing is disabled."),
			cause: gittoken.CauseReadOnly, detail: "Your Bitbucket license has expired. Pushing is disabled.",
		},
		"an expired licence, as a missing permission": {
			reply: failure(401, "ci-bot", "AuthorisationException", "You cannot push: the license has expired"),
			cause: gittoken.CauseReadOnly, detail: "You cannot push: the license has expired",
		},
		"maintenance": {
			reply: git(403, "ci-bot", plain, "Bitbucket is in maintenance mode"), cause: gittoken.CauseReadOnly,
			detail: "Bitbucket is in maintenance mode",
		},
		"401 to nobody": {
			reply: git(401, "", plain, "Authentication required"), cause: gittoken.CauseNotPermitted,
			detail: "Authentication required",
		},
		"401 with a web page": {
			reply: html(401, "ci-bot"), cause: gittoken.CauseNotUnderstood, detail: strange + "401",
		},
		"CAPTCHA": {
			reply: failure(401, "ci-bot", "auth.CaptchaRequiredAuthenticationException", "locked"),
			cause: gittoken.CauseLoginLockout, detail: "HTTP 401 Unauthorized: locked", passes: true,
		},
		"403": {
			reply: git(403, "ci-bot", plain, refused+"\n"), cause: gittoken.CauseNotPermitted, detail: refused,
			unlisted: true,
		},
		"403 with a web page": {
			reply: html(403, ""), cause: gittoken.CauseNotUnderstood, detail: strange + "403", unlisted: true,
		},
		"404": {
			reply: git(404, "ci-bot", plain, "Repository not found\nThe requested repository does not exist.\n"),
			cause: gittoken.CauseNotPermitted, detail: noRepo, unlisted: true,
		},
		"Git over HTTP is switched off": {
			reply: html(404, "ci-bot"), cause: gittoken.CauseNotUnderstood, detail: strange + "404", unlisted: true,
		},
		"an error that looks like success": {
			reply: advertised("ci-bot", "ERR Repository not found\nThe requested repository does not exist.\n"),
			cause: gittoken.CauseNotPermitted, detail: noRepo, unlisted: true,
		},
		"the same without its head": {
			reply: git(200, "ci-bot", pushType, packet("ERR Repository not found\nThe requested repository does not exist.")),
			cause: gittoken.CauseNotPermitted, detail: noRepo, unlisted: true,
		},
		"another service": {
			reply: git(200, "ci-bot", "application/x-git-upload-pack-advertisement", packet("# service=git-upload-pack\n")+
				"0000"+packet(first)),
			cause: gittoken.CauseNotUnderstood, detail: strange + "200", unlisted: true,
		},
		"another service in the body": {
			reply: git(200, "ci-bot", pushType, packet("# service=git-upload-pack\n")+"0000"+packet(first)),
			cause: gittoken.CauseNotUnderstood, detail: strange + "200", unlisted: true,
		},
		"nothing": {
			reply: git(200, "ci-bot", pushType, ""), cause: gittoken.CauseNotUnderstood, detail: strange + "200",
			unlisted: true,
		},
		"the service only": {
			reply: git(200, "ci-bot", pushType, packet("# service=git-receive-pack\n")+"0000"),
			cause: gittoken.CauseNotUnderstood, detail: strange + "200", unlisted: true,
		},
		"no packets": {
			reply: git(200, "ci-bot", pushType, "1f1f1f1f refs/heads/main"), cause: gittoken.CauseNotUnderstood,
			detail: strange + "200", unlisted: true,
		},
		"a sign-in page": {
			reply: html(200, ""), cause: gittoken.CauseNotUnderstood, detail: strange + "200", unlisted: true,
		},
		"429": {
			reply: reply{Status: 429}, cause: gittoken.CauseRateLimited, detail: "HTTP 429 Too Many Requests", passes: true,
		},
		"502": {
			reply: reply{Status: 502}, cause: gittoken.CauseServerError, detail: "HTTP 502 Bad Gateway", passes: true,
		},
	}

	for name, test := range tests {
		t.Run("verdict, "+name, func(t *testing.T) {
			t.Parallel()

			want := live("ci-bot", "PROJECT_READ", "REPO_READ")

			switch test.outcome {
			case gittoken.Proven:
				want = leaving(live("ci-bot", "PROJECT_READ", "REPO_WRITE"), "REPO_ADMIN", "PROJECT_WRITE")
			case gittoken.Undetermined:
				if test.passes {
					want = gittoken.Verdict{
						Owner: "ci-bot", Kind: gittoken.KindHTTPAccess, Cause: test.cause, Detail: test.detail,
					}

					break
				}

				want = leaving(want, "REPO_WRITE", "REPO_ADMIN", "PROJECT_WRITE")
				want.Detail = test.detail
			case gittoken.Denied:
			}

			inspection{
				replies: map[string]reply{
					askProjects: pageOf("ci-bot"), askRepos: pageOf("ci-bot", oneRepository), askPush: test.reply,
				},
				want:  want,
				asked: []string{askProjects, askRepos, askPush},
			}.run(t)
		})

		t.Run("probe, "+name, func(t *testing.T) {
			t.Parallel()

			server := serve(t, secretText, map[string]reply{
				askPushMine: test.reply, askWrite: pageOf("ci-bot", repo("GITOPS", "my-app", "my-app", false)),
				askRead: object("ci-bot", repo("GITOPS", "my-app", "my-app", false)),
			})
			probe := gittoken.Probe{Repository: server.URL + "/scm/GITOPS/my-app.git", Access: gittoken.Write}
			got := inspector(t).Probe(
				t.Context(), credential(t, server.URL, secretText), gittoken.KindHTTPAccess, probe, false)

			want := gittoken.ProbeResult{Probe: probe, Outcome: test.outcome, Cause: test.cause, Detail: test.detail}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}

			asked := []string{askPushMine}
			if test.unlisted {
				asked = append(asked, askWrite)
			}

			if test.looked {
				asked = append(asked, askRead)
			}

			if diff := cmp.Diff(asked, server.Requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// The repository that is asked for is the listed one, below the server's own root.
func TestInspectConfirmsAtTheListedRepository(t *testing.T) {
	t.Parallel()

	personal := `{"slug":"my-app","project":{"key":"~Jo"}}`
	push := "GET " + root + "/scm/~Jo/my-app.git/info/refs?service=git-receive-pack"
	server := serve(t, secretText, map[string]reply{
		below(askProjects): pageOf("ci-bot"),
		below(askRepos):    pageOf("ci-bot", personal),
		push:               advertisement("ci-bot"),
	})

	got := inspector(t).Inspect(t.Context(), credential(t, server.URL+root, secretText))
	want := leaving(live("ci-bot", "PROJECT_READ", "REPO_WRITE"), "REPO_ADMIN", "PROJECT_WRITE")
	want.Kind = gittoken.KindHTTPAccess

	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
}

// TestInspectByTheOwnersFilters asks a server whose lists show what a token's owner may do.
func TestInspectByTheOwnersFilters(t *testing.T) {
	t.Parallel()

	world, err := sandbox.Start(sandbox.Options{Now: hosttest.Now})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(world.Close)

	if err := world.SetBehaviour(sandbox.BitbucketServer, sandbox.OwnerFilters, true); err != nil {
		t.Fatal(err)
	}

	// The first repository of a list is one that nobody administers.
	err = world.SetProjectRole("PLAT", "writer", "write")
	if err != nil {
		t.Fatal(err)
	}

	for _, test := range []struct {
		owner  string
		scopes []string
		record bool // a token whose record would be looked for
		want   []gittoken.Scope
		open   []gittoken.Scope
	}{
		{
			"ci-bot", []string{"PROJECT_ADMIN", "REPO_ADMIN"}, true, []gittoken.Scope{"PROJECT_ADMIN"}, nil,
		},
		{
			"ci-bot",
			[]string{"PROJECT_READ", "REPO_WRITE"},
			false,
			[]gittoken.Scope{"PROJECT_READ", "REPO_WRITE"},
			[]gittoken.Scope{"REPO_ADMIN", "PROJECT_WRITE"},
		},
		{
			"ci-bot",
			[]string{"PROJECT_READ", "REPO_READ"},
			false,
			[]gittoken.Scope{"PROJECT_READ", "REPO_READ"},
			[]gittoken.Scope{"REPO_WRITE", "REPO_ADMIN", "PROJECT_WRITE"},
		},
		{
			"ci-bot",
			[]string{"PROJECT_READ", "REPO_WRITE"},
			true,
			[]gittoken.Scope{"PROJECT_READ", "REPO_WRITE"},
			[]gittoken.Scope{"REPO_ADMIN", "PROJECT_WRITE"},
		},
		{
			"writer",
			[]string{"PROJECT_WRITE", "REPO_WRITE"},
			true,
			[]gittoken.Scope{"PROJECT_READ", "REPO_WRITE"},
			[]gittoken.Scope{"REPO_ADMIN", "PROJECT_WRITE"},
		},
		{
			"writer",
			[]string{"PROJECT_READ", "REPO_READ"},
			true,
			[]gittoken.Scope{"PROJECT_READ", "REPO_READ"},
			[]gittoken.Scope{"REPO_WRITE", "REPO_ADMIN", "PROJECT_WRITE"},
		},
	} {
		t.Run(fmt.Sprintf("%s %s %t", test.owner, test.scopes, test.record), func(t *testing.T) {
			t.Parallel()

			token := sandbox.Token{
				Service: sandbox.BitbucketServer, Kind: "http_access", Owner: test.owner, Scopes: test.scopes,
			}
			if !test.record {
				token.Text = "BBDC-tells-no-number-" + strings.Join(test.scopes, "-")
			}

			token, err := world.CreateToken(token)
			if err != nil {
				t.Fatal(err)
			}

			c := credential(t, world.URL(sandbox.BitbucketServer), token.Text)
			got := inspector(t).Inspect(t.Context(), c)

			if diff := cmp.Diff(test.want, got.Scopes); diff != "" || !got.ScopesKnown {
				t.Errorf("scopes (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff(test.open, got.Unsettled); diff != "" {
				t.Errorf("unsettled (-want +got):\n%s", diff)
			}
		})
	}
}

// TestInspectReadsItsOwnRecord asks a server that shows a token its record.
func TestInspectReadsItsOwnRecord(t *testing.T) {
	t.Parallel()

	world, err := sandbox.Start(sandbox.Options{Now: hosttest.Now})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(world.Close)

	if err := world.SetBehaviour(sandbox.BitbucketServer, sandbox.OwnTokenRecord, true); err != nil {
		t.Fatal(err)
	}

	expires := hosttest.Now().AddDate(0, 1, 0)

	token, err := world.CreateToken(sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_READ", "REPO_ADMIN"},
		ExpiresAt: expires,
	})
	if err != nil {
		t.Fatal(err)
	}

	want := live("ci-bot", "PROJECT_READ", "REPO_ADMIN")
	want.Kind, want.ExpiresAt = gittoken.KindHTTPAccess, expires

	got := inspector(t).Inspect(t.Context(), credential(t, world.URL(sandbox.BitbucketServer), token.Text))
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("verdict (-want +got):\n%s", diff)
	}
}
