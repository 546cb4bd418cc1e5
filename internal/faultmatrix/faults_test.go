//go:build faults

package faultmatrix_test

import (
	"cmp"
	"fmt"
	"net/http"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// fault is a way to misbehave. Exactly one of answer, mode and disguise is set.
type fault struct {
	name     string // as in the table
	answer   func(speaker) sandbox.Fault
	mode     string   // of sandbox.Fault
	disguise disguise // of a front
	slow     bool     // runs into the time limit of a request
	graphQL  bool     // only what speaks GraphQL can misbehave so

	// Of sandbox.Fault: so long that hurry is over first, and for a mutation, which is not hurried.
	pause, inMutations time.Duration
}

const (
	// patience is how long a request may take in good order: a machine with too much to do is no fault.
	patience = "2m"
	// hurry is how long a request may take where a fault makes it take for ever. The services that do not misbehave
	// must make do with it, so it is not short.
	hurry = "4s"
)

// speaker is whoever misbehaves, by what its answers look like.
type speaker string

const (
	speakerGitHub          speaker = "github"
	speakerGitLab          speaker = "gitlab"
	speakerBitbucketServer speaker = "bitbucket-server"
	speakerBitbucket       speaker = "bitbucket"
	speakerCodefresh       speaker = "codefresh"
)

// inJSON words a message as the speaker's error documents do.
func (s speaker) inJSON(status int, message string) string {
	switch s {
	case speakerGitHub:
		return fmt.Sprintf(`{"message":%q,"documentation_url":"https://docs.github.com/rest","status":"%d"}`, message, status)
	case speakerGitLab:
		return fmt.Sprintf(`{"message":%q}`, message)
	case speakerBitbucketServer:
		return fmt.Sprintf(`{"errors":[{"context":null,"message":%q,"exceptionName":null}]}`, message)
	case speakerBitbucket:
		return fmt.Sprintf(`{"type":"error","error":{"message":%q}}`, message)
	default:
		return fmt.Sprintf(`{"status":%d,"message":%q}`, status, message)
	}
}

const page = "<!DOCTYPE html><html><head><title>Sorry</title></head><body><h1>Sign in</h1></body></html>"

func withHeader(kind string, more ...string) map[string]string {
	header := map[string]string{"Content-Type": kind}
	for i := 0; i+1 < len(more); i += 2 {
		header[more[i]] = more[i+1]
	}

	return header
}

func inJSON(status int, message string, more ...string) func(speaker) sandbox.Fault {
	return func(s speaker) sandbox.Fault {
		return sandbox.Fault{Status: status, Header: withHeader("application/json", more...), Body: s.inJSON(status, message)}
	}
}

func inHTML(status int, more ...string) func(speaker) sandbox.Fault {
	return as(sandbox.Fault{Status: status, Header: withHeader("text/html; charset=utf-8", more...), Body: page})
}

func verbatim(body string) func(speaker) sandbox.Fault {
	return as(sandbox.Fault{Status: http.StatusOK, Header: withHeader("application/json"), Body: body})
}

func redirect(to string) func(speaker) sandbox.Fault {
	// 307 and not 302: it would take a request's body along, and a token with it.
	return as(sandbox.Fault{Status: http.StatusTemporaryRedirect, Header: withHeader("text/html", "Location", to)})
}

func as(f sandbox.Fault) func(speaker) sandbox.Fault {
	return func(speaker) sandbox.Fault { return f }
}

// faults lists every way to misbehave. downgrade is the speaker's own address over http.
func faults() []fault {
	reset := fmt.Sprint(time.Now().Add(time.Hour).Unix())

	return []fault{
		{name: "500", answer: inJSON(http.StatusInternalServerError, "Internal Server Error")},
		{name: "502, a page", answer: inHTML(http.StatusBadGateway)},
		{name: "503", answer: inHTML(http.StatusServiceUnavailable)},
		{name: "503, Retry-After", answer: inHTML(http.StatusServiceUnavailable, "Retry-After", "2")},
		{name: "504", answer: inHTML(http.StatusGatewayTimeout)},
		{name: "maintenance", answer: maintenance},
		{name: "429", answer: inJSON(http.StatusTooManyRequests, "Too Many Requests")},
		{name: "429, Retry-After", answer: inJSON(http.StatusTooManyRequests, "Too Many Requests", "Retry-After", "2")},
		{name: "429, reset in an hour", answer: inJSON(http.StatusTooManyRequests, "Too Many Requests",
			"X-RateLimit-Remaining", "0", "X-RateLimit-Reset", reset, "RateLimit-Remaining", "0", "RateLimit-Reset", reset)},
		{name: "secondary rate limit", answer: secondaryLimit},
		{name: "login lock-out", answer: lockOut},
		{name: "IP allow list", answer: allowList},
		{name: "401 of a proxy", answer: inHTML(http.StatusUnauthorized)},
		{name: "403 of a proxy", answer: inHTML(http.StatusForbidden)},
		{name: "404, a page", answer: inHTML(http.StatusNotFound)},
		{name: "connection refused", mode: "refuse"},
		{name: "reset amid the body", mode: "reset"},
		{name: "cut amid the body", mode: "truncate"},
		{name: "hangs", mode: "hang", slow: true, pause: 12 * time.Second, inMutations: 500 * time.Millisecond},
		{name: "drips", mode: "drip", slow: true, pause: 250 * time.Millisecond, inMutations: 10 * time.Millisecond},
		{name: "half of a JSON", answer: verbatim(`{"login":"ci-bot","values":[{"data":{"runtimes":{"edg`)},
		{name: "JSON list", answer: verbatim(`[1,"two",null]`)},
		{name: "JSON of wrong types", answer: verbatim(
			`{"login":42,"username":{},"scopes":7,"active":"yes","values":"none","user":[],"data":[],"errors":3}`)},
		{name: "empty body", answer: verbatim("")},
		{name: "200, a login page", answer: inHTML(http.StatusOK)},
		{name: "10 GiB", disguise: flood},
		{name: "redirect to another host", answer: redirect("https://" + elsewhere + "/login")},
		{name: "redirect to http", answer: redirect("http://" + elsewhere + "/")},
		{name: "redirect in a loop", answer: redirect("?again=1")},
		{name: "unknown TLS issuer", disguise: stranger},
		{name: "expired certificate", disguise: expired},
		{name: "API key refused", graphQL: true, answer: keyRefused},
		{name: "GraphQL errors with data", graphQL: true, answer: verbatim(
			`{"data":{"runtimes":{"edges":[],"pageInfo":{"hasNextPage":false}},"gitIntegrations":[]},` +
				`"errors":[{"message":"cannot read properties of undefined","path":["me"]}]}`)},
		{name: "GraphQL error: rate limit", graphQL: true, answer: verbatim(
			`{"data":null,"errors":[{"message":"API rate limit exceeded"}]}`)},
		{name: "GraphQL null", graphQL: true, answer: verbatim(`{"data":null}`)},
		{name: "GraphQL null fields", graphQL: true, answer: verbatim(
			`{"data":{"runtimes":null,"me":null,"gitIntegrations":null,"registerToGitIntegration":null}}`)},
	}
}

func maintenance(s speaker) sandbox.Fault {
	if s == speakerGitLab {
		return inJSON(http.StatusForbidden, "You cannot perform write operations on a read-only instance")(s)
	}

	return inHTML(http.StatusServiceUnavailable, "Retry-After", "3600")(s)
}

func secondaryLimit(s speaker) sandbox.Fault {
	switch s {
	case speakerGitHub:
		return inJSON(http.StatusForbidden, "You have exceeded a secondary rate limit. Please wait a few minutes before you "+
			"try again.", "Retry-After", "60")(s)
	case speakerGitLab:
		return sandbox.Fault{
			Status: http.StatusTooManyRequests, Header: withHeader("text/plain", "Retry-After", "60"),
			Body: "Retry later\n",
		}
	default:
		return inJSON(http.StatusTooManyRequests, "Rate limit for this resource has been exceeded", "Retry-After", "60")(s)
	}
}

func lockOut(s speaker) sandbox.Fault {
	switch s {
	case speakerGitHub:
		return inJSON(http.StatusForbidden, "Maximum number of login attempts exceeded. Please try again later.")(s)
	case speakerGitLab:
		return sandbox.Fault{Status: http.StatusForbidden, Header: withHeader("text/plain"), Body: "Forbidden\n"}
	case speakerBitbucketServer:
		return inJSON(http.StatusUnauthorized,
			"CAPTCHA required. Your Bitbucket account has been marked as requiring a CAPTCHA.",
			"X-Authentication-Denied-Reason", "CAPTCHA_CHALLENGE; login-url=https://bitbucket-server.example.com/login")(s)
	default:
		return inJSON(http.StatusForbidden, "Too many failed login attempts")(s)
	}
}

func keyRefused(speaker) sandbox.Fault {
	return sandbox.Fault{
		Status: http.StatusUnauthorized, Header: withHeader("application/json"),
		Body: `{"status":401,"code":"2401","name":"UNAUTHORIZED_ERROR","message":"Unauthorized","context":{}}`,
	}
}

func allowList(s speaker) sandbox.Fault {
	message := map[speaker]string{
		speakerGitHub: "Although you appear to have the correct authorization credentials, the `acme` organization has an " +
			"IP allow list enabled, and your IP address is not permitted to access this resource.",
		speakerGitLab:    "403 Forbidden",
		speakerBitbucket: "To access this repository, an admin must whitelist your IP.",
		speakerCodefresh: "Your IP address is not allowed",
	}

	return inJSON(http.StatusForbidden, cmp.Or(message[s], "Access from this address is forbidden"))(s)
}
