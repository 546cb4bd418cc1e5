package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

var (
	_ action.Action               = (*gitTokenRevokeAction)(nil)
	_ action.ActionWithConfigure  = (*gitTokenRevokeAction)(nil)
	_ action.ActionWithModifyPlan = (*gitTokenRevokeAction)(nil)
)

func newGitTokenRevokeAction() action.Action { return &gitTokenRevokeAction{} }

// gitTokenRevokeAction has a Git host revoke a token that nothing uses any more.
type gitTokenRevokeAction struct {
	data *providerData
}

func (a *gitTokenRevokeAction) Metadata(
	_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_git_token_revoke"
}

func (a *gitTokenRevokeAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	shared := actionAttributes(tokenQuestionAttributes())
	resp.Schema = schema.Schema{
		MarkdownDescription: "Has a Git host revoke a token that was replaced. That cannot be undone, so the action " +
			"refuses while the token may still be in use: under another name among `git_tokens`, in a resource of this " +
			"configuration, or at Codefresh. A token that is dead already is no error. At GitHub and GitLab only: other " +
			"hosts revoke tokens on their pages. Needs the API key of an administrator of the Codefresh account.",
		Attributes: map[string]schema.Attribute{
			"token_name":   actionTokenName(),
			"git_provider": shared["git_provider"],
			"api_url":      shared["api_url"],
			"unused_by": schema.SetAttribute{
				Optional: true, ElementType: types.StringType,
				MarkdownDescription: "Where Codefresh holds other tokens than this one, by your word: `<runtime>` for a " +
					"runtime's own token, `<runtime>/<integration>` for those of all its users there, " +
					"`<runtime>/<integration>/<user id>` for one of them. Codefresh tells nobody which token it holds, so " +
					"every place at this Git provider, or at one that is not known, must be named. Write references, such as " +
					"`codefresh_git_runtime_token.prod.id`: Terraform then reads those resources first, and the action " +
					"sees itself whether they use the token.",
			},
		},
	}
}

func (a *gitTokenRevokeAction) Configure(
	_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse,
) {
	a.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

// ModifyPlan refuses what an apply would refuse, and sends the token nowhere.
func (a *gitTokenRevokeAction) ModifyPlan(
	ctx context.Context, req action.ModifyPlanRequest, resp *action.ModifyPlanResponse,
) {
	var config gitTokenRevokeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)

	if !resp.Diagnostics.HasError() && a.data != nil {
		a.data.planRevocation(ctx, &config, reportOnAction(&resp.Diagnostics))
	}
}

// Invoke revokes the token.
func (a *gitTokenRevokeAction) Invoke(
	ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse,
) {
	var config gitTokenRevokeModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)

	if resp.Diagnostics.HasError() {
		return
	}

	a.data.revokeToken(ctx, &config, reportOnAction(&resp.Diagnostics), func(text string) {
		resp.SendProgress(action.InvokeProgressEvent{Message: text})
	})
}
