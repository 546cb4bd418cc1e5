package acceptance_test

import (
	"context"
	"sync"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// otherProvider stands in for a provider that an example uses beside this one: as much of it as the example needs.
type otherProvider struct {
	name       string
	resources  []func() resource.Resource
	ephemerals []func() ephemeral.EphemeralResource
}

func (p *otherProvider) Metadata(_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse) {
	resp.TypeName = p.name
}

func (p *otherProvider) Schema(context.Context, provider.SchemaRequest, *provider.SchemaResponse) {}

func (p *otherProvider) Configure(context.Context, provider.ConfigureRequest, *provider.ConfigureResponse) {
}

func (p *otherProvider) Resources(context.Context) []func() resource.Resource { return p.resources }

func (p *otherProvider) DataSources(context.Context) []func() datasource.DataSource { return nil }

func (p *otherProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return p.ephemerals
}

// vaultSecret is ephemeral vault_kv_secret_v2 with one secret.
type vaultSecret struct {
	mount, name string
	data        map[string]string
}

type vaultSecretModel struct {
	Mount types.String      `tfsdk:"mount"`
	Name  types.String      `tfsdk:"name"`
	Data  map[string]string `tfsdk:"data"`
}

func (s *vaultSecret) Metadata(_ context.Context, _ ephemeral.MetadataRequest, resp *ephemeral.MetadataResponse) {
	resp.TypeName = "vault_kv_secret_v2"
}

func (s *vaultSecret) Schema(_ context.Context, _ ephemeral.SchemaRequest, resp *ephemeral.SchemaResponse) {
	resp.Schema = ephemeralschema.Schema{Attributes: map[string]ephemeralschema.Attribute{
		"mount": ephemeralschema.StringAttribute{Required: true},
		"name":  ephemeralschema.StringAttribute{Required: true},
		"data":  ephemeralschema.MapAttribute{Computed: true, Sensitive: true, ElementType: types.StringType},
	}}
}

func (s *vaultSecret) Open(ctx context.Context, req ephemeral.OpenRequest, resp *ephemeral.OpenResponse) {
	var m vaultSecretModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if m.Mount.ValueString() != s.mount || m.Name.ValueString() != s.name {
		resp.Diagnostics.AddError("No such secret", m.Mount.ValueString()+"/"+m.Name.ValueString())
	}

	m.Data = s.data
	resp.Diagnostics.Append(resp.Result.Set(ctx, &m)...)
}

// made is a resource with string attributes that is made once and then stays as it is.
type made struct {
	typeName string
	given    []string // attributes that a configuration sets
	computed []string
	// create returns the computed attributes.
	create func(given map[string]string) map[string]string
}

func (r *made) Metadata(_ context.Context, _ resource.MetadataRequest, resp *resource.MetadataResponse) {
	resp.TypeName = r.typeName
}

func (r *made) Schema(_ context.Context, _ resource.SchemaRequest, resp *resource.SchemaResponse) {
	resp.Schema.Attributes = make(map[string]schema.Attribute)
	for _, name := range r.given {
		resp.Schema.Attributes[name] = schema.StringAttribute{Required: true}
	}

	for _, name := range r.computed {
		resp.Schema.Attributes[name] = schema.StringAttribute{Computed: true, Sensitive: name == "token"}
	}
}

func (r *made) Create(ctx context.Context, req resource.CreateRequest, resp *resource.CreateResponse) {
	given := make(map[string]string)
	for _, name := range r.given {
		var value types.String
		resp.Diagnostics.Append(req.Plan.GetAttribute(ctx, path.Root(name), &value)...)
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
		given[name] = value.ValueString()
	}

	for name, value := range r.create(given) {
		resp.Diagnostics.Append(resp.State.SetAttribute(ctx, path.Root(name), value)...)
	}
}

func (r *made) Read(context.Context, resource.ReadRequest, *resource.ReadResponse) {}

func (r *made) Update(context.Context, resource.UpdateRequest, *resource.UpdateResponse) {}

func (r *made) Delete(context.Context, resource.DeleteRequest, *resource.DeleteResponse) {}

// officialAccounts stands in for the official provider: it makes service accounts and their keys in the sandbox.
type officialAccounts struct {
	*world

	mu        sync.Mutex
	ids, keys map[string]string // by name, and by id
}

func (a *officialAccounts) provider() *otherProvider {
	account := &made{
		typeName: "codefresh_service_account", given: []string{"name"}, computed: []string{"id"},
		create: func(given map[string]string) map[string]string {
			id, key, err := a.AddUser(given["name"], false)
			a.must(err)
			a.mu.Lock()
			defer a.mu.Unlock()

			a.ids[given["name"]], a.keys[id] = id, key

			return map[string]string{"id": id}
		},
	}
	apiKey := &made{
		typeName: "codefresh_api_key", given: []string{"name", "service_account_id"}, computed: []string{"id", "token"},
		create: func(given map[string]string) map[string]string {
			a.mu.Lock()
			defer a.mu.Unlock()

			return map[string]string{"id": given["name"], "token": a.keys[given["service_account_id"]]}
		},
	}

	return &otherProvider{name: "codefresh", resources: []func() resource.Resource{
		func() resource.Resource { return account }, func() resource.Resource { return apiKey },
	}}
}
