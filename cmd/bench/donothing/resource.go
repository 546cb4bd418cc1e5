package main

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type idleResource struct{}

func (idleResource) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = "donothing_git_user_token"
}

func (idleResource) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: attributes()}
}

// attributes are those of codefresh_git_user_token, by name, type and who sets them; a test compares. Written out,
// since what the real provider's packages cost to load is part of what is measured.
func attributes() map[string]schema.Attribute {
	all := map[string]schema.Attribute{
		"runtime":  schema.StringAttribute{Required: true},
		"token":    schema.StringAttribute{Optional: true, Sensitive: true},
		"token_wo": schema.StringAttribute{Optional: true, Sensitive: true, WriteOnly: true},
		"api_key":  schema.StringAttribute{Optional: true, Sensitive: true},
		"required_scopes": schema.SetAttribute{
			Optional: true, Computed: true, ElementType: types.StringType,
		},
		"repositories": schema.ListNestedAttribute{
			Optional: true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"url":    schema.StringAttribute{Required: true},
				"access": schema.StringAttribute{Required: true},
			}},
		},
		"write_probes": schema.BoolAttribute{Optional: true},
		"repository_access": schema.ListNestedAttribute{
			Computed: true,
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"url": schema.StringAttribute{Computed: true}, "access": schema.StringAttribute{Computed: true},
				"source": schema.StringAttribute{Computed: true}, "result": schema.StringAttribute{Computed: true},
				"reason": schema.StringAttribute{Computed: true},
			}},
		},
	}
	for _, name := range []string{
		"token_wo_version", "token_name", "username", "app_proxy_url", "validation", "expires_at_hint",
		"check_repositories", "wait_for_runtime",
	} {
		all[name] = schema.StringAttribute{Optional: true}
	}
	for _, name := range []string{"integration", "git_provider", "api_url"} {
		all[name] = schema.StringAttribute{Optional: true, Computed: true}
	}
	for _, name := range []string{
		"id", "user_id", "status", "status_reason", "token_kind", "token_owner", "expires_at", "token_fingerprint",
		"codefresh_status", "help_url",
	} {
		all[name] = schema.StringAttribute{Computed: true}
	}
	for _, name := range []string{"granted_scopes", "missing_scopes", "excess_scopes"} {
		all[name] = schema.SetAttribute{Computed: true, ElementType: types.StringType}
	}

	return all
}

func (idleResource) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(settle(req.Plan, &resp.State)...)
}

// Read leaves the state as it is.
func (idleResource) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (idleResource) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(settle(req.Plan, &resp.State)...)
}

func (idleResource) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// settle stores the plan, with values of a usual length for what it leaves unknown.
func settle(plan tfsdk.Plan, state *tfsdk.State) diag.Diagnostics {
	text := strings.Repeat("x", 40)
	raw, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		switch {
		case v.IsKnown():
			return v, nil
		case v.Type().Is(tftypes.Set{ElementType: tftypes.String}):
			return tftypes.NewValue(v.Type(), []tftypes.Value{tftypes.NewValue(tftypes.String, text)}), nil
		default:
			return tftypes.NewValue(v.Type(), text), nil
		}
	})
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot settle the plan", err.Error())}
	}
	state.Raw = raw

	return nil
}
