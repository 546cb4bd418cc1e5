package registration

import (
	"context"
	"errors"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// defaultIntegration is the Git integration that every runtime has.
const defaultIntegration = "default"

// UserToken is where a user's token in an integration of a runtime is.
type UserToken struct {
	API         API
	Runtime     string
	Integration string
	AppProxyURL string          // the user's own, or empty
	Key         gittoken.Secret // the user's own key; empty for that of the provider
	UserID      string          // as the state has it; empty before the token was registered
}

// Read implements Place.
func (p UserToken) Read(ctx context.Context, f Freshness) (View, error) {
	ofRuntime := f
	if f == Fresh {
		// The platform's word on the runtime does not change with a user's token: only the app-proxy is asked again.
		ofRuntime = CachedUnlessMissing
	}

	view, _, err := findRuntime(ctx, p.API, p.Runtime, p.AppProxyURL, ofRuntime)

	view.UserID = p.identity(view)
	installed := view
	// The runtime's provider is that of its installation; an integration has a provider of its own. Of one that is not
	// there yet only the default one's is foreseeable: it is the installation's.
	if err != nil || view.Missing == "" || p.Integration != defaultIntegration {
		view.Provider, view.APIURL, view.ForeignProvider, view.Repo = "", "", false, ""
	}

	if err != nil || view.Missing != "" {
		return view, err
	}

	var read View

	readAt := func(address string) (err error) {
		view.AppProxyURL = address
		read, err = p.readAt(ctx, view, f)

		return err
	}

	if f < Located {
		err = readAt(view.AppProxyURL)
	} else {
		err = p.followed(ctx, view.AppProxyURL, readAt)
	}

	if err != nil {
		return read, err
	}

	return read.guardedBy(installed), nil
}

func (p UserToken) followed(ctx context.Context, address string, do func(address string) error) error {
	return follow(ctx, p.API, p.Runtime, address, p.AppProxyURL, do)
}

// readAt reads the place at the address of a view.
func (p UserToken) readAt(ctx context.Context, view View, f Freshness) (View, error) {
	if view.UserID == "" && f != Cached {
		me, _, err := p.API.Me(ctx, p.Key)
		if err != nil {
			return view, err
		}

		view.UserID = me.ID
	}

	if f < Fresh {
		integrations, err := p.API.Integrations(ctx, p.Runtime, view.AppProxyURL)
		if err != nil {
			return view, err
		}

		if found, listed := findIntegration(integrations, p.Integration); listed || f == Cached {
			return viewIn(found, listed, integrations, view), nil
		}
	}

	integrations, err := p.API.FreshIntegrations(ctx, p.Runtime, view.AppProxyURL)
	if err != nil {
		return view, err
	}

	found, listed := findIntegration(integrations, p.Integration)

	return viewIn(found, listed, integrations, view), nil
}

// guardedBy returns the view of an integration whose address Codefresh does not tell with the repository that its
// runtime was installed from: a token of the same provider is not for its public API where that is another host.
func (v View) guardedBy(installed View) View {
	if v.Provider == installed.Provider && v.APIURL == "" {
		v.Repo = installed.Repo
	}

	return v
}

// Reach implements Place. Read has asked the app-proxy already.
func (p UserToken) Reach(context.Context, View) error { return nil }

// Write implements Place.
func (p UserToken) Write(ctx context.Context, v View, c gittoken.Credential) error {
	return p.followed(ctx, v.AppProxyURL, func(address string) error {
		return p.API.RegisterUserToken(ctx, p.Runtime, address, p.Key, codefresh.UserToken{
			Integration: p.Integration, Token: c.Token, Username: c.Username,
		})
	})
}

// GitSources implements Place.
func (p UserToken) GitSources(ctx context.Context) (urls []string, told bool) {
	return gitSources(ctx, p.API, p.Runtime)
}

// OtherUserError says that a key is not that of the user whose token the place holds. Codefresh deregisters whoever
// asks, and that would be somebody else.
type OtherUserError struct {
	Owner, Caller string
	KeyRefused    bool // Codefresh refuses the user's own key, and Caller is that of the API
}

// Error implements error.
func (e *OtherUserError) Error() string {
	return "the token is user " + e.Owner + "'s, and the API key is user " + e.Caller + "'s"
}

// Remove implements UserPlace. A token that is gone already, together with its runtime or integration or by itself, is
// no error. A user's own key that Codefresh refuses gives way to the API's, if that is the same user's. Errors: those
// of Codefresh, and OtherUserError.
func (p UserToken) Remove(ctx context.Context, v View) error {
	if !v.Registered {
		return nil
	}

	key, caller, refused := p.Key, v.Caller, false
	if !key.IsEmpty() {
		me, _, err := p.API.Me(ctx, key)

		var problem *codefresh.Error
		switch refused = errors.As(err, &problem) && problem.Kind == codefresh.KeyRefused; {
		case refused:
			key = gittoken.Secret{}
		case err != nil:
			return err
		default:
			caller = me.ID
		}
	}

	if caller != v.UserID {
		return &OtherUserError{Owner: v.UserID, Caller: caller, KeyRefused: refused}
	}

	return p.followed(ctx, v.AppProxyURL, func(address string) error {
		return p.API.DeregisterUserToken(ctx, p.Runtime, address, key, p.Integration)
	})
}

// identity returns whose token the place holds, as far as it is known without asking with the user's own key.
func (p UserToken) identity(view View) string {
	switch {
	case p.UserID != "":
		return p.UserID
	case p.Key.IsEmpty():
		return view.Caller
	}

	return ""
}

func viewIn(integration codefresh.Integration, listed bool, all []codefresh.Integration, view View) View {
	if !listed {
		for _, i := range all {
			view.Integrations = append(view.Integrations, transport.Printable(i.Name))
		}
		// An integration may be shared with administrators only: that others do not see it proves nothing.
		view.Missing, view.Registered = MissingIntegration, !view.Admin

		return view
	}

	view.Provider, view.APIURL = integration.Provider, integration.APIURL

	view.ForeignProvider = integration.Provider == ""
	if view.UserID == "" {
		return view
	}

	status, registered := integration.TokenOf(view.UserID)
	if view.Registered = registered; registered {
		view.Status = status
	}

	return view
}

func findIntegration(integrations []codefresh.Integration, name string) (codefresh.Integration, bool) {
	for _, integration := range integrations {
		if integration.Name == name {
			return integration, true
		}
	}

	return codefresh.Integration{}, false
}
