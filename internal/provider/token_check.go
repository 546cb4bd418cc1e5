package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// tokenCheckModel is what the data source and the ephemeral resource codefresh_git_token_check have.
type tokenCheckModel struct {
	Token          types.String `tfsdk:"token"`
	GitProvider    types.String `tfsdk:"git_provider"`
	TokenType      types.String `tfsdk:"token_type"`
	APIURL         types.String `tfsdk:"api_url"`
	Username       types.String `tfsdk:"username"`
	RequiredScopes types.Set    `tfsdk:"required_scopes"`
	Repositories   types.List   `tfsdk:"repositories"`
	WriteProbes    types.Bool   `tfsdk:"write_probes"`

	verdictModel

	OK types.Bool `tfsdk:"ok"`
}

// judge asks the Git host about the token and fills the verdict. A bad token is an answer and no error; only a
// configuration that names no host to ask is one.
func (m *tokenCheckModel) judge(ctx context.Context, d *providerData, diags *diag.Diagnostics) {
	provider := gittoken.Provider(m.GitProvider.ValueString())
	host, err := gittoken.NewHost(provider, m.APIURL.ValueString())
	if err != nil {
		tellHost(diags, err, "")

		return
	}
	needs, problems := repositoryNeeds(ctx, m.Repositories)
	diags.Append(problems...)
	s := subject{
		tokenType: gittoken.Type(m.TokenType.ValueString()),
		token:     valueOf(m.Token),
		host:      host,
		username:  m.Username.ValueString(),
		required:  wordsOf(m.RequiredScopes),
		needs:     needs,
		probes:    m.WriteProbes.ValueBool(),
	}
	j, reason := m.verdictOn(ctx, d, s)
	m.record(j)
	if reason != "" {
		m.StatusReason = types.StringValue(reason)
	}
	// That a check was not possible is not held against the token.
	m.OK = types.BoolValue(j.Status.Class() != gittoken.Bad)
	if j.Status == gittoken.StatusUnchecked {
		tellGeneral(diags, warning, explain(s, j, walkPlanChanged, warning))
	}
}

// verdictOn is check for a token that may have no usable shape: one that cannot be a token of its host is not sent
// there. The reason is empty where the judgement gives it.
func (m *tokenCheckModel) verdictOn(
	ctx context.Context, d *providerData, s subject,
) (j gittoken.Judgement, reason string) {
	shape := (*gittoken.ShapeError)(nil)
	if err := checkShape(s.host.Provider(), s.token.secret); errors.As(err, &shape) {
		verdict := gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindUnknown}

		return gittoken.Judge(verdict, s.requirement(verdict.Kind), nil, gittoken.Memory{}, d.now()), shape.Error()
	}

	return d.check(ctx, s, enforce, gittoken.Memory{}, 0), ""
}
