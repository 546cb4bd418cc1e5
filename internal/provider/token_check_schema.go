package provider

import (
	"fmt"
	"maps"

	actionschema "github.com/hashicorp/terraform-plugin-framework/action/schema"
	"github.com/hashicorp/terraform-plugin-framework/datasource/schema"
	ephemeralschema "github.com/hashicorp/terraform-plugin-framework/ephemeral/schema"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

// tokenCheckAttributes are those of tokenCheckModel.
func tokenCheckAttributes() map[string]schema.Attribute {
	attributes := tokenQuestionAttributes()
	attributes["token"] = schema.StringAttribute{
		Required: true, Sensitive: true, MarkdownDescription: "The Git token to check.",
	}
	attributes["ok"] = schema.BoolAttribute{
		Computed: true, MarkdownDescription: "False if the check proved that the token cannot do its job. True " +
			"also if nothing could be proved: require `status == \"valid\"` to insist on proof.",
	}
	maps.Copy(attributes, verdictDataAttributes(verdictFields()))

	return attributes
}

// tokenQuestionAttributes are those of tokenQuestion.
func tokenQuestionAttributes() map[string]schema.Attribute {
	return map[string]schema.Attribute{
		"git_provider": schema.StringAttribute{
			Required: true, Validators: []validator.String{oneOfProviders()},
			MarkdownDescription: describeProviders(),
		},
		"token_type": schema.StringAttribute{
			Required: true, Validators: []validator.String{oneOfTypes()},
			MarkdownDescription: "What the token is for: `runtime` or `user`.",
		},
		"api_url": schema.StringAttribute{
			Optional: true, Validators: []validator.String{webAddress()},
			MarkdownDescription: "Address of the Git provider's API. A bare address of the site gets the usual path. By " +
				"default the provider's public API; `bitbucket-server` has none.",
		},
		"username": schema.StringAttribute{
			Optional: true, MarkdownDescription: "User name that goes with the token. Bitbucket Cloud needs one: the " +
				"account's e-mail address for an API token.",
		},
		"required_scopes": schema.SetAttribute{
			Optional: true, ElementType: types.StringType, Validators: []validator.Set{scopeWords{}},
			MarkdownDescription: "Scopes that the token must have, in place of those that Codefresh documents.",
		},
		"repositories": schema.ListNestedAttribute{
			Optional: true, MarkdownDescription: "Repositories to which the token must have access.",
			NestedObject: schema.NestedAttributeObject{Attributes: map[string]schema.Attribute{
				"url": schema.StringAttribute{
					Required: true, Validators: []validator.String{repositoryAddress()},
					MarkdownDescription: "Web or clone address of the repository, at the host of the token.",
				},
				"access": schema.StringAttribute{
					Required: true, Validators: []validator.String{oneOfAccess()},
					MarkdownDescription: "Access to prove: `read`, `write` or `admin`.",
				},
			}},
		},
		"write_probes": schema.BoolAttribute{
			Optional: true, MarkdownDescription: "Whether to try permissions that reading cannot prove with " +
				"requests that use a write verb, and that are made invalid so that they change nothing. By " +
				"default `false`.",
		},
	}
}

func verdictDataAttributes(fields []verdictField) map[string]schema.Attribute {
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
				NestedObject: schema.NestedAttributeObject{Attributes: verdictDataAttributes(field.rows)},
			}
		default:
			all[field.name] = schema.StringAttribute{Computed: true, MarkdownDescription: field.description}
		}
	}

	return all
}

// ephemeralAttributes turns attributes of a data source into the same ones of an ephemeral resource. The framework has
// a type of its own for each, with the same fields.
func ephemeralAttributes(attributes map[string]schema.Attribute) map[string]ephemeralschema.Attribute {
	turned := make(map[string]ephemeralschema.Attribute, len(attributes))
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case schema.StringAttribute:
			turned[name] = ephemeralschema.StringAttribute{
				Required: a.Required, Optional: a.Optional, Computed: a.Computed, Sensitive: a.Sensitive,
				MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
			}
		case schema.BoolAttribute:
			turned[name] = ephemeralschema.BoolAttribute{
				Required: a.Required, Optional: a.Optional, Computed: a.Computed,
				MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
			}
		case schema.SetAttribute:
			turned[name] = ephemeralschema.SetAttribute{
				Required: a.Required, Optional: a.Optional, Computed: a.Computed, ElementType: a.ElementType,
				MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
			}
		case schema.ListNestedAttribute:
			turned[name] = ephemeralschema.ListNestedAttribute{
				Required: a.Required, Optional: a.Optional, Computed: a.Computed,
				MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
				NestedObject: ephemeralschema.NestedAttributeObject{
					Attributes: ephemeralAttributes(a.NestedObject.Attributes),
				},
			}
		default:
			// A schema is the same on every run: the first test that asks for it finds an attribute of another type.
			panic(fmt.Sprintf("attribute %s has a type that is not turned: %T", name, attribute))
		}
	}

	return turned
}

// actionAttributes turns attributes of a data source into the same ones of an action, as ephemeralAttributes does. No
// attribute of an action can be sensitive or computed.
func actionAttributes(attributes map[string]schema.Attribute) map[string]actionschema.Attribute {
	turned := make(map[string]actionschema.Attribute, len(attributes))
	for name, attribute := range attributes {
		switch a := attribute.(type) {
		case schema.StringAttribute:
			turned[name] = actionschema.StringAttribute{
				Required: a.Required, Optional: a.Optional, MarkdownDescription: a.MarkdownDescription,
				Validators: a.Validators,
			}
		case schema.BoolAttribute:
			turned[name] = actionschema.BoolAttribute{
				Required: a.Required, Optional: a.Optional, MarkdownDescription: a.MarkdownDescription,
				Validators: a.Validators,
			}
		case schema.SetAttribute:
			turned[name] = actionschema.SetAttribute{
				Required: a.Required, Optional: a.Optional, ElementType: a.ElementType,
				MarkdownDescription: a.MarkdownDescription, Validators: a.Validators,
			}
		case schema.ListNestedAttribute:
			turned[name] = actionschema.ListNestedAttribute{
				Required: a.Required, Optional: a.Optional, MarkdownDescription: a.MarkdownDescription,
				Validators:   a.Validators,
				NestedObject: actionschema.NestedAttributeObject{Attributes: actionAttributes(a.NestedObject.Attributes)},
			}
		default:
			panic(fmt.Sprintf("attribute %s has a type that is not turned: %T", name, attribute)) // as above
		}
	}

	return turned
}

// actionTokenName says which token an action is about. It goes by its name alone: attributes of actions cannot be
// sensitive, and the framework refuses values for write-only ones (terraform-plugin-framework v1.19.0,
// internal/fwserver/server_validateactionconfig.go), so that Terraform would show and save any other token.
func actionTokenName() actionschema.StringAttribute {
	return actionschema.StringAttribute{
		Required: true,
		MarkdownDescription: "Name of the Git token among the provider's `git_tokens`, which are in no plan if the " +
			"variables that they come from are ephemeral.",
	}
}
