package message

import (
	"errors"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

const calledGood = " The Git host has just called the token good, so this may be an outage or a rate limit between " +
	"Codefresh and the Git host, which Codefresh words in the same way: try again in a few minutes."

// whatCodefreshTried says what Codefresh's validator does before it refuses a token in words that name no scope, and
// what helps then (@codefresh-io/cf-git-providers, assertApiScopes of each provider).
func whatCodefreshTried(err error, s tokencheck.Request, j gittoken.Judgement) string {
	problem := (*codefresh.Error)(nil)
	if !errors.As(err, &problem) || problem.Kind != codefresh.Refused {
		return ""
	}

	says := func(text string) bool { return strings.Contains(problem.Detail, text) }

	switch {
	case says("failed assert write scopes"):
		return " Before it takes such a token, Codefresh pushes a tag to " + sharedAmong(s.Repositories) + " and takes it " +
			"away again. Check that the token's owner may write there, and that the repository is not archived."
	case says("expected Project Admin"):
		return triedToCreate(s.Host, j)
	case says("missing scopes:"):
		return " What it lists are names of Codefresh's own, for it saw no scopes at all. If the token has some, check " +
			"what stands between Codefresh and the Git host: it takes the header X-OAuth-Scopes away."
	}

	return ""
}

// triedToCreate says what Codefresh does to see whether a token administers projects.
func triedToCreate(h gittoken.Host, j gittoken.Judgement) string {
	what := "asks for a new project without a name, which GitLab refuses in other words to a token that may create one"
	if h.Provider() == gittoken.BitbucketServer {
		what = "asks for a repository with an impossible name in the personal project of the token's owner, which " +
			"Bitbucket refuses in other words to a token that may create one"
	}

	text := " To see that, Codefresh " + what + "."

	switch owner := j.Verdict.Owner; {
	case h.IsDoubtfulOwner(owner):
		// Trying again would not help.
		text += sentence(" It goes by the owner's name, %q, for which addresses of Bitbucket have another form: it may "+
			"not find that project. %s", owner, plainlyNamed)
	case j.Status.Class() == gittoken.Good:
		text += calledGood
	}

	return text
}

const plainlyNamed = "Use a token of an account whose name has nothing but letters, digits, dots, hyphens and " +
	"underscores."

// sharedAmong names the shared configuration repository.
func sharedAmong(needs []gittoken.RepositoryNeed) string {
	const name = "the account's shared configuration repository"

	i := slices.IndexFunc(needs, func(n gittoken.RepositoryNeed) bool {
		return n.Source == gittoken.SourceSharedConfiguration
	})
	if i < 0 {
		return name
	}

	return name + ", " + needs[i].URL + ","
}
