package idle

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/identityschema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/tfsdk"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

type token struct{ bare bool }

func (token) Metadata(_ context.Context, req resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = req.ProviderTypeName + "_git_user_token"
}

func (token) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema = schema.Schema{Attributes: attributes()}
}

func (token) IdentitySchema(
	_ context.Context, _ resource.IdentitySchemaRequest, resp *resource.IdentitySchemaResponse,
) {
	resp.IdentitySchema = identityschema.Schema{Attributes: map[string]identityschema.Attribute{
		"runtime":     identityschema.StringAttribute{RequiredForImport: true},
		"integration": identityschema.StringAttribute{OptionalForImport: true},
		"user_id":     identityschema.StringAttribute{OptionalForImport: true},
	}}
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

func (t token) Create(_ context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	resp.Diagnostics.Append(settle(req.Plan, &resp.State, t.bare)...)
	resp.Diagnostics.Append(identify(resp.State, resp.Identity)...)
}

// Read leaves the state as it is.
func (token) Read(_ context.Context, _ resource.ReadRequest, resp *resource.ReadResponse) {
	resp.Diagnostics.Append(identify(resp.State, resp.Identity)...)
}

func (t token) Update(_ context.Context, req resource.UpdateRequest, resp *resource.UpdateResponse) {
	resp.Diagnostics.Append(settle(req.Plan, &resp.State, t.bare)...)
	resp.Diagnostics.Append(identify(resp.State, resp.Identity)...)
}

func (token) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// identify makes the identity from the state.
func identify(state tfsdk.State, identity *tfsdk.ResourceIdentity) diag.Diagnostics {
	var held map[string]tftypes.Value
	if err := state.Raw.As(&held); err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot read the state", err.Error())}
	}

	identity.Raw = tftypes.NewValue(identity.Raw.Type(), map[string]tftypes.Value{
		"runtime": held["runtime"], "integration": held["integration"], "user_id": held["user_id"],
	})

	return nil
}

// settle stores the plan. What it leaves unknown becomes a value as long as the real one usually is, but for lists of a
// bare one.
func settle(plan tfsdk.Plan, state *tfsdk.State, bare bool) diag.Diagnostics {
	raw, err := tftypes.Transform(plan.Raw, func(_ *tftypes.AttributePath, v tftypes.Value) (tftypes.Value, error) {
		if v.IsKnown() {
			return v, nil
		}

		if _, list := v.Type().(tftypes.List); list && bare {
			return tftypes.NewValue(v.Type(), nil), nil
		}

		return usual(v.Type()), nil
	})
	if err != nil {
		return diag.Diagnostics{diag.NewErrorDiagnostic("Cannot settle the plan", err.Error())}
	}

	state.Raw = raw

	return nil
}

// usual returns a value of a type: texts of 40 characters, and one in a set or a list; but two objects, since a user's
// token is tried at the shared configuration repository and at one Git Source or so.
func usual(t tftypes.Type) tftypes.Value {
	switch t := t.(type) {
	case tftypes.Set:
		return tftypes.NewValue(t, []tftypes.Value{usual(t.ElementType)})
	case tftypes.List:
		if t.ElementType.Is(tftypes.String) {
			return tftypes.NewValue(t, []tftypes.Value{usual(t.ElementType)})
		}

		return tftypes.NewValue(t, []tftypes.Value{usual(t.ElementType), usual(t.ElementType)})
	case tftypes.Object:
		fields := map[string]tftypes.Value{}
		for name, field := range t.AttributeTypes {
			fields[name] = usual(field)
		}

		return tftypes.NewValue(t, fields)
	}

	return tftypes.NewValue(t, strings.Repeat("x", 40))
}
