package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
)

var (
	_ ephemeral.EphemeralResource              = (*gitTokenCheckEphemeralResource)(nil)
	_ ephemeral.EphemeralResourceWithConfigure = (*gitTokenCheckEphemeralResource)(nil)
)

func newGitTokenCheckEphemeralResource() ephemeral.EphemeralResource {
	return &gitTokenCheckEphemeralResource{}
}

// gitTokenCheckEphemeralResource is gitTokenCheckDataSource for tokens that are to be nowhere.
type gitTokenCheckEphemeralResource struct {
	data *providerData
}

func (e *gitTokenCheckEphemeralResource) Metadata(
	_ context.Context, req ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_git_token_check"
}

func (e *gitTokenCheckEphemeralResource) Schema(
	_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Asks a Git host what a token can do for Codefresh, and registers and keeps nothing: " +
			"for tokens from ephemeral values, such as those of a secret store. A bad token is reported, not an " +
			"error: for preconditions. Works without a Codefresh API key.",
		Attributes: ephemeralAttributes(tokenCheckAttributes()),
	}
}

func (e *gitTokenCheckEphemeralResource) Configure(
	_ context.Context, req ephemeral.ConfigureRequest, resp *ephemeral.ConfigureResponse,
) {
	e.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (e *gitTokenCheckEphemeralResource) Open(
	ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse,
) {
	var m tokenCheckModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() {
		return
	}

	if m.judge(ctx, e.data, e.data.reporter(&resp.Diagnostics, privateState{}, nil)) {
		resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
	}
}
