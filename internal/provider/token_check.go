package provider

import (
	"context"
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// tokenQuestion is what a check by itself is told, beside the token.
type tokenQuestion struct {
	GitProvider    types.String `tfsdk:"git_provider"`
	TokenType      types.String `tfsdk:"token_type"`
	APIURL         types.String `tfsdk:"api_url"`
	Username       types.String `tfsdk:"username"`
	RequiredScopes types.Set    `tfsdk:"required_scopes"`
	Repositories   types.List   `tfsdk:"repositories"`
	WriteProbes    types.Bool   `tfsdk:"write_probes"`
}

// tokenCheckModel is what the data source and the ephemeral resource codefresh_git_token_check have.
type tokenCheckModel struct {
	Token types.String `tfsdk:"token"`

	tokenQuestion
	verdictModel

	OK types.Bool `tfsdk:"ok"`
}

// about returns the question about a token. It reports false for an error: a configuration that names no host to ask,
// or lacks a user name without which nobody can ask.
func (q *tokenQuestion) about(token tokencheck.Token, say reporter) (tokencheck.Request, bool) {
	host, err := gittoken.NewHost(gittoken.Provider(q.GitProvider.ValueString()), q.APIURL.ValueString())
	if err != nil {
		say.host(err, "")

		return tokencheck.Request{}, false
	}

	if !allAtHost(q.Repositories, host, say) {
		return tokencheck.Request{}, false
	}

	r := tokencheck.Request{
		Type:         gittoken.Type(q.TokenType.ValueString()),
		Token:        token,
		Host:         host,
		Username:     q.Username.ValueString(),
		Required:     scopesIn(q.RequiredScopes),
		Repositories: repositoriesOf(q.Repositories),
		WriteProbes:  q.WriteProbes.ValueBool(),
		Mode:         tokencheck.Enforce,
	}

	if problem, found := checkUsername(host.Provider(), r.Token.Secret, q.Username); found {
		say.at("username", problem)

		return r, false
	}

	return r, true
}

// judge asks the Git host about the token and fills the verdict. A bad token is an answer and no error.
func (m *tokenCheckModel) judge(ctx context.Context, d *providerData, say reporter) bool {
	r, ok := m.about(d.tokenIn(m.Token), say)
	if !ok {
		return false
	}

	j, reason := m.verdictOn(ctx, d, r)
	m.record(j)

	if reason == "" {
		reason = message.CheckedReason(r, j)
	}

	m.StatusReason = types.StringValue(reason)
	// That a check was not possible is not held against the token.
	m.OK = types.BoolValue(j.Status.Class() != gittoken.Bad)
	if j.Status == gittoken.StatusUnchecked {
		say.nowhere(tokencheck.Warning, message.Explain(r, j, tokencheck.PlanChanged, tokencheck.Warning))
	}

	return true
}

// verdictOn checks a token that may have no usable shape: one that cannot be a token of its host is not sent there. The
// reason is empty where the judgement gives it.
func (m *tokenCheckModel) verdictOn(
	ctx context.Context, d *providerData, r tokencheck.Request,
) (j gittoken.Judgement, reason string) {
	shape := (*gittoken.ShapeError)(nil)
	if err := checkShape(r.Host.Provider(), r.Token.Secret); errors.As(err, &shape) {
		return d.checker.Judge(r, gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindUnknown}), shape.Error()
	}

	return d.check(ctx, r, 0), ""
}
