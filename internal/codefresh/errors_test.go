package codefresh_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	nginx = "<html>\r\n<head><title>%</title></head>\r\n<body>\r\n<center><h1>%</h1></center>\r\n" +
		"<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n"
	gateway401 = `{"status":401,"code":"2401","name":"UNAUTHORIZED_ERROR","message":"Unauthorized","context":{}}`
	gateway403 = `{"status":403,"code":"2400","name":"FORBIDDEN_ERROR",` +
		`"message":"Required role: 'Admin' is not included in the user roles: [User]","context":{}}`
)

func page(status int, title string) reply {
	return reply{status, "text/html", strings.ReplaceAll(nginx, "%", title)}
}

func jsonReply(status int, body string) reply {
	return reply{status, "application/json; charset=utf-8", body}
}

// What stands between this machine and a GraphQL server answers in forms of its own.
func TestAnswers(t *testing.T) {
	t.Parallel()

	const webPage = "the answer is not Codefresh's: it is a web page"

	tests := map[string]struct {
		answer     reply
		want       codefresh.ErrorKind
		wantDetail string
		wantTries  int // 1 if 0
	}{
		"gateway 401": {answer: jsonReply(401, gateway401), want: codefresh.KeyRefused, wantDetail: "Unauthorized"},
		"gateway 401, on premises": {
			answer: jsonReply(401, `{"status":401,"code":"2401","name":"UNAUTHORIZED_ERROR","message":"token is not valid"}`),
			want:   codefresh.KeyRefused, wantDetail: "token is not valid",
		},
		"nginx 401": {
			answer: page(401, "401 Authorization Required"), want: codefresh.Unreachable,
			wantDetail: "HTTP 401 Unauthorized, and " + webPage,
		},
		"service 401": {
			answer: jsonReply(401, `{"message":"no auth"}`), want: codefresh.Unreachable,
			wantDetail: `HTTP 401 Unauthorized, and the answer is not Codefresh's: it says "no auth"`,
		},
		"gateway 403 of another make": {
			answer: jsonReply(403, `{"message":"Forbidden"}`), want: codefresh.Unreachable,
			wantDetail: `HTTP 403 Forbidden, and the answer is not Codefresh's: it says "Forbidden"`,
		},
		"code of another make": {
			answer: jsonReply(403, `{"code":403,"name":"Forbidden","status":403}`), want: codefresh.Unreachable,
			wantDetail: "HTTP 403 Forbidden, and the answer is not Codefresh's: it is JSON of another form",
		},
		"name only":    {answer: jsonReply(401, `{"name":"UNAUTHORIZED_ERROR"}`), want: codefresh.KeyRefused},
		"403, name":    {answer: jsonReply(403, `{"name":"FORBIDDEN_ERROR"}`), want: codefresh.KeyRefused},
		"number only":  {answer: jsonReply(403, `{"code":2400}`), want: codefresh.KeyRefused},
		"code, no 401": {answer: jsonReply(500, gateway401), want: codefresh.Unreachable},
		"empty 401":    {answer: reply{401, "", ""}, want: codefresh.Unreachable},
		"odd 401":      {answer: jsonReply(401, `{"message":{"a":1},"code":[],"name":{}}`), want: codefresh.Unreachable},
		"GraphQL 401": {
			answer: gqlErrors(401, "who are you"), want: codefresh.Unreachable,
			wantDetail: `HTTP 401 Unauthorized, and the answer is not Codefresh's: it says "who are you"`,
		},
		"GraphQL 401 with a code": {answer: coded(401, "nobody", `"UNAUTHENTICATED"`), want: codefresh.KeyRefused},
		"GraphQL 401 of the validator": {
			answer: gqlErrors(401, "ValidationError: token is invalid"), want: codefresh.Refused,
			wantDetail: "token is invalid",
		},
		"GraphQL 2401":  {answer: coded(200, "nobody", `"2401"`), want: codefresh.KeyRefused, wantDetail: "nobody"},
		"Apollo's code": {answer: coded(200, "nobody", `"UNAUTHENTICATED"`), want: codefresh.KeyRefused},
		"number code":   {answer: coded(200, "nobody", `2401`), want: codefresh.KeyRefused},
		"gateway 403": {
			answer: jsonReply(403, gateway403), want: codefresh.KeyRefused,
			wantDetail: "Required role: 'Admin' is not included in the user roles: [User]",
		},
		"nginx 403": {
			answer: page(403, "403 Forbidden"), want: codefresh.Unreachable,
			wantDetail: "HTTP 403 Forbidden, and " + webPage,
		},
		"GraphQL 403": {
			answer: coded(403, "only for admins", `"FORBIDDEN"`), want: codefresh.Refused, wantDetail: "only for admins",
		},
		"429": {
			answer: jsonReply(429, `{"message":"Too Many Requests"}`), want: codefresh.RateLimited,
			wantDetail: "Too Many Requests", wantTries: 3,
		},
		"429 page":    {answer: page(429, "429"), want: codefresh.RateLimited, wantTries: 3},
		"GraphQL 429": {answer: gqlErrors(429, "slow down"), want: codefresh.RateLimited, wantTries: 3},
		"rate limit":  {answer: gqlErrors(200, "API Rate-limit exceeded"), want: codefresh.RateLimited},
		"no app-proxy": {
			answer: page(502, "502 Bad Gateway"), want: codefresh.Unreachable, wantTries: 3, wantDetail: webPage,
		},
		"no tunnel":       {answer: page(404, "Not Found"), want: codefresh.Unreachable, wantDetail: webPage},
		"no runtime":      {answer: page(503, "503"), want: codefresh.Unreachable, wantTries: 3},
		"default backend": {answer: reply{404, "text/plain", "default backend - 404"}, want: codefresh.Unreachable},
		"gateway timeout": {answer: gqlErrors(504, "upstream"), want: codefresh.Unreachable, wantTries: 3},
		"500":             {answer: page(500, "500"), want: codefresh.Unreachable},
		"500 JSON": {
			answer: jsonReply(500, `{"message":"boom"}`), want: codefresh.Unreachable, wantDetail: "boom",
		},
		"GraphQL 500":     {answer: gqlErrors(500, "boom"), want: codefresh.Refused, wantDetail: "boom"},
		"404 JSON":        {answer: jsonReply(404, `{"message":"no Route matched"}`), want: codefresh.Unreachable},
		"login page":      {answer: page(200, "Sign in"), want: codefresh.Unreachable, wantDetail: webPage},
		"empty answer":    {answer: reply{200, "", ""}, want: codefresh.Unreachable},
		"half an answer":  {answer: jsonReply(200, `{"data":{"me":`), want: codefresh.Unreachable},
		"another JSON":    {answer: jsonReply(200, `{"ok":true}`), want: codefresh.NotUnderstood},
		"a list":          {answer: jsonReply(200, `[]`), want: codefresh.NotUnderstood},
		"null":            {answer: jsonReply(200, `null`), want: codefresh.NotUnderstood},
		"odd message":     {answer: jsonReply(400, `{"message":{"a":1}}`), want: codefresh.NotUnderstood},
		"errors, no list": {answer: jsonReply(200, `{"data":null,"errors":"boom"}`), want: codefresh.NotUnderstood},
		"no errors":       {answer: jsonReply(200, `{"errors":[]}`), want: codefresh.NotUnderstood},
		"data on 400":     {answer: jsonReply(400, `{"data":{"me":null}}`), want: codefresh.NotUnderstood},
		"resolver": {
			answer: coded(200, "boom", `"INTERNAL_SERVER_ERROR"`), want: codefresh.Refused, wantDetail: "boom",
		},
		"silent error": {
			answer: jsonReply(200, `{"errors":[{}]}`), want: codefresh.Refused, wantDetail: "an error without a message",
		},
		"error that is one": {answer: jsonReply(200, `{"errors":["boom"]}`), want: codefresh.Refused},
		"validation": {
			answer: gqlErrors(400, "Syntax Error"), want: codefresh.Refused, wantDetail: "Syntax Error",
		},
		"many errors": {
			answer: gqlErrors(200, "a", "a", "b", "c", "d"), want: codefresh.Refused, wantDetail: "a; b; c",
		},
		"control characters": {
			answer: gqlErrors(200, "a\x1b[31m\r\nb\u202e"), want: codefresh.Refused, wantDetail: "a [31m b",
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if test.wantTries == 0 {
				test.wantTries = 1
			}

			platform, proxy := newPlatform(t, always(test.answer)), newAppProxy(t, always(test.answer))
			client := newClient(t, platform)

			check := func(service string, err error, kind codefresh.ErrorKind, f *fake) {
				t.Helper()

				e := errorOf(t, err, kind)
				if e.Service != service || e.Address != f.URL || e.Status != test.answer.status {
					t.Errorf("error is of %s at %s with status %d", e.Service, e.Address, e.Status)
				}

				if test.wantDetail != "" && e.Detail != test.wantDetail {
					t.Errorf("detail is %q, want %q", e.Detail, test.wantDetail)
				}

				if n := len(f.requests()); n != test.wantTries {
					t.Errorf("%d requests, want %d", n, test.wantTries)
				}
			}

			_, err := client.Overview(t.Context())
			check(codefresh.Platform, err, test.want, platform)

			_, err = client.Integrations(t.Context(), "prod", proxy.URL)
			check(codefresh.AppProxy, err, test.want, proxy)

			// Errors are remembered like answers.
			_, err = client.Integrations(t.Context(), "prod", proxy.URL)
			check(codefresh.AppProxy, err, test.want, proxy)
		})
	}
}

// Gateways before Codefresh and before app-proxies refuse people in words of their own, and none of them an API key:
// only Codefresh does.
func TestGatewaysRefuseNoKey(t *testing.T) {
	t.Parallel()

	html := func(status int, text string) reply { return reply{status, "text/html", text} }
	text := func(status int, text string) reply { return reply{status, "text/plain", text} }

	for name, answer := range map[string]reply{
		"AWS API Gateway":      jsonReply(403, `{"message":"Forbidden"}`),
		"AWS API Gateway, key": jsonReply(403, `{"message":"Missing Authentication Token"}`),
		"AWS API Gateway, 401": jsonReply(401, `{"message":"Unauthorized"}`),
		"AWS WAF":              html(403, "<html><head><title>403 Forbidden</title></head></html>"),
		"AWS load balancer":    html(401, "<html>\r\n<head><title>401 Authorization Required</title></head></html>"),
		"AWS AppSync": jsonReply(401,
			`{"errors":[{"errorType":"UnauthorizedException","message":"Valid authorization header not provided."}]}`),
		"Azure API Management": jsonReply(401,
			`{"statusCode":401,"message":"Access denied due to missing subscription key."}`),
		"Cloudflare":            text(403, "error code: 1020"),
		"Cloudflare, page":      html(403, "<!DOCTYPE html><title>Attention Required! | Cloudflare</title>"),
		"Envoy, JWT":            text(401, "Jwt is missing"),
		"Envoy, RBAC":           text(403, "RBAC: access denied"),
		"Express, JWT":          jsonReply(401, `{"name":"UnauthorizedError","code":"credentials_required","status":401}`),
		"GraphQL, Apollo":       coded(401, "Authentication error", `"AUTH_ERROR"`),
		"GraphQL, Hasura":       coded(401, "Could not verify JWT", `"invalid-jwt"`),
		"GraphQL, no message":   jsonReply(401, `{"errors":[{}]}`),
		"Kong":                  jsonReply(401, `{"message":"No API key found in request"}`),
		"Kong, wrong key":       jsonReply(401, `{"message":"Invalid authentication credentials"}`),
		"Kubernetes":            jsonReply(401, `{"kind":"Status","status":"Failure","reason":"Unauthorized","code":401}`),
		"OAuth":                 jsonReply(401, `{"error":"invalid_token","error_description":"The token expired"}`),
		"Spring":                jsonReply(401, `{"status":401,"error":"Unauthorized","path":"/2.0/api/graphql"}`),
		"Tyk":                   jsonReply(403, `{"error":"Access to this API has been disallowed"}`),
		"nginx, Basic":          page(401, "401 Authorization Required"),
		"oauth2-proxy":          html(403, "<!DOCTYPE html><title>Sign In</title><form method=GET action=/oauth2/start>"),
		"oauth2-proxy, JSON":    jsonReply(401, `{}`),
		"oauth2-proxy, 200":     html(200, "<!DOCTYPE html><title>Sign In</title><form method=GET action=/oauth2/start>"),
		"words of Codefresh's":  jsonReply(401, `{"message":"UNAUTHORIZED_ERROR"}`),
		"another number":        jsonReply(401, `{"code":24010,"name":"UNAUTHORIZED"}`),
		"Codefresh's elsewhere": jsonReply(502, gateway401),
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			platform, proxy := newPlatform(t, always(answer)), newAppProxy(t, always(answer))

			_, err := newClient(t, platform).Overview(t.Context())
			wantKind(t, err, codefresh.Unreachable)

			_, err = newClient(t, nil).Integrations(t.Context(), "prod", proxy.URL)
			e := errorOf(t, err, codefresh.Unreachable)

			if e.Address != proxy.URL || e.Detail == "" {
				t.Errorf("address %q, detail %q", e.Address, e.Detail)
			}

			// A mutation that somebody in between refused may be tried again, and was not Codefresh's refusal of the token.
			err = newClient(t, nil).UpdateRuntimeToken(t.Context(), "prod", proxy.URL, runtimeToken())
			wantKind(t, err, codefresh.Unreachable)
		})
	}
}

func coded(status int, message, code string) reply {
	return jsonReply(status, `{"data":null,"errors":[{"message":"`+message+`","extensions":{"code":`+code+`}}]}`)
}

// Mutations are sent once, whatever the answer.
func TestMutationIsNotRepeated(t *testing.T) {
	t.Parallel()

	for status, kind := range map[int]codefresh.ErrorKind{
		429: codefresh.RateLimited, 502: codefresh.Unreachable, 503: codefresh.Unreachable, 504: codefresh.Unreachable,
	} {
		proxy := newAppProxy(t, always(page(status, "no")))

		err := newClient(t, nil).UpdateRuntimeToken(t.Context(), "prod", proxy.URL, runtimeToken())
		wantKind(t, err, kind)

		if n := len(proxy.requests()); n != 1 {
			t.Errorf("%d: %d requests", status, n)
		}
	}
}

func TestNoAnswer(t *testing.T) {
	t.Parallel()

	elsewhere := httptest.NewServer(http.RedirectHandler("https://elsewhere.example.com/", http.StatusTemporaryRedirect))
	t.Cleanup(elsewhere.Close)

	untrusted := httptest.NewTLSServer(http.NotFoundHandler())
	t.Cleanup(untrusted.Close)

	endless := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		_, _ = w.Write(make([]byte, 5<<20))
	}))
	t.Cleanup(endless.Close)

	broken := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		panic(http.ErrAbortHandler)
	}))
	t.Cleanup(broken.Close)

	tests := map[string]struct {
		address string
		kind    codefresh.ErrorKind
		cause   gittoken.Cause
	}{
		"refused":   {nowhere, codefresh.Unreachable, gittoken.CauseNetwork},
		"redirect":  {elsewhere.URL, codefresh.Unreachable, gittoken.CauseRedirect},
		"TLS":       {untrusted.URL, codefresh.Unreachable, gittoken.CauseTLS},
		"too large": {endless.URL, codefresh.NotUnderstood, gittoken.CauseTooLarge},
		"broken":    {broken.URL, codefresh.Unreachable, gittoken.CauseNetwork},
		"http":      {"http://app-proxy.example.com", codefresh.Insecure, gittoken.CauseInsecure},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			_, err := newClient(t, nil).Integrations(t.Context(), "prod", test.address)

			e := errorOf(t, err, test.kind)
			if e.Cause != test.cause || e.Status != 0 || e.Detail == "" || errors.Unwrap(err) == nil {
				t.Errorf("cause %q, status %d, detail %q, wraps %v", e.Cause, e.Status, e.Detail, errors.Unwrap(err))
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()

	tr, err := transport.New(transport.Config{RequestTimeout: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}

	slow := func(ctx context.Context, r request) reply {
		if r.Op == "GitIntegrations" {
			<-ctx.Done()

			return data(integrationsJSON)
		}

		time.Sleep(60 * time.Millisecond) // longer than a query may take, which a mutation may

		return data(`{"registerToGitIntegration":{"name":"default"}}`)
	}

	proxy := newAppProxy(t, slow)

	client, err := codefresh.NewClient(
		codefresh.Settings{URL: proxy.URL, APIKey: gittoken.NewSecret(keyText)}, tr, time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}

	_, err = client.Integrations(t.Context(), "prod", proxy.URL)
	if e := errorOf(t, err, codefresh.Unreachable); e.Cause != gittoken.CauseTimeout {
		t.Errorf("cause is %q", e.Cause)
	}

	if err := client.RegisterUserToken(t.Context(), "prod", proxy.URL, gittoken.Secret{}, userToken()); err != nil {
		t.Errorf("a mutation has the time limit of a query: %v", err)
	}
}

func TestErrorText(t *testing.T) {
	t.Parallel()

	for want, e := range map[string]*codefresh.Error{
		"codefresh: me at the platform: key missing": {Kind: codefresh.KeyMissing, Op: "me", Service: codefresh.Platform},
		`codefresh: x at the app-proxy of runtime "prod" (https://p): refused, HTTP status 200: no`: {
			Kind: codefresh.Refused, Op: "x", Service: codefresh.AppProxy, Runtime: "prod", Address: "https://p",
			Status: 200, Detail: "no",
		},
	} {
		if got := e.Error(); got != want {
			t.Errorf("error is %q, want %q", got, want)
		}
	}
}

// What Codefresh calls the request is in the error, for whoever asks its operators; an answer that did not come has no
// name.
func TestRequestID(t *testing.T) {
	t.Parallel()

	for name, answer := range map[string]string{
		"refused":     `{"errors":[{"message":"boom"}]}`,
		"incomplete":  `{"data":{}}`,
		"not GraphQL": "<html>",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("X-Request-Id", "0af7-"+keyText)
				_, _ = w.Write([]byte(answer))
			}))
			t.Cleanup(server.Close)

			_, err := newClient(t, nil).Integrations(t.Context(), "prod", server.URL)
			if e := asError(t, err); e.RequestID != "0af7-(redacted)" || !strings.Contains(e.Error(), e.RequestID) {
				t.Errorf("request id %q of %v", e.RequestID, e)
			}
		})
	}

	_, err := newClient(t, nil).Integrations(t.Context(), "prod", nowhere)
	if e := asError(t, err); e.RequestID != "" || strings.Contains(e.Error(), "request id") {
		t.Errorf("request id %q of %v", e.RequestID, e)
	}
}
