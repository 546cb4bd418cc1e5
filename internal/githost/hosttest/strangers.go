package hosttest

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Sender is who answers in place of a Git host.
type Sender string

// The senders.
const (
	Gateway Sender = "gateway" // checks tokens of its own before it lets requests through
	WAF     Sender = "WAF"     // a web application firewall or content network
	Login   Sender = "login"   // a portal's page to sign in
	Proxy   Sender = "proxy"   // an HTTP proxy or a load balancer
)

// Stranger is an answer that is not the Git host's own, whatever its status.
type Stranger struct {
	Sender Sender
	Name   string
	Reply  Reply
}

func (s Stranger) String() string {
	return fmt.Sprintf("%s: %s, HTTP %d", s.Sender, s.Name, s.Reply.Status)
}

// body is what one product or framework writes.
type body struct {
	sender     Sender
	name       string
	kind, text string
}

const (
	asJSON  = "application/json"
	asText  = "text/plain; charset=utf-8"
	asHTML  = "text/html; charset=utf-8"
	asXML   = "application/xml"
	asXHTML = "application/xhtml+xml"
)

// bodies lists them. Many look like a Git host's at a glance, which is the point.
func bodies() []body {
	return []body{
		{Gateway, "Kong", asJSON, `{"message":"Unauthorized"}`},
		{Gateway, "Kong without a route", asJSON, `{"message":"no Route matched with those values"}`},
		{Gateway, "Kong with a request id", asJSON, `{"message":"Unauthorized","request_id":"3a7c"}`},
		{Gateway, "Kong, key authentication", asJSON, `{"message":"Invalid authentication credentials"}`},
		{Gateway, "Kong, a consumer", asJSON, `{"message":"You cannot consume this service"}`},
		{Gateway, "Kong, a limit", asJSON, `{"message":"API rate limit exceeded"}`},
		{Gateway, "AWS API Gateway", asJSON, `{"message":"Forbidden"}`},
		{
			Gateway, "AWS API Gateway, explicit deny", asJSON,
			`{"Message":"User is not authorized, with an explicit deny"}`,
		},
		{Gateway, "AWS API Gateway, expired", asJSON, `{"message":"The incoming token has expired"}`},
		{Gateway, "AWS API Gateway, limit", asJSON, `{"message":"Limit Exceeded"}`},
		{Gateway, "AWS API Gateway, authorizer", asJSON, `{"Message":"User is not authorized to access this resource"}`},
		{Gateway, "AWS API Gateway, without a route", asJSON, `{"message":"Missing Authentication Token"}`},
		{Gateway, "Azure API Management", asJSON, `{"statusCode":401,"message":"Invalid JWT."}`},
		{
			Gateway, "Azure API Management, subscription", asJSON,
			`{"statusCode":401,"message":"Access denied due to missing subscription key. Make sure to include one."}`,
		},
		{
			Gateway, "Azure, in an error", asJSON,
			`{"error":{"code":"ExpiredAuthenticationToken","message":"Access token expired."}}`,
		},
		{
			Gateway, "Spring", asJSON,
			`{"timestamp":"2026-03-01T12:00:00Z","status":401,"error":"Unauthorized","message":"Bad credentials","path":"/"}`,
		},
		{
			Gateway, "Spring, account", asJSON,
			`{"status":403,"error":"Forbidden","message":"Your account was suspended. User account is locked"}`,
		},
		{
			Gateway, "Spring, in a client's words", asJSON,
			`{"timestamp":"2026-03-01T12:00:00Z","status":401,"error":"Unauthorized","message":"401 Unauthorized","path":"/"}`,
		},
		{Gateway, "Spring, with a body", asJSON, `{"message":"401 Unauthorized: [no body]"}`},
		{
			Gateway, "Spring, account, in a client's words", asJSON,
			`{"status":403,"error":"Forbidden","message":"403 Forbidden - Your account has been blocked."}`,
		},
		{Gateway, "OAuth 2.0", asJSON, `{"error":"invalid_token","error_description":"Token is expired"}`},
		{Gateway, "OAuth 2.0, revoked", asJSON, `{"error":"invalid_token","error_description":"Token was revoked"}`},
		{Gateway, "OAuth 2.0, unknown", asJSON, `{"error":"invalid_token","error_description":"Token is not active"}`},
		{
			Gateway, "OAuth 2.0, scope", asJSON,
			`{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the ` +
				`access token.","scope":"openid"}`,
		},
		{
			Gateway, "OAuth 2.0, a scope of that name", asJSON,
			`{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the ` +
				`access token.","scope":"api"}`,
		},
		{Gateway, "Envoy, JWT", asText, "Jwt is missing"},
		{Gateway, "Envoy, expired", asText, "Jwt is expired"},
		{Gateway, "Envoy, RBAC", asText, "RBAC: access denied"},
		{Gateway, "Envoy, external authorization", asText, "Denied by ext_authz"},
		{
			Gateway, "Envoy, no route", asText,
			"upstream connect error or disconnect/reset before headers. reset reason: connection",
		},
		{Gateway, "Istio, JWT", asText, "Jwt issuer is not configured"},
		{Gateway, "Traefik", asText, "401 Unauthorized\n"},
		{Gateway, "Traefik, forbidden", asText, "Forbidden\n"},
		{Gateway, "Traefik, without a route", asText, "404 page not found\n"},
		{
			Gateway, "nginx, by a sub-request", asHTML,
			"<html><title>403 Forbidden</title><center>openresty</center></html>",
		},
		{
			Gateway, "Apigee", asJSON,
			`{"fault":{"faultstring":"Invalid Access Token","detail":{"errorcode":"oauth.v2.InvalidAccessToken"}}}`,
		},
		{
			Gateway, "Apigee, expired", asJSON,
			`{"fault":{"faultstring":"Access Token expired","detail":{"errorcode":"keymanagement.access_token_expired"}}}`,
		},
		{Gateway, "Apigee, quota", asJSON, `{"fault":{"faultstring":"Rate limit quota violation."},"message":"Quota"}`},
		{Gateway, "Tyk", asJSON, `{"error":"Access to this API has been disallowed"}`},
		{Gateway, "Tyk, expired", asJSON, `{"error":"Key has expired, please renew"}`},
		{
			Gateway, "WSO2", asJSON,
			`{"fault":{"code":900901,"message":"Invalid Credentials","description":"Access failure"}}`,
		},
		{Gateway, "MuleSoft", asJSON, `{"error":"Invalid client id or secret"}`},
		{Gateway, "Google, a service", asJSON, `{"code":16,"message":"Jwt is expired","details":[]}`},
		{Gateway, "Google", asJSON, `{"error":{"code":401,"message":"Invalid credentials","status":"UNAUTHENTICATED"}}`},
		{
			Gateway, "JSON:API", asJSON,
			`{"errors":[{"status":"401","title":"Unauthorized","message":"Token is invalid"}]}`,
		},
		{
			Gateway, "GraphQL", asJSON,
			`{"errors":[{"message":"Authentication failed. Your account is disabled."}],"data":null}`,
		},
		{
			Gateway, "typed error", asJSON,
			`{"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}`,
		},
		{Gateway, "error with a message", asJSON, `{"error":{"message":"Token is invalid"}}`},
		{
			Gateway, "problem details", "application/problem+json",
			`{"title":"Unauthorized","status":401,"detail":"expired"}`,
		},
		{
			Gateway, "OAuth 2.0, with its status", asJSON,
			`{"status":401,"error":"invalid_token","error_description":"Token was revoked. You have to re-authorize from the ` +
				`user."}`,
		},
		{Gateway, "OAuth 2.0, introspection", asJSON, `{"active":false,"user_id":42,"scopes":[]}`},
		{Gateway, "404 in JSON", asJSON, `{"message":"Not Found"}`},
		{Gateway, "404 in words", asJSON, `{"message":"404 page not found"}`},
		{Gateway, "404 of a router", asJSON, `{"error":"404 NOT_FOUND"}`},
		{Gateway, "404 with its status", asJSON, `{"status":404,"message":"404 Project Not Found"}`},
		{Gateway, "somebody", asJSON, `{"id":42,"name":"ci-bot","email":"ci-bot@example.com","authenticated":true}`},
		{Gateway, "somebody with a number of their own", asJSON, `{"uuid":"9f2c","username":"ci-bot","roles":["admin"]}`},
		{Gateway, "somebody with a login", asJSON, `{"id":42,"login":"ci-bot","full_name":"CI","is_admin":false}`},
		{Gateway, "somebody with an account", asJSON, `{"account_id":"42","username":"ci-bot","type":"service"}`},
		{Gateway, "a token that was looked up", asJSON, `{"id":7,"user_id":42,"scopes":["api","read_api"],"active":true}`},
		{Gateway, "a page of projects", asJSON, `{"values":[{"key":"PLAT"}],"total":1,"page":1}`},
		{Gateway, "a claim", asJSON, `{"sub":"ci-bot","scope":"repo api read_api","iss":"https://sso.example.com"}`},
		{Gateway, "empty object", asJSON, `{}`},
		{Gateway, "empty list", asJSON, `[]`},
		{Gateway, "a list of nothing", asJSON, `{"items":[],"total":0}`},

		{
			WAF, "Cloudflare", asHTML,
			"<html><title>Attention Required! | Cloudflare</title>Sorry, you have been blocked</html>",
		},
		{WAF, "Cloudflare, a number", asText, "error code: 1020"},
		{
			WAF, "Cloudflare, in problem details", asJSON,
			`{"type":"error","title":"Error 1020: Access denied","status":403,"detail":"Blocked","error_code":1020}`,
		},
		{WAF, "Cloudflare API", asJSON, `{"success":false,"errors":[{"code":9109,"message":"Invalid access token"}]}`},
		{
			WAF, "Akamai, an edge worker", asJSON,
			`{"type":"error","error":{"code":"403","message":"Token is invalid, expired"}}`,
		},
		{WAF, "AWS WAF", asHTML, "<html><title>403 Forbidden</title><hr><center>awselb/2.0</center></html>"},
		{WAF, "Fastly", asText, "Unknown domain. Please check that this domain has been added to a service."},
		{WAF, "F5, in JSON", asJSON, `{"supportID":"1848","message":"The requested URL was rejected."}`},
		{WAF, "Fortinet", asHTML, "<html><title>Web Page Blocked!</title>FortiGuard Intrusion Prevention</html>"},
		{WAF, "ModSecurity", asHTML, "<html><h1>Not Acceptable!</h1>Mod_Security</html>"},
		{WAF, "Akamai", asHTML, "<HTML><TITLE>Access Denied</TITLE>Reference #18.1</HTML>"},
		{WAF, "F5", asHTML, "<html>The requested URL was rejected. Your support ID is: 1</html>"},
		{WAF, "Imperva", asJSON, `{"errorCode":15,"description":"Request blocked by WAF. Your account was suspended"}`},
		{WAF, "in plain text", asText, "Forbidden"},
		{WAF, "in XML", asXML, "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>"},
		{WAF, "about access", asText, "Access denied: this request was blocked by a policy [id: 18.1]"},
		{
			WAF, "about an allow list", asJSON,
			`{"message":"Blocked: this site has an IP allow list enabled, and your IP address is not permitted."}`,
		},
		{WAF, "about addresses", asJSON, `{"message":"Your IP address is not allowed"}`},

		{Login, "a page", asHTML, "<!DOCTYPE html><html><title>Sign in</title><form></form></html>"},
		{Login, "a page in XHTML", asXHTML, `<html xmlns="http://www.w3.org/1999/xhtml"><title>Sign in</title></html>`},
		{Login, "a form that posts itself", asHTML, "<html><body onload='document.forms[0].submit()'></body></html>"},
		{Login, "oauth2-proxy", asHTML, "<html><title>Sign In</title><form action='/oauth2/start'></form></html>"},
		{Login, "oauth2-proxy, in JSON", asJSON, "{}"},
		{Login, "oauth2-proxy, in plain text", asText, "Unauthorized\n"},
		{Login, "Cloudflare Access", asHTML, "<html><title>Sign in ・ Cloudflare Access</title></html>"},
		{
			Login, "Cloudflare Access, in JSON", asJSON,
			`{"aud":"4714","auth_status":"NONE","is_gateway":false,"is_warp":false,"mtls_auth":{"auth_status":"NONE"}}`,
		},
		{Login, "Google IAP", asText, "Invalid IAP credentials: empty token"},
		{
			Login, "Okta", asJSON,
			`{"errorCode":"E0000011","errorSummary":"Invalid token provided","errorLink":"E0000011"}`,
		},
		{Login, "Keycloak", asJSON, `{"error":"HTTP 401 Unauthorized"}`},
		{
			Login, "a captive portal", asHTML,
			"<html><meta http-equiv='refresh' content='0; url=http://portal.example.com/'></html>",
		},
		{Login, "in JSON", asJSON, `{"login":"https://sso.example.com/"}`},
		{Login, "in JSON, as a user", asJSON, `{"username":"","authenticated":false,"message":"Please log in"}`},
		{Login, "HTML that calls itself JSON", asJSON, "<!DOCTYPE html><html>Sign in</html>"},

		{Proxy, "Squid", asHTML, "<html><title>ERROR: The requested URL could not be retrieved</title></html>"},
		{
			Proxy, "Squid, authentication", asHTML,
			"<html><title>ERROR: Cache Access Denied</title>Cache Access Denied.</html>",
		},
		{Proxy, "Blue Coat", asHTML, "<HTML><TITLE>Access Denied</TITLE>(authentication_failed)</HTML>"},
		{
			Proxy, "Netskope", asJSON,
			`{"error":"blocked","policy":"Block uploads","message":"Your account was suspended"}`,
		},
		{
			Proxy, "HAProxy", asHTML,
			"<html><body><h1>403 Forbidden</h1>\nRequest forbidden by administrative rules.\n</body></html>",
		},
		{Proxy, "Caddy", asText, ""},
		{Proxy, "Zscaler", asHTML, "<html><title>Internet Security by Zscaler</title></html>"},
		{Proxy, "in plain text", asText, "Access to this site is denied by policy. Login failed."},
		{Proxy, "nothing", "", ""},
		{Proxy, "nothing, in plain text", asText, ""},
		{Proxy, "nothing, in JSON", asJSON, ""},
		{Proxy, "null", asJSON, "null"},
		{Proxy, "a load balancer", asHTML, "<html><center><h1>nginx</h1></center></html>"},
	}
}

// Strangers returns every answer that is not a Git host's own: all that others write, with every status that may come
// with it.
func Strangers() []Stranger {
	var all []Stranger

	for _, status := range []int{
		http.StatusOK, http.StatusNoContent, http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden,
		http.StatusNotFound, http.StatusProxyAuthRequired, http.StatusGone, http.StatusTooManyRequests,
		http.StatusUnavailableForLegalReasons, http.StatusInternalServerError, http.StatusServiceUnavailable,
		http.StatusNetworkAuthenticationRequired,
	} {
		for _, b := range bodies() {
			if status == http.StatusNoContent && b.text != "" {
				continue // such an answer has no body
			}

			reply := Reply{Status: status, Body: b.text}.With("Content-Type", b.kind)
			if b.kind == "" {
				reply = reply.Without("Content-Type")
			}

			all = append(all, Stranger{b.sender, b.name, reply})
		}
	}

	return append(all, redirects()...)
}

// loginPage is where some redirects lead on the host itself, and what every Server has there.
const loginPage = "/sso/login"

// redirects lead to somebody's page to sign in: at another host, at the host itself, and nowhere.
func redirects() []Stranger {
	var all []Stranger

	for _, status := range []int{
		http.StatusMovedPermanently, http.StatusFound, http.StatusSeeOther, http.StatusTemporaryRedirect,
		http.StatusPermanentRedirect,
	} {
		page := Reply{Status: status, Body: "<html>Moved</html>"}.With("Content-Type", asHTML)
		document := Reply{Status: status, Body: `{"message":"Bad credentials"}`}.With("Content-Type", asJSON)
		all = append(all,
			Stranger{Login, "a redirect to nowhere", page},
			Stranger{Login, "a redirect to nowhere, in JSON", document},
			Stranger{Login, "a redirect to another host", page.With("Location", "https://sso.example.com/login")},
			Stranger{Login, "a redirect to another host, in JSON", document.With("Location", "https://sso.example.com/login")},
			Stranger{Login, "a redirect to the host's own page", page.With("Location", loginPage)},
			Stranger{Login, "a redirect in a circle", page.With("Location", "")},
		)
	}

	return all
}

// leastRows is how many answers of others every Git host is tried with, at least.
const leastRows = 60

// NobodysWord inspects a token with each of rows as the answer to line, none of which is the Git host's own. They prove
// nothing: the token is neither good nor bad, and the verdict says why it could not be checked.
func NobodysWord(t *testing.T, s *Server, line string, rows map[string]Reply, inspect func() gittoken.Verdict) {
	t.Helper()

	if len(rows) < leastRows {
		t.Fatalf("%d rows, want at least %d", len(rows), leastRows)
	}

	for name, r := range rows {
		s.Answer(line, r)

		v := inspect()
		if v.Standing != gittoken.Unchecked || v.Cause == "" || v.Detail == "" || v.ScopesKnown || v.Owner != "" {
			t.Errorf("%s: HTTP %d with %q proves %+v", name, r.Status, r.Body, v)
		}
	}
}

// NobodysWordOfARepository asks a probe, of which line is one request, with every stranger's answer to that, and with
// what becomes of the host's own refusals on the way. All other answers must be good ones.
func NobodysWordOfARepository(
	t *testing.T, s *Server, line string, refusals map[string]Reply, ask func() gittoken.ProbeResult,
) {
	t.Helper()

	if r := ask(); r.Outcome != gittoken.Proven {
		t.Fatalf("with good answers: %+v", r)
	}

	rows := map[string]Reply{}
	for _, stranger := range Strangers() {
		rows[stranger.String()] = stranger.Reply
	}

	for name, r := range refusals {
		s.Answer(line, r)

		if r := ask(); r.Outcome != gittoken.Denied {
			t.Fatalf("%s: %+v", name, r)
		}
	}

	Twisted(rows, refusals)

	for name, reply := range rows {
		s.Answer(line, reply)

		// As it counts at a repository of Codefresh's, where more counts.
		r := ask()
		r.Probe.Source = gittoken.SourceSharedConfiguration

		if r = r.Weighed(); r.Outcome != gittoken.Undetermined || r.Cause == "" || r.Detail == "" {
			t.Errorf("%s: %+v", name, r)
		}
	}
}
