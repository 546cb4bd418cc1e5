package provider

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// This file words what users are told about their tokens. Each message says what the token is (never its text), what it
// has, what is missing, and what to do next.

// explain words a judgement for a diagnostic of the given severity.
func explain(s subject, j gittoken.Judgement, w walk, loud severity) message {
	var summary string
	var sentences []string
	switch j.Status {
	case gittoken.StatusUnderScoped:
		summary, sentences = explainShortfall(s, j)
	case gittoken.StatusExpired:
		summary, sentences = explainExpired(s, j)
	case gittoken.StatusRevoked:
		summary = "Git token was revoked"
		sentences = []string{sentence("%s is rejected: it worked earlier and had not expired, so that somebody revoked it.",
			capitalised(describe(s, j.Verdict)))}
		if j.Verdict.Standing == gittoken.Revoked {
			sentences = []string{sentence("The host says that %s was revoked.", describe(s, j.Verdict))}
		}
	case gittoken.StatusInvalid:
		summary = "Git token is not valid at " + s.host.String()
		sentences = []string{
			sentence("The host rejects %s, which was never seen working there.", describe(s, j.Verdict)),
			"It may be incomplete, revoked or expired, or belong to another host: check git_provider, api_url and username.",
		}
	case gittoken.StatusBlocked:
		summary, sentences = explainBlocked(s, j)
	case gittoken.StatusUnproven:
		summary, sentences = explainUnproven(s, j)
	case gittoken.StatusUnchecked:
		summary, sentences = explainUnchecked(s, j)
	case gittoken.StatusValid:
	}
	facts := joined(append(sentences, hostsWords(j.Verdict)))
	next := joined([]string{consequence(s, j, w, loud), remedy(s, j)})
	if next == "" {
		return message{summary, facts}
	}

	return message{summary, facts + "\n\n" + next}
}

func explainShortfall(s subject, j gittoken.Judgement) (string, []string) {
	if j.Requirement.Unfit {
		return fmt.Sprintf("A %s cannot be a Git %s token", kindName(s.host.Provider(), j.Verdict.Kind), s.tokenType),
			[]string{sentence("%s%s.", capitalised(describe(s, j.Verdict)), unfitReason(j.Verdict.Kind))}
	}

	summary := fmt.Sprintf("Git token lacks %d of %d scopes", len(j.Missing), len(j.Requirement.Scopes))
	holds := "no scope"
	if len(j.Granted) > 0 {
		holds = scopeList(j.Granted)
	} else if !j.Verdict.ScopesKnown {
		holds = "no permission that could be proved"
	}
	sentences := []string{sentence("%s has %s.", capitalised(describe(s, j.Verdict)), holds)}
	if len(j.Missing) > 0 {
		sentences = append(sentences, sentence("A %s token also needs %s.", s.tokenType, wants(j)))
	} else {
		summary = fmt.Sprintf("Git token is refused access to %s", counted(len(refusedRepositories(j)), "repository", "repositories"))
	}
	for _, refused := range j.Refused {
		if refused.Probe.Access != "" {
			sentences = append(sentences, sentence("It has no %s access to %s%s.",
				refused.Probe.Access, refused.Probe.Repository, inParentheses(refused.Detail)))
		} else if !slices.Contains(j.Missing, refused.Probe.Permission) {
			sentences = append(sentences, sentence("It lacks %s at %s.", refused.Probe.Permission, refused.Probe.Repository))
		}
	}

	return summary, sentences
}

// wants lists the missing scopes, each with the scopes that would also do and what it is for.
func wants(j gittoken.Judgement) string {
	items := make([]string, 0, len(j.Missing))
	for _, scope := range j.Missing {
		item := string(scope)
		if wider := j.Requirement.Vocabulary().GrantedBy(scope); len(wider) > 1 {
			item += " (" + scopeAlternatives(wider[1:]) + " would also do)"
		}
		if purpose := purposeOf(scope); purpose != "" {
			item += ": without it Codefresh cannot " + purpose
		}
		items = append(items, item)
	}

	return strings.Join(items, "; ")
}

// purposeOf says what Codefresh does with a scope, where that is not plain from its name.
func purposeOf(s gittoken.Scope) string {
	switch s {
	case "admin:repo_hook", "webhooks:write", "webhook", "read:webhook:bitbucket", "write:webhook:bitbucket",
		"delete:webhook:bitbucket":
		return "manage webhooks"
	case "repo", "api", "contents:write", "write_repository", "REPO_WRITE", "repository:write",
		"write:repository:bitbucket":
		return "commit and push"
	case "read_repository", "read:repository:bitbucket":
		return "clone and pull"
	case "statuses:write":
		return "report commit statuses"
	case "pull_requests:write":
		return "open pull requests"
	case "account", "read:user:bitbucket":
		return "tell whose token it is"
	}

	return ""
}

func unfitReason(k gittoken.Kind) string {
	switch k {
	case gittoken.KindProject:
		return " reaches one project only, and Codefresh refuses it for a runtime; use a personal or group token"
	case gittoken.KindAppInstallation:
		return " ceases to work after an hour; use a personal access token of a service account"
	default:
		return " cannot do this job"
	}
}

func refusedRepositories(j gittoken.Judgement) map[string]bool {
	repositories := make(map[string]bool)
	for _, refused := range j.Refused {
		repositories[refused.Probe.Repository] = true
	}

	return repositories
}

func explainExpired(s subject, j gittoken.Judgement) (string, []string) {
	at := j.Verdict.ExpiresAt
	if at.IsZero() {
		at = s.lastExpiry
	}
	if at.IsZero() {
		return "Git token has expired", []string{sentence("The host says that %s has expired.", describe(s, j.Verdict))}
	}

	return "Git token expired on " + day(at),
		[]string{sentence("%s expired at %s.", capitalised(describe(s, j.Verdict)), at.UTC().Format(time.RFC3339))}
}

func explainBlocked(s subject, j gittoken.Judgement) (string, []string) {
	who := describe(s, j.Verdict)
	switch j.Verdict.Cause {
	case gittoken.CauseSSO:
		return "Git token is not authorised for single sign-on", []string{
			sentence("%s is real, but an organisation asks for SAML single sign-on that it was not authorised for.", capitalised(who)),
			authorise(j.Verdict.HelpURL),
		}
	case gittoken.CauseAccountBlocked:
		return "Owner of the Git token is blocked", []string{
			sentence("%s is real, but its owner's account is suspended, blocked or not yet confirmed.", capitalised(who)),
			"Have an administrator of the host restore the account, or use a token of another one.",
		}
	default:
		return "Git token is forbidden by a policy", []string{
			sentence("%s is real, but a policy of its organisation or host forbids its use.", capitalised(who)),
			"Make a token that the policy allows, or have the policy changed.",
		}
	}
}

func authorise(address string) string {
	if address == "" {
		return "Authorise it in the host's token settings."
	}

	return "Authorise it (the link works for an hour): " + address
}

func explainUnproven(s subject, j gittoken.Judgement) (string, []string) {
	sentences := []string{sentence("%s works, but its host does not tell what it may do.", capitalised(describe(s, j.Verdict)))}
	if j.Verdict.ScopesKnown {
		sentences = []string{sentence("%s has every required scope.", capitalised(describe(s, j.Verdict)))}
	}
	if len(j.Unproven) > 0 {
		sentences = append(sentences, sentence("Not proved: %s.", scopeList(j.Unproven)))
	}
	writes := false
	for _, open := range j.Undecided {
		writes = writes || open.Cause == gittoken.CauseNotReadOnly
		if open.Probe.Access != "" {
			sentences = append(sentences, sentence("%s access to %s could not be proved%s.", capitalised(string(open.Probe.Access)),
				open.Probe.Repository, inParentheses(reasonFor(open.Cause, open.Detail))))
		}
	}
	switch {
	case writes:
		sentences = append(sentences, "Set write_probes = true to prove the rest with requests that are made so that "+
			"they change nothing.")
	case len(s.needs) == 0 && !j.Verdict.ScopesKnown:
		sentences = append(sentences, "Name private repositories in the attribute repositories to have them prove it.")
	}

	return "Git token works, but its permissions are not proved", sentences
}

func explainUnchecked(s subject, j gittoken.Judgement) (string, []string) {
	switch cause := j.Verdict.Cause; cause {
	case gittoken.CauseTokenUnknown:
		return "Git token is not known before apply", []string{"It will be checked at apply, before it is sent to Codefresh."}
	case gittoken.CauseHostUnknown:
		return "Git host is not known before apply", []string{
			"The token will be checked at apply, before it is sent to Codefresh.",
			"Set git_provider and api_url to have it checked at plan.",
		}
	default:
		sentences := []string{sentence("%s could not be asked about the token for runtime %q: %s.",
			s.host, s.runtime, reasonFor(cause, ""))}
		if !j.Verdict.RetryAt.IsZero() {
			sentences = append(sentences, sentence("The limit ends at %s.", j.Verdict.RetryAt.UTC().Format(time.RFC3339)))
		}

		return "Git token could not be checked", append(sentences, "That says nothing about the token.")
	}
}

// reasonFor words a cause as a clause; detail is the host's own explanation, if any.
func reasonFor(c gittoken.Cause, detail string) string {
	clause := map[gittoken.Cause]string{
		gittoken.CauseTimeout:       "no answer came in time",
		gittoken.CauseNetwork:       "no connection could be made",
		gittoken.CauseTLS:           "its certificate is not trusted (see ca_certificate)",
		gittoken.CauseRedirect:      "it answered with a redirect, and tokens are not sent elsewhere (check the address)",
		gittoken.CauseInsecure:      "its address is http://, where a token could be read on the way (see allow_http)",
		gittoken.CauseRateLimited:   "it is rate limiting",
		gittoken.CauseLoginLockout:  "it locked logins after too many failures",
		gittoken.CauseIPAllowList:   "an IP allow list keeps this machine out",
		gittoken.CauseServerError:   "it is in trouble or under maintenance",
		gittoken.CauseTooLarge:      "its answer is larger than any real one",
		gittoken.CauseNotUnderstood: "its answer is not one of this kind of host (check the address)",
		gittoken.CauseNotPermitted:  "the token may not ask that",
		gittoken.CauseNotReadOnly:   "only a request with a write verb could tell",
		gittoken.CausePublic:        "the repository is public, so that anybody may",
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

// consequence says what was or was not done because of the judgement.
func consequence(s subject, j gittoken.Judgement, w walk, loud severity) string {
	bad := j.Status.Class() == gittoken.Bad
	switch {
	case w == walkApply && loud == failure:
		return "Nothing was sent to Codefresh."
	case w == walkApply && bad:
		return "It was sent to Codefresh all the same, since validation is \"warn\"."
	case w == walkPlanChanged && bad && loud == warning:
		return "An apply will send it to Codefresh all the same, since validation is \"warn\"."
	case (w == walkRefresh || w == walkPlanUnchanged) && bad:
		return sentence("Runtime %q still relies on it, so that the plan updates this resource in place; nothing else "+
			"is held up.",
			s.runtime)
	case (w == walkRefresh || w == walkPlanUnchanged) && j.Status == gittoken.StatusUnchecked && s.token.known:
		return "The state keeps what was proved last."
	}

	return ""
}

// remedy says where a better token comes from.
func remedy(s subject, j gittoken.Judgement) string {
	if j.Status.Class() != gittoken.Bad {
		if j.Status == gittoken.StatusUnchecked && !awaitsApply(j.Verdict.Cause) {
			return "Try again once the host answers."
		}

		return ""
	}
	address := j.Requirement.TokenURL(s.host)
	if address == "" {
		return "Put a working token into the configuration and apply."
	}

	return "Create one, put it into the configuration and apply: " + address
}

// hostsWords quotes the host.
func hostsWords(v gittoken.Verdict) string {
	if v.Detail == "" {
		return ""
	}

	return sentence("The answer was: %q.", strings.TrimSuffix(v.Detail, "."))
}

// describe names a token by what is known of it: "the classic token of "ci-bot" at https://api.github.com".
func describe(s subject, v gittoken.Verdict) string {
	var b strings.Builder
	b.WriteString("the ")
	if v.Kind != gittoken.KindUnknown && v.Kind != "" {
		b.WriteString(strings.TrimSuffix(kindWord(v.Kind), " token") + " ")
	}
	b.WriteString("token")
	switch {
	case v.Owner != "":
		fmt.Fprintf(&b, " of %q", v.Owner)
	case s.lastOwner != "":
		fmt.Fprintf(&b, " of %q", s.lastOwner)
	}
	fmt.Fprintf(&b, " at %s for runtime %q", s.host, s.runtime)
	if v.Standing == gittoken.Live && !v.ExpiresAt.IsZero() {
		b.WriteString(", which expires on " + day(v.ExpiresAt) + ",")
	}

	return b.String()
}

// kindWord is how the hosts' own pages call a kind of token.
func kindWord(k gittoken.Kind) string {
	switch k {
	case gittoken.KindFineGrained:
		return "fine-grained"
	case gittoken.KindOAuth:
		return "OAuth"
	case gittoken.KindAppInstallation:
		return "App installation"
	case gittoken.KindAppUser:
		return "App user"
	case gittoken.KindHTTPAccess:
		return "HTTP access"
	case gittoken.KindAPIToken:
		return "API token"
	case gittoken.KindAppPassword:
		return "app password"
	default:
		return strings.ReplaceAll(string(k), "_", " ")
	}
}

func kindName(p gittoken.Provider, k gittoken.Kind) string {
	return p.DisplayName() + " " + strings.TrimSuffix(kindWord(k), " token") + " token"
}

// expiryNotice words the warning about a token that works and expires soon.
func expiryNotice(s subject, v gittoken.Verdict, expiry, now time.Time) message {
	days := int(expiry.Sub(now).Hours() / 24)
	summary := "Git token expires in less than a day"
	if days > 0 {
		summary = "Git token expires in " + counted(days, "day", "days")
	}
	v.ExpiresAt = time.Time{}

	return message{summary, joined([]string{
		sentence("%s still works and ceases to at %s.", capitalised(describe(s, v)), expiry.UTC().Format(time.RFC3339)),
		"Put a new one into the configuration and apply before that.",
	})}
}

// statusReason words a judgement in one sentence for the state. It says nothing that changes by itself, so that two
// reads of the same facts give the same text.
func statusReason(j gittoken.Judgement) string {
	switch j.Status {
	case gittoken.StatusValid:
		return "has every required scope"
	case gittoken.StatusUnproven:
		if j.Verdict.ScopesKnown {
			return "has every required scope; access to the named repositories is not proved"
		}

		return "works; its host does not tell its permissions, and nothing proves: " + scopeList(j.Unproven)
	case gittoken.StatusUnderScoped:
		switch {
		case j.Requirement.Unfit:
			return fmt.Sprintf("a token of kind %s cannot be a Git %s token", j.Verdict.Kind, j.Requirement.Type)
		case len(j.Missing) > 0:
			return "lacks " + scopeList(j.Missing)
		}

		return "is refused access to a named repository"
	case gittoken.StatusExpired:
		return "is past its expiry"
	case gittoken.StatusRevoked:
		return "was revoked: the host rejects it, and accepted it earlier"
	case gittoken.StatusInvalid:
		return "the host rejects it, and it was never seen working"
	case gittoken.StatusBlocked:
		switch j.Verdict.Cause {
		case gittoken.CauseSSO:
			return "is not authorised for its organisation's single sign-on"
		case gittoken.CauseAccountBlocked:
			return "its owner is blocked"
		default:
			return "a policy forbids its use"
		}
	case gittoken.StatusUnchecked:
		if j.Verdict.Cause == gittoken.CauseSkipped {
			return "the Git host was not asked"
		}
	}

	return "the Git host could not be asked"
}

func scopeList(scopes []gittoken.Scope) string { return strings.Join(words(scopes), ", ") }

func scopeAlternatives(scopes []gittoken.Scope) string {
	const most = 3 // the rest are broader still, and nobody should be led to them
	if len(scopes) > most {
		scopes = scopes[:most]
	}

	return strings.Join(words(scopes), " or ")
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

func day(at time.Time) string { return at.UTC().Format(time.DateOnly) }

func sentence(format string, args ...any) string { return fmt.Sprintf(format, args...) }

func capitalised(s string) string {
	if s == "" {
		return s
	}

	return strings.ToUpper(s[:1]) + s[1:]
}

func joined(sentences []string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}
