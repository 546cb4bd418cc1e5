package registration

import (
	"cmp"
	"context"
	"slices"

	"golang.org/x/sync/errgroup"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
)

// MaxProxiesInFlight bounds how many app-proxies are asked at once: an account may have hundreds.
const MaxProxiesInFlight = 8

// Survey is what one runtime's app-proxy told, or why it told nothing.
type Survey struct {
	Runtime      codefresh.Runtime
	Integrations []codefresh.Integration // in the order of their names
	Err          error
}

// SurveyIntegrations asks the app-proxy of every runtime. One that does not answer takes nothing away from the others.
func SurveyIntegrations(ctx context.Context, api API, runtimes []codefresh.Runtime) []Survey {
	surveys := make([]Survey, len(runtimes))

	var group errgroup.Group
	group.SetLimit(MaxProxiesInFlight)

	for i, r := range runtimes {
		group.Go(func() error {
			integrations, err := api.Integrations(ctx, r.Name, r.AppProxyURL)
			slices.SortFunc(integrations, func(a, b codefresh.Integration) int { return cmp.Compare(a.Name, b.Name) })
			surveys[i] = Survey{r, integrations, err}

			return nil
		})
	}

	_ = group.Wait() // No function of the group returns an error: each keeps its own.

	return surveys
}

// Runtimes returns the account's runtimes in the order of their names, each with the account's Git provider where it
// has none of its own. One that this project does not know is its own.
func Runtimes(o codefresh.Overview) []codefresh.Runtime {
	runtimes := slices.Clone(o.Runtimes)
	for i, r := range runtimes {
		if !r.ForeignProvider {
			runtimes[i].GitProvider = cmp.Or(r.GitProvider, o.Account.GitProvider)
		}
	}

	slices.SortFunc(runtimes, func(a, b codefresh.Runtime) int { return cmp.Compare(a.Name, b.Name) })

	return runtimes
}
