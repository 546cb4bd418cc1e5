package bitbucketserver_test

import (
	"maps"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketserver"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// own is one of the server's own answers to the first question, with what it says of a token.
type own struct {
	reply    reply
	standing gittoken.Standing
	cause    gittoken.Cause
}

// ownAnswers lists them by name. The bad ones say so only in the server's own form.
func ownAnswers() map[string]own {
	const (
		rejected, blocked = gittoken.Rejected, gittoken.Blocked

		account = gittoken.CauseAccountBlocked
		lockout = gittoken.CauseLoginLockout
		trouble = gittoken.CauseServerError
	)

	return map[string]own{
		"200, somebody":      {pageOf("ci-bot"), gittoken.Live, ""},
		"401, not permitted": {notPermitted("ci-bot"), gittoken.Live, ""},
		"401, bad token": {
			failure(401, "", "auth.IncorrectPasswordAuthenticationException", "No."), rejected, "",
		},
		"401, nobody": {notPermitted(""), rejected, ""},
		"401, inactive": {
			failure(401, "", "auth.InactiveUserAuthenticationException", "No."), blocked, account,
		},
		"401, password expired": {
			failure(401, "", "auth.ExpiredPasswordAuthenticationException", "No."), blocked, account,
		},
		"403, locked":         {failure(403, "", "X", "Your account has been locked"), blocked, account},
		"403, disabled":       {failure(403, "", "X", "The account is disabled"), blocked, account},
		"403, unlicensed":     {failure(403, "", "X", "You are not licensed to use Bitbucket"), blocked, account},
		"401, CAPTCHA":        {failure(401, "", "auth.CaptchaRequiredAuthenticationException", "No."), "", lockout},
		"403, CAPTCHA":        {failure(403, "", "X", "Solve a CAPTCHA"), "", lockout},
		"401, user directory": {failure(401, "", "auth.AuthenticationSystemException", "No."), "", trouble},
		"403, the server's":   {failure(403, "", "X", "Your Bitbucket license has expired"), "", trouble},
		"403, something else": {failure(403, "", "X", "XSRF check failed"), "", gittoken.CauseNotUnderstood},
		"404": {
			failure(404, "ci-bot", "project.NoSuchProjectException", "No."), "", gittoken.CauseNotUnderstood,
		},
		"400":                          {failure(400, "ci-bot", "X", "No such permission"), "", gittoken.CauseNotUnderstood},
		"429":                          {reply{Status: 429}, "", gittoken.CauseRateLimited},
		"503, maintenance":             {reply{Status: 503}, "", trouble},
		"403, for the sign-in":         {html(403, "").With("X-Seraph-LoginReason", "AUTHENTICATION_DENIED"), "", lockout},
		"200, an unknown service user": {pageOf("access-token-user%2F9%2F1"), gittoken.Live, ""},
	}
}

func TestOwnWord(t *testing.T) {
	t.Parallel()

	for name, tt := range ownAnswers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, secretText, map[string]reply{askProjects: tt.reply, askRepos: pageOf("ci-bot")})

			v := inspector(t).Inspect(t.Context(), credential(t, s.URL, secretText))
			if v.Standing != tt.standing || v.Cause != tt.cause {
				t.Errorf("= %q %q (%s), want %q %q", v.Standing, v.Cause, v.Detail, tt.standing, tt.cause)
			}
		})
	}
}

// foreignAnswers returns what others answer in the server's place, and its words in others' mouths.
func foreignAnswers() map[string]reply {
	rows := map[string]reply{}
	for _, s := range hosttest.Strangers() {
		rows[s.String()] = s.Reply
	}

	own := map[string]reply{}

	for name, o := range ownAnswers() {
		if o.standing == "" {
			continue
		}

		rows["own words on a page: "+name] = o.reply.With("Content-Type", "text/html; charset=utf-8")

		if name != "401, not permitted" { // a name is the server's mark, whatever it comes with
			own[name] = o.reply
			rows["own words as plain text: "+name] = o.reply.With("Content-Type", "text/plain")
		}
	}

	hosttest.Twisted(rows, own)

	for _, status := range []int{401, 403} {
		for _, message := range []string{
			"Authentication failed. Please check your credentials and try again.", "Your account has been locked",
			"The user is inactive", "You are not licensed", "You are not permitted to access this resource",
		} {
			for exception, value := range map[string]string{
				"none": "", "null": `,"exceptionName":null`, "empty": `,"exceptionName":""`,
				"another's":   `,"exceptionName":"org.springframework.security.authentication.BadCredentialsException"`,
				"a look-like": `,"exceptionName":"IncorrectPasswordAuthenticationException"`,
			} {
				r := reply{Status: status, Body: `{"errors":[{"message":"` + message + `"` + value + `}]}`}
				rows[map[int]string{401: "401, ", 403: "403, "}[status]+message+" exception: "+exception] = r
			}
		}
	}

	return rows
}

// TestForeignWord has others answer in the server's place, to the first question and to the one that follows an empty
// list for nobody: neither proves anything of a token.
func TestForeignWord(t *testing.T) {
	t.Parallel()

	for line, good := range map[string]map[string]reply{
		askProjects: nil,
		askRecent:   {askProjects: pageOf("")},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()

			s := serve(t, secretText, good)
			tr, c := hosttest.Transport(t, transport.Config{}), credential(t, s.URL, secretText)

			rows := foreignAnswers()
			if line == askRecent {
				// A name on whatever answer tells that the token was heard.
				maps.DeleteFunc(rows, func(name string, _ reply) bool {
					return strings.HasPrefix(name, "own words") && (strings.HasSuffix(name, ": 200, somebody") ||
						strings.HasSuffix(name, ": 401, not permitted") || strings.HasSuffix(name, ": 200, an unknown service user"))
				})
			}

			hosttest.NobodysWord(t, s, line, rows, func() gittoken.Verdict {
				return bitbucketserver.New(tr, hosttest.Now).Inspect(t.Context(), c)
			})
		})
	}
}

// TestForeignWordOfARepository has others answer the questions about a repository.
func TestForeignWordOfARepository(t *testing.T) {
	t.Parallel()

	for line, access := range map[string]gittoken.Access{
		askRead: gittoken.Read, askPushMine: gittoken.Write, askAdmin: gittoken.Admin,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()

			mine := repo("GITOPS", "my-app", "my-app", false)
			s := serve(t, secretText, map[string]reply{
				askRead: object("ci-bot", mine), askPushMine: advertisement("ci-bot"), askAdmin: pageOf("ci-bot"),
				askWrite: pageOf("ci-bot", mine),
			})
			tr, c := hosttest.Transport(t, transport.Config{}), credential(t, s.URL, secretText)
			p := gittoken.Probe{Repository: s.URL + "/scm/GITOPS/my-app.git", Access: access}

			refusals := map[string]reply{"no such": failure(404, "ci-bot", "repository.NoSuchRepositoryException", "No.")}
			if line == askPushMine {
				refusals = nil // a name is the server's mark there, whatever it comes with
			}

			hosttest.NobodysWordOfARepository(t, s, line, refusals, func() gittoken.ProbeResult {
				return bitbucketserver.New(tr, hosttest.Now).Probe(t.Context(), c, gittoken.KindHTTPAccess, p, true)
			})
		})
	}
}
