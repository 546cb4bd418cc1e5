package bitbucketcloud

import (
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// place is where a repository lives.
type place struct {
	workspace string
	slug      string
}

// placeProblem completes "the repository's address …". The address itself is not repeated: it may hold a password.
type placeProblem string

func (p placeProblem) Error() string { return "the repository's address " + string(p) }

const (
	placeUnparsable placeProblem = "is not a URL"
	placeElsewhere  placeProblem = "is not on the host that the token is for"
	placeUnknown    placeProblem = "is not of a form that Bitbucket Cloud uses"
)

// parsePlace reads the forms in which the host shows a repository's address:
// https://[user@]bitbucket.org/ws/repo[.git], with the path of a page behind it or not, git@bitbucket.org:ws/repo.git
// and ssh://git@bitbucket.org/ws/repo.git. Errors are placeProblems.
func parsePlace(text string, host gittoken.Host) (place, error) {
	text = strings.TrimSpace(text)

	web, err := url.Parse(host.WebURL())
	if err != nil {
		return place{}, placeElsewhere
	}

	var path string

	switch name, below, isSCP := cutSCP(text); {
	case isSCP:
		if !isSSHHost(name, web.Hostname()) {
			return place{}, placeElsewhere
		}

		path = below
	default:
		u, err := url.Parse(text)
		if err != nil {
			return place{}, placeUnparsable
		}

		switch strings.ToLower(u.Scheme) {
		case "ssh":
			if !isSSHHost(u.Hostname(), web.Hostname()) {
				return place{}, placeElsewhere
			}
		case "http", "https":
			if origin(u) != origin(web) {
				return place{}, placeElsewhere
			}
		default:
			return place{}, placeUnknown
		}

		path = u.Path
	}

	parts := strings.Split(strings.Trim(path, "/"), "/")
	if len(parts) < 2 || len(parts) > 2 && strings.HasSuffix(parts[1], ".git") {
		return place{}, placeUnknown
	}

	p := place{workspace: parts[0], slug: strings.TrimSuffix(parts[1], ".git")}
	if !isName(p.workspace) || !isName(p.slug) {
		return place{}, placeUnknown
	}

	return p, nil
}

// cutSCP splits user@host:path, the form that scp and Git share.
func cutSCP(text string) (host, path string, ok bool) {
	if strings.Contains(text, "://") {
		return "", "", false
	}

	name, path, found := strings.Cut(text, ":")
	_, host, hasUser := strings.Cut(name, "@")

	return host, path, found && hasUser && !strings.Contains(name, "/")
}

// isSSHHost reports whether name is where web's repositories are cloned from by SSH: the same host, or the one that
// answers SSH at port 443 (Atlassian Support, Use SSH over port 443).
func isSSHHost(name, web string) bool {
	return strings.EqualFold(name, web) || strings.EqualFold(name, "altssh."+web)
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

// isName reports whether text can be the slug of a workspace or repository. Nothing else may go into the query
// language of the lists.
func isName(text string) bool {
	if text == "" || text == "." || text == ".." || len(text) > 128 {
		return false
	}

	return !strings.ContainsFunc(text, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && !strings.ContainsRune("_-.", r)
	})
}

func (p place) fullName() string { return p.workspace + "/" + p.slug }

// is reports whether r lives there. The host takes slugs in any case.
func (p place) is(r repository) bool { return strings.EqualFold(p.fullName(), r.FullName) }
