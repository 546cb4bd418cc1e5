package bitbucketcloud

import (
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

// place is where a repository lives.
type place struct {
	workspace string
	slug      string
}

// parsePlace reads an address of a repository, of one of its pages or to clone it from. The error is a remote.Problem.
func parsePlace(text string, host gittoken.Host) (place, error) {
	parts, _, err := remote.Path(host, text)
	if err != nil {
		return place{}, err
	}

	if len(parts) < 2 || len(parts) > 2 && strings.HasSuffix(parts[1], ".git") {
		return place{}, remote.Unknown
	}

	p := place{workspace: parts[0], slug: strings.TrimSuffix(parts[1], ".git")}
	if !remote.IsName(p.workspace) || !remote.IsName(p.slug) {
		return place{}, remote.Unknown
	}

	return p, nil
}

func (p place) fullName() string { return p.workspace + "/" + p.slug }

// is reports whether r lives there. The host takes slugs in any case.
func (p place) is(r repository) bool { return strings.EqualFold(p.fullName(), r.FullName) }
