//go:build faults

package faultmatrix_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// said is what a server says back: words with a secret in them, and how they stand in a JSON document.
type said struct {
	text, literal string
	secrets       []canary
}

// placed is a place in the answers to a question that words can be woven into. A way to do it is chosen by turns.
type placed struct {
	name string
	ways []func(r *reply, words said)
}

// placesOf returns where words can be woven into the answers to a question: each field, all headers, and every kind of
// answer that is an error.
func placesOf(s *seen, by speaker) []placed {
	var all []placed
	for _, field := range slices.Sorted(maps.Keys(s.fields)) {
		all = append(all, inField(field, s.fields[field]))
	}

	all = append(all, placed{name: "headers", ways: []func(r *reply, words said){func(r *reply, words said) {
		addHeaders(r.header, words.text)
	}}})

	return slices.Concat(all, errorsOf(by), pages())
}

// inField weaves into a text: in its place, behind it, and into an address as a part of its path or its user name.
func inField(field, example string) placed {
	changes := []func(text string) string{func(string) string { return standIn }}
	if example != "" {
		changes = append(changes, func(text string) string { return text + " " + standIn })
	}

	if strings.Contains(example, "://") {
		changes = append(changes, func(text string) string { return text + "/" + standIn }, func(text string) string {
			scheme, rest, _ := strings.Cut(text, "://")

			return scheme + "://" + standIn + "@" + rest
		})
	}

	p := placed{name: field}
	for _, change := range changes {
		p.ways = append(p.ways, func(r *reply, words said) {
			if changed, err := weaveInto(r.body, field, change, words.literal); err == nil {
				r.body = changed
			}
		})
	}

	return p
}

// addHeaders has a text in every header that anybody reads, in the form that it has there.
func addHeaders(h http.Header, text string) {
	for name, form := range map[string]string{
		"X-OAuth-Scopes": "repo, %s", "X-Accepted-OAuth-Scopes": "repo, %s", "X-Accepted-GitHub-Permissions": "contents=%s",
		"X-GitHub-SSO":        "required; url=https://github.com/orgs/acme/sso?authorization_request=%s",
		"X-GitHub-Request-Id": "%s", "X-GitHub-Media-Type": "%s", "X-Request-Id": "%s", "X-ARequestId": "%s",
		"X-Gitlab-Meta": `{"correlation_id":"%s"}`, "X-AUSERNAME": "%s", "X-AToken-Scopes": "%s",
		"X-Authentication-Denied-Reason": "CAPTCHA_CHALLENGE; login-url=%s", "X-Credential-Type": "%s",
		"Www-Authenticate": `Bearer realm="%s", error_description="%[1]s"`, "Proxy-Authenticate": `Basic realm="%s"`,
		"Retry-After": "%s", "X-RateLimit-Reset": "%s", "RateLimit-Reset": "%s",
		"Github-Authentication-Token-Expiration": "%s", "Server": "%s", "Via": "1.1 %s", "Link": `<%s>; rel="next"`,
		"Warning": `199 - "%s"`, "Set-Cookie": "session=%s", "X-Debug": "%s",
	} {
		h.Set(name, fmt.Sprintf(form, text))
	}
}

// failure is an answer that is an error, with stand-ins where words go.
type failure struct {
	kind     string // its content type
	body     string
	location string
}

// with answers a failure with each of these statuses, by turns.
func (f failure) with(name string, statuses ...int) placed {
	p := placed{name: name}
	for _, status := range statuses {
		p.ways = append(p.ways, func(r *reply, words said) {
			text := words.text
			if strings.Contains(f.kind, "json") {
				text = words.literal
			}

			r.status, r.header = status, http.Header{"Content-Type": {strings.ReplaceAll(f.kind, standIn, words.text)}}

			r.body = []byte(strings.ReplaceAll(f.body, standIn, text))
			if status != http.StatusOK {
				addHeaders(r.header, words.text)
			}

			if f.location != "" {
				r.header.Set("Location", strings.ReplaceAll(f.location, standIn, words.text))
			}
		})
	}

	return p
}

// errorsOf returns the error documents of a speaker.
func errorsOf(by speaker) []placed {
	bodies := map[speaker][]string{
		speakerGitHub: {
			`{"message":"@","documentation_url":"@","status":"@",` +
				`"errors":[{"resource":"@","field":"@","code":"@","message":"@"}]}`,
			`{"message":"Bad credentials","documentation_url":"https://docs.github.com/@"}`,
			`{"message":"Resource protected by organization SAML enforcement. @","documentation_url":"@"}`,
			`{"message":"Sorry. Your account was suspended. @","documentation_url":"https://docs.github.com/@"}`,
			"{\"message\":\"`@` forbids access via a personal access token (classic).\",\"documentation_url\":\"@\"}",
			"{\"message\":\"The `@` organization has an IP allow list enabled, and your IP address is not permitted.\"}",
		},
		speakerGitLab: {
			`{"message":"@"}`, `{"message":{"base":["@"]}}`, `{"error":"@","error_description":"@","scope":"@"}`,
			`{"error":"insufficient_scope","error_description":"@","scope":"@"}`,
			`{"error":"invalid_token","error_description":"Token was revoked. @"}`,
			`{"message":"403 Forbidden - @"}`, `{"message":"401 Unauthorized @"}`,
		},
		speakerBitbucketServer: {
			`{"errors":[{"context":"@","message":"@","exceptionName":"@"}]}`,
			`{"errors":[{"context":null,"message":"@","exceptionName":"com.atlassian.bitbucket.AuthorisationException"}]}`,
			`{"errors":[{"context":null,"message":"@",` +
				`"exceptionName":"com.atlassian.bitbucket.auth.IncorrectPasswordAuthenticationException"}]}`,
			`{"errors":[{"context":"@","message":"@",` +
				`"exceptionName":"com.atlassian.bitbucket.repository.NoSuchRepositoryException"}]}`,
		},
		speakerBitbucket: {
			`{"type":"error","error":{"message":"@","detail":"@","id":"@","data":{"key":"@"}}}`,
			`{"type":"error","error":{"message":"@","detail":{"required":["@"],"granted":["@"]}}}`,
			`{"code":401,"message":"@"}`, `{"error_description":"@","error":"invalid_grant"}`,
		},
		speakerCodefresh: {
			`{"errors":[{"message":"@","path":["@"],"extensions":{"code":"@","exception":{"stacktrace":["@"]}}}],"data":null}`,
			`{"errors":[{"message":"@","extensions":{"code":"UNAUTHENTICATED"}}]}`,
			`{"errors":[{"message":"ValidationError: @"}],"data":null}`, `{"errors":[{"message":"rate limit: @"}]}`,
			`{"errors":[{"message":"Cannot query field \"@\" on type \"Query\"."}]}`,
			`{"status":401,"code":"2401","name":"UNAUTHORIZED_ERROR","message":"@","context":{"a":"@"}}`,
			`{"message":"@"}`, `{"data":"@"}`, `{"data":{"runtimes":"@","me":"@","gitIntegrations":"@"}}`,
		},
	}

	var all []placed

	for i, body := range bodies[by] {
		f := failure{kind: "application/json", body: strings.ReplaceAll(body, "@", standIn)}
		all = append(all, f.with(fmt.Sprintf("error %d", i+1), http.StatusUnauthorized, http.StatusForbidden, http.StatusOK,
			http.StatusNotFound, http.StatusTooManyRequests, http.StatusServiceUnavailable, http.StatusBadRequest))
	}

	return all
}

// pages returns what others than the service answer.
func pages() []placed {
	const page = "<!DOCTYPE html><html><head><title>" + standIn + "</title></head><body>" + standIn + "</body></html>"

	statuses := []int{
		http.StatusOK, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusProxyAuthRequired,
		http.StatusBadGateway, http.StatusUnprocessableEntity,
	}
	redirects := []int{
		http.StatusFound, http.StatusMovedPermanently, http.StatusTemporaryRedirect, http.StatusUnauthorized,
	}

	return []placed{
		failure{kind: "text/html", body: page}.with("a page", statuses...),
		failure{kind: "text/plain", body: standIn}.with("a text", statuses...),
		failure{kind: standIn, body: page}.with("a page of another kind", statuses...),
		failure{kind: "text/html", body: page, location: "https://" + elsewhere + "/?token=" + standIn}.
			with("a redirect", redirects...),
		failure{kind: "text/html", body: page, location: "https://" + standIn + "@" + elsewhere + "/"}.
			with("a redirect with a user name", redirects...),
		failure{kind: "text/html", body: page, location: "://" + standIn}.with("a redirect to nowhere", redirects...),
	}
}
