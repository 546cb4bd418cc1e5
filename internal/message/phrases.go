package message

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// This file has the phrases from which messages about tokens are made.

// reasonFor words a cause as a clause; detail is the host's own explanation, if any.
func reasonFor(c gittoken.Cause, detail string) string {
	detail = strings.TrimSuffix(detail, ".")

	clause := map[gittoken.Cause]string{
		gittoken.CauseTimeout:       "no answer came in time",
		gittoken.CauseNetwork:       "no connection could be made",
		gittoken.CauseProxy:         "a proxy on the way did not let the question through",
		gittoken.CauseTLS:           "its certificate is not trusted",
		gittoken.CauseScheme:        "http:// and https:// are mixed up in its address",
		gittoken.CauseClientCert:    "it wants a client certificate",
		gittoken.CauseRedirect:      "it answered with a redirect, and credentials are not sent elsewhere",
		gittoken.CauseInsecure:      "its address is http://, where credentials could be read on the way",
		gittoken.CauseRateLimited:   "it is rate limiting",
		gittoken.CauseLoginLockout:  "it locked logins after too many failures",
		gittoken.CauseAddressBanned: "it, or something before it, shuts out this machine's address",
		gittoken.CauseIPAllowList:   "its IP allow list keeps this machine out",
		gittoken.CauseServerError:   "it is in trouble or under maintenance",
		gittoken.CauseTooLarge:      "its answer is larger than any real one",
		gittoken.CauseNotUnderstood: "its answer could not be understood",
		gittoken.CauseNotPermitted:  "the token may not ask for that",
		gittoken.CauseTokenLost:     "it answers as if no token had been sent",
		gittoken.CauseOtherHost:     "it is on another host",
		gittoken.CauseReadOnly:      "nobody can write to it at present",
		gittoken.CauseNotReadOnly:   "only a request with a write verb could tell",
		gittoken.CausePublic:        "it is public, so anybody may",
	}[c]
	switch {
	case clause == "" && detail == "":
		return "the reason is not known"
	case clause == "":
		return detail
	case detail == "":
		return clause
	}

	return clause + ": " + detail
}

// advice says what to do about a cause that kept something from being checked.
func advice(c gittoken.Cause) string {
	switch c {
	case gittoken.CauseProxy:
		return "Check the proxy settings in this machine's environment (HTTPS_PROXY and NO_PROXY, for one)."
	case gittoken.CauseScheme:
		return "Check the scheme and the port of its address."
	case gittoken.CauseClientCert:
		return "Use an address of it that asks for no client certificate: this provider has none to show."
	case gittoken.CauseTokenLost:
		return "Something between this machine and the host removes the Authorization header: have it let that through."
	case gittoken.CauseOtherHost:
		return "Name repositories of the token's own host."
	case gittoken.CauseReadOnly:
		return "Name a repository that can be written to."
	case gittoken.CauseTLS:
		return "If its certificate is signed by an authority of your own, set ca_certificate in the provider block."
	case gittoken.CauseRedirect:
		return "Set api_url to the address at which the API itself answers."
	case gittoken.CauseInsecure:
		return "Use https://, or set allow_http = true in the provider block."
	case gittoken.CauseRateLimited:
		return "Try again later."
	case gittoken.CauseLoginLockout:
		return "Sign in to the host once to lift the lock, or wait until it ends."
	case gittoken.CauseAddressBanned:
		return "GitLab does that for a time after too many failed logins from an address: wait until it ends. If it does " +
			"not end, a firewall may stand before the host: have the address let through."
	case gittoken.CauseIPAllowList:
		return "Have this machine's address put on the list, or run Terraform where it is allowed."
	case gittoken.CauseTooLarge, gittoken.CauseNotUnderstood:
		return "Check git_provider and api_url: something else may answer at that address."
	case gittoken.CauseNotPermitted:
		return "Compare its permissions in the host's settings with what is required."
	case gittoken.CauseNotReadOnly:
		return "Set write_probes = true to try the rest with requests that are made so that they change nothing."
	case gittoken.CausePublic:
		return "Name a private repository in the attribute repositories instead."
	default:
		return "Try again once the host answers."
	}
}

// describe names a token by what is known of it: "the classic token of "ci-bot" at https://api.github.com".
func describe(s tokencheck.Request, v gittoken.Verdict) string {
	var b strings.Builder
	b.WriteString("the ")

	switch v.Kind {
	case gittoken.KindUnknown, "":
		b.WriteString("token")
	default:
		b.WriteString(v.Kind.DisplayName())
	}

	switch {
	case v.Owner != "":
		fmt.Fprintf(&b, " of %q", v.Owner)
	case s.LastOwner != "":
		fmt.Fprintf(&b, " of %q", s.LastOwner)
	}

	fmt.Fprintf(&b, " at %s", s.Host)

	if v.Standing == gittoken.Live && !v.ExpiresAt.IsZero() {
		b.WriteString(", which expires on " + day(v.ExpiresAt) + ",")
	}

	return b.String()
}

func kindName(p gittoken.Provider, k gittoken.Kind) string {
	return p.DisplayName() + " " + k.DisplayName()
}

// ExpiryNotice words the warning about a token that works and expires soon, or should have expired by the user's word.
func ExpiryNotice(s tokencheck.Request, v gittoken.Verdict, expiry, now time.Time) Message {
	left := expiry.Sub(now)
	days := int(left.Hours() / 24)

	summary := "Git token expires in less than a day"
	if days > 0 {
		summary = "Git token expires in " + counted(days, "day", "days")
	}

	v.ExpiresAt = time.Time{}

	who, at := capitalised(describe(s, v)), expiry.UTC().Format(time.RFC3339)
	if left <= 0 {
		return Message{"Git token outlived its expires_at_hint", sentence(
			"%s still works, although expires_at_hint says that it expired at %s. Correct expires_at_hint.", who, at)}
	}

	requirement := s.Requirement(v)

	next := "Create " + tokenToMake(requirement, "a new one") + ", put it into the configuration and apply before then"
	if address := requirement.TokenURL(s.Host); address != "" {
		next += ": " + address
	} else {
		next += "."
	}

	return Message{summary, sentence("%s works until %s. %s", who, at, next)}
}

// HostDoubtful words that Codefresh's own client may miss a host that the provider reaches.
func HostDoubtful(h gittoken.Host) Message {
	return Message{"Codefresh may not reach this Git host", sentence("The token was checked at %s. Codefresh's own "+
		"client, as it is published, asks below /api/v3 there, which such a host does not have. Whether Codefresh's service "+
		"does that too is not confirmed. If it refuses the token, have Codefresh's support check the address.", h)}
}

// OwnerDoubtful words that Codefresh's own client may miss the personal project of a token's owner.
func OwnerDoubtful(s tokencheck.Request, v gittoken.Verdict) Message {
	return Message{"Codefresh may not find the owner of the Git token", sentence("%s works. Before Codefresh's own "+
		"validator, as it is published, takes a runtime token, it looks for the personal project of the owner, by the "+
		"owner's name. Addresses of Bitbucket have another form for a name with such characters, so that it may refuse the "+
		"token. Whether Codefresh's service does that too is not confirmed. If it does: %s", capitalised(describe(s, v)),
		uncapitalised(plainlyNamed))}
}

// CheckedReason is StatusReason for a check by itself, whose reader sees no warning: it also tells what a plan of a
// resource warns of.
func CheckedReason(s tokencheck.Request, j gittoken.Judgement) string {
	reason := StatusReason(j)

	if j.Verdict.Standing != gittoken.Live || j.Status.Class() == gittoken.Bad {
		return reason
	}

	if s.Host.IsDoubtful() {
		reason += "; Codefresh's own client asks below /api/v3, which this host does not have, and may not reach it"
	}

	if s.Type == gittoken.Runtime && s.Host.IsDoubtfulOwner(j.Verdict.Owner) {
		reason += "; Codefresh's own validator looks for its owner's personal project by the owner's name, which has " +
			"another form in addresses, and may refuse it"
	}

	return reason
}

// StatusReason words a judgement in one sentence for the state. It says nothing that changes by itself, so that two
// reads of the same facts give the same text.
func StatusReason(j gittoken.Judgement) string {
	switch j.Status {
	case gittoken.StatusValid:
		return "has every required scope" + besides(j)
	case gittoken.StatusUnproven:
		switch {
		case j.Verdict.ScopesKnown && len(j.Unproven) == 0:
			return "has every required scope; access to the named repositories is not proved"
		case j.Verdict.ScopesKnown:
			return "works; its host neither confirms nor rules out: " + scopeList(j.Requirement, j.Unproven)
		}

		return "works; its host does not tell its permissions, and nothing proves: " + scopeList(j.Requirement, j.Unproven)
	case gittoken.StatusUnderScoped:
		switch {
		case j.Requirement.Reason == gittoken.UnfitNoPerson:
			return fmt.Sprintf("a token of a project or repository cannot be a Git %s token", j.Requirement.Type)
		case j.Requirement.Unfit:
			return fmt.Sprintf("a token of kind %s cannot be a Git %s token", j.Verdict.Kind, j.Requirement.Type)
		case len(j.Missing) > 0:
			return "lacks " + scopeList(j.Requirement, j.Missing)
		}

		return "is refused access" + whereRefused(j)
	case gittoken.StatusExpired:
		return "is past its expiry"
	case gittoken.StatusRevoked:
		if j.Verdict.Standing == gittoken.Revoked {
			return "was revoked, as its host says"
		}

		return "was revoked: the host rejects it, and accepted it earlier"
	case gittoken.StatusInvalid:
		return "the host rejects it, and it was never seen working"
	case gittoken.StatusBlocked:
		switch j.Verdict.Cause {
		case gittoken.CauseSSO:
			return "is not authorised for its organisation's single sign-on" + whereRefused(j)
		case gittoken.CauseAccountBlocked:
			return "its owner is blocked"
		case gittoken.CauseFineGrainedOnly:
			return "is refused where only fine-grained tokens are taken" + whereRefused(j)
		case gittoken.CauseIPAllowList:
			return "is kept out by an IP allow list" + whereRefused(j)
		default:
			return "a policy forbids its use" + whereRefused(j)
		}
	case gittoken.StatusUnchecked:
		if j.Verdict.Cause == gittoken.CauseSkipped {
			return "the Git host was not asked"
		}
	}

	return "the Git host could not be asked"
}

// scopeName is how a scope is called where tokens are made: GitLab's permissions have names of several words there.
func scopeName(r gittoken.Requirement, s gittoken.Scope) string {
	if label := r.Vocabulary().Label(s); label != string(s) {
		return strconv.Quote(label)
	}

	return string(s)
}

func scopeList(r gittoken.Requirement, scopes []gittoken.Scope) string {
	return joinScopes(r, scopes, ", ")
}

func scopeAlternatives(r gittoken.Requirement, scopes []gittoken.Scope) string {
	const most = 3 // the rest are broader still, and nobody should be led to them
	if len(scopes) > most {
		scopes = scopes[:most]
	}

	return joinScopes(r, scopes, " or ")
}

func joinScopes(r gittoken.Requirement, scopes []gittoken.Scope, separator string) string {
	words := make([]string, 0, len(scopes))
	for _, scope := range scopes {
		words = append(words, scopeName(r, scope))
	}

	return strings.Join(words, separator)
}

// grouped puts results together that have the same keys, in the order in which they come.
func grouped(results []gittoken.ProbeResult, keys ...func(gittoken.ProbeResult) string) [][]gittoken.ProbeResult {
	same := func(a, b gittoken.ProbeResult) bool {
		return !slices.ContainsFunc(keys, func(key func(gittoken.ProbeResult) string) bool { return key(a) != key(b) })
	}

	var groups [][]gittoken.ProbeResult
	for _, r := range results {
		i := slices.IndexFunc(groups, func(group []gittoken.ProbeResult) bool { return same(group[0], r) })
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}

		groups[i] = append(groups[i], r)
	}

	return groups
}

func atRepository(r gittoken.ProbeResult) string { return r.Probe.Repository }

func forCause(r gittoken.ProbeResult) string { return string(r.Cause) + ": " + r.Detail }

func onlyPermissions(results []gittoken.ProbeResult) []gittoken.ProbeResult {
	return slices.DeleteFunc(slices.Clone(results), func(r gittoken.ProbeResult) bool { return r.Probe.Permission == "" })
}

func permissionList(r gittoken.Requirement, results []gittoken.ProbeResult) string {
	scopes := make([]gittoken.Scope, 0, len(results))
	for _, result := range results {
		scopes = append(scopes, result.Probe.Permission)
	}

	return scopeList(r, scopes)
}

// firstOf lists names, of many only the first: an account may have hundreds of runtimes.
func firstOf(names []string) string {
	const most = 10
	if len(names) <= most {
		return strings.Join(names, ", ")
	}

	return fmt.Sprintf("%s and %d more", strings.Join(names[:most], ", "), len(names)-most)
}

func counted(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}

	return fmt.Sprintf("%d %s", n, many)
}

func inParentheses(s string) string {
	if s == "" {
		return ""
	}

	return " (" + s + ")"
}

// requestID is the sentence by which the operators of a server find what it was asked; empty if it named no request.
// It differs with every request: no value may hold it.
func requestID(id string) string {
	if id == "" {
		return ""
	}

	return sentence("Request id: %s.", id)
}

// requestIDOf returns the host's name of the request whose answer a message quotes.
func requestIDOf(j gittoken.Judgement) string {
	if j.Verdict.Detail != "" {
		return j.Verdict.RequestID
	}

	for _, refused := range j.Refused {
		if refused.Detail != "" && refused.RequestID != "" {
			return refused.RequestID
		}
	}

	return ""
}

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

func sentence(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func capitalised(s string) string {
	if s == "" {
		return s
	}

	return strings.ToUpper(s[:1]) + s[1:]
}

func uncapitalised(s string) string { return strings.ToLower(s[:1]) + s[1:] }

func joined(sentences []string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}
