package registration

import (
	"context"
	"errors"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// API is what registrations need of Codefresh.
type API interface {
	Overview(ctx context.Context) (codefresh.Overview, error)
	RecentOverview(ctx context.Context) (codefresh.Overview, error)
	RuntimeNamed(ctx context.Context, name string) (codefresh.Runtime, error)
	RecentRuntime(ctx context.Context, name string) (codefresh.Runtime, error)
	FreshRuntime(ctx context.Context, name string) (codefresh.Runtime, error)
	RuntimeAwayFrom(ctx context.Context, name, appProxyURL string) (codefresh.Runtime, error)
	GitSources(ctx context.Context) (all []codefresh.GitSource, told bool)
	Me(ctx context.Context, key gittoken.Secret) (codefresh.User, codefresh.Account, error)
	Integrations(ctx context.Context, runtime, appProxyURL string) ([]codefresh.Integration, error)
	FreshIntegrations(ctx context.Context, runtime, appProxyURL string) ([]codefresh.Integration, error)
	RegisterUserToken(ctx context.Context, runtime, appProxyURL string, key gittoken.Secret, t codefresh.UserToken) error
	DeregisterUserToken(ctx context.Context, runtime, appProxyURL string, key gittoken.Secret, integration string) error
	UpdateRuntimeToken(ctx context.Context, runtime, appProxyURL string, t codefresh.RuntimeToken) error
	AppProxyVersion(ctx context.Context, runtime, appProxyURL string) (string, error)
}

// Place is where Codefresh holds one Git token: a runtime's own, or one user's in an integration of a runtime.
type Place interface {
	// Read returns what Codefresh tells of the place. With an error the view holds what was learnt before it.
	Read(ctx context.Context, f Freshness) (View, error)
	// Reach asks whether the app-proxy answers, for the place as an earlier Read saw it, where reading did not show that.
	Reach(ctx context.Context, v View) error
	// Write hands a token to Codefresh, for the place as an earlier Read saw it.
	Write(ctx context.Context, v View, c gittoken.Credential) error
	// GitSources returns the addresses of the repositories that the runtime's Git Sources are of. It reports false if the
	// platform did not tell.
	GitSources(ctx context.Context) (urls []string, told bool)
}

// UserPlace is where Codefresh holds a user's token, which can be taken away.
type UserPlace interface {
	Place
	// Remove takes the token away, as an earlier Read saw it.
	Remove(ctx context.Context, v View) error
}

// Reasons for which there is no Codefresh to ask.
var (
	// ErrKeyMissing says that there is no API key in the provider block, the environment or the CLI's file.
	ErrKeyMissing = errors.New("no Codefresh API key is configured")
	// ErrSettingsUnknown says that the URL or the key comes from a resource that is not applied yet. Falling back to
	// another source would ask the wrong account.
	ErrSettingsUnknown = errors.New("the Codefresh settings are not known before apply")
)

// Unavailable is a UserPlace while there is no Codefresh to ask, for the reason in it.
type Unavailable struct{ Reason error }

// Read returns the reason.
func (u Unavailable) Read(context.Context, Freshness) (View, error) { return View{}, u.Reason }

// Reach returns the reason.
func (u Unavailable) Reach(context.Context, View) error { return u.Reason }

// Write returns the reason.
func (u Unavailable) Write(context.Context, View, gittoken.Credential) error { return u.Reason }

// GitSources reports that nobody told.
func (u Unavailable) GitSources(context.Context) ([]string, bool) { return nil, false }

// Remove returns the reason.
func (u Unavailable) Remove(context.Context, View) error { return u.Reason }

// Freshness says whether answers that this process already has will do.
type Freshness int

// The freshnesses, in rising order.
const (
	Cached              Freshness = iota // they will
	CachedUnlessMissing                  // they will, unless by them there is no such thing: it may be younger
	Located                              // like that, but where the runtime is is asked again: it may have moved
	Fresh                                // they will not
	AllFresh                             // nor will what does not change with a token, such as where the runtime is
)

// View is what Codefresh tells of a place.
type View struct {
	// Missing names what Codefresh proved not to exist: MissingRuntime, MissingIntegration or, usually, nothing.
	Missing string
	// Registered is false only if Codefresh proved that the place is empty.
	Registered bool
	Status     codefresh.TokenStatus
	Detail     string // the platform's explanation, safe to print

	AppProxyURL string
	// Provider and APIURL are the Git host that Codefresh itself uses there; empty if it tells none.
	Provider gittoken.Provider
	APIURL   string
	// ForeignProvider says that Codefresh tells a Git provider that this version does not know: Provider is empty then.
	ForeignProvider bool
	AccountID       string
	UserID          string // whose token the place holds; empty if not known
	Caller          string // whose key the provider block has
	Admin           bool   // whether Codefresh says that that user administers the account
	NoAdmin         bool   // whether it says that the user does not
	Repo            string // the repository that the runtime was installed from, if any
	// SharedConfiguration is the account's shared configuration repository; empty if there is none, or nobody tells.
	SharedConfiguration string
	Runtimes            []string // the account's runtimes, if the one asked for is not among them
	// Integrations are those of the runtime that the API key may see, if the one asked for is not among them.
	Integrations []string
}

// What may be missing.
const (
	MissingRuntime     = "runtime"
	MissingIntegration = "integration"
)

// InAnotherAccount reports whether the view is of another account than the one that a token was registered in; an empty
// id is not known. Such a view says nothing about the token.
func (v View) InAnotherAccount(accountID string) bool {
	return v.AccountID != "" && accountID != "" && v.AccountID != accountID
}

// MayHaveArrived reports whether a token may have arrived although its Write failed with err.
func MayHaveArrived(err error) bool {
	problem := (*codefresh.Error)(nil)

	return errors.As(err, &problem) && (problem.Kind == codefresh.Unreachable || problem.Kind == codefresh.NotUnderstood)
}

// Send writes a token. Where the answer got lost, the token may have arrived: Codefresh is asked before anybody sends
// it again. Only a valid registration where there was none before proves that it did. Of one that was there before,
// and of a runtime's own token, nothing tells which token it is.
func Send(ctx context.Context, p Place, before View, c gittoken.Credential) error {
	err := p.Write(ctx, before, c)
	if err == nil || !MayHaveArrived(err) || before.Registered || ctx.Err() != nil {
		return err
	}

	now, readErr := p.Read(ctx, Fresh)
	if readErr != nil || now.Missing != "" || !now.Registered || now.Status != codefresh.TokenSuccessful {
		return err // and not readErr: why the token was not taken is of more use
	}

	return nil
}
