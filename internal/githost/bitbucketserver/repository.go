package bitbucketserver

import (
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// place is where a repository lives on its server.
type place struct {
	key  string // of its project; ~name for personal ones
	slug string
}

// placeProblem completes "the repository's address …". The address itself is not repeated: it may hold a password.
type placeProblem string

func (p placeProblem) Error() string { return "the repository's address " + string(p) }

const (
	placeUnparsable placeProblem = "is not a URL"
	placeElsewhere  placeProblem = "is not on the server that the token is for"
	placeUnknown    placeProblem = "is not of a form that Bitbucket Server uses"
)

// parsePlace reads the forms in which the server shows a repository's address: those to clone from
// (https://host[/context]/scm/KEY/slug.git, ssh://git@host:7999/KEY/slug.git) and those of its pages
// (https://host[/context]/projects/KEY/repos/slug[/browse], …/users/name/repos/slug). Errors are placeProblems.
func parsePlace(text string, host gittoken.Host) (place, error) {
	u, err := url.Parse(strings.TrimSpace(text))
	if err != nil {
		return place{}, placeUnparsable
	}

	web, err := url.Parse(host.WebURL())
	if err != nil {
		return place{}, placeElsewhere
	}

	var p place

	switch strings.ToLower(u.Scheme) {
	case "ssh":
		// SSH has a port of its own, and no context.
		if !strings.EqualFold(u.Hostname(), web.Hostname()) {
			return place{}, placeElsewhere
		}

		p, err = clonePlace(segments(u.Path))
	case "http", "https":
		below, found := strings.CutPrefix(u.Path, web.Path+"/")
		if origin(u) != origin(web) || !found {
			return place{}, placeElsewhere
		}

		p, err = webPlace(segments(below))
	default:
		return place{}, placeUnknown
	}

	if err != nil || !isProjectKey(p.key) || !isSegment(p.slug) {
		return place{}, placeUnknown
	}

	return p, nil
}

// origin returns the server of u in one spelling. The scheme counts by its port only.
func origin(u *url.URL) string {
	port := u.Port()
	if port == "" {
		port = "443"
		if strings.EqualFold(u.Scheme, "http") {
			port = "80"
		}
	}

	return strings.ToLower(strings.TrimSuffix(u.Hostname(), ".")) + ":" + port
}

func segments(path string) []string { return strings.Split(strings.Trim(path, "/"), "/") }

// clonePlace reads KEY/slug.git.
func clonePlace(parts []string) (place, error) {
	if len(parts) != 2 {
		return place{}, placeUnknown
	}

	return place{key: parts[0], slug: strings.TrimSuffix(parts[1], ".git")}, nil
}

func webPlace(parts []string) (place, error) {
	if parts[0] == "scm" {
		return clonePlace(parts[1:])
	}

	if len(parts) < 4 || parts[2] != "repos" {
		return place{}, placeUnknown
	}

	switch parts[0] {
	case "projects":
		return place{key: parts[1], slug: parts[3]}, nil
	case "users":
		return place{key: "~" + parts[1], slug: parts[3]}, nil
	}

	return place{}, placeUnknown
}

// path returns the repository's path below the REST API.
func (p place) path() string {
	return "/projects/" + url.PathEscape(p.key) + "/repos/" + url.PathEscape(p.slug)
}

// is reports whether r lives there. The server takes keys and slugs in any case.
func (p place) is(r repository) bool {
	return strings.EqualFold(p.key, r.Project.Key) && strings.EqualFold(p.slug, r.Slug)
}
