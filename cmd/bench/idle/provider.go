// Package idle is a provider whose one resource has the attributes and the identity of codefresh_git_user_token and
// does nothing: what Terraform, the plugin protocol and the framework cost by themselves.
package idle

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
)

// Provider does nothing. Its resource is donothing_git_user_token, without rows in repository_access for the variant
// Bare, or donothing_typed in the variant of that name.
type Provider struct{ Variant string }

// Bare is the variant whose tokens were tried at no repository.
const Bare = "bare"

// Metadata implements provider.Provider.
func (Provider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = "donothing"
}

// Schema implements provider.Provider.
func (Provider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

// Configure implements provider.Provider.
func (Provider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {}

// DataSources implements provider.Provider.
func (Provider) DataSources(context.Context) []func() datasource.DataSource { return nil }

// Resources implements provider.Provider.
func (p Provider) Resources(context.Context) []func() resource.Resource {
	if p.Variant != "" && p.Variant != Bare {
		return []func() resource.Resource{func() resource.Resource { return typed{p.Variant} }}
	}

	return []func() resource.Resource{func() resource.Resource { return token{p.Variant == Bare} }}
}
