package githost

import (
	"context"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketcloud"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/bitbucketserver"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/github"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/gitlab"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// host asks one kind of Git host. It has no errors: what goes wrong is a verdict or an outcome with a cause.
type host interface {
	Inspect(ctx context.Context, c gittoken.Credential) gittoken.Verdict
	Probe(
		ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, allowWrites bool,
	) gittoken.ProbeResult
	// Locate returns the name of the repository at an address of h, with what it belongs to: "acme/gitops". The error is
	// a remote.Problem.
	Locate(h gittoken.Host, address string) (string, error)
}

// Inspector asks any Git host, and remembers every answer for as long as it lives, refusals included: asking about a
// rejected token again and again is what locks accounts. That a host could not be asked is remembered for less.
type Inspector struct {
	hosts      map[gittoken.Provider]host
	now        func() time.Time
	identities memo.Identities
	verdicts   *memo.Memo[memo.Identity, remembered[gittoken.Verdict]]
	probes     *memo.Memo[probeKey, remembered[gittoken.ProbeResult]]
	redactor   *redact.Redactor
}

// probeKey has the repository by its name, so that its address counts once however it is spelled.
type probeKey struct {
	identity    memo.Identity
	kind        gittoken.Kind
	repository  string
	access      gittoken.Access
	permission  gittoken.Scope
	allowWrites bool
}

// New returns an Inspector that asks through t, and remembers answers under fingerprints made with salt
// (gittoken.NewSalt). A nil clock means time.Now.
func New(t *transport.Transport, now func() time.Time, salt []byte) *Inspector {
	if now == nil {
		now = time.Now
	}

	ids := memo.NewIdentities(salt)

	return newInspector(map[gittoken.Provider]host{
		gittoken.GitHub:          github.New(t, now, ids),
		gittoken.GitLab:          gitlab.New(t, now, ids),
		gittoken.BitbucketServer: bitbucketserver.New(t, now),
		gittoken.BitbucketCloud:  bitbucketcloud.New(t, now),
	}, now, ids, t.Redactor())
}

func newInspector(
	hosts map[gittoken.Provider]host, now func() time.Time, ids memo.Identities, redactor *redact.Redactor,
) *Inspector {
	return &Inspector{
		hosts:      hosts,
		now:        now,
		identities: ids,
		verdicts:   memo.New[memo.Identity, remembered[gittoken.Verdict]](now),
		probes:     memo.New[probeKey, remembered[gittoken.ProbeResult]](now),
		redactor:   redactor,
	}
}

// Inspect returns what a token's host says of it. A verdict that is at most maxAge old is not asked for again; 0 means
// that any verdict of this Inspector will do. Callers who want the same verdict at the same time share one, and if one
// of them is cancelled the others do not notice.
func (i *Inspector) Inspect(ctx context.Context, c gittoken.Credential, maxAge time.Duration) gittoken.Verdict {
	h, known := i.hosts[c.Host.Provider()]
	if !known {
		return gittoken.Verdict{Cause: gittoken.CauseHostUnknown, Detail: "nobody knows how to ask such a host"}
	}

	v, err := recall(ctx, i.verdicts, i.identities.Of(c), maxAge, i.now,
		func(ctx context.Context) (gittoken.Verdict, time.Duration) {
			ctx, trace := transport.Traced(ctx)
			v := i.redacted(h.Inspect(ctx, c))
			v.RequestID = trace.RequestID()

			return v, lifetime(v.Standing == gittoken.Unchecked, v.Cause, v.RetryAt, i.now())
		})
	if err != nil {
		cause, detail := transport.CauseOf(err)

		return gittoken.Verdict{Cause: cause, Detail: detail}
	}

	v.Scopes = append([]gittoken.Scope(nil), v.Scopes...) // the caller's own
	v.Unsettled = append([]gittoken.Scope(nil), v.Unsettled...)

	return v
}

// revoker is a host that revokes tokens for whoever has them.
type revoker interface {
	Revoke(ctx context.Context, c gittoken.Credential) gittoken.Revocation
}

// Revoke has the host revoke a token, once, and forgets what it said of the token before. That is the one thing that an
// Inspector changes.
func (i *Inspector) Revoke(ctx context.Context, c gittoken.Credential) gittoken.Revocation {
	h, able := i.hosts[c.Host.Provider()].(revoker)
	if !able {
		return gittoken.NotRevoked(gittoken.CauseNotPermitted, "such a host revokes tokens on its pages only")
	}

	ctx, trace := transport.Traced(ctx)
	r := h.Revoke(ctx, c)
	r.RequestID, r.Detail = trace.RequestID(), i.redactor.Text(r.Detail)
	i.verdicts.Forget(i.identities.Of(c))

	return r
}

// redacted returns v without secrets in what a host tells by itself. The transport took out what it knew and what an
// answer's escapes let it see: this is what they hid, and credentials of others.
func (i *Inspector) redacted(v gittoken.Verdict) gittoken.Verdict {
	v.Owner, v.Detail, v.HelpURL = i.redactor.Text(v.Owner), i.redactor.Text(v.Detail), i.redactor.Text(v.HelpURL)
	v.Scopes, v.Unsettled = i.redactedScopes(v.Scopes), i.redactedScopes(v.Unsettled)

	if v.Grant != nil {
		grant := *v.Grant
		grant.Entries = slices.Clone(grant.Entries)

		for n, entry := range grant.Entries {
			grant.Entries[n].Permissions = i.redactedScopes(entry.Permissions)
		}

		v.Grant = &grant
	}

	return v
}

func (i *Inspector) redactedScopes(scopes []gittoken.Scope) []gittoken.Scope {
	scopes = slices.Clone(scopes)
	for n, scope := range scopes {
		scopes[n] = gittoken.Scope(i.redactor.Text(string(scope)))
	}

	return scopes
}

// Probe returns what a token of the given kind may do with a repository. Requests with a write verb, which GitHub
// cannot accept, are sent only with allowWrites. For maxAge see Inspect.
func (i *Inspector) Probe(
	ctx context.Context, c gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, allowWrites bool,
	maxAge time.Duration,
) gittoken.ProbeResult {
	h, known := i.hosts[c.Host.Provider()]
	if !known {
		return gittoken.ProbeResult{Probe: p, Cause: gittoken.CauseHostUnknown, Detail: "nobody knows how to ask such a host"}
	}

	name, err := h.Locate(c.Host, p.Repository)
	if err != nil {
		return remote.Result(err).Of(p)
	}

	key := probeKey{i.identities.Of(c), kind, strings.ToLower(name), p.Access, p.Permission, allowWrites}

	r, err := recall(ctx, i.probes, key, maxAge, i.now,
		func(ctx context.Context) (gittoken.ProbeResult, time.Duration) {
			// A repository that does not answer is no reason to ask no more about tokens.
			ctx, trace := transport.Traced(transport.Aside(ctx))
			r := h.Probe(ctx, c, kind, p, allowWrites)
			r.RequestID = trace.RequestID()
			r.Detail, r.HelpURL = i.redactor.Text(r.Detail), i.redactor.Text(r.HelpURL)

			return r, lifetime(r.Outcome == gittoken.Undetermined, r.Cause, time.Time{}, i.now())
		})
	if err != nil {
		cause, detail := transport.CauseOf(err)

		return gittoken.ProbeResult{Probe: p, Cause: cause, Detail: detail}
	}

	return r.Of(p)
}

// Locate returns the name of the repository at an address, with what it belongs to first: "acme/gitops", where acme is
// an account, organisation, group, workspace or project. Nobody is asked. The error is a remote.Problem: the address is
// none of h's, or none of a repository.
func (i *Inspector) Locate(h gittoken.Host, address string) (string, error) {
	kind, known := i.hosts[h.Provider()]
	if !known {
		return "", remote.Elsewhere
	}

	return kind.Locate(h, address)
}
