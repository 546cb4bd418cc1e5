package provider

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

var (
	_ action.Action              = (*gitTokenVerifyAction)(nil)
	_ action.ActionWithConfigure = (*gitTokenVerifyAction)(nil)
)

func newGitTokenVerifyAction() action.Action { return &gitTokenVerifyAction{} }

// gitTokenVerifyAction asks a Git host about a token at once, and fails if the token cannot do its job.
type gitTokenVerifyAction struct {
	data *providerData
}

type gitTokenVerifyModel struct {
	TokenName types.String `tfsdk:"token_name"`

	tokenQuestion
}

// anew is the age that an answer may have which is asked for now.
const anew = time.Nanosecond

func (a *gitTokenVerifyAction) Metadata(
	_ context.Context, req action.MetadataRequest, resp *action.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_git_token_verify"
}

func (a *gitTokenVerifyAction) Schema(_ context.Context, _ action.SchemaRequest, resp *action.SchemaResponse) {
	attributes := actionAttributes(tokenQuestionAttributes())
	attributes["token_name"] = actionTokenName()
	resp.Schema = schema.Schema{
		MarkdownDescription: "Asks a Git host now what a token can do for Codefresh, and fails if the token cannot do its " +
			"job, or if that could not be found out. For pipelines: `terraform apply -invoke`. Changes nothing, and needs " +
			"no Codefresh API key.",
		Attributes: attributes,
	}
}

func (a *gitTokenVerifyAction) Configure(
	_ context.Context, req action.ConfigureRequest, resp *action.ConfigureResponse,
) {
	a.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

// Invoke asks. What is not proved is an error here only if nothing could be asked: a token whose host does not tell its
// permissions is a warning, as it is at an apply.
func (a *gitTokenVerifyAction) Invoke(
	ctx context.Context, req action.InvokeRequest, resp *action.InvokeResponse,
) {
	var config gitTokenVerifyModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)

	if resp.Diagnostics.HasError() {
		return
	}

	say := reportOnAction(&resp.Diagnostics)

	token, ok := a.data.tokenOfAction(config.TokenName, config.GitProvider, say)
	if !ok {
		return
	}

	r, ok := config.about(token, say)
	if !ok {
		return
	}

	progress := func(text string) { resp.SendProgress(action.InvokeProgressEvent{Message: text}) }
	progress(message.AskingAboutToken(r))

	j := a.data.check(ctx, r, anew)
	if a.data.sayJudgement(ctx, say, r, j, tokencheck.Apply) != tokencheck.Failure {
		progress(message.TokenFound(r, j))
	}
}
