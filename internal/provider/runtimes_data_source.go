package provider

import (
	"context"
	"regexp"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
)

var (
	_ datasource.DataSource              = (*runtimesDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*runtimesDataSource)(nil)
)

func newRuntimesDataSource() datasource.DataSource { return &runtimesDataSource{} }

// runtimesDataSource lists the account's GitOps Runtimes.
type runtimesDataSource struct {
	data *providerData
}

type runtimesModel struct {
	NameRegex   types.String   `tfsdk:"name_regex"`
	GitProvider types.String   `tfsdk:"git_provider"`
	Available   types.Bool     `tfsdk:"available"`
	Runtimes    []runtimeModel `tfsdk:"runtimes"`
	Names       []string       `tfsdk:"names"`
}

type runtimeModel struct {
	Name              types.String `tfsdk:"name"`
	GitProvider       types.String `tfsdk:"git_provider"`
	Repo              types.String `tfsdk:"repo"`
	AppProxyURL       types.String `tfsdk:"app_proxy_url"`
	Available         types.Bool   `tfsdk:"available"`
	Version           types.String `tfsdk:"version"`
	InstallationType  types.String `tfsdk:"installation_type"`
	GitTokenStatus    types.String `tfsdk:"git_token_status"`
	GitTokenDetail    types.String `tfsdk:"git_token_detail"`
	IntegrationStatus types.String `tfsdk:"default_integration_status"`
	IntegrationDetail types.String `tfsdk:"default_integration_detail"`
}

func (d *runtimesDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_runtimes"
}

func (d *runtimesDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The GitOps Runtimes of the account, by name, with what the platform says about their " +
			"Git tokens.",
		Attributes: map[string]schema.Attribute{
			"name_regex": nameFilter(),
			"git_provider": schema.StringAttribute{
				Optional: true, Validators: []validator.String{oneOfProviders()},
				MarkdownDescription: "Only runtimes of this Git provider.",
			},
			"available": schema.BoolAttribute{
				Optional: true, MarkdownDescription: "Only runtimes that are, or are not, available.",
			},
			"names": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "Names of the runtimes, for `for_each`: `toset(data.codefresh_runtimes.all.names)`.",
			},
			"runtimes": schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: "The runtimes, in the order of their names.",
				NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
					"name": computedText("Name of the runtime."),
					"git_provider": computedText("Git provider: that of the repository from which the runtime was " +
						"installed, otherwise that of the account; null if it is not known, or is none that this version supports."),
					"repo":          computedText("Repository that the runtime was installed from, if any."),
					"app_proxy_url": computedText("Address of the runtime's app-proxy, as the platform reports it."),
					"available": schema.BoolAttribute{
						Computed: true, MarkdownDescription: "Whether the runtime reported to the platform " +
							"recently.",
					},
					"version":           computedText("Version of the runtime."),
					"installation_type": computedText("How the runtime was installed, such as `HELM`."),
					"git_token_status": computedText("What the platform says about the Git runtime token: " +
						"`successful`, `failed` or `unknown` (none is registered, or the platform does not tell)."),
					"git_token_detail": computedText("The platform's explanation."),
					"default_integration_status": computedText("The platform's word on the integration `default`: `successful`, " +
						"`failed` or `unknown`."),
					"default_integration_detail": computedText("The platform's explanation."),
				}},
			},
		},
	}
}

func (d *runtimesDataSource) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	d.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *runtimesDataSource) Read(
	ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse,
) {
	var m runtimesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() {
		return
	}

	overview, ok := d.data.overview(ctx, d.data.reporter(&resp.Diagnostics, privateState{}, nil))
	if !ok {
		return
	}

	m.Names, m.Runtimes = []string{}, []runtimeModel{}
	for _, r := range registration.Runtimes(overview) {
		if m.admits(r) {
			m.Names = append(m.Names, r.Name)
			m.Runtimes = append(m.Runtimes, modelOf(r))
		}
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// admits reports whether a runtime passes every filter.
func (m *runtimesModel) admits(r codefresh.Runtime) bool {
	if !m.NameRegex.IsNull() {
		// The schema's validator has refused what does not compile.
		pattern, err := regexp.Compile(m.NameRegex.ValueString())
		if err != nil || !pattern.MatchString(r.Name) {
			return false
		}
	}

	if wanted := m.GitProvider.ValueString(); wanted != "" && wanted != string(r.GitProvider) {
		return false
	}

	return m.Available.IsNull() || m.Available.ValueBool() == r.Available
}

// nameFilter is the attribute name_regex of data sources that list runtimes.
func nameFilter() schema.Attribute {
	return schema.StringAttribute{
		Optional: true, Validators: []validator.String{regularExpression()},
		MarkdownDescription: "Only runtimes whose name matches this regular expression (RE2).",
	}
}

// computedText is an attribute that holds a word of Codefresh's.
func computedText(description string) schema.Attribute {
	return schema.StringAttribute{Computed: true, MarkdownDescription: description}
}

func modelOf(r codefresh.Runtime) runtimeModel {
	return runtimeModel{
		Name:              types.StringValue(r.Name),
		GitProvider:       textOrNull(string(r.GitProvider)),
		Repo:              textOrNull(r.Repo),
		AppProxyURL:       textOrNull(r.AppProxyURL),
		Available:         types.BoolValue(r.Available),
		Version:           textOrNull(r.Version),
		InstallationType:  textOrNull(r.InstallationType),
		GitTokenStatus:    codefreshWord(r.GitToken),
		GitTokenDetail:    textOrNull(r.GitTokenDetail),
		IntegrationStatus: codefreshWord(r.DefaultIntegration),
		IntegrationDetail: textOrNull(r.DefaultIntegrationDetail),
	}
}
