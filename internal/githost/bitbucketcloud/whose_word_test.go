package bitbucketcloud_test

import (
	"strconv"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketcloud"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// own is one of Bitbucket's own answers to GET /user, with what it says of a token.
type own struct {
	token    string
	reply    reply
	standing gittoken.Standing
	cause    gittoken.Cause
}

// ownAnswers lists them by name. The bad ones and the good ones say so only in Bitbucket's own form.
func ownAnswers() map[string]own {
	const rejected, live = gittoken.Rejected, gittoken.Live

	removed := failure(410, "CHANGE-3052 - Functionality has been deprecated")

	return map[string]own{
		"200":                   {apiToken, told(jsonReply(200, account), "api_token", modern), live, ""},
		"200, without headers":  {apiToken, jsonReply(200, account), live, ""},
		"403, lacks a scope":    {apiToken, lacking(`null`), live, ""},
		"403, an access token":  {accessToken, told(failure(403, "Access denied."), "repo_access_token", legacy), live, ""},
		"401, bad token":        {apiToken, failure(401, badToken), rejected, ""},
		"401, bad access token": {accessToken, failure(401, badToken), rejected, ""},
		"401, bad log-in":       {appPassword, text(401, badLogin), rejected, ""},
		"401, bad log-in, more": {
			appPassword, text(401, badLogin+"\nIf you are unsure which to use, see …\n"), rejected, "",
		},
		"401, OAuth expired": {
			otherToken, failure(401, "Access token expired. Use your refresh token."), gittoken.Expired, "",
		},
		"410, app password":      {appPassword, removed, rejected, ""},
		"410, of something else": {apiToken, removed, "", gittoken.CauseNotUnderstood},
		"401, something new":     {apiToken, failure(401, "Something new."), "", gittoken.CauseNotUnderstood},
		"403, something new":     {apiToken, failure(403, "Forbidden"), "", gittoken.CauseNotUnderstood},
		"403, an address":        {apiToken, failure(403, "Your IP address is not allowed"), "", gittoken.CauseIPAllowList},
		"404":                    {apiToken, failure(404, "Resource not found"), "", gittoken.CauseNotUnderstood},
		"429": {
			apiToken, failure(429, "Rate limit for this resource has been exceeded"), "", gittoken.CauseRateLimited,
		},
		"500": {apiToken, failure(500, "Something went wrong"), "", gittoken.CauseServerError},
	}
}

func TestOwnWord(t *testing.T) {
	t.Parallel()

	for name, tt := range ownAnswers() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, map[string]reply{askUser: tt.reply})

			v := inspector(t).Inspect(t.Context(), credential(t, s.URL, email, tt.token))
			if v.Standing != tt.standing || v.Cause != tt.cause {
				t.Errorf("= %q %q (%s), want %q %q", v.Standing, v.Cause, v.Detail, tt.standing, tt.cause)
			}
		})
	}
}

// TestForeignWord has others answer in Bitbucket's place, for a token of each kind, and others repeat what Bitbucket
// says: neither proves anything of a token.
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
		rows["own words in XML: "+name] = o.reply.With("Content-Type", "application/xml")
	}

	hosttest.Twisted(rows, own)

	challenge := reply{}.With("WWW-Authenticate", `Basic realm="Bitbucket.org HTTP"`)

	for _, status := range []int{401, 403, 410} {
		at := strconv.Itoa(status) + ": "

		for _, message := range []string{
			badToken, badLogin, "Access token expired.", lacksScopes, "CHANGE-3052 - Functionality has been deprecated",
		} {
			rows[at+"without a type: "+message] = jsonReply(status, `{"error":{"message":"`+message+`"}}`)
			rows[at+"the message alone: "+message] = jsonReply(status, `{"message":"`+message+`"}`)
			rows[at+"of another type: "+message] = jsonReply(status, `{"type":"problem","error":{"message":"`+message+`"}}`)
			rows[at+"with a code: "+message] = jsonReply(status, `{"type":"error","error":{"code":1,"message":"`+message+`"}}`)
			rows[at+"with its status: "+message] = jsonReply(status,
				`{"type":"error","error":{"status":"401","message":"`+message+`"}}`)
			rows[at+"a typed error: "+message] = jsonReply(status,
				`{"type":"error","error":{"type":"x","message":"`+message+`"}}`)
		}

		challenge.Status = status
		rows[at+"a challenge alone"] = challenge.Without("Content-Type")
		rows[at+"another's text"] = text(status, "Login failed")
	}

	for kind, token := range map[string]string{
		"API token": apiToken, "access token": accessToken, "app password": appPassword, "unknown": otherToken,
	} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()

			s := serve(t, nil)
			tr, c := hosttest.Transport(t, transport.Config{}), credential(t, s.URL, email, token)

			hosttest.NobodysWord(t, s, askUser, rows, func() gittoken.Verdict {
				return bitbucketcloud.New(tr, hosttest.Now).Inspect(t.Context(), c)
			})
		})
	}
}

// TestForeignWordOfARepository has others answer the questions about a repository.
func TestForeignWordOfARepository(t *testing.T) {
	t.Parallel()

	const mine = `{"full_name":"acme/app","is_private":true}`

	for line, access := range map[string]gittoken.Access{
		askRead: gittoken.Read, askWrite: gittoken.Write, askAdmin: gittoken.Admin,
	} {
		t.Run(line, func(t *testing.T) {
			t.Parallel()

			s := serve(t, map[string]reply{
				askRead: jsonReply(200, mine), askWrite: listOf(mine), askAdmin: listOf(mine),
			})
			tr, c := hosttest.Transport(t, transport.Config{}), credential(t, s.URL, email, apiToken)
			p := gittoken.Probe{Repository: s.URL + "/acme/app", Access: access}

			refusals := map[string]reply{"not visible": failure(404, "You may not have access to this repository.")}

			hosttest.NobodysWordOfARepository(t, s, line, refusals, func() gittoken.ProbeResult {
				return bitbucketcloud.New(tr, hosttest.Now).Probe(t.Context(), c, gittoken.KindAPIToken, p, true)
			})
		})
	}
}
