package bitbucketserver

import (
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

// place is where a repository lives on its server.
type place struct {
	key  string // of its project; ~name for personal ones
	slug string
}

// parsePlace reads the forms in which the server shows a repository's address: those to clone from
// (https://host[/context]/scm/KEY/slug.git, ssh://git@host:7999/KEY/slug.git) and those of its pages
// (https://host[/context]/projects/KEY/repos/slug[/browse], …/users/name/repos/slug). The error is a remote.Problem.
func parsePlace(text string, host gittoken.Host) (place, error) {
	parts, ssh, err := remote.Path(host, text)
	if err != nil {
		return place{}, err
	}

	read := webPlace
	if ssh {
		read = clonePlace
	}

	p, err := read(parts)
	if err != nil || !isProjectKey(p.key) || !isSegment(p.slug) {
		return place{}, remote.Unknown
	}

	return p, nil
}

// clonePlace reads KEY/slug.git.
func clonePlace(parts []string) (place, error) {
	if len(parts) != 2 {
		return place{}, remote.Unknown
	}

	return place{key: parts[0], slug: strings.TrimSuffix(parts[1], ".git")}, nil
}

func webPlace(parts []string) (place, error) {
	if parts[0] == "scm" {
		return clonePlace(parts[1:])
	}

	if len(parts) < 4 || parts[2] != "repos" {
		return place{}, remote.Unknown
	}

	switch parts[0] {
	case "projects":
		return place{key: parts[1], slug: parts[3]}, nil
	case "users":
		return place{key: "~" + parts[1], slug: parts[3]}, nil
	}

	return place{}, remote.Unknown
}

// path returns the repository's path below the REST API.
func (p place) path() string {
	return "/projects/" + url.PathEscape(p.key) + "/repos/" + url.PathEscape(p.slug)
}

// is reports whether r lives there. The server takes keys and slugs in any case.
func (p place) is(r repository) bool {
	return strings.EqualFold(p.key, r.Project.Key) && strings.EqualFold(p.slug, r.Slug)
}
