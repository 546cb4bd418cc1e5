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
	// SharedConfigRepo is the address of that repository. Empty while there is none, and where the platform does not tell.
	SharedConfigRepo string
	// IsAdmin and IsNoAdmin say whether the user whom the API key belongs to administers the account. Both are false if
	// Codefresh does not tell.
	IsAdmin, IsNoAdmin bool
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

	who := identity{user: User{ID: me.Id, Name: c.transport.Printable(me.Name)}}

	if a := me.ActiveAccount; a != nil {
		who.account = Account{
			ID:          a.Id,
			Name:        c.transport.Printable(stringOf(a.Name)),
			GitProvider: providerOf(stringOf(a.GitProvider)),
			GitAPIURL:   stringOf(a.GitApiUrl),
		}
		who.account.IsAdmin, who.account.IsNoAdmin = among(a.Admins, me.Id)
	}

	return who, nil
}

// among reports whether id is in a list, and whether it is not. Neither of a list that is none or has a gap.
func among(list []*string, id string) (in, notIn bool) {
	in = slices.ContainsFunc(list, func(one *string) bool { return valueOf(one) == id })

	return in, !in && list != nil && !slices.Contains(list, nil)
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
