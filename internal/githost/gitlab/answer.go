package gitlab

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// answer is one of GitLab's.
type answer struct{ rest.Answer }

func failed(err error) answer { return answer{rest.Failed(err)} }

// ok reports whether the answer is a document.
func (a answer) ok() bool { return a.Status == http.StatusOK && a.IsJSON() }

// detail returns the host's own words, or what stands in for them.
func (a answer) detail() string {
	if text := transport.Printable(a.refusal().text()); text != "" {
		return text
	}

	return a.Explain("")
}

// hostError is the document with which GitLab refuses: "message" by the API itself, the others by the guard before it
// (GitLab, lib/api/api_guard.rb and lib/api/helpers.rb).
type hostError struct {
	Code        string // error
	Description string // error_description
	Scope       string // the scopes of which one would do, separated by spaces
	Message     string
	// foreign says that the document has what no refusal of GitLab's has beside these: GitLab's words in another's.
	foreign bool
}

// parseError reads a body; what is not of the expected form is empty. GitLab's "message" may also be a list or an
// object, which no refusal of a token is.
func parseError(body []byte) hostError {
	var fields map[string]json.RawMessage
	if err := json.Unmarshal(body, &fields); err != nil {
		return hostError{}
	}

	text := func(name string) string {
		var s string
		if err := json.Unmarshal(fields[name], &s); err != nil {
			return ""
		}

		return s
	}

	known := []string{"message"}
	if _, alone := fields["message"]; !alone {
		known = []string{"error", "error_description", "error_uri", "scope"}
	}

	e := hostError{
		Code: text("error"), Description: text("error_description"), Scope: text("scope"), Message: text("message"),
	}

	for name := range fields {
		e.foreign = e.foreign || !slices.Contains(known, name)
	}

	return e
}

// text returns the most telling of what GitLab said.
func (e hostError) text() string {
	for _, text := range []string{e.Description, e.Message, e.Code} {
		if text != "" {
			return text
		}
	}

	return ""
}

// refusal returns the error document of an answer; empty if it has none.
func (a answer) refusal() hostError {
	if a.Status < http.StatusBadRequest || !a.IsJSON() {
		return hostError{}
	}

	return parseError(a.Body)
}

// What GitLab says, in whole sentences where the code or the beginning is what others say, too: its guard's codes are
// mostly those of OAuth 2.0 (RFC 6750), and "Token is expired" is what a common library says.
const (
	codeInvalidToken  = "invalid_token"
	codeProof         = "dpop_error"
	codeScope         = "insufficient_scope"
	codeGranularScope = "insufficient_granular_scope"

	textExpired           = "Token is expired. You can either do re-authorization or token refresh."
	textRevoked           = "Token was revoked. You have to re-authorize from the user."
	textImpersonationOnly = "Token is an impersonation token but impersonation was disabled."
	textUnauthorized      = "401 Unauthorized"
	textNoProject         = "404 Project Not Found"
	textPersonalOnly      = "requires token type to be a personal access token"
	textReadOnly          = "read-only instance"
	// With which Rack::Attack shuts out an address, in plain text and whatever is asked (GitLab docs, Abuse and failed
	// authentication bans), and many a firewall, too.
	textBannedAddress = "Forbidden"
	// How the message begins, and what it speaks of, that a fine-grained token gets without a permission, and a classic
	// one where a group enforces fine-grained ones (GitLab, Authz::Tokens::AuthorizeGranularScopesService).
	textGranular   = "Access denied: "
	textGranularOf = "personal access token"
)

// hurdle returns what an answer that is not the one asked for says of the token.
func (a answer) hurdle() rest.Hurdle {
	if a.Cause != "" {
		return rest.Unchecked(a.Cause)
	}

	switch a.Status {
	case http.StatusUnauthorized:
		return a.unauthorized()
	case http.StatusForbidden:
		return a.forbidden()
	}

	cause, _ := a.Failure("")

	return rest.Unchecked(cause)
}

// unauthorized tells GitLab's 401s apart, which is possible by their texts only.
func (a answer) unauthorized() rest.Hurdle {
	e := a.refusal()

	switch {
	case e.foreign:
	case e.Code == codeInvalidToken && e.Description == textExpired:
		return rest.Hurdle{Standing: gittoken.Expired}
	case e.Code == codeInvalidToken && e.Description == textRevoked:
		return rest.Hurdle{Standing: gittoken.Revoked}
	case e.Code == codeInvalidToken && e.Description == textImpersonationOnly, e.Code == codeProof:
		return rest.Blocked(gittoken.CausePolicy)
	case e.isUnauthorized():
		return rest.Hurdle{Standing: gittoken.Rejected}
	}

	return rest.Unchecked(gittoken.CauseNotUnderstood) // a proxy's
}

func (a answer) forbidden() rest.Hurdle {
	e := a.refusal()

	switch {
	case e.lacksScope(), e.lacksPermission():
		return rest.Hurdle{Standing: gittoken.Live, Cause: gittoken.CauseNotPermitted}
	case strings.Contains(e.text(), textReadOnly):
		return rest.Unchecked(gittoken.CauseServerError)
	case !e.foreign && isAccountBlocked(e.Message):
		return rest.Blocked(gittoken.CauseAccountBlocked)
	case a.MediaType() == "text/plain" && strings.TrimSpace(string(a.Body)) == textBannedAddress:
		return rest.Unchecked(gittoken.CauseAddressBanned)
	case strings.HasPrefix(e.Message, "403 Forbidden"):
		return rest.Unchecked(gittoken.CauseNotPermitted)
	}

	return rest.Unchecked(gittoken.CauseNotUnderstood)
}

// lacksScope reports whether GitLab knows the token and misses a scope: it names those that would do. For everything
// that is asked here api is one of them, which is what others call a scope, too, and read_api another.
func (e hostError) lacksScope() bool {
	would := strings.Fields(e.Scope)

	return e.Code == codeScope && !e.foreign && slices.Contains(would, "api") && slices.Contains(would, "read_api")
}

// lacksPermission reports whether GitLab knows the token and misses a permission of fine-grained ones.
func (e hostError) lacksPermission() bool {
	return e.Code == codeGranularScope && !e.foreign && strings.HasPrefix(e.Description, textGranular)
}

// notFound reports whether GitLab says that there is no such thing, for this token at least.
func (a answer) notFound() bool {
	e := a.refusal()

	return a.Status == http.StatusNotFound && !e.foreign && (isNotFound(e.Message) || isNotFound(e.Code))
}

// noProject reports whether GitLab says that there is no such project, for this token at least.
func (a answer) noProject() bool { return a.notFound() && a.refusal().Message == textNoProject }

// isNotFound recognises how GitLab says so of anything: "404 Not Found", "404 Not found", "404 Project Not Found".
func isNotFound(text string) bool {
	ends := strings.HasSuffix(text, " Not Found") || strings.HasSuffix(text, " Not found")

	return ends && strings.HasPrefix(text, "404 ")
}

// isUnauthorized recognises GitLab's plain refusal, after which it may give a reason.
func (e hostError) isUnauthorized() bool {
	return e.Message == textUnauthorized || strings.HasPrefix(e.Message, textUnauthorized+" - ")
}

// isAccountBlocked recognises the reasons that GitLab gives for shutting out an account (lib/gitlab/auth/
// user_access_denied_reason.rb), which follow "403 Forbidden - ", in older versions with one more space in it.
func isAccountBlocked(message string) bool {
	reason, found := strings.CutPrefix(strings.Join(strings.Fields(message), " "), "403 Forbidden - ")

	return found && shutsOut(reason)
}

// shutsOut recognises those reasons alone, as Git is told them.
func shutsOut(reason string) bool {
	for _, text := range []string{
		"Your account ", "must accept the Terms of Service", "email address is not confirmed", "Your password expired",
	} {
		if strings.Contains(reason, text) {
			return true
		}
	}

	return false
}

// verdict returns what an answer that is not the one asked for says of the token.
func (a answer) verdict(now time.Time) gittoken.Verdict {
	h := a.hurdle()
	v := gittoken.Verdict{Standing: h.Standing, Cause: h.Cause, Detail: a.detail()}

	switch h.Cause {
	case gittoken.CauseRateLimited, gittoken.CauseServerError, gittoken.CauseAddressBanned:
		v.RetryAt = transport.RetryAt(a.Header, now)
	case gittoken.CauseNotPermitted:
		v.Cause = gittoken.CauseNotUnderstood // any token may ask about itself
	}

	return v
}
