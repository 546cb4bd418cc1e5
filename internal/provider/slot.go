package provider

import (
	"context"
	"errors"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// slot is a place in Codefresh that holds one Git token: a runtime's own, or one user's in an integration of a runtime.
type slot interface {
	// look returns what Codefresh tells of the slot. With an error the view holds what was learnt before it.
	look(ctx context.Context, f freshness) (slotView, error)
	// put hands a token to Codefresh, for the slot of an earlier look.
	put(ctx context.Context, v slotView, c gittoken.Credential) error
}

// freshness says whether answers that this process already has will do.
type freshness int

const (
	remembered freshness = iota // they will
	younger                     // they will, unless by them there is no such runtime: it may be younger than they are
	current                     // they will not
)

// slotView is what Codefresh tells of a slot.
type slotView struct {
	// missing names what Codefresh proved not to exist: missingRuntime, missingIntegration or, usually, nothing.
	missing string
	// registered is false only if Codefresh proved that the slot is empty.
	registered bool
	status     codefresh.TokenStatus
	detail     string

	appProxyURL string
	// provider and apiURL are the Git host that Codefresh itself uses there; empty if it tells none.
	provider  gittoken.Provider
	apiURL    string
	accountID string
	userID    string   // whose token the slot holds; empty if not known
	caller    string   // whose key the provider block has
	admin     bool     // whether that user administers the account, or Codefresh does not tell
	repo      string   // the repository that the runtime was installed from, if any
	runtimes  []string // the account's runtimes, if the one asked for is not among them
}

// inAnotherAccount reports whether the view is of another account than the one that a token was registered in. Such a
// view says nothing about the token.
func (v slotView) inAnotherAccount(n note) bool {
	return v.accountID != "" && n.AccountID != "" && v.accountID != n.AccountID
}

// What may be missing.
const (
	missingRuntime     = "runtime"
	missingIntegration = "integration"
)

// mayHaveArrived reports whether a put that failed with err may have been done nevertheless.
func mayHaveArrived(err error) bool {
	problem := (*codefresh.Error)(nil)

	return errors.As(err, &problem) && (problem.Kind == codefresh.Unreachable || problem.Kind == codefresh.NotUnderstood)
}

// runtimeSlot holds a runtime's own token.
type runtimeSlot struct {
	api         codefreshAPI
	runtime     string
	appProxyURL string // the user's own, or empty
}

func (s runtimeSlot) look(ctx context.Context, f freshness) (slotView, error) {
	view, found, err := lookUpRuntime(ctx, s.api, s.runtime, s.appProxyURL, f)
	view.status, view.detail = found.GitToken, found.GitTokenDetail

	return view, err
}

func (s runtimeSlot) put(ctx context.Context, v slotView, c gittoken.Credential) error {
	return s.api.UpdateRuntimeToken(ctx, s.runtime, v.appProxyURL, codefresh.RuntimeToken{
		Provider: c.Host.Provider(), APIURL: c.Host.APIURL(), Token: c.Token, Username: c.Username,
	})
}

// userSlot holds a user's token in an integration of a runtime.
type userSlot struct {
	api         codefreshAPI
	runtime     string
	integration string
	appProxyURL string
	key         gittoken.Secret // the user's own key; empty for that of the provider
	userID      string          // as the state has it; empty before the token was registered
}

func (s userSlot) look(ctx context.Context, f freshness) (slotView, error) {
	// The platform's word on the runtime does not change with a user's token: only the app-proxy is asked again.
	view, _, err := lookUpRuntime(ctx, s.api, s.runtime, s.appProxyURL, min(f, younger))
	view.userID = s.identity(view)
	if err != nil || view.missing != "" {
		return view, err
	}
	if view.userID == "" && f != remembered {
		me, _, err := s.api.Me(ctx, s.key)
		if err != nil {
			return view, err
		}
		view.userID = me.ID
	}
	// The runtime's provider is that of its installation; an integration has a provider of its own.
	view.provider, view.apiURL, view.repo = "", "", ""

	if f != current {
		integrations, err := s.api.Integrations(ctx, s.runtime, view.appProxyURL)
		if err != nil {
			return view, err
		}
		if found, listed := findIntegration(integrations, s.integration); listed || f == remembered {
			return s.viewIn(found, listed, view), nil
		}
	}
	integrations, err := s.api.FreshIntegrations(ctx, s.runtime, view.appProxyURL)
	if err != nil {
		return view, err
	}
	found, listed := findIntegration(integrations, s.integration)

	return s.viewIn(found, listed, view), nil
}

func (s userSlot) viewIn(integration codefresh.Integration, listed bool, view slotView) slotView {
	if !listed {
		// An integration may be shared with administrators only: that others do not see it proves nothing.
		view.missing, view.registered = missingIntegration, !view.admin

		return view
	}
	view.provider, view.apiURL = integration.Provider, integration.APIURL
	if view.userID == "" {
		return view
	}
	valid, registered := integration.Users[view.userID]
	view.registered = registered
	switch {
	case !registered:
	case valid:
		view.status = codefresh.TokenSuccessful
	default:
		view.status = codefresh.TokenFailed
	}

	return view
}

// identity returns whose token the slot holds, as far as it is known without asking with the user's own key.
func (s userSlot) identity(view slotView) string {
	switch {
	case s.userID != "":
		return s.userID
	case s.key.IsEmpty():
		return view.caller
	}

	return ""
}

func (s userSlot) put(ctx context.Context, v slotView, c gittoken.Credential) error {
	return s.api.RegisterUserToken(ctx, s.runtime, v.appProxyURL, s.key, codefresh.UserToken{
		Integration: s.integration, Token: c.Token, Username: c.Username,
	})
}

// lookUpRuntime finds a runtime among those of the account, or by its name where the list will not do.
func lookUpRuntime(
	ctx context.Context, api codefreshAPI, name, appProxyURL string, f freshness,
) (slotView, codefresh.Runtime, error) {
	view := slotView{registered: true, appProxyURL: appProxyURL, status: codefresh.TokenUnknown}

	overview, err := api.Overview(ctx)
	if err != nil {
		return view, codefresh.Runtime{GitToken: codefresh.TokenUnknown}, err
	}
	view.accountID, view.caller = overview.Account.ID, overview.User.ID
	view.admin = overview.Account.IsAdmin
	view.provider, view.apiURL = overview.Account.GitProvider, overview.Account.GitAPIURL

	found, listed := overview.Runtime(name)
	switch {
	case f == current, !listed && f == younger, !listed && !overview.Complete:
		found, err = api.FreshRuntime(ctx, name)
	case !listed:
		err = &codefresh.Error{Kind: codefresh.RuntimeNotFound}
	}
	if problem := (*codefresh.Error)(nil); errors.As(err, &problem) && problem.Kind == codefresh.RuntimeNotFound {
		view.missing, view.registered = missingRuntime, false
		for _, r := range overview.Runtimes {
			view.runtimes = append(view.runtimes, transport.Printable(r.Name))
		}

		return view, found, nil
	}
	if err != nil {
		return view, codefresh.Runtime{GitToken: codefresh.TokenUnknown}, err
	}

	view.repo = found.Repo
	if view.appProxyURL == "" {
		view.appProxyURL = found.AppProxyURL
	}
	if found.GitProvider != "" && found.GitProvider != view.provider {
		// The account's address belongs to another provider.
		view.provider, view.apiURL = found.GitProvider, ""
	}

	return view, found, nil
}

func findIntegration(integrations []codefresh.Integration, name string) (codefresh.Integration, bool) {
	for _, integration := range integrations {
		if integration.Name == name {
			return integration, true
		}
	}

	return codefresh.Integration{}, false
}
