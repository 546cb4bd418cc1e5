package github

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// answer is one of GitHub's, or of what stands before it.
type answer struct {
	rest.Answer

	message string // of an error document, as it came
	own     bool   // the document is GitHub's own
}

func failed(err error) answer { return answer{Answer: rest.Failed(err)} }

// ask sends one request. The library's typed services are not used: they take any success for an answer, and the first
// document of several.
func ask(ctx context.Context, client *github.Client, method, path string, body any) answer {
	req, err := client.NewRequest(method, path, body)
	if err != nil {
		return failed(err)
	}

	resp, err := client.BareDo(ctx, req)
	if err == nil {
		defer func() { _ = resp.Body.Close() }() // the body is in memory already
	}

	return newAnswer(resp, err)
}

// document reads the answer into a struct, and reports whether it is the document that was asked for.
func (a answer) document(into any) bool {
	return a.Status == http.StatusOK && a.IsJSON() && json.Unmarshal(a.Body, into) == nil
}

// newAnswer reads a response with its error. go-github's errors are not looked at where there is a response: they take
// any 403 with no requests left for a rate limit, and no 429 at all.
func newAnswer(resp *github.Response, err error) answer {
	if resp == nil || resp.Response == nil {
		return failed(err)
	}

	// go-github puts the body of an error back.
	body, err := io.ReadAll(resp.Body)
	if err != nil {
		body = nil
	}

	a := answer{Answer: rest.Answer{Status: resp.StatusCode, Header: resp.Header, Body: body}}

	var document struct {
		Message          string `json:"message"`
		DocumentationURL string `json:"documentation_url"`
	}

	if a.IsJSON() && json.Unmarshal(body, &document) == nil {
		a.message = document.Message
		a.own = document.Message != "" && (a.marked() || isDocumentation(document.DocumentationURL))
	}

	return a
}

// marked reports whether the answer carries one of the headers that GitHub alone sends, and with every answer.
func (a answer) marked() bool {
	return a.Header.Get("X-GitHub-Request-Id") != "" || a.Header.Get("X-GitHub-Media-Type") != ""
}

// isAccount reports whether a record with a number and a login is one of GitHub's, by its type or by the headers that
// come with it: others have users with both, too.
func (a answer) isAccount(kind string) bool {
	return kind == "User" || kind == "Bot" || kind == "Organization" || a.marked() ||
		a.Header.Values("X-OAuth-Scopes") != nil
}

// isDocumentation reports whether address is one of GitHub's own pages, to which its error documents point. A message
// alone is no sign of GitHub: "Bad credentials" is what many a framework says.
func isDocumentation(address string) bool {
	u, err := url.Parse(address)

	return err == nil && (u.Hostname() == "github.com" || strings.HasSuffix(u.Hostname(), ".github.com"))
}

// Messages of GitHub that mean one thing each. GitHub tells these cases apart by text only.
const (
	// GitHub docs, Troubleshooting the REST API.
	byToken       = "Resource not accessible by personal access token"
	byIntegration = "Resource not accessible by integration"
	noCommits     = "Git Repository is empty." // GitHub docs, List commits, 409
	// What GitHub, and an Enterprise Server in private mode, say to whom sends no token.
	noCredentials = "Requires authentication"
	privateMode   = "Must authenticate to access this API."
	notSignedIn   = "This endpoint requires you to be authenticated."
)

// refusals are parts of the messages with which GitHub answers 403, each with what it means. Sources: GitHub docs,
// Troubleshooting the REST API, Authenticating to the REST API and Rate limits for the REST API; octokit.rb,
// lib/octokit/error.rb; the texts of the IP allow list and of token policies from public reports of users.
func refusals() []struct {
	text string
	rest.Hurdle
} {
	return []struct {
		text string
		rest.Hurdle
	}{
		{"organization SAML enforcement", rest.Blocked(gittoken.CauseSSO)},
		{"IP allow list enabled", rest.Unchecked(gittoken.CauseIPAllowList)},
		{"Maximum number of login attempts exceeded", rest.Unchecked(gittoken.CauseLoginLockout)},
		{"account was suspended", rest.Blocked(gittoken.CauseAccountBlocked)},
		{"account is suspended", rest.Blocked(gittoken.CauseAccountBlocked)},
		{"installation has been suspended", rest.Blocked(gittoken.CauseAccountBlocked)},
		{"forbids access via a personal access token (classic)", rest.Blocked(gittoken.CauseFineGrainedOnly)},
		{"forbids access via", rest.Blocked(gittoken.CausePolicy)},
		{"rate limit exceeded", rest.Unchecked(gittoken.CauseRateLimited)},
		{"secondary rate limit", rest.Unchecked(gittoken.CauseRateLimited)},
		{"abuse detection mechanism", rest.Unchecked(gittoken.CauseRateLimited)},
	}
}

// rejects reports whether the message of a 401 is about the token that came, and not about something that did not:
// GitHub docs, Troubleshooting the REST API; of tokens that are JSON web tokens, Troubleshooting authentication as a
// GitHub App; octokit.rb, lib/octokit/error.rb, for the one-time password.
func (a answer) rejects() bool {
	return strings.HasPrefix(a.message, "Bad credentials") || strings.Contains(a.message, "JSON web token") ||
		strings.Contains(a.message, "two-factor authentication OTP")
}

// notAccessible reports whether GitHub knows the token and refuses it this one thing.
func (a answer) notAccessible() bool {
	return a.Status == http.StatusForbidden && a.own && (a.message == byToken || a.message == byIntegration)
}

// wantsSSO reports whether GitHub asks for a single sign-on, by its header: the message beside it may be that of any
// refusal, and the status that of what is not there.
func (a answer) wantsSSO() bool {
	return (a.Status == http.StatusForbidden || a.Status == http.StatusNotFound) &&
		strings.HasPrefix(a.Header.Get("X-GitHub-SSO"), "required")
}

// hurdle returns what an answer that is not the one asked for says of the token.
func (a answer) hurdle() rest.Hurdle {
	if a.Cause != "" {
		return rest.Unchecked(a.Cause)
	}

	switch {
	case a.Status >= http.StatusInternalServerError:
		return rest.Unchecked(gittoken.CauseServerError)
	case a.Status == http.StatusTooManyRequests:
		return rest.Unchecked(gittoken.CauseRateLimited)
	case a.Status == http.StatusUnauthorized &&
		(a.message == noCredentials || a.message == privateMode || a.message == notSignedIn):
		return rest.Unchecked(gittoken.CauseTokenLost)
	case a.Status == http.StatusUnauthorized && a.own && a.rejects():
		return rest.Hurdle{Standing: gittoken.Rejected}
	case a.wantsSSO():
		return rest.Blocked(gittoken.CauseSSO)
	case a.Status == http.StatusForbidden:
		return a.forbidden()
	}

	return rest.Unchecked(gittoken.CauseNotUnderstood)
}

func (a answer) forbidden() rest.Hurdle {
	for _, r := range refusals() {
		if !strings.Contains(strings.ToLower(a.message), strings.ToLower(r.text)) {
			continue
		}

		// An allow list, too, is held against a token where Codefresh uses it.
		if (r.Standing != gittoken.Unchecked || r.Cause == gittoken.CauseIPAllowList) && !a.own {
			return rest.Unchecked(gittoken.CauseNotUnderstood)
		}

		return r.Hurdle
	}

	switch {
	case a.notAccessible():
		return rest.Unchecked(gittoken.CauseNotPermitted)
	case strings.TrimSpace(a.Header.Get("X-RateLimit-Remaining")) == "0", a.own && a.Header.Get("Retry-After") != "":
		// GitHub docs, Rate limits for the REST API: a secondary limit may show in Retry-After alone.
		return rest.Unchecked(gittoken.CauseRateLimited)
	case a.own:
		return rest.Unchecked(gittoken.CauseNotPermitted)
	}

	return rest.Unchecked(gittoken.CauseNotUnderstood)
}

// verdict returns what the answer says of the token, to GET /user or its like. Web is where the host's people sign in.
func (a answer) verdict(now time.Time, web string) gittoken.Verdict {
	h := a.hurdle()
	v := gittoken.Verdict{Standing: h.Standing, Cause: h.Cause, Detail: a.detail(), HelpURL: a.help(web)}

	switch h.Cause {
	case gittoken.CauseRateLimited, gittoken.CauseLoginLockout, gittoken.CauseServerError:
		v.RetryAt = transport.RetryAt(a.Header, now)
	case gittoken.CauseNotPermitted:
		// Every working token may ask this, so a refusal that is none of the known ones is not understood.
		v.Cause = gittoken.CauseNotUnderstood
	}

	return v
}

// help returns the page of the site at web where what refuses a token can be mended; empty if there is none.
func (a answer) help(web string) string {
	switch a.hurdle().Cause {
	case gittoken.CauseSSO:
		return parseSSO(a.Header.Get("X-GitHub-SSO"), web)
	case gittoken.CausePolicy:
		return pageIn(a.message, web)
	case gittoken.CauseIPAllowList:
		// GitHub docs, Managing allowed IP addresses for your organization. An enterprise's list is kept elsewhere.
		organization := quotedIn(a.message)
		if organization != "" && strings.Contains(a.message, "`"+organization+"` organization") {
			return web + "/organizations/" + organization + "/settings/security"
		}
	}

	return ""
}

// detail returns the host's own words, or what stands in for them.
func (a answer) detail() string {
	if a.message != "" {
		return transport.Printable(a.message)
	}

	return a.Explain("")
}
