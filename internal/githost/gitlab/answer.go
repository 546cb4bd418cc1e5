package gitlab

import (
	"encoding/json"
	"net/http"
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
	Message     string
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

	return hostError{Code: text("error"), Description: text("error_description"), Message: text("message")}
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

// The codes of GitLab's guard.
const (
	codeInvalidToken      = "invalid_token"
	codeProof             = "dpop_error"
	codeScope             = "insufficient_scope"
	codeGranularScope     = "insufficient_granular_scope"
	textUnauthorized      = "401 Unauthorized"
	textPersonalOnly      = "requires token type to be a personal access token"
	textReadOnly          = "read-only instance"
	textBannedAddress     = "Forbidden" // by rack-attack and by GitLab.com's edge, as plain text
	textExpired           = "Token is expired"
	textRevoked           = "Token was revoked"
	textImpersonationOnly = "impersonation was disabled"
)

// meaning is what an answer that is not the one asked for says of a token.
type meaning struct {
	standing gittoken.Standing
	cause    gittoken.Cause
}

func (a answer) meaning() meaning {
	if a.Cause != "" {
		return meaning{cause: a.Cause}
	}

	switch {
	case a.Status >= http.StatusInternalServerError:
		return meaning{cause: gittoken.CauseServerError}
	case a.Status == http.StatusTooManyRequests:
		return meaning{cause: gittoken.CauseRateLimited}
	case a.Status == http.StatusUnauthorized:
		return a.unauthorized()
	case a.Status == http.StatusForbidden:
		return a.forbidden()
	}

	return meaning{cause: gittoken.CauseNotUnderstood}
}

// unauthorized tells GitLab's 401s apart, which is possible by their texts only.
func (a answer) unauthorized() meaning {
	e := a.refusal()

	switch {
	case e.Code == codeInvalidToken && strings.Contains(e.Description, textExpired):
		return meaning{standing: gittoken.Expired}
	case e.Code == codeInvalidToken && strings.Contains(e.Description, textRevoked):
		return meaning{standing: gittoken.Revoked}
	case e.Code == codeInvalidToken && strings.Contains(e.Description, textImpersonationOnly), e.Code == codeProof:
		return meaning{gittoken.Blocked, gittoken.CausePolicy}
	case e.Code == codeInvalidToken, strings.HasPrefix(e.Message, textUnauthorized):
		return meaning{standing: gittoken.Rejected}
	}

	return meaning{cause: gittoken.CauseNotUnderstood} // a proxy's
}

func (a answer) forbidden() meaning {
	e := a.refusal()

	switch {
	case e.Code == codeScope, e.Code == codeGranularScope:
		return meaning{gittoken.Live, gittoken.CauseNotPermitted}
	case strings.Contains(e.text(), textReadOnly):
		return meaning{cause: gittoken.CauseServerError}
	case isAccountBlocked(e.Message):
		return meaning{gittoken.Blocked, gittoken.CauseAccountBlocked}
	case a.MediaType() == "text/plain" && strings.TrimSpace(string(a.Body)) == textBannedAddress:
		return meaning{cause: gittoken.CauseLoginLockout}
	case strings.HasPrefix(e.Message, "403 Forbidden"):
		return meaning{cause: gittoken.CauseNotPermitted}
	}

	return meaning{cause: gittoken.CauseNotUnderstood}
}

// isAccountBlocked recognises the reasons that GitLab gives for shutting out an account (lib/gitlab/auth/
// user_access_denied_reason.rb), which follow "403 Forbidden - ".
func isAccountBlocked(message string) bool {
	reason, found := strings.CutPrefix(message, "403 Forbidden - ")
	if !found {
		return false
	}

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
	m := a.meaning()
	v := gittoken.Verdict{Standing: m.standing, Cause: m.cause, Detail: a.detail()}

	switch m.cause {
	case gittoken.CauseRateLimited, gittoken.CauseServerError, gittoken.CauseLoginLockout:
		v.RetryAt = transport.RetryAt(a.Header, now)
	case gittoken.CauseNotPermitted:
		v.Cause = gittoken.CauseNotUnderstood // any token may ask about itself
	}

	return v
}
