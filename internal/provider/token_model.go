package provider

import (
	"cmp"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
)

// tokenModel is what both token resources have.
type tokenModel struct {
	ID                types.String `tfsdk:"id"`
	Runtime           types.String `tfsdk:"runtime"`
	Token             types.String `tfsdk:"token"`
	TokenWO           types.String `tfsdk:"token_wo"`
	TokenWOVersion    types.String `tfsdk:"token_wo_version"`
	TokenName         types.String `tfsdk:"token_name"`
	GitProvider       types.String `tfsdk:"git_provider"`
	APIURL            types.String `tfsdk:"api_url"`
	Username          types.String `tfsdk:"username"`
	RequiredScopes    types.Set    `tfsdk:"required_scopes"`
	Repositories      types.List   `tfsdk:"repositories"`
	WriteProbes       types.Bool   `tfsdk:"write_probes"`
	Validation        types.String `tfsdk:"validation"`
	CheckRepositories types.String `tfsdk:"check_repositories"`
	ExpiresAtHint     types.String `tfsdk:"expires_at_hint"`
	AppProxyURL       types.String `tfsdk:"app_proxy_url"`
	WaitForRuntime    types.String `tfsdk:"wait_for_runtime"`

	verdictModel

	TokenFingerprint types.String `tfsdk:"token_fingerprint"`
	CodefreshStatus  types.String `tfsdk:"codefresh_status"`
}

// verdictModel is what a judgement fills, in every block that judges a token.
type verdictModel struct {
	Status        types.String `tfsdk:"status"`
	StatusReason  types.String `tfsdk:"status_reason"`
	TokenKind     types.String `tfsdk:"token_kind"`
	TokenOwner    types.String `tfsdk:"token_owner"`
	GrantedScopes types.Set    `tfsdk:"granted_scopes"`
	MissingScopes types.Set    `tfsdk:"missing_scopes"`
	ExcessScopes  types.Set    `tfsdk:"excess_scopes"`
	ExpiresAt     types.String `tfsdk:"expires_at"`

	RepositoryAccess types.List   `tfsdk:"repository_access"`
	HelpURL          types.String `tfsdk:"help_url"`
}

// owner tells whose token a resource is about. A runtime's own token is nobody's: all of it is null then.
type owner struct {
	integration types.String
	key         types.String // the resource's own API key; null for the provider's
	id          types.String // Codefresh's id of the user
}

// placeAt returns the place in Codefresh of a token of this type at a runtime, as far as it is known, but for its user.
func (o owner) placeAt(runtime types.String, t gittoken.Type) place {
	return place{tokenType: t, runtime: runtime.ValueString(), integration: o.integration.ValueString()}
}

func repositoryType() types.ObjectType {
	return types.ObjectType{AttrTypes: map[string]attr.Type{"url": types.StringType, "access": types.StringType}}
}

// repositoriesOf returns the repositories to prove access to. Those not known yet are left out.
func repositoriesOf(list types.List) []gittoken.RepositoryNeed {
	var needs []gittoken.RepositoryNeed

	for _, element := range list.Elements() {
		if need, known := repositoryOf(element); known {
			needs = append(needs, need)
		}
	}

	return needs
}

// repositoryOf reads one element of a list of repositories. It reports whether all of it is known.
func repositoryOf(element attr.Value) (gittoken.RepositoryNeed, bool) {
	row, isRow := element.(types.Object)
	if !isRow {
		return gittoken.RepositoryNeed{}, false
	}

	url, isURL := row.Attributes()["url"].(types.String)

	access, isAccess := row.Attributes()["access"].(types.String)
	if !isURL || !isAccess || url.IsUnknown() || access.IsUnknown() {
		return gittoken.RepositoryNeed{}, false
	}

	return gittoken.RepositoryNeed{URL: url.ValueString(), Access: gittoken.Access(access.ValueString())}, true
}

// unchangedRepositories reports whether the state has the repositories of the plan; state is nil for none.
func unchangedRepositories(plan, state *tokenModel) bool {
	return state != nil && plan.Repositories.Equal(state.Repositories)
}

// lastExpiry returns the expiry that the state holds, or the user's hint, or zero.
func (m *tokenModel) lastExpiry() time.Time {
	if at, err := time.Parse(time.RFC3339, m.ExpiresAt.ValueString()); err == nil {
		return at
	}

	return m.hintedExpiry()
}

func (m *tokenModel) hintedExpiry() time.Time {
	at, err := parseDay(m.ExpiresAtHint.ValueString())
	if err != nil {
		return time.Time{}
	}

	return at
}

// record writes a judgement into the computed attributes. A judgement that proves nothing about a token that was
// judged before changes nothing: what was proved last stays.
func (m *verdictModel) record(j gittoken.Judgement) {
	if !j.Status.Proven() && !m.Status.IsNull() && !m.Status.IsUnknown() {
		return
	}

	m.forget()
	m.Status = types.StringValue(string(j.Status))

	m.StatusReason = types.StringValue(message.StatusReason(j))
	if !j.Status.Proven() {
		return
	}

	v := j.Verdict
	m.TokenKind = types.StringValue(cmp.Or(string(v.Kind), string(gittoken.KindUnknown)))
	m.TokenOwner = textOrNull(v.Owner)
	m.ExcessScopes = scopeSet(j.Excess)
	m.MissingScopes = scopeSet(j.Missing)
	m.RepositoryAccess = accessList(j.Access)

	m.HelpURL = textOrNull(j.HelpURL)
	if v.ScopesKnown || len(j.Granted) > 0 {
		m.GrantedScopes = scopeSet(j.Granted)
	}

	if !v.ExpiresAt.IsZero() {
		m.ExpiresAt = types.StringValue(v.ExpiresAt.UTC().Format(time.RFC3339))
	}
}

// recordAgain is record for a token that was judged before: a host that rejects a token tells nothing else of it, so
// what earlier answers told stays beside the new status. So does an expiry, which no token loses, when an answer lacks
// it, and what was proved at repositories that cannot be asked now.
func (m *verdictModel) recordAgain(j gittoken.Judgement) {
	before := *m
	m.record(j)

	if !j.Status.Proven() {
		return
	}

	if j.Verdict.Standing == gittoken.Live {
		if m.ExpiresAt.IsNull() {
			m.ExpiresAt = before.ExpiresAt
		}

		m.keepProvedAtRepositories(before, j)

		return
	}

	status, reason, help := m.Status, m.StatusReason, m.HelpURL
	*m = before
	m.Status, m.StatusReason, m.HelpURL = status, reason, help
}

// keepProvedAtRepositories puts back what earlier answers proved at repositories that this judgement got no answer
// about, and the status where it followed from that.
func (m *verdictModel) keepProvedAtRepositories(before verdictModel, j gittoken.Judgement) {
	if !j.Interrupted() {
		return
	}

	all, denied := withEarlierProofs(m.RepositoryAccess, before.RepositoryAccess, j)
	m.RepositoryAccess = all

	if !j.Verdict.ScopesKnown && m.Status.Equal(before.Status) {
		m.GrantedScopes = before.GrantedScopes
	}

	was := gittoken.Status(before.Status.ValueString())
	if was == gittoken.StatusValid && j.Status == gittoken.StatusUnproven || denied && was.Class() == gittoken.Bad {
		m.Status, m.StatusReason, m.HelpURL = before.Status, before.StatusReason, before.HelpURL
		m.GrantedScopes, m.MissingScopes, m.ExcessScopes = before.GrantedScopes, before.MissingScopes, before.ExcessScopes
	}
}

// forget empties what a judgement fills.
func (m *verdictModel) forget() {
	m.Status, m.StatusReason = types.StringNull(), types.StringNull()
	m.TokenKind, m.TokenOwner, m.ExpiresAt = types.StringNull(), types.StringNull(), types.StringNull()
	m.GrantedScopes, m.MissingScopes, m.ExcessScopes = noScopes(), noScopes(), noScopes()
	m.RepositoryAccess, m.HelpURL = types.ListNull(accessType()), types.StringNull()
}

// markResultsUnknown marks what a judgement and Codefresh fill as known after apply.
func (m *tokenModel) markResultsUnknown() {
	m.Status, m.StatusReason = types.StringUnknown(), types.StringUnknown()
	m.TokenKind, m.TokenOwner, m.ExpiresAt = types.StringUnknown(), types.StringUnknown(), types.StringUnknown()
	m.GrantedScopes = types.SetUnknown(types.StringType)
	m.MissingScopes = types.SetUnknown(types.StringType)
	m.ExcessScopes = types.SetUnknown(types.StringType)
	m.RepositoryAccess, m.HelpURL = types.ListUnknown(accessType()), types.StringUnknown()
	m.TokenFingerprint, m.CodefreshStatus = types.StringUnknown(), types.StringUnknown()
}

// keepPriorComputed gives all that is computed, and not configured, its prior value. The framework marks it unknown as
// soon as anything differs.
func (m *tokenModel) keepPriorComputed(config, state *tokenModel) {
	m.ID, m.verdictModel = state.ID, state.verdictModel

	m.TokenFingerprint, m.CodefreshStatus = state.TokenFingerprint, state.CodefreshStatus
	if config.GitProvider.IsNull() {
		m.GitProvider = state.GitProvider
	}

	if config.APIURL.IsNull() {
		m.APIURL = state.APIURL
	}

	if config.RequiredScopes.IsNull() {
		m.RequiredScopes = state.RequiredScopes
	}
}
