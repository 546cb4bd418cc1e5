package provider

import (
	"context"
	"slices"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringdefault"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
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

// common returns what both token resources have; nil for no model.
func (m *gitUserTokenModel) common() *tokenModel {
	if m == nil {
		return nil
	}

	return &m.tokenModel
}

// owner returns whose token it is; nothing for no model.
func (m *gitUserTokenModel) owner() owner {
	if m == nil {
		return owner{}
	}

	return owner{integration: m.Integration, key: m.APIKey, id: m.UserID}
}

// plannedUser returns the user of a plan: the state's, unless another key may be another user's.
func (m *gitUserTokenModel) plannedUser(state *gitUserTokenModel) types.String {
	if state == nil || state.UserID.IsNull() || !m.APIKey.Equal(state.APIKey) {
		return types.StringUnknown()
	}

	return state.UserID
}

func (m *gitUserTokenModel) identity() gitUserTokenIdentity {
	return gitUserTokenIdentity{Runtime: m.Runtime, Integration: m.Integration, UserID: m.UserID}
}

func (m *gitUserTokenModel) importID() types.String {
	return types.StringValue(m.Runtime.ValueString() + "/" + m.Integration.ValueString())
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
			"A plan checks the token at its Git host, an apply checks it again before it is registered, and a " +
			"refresh notices that it was revoked, expired, lost a scope or was deregistered.",
		Attributes: tokenSchema(map[string]schema.Attribute{
			"id": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "`<runtime>/<integration>`.",
			},
			"integration": schema.StringAttribute{
				Optional:            true,
				Computed:            true,
				Default:             stringdefault.StaticString(defaultIntegration),
				MarkdownDescription: "Name of the runtime's Git integration. Changing it replaces the resource.",
				PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			},
			"api_key": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "Codefresh API key of the user whose token this is, by default the " +
					"provider's. It is kept in the state in clear, as Terraform's sensitive values are, and is a " +
					"key of the whole Codefresh user.",
			},
			"user_id": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "Codefresh's id of the user whose token this is: 24 hexadecimal digits, as " +
					"`codefresh_git_tokens` lists it.",
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
	config := decodeModel[gitUserTokenModel](ctx, req.Config.Raw, &resp.Diagnostics)
	if !resp.Diagnostics.HasError() {
		checkConfig(&config.tokenModel, report(&resp.Diagnostics))
	}
}

// ModifyPlan judges the token. A destroy is not judged: only what it would take from another resource stands in its
// way.
func (r *gitUserTokenResource) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	if r.data == nil {
		return
	}

	plan := decodeModel[gitUserTokenModel](ctx, req.Plan.Raw, &resp.Diagnostics)
	config := decodeModel[gitUserTokenModel](ctx, req.Config.Raw, &resp.Diagnostics)
	state := decodeModel[gitUserTokenModel](ctx, req.State.Raw, &resp.Diagnostics)

	private := readPrivate(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	say := r.data.reporter(&resp.Diagnostics, private, state.common())
	if plan == nil {
		r.planToLeave(ctx, state, private, say, resp)

		return
	}

	plan.UserID = plan.plannedUser(state)

	c := planCall{
		tokenType: gittoken.User, plan: plan.tokenModel, config: config.tokenModel, state: state.common(),
		owner: plan.owner(), ownerBefore: state.owner(), private: private, place: r.place(plan), say: say,
		others: func() bool { return r.data.places.foundAny(ctx) },
	}
	if c.replaces() {
		r.planToLeave(ctx, state, private, say, resp)

		return
	}

	if !checkOwnKey(c.owner.key, c.ownerBefore.key, c.refuse()) {
		return
	}

	p := r.data.planToken(ctx, c)
	plan.tokenModel, plan.UserID = p.model, p.userID
	p.save(ctx, private, resp.Private, &resp.Diagnostics)
	resp.Plan.Raw = encodeModel(ctx, plan, resp.Plan.Raw, &resp.Diagnostics)
}

// planToLeave plans that the resource leaves the place that the state has it at.
func (r *gitUserTokenResource) planToLeave(
	ctx context.Context, state *gitUserTokenModel, private privateState, say reporter, resp *resource.ModifyPlanResponse,
) {
	now := r.data.planDestroy(ctx, state.Runtime.ValueString(), state.owner(), private, say)
	if now.Superseded != private.Superseded || now.SupersededBefore != private.SupersededBefore {
		now.save(ctx, resp.Private, &resp.Diagnostics)
	}
}

// Create registers the token.
func (r *gitUserTokenResource) Create(
	ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse,
) {
	plan := decodeModel[gitUserTokenModel](ctx, req.Plan.Raw, &resp.Diagnostics)

	config := decodeModel[gitUserTokenModel](ctx, req.Config.Raw, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	plan.ID = plan.importID()

	a, ok := r.data.applyToken(ctx, applyCall{
		tokenType: gittoken.User, plan: plan.tokenModel, tokenWO: config.TokenWO, owner: plan.owner(),
		place: r.place(plan), say: report(&resp.Diagnostics),
	})
	if ok {
		r.save(ctx, *plan, a, target{&resp.State, resp.Identity, resp.Private, &resp.Diagnostics})
	}
}

// Read brings the state up to what Codefresh and the Git host tell.
func (r *gitUserTokenResource) Read(
	ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse,
) {
	state := decodeModel[gitUserTokenModel](ctx, req.State.Raw, &resp.Diagnostics)

	private := readPrivate(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	state.ID = state.importID()

	found, ok := r.data.refreshToken(ctx, readCall{
		tokenType: gittoken.User, state: state.tokenModel, owner: state.owner(), private: private,
		place: r.place(state), say: r.data.reporter(&resp.Diagnostics, private, &state.tokenModel),
	})
	if ok {
		state.tokenModel, state.UserID = found.model, found.userID
	}

	if now := found.private; now.Superseded != private.Superseded || now.Supersedes != private.Supersedes {
		now.save(ctx, resp.Private, &resp.Diagnostics)
	}
	// Terraform 1.11 wants an identity also where the resource is gone.
	resp.Identity.Raw = encodeModel(ctx, state.identity(), resp.Identity.Raw, &resp.Diagnostics)

	switch {
	case !ok:
	case found.gone:
		resp.State.RemoveResource(ctx)
	default:
		resp.State.Raw = encodeModel(ctx, state, resp.State.Raw, &resp.Diagnostics)
	}
}

// Update registers the token again, if what changed calls for that.
func (r *gitUserTokenResource) Update(
	ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse,
) {
	plan := decodeModel[gitUserTokenModel](ctx, req.Plan.Raw, &resp.Diagnostics)
	config := decodeModel[gitUserTokenModel](ctx, req.Config.Raw, &resp.Diagnostics)
	state := decodeModel[gitUserTokenModel](ctx, req.State.Raw, &resp.Diagnostics)

	private := readPrivate(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	a, ok := r.data.applyToken(ctx, applyCall{
		tokenType: gittoken.User, plan: plan.tokenModel, tokenWO: config.TokenWO, state: &state.tokenModel,
		owner: plan.owner(), ownerBefore: state.owner(), private: private, place: r.place(plan),
		say: r.data.reporter(&resp.Diagnostics, private, &state.tokenModel),
	})
	if ok {
		r.save(ctx, *plan, a, target{&resp.State, resp.Identity, resp.Private, &resp.Diagnostics})
	}
}

// Delete takes the user's token out of the integration.
func (r *gitUserTokenResource) Delete(
	ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse,
) {
	state := decodeModel[gitUserTokenModel](ctx, req.State.Raw, &resp.Diagnostics)

	private := readPrivate(ctx, req.Private, &resp.Diagnostics)
	if resp.Diagnostics.HasError() {
		return
	}

	r.data.deregister(ctx, deregisterCall{
		runtime: state.Runtime.ValueString(), owner: state.owner(), private: private, place: r.place(state),
		say: report(&resp.Diagnostics),
	})
}

// ImportState takes the runtime's name, with the integration's and the user's id after it if those are not the default,
// or the identity.
func (r *gitUserTokenResource) ImportState(
	ctx context.Context, req resource.ImportStateRequest, resp *resource.ImportStateResponse,
) {
	var wanted gitUserTokenIdentity
	if req.ID == "" {
		resp.Diagnostics.Append(req.Identity.Get(ctx, &wanted)...)
	} else if parts := strings.SplitN(req.ID, "/", 3); !slices.Contains(parts, "") {
		parts = append(parts, "", "")
		wanted = gitUserTokenIdentity{types.StringValue(parts[0]), textOrNull(parts[1]), textOrNull(parts[2])}
	}

	if wanted.Integration.IsNull() {
		wanted.Integration = types.StringValue(defaultIntegration)
	}

	if wanted.Runtime.ValueString() == "" || wanted.Integration.ValueString() == "" {
		report(&resp.Diagnostics).nowhere(tokencheck.Failure, message.ImportIDUnusable())

		return
	}

	privateState{AssumedUser: wanted.UserID.IsNull()}.save(ctx, resp.Private, &resp.Diagnostics)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("runtime"), wanted.Runtime)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("integration"), wanted.Integration)...)
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("user_id"), wanted.UserID)...)
}

// save keeps what an apply left behind.
func (r *gitUserTokenResource) save(ctx context.Context, m gitUserTokenModel, a applied, to target) {
	m.tokenModel, m.UserID = a.model, a.userID
	a.private.save(ctx, to.private, to.diags)
	to.identity.Raw = encodeModel(ctx, m.identity(), to.identity.Raw, to.diags)
	to.state.Raw = encodeModel(ctx, &m, to.state.Raw, to.diags)
}

func (r *gitUserTokenResource) place(m *gitUserTokenModel) registration.UserPlace {
	api, key, err := r.data.codefreshFor(m.APIKey)
	if err != nil {
		return registration.Unavailable{Reason: err}
	}

	return registration.UserToken{
		API: api, Runtime: m.Runtime.ValueString(), AppProxyURL: m.AppProxyURL.ValueString(),
		Integration: m.Integration.ValueString(), Key: key, UserID: m.UserID.ValueString(),
	}
}
