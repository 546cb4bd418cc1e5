package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
)

var (
	_ datasource.DataSource              = (*gitTokenCheckDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*gitTokenCheckDataSource)(nil)
)

func newGitTokenCheckDataSource() datasource.DataSource { return &gitTokenCheckDataSource{} }

// gitTokenCheckDataSource tells what a Git token is able to do, and registers nothing.
type gitTokenCheckDataSource struct {
	data *providerData
}

func (d *gitTokenCheckDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_git_token_check"
}

func (d *gitTokenCheckDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Asks a Git host what a token can do for Codefresh, and registers nothing. A bad " +
			"token is reported, not an error: for `check` blocks and preconditions. Works without a Codefresh " +
			"API key.\n\n" +
			"The token is kept in the state as a sensitive value; the ephemeral resource of the same name keeps " +
			"nothing.",
		Attributes: tokenCheckAttributes(),
	}
}

func (d *gitTokenCheckDataSource) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	d.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *gitTokenCheckDataSource) Read(
	ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse,
) {
	var m tokenCheckModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() {
		return
	}

	if m.judge(ctx, d.data, d.data.reporter(&resp.Diagnostics, privateState{}, nil)) {
		resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
	}
}
