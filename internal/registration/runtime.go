package registration

import (
	"context"
	"errors"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// RuntimeToken is where a runtime's own token is.
type RuntimeToken struct {
	API         API
	Runtime     string
	AppProxyURL string // the user's own, or empty
}

// Read implements Place.
func (p RuntimeToken) Read(ctx context.Context, f Freshness) (View, error) {
	view, found, err := findRuntime(ctx, p.API, p.Runtime, p.AppProxyURL, f)
	view.Status, view.Detail = found.GitToken, found.GitTokenDetail

	return view, err
}

// Reach implements Place. Whatever an app-proxy answers, it answers: only a refused API key, and what is no app-proxy's
// answer at all, is an error.
func (p RuntimeToken) Reach(ctx context.Context, v View) error {
	_, err := p.API.AppProxyVersion(ctx, p.Runtime, v.AppProxyURL)
	if problem := (*codefresh.Error)(nil); errors.As(err, &problem) {
		switch problem.Kind {
		case codefresh.Refused, codefresh.NoSuchOperation, codefresh.RateLimited:
			return nil
		}
	}

	return err
}

// Write implements Place.
func (p RuntimeToken) Write(ctx context.Context, v View, c gittoken.Credential) error {
	return follow(ctx, p.API, p.Runtime, v.AppProxyURL, p.AppProxyURL, func(address string) error {
		return p.API.UpdateRuntimeToken(ctx, p.Runtime, address, codefresh.RuntimeToken{
			Provider: c.Host.Provider(), APIURL: c.Host.APIURL(), Token: c.Token, Username: c.Username,
		})
	})
}

// GitSources implements Place.
func (p RuntimeToken) GitSources(ctx context.Context) (urls []string, told bool) {
	return gitSources(ctx, p.API, p.Runtime)
}

func gitSources(ctx context.Context, api API, runtime string) (urls []string, told bool) {
	all, told := api.GitSources(ctx)
	for _, source := range all {
		if source.Runtime == runtime {
			urls = append(urls, source.RepoURL)
		}
	}

	return urls, told
}

// findRuntime finds a runtime among those of the account, or by its name where the list will not do.
func findRuntime(
	ctx context.Context, api API, name, appProxyURL string, f Freshness,
) (View, codefresh.Runtime, error) {
	view := View{Registered: true, AppProxyURL: appProxyURL, Status: codefresh.TokenUnknown}

	overview, err := api.Overview(ctx)
	if err != nil {
		return view, codefresh.Runtime{GitToken: codefresh.TokenUnknown}, err
	}

	view.AccountID, view.Caller = overview.Account.ID, overview.User.ID
	view.Admin, view.NoAdmin = overview.Account.IsAdmin, overview.Account.IsNoAdmin
	view.SharedConfiguration = overview.Account.SharedConfigRepo
	view.Provider, view.APIURL = overview.Account.GitProvider, overview.Account.GitAPIURL

	found, listed := overview.Runtime(name)
	switch {
	case f == Located:
		found, err = api.RecentRuntime(ctx, name)
	case f >= Fresh, !listed && f == CachedUnlessMissing:
		found, err = api.FreshRuntime(ctx, name)
	case !listed:
		found, err = api.RuntimeNamed(ctx, name)
	}

	if problem := (*codefresh.Error)(nil); errors.As(err, &problem) && problem.Kind == codefresh.RuntimeNotFound {
		view.Missing, view.Registered = MissingRuntime, false
		for _, r := range overview.Runtimes {
			view.Runtimes = append(view.Runtimes, transport.Printable(r.Name))
		}

		return view, found, nil
	}

	if err != nil {
		// The account's host would be a guess: the runtime, which could not be asked for, may have one of its own.
		view.Provider, view.APIURL = "", ""

		return view, codefresh.Runtime{GitToken: codefresh.TokenUnknown}, err
	}

	view.Repo = found.Repo
	if view.AppProxyURL == "" {
		view.AppProxyURL = found.AppProxyURL
	}

	switch {
	case found.ForeignProvider:
		view.Provider, view.APIURL, view.ForeignProvider = "", "", true
	case found.GitProvider != "" && found.GitProvider != view.Provider:
		// The account's address belongs to another provider.
		view.Provider, view.APIURL = found.GitProvider, ""
	}

	return view, found, nil
}

// follow does something at the app-proxy of a runtime and, if nobody answers there, once more where the platform says
// that it is by now: a runtime may move during an apply, a moment after it was asked about. own is the user's own
// address of it, which nothing else takes the place of.
func follow(ctx context.Context, api API, runtime, address, own string, do func(address string) error) error {
	err := do(address)

	problem := (*codefresh.Error)(nil)
	if !errors.As(err, &problem) || problem.Service != codefresh.AppProxy || own != "" || ctx.Err() != nil ||
		problem.Kind != codefresh.Unreachable && problem.Kind != codefresh.NotUnderstood {
		return err
	}

	now, lookErr := api.RuntimeAwayFrom(ctx, runtime, address)
	if lookErr != nil || now.AppProxyURL == "" || now.AppProxyURL == address {
		return err // and not lookErr: the address is most likely as it was
	}

	return do(now.AppProxyURL)
}
