package provider

import (
	"cmp"
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"golang.org/x/sync/errgroup"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
)

// nameFilter is the attribute name_regex of data sources that list runtimes.
func nameFilter() schema.Attribute {
	return schema.StringAttribute{
		Optional: true, Validators: []validator.String{regularExpression{}},
		MarkdownDescription: "Only runtimes whose name matches this regular expression (RE2).",
	}
}

// told is an attribute that holds a word of Codefresh's.
func told(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

// overview returns what the platform tells of the account, for blocks that are nothing without it.
func (d *providerData) overview(ctx context.Context, diags *diag.Diagnostics) (codefresh.Overview, bool) {
	if diags.HasError() {
		return codefresh.Overview{}, false
	}
	err := d.codefreshMissing
	if d.codefresh != nil {
		var overview codefresh.Overview
		if overview, err = d.codefresh.Overview(ctx); err == nil {
			if !overview.Complete {
				tellGeneral(diags, warning, incompleteOverview())
			}

			return overview, true
		}
	}
	tellGeneral(diags, failure, explainCodefresh(err, ""))

	return codefresh.Overview{}, false
}

// byName returns the account's runtimes in the order of their names, each with the account's Git provider where it has
// none of its own.
func byName(o codefresh.Overview) []codefresh.Runtime {
	runtimes := slices.Clone(o.Runtimes)
	for i := range runtimes {
		runtimes[i].GitProvider = cmp.Or(runtimes[i].GitProvider, o.Account.GitProvider)
	}
	slices.SortFunc(runtimes, func(a, b codefresh.Runtime) int { return cmp.Compare(a.Name, b.Name) })

	return runtimes
}

// maxProxiesInFlight bounds how many app-proxies are asked at once: an account may have hundreds.
const maxProxiesInFlight = 8

// integrationsOf is what one runtime's app-proxy told, or why it told nothing.
type integrationsOf struct {
	runtime      codefresh.Runtime
	integrations []codefresh.Integration
	err          error
}

// surveyIntegrations asks the app-proxy of every runtime. One that does not answer takes nothing away from the others.
func (d *providerData) surveyIntegrations(ctx context.Context, runtimes []codefresh.Runtime) []integrationsOf {
	survey := make([]integrationsOf, len(runtimes))
	var group errgroup.Group
	group.SetLimit(maxProxiesInFlight)
	for i, r := range runtimes {
		group.Go(func() error {
			integrations, err := d.codefresh.Integrations(ctx, r.Name, r.AppProxyURL)
			slices.SortFunc(integrations, func(a, b codefresh.Integration) int { return cmp.Compare(a.Name, b.Name) })
			survey[i] = integrationsOf{r, integrations, err}

			return nil
		})
	}
	_ = group.Wait() // No function of the group returns an error: each keeps its own.

	return survey
}
