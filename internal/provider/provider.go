package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-framework-validators/int64validator"
	"github.com/hashicorp/terraform-plugin-framework/action"
	"github.com/hashicorp/terraform-plugin-framework/datasource"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/function"
	"github.com/hashicorp/terraform-plugin-framework/list"
	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/provider/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// Address is the provider's address in the Terraform Registry.
const Address = "registry.terraform.io/codefresh-gitops/codefresh"

var (
	_ provider.Provider                       = (*codefreshProvider)(nil)
	_ provider.ProviderWithValidateConfig     = (*codefreshProvider)(nil)
	_ provider.ProviderWithEphemeralResources = (*codefreshProvider)(nil)
	_ provider.ProviderWithListResources      = (*codefreshProvider)(nil)
	_ provider.ProviderWithFunctions          = (*codefreshProvider)(nil)
	_ provider.ProviderWithActions            = (*codefreshProvider)(nil)
)

// codefreshProvider is the provider block.
type codefreshProvider struct{ setup }

func (p *codefreshProvider) Metadata(
	_ context.Context, _ provider.MetadataRequest, resp *provider.MetadataResponse,
) {
	resp.TypeName = "codefresh"
	resp.Version = p.version
}

func (p *codefreshProvider) Schema(_ context.Context, _ provider.SchemaRequest, resp *provider.SchemaResponse) {
	resp.Schema = schema.Schema{
		MarkdownDescription: "Manages the Git tokens of Codefresh GitOps: the Git runtime token of each GitOps " +
			"Runtime and the Git user tokens of its users. `terraform plan` says whether a token can do its job, " +
			"and a token that was revoked, expired or lost a scope shows up as drift.\n\n" +
			"All settings are optional. Resources, `codefresh_runtimes` and `codefresh_git_tokens` need a " +
			"Codefresh API key; `codefresh_required_scopes`, `codefresh_git_token_check` and the functions do " +
			"not.",
		Attributes: map[string]schema.Attribute{
			"url": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "URL of the Codefresh platform, by default `https://g.codefresh.io`. A trailing `/`, " +
					"`/api` or `/2.0/api/graphql` is accepted. Environment: `CODEFRESH_URL`, `CODEFRESH_API_URL` or `CF_URL`.",
				Validators: []validator.String{webAddress()},
			},
			"api_key": schema.StringAttribute{
				Optional:  true,
				Sensitive: true,
				MarkdownDescription: "API key of a Codefresh user or service account. Without it: the environment variables " +
					"`CODEFRESH_API_KEY`, then `CF_API_KEY`, then the Codefresh CLI's configuration file (`CFCONFIG`, by default " +
					"`~/.cfconfig`).",
			},
			"context": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Context of the Codefresh CLI's configuration file to take the URL and the API key from, " +
					"in place of its current one.",
			},
			"git_tokens": schema.MapAttribute{
				Optional:    true,
				Sensitive:   true,
				ElementType: types.StringType,
				MarkdownDescription: "Git tokens by a name of your choice, for resources that name one with " +
					"`token_name`. They are in no state and, if the variables that they come from are ephemeral, " +
					"in no saved plan. They are available to every command, so a refresh checks them too.",
			},
			"ca_certificate": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Certificates in PEM format to trust besides those of the system, for " +
					"Codefresh, app-proxies, Git hosts and proxies.",
				Validators: []validator.String{certificates()},
			},
			"allow_http": schema.BoolAttribute{
				Optional: true,
				MarkdownDescription: "Whether `http://` addresses other than those of this machine may be used, by " +
					"default `false`: anyone on the way can read a token that is sent over `http://`.",
			},
			"request_timeout": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "Longest time for one attempt of an HTTP request, such as `30s` (the default) " +
					"or `2m`. Registering a token has its own limit of 5 minutes, since Codefresh may clone a " +
					"repository to try the token.",
				Validators: []validator.String{positiveDuration()},
			},
			"max_retries": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "How often a request is repeated, by default 3, after a network error, a rate limit " +
					"(429) or an answer 502, 503 or 504. A refusal (401, 403) is never repeated.",
				Validators: []validator.Int64{int64validator.Between(0, 10)},
			},
			"on_unreachable": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What happens when a plan cannot check a new token or cannot reach Codefresh: " +
					"`warn` (the default) or `error`.",
				Validators: []validator.String{
					oneOf(string(tokencheck.UnreachableWarn), string(tokencheck.UnreachableError)),
				},
			},
			"validation": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "What happens with a bad token, for every resource that sets no `validation`: " +
					"`enforce` (the default: an error), `warn` (a warning, and the apply continues) or `skip` " +
					"(the Git host is not asked). Environment: `" +
					validationVariable + "`.",
				Validators: []validator.String{oneOfValidations()},
			},
			"check_repositories": schema.StringAttribute{
				Optional: true,
				MarkdownDescription: "At which repositories tokens are proved, for every resource that does not say: `codefresh` " +
					"(the default: also at those that Codefresh itself uses, which are the account's shared configuration " +
					"repository and the Git Sources of the runtime) or `listed` (only at those in a resource's `repositories`). " +
					"Reading only, at the token's own host, at most 20 for a token.",
				Validators: []validator.String{oneOfWheres()},
			},
			"expiry_warning_days": schema.Int64Attribute{
				Optional: true,
				MarkdownDescription: "Number of days before a token's expiry from which a plan warns, by default " +
					"14. 0 turns the warning off.",
				Validators: []validator.Int64{int64validator.Between(0, 3650)},
			},
		},
	}
}

// ValidateConfig refuses what is certain to be wrong before anything is asked.
func (p *codefreshProvider) ValidateConfig(
	ctx context.Context, req provider.ValidateConfigRequest, resp *provider.ValidateConfigResponse,
) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)

	if resp.Diagnostics.HasError() {
		return
	}

	key := config.APIKey
	if !key.IsNull() && !key.IsUnknown() && gittoken.CheckShape("", gittoken.NewSecret(key.ValueString())) != nil {
		report(&resp.Diagnostics).nowhere(tokencheck.Failure, message.APIKeyUnusable())
	}
}

// Configure prepares what the blocks share. It sends nothing: a plan that needs no Codefresh asks for none.
func (p *codefreshProvider) Configure(
	ctx context.Context, req provider.ConfigureRequest, resp *provider.ConfigureResponse,
) {
	var config providerModel
	resp.Diagnostics.Append(req.Config.Get(ctx, &config)...)

	if resp.Diagnostics.HasError() {
		return
	}

	data, diags := p.prepare(ctx, config, req.TerraformVersion)
	resp.Diagnostics.Append(diags...)

	if resp.Diagnostics.HasError() {
		return
	}

	resp.ResourceData = data
	resp.DataSourceData = data
	resp.EphemeralResourceData = data
	resp.ListResourceData = data
	resp.ActionData = data
}

func (p *codefreshProvider) Resources(context.Context) []func() resource.Resource {
	return []func() resource.Resource{newGitRuntimeTokenResource, newGitUserTokenResource}
}

func (p *codefreshProvider) DataSources(context.Context) []func() datasource.DataSource {
	return []func() datasource.DataSource{
		newRequiredScopesDataSource, newGitTokenCheckDataSource, newRuntimesDataSource, newGitTokensDataSource,
	}
}

func (p *codefreshProvider) EphemeralResources(context.Context) []func() ephemeral.EphemeralResource {
	return []func() ephemeral.EphemeralResource{newGitTokenCheckEphemeralResource}
}

func (p *codefreshProvider) ListResources(context.Context) []func() list.ListResource {
	return []func() list.ListResource{newGitRuntimeTokenList, newGitUserTokenList}
}

func (p *codefreshProvider) Functions(context.Context) []func() function.Function {
	return []func() function.Function{newRequiredScopesFunction, newMissingScopesFunction}
}

func (p *codefreshProvider) Actions(context.Context) []func() action.Action {
	return []func() action.Action{newGitTokenRevokeAction, newGitTokenVerifyAction}
}
