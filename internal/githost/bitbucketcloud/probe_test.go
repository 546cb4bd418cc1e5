package bitbucketcloud_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const (
	askRead  = "GET /2.0/repositories/acme/app"
	askWrite = "GET /2.0/repositories/acme?q=full_name%3D%22acme%2Fapp%22&role=contributor"
	askAdmin = "GET /2.0/repositories/acme?q=full_name%3D%22acme%2Fapp%22&role=admin"
)

func listOf(repositories ...string) reply {
	return jsonReply(200, `{"pagelen":10,"page":1,"values":[`+strings.Join(repositories, ",")+`]}`)
}

func TestProbe(t *testing.T) {
	t.Parallel()

	const (
		private = `{"full_name":"acme/app","is_private":true}`
		public  = `{"full_name":"Acme/App","is_private":false}`
		silent  = `{"full_name":"acme/app"}`
		other   = `{"full_name":"acme/app-2","is_private":true}`

		userKind   = gittoken.KindAPIToken
		accessKind = gittoken.KindAccessToken
		missing    = "You may not have access to this repository or it no longer exists in this workspace."
		noRole     = "not among the repositories in which the token's owner has the role "
		notAUser   = "the host tells the role of users only, and the token may not be one's"
	)

	proven := gittoken.ProbeResult{Outcome: gittoken.Proven}
	hidden := func(detail string) gittoken.ProbeResult {
		return gittoken.ProbeResult{Outcome: gittoken.Denied, Cause: gittoken.CauseHidden, Detail: detail}
	}
	denied := func(detail string) gittoken.ProbeResult {
		return gittoken.ProbeResult{Outcome: gittoken.Denied, Cause: gittoken.CauseRole, Detail: detail}
	}
	open := func(cause gittoken.Cause, detail string) gittoken.ProbeResult {
		return gittoken.ProbeResult{Cause: cause, Detail: detail}
	}

	tests := map[string]struct {
		kind   gittoken.Kind
		access gittoken.Access
		ask    string
		reply  reply
		want   gittoken.ProbeResult
	}{
		"reads":              {userKind, gittoken.Read, askRead, jsonReply(200, private), proven},
		"access token reads": {accessKind, gittoken.Read, askRead, jsonReply(200, private), proven},
		"may not read":       {userKind, gittoken.Read, askRead, failure(404, missing), hidden(missing)},
		"404 of another page": {
			userKind, gittoken.Read, askRead, html(404),
			open(gittoken.CauseNotUnderstood, "HTTP 404 with a web page instead of JSON"),
		},
		"lacks the scope": {
			userKind, gittoken.Read, askRead, lacking(`{"required":["repository"]}`),
			open(gittoken.CauseNotPermitted, lacksScopes),
		},
		"is bad": {
			userKind, gittoken.Read, askRead, failure(401, badToken),
			open(gittoken.CauseNotPermitted, badToken),
		},
		"rate limit": {
			userKind, gittoken.Read, askRead, failure(429, "slow down"),
			open(gittoken.CauseRateLimited, "HTTP 429 Too Many Requests: slow down"),
		},
		"server error": {
			userKind, gittoken.Write, askWrite, html(502),
			open(gittoken.CauseServerError, "HTTP 502 Bad Gateway"),
		},
		"gone": {
			userKind, gittoken.Write, askWrite, failure(410, "CHANGE"),
			open(gittoken.CauseNotUnderstood, "HTTP 410 Gone: CHANGE"),
		},
		"not a repository": {
			userKind, gittoken.Read, askRead, jsonReply(200, `{}`),
			open(gittoken.CauseNotUnderstood, "HTTP 200 OK"),
		},
		"sign-in page": {
			userKind, gittoken.Read, askRead, html(200),
			open(gittoken.CauseNotUnderstood, "HTTP 200 with a web page instead of JSON"),
		},

		"writes":                   {userKind, gittoken.Write, askWrite, listOf(other, private), proven},
		"writes to what is public": {userKind, gittoken.Write, askWrite, listOf(public), proven},
		"does not write":           {userKind, gittoken.Write, askWrite, listOf(), denied(noRole + "contributor")},
		"writes to another":        {userKind, gittoken.Write, askWrite, listOf(other), denied(noRole + "contributor")},
		"no such workspace": {
			userKind, gittoken.Write, askWrite, failure(404, "No workspace"),
			hidden("No workspace"),
		},
		"not a list": {
			userKind, gittoken.Write, askWrite, jsonReply(200, private),
			open(gittoken.CauseNotUnderstood, "HTTP 200 OK"),
		},
		"a list of something else": {
			userKind, gittoken.Write, askWrite, listOf(`{}`),
			open(gittoken.CauseNotUnderstood, "HTTP 200 OK"),
		},
		"app password does not": {
			gittoken.KindAppPassword, gittoken.Write, askWrite, listOf(),
			denied(noRole + "contributor"),
		},
		"administers":         {userKind, gittoken.Admin, askAdmin, listOf(private), proven},
		"does not administer": {userKind, gittoken.Admin, askAdmin, listOf(), denied(noRole + "admin")},
		"may not ask for its roles": {
			userKind, gittoken.Admin, askAdmin, lacking(`{}`),
			open(gittoken.CauseNotPermitted, lacksScopes),
		},

		"access token writes":             {accessKind, gittoken.Write, askWrite, listOf(private), proven},
		"access token, visibility unsaid": {accessKind, gittoken.Write, askWrite, listOf(silent), proven},
		"access token, public": {
			accessKind, gittoken.Write, askWrite, listOf(public),
			open(gittoken.CausePublic, "the repository is public"),
		},
		"access token, empty list": {
			accessKind, gittoken.Admin, askAdmin, listOf(),
			open(gittoken.CauseNotPermitted, notAUser),
		},
		"unknown kind, empty list": {
			gittoken.KindUnknown, gittoken.Write, askWrite, listOf(),
			open(gittoken.CauseNotPermitted, notAUser),
		},
		"access token, no such repo": {accessKind, gittoken.Read, askRead, failure(404, missing), hidden(missing)},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := serve(t, map[string]reply{test.ask: test.reply})
			asked := []string{test.ask}

			if test.want.Cause == gittoken.CauseRole { // is it there at all?
				server.Answer(askRead, jsonReply(200, private))

				asked = append(asked, askRead)
			}

			probe := gittoken.Probe{Repository: server.URL + "/acme/app.git", Access: test.access}
			c := credential(t, server.URL, email, apiToken)

			got := inspector(t).Probe(t.Context(), c, test.kind, probe, true)
			test.want.Probe = probe

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("result (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff(asked, server.Requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

// TestProbeTellsHiddenFromRefused has no repository with the role: it may be one that the token does not see at all.
func TestProbeTellsHiddenFromRefused(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		reply reply
		want  gittoken.Cause
	}{
		"seen":              {jsonReply(200, `{"full_name":"acme/app","is_private":true}`), gittoken.CauseRole},
		"not seen":          {failure(404, "You may not have access to this repository."), gittoken.CauseHidden},
		"not told":          {lacking(`{}`), gittoken.CauseRole},
		"a page":            {html(404), gittoken.CauseRole},
		"an error":          {html(502), gittoken.CauseRole},
		"another's message": {jsonReply(404, `{"message":"Not Found"}`), gittoken.CauseRole},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := serve(t, map[string]reply{askWrite: listOf(), askRead: test.reply})
			probe := gittoken.Probe{Repository: server.URL + "/acme/app", Access: gittoken.Write}

			c := credential(t, server.URL, email, apiToken)

			got := inspector(t).Probe(t.Context(), c, gittoken.KindAPIToken, probe, true)
			if got.Outcome != gittoken.Denied || got.Cause != test.want {
				t.Errorf("got %+v", got)
			}
		})
	}
}

// No question is sent for a repository of another host, and no address is repeated.
func TestProbeAsksItsOwnHostOnly(t *testing.T) {
	t.Parallel()

	server := serve(t, nil) // no request is expected
	c := credential(t, server.URL, email, apiToken)

	tests := map[string]gittoken.Probe{
		"another host":     {Repository: "https://u:" + "hunter2@git.example.com/acme/app.git", Access: gittoken.Read},
		"another SSH host": {Repository: "git@git.example.com:acme/app.git", Access: gittoken.Write},
		"no repository":    {Repository: server.URL + "/acme", Access: gittoken.Admin},
		"no URL":           {Repository: "https://u:hunter2@%zz/", Access: gittoken.Admin},
		"nothing":          {Access: gittoken.Read},
		"a permission":     {Repository: server.URL + "/acme/app", Permission: "contents:write"},
		"no such access":   {Repository: server.URL + "/acme/app", Access: "own"},
		"a query":          {Repository: server.URL + `/acme/app"%20OR%20name~"a`, Access: gittoken.Write},
	}

	for name, probe := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got := inspector(t).Probe(t.Context(), c, gittoken.KindAPIToken, probe, false)

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

	c := credential(t, "http://bitbucket.example.com/2.0", email, apiToken)
	probe := gittoken.Probe{Repository: "http://bitbucket.example.com/acme/app", Access: gittoken.Read}

	got := inspector(t).Probe(t.Context(), c, gittoken.KindAPIToken, probe, false)
	if got.Outcome != gittoken.Undetermined || got.Cause != gittoken.CauseInsecure {
		t.Errorf("got %+v", got)
	}
}

// TestProbeOfARenamedRepository has the list know the repository by its new name only.
func TestProbeOfARenamedRepository(t *testing.T) {
	t.Parallel()

	const (
		askNew = "GET /2.0/repositories/acme?q=full_name%3D%22acme%2Fnew%22&role=contributor"
		moved  = `{"full_name":"acme/new","is_private":true}`
	)

	for name, test := range map[string]struct {
		listed  reply
		outcome gittoken.Outcome
		cause   gittoken.Cause
	}{
		"writes":         {listOf(moved), gittoken.Proven, ""},
		"does not write": {listOf(), gittoken.Denied, gittoken.CauseRole},
		"not told":       {html(502), gittoken.Undetermined, gittoken.CauseServerError},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := serve(t, map[string]reply{askWrite: listOf(), askRead: jsonReply(200, moved), askNew: test.listed})
			probe := gittoken.Probe{Repository: server.URL + "/acme/app", Access: gittoken.Write}
			c := credential(t, server.URL, email, apiToken)

			got := inspector(t).Probe(t.Context(), c, gittoken.KindAPIToken, probe, true)
			if got.Outcome != test.outcome || got.Cause != test.cause {
				t.Errorf("got %+v", got)
			}
		})
	}
}
