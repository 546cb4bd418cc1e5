package message

import (
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// This file words what to do about a token.

// remedy says what to do next.
func remedy(s tokencheck.Request, j gittoken.Judgement) string {
	address := j.Requirement.TokenURL(s.Host)
	switch j.Status {
	case gittoken.StatusValid:
		return ""
	case gittoken.StatusUnchecked:
		if s.Runtime == "" { // a check by itself has no validation to skip
			return advice(j.Verdict.Cause)
		}

		return remedyUnchecked(j.Verdict.Cause)
	case gittoken.StatusUnproven:
		return remedyUnproven(s, j)
	case gittoken.StatusBlocked:
		return remedyBlocked(s, j, address)
	case gittoken.StatusUnderScoped:
		if len(j.Missing) == 0 && !j.Requirement.Unfit {
			return "Give its owner that access, or put a token that has it into the configuration and apply."
		}
	case gittoken.StatusInvalid:
		if ended(j.Verdict.Kind) != "" {
			break
		}

		settings := "git_provider and api_url"
		if s.Host.Provider() == gittoken.BitbucketCloud {
			settings = "git_provider, api_url and username"
		}

		if hasWrongUsername(s, j) {
			return "Set username to the e-mail address of its Atlassian account, or " +
				replacement(tokenToMake(j.Requirement, "a new token"), address)
		}

		return "Check " + settings + ", or " + replacement(tokenToMake(j.Requirement, "a new token"), address)
	case gittoken.StatusExpired, gittoken.StatusRevoked:
		if hasWrongUsername(s, j) {
			return "Set username to the e-mail address of its Atlassian account, or " +
				replacement(tokenToMake(j.Requirement, "a new token"), address)
		}
	}

	return capitalised(replacement(tokenToMake(j.Requirement, "a new token"), address))
}

// tokenToMake names the token to make in place of one that r is asked of: same if it is another one like it, else by
// its kind and what it needs, for nothing that was said of the old one helps with that.
func tokenToMake(r gittoken.Requirement, same string) string {
	made, ok := r.Replacement()
	if !ok || made.Kind == r.Kind && !r.Unfit {
		return same
	}

	return indefinite(made.Kind.DisplayName()) + whose(r) + " with " + scopeList(made, made.Scopes)
}

// whose says whose a token must be if that is what is wrong with the old one.
func whose(r gittoken.Requirement) string {
	if r.Reason == gittoken.UnfitNoPerson {
		return " of a person's account"
	}

	return ""
}

// indefinite puts the article before the name of a kind of token: letters of HTTP and API are spelled out.
func indefinite(kind string) string {
	if strings.HasPrefix(kind, "HTTP") || strings.ContainsAny(kind[:1], "AEIOaeio") {
		return "an " + kind
	}

	return "a " + kind
}

func replacement(token, address string) string {
	if address == "" {
		return "put a working token into the configuration and apply."
	}

	return "create " + token + ", put it into the configuration and apply: " + address
}

func remedyBlocked(s tokencheck.Request, j gittoken.Judgement, address string) string {
	switch j.Verdict.Cause {
	case gittoken.CauseSSO:
		if j.Verdict.HelpURL == "" {
			return "Authorise it in the host's token settings and try again."
		}

		return "Authorise it and try again (the link works for an hour): " + j.Verdict.HelpURL
	case gittoken.CauseAccountBlocked:
		return "Have an administrator of the host restore the account, or use a token of another account."
	case gittoken.CauseFineGrainedOnly:
		if made, ok := j.Requirement.FineGrained(); ok {
			token := indefinite(made.Kind.DisplayName()) + " with " + scopeList(made, made.Scopes)

			return capitalised(replacement(token, made.TokenURL(s.Host)))
		}

		return "Create a token that is asked for, put it into the configuration and apply."
	case gittoken.CauseIPAllowList:
		return "Have the addresses of Codefresh's runtimes, and of this machine, put on the list."
	default:
		if address == "" {
			return "Create a token that the policy allows, or have the policy changed."
		}

		return "Have the policy changed, or create a token that it allows: " + address
	}
}

func remedyUnchecked(c gittoken.Cause) string {
	switch c {
	case gittoken.CauseTokenUnknown:
		return "Nothing needs to be done."
	case gittoken.CauseHostUnknown:
		return "Set git_provider and api_url to have it checked at plan."
	case gittoken.CauseTokenWithheld:
		return "Change token_wo_version and apply to check and send the new one."
	case gittoken.CauseTimeout, gittoken.CauseNetwork:
		return `Try again once it answers. If it cannot be reached from here at all, set validation = "skip".`
	}

	return advice(c)
}

func remedyUnproven(s tokencheck.Request, j gittoken.Judgement) string {
	var todo []string
	for _, open := range j.Undecided {
		if next := advice(open.Cause); !slices.Contains(todo, next) {
			todo = append(todo, next)
		}
	}

	switch {
	case len(todo) > 0:
		return joined(todo)
	case len(s.Repositories) == 0 && triesPermissions(j.Requirement):
		return "Name private repositories in the attribute repositories, and its permissions are tried there."
	case len(s.Repositories) == 0 && j.Verdict.Grant != nil:
		return "Name its repositories in the attribute repositories, and what it was granted there is compared."
	case j.Requirement.Kind == gittoken.KindGranular && j.Verdict.Grant == nil:
		return "Create it with " + scopeName(j.Requirement, "read_personal_access_token") + " as well, and GitLab tells " +
			"what it was granted; or compare its permissions in the host's settings with what is required."
	}

	return advice(gittoken.CauseNotPermitted)
}

// triesPermissions reports whether naming repositories makes the permissions of such a token known.
func triesPermissions(r gittoken.Requirement) bool {
	probes := gittoken.Probes(r, []gittoken.RepositoryNeed{{URL: "any", Access: gittoken.Read}})

	return slices.ContainsFunc(probes, func(p gittoken.Probe) bool { return p.Permission != "" })
}
