package message

import (
	"slices"

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
		return remedyBlocked(j, address)
	case gittoken.StatusUnderScoped:
		switch {
		case j.Requirement.Unfit:
			return capitalised(replacement("such a token", address))
		case len(j.Missing) == 0:
			return "Give its owner that access, or put a token that has it into the configuration and apply."
		}
	case gittoken.StatusInvalid:
		settings := "git_provider and api_url"
		if s.Host.Provider() == gittoken.BitbucketCloud {
			settings = "git_provider, api_url and username"
		}

		return "Check " + settings + ", or " + replacement("a new token", address)
	case gittoken.StatusExpired, gittoken.StatusRevoked:
	}

	return capitalised(replacement("a new token", address))
}

func replacement(token, address string) string {
	if address == "" {
		return "put a working token into the configuration and apply."
	}

	return "create " + token + ", put it into the configuration and apply: " + address
}

func remedyBlocked(j gittoken.Judgement, address string) string {
	switch j.Verdict.Cause {
	case gittoken.CauseSSO:
		if j.Verdict.HelpURL == "" {
			return "Authorise it in the host's token settings and try again."
		}

		return "Authorise it and try again (the link works for an hour): " + j.Verdict.HelpURL
	case gittoken.CauseAccountBlocked:
		return "Have an administrator of the host restore the account, or use a token of another account."
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
	}

	return advice(gittoken.CauseNotPermitted)
}

// triesPermissions reports whether naming repositories makes the permissions of such a token known.
func triesPermissions(r gittoken.Requirement) bool {
	probes := gittoken.Probes(r, []gittoken.RepositoryNeed{{URL: "any", Access: gittoken.Read}})

	return slices.ContainsFunc(probes, func(p gittoken.Probe) bool { return p.Permission != "" })
}
