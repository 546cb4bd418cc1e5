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

	p, ok := placeOf(parts[0] + "/" + strings.TrimSuffix(parts[1], ".git"))
	if !ok {
		return place{}, remote.Unknown
	}

	return p, nil
}

// placeOf reads workspace/slug, and reports false for what cannot be that.
func placeOf(fullName string) (place, bool) {
	workspace, slug, _ := strings.Cut(fullName, "/")

	return place{workspace: workspace, slug: slug}, remote.IsName(workspace) && remote.IsName(slug)
}

func (p place) fullName() string { return p.workspace + "/" + p.slug }

// is reports whether r lives there. The host takes slugs in any case.
func (p place) is(r repository) bool { return strings.EqualFold(p.fullName(), r.FullName) }
