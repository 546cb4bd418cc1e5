package bitbucketserver

import (
	"context"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Probe asks what the token may do with one repository, by GET requests only. It takes one request; if the Git side
// leaves open whether the token may write, some more to see whether that can be ruled out.
func (i *Inspector) Probe(
	ctx context.Context, c gittoken.Credential, _ gittoken.Kind, p gittoken.Probe, _ bool,
) gittoken.ProbeResult {
	return i.probe(ctx, c, p).Of(p)
}

func (i *Inspector) probe(ctx context.Context, c gittoken.Credential, p gittoken.Probe) gittoken.ProbeResult {
	if p.Permission != "" || p.Repository == "" {
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "Bitbucket Server knows access to a repository only")
	}

	server, err := i.connect(c)
	if err != nil {
		cause, detail := transport.CauseOf(err)

		return gittoken.ProbeUndetermined(cause, detail)
	}

	at, err := parsePlace(p.Repository, c.Host)
	if err != nil {
		return remote.Result(err)
	}

	switch p.Access {
	case gittoken.Read:
		return server.read(ctx, at)
	case gittoken.Write:
		return server.write(ctx, at)
	case gittoken.Admin:
		return server.admin(ctx, at)
	}

	return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "no such access")
}

// Locate returns the repository's name with its project's key.
func (i *Inspector) Locate(h gittoken.Host, address string) (string, error) {
	at, err := parsePlace(address, h)
	if err != nil {
		return "", err
	}

	return at.key + "/" + at.slug, nil
}

// read needs REPO_READ, or nothing if the repository is public.
func (s *server) read(ctx context.Context, at place) gittoken.ProbeResult {
	a := s.get(ctx, at.path(), nil)

	r, ok := parseRepository(a)

	switch {
	case !ok:
		return a.result()
	case a.user() == "" && r.Public:
		return gittoken.ProbeUndetermined(gittoken.CausePublic, "the server ignored the token")
	}

	return gittoken.ProbeProven()
}

// admin asks for what only REPO_ADMIN may see (Bitbucket Data Center REST API, Permission Management).
func (s *server) admin(ctx context.Context, at place) gittoken.ProbeResult {
	a := s.get(ctx, at.path()+"/permissions/users", url.Values{"limit": {"1"}})
	if a.isPage() {
		return gittoken.ProbeProven()
	}

	return a.result()
}

// write asks the Git side, which answers for the token itself. What that leaves open may still be refuted by the list
// of the repositories that the token's owner can write to, but not proved by it: a token can do less than its owner.
func (s *server) write(ctx context.Context, at place) gittoken.ProbeResult {
	a := s.push(ctx, at)

	pushed := a.pushResult()

	switch {
	case pushed.Outcome == gittoken.Denied:
		return s.unlessArchived(ctx, at, pushed)
	case pushed.Outcome == gittoken.Proven, a.Status == http.StatusUnauthorized:
		return pushed
	case pushed.Cause == gittoken.CauseNotPermitted, pushed.Cause == gittoken.CauseNotUnderstood:
	default: // nobody can write, or the server is in trouble, or out of reach
		return pushed
	}

	if found := s.listedByAnyName(ctx, at); found.Outcome != gittoken.Proven {
		return found
	}

	return pushed
}

// unlessArchived returns a denial of writing, unless that is what everybody would get.
func (s *server) unlessArchived(ctx context.Context, at place, denied gittoken.ProbeResult) gittoken.ProbeResult {
	if r, ok := parseRepository(s.get(ctx, at.path(), nil)); ok && r.Archived {
		return gittoken.ProbeUndetermined(gittoken.CauseReadOnly, "the repository is archived: nothing can be written to it")
	}

	return denied
}

// listedByAnyName looks for the repository among those that the token's owner can write to. The list can be narrowed by
// a part of the name, which need not be like the slug that addresses use: "My app" has the slug my-app. So a repository
// that is not found by its slug is looked for once more by its real name.
func (s *server) listedByAnyName(ctx context.Context, at place) gittoken.ProbeResult {
	found := s.listed(ctx, at, at.slug)
	if found.Outcome != gittoken.Denied {
		return found
	}

	a := s.get(ctx, at.path(), nil)

	r, ok := parseRepository(a)
	if !ok {
		return a.result()
	}

	if at.is(r) && strings.Contains(strings.ToLower(r.Name), strings.ToLower(at.slug)) {
		return found
	}

	return s.listed(ctx, place{key: r.Project.Key, slug: r.Slug}, r.Name)
}

const (
	pageSize = 25
	// maxPages bounds the search. The filter by project is ignored before 8.0, and a short name may be part of many.
	maxPages = 4
)

func (s *server) listed(ctx context.Context, at place, name string) gittoken.ProbeResult {
	query := url.Values{
		"projectkey": {at.key},
		"name":       {name},
		"permission": {string(repoWrite)},
		"limit":      {strconv.Itoa(pageSize)},
	}

	for range maxPages {
		a := s.get(ctx, "/repos", query)

		list, ok := parseRepositories(a)
		if !ok {
			return a.result()
		}

		for _, r := range list.Values {
			if at.is(r) {
				return gittoken.ProbeProven()
			}
		}

		switch {
		case list.IsLastPage && a.user() == "":
			return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted, "the server ignored the token")
		case list.IsLastPage:
			return gittoken.ProbeDenied(gittoken.CauseRole,
				"not among the repositories that the token may write to")
		case list.NextPageStart == nil:
			return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "the list of repositories breaks off")
		}

		query.Set("start", strconv.Itoa(*list.NextPageStart))
	}

	return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "too many repositories have a name like this one's")
}

// result returns what an answer other than the one hoped for means.
func (a answer) result() gittoken.ProbeResult {
	switch {
	case a.notPermitted():
		return gittoken.ProbeDenied(gittoken.CauseRole, a.message())
	case a.noSuch() && a.user() != "":
		return gittoken.ProbeDenied(gittoken.CauseHidden, a.message())
	case a.noSuch():
		// Nobody's question: the verdict on the token says what is wrong with it.
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted, a.message())
	case a.Status == http.StatusUnauthorized && a.own() && a.hurdle().Cause == "":
		return gittoken.ProbeUndetermined(gittoken.CauseNotPermitted, a.message())
	}

	cause, detail := a.failure()

	return gittoken.ProbeUndetermined(cause, detail)
}
