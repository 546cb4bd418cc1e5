package gitlab_test

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/gitlab"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// own is one of GitLab's own answers about a token, with what it says.
type own struct {
	reply    reply
	standing gittoken.Standing
	cause    gittoken.Cause
}

// ownAnswers lists them by name. The bad ones and the good ones say so only in GitLab's own form.
func ownAnswers() map[string]own {
	const (
		live, rejected, blocking = gittoken.Live, gittoken.Rejected, gittoken.Blocked

		account = gittoken.CauseAccountBlocked
	)

	return map[string]own{
		"200":                      {self(`"write_repository"`, ""), live, ""},
		"200, granular":            {self(`"granular"`, `,"granular_scopes":[]`), live, ""},
		"401, unknown":             {unauthorized, rejected, ""},
		"401, expired":             {expired, gittoken.Expired, ""},
		"401, revoked":             {revoked, gittoken.Revoked, ""},
		"401, impersonation":       {guard(401, "invalid_token", impersonation), blocking, gittoken.CausePolicy},
		"401, proof of possession": {guard(401, "dpop_error", "DPoP validation error: …"), blocking, gittoken.CausePolicy},
		"403, scope":               {scopeMissing, live, ""},
		"403, permission":          {granularOnly, live, ""},
		"403, blocked":             {blocked, blocking, account},
		"403, pending":             {message(403, "403 Forbidden - Your account is pending approval."), blocking, account},
		"403, terms": {
			message(403, "403 Forbidden - You must accept the Terms of Service."), blocking, account,
		},
		"403, blocked, in older words": {
			message(403, "403 Forbidden  - Your account has been blocked."), blocking, account,
		},
		"403, password expired": {
			message(403, "403 Forbidden - Your password expired. Please access GitLab from a web browser to update your "+
				"password."), blocking, account,
		},
		"403, deactivated": {
			message(403, "403 Forbidden - Your account has been deactivated by your administrator."), blocking, account,
		},
		"401, with a reason":      {message(401, "401 Unauthorized - no"), rejected, ""},
		"403, unconfirmed":        {message(403, "403 Forbidden - Your email address is not confirmed."), blocking, account},
		"403, banned address":     {plain(403, "Forbidden\n"), "", gittoken.CauseAddressBanned},
		"403, read-only":          {message(403, "You cannot … on a read-only instance"), "", gittoken.CauseServerError},
		"403, something new":      {message(403, "403 Forbidden - Something new"), "", gittoken.CauseNotUnderstood},
		"404, and no user either": {message(404, "404 Not Found"), "", gittoken.CauseNotUnderstood},
		"400, of another kind":    {message(400, "400 Bad request"), "", gittoken.CauseNotUnderstood},
		"429":                     {plain(429, "Retry later\n"), "", gittoken.CauseRateLimited},
		"500":                     {message(500, "500 Internal Server Error"), "", gittoken.CauseServerError},
		"503, maintenance":        {message(503, "GitLab Maintenance"), "", gittoken.CauseServerError},
		"400, an OAuth token":     {wrongType, live, ""},
	}
}

const impersonation = "Token is an impersonation token but impersonation was disabled."

func TestOwnWord(t *testing.T) {
	t.Parallel()

	for name, tt := range ownAnswers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			second := tt.reply
			if name == "200" || name == "400, an OAuth token" {
				second = ok(human)
			}

			s := serve(t, map[string]reply{selfLine: tt.reply, userLine: second, infoLine: page(404)})

			v := inspector(t).Inspect(t.Context(), credential(t, s.URL+root))
			if v.Standing != tt.standing || v.Cause != tt.cause {
				t.Errorf("= %q %q (%s), want %q %q", v.Standing, v.Cause, v.Detail, tt.standing, tt.cause)
			}
		})
	}
}

// foreignAnswers returns what others answer in GitLab's place, and GitLab's words in others' mouths.
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

		own[name] = o.reply
		rows["own words on a page: "+name] = o.reply.With("Content-Type", "text/html; charset=utf-8")
		rows["own words as plain text: "+name] = o.reply.With("Content-Type", "text/plain")
	}

	hosttest.Twisted(rows, own)

	for _, status := range []int{401, 403} {
		for name, r := range map[string]reply{
			"expired, in short":       guard(status, "invalid_token", "Token is expired"),
			"expired, in other words": guard(status, "invalid_token", "Token is expired. Please log in again."),
			"revoked, in short":       guard(status, "invalid_token", "Token was revoked"),
			"invalid":                 guard(status, "invalid_token", "The access token is invalid"),
			"without a description":   guard(status, "invalid_token", ""),
			"scope of another server": {Status: status, Body: `{"error":"insufficient_scope","scope":"openid email"}`},
			"scope, not named":        guard(status, "insufficient_scope", "The request requires higher privileges."),
			"permission, not named":   guard(status, "insufficient_granular_scope", ""),
			"blocked, alone":          message(status, "Your account has been blocked."),
			"forbidden, alone":        message(status, "Forbidden - Your account has been blocked."),
			"unauthorised, alone":     message(status, "Unauthorized"),
			"unauthorised, and more":  message(status, "401 Unauthorized: [no body]"),
			"unauthorised, in an envelope": {
				Status: status, Body: `{"status":401,"error":"Unauthorized","message":"401 Unauthorized"}`,
			},
			"expired, in an envelope": {
				Status: status, Body: strings.TrimSuffix(expired.Body, "}") + `,"status":401,"path":"/api"}`,
			},
			"revoked, in an envelope": {
				Status: status, Body: strings.TrimSuffix(revoked.Body, "}") + `,"timestamp":"2026-03-01T12:00:00Z"}`,
			},
			"blocked, in an envelope": {
				Status: status, Body: strings.TrimSuffix(blocked.Body, "}") + `,"status":403}`,
			},
			"proof, in an envelope": {
				Status: status, Body: `{"error":"dpop_error","error_description":"no","code":401}`,
			},
		} {
			rows["almost GitLab's: "+name+map[int]string{401: ", 401", 403: ", 403"}[status]] = r
		}
	}

	return rows
}

// TestForeignWord has others answer in GitLab's place, to the first question and to the one that follows a bare
// refusal: neither proves anything of a token.
func TestForeignWord(t *testing.T) {
	t.Parallel()

	for line, good := range map[string]map[string]reply{
		selfLine: nil,
		userLine: {selfLine: unauthorized},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()

			s := serve(t, good)
			tr, c := hosttest.Transport(t, transport.Config{}), credential(t, s.URL+root)

			hosttest.NobodysWord(t, s, line, foreignAnswers(), func() gittoken.Verdict {
				return gitlab.New(tr, hosttest.Now, memo.NewIdentities(nil)).Inspect(t.Context(), c)
			})
		})
	}
}

// TestForeignWordOfTheUser has others answer the second question about a token that GitLab has just called good.
func TestForeignWordOfTheUser(t *testing.T) {
	t.Parallel()

	s := serve(t, map[string]reply{selfLine: self(`"api"`, "")})
	tr, c := hosttest.Transport(t, transport.Config{}), credential(t, s.URL+root)

	for name, r := range foreignAnswers() {
		s.Answer(userLine, r)

		v := gitlab.New(tr, hosttest.Now, memo.NewIdentities(nil)).Inspect(t.Context(), c)
		if v.Standing != gittoken.Live || v.Kind != gittoken.KindUnknown || v.Owner != "" || !v.ScopesKnown {
			t.Errorf("%s: %+v", name, v)
		}
	}
}

// TestForeignWordOfAProject has others answer the questions about a project.
func TestForeignWordOfAProject(t *testing.T) {
	t.Parallel()

	for line, access := range map[string]gittoken.Access{
		pullLine: gittoken.Read, pushLine: gittoken.Write, projectLine: gittoken.Admin,
		memberLine: gittoken.Admin, userLine: gittoken.Admin,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()

			shown := project(roles(level("40"), "null"))

			switch line {
			case pullLine, pushLine:
				shown = page(502) // so that Git's answer is all there is
			case memberLine, userLine:
				shown = project(roles("null", "null"))
			}

			s := serve(t, map[string]reply{
				pullLine: pulled, pushLine: pushed, projectLine: shown, userLine: ok(human), memberLine: ok(level("40")),
			})
			tr, c := hosttest.Transport(t, transport.Config{}), credential(t, s.URL+root)
			p := gittoken.Probe{Repository: s.URL + root + "/acme/team/app.js", Access: access}

			git := map[string]reply{
				"not visible": plain(404, "The project you were looking for could not be found or you don't have permission to "+
					"view it."),
				"no role":        plain(403, "You are not allowed to push code to this project."),
				"single sign-on": plain(403, "Cannot find valid SSO session. Please login via your group's SSO"),
				"fine-grained": plain(403, "Access denied: This operation requires a fine-grained personal access token with the "+
					"following project permissions: [Code: Push]."),
			}
			refusals := map[string]map[string]reply{
				pullLine: git, pushLine: git,
				projectLine: {"not visible": message(404, "404 Project Not Found"), "fine-grained": granularOnly},
				memberLine:  {"no member": message(404, "404 Not found"), "no role": ok(level("10"))},
			}

			hosttest.NobodysWordOfARepository(t, s, line, refusals[line], func() gittoken.ProbeResult {
				i := gitlab.New(tr, hosttest.Now, memo.NewIdentities(nil))

				return i.Probe(t.Context(), c, gittoken.KindPersonal, p, true)
			})
		})
	}
}
