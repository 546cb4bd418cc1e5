package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

var (
	_ resource.Resource                   = (*gitUserTokenResource)(nil)
	_ resource.ResourceWithConfigure      = (*gitUserTokenResource)(nil)
	_ resource.ResourceWithValidateConfig = (*gitUserTokenResource)(nil)
	_ resource.ResourceWithModifyPlan     = (*gitUserTokenResource)(nil)
	_ resource.ResourceWithImportState    = (*gitUserTokenResource)(nil)
	_ resource.ResourceWithIdentity       = (*gitUserTokenResource)(nil)
)

// defaultIntegration is the Git integration that every runtime has.
const defaultIntegration = "default"

func newGitUserTokenResource() resource.Resource { return &gitUserTokenResource{} }

// gitUserTokenResource is the Git user token of one user on one GitOps Runtime.
type gitUserTokenResource struct {
	data *providerData
}

type gitUserTokenModel struct {
	tokenModel

	Integration types.String `tfsdk:"integration"`
	APIKey      types.String `tfsdk:"api_key"`
	UserID      types.String `tfsdk:"user_id"`
}

// gitUserTokenIdentity tells one user token of an account from the others.
type gitUserTokenIdentity struct {
	Runtime     types.String `tfsdk:"runtime"`
	Integration types.String `tfsdk:"integration"`
	UserID      types.String `tfsdk:"user_id"`
}

func (m *gitUserTokenModel) identity() gitUserTokenIdentity {
	return gitUserTokenIdentity{Runtime: m.Runtime, Integration: m.Integration, UserID: m.UserID}
}

func (r *gitUserTokenResource) Metadata(
	_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_git_user_token"
	// Another API key registers the token for another user, in place.
	resp.ResourceBehavior.MutableIdentity = true
}

func (r *gitUserTokenResource) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"runtime": identityschema.StringAttribute{RequiredForImport: true, Description: "Name of the GitOps Runtime."},
		"integration": identityschema.StringAttribute{
			OptionalForImport: true, Description: "Name of the runtime's Git integration; by default \"default\".",
		},
		"user_id": identityschema.StringAttribute{
			OptionalForImport: true, Description: "Codefresh's id of the user; by default that of the provider's API key.",
		},
	}}
}

func (r *gitUserTokenResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The Git user token of a Codefresh user on a GitOps Runtime: what the user clones and " +
			"pushes with. One token may serve every runtime, but is registered with each.\n\n" +
			"A plan checks the token at its Git host, an apply checks it again before it is registered, and a refresh " +
			"notices that it was revoked, expired, lost a scope or was unregistered.",
		Attributes: tokenSchema(map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The runtime's and the integration's name, with a slash between them.",
			},
			"integration": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(defaultIntegration),
				MarkdownDescription: "Name of the runtime's Git integration. Changing it makes a new resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"api_key": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "Codefresh API key of the user whose token this is, kept in the state as a sensitive " +
					"value. By default the provider's.",
			},
			"user_id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "Codefresh's id of the user whose token this is.",
			},
		}),
	}
}

func (r *gitUserTokenResource) Configure(
	_ context.Context, req resource.ConfigureRequest, resp *resource.ConfigureResponse,
) {
	r.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (r *gitUserTokenResource) ValidateConfig(
	ctx context.Context, req resource.ValidateConfigRequest, resp *resource.ValidateConfigResponse,
) {
	var config gitUserTokenModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}
	checkConfig(&config.tokenModel, &resp.Diagnostics)
	if key := config.APIKey; !key.IsNull() && !key.IsUnknown() &&
		gittoken.CheckShape("", gittoken.NewSecret(key.ValueString())) != nil {
		report(&resp.Diagnostics, failure, apiKeyUnusable())
	}
}

// ModifyPlan judges the token. A destroy is not judged: nothing may stand in its way.
func (r *gitUserTokenResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if r.data == nil || req.Plan.Raw.IsNull() {
		return
	}
	var plan, config gitUserTokenModel
	var state *gitUserTokenModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	kept := noteFrom(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	p := proposal{
		tokenType: gittoken.User, plan: &plan.tokenModel, config: &config.tokenModel, note: kept,
		integration: plan.Integration.ValueString(), userID: &plan.UserID, ownKey: config.APIKey,
	}
	if state != nil {
		p.state = &state.tokenModel
		if p.replaces() || !plan.Integration.Equal(state.Integration) {
			return // as in replaces
		}
		plan.UserID = orUnknown(state.UserID)
		if p.moved = !plan.APIKey.Equal(state.APIKey); p.moved {
			plan.UserID = types.StringUnknown()
		}
	}
	p.slot = r.slot(&plan)
	r.data.propose(ctx, p, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.Plan.Set(ctx, &plan)...)
}

func (r *gitUserTokenResource) Create(
	ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse,
) {
	var plan, config gitUserTokenModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	if resp.Diagnostics.HasError() {
		return
	}

	view, kept := r.data.apply(ctx, r.application(&plan, &config), &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.ID, plan.UserID = plan.id(), types.StringValue(view.userID)
	resp.Diagnostics.Append(keepNote(ctx, resp.Private, kept)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

func (r *gitUserTokenResource) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var state gitUserTokenModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	kept := noteFrom(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	state.ID = state.id()
	view, gone := r.data.refresh(ctx, reading{
		tokenType: gittoken.User, state: &state.tokenModel, note: kept, slot: r.slot(&state),
		integration: state.Integration.ValueString(),
	}, &resp.Diagnostics)
	if state.UserID.IsNull() {
		state.UserID = textOrNull(view.userID)
	}
	// Terraform 1.11 wants an identity also where the resource is gone.
	resp.Diagnostics.Append(resp.Identity.Set(ctx, state.identity())...)
	switch {
	case resp.Diagnostics.HasError():
	case gone:
		resp.State.RemoveResource(ctx)
	default:
		resp.Diagnostics.Append(resp.State.Set(ctx, &state)...)
	}
}

func (r *gitUserTokenResource) Update(
	ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse,
) {
	var plan, config, state gitUserTokenModel
	resp.Diagnostics.Append(req.Plan.Get(ctx, &plan)...)
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	kept := noteFrom(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	a := r.application(&plan, &config)
	a.state, a.note, a.moved = &state.tokenModel, kept, plan.UserID.IsUnknown()
	view, kept := r.data.apply(ctx, a, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	plan.UserID = types.StringValue(view.userID)
	resp.Diagnostics.Append(keepNote(ctx, resp.Private, kept)...)
	resp.Diagnostics.Append(resp.Identity.Set(ctx, plan.identity())...)
	resp.Diagnostics.Append(resp.State.Set(ctx, &plan)...)
}

// Delete takes the user's token out of the integration.
func (r *gitUserTokenResource) Delete(
	ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse,
) {
	var state gitUserTokenModel
	resp.Diagnostics.Append(req.State.Get(ctx, &state)...)
	kept := noteFrom(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}
	runtime := state.Runtime.ValueString()
	if r.data.codefresh == nil {
		report(&resp.Diagnostics, failure, explainCodefresh(r.data.codefreshMissing, runtime))

		return
	}
	if err := r.deregister(ctx, &state, kept, &resp.Diagnostics); err != nil {
		report(&resp.Diagnostics, failure, explainCodefresh(err, runtime))
	}
}

// deregister takes the token away, unless it is gone already, together with its runtime or integration or by itself.
func (r *gitUserTokenResource) deregister(
	ctx context.Context, state *gitUserTokenModel, kept note, diags *diag.Diagnostics,
) error {
	view, err := r.slot(state).look(ctx, younger)
	if view.inAnotherAccount(kept) {
		report(diags, failure, otherAccount(state.Runtime.ValueString()))

		return nil
	}
	if err != nil || !view.registered {
		return err
	}
	caller := view.caller
	if key := state.key(); !key.IsEmpty() {
		me, _, err := r.data.codefresh.Me(ctx, key)
		if err != nil {
			return err
		}
		caller = me.ID
	}
	if caller != view.userID {
		// Codefresh deregisters whoever asks, and that would be somebody else.
		report(diags, failure, anotherUsersKey(state.Runtime.ValueString(), view.userID, caller))

		return nil
	}

	return r.data.codefresh.DeregisterUserToken(ctx, state.Runtime.ValueString(), view.appProxyURL, state.key(),
		state.Integration.ValueString())
}

// ImportState takes the runtime's name, or the runtime's and the integration's with a slash between them, or the
// identity.
func (r *gitUserTokenResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	var wanted gitUserTokenIdentity
	if req.ID != "" {
		runtime, integration, named := strings.Cut(req.ID, "/")
		wanted.Runtime = types.StringValue(runtime)
		if named {
			wanted.Integration = types.StringValue(integration)
		}
	} else {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &wanted)...)
	}
	if wanted.Integration.IsNull() {
		wanted.Integration = types.StringValue(defaultIntegration)
	}
	if wanted.Runtime.ValueString() == "" || wanted.Integration.ValueString() == "" {
		tellGeneral(&resp.Diagnostics, failure, importIDUnusable())

		return
	}
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("runtime"), wanted.Runtime)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("integration"), wanted.Integration)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user_id"), wanted.UserID)...)
}

func (r *gitUserTokenResource) application(plan, config *gitUserTokenModel) application {
	return application{
		tokenType: gittoken.User, plan: &plan.tokenModel, config: &config.tokenModel, slot: r.slot(plan),
		integration: plan.Integration.ValueString(),
	}
}

// slot returns nil while there is no Codefresh to ask.
func (r *gitUserTokenResource) slot(m *gitUserTokenModel) slot {
	if r.data.codefresh == nil {
		return nil
	}

	return userSlot{
		api: r.data.codefresh, runtime: m.Runtime.ValueString(), appProxyURL: m.AppProxyURL.ValueString(),
		integration: m.Integration.ValueString(), key: m.key(), userID: m.UserID.ValueString(),
	}
}

func (m *gitUserTokenModel) id() types.String {
	return types.StringValue(m.Runtime.ValueString() + "/" + m.Integration.ValueString())
}

// key returns the user's own API key; empty for that of the provider.
func (m *gitUserTokenModel) key() gittoken.Secret { return gittoken.NewSecret(m.APIKey.ValueString()) }
