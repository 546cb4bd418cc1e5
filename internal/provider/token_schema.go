package provider

import (
	"maps"

	"github.com/hashicorp/terraform-plugin-framework-validators/stringvalidator"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/planmodifier"
	"github.com/hashicorp/terraform-plugin-framework/resource/schema/stringplanmodifier"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// tokenSchema returns the attributes that both token resources have, with those of one resource added.
//
// No attribute that holds a secret has a validator, a default or a plan modifier of the framework: those name the value
// in their messages or point at it, and Terraform prints the source line that a message points at. And no secret forces
// replacement: Terraform would take the old token away before it looks at the new one.
func tokenSchema(own map[string]schema.Attribute) map[string]schema.Attribute {
	all := map[string]schema.Attribute{
		"runtime": schema.StringAttribute{
			Required:            true,
			MarkdownDescription: "Name of the GitOps Runtime. Changing it replaces the resource.",
			PlanModifiers:       []planmodifier.String{stringplanmodifier.RequiresReplace()},
			Validators:          []validator.String{stringvalidator.LengthAtLeast(1)},
		},
	}
	maps.Copy(all, sourceAttributes())
	maps.Copy(all, demandAttributes())
	maps.Copy(all, resultAttributes())
	maps.Copy(all, own)

	return all
}

// sourceAttributes say which token it is, and of which host.
func sourceAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"token": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			MarkdownDescription: "The Git token, kept in the state as a sensitive value. Exactly one of `token`, " +
				"`token_wo` and `token_name` must be set.",
		},
		"token_wo": schema.StringAttribute{
			Optional:  true,
			Sensitive: true,
			WriteOnly: true,
			MarkdownDescription: "The Git token as a write-only value, which is in no state and, if it comes from " +
				"an ephemeral value, in no saved plan. Needs Terraform 1.11 or OpenTofu 1.11. A refresh does not " +
				"see it: an ordinary plan shows a revocation, a refresh-only one does not.",
		},
		"token_wo_version": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Version of `token_wo`. With it, only a new version means a new token; without " +
				"it, the provider recognises another token by its fingerprint.",
		},
		"token_name": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "Name of the Git token among the provider's `git_tokens`. The token is in no " +
				"state, and every command can check it.",
		},
		"git_provider": schema.StringAttribute{
			Optional:            true,
			Computed:            true,
			Validators:          []validator.String{oneOfProviders()},
			MarkdownDescription: describeProviders() + " By default the one that Codefresh uses for this runtime.",
		},
		"api_url": schema.StringAttribute{
			Optional:   true,
			Computed:   true,
			Validators: []validator.String{webAddress()},
			MarkdownDescription: "Address of the Git provider's API. A bare address of the site gets the usual " +
				"path (`/api/v3`, `/api/v4`, `/rest/api/1.0`). By default the one that Codefresh uses for this " +
				"runtime, otherwise the provider's public API; `bitbucket-server` has none.",
		},
		"username": schema.StringAttribute{
			Optional: true,
			MarkdownDescription: "User name that goes with the token. Bitbucket Cloud needs one: the account's e-mail " +
				"address for an API token, the user name for an app password.",
		},
		"app_proxy_url": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{webAddress()},
			MarkdownDescription: "Address of the runtime's app-proxy, in place of the one that the platform " +
				"reports: the internal ingress host if the runtime has one, otherwise the ingress host.",
		},
		"wait_for_runtime": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{duration()},
			MarkdownDescription: "How long an apply waits for a runtime that is still being installed: until the platform " +
				"knows it, its app-proxy answers and, for a user's token, the integration is there. A duration such as `15m`; " +
				"`0s` to fail at once. By default `10m` for a new resource. An update waits only if this is set.",
		},
	}
}

// demandAttributes say what is asked of the token.
func demandAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"required_scopes": schema.SetAttribute{
			Optional:    true,
			Computed:    true,
			ElementType: types.StringType,
			Validators:  []validator.Set{scopeWords{}},
			MarkdownDescription: "Scopes that the token must have, in place of those that Codefresh documents for " +
				"this host, type and kind of token. Spellings of Codefresh's documentation are accepted.",
		},
		"repositories": schema.ListNestedAttribute{
			Optional: true,
			MarkdownDescription: "Repositories to which the token must have access. For a token whose host does " +
				"not tell its permissions, such as a GitHub fine-grained one, they also prove the permissions.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"url": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Web or clone address of the repository, at the host of the token.",
					Validators:          []validator.String{repositoryAddress()},
				},
				"access": schema.StringAttribute{
					Required:            true,
					MarkdownDescription: "Access to prove: `read`, `write` or `admin`.",
					Validators:          []validator.String{oneOfAccess()},
				},
			}},
		},
		"write_probes": schema.BoolAttribute{
			Optional: true,
			MarkdownDescription: "Whether to try permissions that reading cannot prove with requests that use a " +
				"write verb, and that are made invalid so that they change nothing. By default `false`. Only for " +
				"tokens whose host does not tell their permissions.",
		},
		"check_repositories": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{oneOfWheres()},
			MarkdownDescription: "At which repositories the token is proved: `codefresh` (those in `repositories`, and those " +
				"that Codefresh itself uses: the account's shared configuration repository and the runtime's Git Sources) or " +
				"`listed` (those in `repositories`). By default what the provider block says.",
		},
		"validation": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{oneOfValidations()},
			MarkdownDescription: "What happens with a bad token: `enforce` (an error), `warn` (a warning, and the " +
				"apply continues) or `skip` (the Git host is not asked). By default the provider's `validation`.",
		},
		"expires_at_hint": schema.StringAttribute{
			Optional:   true,
			Validators: []validator.String{dayOrTime()},
			MarkdownDescription: "Expiry of a token whose host does not tell it (Bitbucket), as a date " +
				"(`2027-01-31`, meaning its start in UTC) or in RFC 3339 form. Used for warnings, and to tell an " +
				"expired token from a revoked one.",
		},
	}
}

// resultAttributes say what was found, and what was registered.
func resultAttributes() map[string]schema.Attribute {
	all := map[string]schema.Attribute{
		"token_fingerprint": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "Salted fingerprint of the registered token. The salt is not in the state's attributes.",
		},
		"codefresh_status": schema.StringAttribute{
			Computed:            true,
			MarkdownDescription: "What Codefresh itself says about the token: `successful`, `failed` or `unknown`.",
		},
	}
	maps.Copy(all, verdictAttributes(verdictFields()))

	return all
}

func verdictAttributes(fields []verdictField) map[string]schema.Attribute {
	all := make(map[string]schema.Attribute, len(fields))
	for _, field := range fields {
		switch {
		case field.set:
			all[field.name] = schema.SetAttribute{
				Computed: true, ElementType: types.StringType, MarkdownDescription: field.description,
			}
		case field.rows != nil:
			all[field.name] = schema.ListNestedAttribute{
				Computed: true, MarkdownDescription: field.description,
				NestedObject: schema.NestedAttributeObject{Attributes: verdictAttributes(field.rows)},
			}
		default:
			all[field.name] = schema.StringAttribute{Computed: true, MarkdownDescription: field.description}
		}
	}

	return all
}
