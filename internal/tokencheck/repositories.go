package tokencheck

import (
	"cmp"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Where says at which repositories a token is proved.
type Where string

// The values of the attribute check_repositories.
const (
	AtCodefreshs Where = "codefresh" // also at those that Codefresh itself uses
	AtListed     Where = "listed"    // only at those in the configuration
)

// Used is what Codefresh uses repositories of: the account's shared configuration repository, and the Git Sources of
// runtimes, each by its address.
type Used struct {
	SharedConfiguration string
	GitSources          []string
}

// MostRepositories is how many of Codefresh's repositories a token is tried at: each costs a request.
const MostRepositories = 20

// Needs returns the access that a token of this type needs at the repositories that Codefresh uses, and how many of
// them are left out because there are more than MostRepositories.
//
// Only those at the token's own host are among them: no token follows an address of Codefresh's to another host. The
// shared configuration repository comes first, then one repository of each owner or group, then the rest by name:
// single sign-on and policies are an owner's.
//
// Locate is the name of the repository at an address of h; an address without one is passed over. A repository counts
// once, however its address is spelled.
func (u Used) Needs(
	t gittoken.Type, h gittoken.Host, locate func(h gittoken.Host, address string) (string, error),
) (needs []gittoken.RepositoryNeed, leftOut int) {
	shared := gittoken.RepositoryNeed{
		URL: u.SharedConfiguration, Access: gittoken.Read, Source: gittoken.SourceSharedConfiguration,
	}
	if t == gittoken.Runtime {
		shared.Access = gittoken.Write
	}

	seen := make(map[string]bool)
	owners := make(map[string]bool)

	var first, rest []gittoken.RepositoryNeed

	add := func(to *[]gittoken.RepositoryNeed, need gittoken.RepositoryNeed) {
		name, err := locate(h, need.URL)

		name = strings.ToLower(name) // hosts take names in any case
		if err != nil || seen[name] {
			return
		}

		seen[name] = true

		owner := name[:max(0, strings.LastIndexByte(name, '/'))]
		if to == nil && !owners[owner] {
			to = &first
		}

		owners[owner] = true

		*cmp.Or(to, &rest) = append(*cmp.Or(to, &rest), need)
	}

	add(&needs, shared)

	for _, url := range slices.Sorted(slices.Values(u.GitSources)) {
		add(nil, gittoken.RepositoryNeed{URL: url, Access: gittoken.Read, Source: gittoken.SourceGitSource})
	}

	needs = slices.Concat(needs, first, rest)
	leftOut = max(0, len(needs)-MostRepositories)

	return needs[:len(needs)-leftOut], leftOut
}
