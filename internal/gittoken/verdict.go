package gittoken

import "time"

// Credential is a token with what is needed to ask its host about it.
type Credential struct {
	Host Host
	// Username goes with tokens that are sent by HTTP Basic authentication: on Bitbucket Cloud, the account's e-mail
	// address for API tokens and the user name for app passwords. Empty otherwise.
	Username string
	Token    Secret
}

// Standing is what a host's answer proves about a token.
type Standing string

// The standings. Unchecked is the zero value: without proof, nothing is known.
const (
	Unchecked Standing = ""         // no answer that proves anything
	Live      Standing = "live"     // the host accepts the token
	Expired   Standing = "expired"  // the host says that it expired
	Revoked   Standing = "revoked"  // the host says that it was revoked
	Rejected  Standing = "rejected" // the host does not accept it and does not say why
	Blocked   Standing = "blocked"  // the host knows the token and refuses its use
)

// Cause says why a token is blocked or could not be checked.
type Cause string

// Causes of Blocked.
const (
	CauseSSO            Cause = "sso_not_authorised" // an organisation's SAML single sign-on was not authorised for it
	CauseAccountBlocked Cause = "account_blocked"    // its owner is suspended, blocked or not yet confirmed
	CausePolicy         Cause = "policy"             // tokens of this kind or lifetime are forbidden
	// CauseFineGrainedOnly says that an organisation, a group or the host takes no tokens but fine-grained ones, which
	// Requirement.FineGrained describes.
	CauseFineGrainedOnly Cause = "fine_grained_only"
)

// Causes of Denied, beside those of Blocked.
const (
	CauseHidden     Cause = "not_visible"  // the host shows no such repository to the token, or there is none
	CauseRole       Cause = "role_too_low" // the token's account may do less at the repository
	CauseNotGranted Cause = "not_granted"  // the token itself may do less than its account
)

// Causes of Unchecked and Undetermined.
const (
	CauseSkipped       Cause = "skipped"          // the user asked for no check
	CauseTokenUnknown  Cause = "token_unknown"    // the token is not known before apply
	CauseHostUnknown   Cause = "host_unknown"     // which host to ask is not known before apply
	CauseTokenWithheld Cause = "token_withheld"   // Codefresh holds another token than the one at hand
	CauseTokenIgnored  Cause = "token_ignored"    // the configuration says to ignore the token at hand
	CauseTimeout       Cause = "timeout"          // no answer in time
	CauseNetwork       Cause = "network"          // name resolution, connection refused or reset
	CauseProxy         Cause = "proxy"            // the HTTP proxy on the way refused, or could not be reached
	CauseTLS           Cause = "tls"              // certificate not trusted, expired or for another name
	CauseScheme        Cause = "scheme"           // https:// where no TLS is spoken, or http:// where it is
	CauseClientCert    Cause = "client_cert"      // the server wants a certificate of its client, which none here has
	CauseRedirect      Cause = "redirect"         // the answer points elsewhere; tokens are not sent there
	CauseInsecure      Cause = "insecure"         // the address is http:// and not loopback
	CauseRateLimited   Cause = "rate_limited"     // too many requests
	CauseLoginLockout  Cause = "login_lockout"    // too many failed logins of this account
	CauseAddressBanned Cause = "address_banned"   // the host, or what stands before it, shuts out this machine's address
	CauseIPAllowList   Cause = "ip_allow_list"    // this machine's address is not allowed
	CauseServerError   Cause = "server_error"     // 5xx, maintenance included
	CauseTooLarge      Cause = "too_large"        // the answer is larger than any real one
	CauseNotUnderstood Cause = "not_understood"   // HTML, another JSON, an unexpected status
	CauseNotPermitted  Cause = "not_permitted"    // the token may not ask this, which says nothing of the rest
	CauseTokenLost     Cause = "token_lost"       // the host says that no token came: something on the way removed it
	CauseOtherHost     Cause = "other_host"       // the repository is not on the token's host, so that nothing was asked
	CauseReadOnly      Cause = "read_only"        // nobody can write to the repository at present
	CauseNotReadOnly   Cause = "needs_write_verb" // only a probe with a write verb could tell, and none was allowed
	CausePublic        Cause = "public"           // anybody may do this, so that the token may proves nothing
)

// unanswered reports whether a question got no answer that it could be settled by: asked again, it may be.
func (c Cause) unanswered() bool {
	switch c {
	case CauseTimeout, CauseNetwork, CauseProxy, CauseTLS, CauseScheme, CauseClientCert, CauseRedirect, CauseInsecure,
		CauseRateLimited, CauseLoginLockout, CauseAddressBanned, CauseIPAllowList, CauseServerError, CauseTooLarge,
		CauseNotUnderstood, CauseNotPermitted, CauseTokenLost:
		return true
	}

	return false
}

// Verdict is what a Git host says of a token, before anybody asks what the token is for.
type Verdict struct {
	Standing Standing
	Cause    Cause
	// Detail is the host's own explanation, or that of the network, in plain text and safe to print: one line, no
	// control characters, no part of a token.
	Detail string
	// HelpURL is a page of the host that lifts the block, such as the one that authorises a token for single sign-on.
	HelpURL string
	// RequestID is the host's own name of the request that settled or failed the check, by which its operators find it.
	// It differs with every request: it is for messages, and not for what is stored. Empty if the host gives none.
	RequestID string
	// RetryAt is when a rate limit ends. Zero if unknown.
	RetryAt time.Time

	Kind Kind
	// Owner is the account that the token acts as, as the host spells it. Empty if the host does not tell.
	Owner string
	// Scopes is what the host says the token holds, in the host's spelling and without what they imply. Meaningful only
	// with ScopesKnown; then nil means none at all.
	Scopes      []Scope
	ScopesKnown bool
	// Unsettled lists the scopes that the host's answers neither prove nor refute, beyond Scopes. Meaningful only with
	// ScopesKnown: every other scope that Scopes does not imply is then proved to be lacking.
	Unsettled []Scope
	// Grant is what a granular token of GitLab may do. Nil if the host does not tell. Scopes, ScopesKnown and Unsettled
	// are then left to Judge, which draws them from the grant.
	Grant *Grant
	// ExpiresAt is when the token ceases to work, in UTC. Zero if the host does not tell or the token does not expire.
	ExpiresAt time.Time
}

// Probe is one question about what a token may do with one repository. Exactly one of Access and Permission is set:
// Access for tokens whose host tells their scopes, Permission for those whose permissions can only be tried.
type Probe struct {
	Repository string // its web or clone address
	Access     Access
	Permission Scope
	// Source says why the repository matters. Hosts are asked without it.
	Source Source
}

// Question returns p as a host is asked it: without what is nothing to the host.
func (p Probe) Question() Probe {
	p.Source = SourceConfiguration

	return p
}

// Outcome is the answer to a Probe.
type Outcome string

// The outcomes. Undetermined is the zero value: without proof, nothing is known.
const (
	Undetermined Outcome = ""
	Proven       Outcome = "proven"
	Denied       Outcome = "denied"
)

// ProbeResult is a Probe with its answer.
type ProbeResult struct {
	Probe   Probe
	Outcome Outcome
	Cause   Cause  // why it is Undetermined or Denied; empty for Proven
	Detail  string // as in Verdict
	HelpURL string // as in Verdict
	// RequestID is as in Verdict.
	RequestID string
	// Place is the repository as a Grant sees it. Nil if that is not known or there are no grants.
	Place *GrantPlace
	// Public says that anybody may read the repository: a token that was not chosen for it sees it all the same.
	Public bool
}

// ProbeProven is the result of an answer that grants what was asked. Of adds the question.
func ProbeProven() ProbeResult { return ProbeResult{Outcome: Proven} }

// ProbeDenied is the result of an answer that refuses what was asked.
func ProbeDenied(cause Cause, detail string) ProbeResult {
	return ProbeResult{Outcome: Denied, Cause: cause, Detail: detail}
}

// ProbeBlocked is the result of a refusal that has a cause of Blocked. helpURL lifts it; it may be empty.
func ProbeBlocked(cause Cause, detail, helpURL string) ProbeResult {
	return ProbeResult{Outcome: Denied, Cause: cause, Detail: detail, HelpURL: helpURL}
}

// ProbeUndetermined is the result of an answer, or of the lack of one, that settles nothing.
func ProbeUndetermined(cause Cause, detail string) ProbeResult {
	return ProbeResult{Cause: cause, Detail: detail}
}

// Of returns r as the answer to p.
func (r ProbeResult) Of(p Probe) ProbeResult {
	r.Probe = p

	return r
}
