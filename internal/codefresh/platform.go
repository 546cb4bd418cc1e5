package codefresh

import (
	"context"
	"errors"
	"slices"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/platformapi"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// User is a Codefresh user or service account.
type User struct{ ID, Name string }

// Account is a Codefresh account.
type Account struct {
	ID, Name string
	// GitProvider and GitAPIURL say where the account's shared configuration repository is. Empty while there is none, and
	// GitProvider also for a provider that this project does not know.
	GitProvider gittoken.Provider
	GitAPIURL   string
	// IsAdmin says that the user whom the API key belongs to administers the account. It is also true if Codefresh does
	// not tell: it may word a message, and must not be the reason to refuse anything.
	IsAdmin bool
}

// TokenStatus is the platform's own word on a token of a runtime. It comes from the runtime and may be out of date.
type TokenStatus string

// The token statuses.
const (
	TokenSuccessful TokenStatus = "successful"
	TokenFailed     TokenStatus = "failed"
	TokenUnknown    TokenStatus = "unknown"
)

// Runtime is a GitOps Runtime as the platform describes it.
type Runtime struct {
	Name string
	// GitProvider is that of the repository the runtime was installed from. Often empty: Helm needs no such repository.
	GitProvider gittoken.Provider
	// ForeignProvider says that it has a Git provider that this project does not know.
	ForeignProvider bool
	Repo            string
	// AppProxyURL is the base address of the app-proxy: the runtime's internal ingress host if it has one, else its
	// ingress host, which is the order of Codefresh's own SDK. Empty if it has neither. What cannot be an address is
	// here as it came.
	AppProxyURL string
	// Internal says that AppProxyURL is the internal ingress host, which may not be reachable from everywhere.
	Internal bool
	// Available says that the runtime's last heartbeat is recent.
	Available bool
	// GitToken is the status of the runtime token, DefaultIntegration that of the integration named default, each with
	// Codefresh's explanation, which is safe to print.
	GitToken                 TokenStatus
	GitTokenDetail           string
	DefaultIntegration       TokenStatus
	DefaultIntegrationDetail string
	// Version is that of the Helm chart or, without one, of the runtime.
	Version string
	// InstallationType is HELM, HELM_HOSTED or a word that newer or older platforms have.
	InstallationType string
	// Managed says that Codefresh hosts the runtime.
	Managed bool
}

// Overview is what the platform tells in one answer.
type Overview struct {
	User     User
	Account  Account
	Runtimes []Runtime
	// Complete says that the platform has no further page of runtimes: only then does a runtime's absence mean anything.
	Complete bool
}

// Runtime returns the runtime of that name.
func (o Overview) Runtime(name string) (Runtime, bool) {
	i := slices.IndexFunc(o.Runtimes, func(r Runtime) bool { return r.Name == name })
	if i < 0 {
		return Runtime{}, false
	}

	return o.Runtimes[i], true
}

// Overview returns the key's user, the account and its runtimes. It asks once in the life of the client; an error is
// remembered too.
func (c *Client) Overview(ctx context.Context) (Overview, error) {
	o, err := c.overview.get(ctx, struct{}{}, c.askOverview)
	if err != nil {
		return Overview{}, asError(c.atPlatform(c.settings.APIKey, field{name: "runtimes"}), err)
	}

	o.Runtimes = slices.Clone(o.Runtimes)

	return o, nil
}

func (c *Client) askOverview(ctx context.Context) (Overview, error) {
	type (
		edge      = platformapi.OverviewRuntimesRuntimeSliceEdgesRuntimeEdge
		basicEdge = platformapi.OverviewBasicRuntimesRuntimeSliceEdgesRuntimeEdge
	)

	var o Overview

	call := c.atPlatform(c.settings.APIKey, field{name: "runtimes"}, field{name: "me"})

	err := c.fullOrBasic(
		func() error {
			data, err := platformapi.Overview(ctx, call)
			if err != nil {
				return err
			}

			runtimes := convert(data.Runtimes.Edges, func(e edge) Runtime { return call.runtimeWithStatus(e.Node) })
			o, err = call.overview(data.Me, runtimes, data.Runtimes.PageInfo.HasNextPage)

			return err
		},
		func() error {
			data, err := platformapi.OverviewBasic(ctx, call)
			if err != nil {
				return err
			}

			runtimes := convert(data.Runtimes.Edges, func(e basicEdge) Runtime { return runtimeOf(e.Node) })
			o, err = call.overview(data.Me, runtimes, data.Runtimes.PageInfo.HasNextPage)

			return err
		},
	)

	return o, err
}

// overview puts an answer together. Nil runtimes are no list: taken for an empty one, it would prove every runtime's
// absence.
func (c *call) overview(me *platformapi.UserFacts, runtimes []Runtime, more bool) (Overview, error) {
	if runtimes == nil {
		return Overview{}, c.lacking("runtimes")
	}

	who, err := c.identity(me)
	if err != nil {
		return Overview{}, err
	}

	return Overview{User: who.user, Account: who.account, Runtimes: runtimes, Complete: !more}, nil
}

// FreshRuntime asks for one runtime, whatever is remembered. The error's kind is RuntimeNotFound if the platform says
// that there is none of that name.
func (c *Client) FreshRuntime(ctx context.Context, name string) (Runtime, error) {
	var r *Runtime

	call := c.atPlatform(c.settings.APIKey, field{name: "runtime", nullable: true})
	call.runtime = name

	err := c.fullOrBasic(
		func() error {
			data, err := platformapi.RuntimeByName(ctx, call, name)
			if err == nil && data.Runtime != nil {
				got := call.runtimeWithStatus(*data.Runtime)
				r = &got
			}

			return err
		},
		func() error {
			data, err := platformapi.RuntimeByNameBasic(ctx, call, name)
			if err == nil && data.Runtime != nil {
				got := runtimeOf(*data.Runtime)
				r = &got
			}

			return err
		},
	)

	switch {
	case err != nil:
		return Runtime{}, err
	case r == nil:
		return Runtime{}, call.fail(&Error{Kind: RuntimeNotFound, Detail: "the account has no runtime of this name"})
	}

	return *r, nil
}

// fullOrBasic asks the full question or, at a platform whose schema is too old for it, the basic one.
func (c *Client) fullOrBasic(full, basic func() error) error {
	if c.basic.Load() {
		return basic()
	}

	err := full()

	var e *Error
	if !errors.As(err, &e) || e.lacks != lacksField {
		return err
	}

	if err := basic(); err != nil {
		return err
	}

	c.basic.Store(true)

	return nil
}

// Me returns the user and the account that key belongs to; an empty key is the client's own. It asks once for each key,
// and not at all for the client's own if the overview is known.
func (c *Client) Me(ctx context.Context, key gittoken.Secret) (User, Account, error) {
	key = c.keyOr(key)
	if key.Equal(c.settings.APIKey) {
		o, err := c.Overview(ctx)

		return o.User, o.Account, err
	}

	call := c.atPlatform(key, field{name: "me"})

	who := c.keys.Of(gittoken.Credential{Token: key})

	me, err := c.identities.get(ctx, who, func(ctx context.Context) (identity, error) {
		data, err := platformapi.Me(ctx, call)
		if err != nil {
			return identity{}, err
		}

		return call.identity(data.Me)
	})
	if err != nil {
		return User{}, Account{}, asError(call, err)
	}

	return me.user, me.account, nil
}

func (c *call) identity(me *platformapi.UserFacts) (identity, error) {
	if me.Id == "" {
		return identity{}, c.lacking("the user's id") // as which nobody is registered anywhere
	}

	who := identity{user: User{ID: me.Id, Name: c.transport.Printable(me.Name)}, account: Account{IsAdmin: true}}

	if a := me.ActiveAccount; a != nil {
		who.account = Account{
			ID:          a.Id,
			Name:        c.transport.Printable(stringOf(a.Name)),
			GitProvider: providerOf(stringOf(a.GitProvider)),
			GitAPIURL:   stringOf(a.GitApiUrl),
			IsAdmin:     a.Admins == nil || slices.Contains(a.Admins, me.Id),
		}
	}

	return who, nil
}

func (c *call) runtimeWithStatus(facts platformapi.RuntimeWithStatus) Runtime {
	r := runtimeOf(facts.RuntimeFacts)
	r.GitToken = statusOf(facts.Status.RuntimeGitToken.Status)
	r.GitTokenDetail = c.transport.Printable(stringOf(facts.Status.RuntimeGitToken.Description))
	r.DefaultIntegration = statusOf(facts.Status.DefaultGitIntegration.Status)
	r.DefaultIntegrationDetail = c.transport.Printable(stringOf(facts.Status.DefaultGitIntegration.Description))

	if version := stringOf(facts.ChartVersion); version != "" {
		r.Version = version
	}

	return r
}

func runtimeOf(facts platformapi.RuntimeFacts) Runtime {
	r := Runtime{
		Name:               facts.Metadata.Name,
		GitProvider:        providerOf(stringOf(facts.GitProvider)),
		ForeignProvider:    isForeign(stringOf(facts.GitProvider)),
		Repo:               stringOf(facts.Repo),
		AppProxyURL:        appProxyOf(stringOf(facts.IngressHost)),
		Available:          facts.Available,
		GitToken:           TokenUnknown,
		DefaultIntegration: TokenUnknown,
		Version:            stringOf(facts.RuntimeVersion),
		InstallationType:   string(facts.InstallationType),
		Managed:            facts.Managed,
	}

	if internal := appProxyOf(stringOf(facts.InternalIngressHost)); internal != "" {
		r.AppProxyURL, r.Internal = internal, true
	}

	return r
}

func appProxyOf(host string) string {
	address, err := AppProxyURL(host)
	if err != nil && !errors.Is(err, errAddressEmpty) {
		return host // whoever uses it learns what is wrong with it
	}

	return address
}

func statusOf(s platformapi.AppProxyStatus) TokenStatus {
	switch s {
	case platformapi.AppProxyStatusSuccessful:
		return TokenSuccessful
	case platformapi.AppProxyStatusFailed:
		return TokenFailed
	}

	return TokenUnknown
}
