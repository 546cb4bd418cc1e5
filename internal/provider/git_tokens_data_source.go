package provider

import (
	"context"
	"slices"

	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
)

var (
	_ datasource.DataSource              = (*gitTokensDataSource)(nil)
	_ datasource.DataSourceWithConfigure = (*gitTokensDataSource)(nil)
)

func newGitTokensDataSource() datasource.DataSource { return &gitTokensDataSource{} }

// gitTokensDataSource shows the account's Git tokens as Codefresh sees them.
type gitTokensDataSource struct {
	data *providerData
}

type gitTokensModel struct {
	NameRegex     types.String        `tfsdk:"name_regex"`
	RuntimeTokens []runtimeTokenModel `tfsdk:"runtime_tokens"`
	UserTokens    []userTokenModel    `tfsdk:"user_tokens"`
	Unreachable   []unreachableModel  `tfsdk:"unreachable"`
}

type runtimeTokenModel struct {
	Runtime types.String `tfsdk:"runtime"`
	Status  types.String `tfsdk:"status"`
	Detail  types.String `tfsdk:"detail"`
}

type userTokenModel struct {
	Runtime     types.String `tfsdk:"runtime"`
	Integration types.String `tfsdk:"integration"`
	GitProvider types.String `tfsdk:"git_provider"`
	APIURL      types.String `tfsdk:"api_url"`
	UserID      types.String `tfsdk:"user_id"`
	Valid       types.Bool   `tfsdk:"valid"`
}

type unreachableModel struct {
	Runtime types.String `tfsdk:"runtime"`
	Reason  types.String `tfsdk:"reason"`
}

func (d *gitTokensDataSource) Metadata(
	_ context.Context, req datasource.MetadataRequest, resp *datasource.MetadataResponse,
) {
	resp.TypeName = req.ProviderTypeName + "_git_tokens"
}

func (d *gitTokensDataSource) Schema(
	_ context.Context, _ datasource.SchemaRequest, resp *datasource.SchemaResponse,
) {
	list := func(description string, attributes map[string]schema.Attribute) schema.Attribute {
		return schema.ListNestedAttribute{
			Computed: true, MarkdownDescription: description,
			NestedObject: schema.NestedAttributeObject{Attributes: attributes},
		}
	}
	resp.Schema = schema.Schema{
		MarkdownDescription: "The Git tokens of the account as Codefresh sees them: which runtimes have a Git " +
			"runtime token, and which users are registered where, with tokens that Codefresh calls valid or not. " +
			"Asks the platform once and the app-proxy of each runtime once; a runtime that does not answer is " +
			"listed in `unreachable` and does not fail the read.",
		Attributes: map[string]schema.Attribute{
			"name_regex": nameFilter(),
			"runtime_tokens": list("The Git runtime token of each runtime, in the order of the runtimes' names.",
				map[string]schema.Attribute{
					"runtime": computedText("Name of the runtime."),
					"status": computedText("The platform's word on the token: `successful`, `failed` or `unknown` (none is " +
						"registered, or the platform does not tell)."),
					"detail": computedText("The platform's explanation."),
				}),
			"user_tokens": list("The Git user tokens that are registered, in the order of runtime, integration and user.",
				map[string]schema.Attribute{
					"runtime":     computedText("Name of the runtime."),
					"integration": computedText("Name of the Git integration."),
					"git_provider": computedText("Git provider of the integration; null if it is one that this provider does not " +
						"know."),
					"api_url": computedText("Address of the integration's API."),
					"user_id": computedText("Codefresh's id of the user."),
					"valid": schema.BoolAttribute{
						Computed: true, MarkdownDescription: "Whether Codefresh calls the user's token valid. Null if it does not tell.",
					},
				}),
			"unreachable": list("Runtimes whose user tokens could not be read.", map[string]schema.Attribute{
				"runtime": computedText("Name of the runtime."),
				"reason":  computedText("Why."),
			}),
		},
	}
}

func (d *gitTokensDataSource) Configure(
	_ context.Context, req datasource.ConfigureRequest, resp *datasource.ConfigureResponse,
) {
	d.data = dataFrom(req.ProviderData, &resp.Diagnostics)
}

func (d *gitTokensDataSource) Read(
	ctx context.Context, req datasource.ReadRequest, resp *datasource.ReadResponse,
) {
	var m gitTokensModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &m)...)

	if resp.Diagnostics.HasError() {
		return
	}

	overview, ok := d.data.overview(ctx, d.data.reporter(&resp.Diagnostics, privateState{}, nil))
	if !ok {
		return
	}

	filter := runtimesModel{NameRegex: m.NameRegex}
	runtimes := slices.DeleteFunc(registration.Runtimes(overview), func(r codefresh.Runtime) bool {
		return !filter.admits(r)
	})

	m.RuntimeTokens, m.UserTokens, m.Unreachable = []runtimeTokenModel{}, []userTokenModel{}, []unreachableModel{}
	for _, seen := range registration.SurveyIntegrations(ctx, d.data.codefresh, runtimes) {
		m.add(seen)
	}

	resp.Diagnostics.Append(resp.State.Set(ctx, &m)...)
}

// add takes in what was told of one runtime.
func (m *gitTokensModel) add(seen registration.Survey) {
	name := types.StringValue(seen.Runtime.Name)

	m.RuntimeTokens = append(m.RuntimeTokens, runtimeTokenModel{
		Runtime: name, Status: codefreshWord(seen.Runtime.GitToken), Detail: textOrNull(seen.Runtime.GitTokenDetail),
	})
	if seen.Err != nil {
		m.Unreachable = append(m.Unreachable, unreachableModel{
			Runtime: name, Reason: types.StringValue(message.CodefreshReason(seen.Err, seen.Runtime.Name)),
		})
	}

	for _, integration := range seen.Integrations {
		for _, user := range integration.Users {
			m.UserTokens = append(m.UserTokens, userTokenModel{
				Runtime: name, Integration: types.StringValue(integration.Name),
				GitProvider: textOrNull(string(integration.Provider)), APIURL: textOrNull(integration.APIURL),
				UserID: types.StringValue(user.ID), Valid: validity(user.Token),
			})
		}
	}
}

// validity returns whether Codefresh calls a user's token valid. Null if it does not tell.
func validity(s codefresh.TokenStatus) types.Bool {
	if s == codefresh.TokenUnknown {
		return types.BoolNull()
	}

	return types.BoolValue(s == codefresh.TokenSuccessful)
}
