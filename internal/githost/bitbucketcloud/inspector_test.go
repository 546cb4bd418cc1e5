package bitbucketcloud_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketcloud"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	askUser = "GET /2.0/user"

	modern = "read:user:bitbucket, read:repository:bitbucket, write:repository:bitbucket"
	legacy = "repository:write, repository:admin, webhook"

	account = `{"type":"user","account_id":"557058:1","uuid":"{1}","username":"ci-bot",` +
		`"nickname":"nick","display_name":"CI Bot"}`
	badToken = "Token is invalid, expired, or not supported for this endpoint."
	badLogin = "Login failed due to incorrect login credentials or method."
	aloneBad = "a token of this kind is accepted only together with its account's e-mail address or user name"
)

func modernScopes() []gittoken.Scope {
	return []gittoken.Scope{"read:user:bitbucket", "read:repository:bitbucket", "write:repository:bitbucket"}
}

func legacyScopes() []gittoken.Scope {
	return []gittoken.Scope{"repository:write", "repository:admin", "webhook"}
}

func live(kind gittoken.Kind, owner string, scopes []gittoken.Scope) gittoken.Verdict {
	return gittoken.Verdict{
		Standing: gittoken.Live, Kind: kind, Owner: owner, Scopes: scopes, ScopesKnown: scopes != nil,
	}
}

func unchecked(kind gittoken.Kind, cause gittoken.Cause, detail string) gittoken.Verdict {
	return gittoken.Verdict{Kind: kind, Cause: cause, Detail: detail}
}

func rejected(kind gittoken.Kind, detail string) gittoken.Verdict {
	return gittoken.Verdict{Standing: gittoken.Rejected, Kind: kind, Detail: detail}
}

func TestInspect(t *testing.T) {
	t.Parallel()

	const (
		api     = gittoken.KindAPIToken
		access  = gittoken.KindAccessToken
		app     = gittoken.KindAppPassword
		unknown = gittoken.KindUnknown
	)

	noScopes := live(api, "ci-bot", nil)
	noScopes.ScopesKnown = true

	limited := unchecked(api, gittoken.CauseRateLimited,
		"HTTP 429 Too Many Requests: Rate limit for this resource has been exceeded")
	limited.RetryAt = hosttest.Now().Add(time.Hour)

	expired := rejected(unknown, "Access token expired.")
	expired.Standing = gittoken.Expired

	tests := map[string]struct {
		token, user string
		reply       reply
		want        gittoken.Verdict
	}{
		"API token": {
			apiToken, email, told(jsonReply(200, account), "api_token", modern), live(api, "ci-bot", modernScopes()),
		},
		"access token that may not read a user": {
			accessToken, "", told(lacking(`{"required":["account"],"granted":["webhook"]}`), "repo_access_token", legacy),
			live(access, "", legacyScopes()),
		},
		"project access token": {
			accessToken, "", told(lacking(`{}`), "project_access_token", legacy), live(access, "", legacyScopes()),
		},
		"workspace access token of an unknown prefix": {
			otherToken, "", told(lacking(`{}`), "workspace_access_token", legacy), live(access, "", legacyScopes()),
		},
		"access token that may": {
			accessToken, "", told(jsonReply(200, account), "workspace_access_token", legacy),
			live(access, "ci-bot", legacyScopes()),
		},
		"API token that may not": {
			apiToken, email, told(lacking(`{"required":["account"]}`), "api_token", modern), live(api, "", modernScopes()),
		},
		"scopes in the body only": {
			accessToken, "", lacking(`{"required":["account"],"granted":["repository:write","repository:admin","webhook"]}`),
			live(access, "", legacyScopes()),
		},
		"a scope is lacking, in other words, and the header tells": {
			accessToken, "", told(failure(403, "Access denied."), "repo_access_token", legacy),
			live(access, "", legacyScopes()),
		},
		"a scope is lacking, in other words, and the body tells": {
			accessToken, "",
			jsonReply(403, `{"type":"error","error":{"message":"Access denied.","detail":{"granted":["webhook"]}}}`),
			live(access, "", []gittoken.Scope{"webhook"}),
		},
		"a scope is lacking, and nobody tells which": {
			apiToken, email, lacking(`null`), live(api, "", nil),
		},
		"a detail in words": {
			apiToken, email, lacking(`"ask your administrator"`), live(api, "", nil),
		},
		"app password": {
			appPassword, "ci-bot", jsonReply(200, account).With("x-oauth-scopes", legacy), live(app, "ci-bot", legacyScopes()),
		},
		"unknown prefix, known scopes": {
			otherToken, email, jsonReply(200, account).With("x-oauth-scopes", modern), live(api, "ci-bot", modernScopes()),
		},
		"unknown prefix, legacy scopes, unknown type": {
			otherToken, "", told(jsonReply(200, account), "oauth2", legacy), live(unknown, "ci-bot", legacyScopes()),
		},
		"the host's word counts before the prefix": {
			apiToken, email, told(jsonReply(200, account), "workspace_access_token", legacy),
			live(access, "ci-bot", legacyScopes()),
		},
		"no headers": {apiToken, email, jsonReply(200, account), live(api, "ci-bot", nil)},
		"an empty header is an empty list": {
			apiToken, email, told(jsonReply(200, account), "api_token", ""), noScopes,
		},
		"scopes that are none": {
			apiToken, email, told(jsonReply(200, account), "api_token", "read:user:bitbucket, <b>"), live(api, "ci-bot", nil),
		},
		"scopes twice, without spaces": {
			apiToken, email, told(jsonReply(200, account), "api_token", strings.ReplaceAll(modern+","+modern, " ", "")),
			live(api, "ci-bot", modernScopes()),
		},
		"an owner by nickname": {
			apiToken, email, jsonReply(200, `{"type":"user","uuid":"{1}","nickname":"nick","display_name":"CI"}`),
			live(api, "nick", nil),
		},
		"an owner by display name": {
			apiToken, email, jsonReply(200, `{"type":"user","account_id":"1","display_name":"CI\u0007 Bot"}`),
			live(api, "CI Bot", nil),
		},

		"401, JSON":         {apiToken, email, failure(401, badToken), rejected(api, badToken)},
		"401, access token": {accessToken, "", failure(401, badToken), rejected(access, badToken)},
		"401, text":         {appPassword, "ci-bot", text(401, badLogin+"\n"), rejected(app, badLogin)},
		"401, challenge only": {
			appPassword, "ci-bot",
			reply{Status: 401}.Without("Content-Type").With("WWW-Authenticate", `Basic realm="Bitbucket.org HTTP"`),
			unchecked(app, gittoken.CauseNotUnderstood, "HTTP 401 Unauthorized"),
		},
		"401, challenge, and nothing under an idle type": {
			appPassword, "ci-bot",
			reply{Status: 401}.With("Content-Type", "text/html", "WWW-Authenticate", `Basic realm="Bitbucket.org HTTP"`),
			unchecked(app, gittoken.CauseNotUnderstood, "HTTP 401 with a web page instead of JSON"),
		},
		"401, challenge, and a page": {
			appPassword, "ci-bot", html(401).With("WWW-Authenticate", `Basic realm="Bitbucket.org HTTP"`),
			unchecked(app, gittoken.CauseNotUnderstood, "HTTP 401 with a web page instead of JSON"),
		},
		"the prefix counts before the names of scopes": {
			accessToken, "", jsonReply(200, account).With("x-oauth-scopes", modern), live(access, "ci-bot", modernScopes()),
		},
		"401, expired": {otherToken, "", failure(401, "Access token expired."), expired},
		"401, API token without user": {
			apiToken, "", failure(401, badToken),
			unchecked(api, gittoken.CauseNotUnderstood, aloneBad),
		},
		"401, app password alone": {
			appPassword, "", text(401, badLogin),
			unchecked(app, gittoken.CauseNotUnderstood, aloneBad),
		},
		"401, unknown without user": {otherToken, "", failure(401, badToken), rejected(unknown, badToken)},
		"401, the token is repeated": {
			accessToken, "", failure(401, badToken+" "+accessToken),
			rejected(access, badToken+" (redacted)"),
		},
		"401, web page": {
			apiToken, email, html(401),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 401 with a web page instead of JSON"),
		},
		"401, somebody else's nothing": {
			apiToken, email,
			reply{Status: 401}.Without("Content-Type"),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 401 Unauthorized"),
		},
		"401, another JSON": {
			apiToken, email, jsonReply(401, `{"message":"no"}`),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 401 Unauthorized"),
		},

		"403, wrong base": {
			apiToken, email, text(403, "Forbidden"),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 403 Forbidden: Forbidden"),
		},
		"403, JSON without a word on scopes": {
			apiToken, email, failure(403, "Your IP address is not allowed"),
			unchecked(api, gittoken.CauseIPAllowList, "HTTP 403 Forbidden: Your IP address is not allowed"),
		},
		"403, web page with scopes": {
			apiToken, email, told(html(403), "api_token", modern),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 403 with a web page instead of JSON"),
		},
		"410, app password": {
			appPassword, "ci-bot", failure(410, "CHANGE-3052 - Functionality has been deprecated"),
			rejected(app, "HTTP 410 Gone: CHANGE-3052 - Functionality has been deprecated"),
		},
		"410, app password, web page": {
			appPassword, "ci-bot", html(410),
			unchecked(app, gittoken.CauseNotUnderstood, "HTTP 410 with a web page instead of JSON"),
		},
		"410, API token": {
			apiToken, email, failure(410, "CHANGE-2770 - Functionality has been deprecated"),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 410 Gone: CHANGE-2770 - Functionality has been deprecated"),
		},
		"429": {
			apiToken, email, failure(429, "Rate limit for this resource has been exceeded").With("Retry-After", "3600"), limited,
		},
		"500": {
			apiToken, email, html(500), unchecked(api, gittoken.CauseServerError, "HTTP 500 Internal Server Error"),
		},
		"503": {
			apiToken, email, text(503, "down"), unchecked(api, gittoken.CauseServerError, "HTTP 503 Service Unavailable: down"),
		},
		"404": {
			apiToken, email, failure(404, "not here"),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 404 Not Found: not here"),
		},
		"200, web page": {
			apiToken, email, told(html(200), "api_token", modern),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 200 with a web page instead of JSON"),
		},
		"200, another host's user": {
			apiToken, email, jsonReply(200, `{"id":1,"username":"root"}`),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 200 OK"),
		},
		"200, half an answer": {
			apiToken, email, jsonReply(200, `{"account_id":"1","user`),
			unchecked(api, gittoken.CauseNotUnderstood, "HTTP 200 OK"),
		},
		"304": {
			apiToken, email, reply{Status: 304}.Without("Content-Type"),
			unchecked(api, gittoken.CauseRedirect, "HTTP 304 Not Modified"),
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := serve(t, map[string]reply{askUser: test.reply})
			got := inspector(t).Inspect(t.Context(), credential(t, server.URL, test.user, test.token))

			if diff := cmp.Diff(test.want, got); diff != "" {
				t.Errorf("verdict (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff([]string{askUser}, server.Requests()); diff != "" {
				t.Errorf("requests (-want +got):\n%s", diff)
			}
		})
	}
}

func TestInspectSendsTheTokenAsItsKindIsSent(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct{ token, user, want string }{
		"API token":                     {apiToken, email, "basic " + email + " " + apiToken},
		"app password":                  {appPassword, "ci-bot", "basic ci-bot " + appPassword},
		"unknown, with a user":          {otherToken, "ci-bot", "basic ci-bot " + otherToken},
		"unknown, alone":                {otherToken, "", "Bearer " + otherToken},
		"unknown, as Git sends it":      {otherToken, "x-token-auth", "Bearer " + otherToken},
		"access token":                  {accessToken, "", "Bearer " + accessToken},
		"access token, with a user":     {accessToken, email, "Bearer " + accessToken},
		"API token, without its e-mail": {apiToken, "", "Bearer " + apiToken},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var sent string

			server := serve(t, map[string]reply{askUser: jsonReply(200, account)}, func(r *http.Request) {
				sent = r.Header.Get("Authorization")
				if user, password, ok := r.BasicAuth(); ok {
					sent = "basic " + user + " " + password
				}
			})
			inspector(t).Inspect(t.Context(), credential(t, server.URL, test.user, test.token))

			if sent != test.want {
				t.Errorf("sent %q, want %q", sent, test.want)
			}
		})
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

	selfSigned := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(selfSigned.Close)

	tests := map[string]struct {
		url   string
		limit time.Duration // 0 for the usual one
		want  gittoken.Cause
	}{
		"nobody listens": {hosttest.Nowhere, 0, gittoken.CauseNetwork},
		"no answer":      {hanging.URL, 100 * time.Millisecond, gittoken.CauseTimeout},
		"sent elsewhere": {elsewhere.URL, 0, gittoken.CauseRedirect},
		"certificate":    {selfSigned.URL, 0, gittoken.CauseTLS},
		"not encrypted":  {"http://bitbucket.example.com", 0, gittoken.CauseInsecure},
		"no host at all": {"", 0, gittoken.CauseNetwork},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := gittoken.Credential{Token: gittoken.NewSecret(apiToken), Username: email}
			if test.url != "" {
				c = credential(t, test.url, email, apiToken)
			}

			i := bitbucketcloud.New(hosttest.Transport(t, transport.Config{RequestTimeout: test.limit}), hosttest.Now)

			got := i.Inspect(t.Context(), c)
			if got.Standing != gittoken.Unchecked || got.Cause != test.want || got.Detail == "" {
				t.Errorf("got %+v, want cause %s", got, test.want)
			}

			if got.Kind != gittoken.KindAPIToken {
				t.Errorf("kind %s", got.Kind)
			}
		})
	}
}

func TestInspectCancelled(t *testing.T) {
	t.Parallel()

	server := serve(t, map[string]reply{askUser: failure(401, badToken)})

	ctx, cancel := context.WithCancel(t.Context())
	cancel()

	got := inspector(t).Inspect(ctx, credential(t, server.URL, email, apiToken))
	if got.Standing != gittoken.Unchecked || got.Cause != gittoken.CauseTimeout {
		t.Errorf("got %+v", got)
	}
}

// A refused token is asked about once, however many attempts are allowed.
func TestInspectDoesNotRepeatARefusal(t *testing.T) {
	t.Parallel()

	for name, refusal := range map[string]reply{
		"401": failure(401, badToken), "403": lacking("{}"), "410": failure(410, "x"),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := serve(t, map[string]reply{askUser: refusal})
			patient := bitbucketcloud.New(hosttest.Transport(t, transport.Config{MaxRetries: 3}), hosttest.Now)
			patient.Inspect(t.Context(), credential(t, server.URL, email, apiToken))

			if got := server.Requests(); len(got) != 1 {
				t.Errorf("asked %d times", len(got))
			}
		})
	}
}
