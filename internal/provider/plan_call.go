package provider

import (
	"cmp"
	"context"
	"errors"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// planCall is one call of the plan logic for one token resource.
//
// Terraform calls it again in the apply process and insists on the same known values. So those follow from
// configuration, state and private state alone; what the network says becomes a diagnostic, and may turn values
// unknown.
type planCall struct {
	tokenType    gittoken.Type
	plan, config tokenModel  // without what ignore_changes ignores
	state        *tokenModel // nil for a create
	owner        owner       // as planned
	ownerBefore  owner       // as the state has it
	private      privateState
	place        registration.Place
	say          reporter
	others       func() bool // reports whether a refresh of this process came upon a resource of the state
}

// at returns the place in Codefresh that the plan is for, as far as it is known.
func (c planCall) at() place {
	return c.owner.placeAt(c.plan.Runtime, c.tokenType)
}

// replaces reports whether the plan is for another place than the state. Terraform then plans once more without the
// state, so that nothing of the old place has a say in the new one, and nothing is said twice.
func (c planCall) replaces() bool {
	return c.state != nil &&
		(!c.plan.Runtime.Equal(c.state.Runtime) || !c.owner.integration.Equal(c.ownerBefore.integration))
}

// refuse returns the reporter for what is wrong with what is configured. A plan that comes before a destroy cannot be
// told from another one; of a new resource, only if there is something else to destroy.
func (c planCall) refuse() reporter {
	say := c.say

	say.wayOut = func(m message.Message) message.Message {
		switch {
		case c.state != nil:
			return message.DestroyAnyway(m)
		case c.others():
			return message.DestroyAll(m)
		}

		return m
	}

	return say
}

// withSameAddress returns the plan with the state's spelling of an address that is the same one.
func (c planCall) withSameAddress() tokenModel {
	m := c.plan
	if c.state == nil {
		return m
	}

	before := hostOfState(c.state)

	if sameAppProxy(m.AppProxyURL.ValueString(), c.state.AppProxyURL.ValueString()) {
		m.AppProxyURL = c.state.AppProxyURL
	}

	if sameRepositories(before, m.Repositories, c.state.Repositories) {
		m.Repositories = c.state.Repositories
	}

	if c.config.APIURL.IsNull() || c.config.APIURL.IsUnknown() {
		return m
	}

	provider := m.GitProvider
	if c.config.GitProvider.IsNull() {
		provider = c.state.GitProvider
	}

	now, err := gittoken.NewHost(gittoken.Provider(provider.ValueString()), m.APIURL.ValueString())
	if err == nil && now == before && !before.IsZero() {
		m.APIURL = c.state.APIURL
	}

	return m
}

func sameAppProxy(a, b string) bool {
	first, err := codefresh.AppProxyURL(a)
	second, otherErr := codefresh.AppProxyURL(b)

	return err == nil && otherErr == nil && first == second
}

// sameRepositories reports whether two lists name the same repositories, whatever their spelling, and the same access.
func sameRepositories(host gittoken.Host, a, b types.List) bool {
	return len(a.Elements()) > 0 && slices.EqualFunc(a.Elements(), b.Elements(), func(one, other attr.Value) bool {
		first, known := repositoryOf(one)
		second, otherKnown := repositoryOf(other)

		return known && otherKnown && first.Access == second.Access && remote.Same(host, first.URL, second.URL)
	})
}

// unset reports whether the configuration names a provider or an address no longer. Where the token goes then is
// Codefresh's to say.
func (c planCall) unset() bool {
	return c.private.ProviderConfigured && c.config.GitProvider.IsNull() ||
		c.private.AddressConfigured && c.config.APIURL.IsNull()
}

// ownRequirement returns the user's own requirement; nil for the table's. One that is not known before apply requires
// nothing yet.
func (c planCall) ownRequirement() []gittoken.Scope {
	if c.config.RequiredScopes.IsUnknown() {
		return []gittoken.Scope{}
	}

	return scopesIn(c.config.RequiredScopes)
}

// host returns the Git host of the plan: what is configured, completed by what Codefresh tells. It is zero where only
// an apply can tell.
func (c planCall) host(view registration.View, seen bool) (gittoken.Host, bool) {
	if c.config.GitProvider.IsUnknown() || c.config.APIURL.IsUnknown() || c.owner.integration.IsUnknown() {
		return gittoken.Host{}, true
	}

	provider, address := c.config.GitProvider.ValueString(), c.config.APIURL.ValueString()
	if !seen && c.state != nil {
		// The default is that of the last apply, until Codefresh can be asked for today's.
		if c.unset() {
			return gittoken.Host{}, true
		}

		provider = cmp.Or(provider, c.state.GitProvider.ValueString())
		if provider == c.state.GitProvider.ValueString() {
			address = cmp.Or(address, c.state.APIURL.ValueString())
		}
	}

	host, err := view.GitHost(gittoken.Provider(provider), address, seen)
	if err != nil && (seen || !errors.Is(err, registration.ErrNoGitProvider)) {
		c.refuse().host(err, c.plan.Runtime.ValueString())

		return host, false
	}

	return host, true
}

// hostFrom says who named the Git host of the plan, for the log.
func (c planCall) hostFrom(view registration.View, seen bool) string {
	provider := gittoken.Provider(c.config.GitProvider.ValueString())
	switch {
	case !c.config.APIURL.IsNull():
		return "api_url"
	case !seen && c.state != nil:
		return "the state"
	case view.APIURL != "" && (provider == "" || provider == view.Provider):
		return "Codefresh"
	}

	return "the Git provider's public address"
}

// hostChanges reports whether the token is for another host or user name than before. Without configuration, a host
// that was configured before goes back to Codefresh's.
func (c planCall) hostChanges(host gittoken.Host) bool {
	if !c.plan.Username.Equal(c.state.Username) {
		return true
	}

	if host.IsZero() {
		return c.config.GitProvider.IsUnknown() || c.config.APIURL.IsUnknown() || c.unset()
	}

	return host != hostOfState(c.state)
}

// materials reports whether the token can be one of the host, and says why not. Of a token that is not to be sent, and
// that the configuration has not come to contradict, nothing is said.
func (c planCall) materials(token source, host gittoken.Host, change change) bool {
	contradicted := change.host && !c.config.GitProvider.IsNull()
	if !token.Known || !change.create && !change.token && !contradicted {
		return true
	}

	p := cmp.Or(host.Provider(), gittoken.Provider(c.config.GitProvider.ValueString()))

	return checkMaterials(&c.plan, p, token, c.refuse())
}

// repositoriesAtHost reports whether those of the plan are at the host, and says which one is not. What was accepted
// before is the check's to judge, unless another host was configured since: Codefresh may have another one by now, and
// nothing of that may stand in the way of a destroy.
func (c planCall) repositoriesAtHost(host gittoken.Host, change change) bool {
	contradicted := change.host && (!c.config.GitProvider.IsNull() || !c.config.APIURL.IsNull())

	return host.IsZero() || unchangedRepositories(&c.plan, c.state) && !contradicted ||
		allAtHost(c.plan.Repositories, host, c.refuse())
}

// planned is what a plan comes to.
type planned struct {
	model   tokenModel
	userID  types.String
	private privateState
}

// save keeps what the apply cannot see for itself. before is what an earlier plan left, whose apply may have failed.
func (p planned) save(ctx context.Context, before privateState, private privateWriter, diags *diag.Diagnostics) {
	if p.private.Ignored != before.Ignored || p.private.Reasserted != before.Reasserted {
		p.private.save(ctx, private, diags)
	}
}

// result returns the plan's values. found says that this look at the token calls for an update too.
//
// Whatever an update may find otherwise than this plan did is left to the apply: somebody may have put another token
// into the store by then, use another key, or have moved the integration to another host.
func (c planCall) result(token source, change change, found bool) planned {
	p := planned{model: c.plan, userID: c.owner.id, private: c.private}
	p.private.Ignored = c.state != nil && token.attribute == ""
	p.private.Reasserted = change.reasserted
	m := &p.model

	updates := change.updates() || found || c.state != nil && !c.sameSettings()
	if c.state != nil {
		m.keepPriorComputed(&c.config, c.state)
		p.userID = c.ownerBefore.id
	}

	if c.state != nil && !updates {
		return p
	}

	m.markResultsUnknown()

	if c.config.GitProvider.IsNull() {
		m.GitProvider = types.StringUnknown()
	}

	if c.config.APIURL.IsNull() {
		m.APIURL = types.StringUnknown()
	}

	if c.config.RequiredScopes.IsNull() && !c.requiresAsBefore(token, change) {
		m.RequiredScopes = types.SetUnknown(types.StringType)
	}

	if c.tokenType == gittoken.User && (c.owner.key.IsNull() || !c.owner.key.Equal(c.ownerBefore.key)) {
		p.userID = types.StringUnknown()
	}

	return p
}

func (c planCall) sameSettings() bool {
	return sameSettings(&c.plan, &c.config, c.state) && c.owner.key.Equal(c.ownerBefore.key)
}

// requiresAsBefore reports whether the table requires what the state has, whatever an apply finds: the same token, at a
// host that nobody but the configuration names.
func (c planCall) requiresAsBefore(token source, change change) bool {
	if token.attribute != "token" || change.isNewToken() || c.config.GitProvider.IsNull() || c.config.APIURL.IsNull() {
		return false
	}

	row := rowOf(c.tokenType, c.state)

	return tokencheck.SameScopes(row.Override(scopesIn(c.state.RequiredScopes)).Scopes, row.Scopes)
}
