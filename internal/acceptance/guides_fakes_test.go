package acceptance_test

import (
	"context"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// groupTokens stands in for gitlab_group_access_token: it makes, rotates and revokes tokens in the sandbox, as its
// documentation says, with the attributes that the guides use.
type groupTokens struct {
	*world

	rotate bool // whether the rotation that the configuration asks for is due
	gaps   int  // how often a token went that the runtime still had
}

func (r *groupTokens) provider() guideProvider {
	return guideProvider{"gitlab", "registry.terraform.io/gitlabhq/gitlab", &otherProvider{
		name: "gitlab", resources: []func() resource.Resource{func() resource.Resource { return r }},
	}}
}

func (r *groupTokens) mint() string {
	return r.token(sandbox.Token{
		Service: sandbox.GitLabSelfManaged, Kind: "group", Scopes: []string{"api"}, Repositories: []string{"acme"},
		ExpiresAt: time.Now().AddDate(0, 0, 90),
	}).Text
}

func (r *groupTokens) revoke(text string) {
	if held, _, _, _, _ := r.RuntimeToken("emea"); held == text {
		r.gaps++
	}

	r.must(r.RevokeToken(text))
}

func (r *groupTokens) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "gitlab_group_access_token"
}

func (r *groupTokens) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	fixed := schema.StringAttribute{Required: true, PlanModifiers: []planmodifier.String{
		stringplanmodifier.RequiresReplace(),
	}}
	resp.Schema.Attributes = map[string]schema.Attribute{
		"group": fixed, "name": fixed, "access_level": fixed,
		"scopes":     schema.SetAttribute{Required: true, ElementType: types.StringType},
		"expires_at": schema.StringAttribute{Optional: true},
		"rotation_configuration": schema.SingleNestedAttribute{
			Optional: true, Attributes: map[string]schema.Attribute{
				"expiration_days":    schema.Int64Attribute{Required: true},
				"rotate_before_days": schema.Int64Attribute{Required: true},
			},
		},
		"token": schema.StringAttribute{Computed: true, Sensitive: true, PlanModifiers: []planmodifier.String{
			stringplanmodifier.UseStateForUnknown(),
		}},
	}
}

func (r *groupTokens) ModifyPlan(
	ctx context.Context, req resource.ModifyPlanRequest, resp *resource.ModifyPlanResponse,
) {
	var rotation types.Object

	if req.State.Raw.IsNull() || req.Plan.Raw.IsNull() || !r.rotate {
		return
	}

	resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root("rotation_configuration"), &rotation)...)

	if !rotation.IsNull() {
		resp.Diagnostics.Append(resp.Plan.SetAttribute(ctx, path.Root("token"), types.StringUnknown())...)
	}
}

func (r *groupTokens) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("token"), r.mint())...)
}

func (r *groupTokens) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

// Update rotates: GitLab makes the new token and revokes the old one at once.
func (r *groupTokens) Update(ctx context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	var text string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("token"), &text)...)
	r.revoke(text)
	r.rotate = false
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("token"), r.mint())...)
}

func (r *groupTokens) Delete(ctx context.Context, req resource.DeleteRequest, resp *resource.DeleteResponse) {
	var text string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("token"), &text)...)
	r.revoke(text)
}

// rotating stands in for time_rotating, whose time is gone once it is past, and made anew at the next apply.
type rotating struct{ since time.Time }

func (r *rotating) provider() guideProvider {
	return guideProvider{"time", "registry.terraform.io/hashicorp/time", &otherProvider{
		name: "time", resources: []func() resource.Resource{func() resource.Resource { return r }},
	}}
}

func (r *rotating) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "time_rotating"
}

func (r *rotating) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = map[string]schema.Attribute{
		"rotation_days": schema.Int64Attribute{Required: true},
		"rfc3339": schema.StringAttribute{Computed: true, PlanModifiers: []planmodifier.String{
			stringplanmodifier.UseStateForUnknown(),
		}},
	}
}

func (r *rotating) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.State.Raw = req.Plan.Raw
	resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root("rfc3339"), r.since.Format(time.RFC3339))...)
}

func (r *rotating) Read(ctx context.Context, req resource.ReadRequest, resp *resource.ReadResponse) {
	var since string
	resp.Diagnostics.Append(req.State.GetAttribute(ctx, path.Root("rfc3339"), &since)...)

	if since != r.since.Format(time.RFC3339) {
		resp.State.RemoveResource(ctx)
	}
}

func (r *rotating) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r *rotating) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}
