package provider

import (
	"context"
	"errors"
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// applyMaxAge is how old an inspection may be that an apply relies on. An apply of many resources asks once for a token
// that they share, and an apply that waited for a cluster asks again.
const applyMaxAge = 30 * time.Second

// subject is a token with everything that its check needs, as far as it is known.
type subject struct {
	tokenType gittoken.Type
	runtime   string
	token     tokenValue
	host      gittoken.Host // zero if not known
	username  string
	required  []string // the user's own requirement, or nil
	needs     []gittoken.RepositoryNeed
	probes    bool // whether write probes are allowed
	hint      time.Time

	lastOwner  string    // as an earlier answer told
	lastExpiry time.Time // as an earlier answer or the user told
}

// tokenValue is a token that may not be known before apply.
type tokenValue struct {
	secret gittoken.Secret
	known  bool
	// withheld says that Codefresh holds another token and will not be sent this one.
	withheld bool
}

// check asks the Git host about the subject and judges the answer. memory is what earlier answers proved about the same
// token.
func (d *providerData) check(
	ctx context.Context, s subject, v validation, memory gittoken.Memory, maxAge time.Duration,
) gittoken.Judgement {
	verdict := gittoken.Verdict{Kind: gittoken.KindUnknown}
	switch {
	case v == skip:
		verdict.Cause = gittoken.CauseSkipped
	case !s.token.known:
		verdict.Cause = gittoken.CauseTokenUnknown
	case s.token.withheld:
		verdict.Cause = gittoken.CauseTokenWithheld
	case s.host.IsZero():
		verdict.Cause = gittoken.CauseHostUnknown
	default:
		return d.ask(ctx, s, memory, maxAge)
	}

	return gittoken.Judge(verdict, s.requirement(verdict.Kind), nil, memory, d.now())
}

func (d *providerData) ask(
	ctx context.Context, s subject, memory gittoken.Memory, maxAge time.Duration,
) gittoken.Judgement {
	credential := s.credential()
	verdict := d.inspector.Inspect(ctx, credential, maxAge)
	if memory.ExpiresAt.IsZero() {
		memory.ExpiresAt = s.hint
	}

	requirement := s.requirement(verdict.Kind)
	var results []gittoken.ProbeResult
	if verdict.Standing == gittoken.Live {
		for _, probe := range gittoken.Probes(requirement, s.needs) {
			results = append(results, d.inspector.Probe(ctx, credential, verdict.Kind, probe, s.probes, maxAge))
		}
	}

	return gittoken.Judge(verdict, requirement, results, memory, d.now())
}

func (s subject) credential() gittoken.Credential {
	return gittoken.Credential{Host: s.host, Username: s.username, Token: s.token.secret}
}

// requirement returns what is asked of a token of this kind: the user's own list, or the table's row. A list that says
// what the row says is the row: the state holds the row as a set, without its order and its source.
func (s subject) requirement(k gittoken.Kind) gittoken.Requirement {
	row := gittoken.RequirementFor(s.host.Provider(), s.tokenType, k)
	if s.required == nil {
		return row
	}
	own := row.Override(scopesOf(s.required))
	if sameScopes(own.Scopes, row.Scopes) {
		return row
	}

	return own
}

func sameScopes(a, b []gittoken.Scope) bool {
	return slices.Equal(slices.Sorted(slices.Values(a)), slices.Sorted(slices.Values(b)))
}

// errNoGitProvider: neither the configuration nor Codefresh names a Git provider.
var errNoGitProvider = errors.New("no Git provider is known for this runtime")

// errOwnServer: nobody gives the address of the Git host, and the runtime was installed from another one than the
// provider's public service.
var errOwnServer = errors.New("the runtime's repository is not at the provider's public service")

// resolveHost returns the Git host that the plan names, completed by what Codefresh tells of the slot. told says that
// Codefresh told all that there is: until then its silence is no reason to take the provider's public API, which would
// get a token that may be another host's. The host is zero, without an error, where only an apply can tell.
func resolveHost(plan, config *tokenModel, view slotView, told bool) (gittoken.Host, error) {
	if config.GitProvider.IsUnknown() || config.APIURL.IsUnknown() {
		return gittoken.Host{}, nil
	}
	name := gittoken.Provider(plan.GitProvider.ValueString())
	if name == "" {
		name = view.provider
	}
	if name == "" {
		return gittoken.Host{}, errNoGitProvider
	}
	address := plan.APIURL.ValueString()
	switch {
	case address != "":
	case name == view.provider:
		address = view.apiURL
	case view.provider == "" && !told:
		return gittoken.Host{}, nil
	}

	host, err := gittoken.NewHost(name, address)
	if err == nil && address == "" && !sameSite(view.repo, host) {
		// The public API would get a token of the runtime's own server.
		return gittoken.Host{}, errOwnServer
	}

	return host, err
}

// sameSite reports whether a repository may be at host: it is, or its address is none that tells.
func sameSite(repository string, host gittoken.Host) bool {
	repo, err := url.Parse(repository)
	site, siteErr := url.Parse(host.WebURL())

	return err != nil || siteErr != nil || repo.Hostname() == "" || strings.EqualFold(repo.Hostname(), site.Hostname())
}
