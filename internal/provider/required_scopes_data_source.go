package provider

import (
	"context"
	"strings"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
)

var _ datasource.DataSource = (*requiredScopesDataSource)(nil)

func newRequiredScopesDataSource() datasource.DataSource { return &requiredScopesDataSource{} }

// requiredScopesDataSource tells what Codefresh needs of a token. It asks nobody.
type requiredScopesDataSource struct{}

type requiredScopesModel struct {
	GitProvider types.String `tfsdk:"git_provider"`
	TokenType   types.String `tfsdk:"token_type"`
	APIURL      types.String `tfsdk:"api_url"`
	TokenKind   types.String `tfsdk:"token_kind"`

	Scopes      []string            `tfsdk:"scopes"`
	Accepted    map[string][]string `tfsdk:"accepted"`
	Permissions map[string]string   `tfsdk:"permissions"`
	TokenURL    types.String        `tfsdk:"token_url"`
	Source      types.String        `tfsdk:"source"`
}

func (d *requiredScopesDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_required_scopes"
}

func (d *requiredScopesDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "The scopes that a Git token needs for Codefresh GitOps, and the Git host's page for " +
			"creating such a token. Makes no request and needs no API key.",
		Attributes: map[string]schema.Attribute{
			"git_provider": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{oneOfProviders()},
				MarkdownDescription: describeProviders(),
			},
			"token_type": schema.StringAttribute{
				Required:            true,
				Validators:          []validator.String{oneOfTypes()},
				MarkdownDescription: "What the token is for: `runtime` or `user`.",
			},
			"api_url": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{webAddress()},
				MarkdownDescription: "Address of the Git provider's API, for `token_url`. By default the provider's public API; " +
					"`bitbucket-server` has none.",
			},
			"token_kind": schema.StringAttribute{
				Optional:   true,
				Validators: []validator.String{oneOf(kindNames()...)},
				MarkdownDescription: "Kind of token, which decides how its scopes are called: " + describeKinds() +
					". By default the first of the provider's.",
			},
			"scopes": schema.ListAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "The required scopes, in the host's spelling.",
			},
			"accepted": schema.MapAttribute{
				Computed: true, ElementType: types.ListType{ElemType: types.StringType},
				MarkdownDescription: "For each required scope, every scope that grants it, the scope itself first.",
			},
			"permissions": schema.MapAttribute{
				Computed: true, ElementType: types.StringType,
				MarkdownDescription: "The required permissions of a fine-grained token, each with its level; empty for other " +
					"kinds.",
			},
			"token_url": schema.StringAttribute{
				Computed: true,
				MarkdownDescription: "The host's page for creating such a token, filled in where the host allows " +
					"that; null if the host is not known.",
			},
			"source": schema.StringAttribute{
				Computed:            true,
				MarkdownDescription: "The document that states the requirement.",
			},
		},
	}
}

func (d *requiredScopesDataSource) Read(
	ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse,
) {
	var m requiredScopesModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() {
		return
	}

	provider := gittoken.Provider(m.GitProvider.ValueString())

	kind := gittoken.Kind(m.TokenKind.ValueString())
	if kind == "" {
		kind = gittoken.KindUnknown
	}

	if problem, unfit := kindOf(provider, kind); unfit {
		report(&resp.Diagnostics).at("token_kind", problem)

		return
	}

	var host gittoken.Host

	if address := m.APIURL.ValueString(); address != "" {
		var err error
		if host, err = gittoken.NewHost(provider, address); err != nil {
			report(&resp.Diagnostics).host(err, "")

			return
		}
	}

	m.fill(gittoken.RequirementFor(provider, gittoken.Type(m.TokenType.ValueString()), kind), host)
	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

func (m *requiredScopesModel) fill(r gittoken.Requirement, host gittoken.Host) {
	m.Scopes = words(r.Scopes)

	m.Accepted, m.Permissions = make(map[string][]string), make(map[string]string)
	for _, scope := range r.Scopes {
		m.Accepted[string(scope)] = words(r.Vocabulary().GrantedBy(scope))
		if name, level, ok := strings.Cut(string(scope), ":"); ok && !r.Kind.TellsScopes() {
			m.Permissions[name] = level
		}
	}

	m.TokenURL = textOrNull(r.TokenURL(host))
	m.Source = types.StringValue(r.Source)
}

// kindOf reports that a provider hands out no tokens of a kind.
func kindOf(p gittoken.Provider, k gittoken.Kind) (problem message.Message, unfit bool) {
	if k == gittoken.KindUnknown {
		return message.Message{}, false
	}

	for _, known := range gittoken.Kinds(p) {
		if known == k {
			return message.Message{}, false
		}
	}

	return message.KindElsewhere(p, k), true
}

func kindNames() []string {
	var names []string

	seen := make(map[gittoken.Kind]bool)

	for _, p := range gittoken.Providers() {
		for _, k := range gittoken.Kinds(p) {
			if !seen[k] {
				seen[k] = true
				names = append(names, string(k))
			}
		}
	}

	return append(names, string(gittoken.KindUnknown))
}
