package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

var (
	_ resource.Resource                   = (*gitRuntimeTokenResource)(nil)
	_ resource.ResourceWithConfigure      = (*gitRuntimeTokenResource)(nil)
	_ resource.ResourceWithValidateConfig = (*gitRuntimeTokenResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*gitRuntimeTokenResource)(nil)
	_ resource.ResourceWithImportState    = (*gitRuntimeTokenResource)(nil)
	_ resource.ResourceWithIdentity       = (*gitRuntimeTokenResource)(nil)
)

func newGitRuntimeTokenResource() resource.Resource { return &gitRuntimeTokenResource{} }

// gitRuntimeTokenResource is the Git runtime token of one GitOps Runtime.
type gitRuntimeTokenResource struct {
	data *providerData
}

type gitRuntimeTokenModel struct {
	tokenModel
}

// gitRuntimeTokenIdentity tells one runtime token of an account from the others.
type gitRuntimeTokenIdentity struct {
	Runtime types.String `tfsdk:"runtime"`
}

// common returns what both token resources have; nil for no model.
func (m *gitRuntimeTokenModel) common() *tokenModel {
	if m == nil {
		return nil
	}

	return &m.tokenModel
}

func (m *gitRuntimeTokenModel) identity() gitRuntimeTokenIdentity {
	return gitRuntimeTokenIdentity{Runtime: m.Runtime}
}

func (r *gitRuntimeTokenResource) Metadata(
	_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_git_runtime_token"
}

func (r *gitRuntimeTokenResource) Schema(
	_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The Git runtime token of a GitOps Runtime: Argo CD clones and pulls with it, Argo " +
			"Events creates webhooks with it. Each runtime has exactly one; use a service account's token.\n\n" +
			"A plan checks the token at its Git host, an apply checks it again before it is sent to the runtime, " +
			"and a refresh notices that it was revoked, expired or lost a scope.",
		Attributes: tokenSchema(map[string]schema.Attribute{
			"id": schema.StringAttribute{Computed: true, MarkdownDescription: "The runtime's name."},
		}),
	}
}

func (r *gitRuntimeTokenResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"runtime": identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the GitOps Runtime."},
	}}
}

func (r *gitRuntimeTokenResource) Configure(
	_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse,
) {
	r.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *gitRuntimeTokenResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	config := decodeModel[gitRuntimeTokenModel](ctx, req.Config.Raw, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		checkConfig(&config.tokenModel, report(&resp.Diagnostics))
	}
}

// ModifyPlan judges the token. A destroy is not judged: nothing may stand in its way.
func (r *gitRuntimeTokenResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if r.data == nil || req.Plan.Raw.IsNull() {
		return
	}

	plan := decodeModel[gitRuntimeTokenModel](ctx, req.Plan.Raw, &resp.Diagnostics)
	config := decodeModel[gitRuntimeTokenModel](ctx, req.Config.Raw, &resp.Diagnostics)
	state := decodeModel[gitRuntimeTokenModel](ctx, req.State.Raw, &resp.Diagnostics)

	private := readPrivate(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	c := planCall{
		tokenType: gittoken.Runtime, plan: plan.tokenModel, config: config.tokenModel, state: state.common(),
		private: private, place: r.place(plan.tokenModel),
		say:    r.data.reporter(&resp.Diagnostics, private, state.common()),
		others: func() bool { return r.data.places.foundAny(ctx) },
	}
	if c.replaces() {
		return
	}

	p := r.data.planToken(ctx, c)
	p.save(ctx, private, resp.Private, &resp.Diagnostics)
	resp.Plan.Raw = encodeModel(ctx, &gitRuntimeTokenModel{p.model}, resp.Plan.Raw, &resp.Diagnostics)
}

// Create sends the token to the runtime.
func (r *gitRuntimeTokenResource) Create(
	ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse,
) {
	plan := decodeModel[gitRuntimeTokenModel](ctx, req.Plan.Raw, &resp.Diagnostics)

	config := decodeModel[gitRuntimeTokenModel](ctx, req.Config.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	a, ok := r.data.applyToken(ctx, applyCall{
		tokenType: gittoken.Runtime, plan: plan.tokenModel, tokenWO: config.TokenWO, place: r.place(plan.tokenModel),
		say: report(&resp.Diagnostics),
	})
	if !ok {
		return
	}

	a.model.ID = plan.Runtime
	r.save(ctx, a, target{&resp.State, resp.Identity, resp.Private, &resp.Diagnostics})
}

// Read brings the state up to what Codefresh and the Git host tell.
func (r *gitRuntimeTokenResource) Read(
	ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse,
) {
	state := decodeModel[gitRuntimeTokenModel](ctx, req.State.Raw, &resp.Diagnostics)

	private := readPrivate(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	state.ID = state.Runtime
	// Terraform 1.11 wants an identity also where the resource is gone.
	resp.Identity.Raw = encodeModel(ctx, state.identity(), resp.Identity.Raw, &resp.Diagnostics)

	found, ok := r.data.refreshToken(ctx, readCall{
		tokenType: gittoken.Runtime, state: state.tokenModel, private: private, place: r.place(state.tokenModel),
		say: r.data.reporter(&resp.Diagnostics, private, &state.tokenModel),
	})
	switch {
	case !ok:
	case found.gone:
		resp.State.RemoveResource(ctx)
	default:
		resp.State.Raw = encodeModel(ctx, &gitRuntimeTokenModel{found.model}, resp.State.Raw, &resp.Diagnostics)
	}
}

// Update sends the token to the runtime, if what changed calls for that.
func (r *gitRuntimeTokenResource) Update(
	ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse,
) {
	plan := decodeModel[gitRuntimeTokenModel](ctx, req.Plan.Raw, &resp.Diagnostics)
	config := decodeModel[gitRuntimeTokenModel](ctx, req.Config.Raw, &resp.Diagnostics)
	state := decodeModel[gitRuntimeTokenModel](ctx, req.State.Raw, &resp.Diagnostics)

	private := readPrivate(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	a, ok := r.data.applyToken(ctx, applyCall{
		tokenType: gittoken.Runtime, plan: plan.tokenModel, tokenWO: config.TokenWO, state: &state.tokenModel,
		private: private, place: r.place(plan.tokenModel),
		say: r.data.reporter(&resp.Diagnostics, private, &state.tokenModel),
	})
	if ok {
		r.save(ctx, a, target{&resp.State, resp.Identity, resp.Private, &resp.Diagnostics})
	}
}

// Delete forgets the token: a runtime must have one, and Codefresh has no operation that takes it away.
func (r *gitRuntimeTokenResource) Delete(
	ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse,
) {
	var runtime types.String
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("runtime"), &runtime)...)

	if !resp.Diagnostics.HasError() {
		report(&resp.Diagnostics).say(tokencheck.Warning, message.Forgotten(runtime.ValueString()))
	}
}

// ImportState takes the runtime's name, as an id or as the identity.
func (r *gitRuntimeTokenResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	resource.ImportStatePassthroughWithIdentity(ctx, path.Root("runtime"), path.Root("runtime"), req, resp)
}

// save keeps what an apply left behind.
func (r *gitRuntimeTokenResource) save(ctx context.Context, a applied, to target) {
	m := gitRuntimeTokenModel{a.model}
	a.private.save(ctx, to.private, to.diags)
	to.identity.Raw = encodeModel(ctx, m.identity(), to.identity.Raw, to.diags)
	to.state.Raw = encodeModel(ctx, &m, to.state.Raw, to.diags)
}

func (r *gitRuntimeTokenResource) place(m tokenModel) registration.Place {
	if r.data.codefresh == nil {
		return registration.Unavailable{Reason: r.data.codefreshMissing}
	}

	return registration.RuntimeToken{
		API: r.data.codefresh, Runtime: m.Runtime.ValueString(), AppProxyURL: m.AppProxyURL.ValueString(),
	}
}
