package message

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// This file words what users are told about their tokens. Each message says what the token is (never its text), what it
// has, what is missing, and what to do next.

// Explain words a judgement for a diagnostic of the given severity.
func Explain(s tokencheck.Request, j gittoken.Judgement, w tokencheck.Walk, loud tokencheck.Severity) Message {
	var (
		summary   string
		sentences []string
	)

	switch j.Status {
	case gittoken.StatusUnderScoped:
		summary, sentences = explainShortfall(s, j)
	case gittoken.StatusExpired:
		summary, sentences = explainExpired(s, j)
	case gittoken.StatusRevoked:
		summary, sentences = "Git token was revoked", explainRevoked(s, j)
	case gittoken.StatusInvalid:
		summary = "Git token is not valid at " + s.Host.String()

		sentences = []string{
			sentence("The host rejects %s, and it has never been seen working there.", describe(s, j.Verdict)),
			"It may be incomplete, revoked or expired, or belong to another host.",
		}
		if ended(j.Verdict.Kind) != "" { // which is why
			sentences = sentences[:1]
		}
	case gittoken.StatusBlocked:
		summary, sentences = explainBlocked(s, j)
	case gittoken.StatusUnproven:
		summary, sentences = explainUnproven(s, j)
	case gittoken.StatusUnchecked:
		summary, sentences = explainUnchecked(s, j)
	case gittoken.StatusValid:
	}

	if j.Status == gittoken.StatusInvalid || j.Status == gittoken.StatusRevoked {
		sentences = append(sentences, lostOnTheWay(j.Verdict, s.Host))
	}

	facts := joined(append(sentences, ended(j.Verdict.Kind), wrongUsername(s, j), details(j.Verdict),
		requestID(requestIDOf(j))))

	next := joined([]string{consequence(s, j, w, loud), remedy(s, j)})
	if next == "" {
		return Message{summary, facts}
	}

	return Message{summary, facts + "\n\n" + next}
}

func explainShortfall(s tokencheck.Request, j gittoken.Judgement) (string, []string) {
	who := capitalised(describe(s, j.Verdict))
	if j.Requirement.Unfit {
		name := kindName(s.Host.Provider(), j.Verdict.Kind)
		if j.Requirement.Reason == gittoken.UnfitNoPerson {
			name = s.Host.Provider().DisplayName() + " project or repository token" // others of its kind are fit
		}

		return fmt.Sprintf("A %s cannot be a Git %s token", name, s.Type),
			[]string{sentence("%s %s.", who, unfitReason(j.Requirement))}
	}

	summary := fmt.Sprintf("Git token lacks %d of %d scopes", len(j.Missing), len(j.Requirement.Scopes))
	if len(j.Requirement.Scopes) == 1 {
		summary = "Git token lacks its only required scope"
	}

	holds, also := scopeList(j.Requirement, j.Granted), "also "
	if len(j.Granted) == 0 {
		holds, also = "no scope", ""
		if !j.Verdict.ScopesKnown {
			holds = "no permission that could be proved"
		}
	}

	sentences := []string{sentence("%s has %s.", who, holds)}
	if len(j.Missing) > 0 {
		sentences = append(sentences, sentence("A %s token %sneeds %s.", s.Type, also, wants(j)))
	} else {
		summary = "Git token is refused access to " +
			counted(len(grouped(j.Refused, atRepository)), "repository", "repositories")
	}

	return summary, append(sentences, refusals(s, j)...)
}

// refusals says what was refused at which repository.
func refusals(s tokencheck.Request, j gittoken.Judgement) []string {
	var sentences []string

	for _, refused := range j.Refused {
		if refused.Probe.Access != "" {
			sentences = append(sentences, sentence("It has no %s access to %s%s%s.", refused.Probe.Access,
				refused.Probe.Repository, inParentheses(refused.Detail), matters(refused.Probe, s.Runtime)))
		}
	}

	for _, group := range grouped(onlyPermissions(j.Refused), atRepository) {
		if first := group[0]; first.RefusesRepository() {
			sentences = append(sentences, sentence("It has no access to %s%s%s.", first.Probe.Repository,
				inParentheses(first.Detail), matters(first.Probe, s.Runtime)))

			continue
		}

		sentences = append(sentences, sentence("At %s it was refused %s.",
			group[0].Probe.Repository, permissionList(j.Requirement, group)))
	}

	return sentences
}

// wants lists the missing scopes, each with the scopes that would also do and what it is for. Neighbours that are for
// the same share that.
func wants(j gittoken.Judgement) string {
	if len(j.Missing) == 1 {
		item, use := wanted(j, j.Missing[0]), purposeOf(j.Missing[0])
		switch {
		case slices.Contains(j.Requirement.ValidatorOnly, j.Missing[0]):
			item += ": Codefresh's validator asks for it"
		case use != "":
			item += ": without it Codefresh cannot " + use
		}

		return item
	}

	var list strings.Builder
	for i, scope := range j.Missing {
		list.WriteString(wanted(j, scope))

		use, last := purposeIn(j, scope), i == len(j.Missing)-1
		switch {
		case !last && use != "" && use == purposeIn(j, j.Missing[i+1]):
			list.WriteString(", ")

			continue
		case use != "":
			list.WriteString(" to " + use)
		}

		if !last {
			list.WriteString("; ")
		}
	}

	return list.String()
}

func wanted(j gittoken.Judgement, scope gittoken.Scope) string {
	name := scopeName(j.Requirement, scope)
	if wider := j.Requirement.Vocabulary().GrantedBy(scope); len(wider) > 1 {
		return name + " (" + scopeAlternatives(j.Requirement, wider[1:]) + " would also do)"
	}

	return name
}

// purposeIn says what a scope that is required is for.
func purposeIn(j gittoken.Judgement, scope gittoken.Scope) string {
	if slices.Contains(j.Requirement.ValidatorOnly, scope) {
		return "pass Codefresh's validator"
	}

	return purposeOf(scope)
}

// purposeOf says what Codefresh does with a scope, where that is not plain from its name.
func purposeOf(s gittoken.Scope) string {
	switch s {
	case "admin:repo_hook", "webhooks:write", "webhook", "read:webhook:bitbucket", "write:webhook:bitbucket",
		"delete:webhook:bitbucket", "read_webhook", "create_webhook", "update_webhook", "delete_webhook":
		return "manage webhooks"
	case "repo", "api", "contents:write", "write_repository", "REPO_WRITE", "repository:write",
		"write:repository:bitbucket", "push_code":
		return "commit and push"
	case "read_repository", "read:repository:bitbucket", "download_code":
		return "clone and pull"
	case "statuses:write":
		return "report commit statuses"
	case "pull_requests:write":
		return "open pull requests"
	case "account", "read:user:bitbucket", "read_user":
		return "tell whose token it is"
	}

	return ""
}

// unfitReason says what is wrong with tokens that cannot do the job, as what follows after the token's name.
func unfitReason(r gittoken.Requirement) string {
	switch r.Reason {
	case gittoken.UnfitOneProject:
		return "reaches one project only, and Codefresh refuses it for a runtime: use a personal or group token"
	case gittoken.UnfitNoPerson:
		return "acts for a project or repository and for nobody's account: Codefresh's validator asks for the personal " +
			"project of its owner, and refuses such a token for a runtime"
	case gittoken.UnfitShortLived:
		lasts := "an hour"
		if r.Kind == gittoken.KindAppUser {
			lasts = "eight hours"
		}

		return "stops working after " + lasts + ", and Codefresh's validator refuses it, since it does not tell what it " +
			"holds: use a personal access token of a service account"
	case gittoken.UnfitNoAccount:
		return "can hold neither account nor team, and cannot be asked for its account: Codefresh's validator, which does " +
			"that first of all, refuses every access token"
	}

	return "cannot do this job"
}

// lostOnTheWay says what else a rejection may come from, where a host of one's own says the same to a request without a
// token: GitLab's bare refusal, and Bitbucket Data Center's of somebody whom it has not recognised. GitHub has words of
// its own for that.
func lostOnTheWay(v gittoken.Verdict, h gittoken.Host) string {
	own := h.Provider() == gittoken.GitLab || h.Provider() == gittoken.BitbucketServer
	if v.Standing != gittoken.Rejected || !own || h.IsPublic() {
		return ""
	}

	return "It looks the same if something on the way takes the Authorization header away."
}

// ended says that the host did away with tokens of a kind, if so.
func ended(k gittoken.Kind) string {
	date, over := k.Ended()
	if !over {
		return ""
	}

	return sentence("Tokens of this kind (%s) ended on %s.", k.DisplayName(), date)
}

// wrongUsername says that a host which rejects a token was given a user name that cannot be right. It does not repeat
// the name, which may be anything that was put into the wrong place.
func wrongUsername(s tokencheck.Request, j gittoken.Judgement) string {
	if !hasWrongUsername(s, j) {
		return ""
	}

	return "The value of username is no e-mail address, and the host rejects every API token that does not come with " +
		"that of its Atlassian account."
}

func hasWrongUsername(s tokencheck.Request, j gittoken.Judgement) bool {
	form := j.Requirement.Kind.UsernameForm()

	return j.Verdict.Standing == gittoken.Rejected && s.Username != "" && !form.Fits(s.Username)
}

func explainExpired(s tokencheck.Request, j gittoken.Judgement) (string, []string) {
	at := j.Verdict.ExpiresAt
	if at.IsZero() && j.Verdict.Standing == gittoken.Rejected {
		at = s.Memory.ExpiresAt // which is past: that is why the token counts as expired
		if at.IsZero() {
			at = s.ExpiryHint
		}
	}

	if at.IsZero() {
		return "Git token has expired", []string{sentence("The host says that %s has expired.", describe(s, j.Verdict))}
	}

	return "Git token expired on " + day(at),
		[]string{sentence("%s expired at %s.", capitalised(describe(s, j.Verdict)), at.UTC().Format(time.RFC3339))}
}

func explainRevoked(s tokencheck.Request, j gittoken.Judgement) []string {
	if j.Verdict.Standing == gittoken.Revoked {
		return []string{sentence("The host says that %s was revoked.", describe(s, j.Verdict))}
	}

	return []string{
		sentence("The host rejects %s.", describe(s, j.Verdict)),
		"It worked earlier and had not expired, so it was revoked.",
	}
}

func explainBlocked(s tokencheck.Request, j gittoken.Judgement) (string, []string) {
	who := capitalised(describe(s, j.Verdict))

	summary, sentences := explainBlock(j.Verdict.Cause, who)
	if len(j.Refused) > 0 {
		refused := j.Refused[0].Probe
		sentences = append(sentences,
			sentence("It was refused at %s%s.", refused.Repository, matters(refused, s.Runtime)))
	}

	return summary, sentences
}

func explainBlock(c gittoken.Cause, who string) (string, []string) {
	switch c {
	case gittoken.CauseSSO:
		return "Git token is not authorised for single sign-on", []string{
			sentence("%s is real, but its organisation requires SAML single sign-on, and it is not authorised for that.", who),
		}
	case gittoken.CauseIPAllowList:
		return "Git token is kept out by an IP allow list", []string{
			sentence("%s is real, but the IP allow list of an organisation keeps it out where Codefresh uses it. If only this "+
				"machine's address is missing there, Codefresh's may be, too.", who),
		}
	case gittoken.CauseAccountBlocked:
		return "Owner of the Git token is blocked", []string{
			sentence("%s is real, but its owner's account is suspended, blocked or not yet confirmed.", who),
		}
	case gittoken.CauseFineGrainedOnly:
		return "Git token is not of the kind that is asked for", []string{
			sentence("%s is real, but its group, organisation or host takes fine-grained tokens only.", who),
		}
	default:
		return "Git token is forbidden by a policy", []string{
			sentence("%s is real, but a policy of its organisation or host forbids its use.", who),
		}
	}
}

func explainUnproven(s tokencheck.Request, j gittoken.Judgement) (string, []string) {
	who := capitalised(describe(s, j.Verdict))
	sentences := []string{sentence("%s works, but its host does not tell what it may do.", who)}

	switch {
	case j.Verdict.ScopesKnown && len(j.Unproven) == 0:
		sentences = []string{sentence("%s has every required scope.", who)}
	case j.Verdict.Grant != nil:
		sentences = []string{sentence("%s works, but was granted different things at different places.", who)}
	case j.Verdict.ScopesKnown:
		sentences = []string{sentence("%s works, but its host tells only a part of what it may do.", who)}
	}

	if len(j.Unproven) > 0 {
		sentences = append(sentences, sentence("Not proved: %s.", scopeList(j.Requirement, j.Unproven)))
	}

	for _, open := range j.Undecided {
		if open.Probe.Access != "" {
			sentences = append(sentences, sentence("%s access to %s could not be proved%s.",
				capitalised(string(open.Probe.Access)), open.Probe.Repository,
				inParentheses(reasonFor(open.Cause, open.Detail))))
		}
	}

	for _, group := range grouped(onlyPermissions(j.Undecided), atRepository, forCause) {
		sentences = append(sentences, sentence("At %s %s could not be tried%s.", group[0].Probe.Repository,
			permissionList(j.Requirement, group), inParentheses(reasonFor(group[0].Cause, group[0].Detail))))
	}

	if j.Verdict.ScopesKnown && len(j.Unproven) == 0 {
		return "Git token works, but its access is not proved", sentences
	}

	return "Git token works, but its permissions are not proved", sentences
}

func explainUnchecked(s tokencheck.Request, j gittoken.Judgement) (string, []string) {
	switch cause := j.Verdict.Cause; cause {
	case gittoken.CauseTokenUnknown:
		return "Git token is not known before apply",
			[]string{"It will be checked at apply, before it is sent to Codefresh."}
	case gittoken.CauseHostUnknown:
		return "Git host is not known before apply",
			[]string{"The token will be checked at apply, before it is sent to Codefresh."}
	case gittoken.CauseTokenWithheld:
		return "Git token in token_wo is not the registered one", []string{
			"Codefresh holds another token, since token_wo_version has not changed with it.",
			"The new one is neither checked nor sent, and the registered one cannot be checked without its value.",
		}
	default:
		sentences := []string{sentence("%s could not be asked about the token: %s.", s.Host, reasonFor(cause, ""))}
		if !j.Verdict.RetryAt.IsZero() {
			sentences = append(sentences, sentence("The limit ends at %s.", j.Verdict.RetryAt.UTC().Format(time.RFC3339)))
		}

		return "Git token could not be checked", append(sentences, "This says nothing about the token itself.")
	}
}

// details quotes the host, or what the network says of it.
func details(v gittoken.Verdict) string {
	if v.Detail == "" {
		return ""
	}

	return sentence("Details: %q.", strings.TrimSuffix(v.Detail, "."))
}

// consequence says what was or was not done because of the judgement, and what will be.
func consequence(s tokencheck.Request, j gittoken.Judgement, w tokencheck.Walk, loud tokencheck.Severity) string {
	bad, unchecked := j.Status.Class() == gittoken.Bad, j.Status == gittoken.StatusUnchecked
	switch {
	case s.Runtime == "", j.Verdict.Cause == gittoken.CauseTokenWithheld, tokencheck.AwaitsApply(j.Verdict.Cause):
		// Nothing depends on it, or all is said.
		return ""
	case w == tokencheck.Apply && loud == tokencheck.Failure:
		return "Nothing was sent to Codefresh."
	case w == tokencheck.Apply && (bad || unchecked):
		return `The apply goes on, because validation is "warn".`
	case w == tokencheck.PlanChanged && bad && loud == tokencheck.Warning:
		return `An apply would go on, because validation is "warn".`
	case w == tokencheck.PlanChanged && unchecked && loud == tokencheck.Failure:
		return `The plan fails, because on_unreachable is "error".`
	case w == tokencheck.PlanChanged && unchecked:
		return "An apply checks it again before it is sent to Codefresh."
	case j.Status == gittoken.StatusUnproven && w == tokencheck.Apply:
		return "The apply goes on all the same."
	case j.Status == gittoken.StatusUnproven && w == tokencheck.PlanChanged:
		return "An apply goes on all the same."
	case bad && w != tokencheck.PlanChanged:
		return sentence("Runtime %q still relies on it: the plan updates this resource in place, and nothing else is "+
			"held up.", s.Runtime)
	case unchecked && s.Token.Known:
		return "The state keeps what was proved last."
	}

	return ""
}

// ExpiryMoved words that a token expires at another time than at the last apply; an empty time is none.
func ExpiryMoved(s tokencheck.Request, v gittoken.Verdict, before, now string) Message {
	v.ExpiresAt = time.Time{}

	change := fmt.Sprintf("from %s to %s", before, now)
	switch "" {
	case before:
		change = "to " + now + ", and was not known before"
	case now:
		change = "from " + before + ", and is not known any more"
	}

	return Message{"Git token's expiry has moved", joined([]string{
		sentence("The expiry of %s moved %s.", describe(s, v), change),
		"Apply to store that in the state: nothing is sent to Codefresh.",
	})}
}
