package bitbucketserver

import (
	"context"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// The levels of permission that a verdict can name, as the server spells them.
const (
	projectAdmin gittoken.Scope = "PROJECT_ADMIN"
	projectWrite gittoken.Scope = "PROJECT_WRITE"
	projectRead  gittoken.Scope = "PROJECT_READ"
	repoAdmin    gittoken.Scope = "REPO_ADMIN"
	repoWrite    gittoken.Scope = "REPO_WRITE"
	repoRead     gittoken.Scope = "REPO_READ"
)

// serviceUser starts the user names under which project and repository tokens act: access-token-user/<kind>/<id>.
const serviceUser = "access-token-user/"

// Inspector asks Bitbucket Servers about tokens. It remembers nothing.
type Inspector struct {
	transport *transport.Transport
	now       func() time.Time
}

// New returns an Inspector that asks through t. A nil now means time.Now.
func New(t *transport.Transport, now func() time.Time) *Inspector {
	if now == nil {
		now = time.Now
	}

	return &Inspector{transport: t, now: now}
}

// Inspect returns what the host says of the token, with one to five requests:
//
//  1. the first project that the token's owner administers: tells whether the token lives, and whose it is;
//  2. the token's own record, if the token tells its number: has permissions and expiry. Whether a token may read it is
//     not documented, so that any answer but the record itself is passed over;
//  3. the permissions of the project of 1, which only PROJECT_ADMIN may read (Bitbucket Data Center REST API,
//     Permission Management). It is needed because the list of 1 may reflect what the owner may do, and not the token;
//  4. the first repositories that the token's owner can write to;
//  5. whether one of them takes a push with the token itself, for the list of 4 may be the owner's too.
//
// An empty list of 1 or 4 settles that the token lacks the level, whoever's list it is and whatever its record says: a
// token can do no more than its owner. A positive one of 4 that 5 neither confirms nor refutes leaves REPO_WRITE
// unsettled.
//
// A level that 1, 3, 4 or 5 could not settle (server error, rate limit, no answer) leaves the token unchecked, for a
// verdict without it would claim that the level is missing.
func (i *Inspector) Inspect(ctx context.Context, c gittoken.Credential) gittoken.Verdict {
	v := i.inspect(ctx, c)
	v.Kind = gittoken.KindHTTPAccess

	return v
}

func (i *Inspector) inspect(ctx context.Context, c gittoken.Credential) gittoken.Verdict {
	server, err := i.connect(c)
	if err != nil {
		cause, detail := transport.CauseOf(err)

		return gittoken.Verdict{Cause: cause, Detail: detail}
	}

	first := server.get(ctx, "/projects", url.Values{"permission": {string(projectAdmin)}, "limit": {"1"}})
	owner := first.user()

	var project string

	switch projects, ok := parseProjects(first); {
	case ok && len(projects) > 0:
		project = projects[0].Key
	case ok && owner == "":
		return i.nobody(ctx, server)
	case ok, first.notPermitted():
	default:
		return first.refusal(i.now(), server.web)
	}

	live := gittoken.Verdict{Standing: gittoken.Live, Owner: owner}

	if own, ok := server.record(ctx, c.Token, owner); ok {
		live.ExpiresAt = own.expiry(first.Time(i.now())) // by the server's clock, for this machine's may be fast

		if len(own.permissions) > 0 {
			live.Scopes, live.ScopesKnown = own.permissions, true

			if project == "" && !first.notPermitted() {
				return i.capped(ctx, server, live)
			}

			return live
		}
	}

	if project != "" {
		proof := server.get(ctx, "/projects/"+url.PathEscape(project)+"/permissions/users", url.Values{"limit": {"1"}})

		switch {
		case proof.isPage():
			live.Scopes, live.ScopesKnown = []gittoken.Scope{projectAdmin}, true

			return live
		case proof.notPermitted():
		case owner == "":
			// A list with projects in it, yet nobody's name: a proxy may have taken the header away, or the server
			// may have shown a public project. This answer decides between them.
			return proof.refusal(i.now(), server.web)
		default:
			return unsettled(live, proof, i.now())
		}
	}

	return i.lowerLevels(ctx, server, live, first.notPermitted())
}

// nobody returns the verdict of a token that was answered with an empty list and without anybody's name. The server may
// have ignored the token, or a proxy may have taken the name away from an owner who administers nothing: a question
// that is answered to whoever is signed in, and to nobody else, decides between them (Bitbucket Data Center REST API,
// Profile).
func (i *Inspector) nobody(ctx context.Context, s *server) gittoken.Verdict {
	a := s.get(ctx, "/profile/recent/repos", url.Values{"limit": {"1"}})

	switch v := a.refusal(i.now(), s.web); {
	case a.isPage(), a.user() != "":
		return gittoken.Verdict{
			Standing: gittoken.Live, Owner: a.user(),
			Detail: "the header X-AUSERNAME, with which the server names whom it answers, is missing: a proxy on the way may " +
				"have removed it",
		}
	case v.Standing == gittoken.Rejected:
		v.Detail = "the server ignored the token and answered as it answers anybody"

		return v
	default:
		return v
	}
}

// capped completes the verdict of a token whose record says what it was given, and which administers no project: what
// the record says beyond that, its owner does not have.
func (i *Inspector) capped(ctx context.Context, s *server, live gittoken.Verdict) gittoken.Verdict {
	given := gittoken.VocabularyOf(gittoken.BitbucketServer, gittoken.KindHTTPAccess).Closure(live.Scopes)
	if !given[repoWrite] {
		return live
	}

	answer := s.writable(ctx)
	repositories, ok := parseRepositories(answer)
	ok = ok && !repositories.hollow

	switch {
	case ok && len(repositories.Values) == 0:
		live.Scopes = []gittoken.Scope{repoRead}
		if given[projectRead] {
			live.Scopes = []gittoken.Scope{projectRead, repoRead}
		}
	case ok && given[projectAdmin]:
		live.Scopes, live.Unsettled = []gittoken.Scope{projectRead, repoWrite}, []gittoken.Scope{repoAdmin, projectWrite}
	case ok:
	case answer.notPermitted():
		live.Scopes, live.Unsettled = []gittoken.Scope{repoRead}, []gittoken.Scope{repoWrite, repoAdmin}
		if given[projectRead] {
			live.Scopes = []gittoken.Scope{projectRead, repoRead}
		}

		live.Detail = answer.message()
	default:
		return unsettled(live, answer, i.now())
	}

	return live
}

// writable asks for the first repositories that the token's owner can write to. Since one of them may be archived, a
// few are asked for.
func (s *server) writable(ctx context.Context) answer {
	return s.get(ctx, "/repos", url.Values{"permission": {string(repoWrite)}, "limit": {"10"}})
}

// lowerLevels completes the verdict of a live token that is proved not to hold PROJECT_ADMIN, or that was refused the
// question.
func (i *Inspector) lowerLevels(
	ctx context.Context, server *server, live gittoken.Verdict, refused bool,
) gittoken.Verdict {
	level, known := projectLevel(live.Owner)
	if !known || refused && level != "" {
		// Every token with a project level may list projects: what the server refused here, and why, is anybody's
		// guess.
		live.Detail = "the server does not say which permissions the token has"

		return live
	}

	answer := server.writable(ctx)

	repositories, ok := parseRepositories(answer)

	switch {
	case ok && !repositories.hollow:
	case answer.notPermitted():
		live.Detail = answer.message()

		return live
	default:
		return unsettled(live, answer, i.now())
	}

	if level != "" {
		live.Scopes = append(live.Scopes, level)
	}

	live.ScopesKnown = true

	if len(repositories.Values) == 0 {
		live.Scopes = append(live.Scopes, repoRead)

		return live
	}

	return i.confirmWriting(ctx, server, live, repositories.Values)
}

// confirmWriting adds the level of repositories to the verdict of a token whose owner can write to some of them. Which
// of the levels that include writing a token has, nothing tells.
func (i *Inspector) confirmWriting(
	ctx context.Context, s *server, live gittoken.Verdict, writable []repository,
) gittoken.Verdict {
	found := gittoken.ProbeUndetermined(gittoken.CauseReadOnly,
		"all repositories that its owner can write to are archived")

	if at := slices.IndexFunc(writable, func(r repository) bool { return !r.Archived }); at >= 0 {
		pushed := s.push(ctx, place{key: writable[at].Project.Key, slug: writable[at].Slug})
		if found = pushed.pushResult(); passes(found) {
			return unsettled(live, pushed, i.now())
		}
	}

	above := []gittoken.Scope{repoAdmin}
	if len(live.Scopes) > 0 { // a token with a project level
		above = append(above, projectWrite)
	}

	switch found.Outcome {
	case gittoken.Proven:
		live.Scopes, live.Unsettled = append(live.Scopes, repoWrite), above
	case gittoken.Denied:
		live.Scopes = append(live.Scopes, repoRead)
	case gittoken.Undetermined:
		live.Scopes, live.Unsettled = append(live.Scopes, repoRead), append([]gittoken.Scope{repoWrite}, above...)
		live.Detail = found.Detail
	}

	return live
}

// passes reports whether a result is open only for a fault that passes, so that asking later may settle it.
func passes(r gittoken.ProbeResult) bool {
	switch r.Cause {
	case gittoken.CauseTimeout, gittoken.CauseNetwork, gittoken.CauseProxy, gittoken.CauseTLS, gittoken.CauseRateLimited,
		gittoken.CauseServerError, gittoken.CauseLoginLockout, gittoken.CauseIPAllowList:
		return r.Outcome == gittoken.Undetermined
	}

	return false
}

// projectLevel returns the lowest project level that a token of owner can have, and whether that is known. A user's
// token and a project's have one, from PROJECT_READ up; a repository's has none (Bitbucket Data Center documentation,
// HTTP access tokens). Repository tokens were seen to act as access-token-user/2/<repository>; that 1 stands for
// projects follows from it, and of other numbers nothing is known.
func projectLevel(owner string) (gittoken.Scope, bool) {
	kind, service := strings.CutPrefix(owner, serviceUser)

	switch {
	case owner == "":
		return "", false
	case !service, strings.HasPrefix(kind, "1/"):
		return projectRead, true
	case strings.HasPrefix(kind, "2/"):
		return "", true
	}

	return "", false
}

// unsettled returns the verdict of a token that lives but of which a needed answer did not come.
func unsettled(live gittoken.Verdict, a answer, now time.Time) gittoken.Verdict {
	cause, detail := a.failure()

	return gittoken.Verdict{Owner: live.Owner, Cause: cause, Detail: detail, RetryAt: a.RetryAt(now)}
}
