package gitlab

import (
	"context"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Inspector asks GitLab.
type Inspector struct {
	transport  *transport.Transport
	now        func() time.Time
	identities memo.Identities

	// pulls, projects and groups hold what was said lately of a project, from which more than one probe starts.
	pulls    *memo.Memo[projectKey, answer]
	projects *memo.Memo[projectKey, answer]
	groups   *memo.Memo[projectKey, answer]

	mu     sync.Mutex
	users  map[memo.Identity]userRecord // whom a token acts as, which never changes
	owners map[memo.Identity]int64      // the same by number, of tokens whose grant is known
}

// projectKey names a project as one token sees it.
type projectKey struct {
	identity memo.Identity
	path     string
}

// shared is how long the probes of a project share an answer. It covers one round of probes and no more.
const shared = 15 * time.Second

// New returns an Inspector, which remembers under ids. A nil clock means time.Now.
func New(t *transport.Transport, now func() time.Time, ids memo.Identities) *Inspector {
	if now == nil {
		now = time.Now
	}

	return &Inspector{
		transport:  t,
		now:        now,
		identities: ids,
		pulls:      memo.New[projectKey, answer](now),
		projects:   memo.New[projectKey, answer](now),
		groups:     memo.New[projectKey, answer](now),
		users:      map[memo.Identity]userRecord{},
		owners:     map[memo.Identity]int64{},
	}
}

// Inspect returns what GitLab says of a token. It sends at most two requests, without a write verb. The owner of a
// token that may not ask for its user's name is "user 42", by the number of that user.
func (i *Inspector) Inspect(ctx context.Context, c gittoken.Credential) gittoken.Verdict {
	s, err := i.connect(c)
	if err != nil {
		return failed(err).verdict(i.now())
	}

	a := s.get(ctx, "/personal_access_tokens/self")

	if record, ok := parseToken(a.Body); ok && a.ok() {
		return i.personal(ctx, s, c, record)
	}

	switch e := a.refusal(); {
	case a.Status == http.StatusBadRequest && strings.HasSuffix(e.Message, textPersonalOnly):
		return i.oauth(ctx, s)
	case a.notFound(),
		a.Status == http.StatusUnauthorized && e.Message == textUnauthorized && !e.foreign && !c.Host.IsPublic():
		// Before 15.5 there is no such record. From 15.1 on "self" is then taken for the number of a token, which only
		// administrators may look at, so that a good one is refused as if it were unknown (GitLab,
		// lib/api/personal_access_tokens.rb).
		return i.old(ctx, s, c)
	case a.Status == http.StatusForbidden && e.lacksPermission():
		// A fine-grained token without the right to look at itself works nevertheless. No group's policy is asked here,
		// so that it is none of another kind.
		return gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindGranular}
	case a.Status == http.StatusForbidden && e.lacksScope():
		return gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindUnknown}
	}

	return i.refused(a)
}

func (i *Inspector) refused(a answer) gittoken.Verdict {
	v := a.verdict(i.now())
	v.Kind = gittoken.KindUnknown

	return v
}

// personal completes the verdict on a personal, project or group token, which GitLab keeps in one table.
func (i *Inspector) personal(ctx context.Context, s *server, c gittoken.Credential, r tokenRecord) gittoken.Verdict {
	v := gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindUnknown, ExpiresAt: r.expiry()}

	switch {
	case *r.Revoked:
		v.Standing = gittoken.Revoked
	case r.Active != nil && !*r.Active && !v.ExpiresAt.IsZero() && !v.ExpiresAt.After(i.now()):
		v.Standing = gittoken.Expired
	case r.Active != nil && !*r.Active:
		// GitLab refuses such tokens before it looks for their record.
		v.Standing, v.Cause = gittoken.Unchecked, gittoken.CauseNotUnderstood
		v.Detail = "GitLab calls the token inactive and answers it"
	}

	scopes, whole := gittoken.ParseScopes(r.Scopes, "") // what cannot be a scope grants nothing
	if whole && granular(scopes) {
		return i.granular(ctx, s, c, r, v)
	}

	v.Scopes, v.ScopesKnown = scopes, true

	if v.Standing != gittoken.Live {
		return v
	}

	// GitLab, lib/api/users.rb: the user's own record opens to read_user and what implies it.
	vocabulary := gittoken.VocabularyOf(gittoken.GitLab, gittoken.KindPersonal)
	if !vocabulary.Closure(scopes)["read_user"] {
		v.Owner = userNumber(r.UserID)

		return v
	}

	a := s.get(ctx, "/user")

	user, ok := parseUser(a.Body)
	if ok && a.ok() {
		i.remember(c, user)
		v.Owner, v.Kind = transport.Printable(user.Username), user.kind()

		return v
	}

	// The token was accepted a moment ago. Only an answer that takes that back counts.
	switch h := a.hurdle(); h.Standing {
	case gittoken.Blocked, gittoken.Expired, gittoken.Revoked:
		v.Standing, v.Cause, v.Detail = h.Standing, h.Cause, a.detail()
	case gittoken.Live, gittoken.Rejected, gittoken.Unchecked:
	}

	return v
}

// oauth completes the verdict on an OAuth token, which has accepted already.
func (i *Inspector) oauth(ctx context.Context, s *server) gittoken.Verdict {
	v := gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindOAuth}

	a := s.getWeb(ctx, "/oauth/token/info")

	if r, ok := parseOAuth(a.Body); ok && a.ok() {
		v.Scopes, _ = gittoken.ParseScopes(r.Scopes, "")
		v.ScopesKnown, v.ExpiresAt = true, r.expiry(a.Time(i.now()))

		if r.OwnerID > 0 {
			v.Owner = userNumber(r.OwnerID)
		}
	}

	return v
}

// old asks the question that a GitLab before 15.5 answers.
func (i *Inspector) old(ctx context.Context, s *server, c gittoken.Credential) gittoken.Verdict {
	a := s.get(ctx, "/user")

	if user, ok := parseUser(a.Body); ok && a.ok() {
		i.remember(c, user)

		return gittoken.Verdict{Standing: gittoken.Live, Kind: user.kind(), Owner: transport.Printable(user.Username)}
	}

	if a.Status == http.StatusForbidden && a.refusal().lacksScope() {
		return gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindUnknown}
	}

	return i.refused(a)
}

func userNumber(id int64) string { return "user " + strconv.FormatInt(id, 10) }

func (i *Inspector) remember(c gittoken.Credential, u userRecord) {
	i.mu.Lock()
	defer i.mu.Unlock()

	i.users[i.identities.Of(c)] = u
}

func (i *Inspector) rememberOwner(c gittoken.Credential, id int64) {
	i.mu.Lock()
	defer i.mu.Unlock()

	i.owners[i.identities.Of(c)] = id
}

// owner returns the number of the user that a fine-grained token acts as, if an inspection learned it.
func (i *Inspector) owner(c gittoken.Credential) (int64, bool) {
	i.mu.Lock()
	defer i.mu.Unlock()

	id, known := i.owners[i.identities.Of(c)]

	return id, known
}

// user returns whom a token acts as, from what Inspect learned or else from GitLab.
func (i *Inspector) user(ctx context.Context, s *server, c gittoken.Credential) (userRecord, answer, bool) {
	i.mu.Lock()
	u, known := i.users[i.identities.Of(c)]
	i.mu.Unlock()

	if known {
		return u, answer{}, true
	}

	a := s.get(ctx, "/user")

	u, ok := parseUser(a.Body)
	if !ok || !a.ok() {
		return userRecord{}, a, false
	}

	i.remember(c, u)

	return u, answer{}, true
}
