package github_test

import (
	"maps"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/github"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// own is one of GitHub's own answers to GET /user, with what it says of a token.
type own struct {
	reply    reply
	standing gittoken.Standing
	cause    gittoken.Cause
}

// ownAnswers lists them by name. The bad ones and the good ones say so only in GitHub's own form.
func ownAnswers() map[string]own {
	const (
		live, rejected, blocked = gittoken.Live, gittoken.Rejected, gittoken.Blocked

		saml = "Resource protected by organization SAML enforcement. You must grant your Personal Access token access " +
			"to this organization."
		forbidden = "`acme` forbids access via a personal access token (classic). Please use a GitHub App, OAuth App, or " +
			"a personal access token with fine-grained permissions."
		lifetime = "The 'acme' organization forbids access via a fine-grained personal access tokens if the token's " +
			"lifetime is greater than 366 days."
		allowed = "Although you appear to have the correct authorization credentials, the `acme` organization has an IP " +
			"allow list enabled, and your IP address is not permitted to access this resource."
	)

	user := `{"login":"ci-bot","id":42,"type":"User"}`
	bare := func(status int, body string) reply { return reply{Status: status, Body: body} }
	sent := func(r reply) reply { return r.With("X-GitHub-Request-Id", "C0FE:1") }

	return map[string]own{
		"200, classic":            {ok(user).With("X-OAuth-Scopes", "repo"), live, ""},
		"200, without the scopes": {ok(user), live, ""},
		"401, bad credentials":    {message(401, "Bad credentials"), rejected, ""},
		"401, by its request id":  {sent(bare(401, `{"message":"Bad credentials"}`)), rejected, ""},
		"401, two factors":        {message(401, "Must specify two-factor authentication OTP code."), rejected, ""},
		"401, a JSON web token":   {message(401, "A JSON web token could not be decoded"), rejected, ""},
		"401, not signed in": {
			message(401, "This endpoint requires you to be authenticated."), "", gittoken.CauseTokenLost,
		},
		"401, something new": {message(401, "Something new."), "", gittoken.CauseNotUnderstood},
		"401, no token came": {message(401, "Requires authentication"), "", gittoken.CauseTokenLost},
		"401, private mode":  {message(401, "Must authenticate to access this API."), "", gittoken.CauseTokenLost},
		"403, suspended": {
			message(403, "Sorry. Your account was suspended."), blocked, gittoken.CauseAccountBlocked,
		},
		"403, installation": {
			message(403, "This installation has been suspended"), blocked, gittoken.CauseAccountBlocked,
		},
		"403, single sign-on":     {message(403, saml), blocked, gittoken.CauseSSO},
		"403, classic forbidden":  {message(403, forbidden), blocked, gittoken.CauseFineGrainedOnly},
		"403, lifetime":           {message(403, lifetime), blocked, gittoken.CausePolicy},
		"403, by its request id":  {sent(bare(403, `{"message":"`+forbidden+`"}`)), blocked, gittoken.CauseFineGrainedOnly},
		"403, not this one thing": {message(403, notByApp), live, ""},
		"403, IP allow list":      {message(403, allowed), "", gittoken.CauseIPAllowList},
		"403, too many logins": {
			message(403, "Maximum number of login attempts exceeded."), "", gittoken.CauseLoginLockout,
		},
		"403, limit": {message(403, "API rate limit exceeded for user ID 42."), "", gittoken.CauseRateLimited},
		"403, secondary limit": {
			message(403, "You have exceeded a secondary rate limit."), "", gittoken.CauseRateLimited,
		},
		"403, a limit by its header": {
			message(403, "Please wait.").With("Retry-After", "60"), "", gittoken.CauseRateLimited,
		},
		"403, something new":       {message(403, "Something new."), "", gittoken.CauseNotUnderstood},
		"404":                      {message(404, "Not Found"), "", gittoken.CauseNotUnderstood},
		"429":                      {message(429, "API rate limit exceeded"), "", gittoken.CauseRateLimited},
		"503, maintenance":         {message(503, "This site is undergoing maintenance."), "", gittoken.CauseServerError},
		"400, unknown API version": {message(400, "API version not supported"), "", gittoken.CauseNotUnderstood},
	}
}

func inspectAnswer(t *testing.T, r reply) gittoken.Verdict {
	t.Helper()

	s := serve(t, classic, map[string]reply{"GET /api/v3/user": r})

	return inspector(t).Inspect(t.Context(), credential(t, s.URL, classic))
}

func TestOwnWord(t *testing.T) {
	t.Parallel()

	for name, tt := range ownAnswers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if v := inspectAnswer(t, tt.reply); v.Standing != tt.standing || v.Cause != tt.cause {
				t.Errorf("= %q %q (%s), want %q %q", v.Standing, v.Cause, v.Detail, tt.standing, tt.cause)
			}
		})
	}
}

// TestForeignWord has others answer in GitHub's place, and others repeat what GitHub says: neither proves anything of a
// token.
func TestForeignWord(t *testing.T) {
	t.Parallel()

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

	// GitHub's own header vouches for the words, wherever in the message they are.
	delete(rows, "own words in a gateway's message: 403, by its request id")

	for _, text := range []string{
		"Bad credentials", "Sorry. Your account was suspended.", "Your account is suspended",
		"organization SAML enforcement", "`acme` forbids access via a personal access token (classic).", notByToken, notByApp,
	} {
		for _, status := range []string{"401", "403"} {
			rows["the message alone: "+status+" "+text] = reply{
				Status: map[string]int{"401": 401, "403": 403}[status], Body: `{"message":"` + text + `","status":` + status + `}`,
			}
			rows["with another's documentation: "+status+" "+text] = reply{
				Status: map[string]int{"401": 401, "403": 403}[status],
				Body:   `{"message":"` + text + `","documentation_url":"https://docs.github.com.example.com/"}`,
			}
		}
	}

	s := serve(t, classic, nil)
	tr, c := hosttest.Transport(t, transport.Config{}), credential(t, s.URL, classic)

	hosttest.NobodysWord(t, s, "GET /api/v3/user", rows, func() gittoken.Verdict {
		return github.New(tr, hosttest.Now, memo.NewIdentities(nil)).Inspect(t.Context(), c)
	})
}

// TestForeignWordOfARepository has others answer the questions about a repository.
func TestForeignWordOfARepository(t *testing.T) {
	t.Parallel()

	good := map[string]reply{
		repoLine:           repo(true, `,"permissions":{"admin":true,"push":true,"pull":true}`),
		readAdministration: ok(`{}`), writeAdministration: ok(`[]`), readHooks: ok(`[]`), readPulls: ok(`[]`),
		readContents: ok(`[]`), push: git(200, refs),
		readStatuses: message(404, "Not Found"), writeHooks: message(404, "Not Found"),
		writeStatuses: message(422, "Validation Failed"), writePulls: message(422, "Validation Failed"),
	}

	hidden := map[string]reply{
		"not visible": message(404, "Not Found"),
		"single sign-on": message(403, "Resource protected by organization SAML enforcement. You must grant your Personal "+
			"Access token access to this organization."),
		"a policy":       message(403, "`acme` forbids access via a personal access token (classic)."),
		"not accessible": message(403, notByToken),
	}
	refused := maps.Clone(hidden)
	delete(refused, "not visible")

	refusals := map[string]map[string]reply{
		repoLine: hidden, push: {
			"not granted": git(403, "Write access to repository not granted.").With("Content-Type", "text/plain"),
			"no role":     git(403, "Permission to acme/app.git denied to ci-bot.").With("Content-Type", "text/plain"),
		},
	}

	for line, p := range map[string]gittoken.Probe{
		repoLine:            {Access: gittoken.Admin},
		readContents:        {Permission: "contents:read"},
		writeAdministration: {Permission: "administration:write"},
		readHooks:           {Permission: "webhooks:read"},
		writeHooks:          {Permission: "webhooks:write"},
		writeStatuses:       {Permission: "statuses:write"},
		writePulls:          {Permission: "pull_requests:write"},
		push:                {Permission: "contents:write"},
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()

			s := serve(t, classic, good)
			tr, c := hosttest.Transport(t, transport.Config{}), credential(t, s.URL, classic)
			p.Repository = s.URL + "/acme/app"

			known := refusals[line]
			if known == nil {
				known = refused
			}

			hosttest.NobodysWordOfARepository(t, s, line, known, func() gittoken.ProbeResult {
				return github.New(tr, hosttest.Now, memo.NewIdentities(nil)).Probe(t.Context(), c, gittoken.KindClassic, p, true)
			})
		})
	}
}
