package provider

import (
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// change says what is other than what the last apply left. Terraform plans again in the apply process, and the apply
// decides once more: all of them ask here.
type change struct {
	create      bool // there is nothing in the state
	token       bool // another token
	owner       bool // the token is registered for another user
	host        bool // the token is for another Git host, or goes with another user name
	requirement bool // more is required of the token
	drift       bool // the token went bad, or Codefresh calls it invalid
	gone        bool // the user has no token there any more, which no refresh has noticed
	reasserted  bool // another object of the state leaves the place, and would take the token away
}

// reasons names what changed, for the log.
func (c change) reasons() []string {
	var names []string

	for _, r := range []struct {
		holds bool
		name  string
	}{
		{c.create, "it is new"},
		{c.token, "another token"},
		{c.owner, "another user"},
		{c.host, "another host or user name"},
		{c.requirement, "more is required"},
		{c.drift, "the token went bad"},
		{c.gone, "it is registered no longer"},
		{c.reasserted, "another object of the state leaves the place"},
	} {
		if r.holds {
			names = append(names, r.name)
		}
	}

	return names
}

// sends reports whether an apply hands the token to Codefresh.
func (c change) sends() bool {
	return c.create || c.token || c.owner || c.host || c.drift || c.gone || c.reasserted
}

// isNew reports whether a bad token is new to Terraform, so that it fails the plan: it is another one, or was never
// judged by what is asked of it now.
func (c change) isNew() bool { return c.create || c.token || c.host || c.requirement }

// isNewToken reports whether the token is another one, or another host's: what was known of its kind is void then.
func (c change) isNewToken() bool { return c.create || c.token || c.host }

// walk returns the walk that a plan with this change is.
func (c change) walk() tokencheck.Walk {
	if c.isNew() {
		return tokencheck.PlanChanged
	}

	return tokencheck.PlanUnchanged
}

// updates reports whether the change calls for an update in place that the configuration alone does not.
func (c change) updates() bool { return !c.create && (c.sends() || c.requirement) }

// tokenChanged reports whether the planned token takes the place of the one that the state describes.
func tokenChanged(token source, plan, state *tokenModel, p privateState, drift bool) bool {
	switch {
	case token.attribute == "":
		return false // under ignore_changes
	case !token.Known, state.TokenFingerprint.IsNull(), len(p.Salt) == 0:
		return true
	case token.attribute != "token_wo" || plan.TokenWOVersion.IsNull():
		return !token.registered(state, p)
	case token.registered(state, p):
		// A first version for the token that is registered is no new token.
		return !state.TokenWOVersion.IsNull() && !plan.TokenWOVersion.Equal(state.TokenWOVersion)
	}
	// The value alone means nothing, unless the registered token has to be replaced anyway.
	return drift || !plan.TokenWOVersion.Equal(state.TokenWOVersion)
}

// requirementGrew reports whether something is required that the state was not judged by. required is the user's own
// list, nil for the table's row.
func requirementGrew(t gittoken.Type, plan, state *tokenModel, required []gittoken.Scope) bool {
	for _, need := range repositoriesOf(plan.Repositories) {
		if !provedBefore(hostOfState(state), need, repositoriesOf(state.Repositories)) {
			return true
		}
	}

	row := rowOf(t, state)

	before := row.Vocabulary().Closure(row.Override(scopesIn(state.RequiredScopes)).Scopes)
	if required != nil {
		row = row.Override(required)
	}

	for _, scope := range row.Scopes {
		if !before[scope] {
			return true
		}
	}

	return false
}

func provedBefore(host gittoken.Host, need gittoken.RepositoryNeed, before []gittoken.RepositoryNeed) bool {
	for _, earlier := range before {
		if remote.Same(host, earlier.URL, need.URL) && earlier.Access.Includes(need.Access) {
			return true
		}
	}

	return false
}

// rowOf returns the table's row for the token that the state describes.
func rowOf(t gittoken.Type, state *tokenModel) gittoken.Requirement {
	return gittoken.RequirementOf(gittoken.Provider(state.GitProvider.ValueString()), t, gittoken.Verdict{
		Kind:   gittoken.Kind(state.TokenKind.ValueString()),
		Scopes: scopesIn(state.GrantedScopes), ScopesKnown: !state.GrantedScopes.IsNull(),
	})
}

// drifts reports whether the registered token has to be sent again: there is one to send, and the state says that it
// went bad.
func (d *providerData) drifts(token source, plan, state *tokenModel, p privateState) bool {
	return token.attribute != "" && d.modeOf(plan) != tokencheck.Skip && drifted(state, p)
}

// drifted reports whether the state alone calls for an update, although the configuration is as it was applied: the
// token is bad, and no apply accepted it as it is; or Codefresh calls a token invalid that its Git host calls good, so
// that sending it again may help.
func drifted(state *tokenModel, p privateState) bool {
	status := gittoken.Status(state.Status.ValueString())
	if status.Class() == gittoken.Bad {
		return string(status) != p.Accepted
	}

	return refusedByCodefresh(state) && !p.RefusedAnyway
}

// refusedByCodefresh reports whether Codefresh calls a token invalid that nothing else speaks against.
func refusedByCodefresh(state *tokenModel) bool {
	return state.CodefreshStatus.ValueString() == string(codefresh.TokenFailed) &&
		gittoken.Status(state.Status.ValueString()).Class() != gittoken.Bad
}

// hostOfState returns the Git host of the token that the state describes; zero if it does not tell.
func hostOfState(state *tokenModel) gittoken.Host {
	host, err := gittoken.NewHost(gittoken.Provider(state.GitProvider.ValueString()), state.APIURL.ValueString())
	if err != nil {
		return gittoken.Host{}
	}

	return host
}

// sameSettings reports whether a plan asks for what the state has, in all that a user sets. What is not configured and
// may be computed is no difference.
func sameSettings(plan, config, state *tokenModel) bool {
	return plan.Runtime.Equal(state.Runtime) && plan.Token.Equal(state.Token) &&
		plan.TokenWOVersion.Equal(state.TokenWOVersion) && plan.TokenName.Equal(state.TokenName) &&
		plan.Username.Equal(state.Username) && plan.Repositories.Equal(state.Repositories) &&
		plan.WriteProbes.Equal(state.WriteProbes) && plan.CheckRepositories.Equal(state.CheckRepositories) &&
		plan.Validation.Equal(state.Validation) &&
		plan.ExpiresAtHint.Equal(state.ExpiresAtHint) && plan.AppProxyURL.Equal(state.AppProxyURL) &&
		plan.WaitForRuntime.Equal(state.WaitForRuntime) &&
		(config.GitProvider.IsNull() || plan.GitProvider.Equal(state.GitProvider)) &&
		(config.APIURL.IsNull() || plan.APIURL.Equal(state.APIURL)) &&
		(config.RequiredScopes.IsNull() || plan.RequiredScopes.Equal(state.RequiredScopes))
}
