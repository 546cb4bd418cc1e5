package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// The shapes are those of "Providers Schema Representation" in Terraform's documentation of its JSON output. A
// tftypes.Type encodes itself in the way that it describes.
type document struct {
	FormatVersion string                  `json:"format_version"`
	Providers     map[string]providerJSON `json:"provider_schemas"`
}

type providerJSON struct {
	Provider           schemaJSON              `json:"provider"`
	Resources          map[string]schemaJSON   `json:"resource_schemas,omitempty"`
	DataSources        map[string]schemaJSON   `json:"data_source_schemas,omitempty"`
	EphemeralResources map[string]schemaJSON   `json:"ephemeral_resource_schemas,omitempty"`
	ListResources      map[string]schemaJSON   `json:"list_resource_schemas,omitempty"`
	Actions            map[string]actionJSON   `json:"action_schemas,omitempty"`
	Functions          map[string]functionJSON `json:"functions,omitempty"`
	Identities         map[string]identityJSON `json:"resource_identity_schemas,omitempty"`
}

type schemaJSON struct {
	Version int64     `json:"version"`
	Block   blockJSON `json:"block"`
}

// actionJSON is a schema without a version, since nothing of an action is stored.
type actionJSON struct {
	Block blockJSON `json:"block"`
}

type blockJSON struct {
	Attributes      map[string]attributeJSON `json:"attributes,omitempty"`
	Description     string                   `json:"description,omitempty"`
	DescriptionKind string                   `json:"description_kind,omitempty"`
	Deprecated      bool                     `json:"deprecated,omitempty"`
}

type attributeJSON struct {
	Type            tftypes.Type `json:"type,omitempty"`
	NestedType      *nestedJSON  `json:"nested_type,omitempty"`
	Description     string       `json:"description,omitempty"`
	DescriptionKind string       `json:"description_kind,omitempty"`
	Deprecated      bool         `json:"deprecated,omitempty"`
	Required        bool         `json:"required,omitempty"`
	Optional        bool         `json:"optional,omitempty"`
	Computed        bool         `json:"computed,omitempty"`
	Sensitive       bool         `json:"sensitive,omitempty"`
	WriteOnly       bool         `json:"write_only,omitempty"`
}

type nestedJSON struct {
	Attributes  map[string]attributeJSON `json:"attributes,omitempty"`
	NestingMode string                   `json:"nesting_mode"`
}

type functionJSON struct {
	Description        string          `json:"description,omitempty"`
	Summary            string          `json:"summary,omitempty"`
	DeprecationMessage string          `json:"deprecation_message,omitempty"`
	ReturnType         tftypes.Type    `json:"return_type"`
	Parameters         []parameterJSON `json:"parameters,omitempty"`
	VariadicParameter  *parameterJSON  `json:"variadic_parameter,omitempty"`
}

type parameterJSON struct {
	Name        string       `json:"name,omitempty"`
	Description string       `json:"description,omitempty"`
	IsNullable  bool         `json:"is_nullable,omitempty"`
	Type        tftypes.Type `json:"type"`
}

type identityJSON struct {
	Version    int64                            `json:"version"`
	Attributes map[string]identityAttributeJSON `json:"attributes,omitempty"`
}

type identityAttributeJSON struct {
	Type              tftypes.Type `json:"type"`
	Description       string       `json:"description,omitempty"`
	RequiredForImport bool         `json:"required_for_import,omitempty"`
	OptionalForImport bool         `json:"optional_for_import,omitempty"`
}

// convert joins what the provider told. An error means that a schema uses what this program does not print.
func convert(
	s *tfprotov6.GetProviderSchemaResponse, ids *tfprotov6.GetResourceIdentitySchemasResponse,
) (providerJSON, error) {
	configuration, err := schemaOf("provider", s.Provider)

	p := providerJSON{Provider: configuration, Functions: map[string]functionJSON{}, Identities: map[string]identityJSON{}}
	for _, part := range []struct {
		to   *map[string]schemaJSON
		from map[string]*tfprotov6.Schema
	}{
		{&p.Resources, s.ResourceSchemas},
		{&p.DataSources, s.DataSourceSchemas},
		{&p.EphemeralResources, s.EphemeralResourceSchemas},
		{&p.ListResources, s.ListResourceSchemas},
	} {
		*part.to = map[string]schemaJSON{}
		for name, from := range part.from {
			converted, wrong := schemaOf(name, from)
			err = errors.Join(err, wrong)
			(*part.to)[name] = converted
		}
	}

	p.Actions = map[string]actionJSON{}

	for name, from := range s.ActionSchemas {
		converted, wrong := schemaOf(name, from.Schema)
		err = errors.Join(err, wrong)
		p.Actions[name] = actionJSON{converted.Block}
	}

	for name, f := range s.Functions {
		p.Functions[name] = functionOf(f)
	}

	for name, id := range ids.IdentitySchemas {
		p.Identities[name] = identityOf(id)
	}

	return p, err
}

func schemaOf(name string, s *tfprotov6.Schema) (schemaJSON, error) {
	if len(s.Block.BlockTypes) > 0 {
		return schemaJSON{}, fmt.Errorf("%s has nested blocks, which are not printed yet", name)
	}

	return schemaJSON{Version: s.Version, Block: blockJSON{
		Attributes:      attributesOf(s.Block.Attributes),
		Description:     s.Block.Description,
		DescriptionKind: kindOf(s.Block.DescriptionKind),
		Deprecated:      s.Block.Deprecated,
	}}, nil
}

func attributesOf(attributes []*tfprotov6.SchemaAttribute) map[string]attributeJSON {
	all := make(map[string]attributeJSON, len(attributes))
	for _, a := range attributes {
		converted := attributeJSON{
			Type:            a.Type,
			Description:     a.Description,
			DescriptionKind: kindOf(a.DescriptionKind),
			Deprecated:      a.Deprecated,
			Required:        a.Required,
			Optional:        a.Optional,
			Computed:        a.Computed,
			Sensitive:       a.Sensitive,
			WriteOnly:       a.WriteOnly,
		}
		if a.NestedType != nil {
			converted.NestedType = &nestedJSON{
				Attributes:  attributesOf(a.NestedType.Attributes),
				NestingMode: strings.ToLower(a.NestedType.Nesting.String()),
			}
		}

		all[a.Name] = converted
	}

	return all
}

func functionOf(f *tfprotov6.Function) functionJSON {
	converted := functionJSON{
		Description:        f.Description,
		Summary:            f.Summary,
		DeprecationMessage: f.DeprecationMessage,
		ReturnType:         f.Return.Type,
	}
	for _, p := range f.Parameters {
		converted.Parameters = append(converted.Parameters, parameterOf(p))
	}

	if f.VariadicParameter != nil {
		last := parameterOf(f.VariadicParameter)
		converted.VariadicParameter = &last
	}

	return converted
}

func parameterOf(p *tfprotov6.FunctionParameter) parameterJSON {
	return parameterJSON{Name: p.Name, Description: p.Description, IsNullable: p.AllowNullValue, Type: p.Type}
}

func identityOf(s *tfprotov6.ResourceIdentitySchema) identityJSON {
	converted := identityJSON{Version: s.Version, Attributes: map[string]identityAttributeJSON{}}
	for _, a := range s.IdentityAttributes {
		converted.Attributes[a.Name] = identityAttributeJSON{
			Type:              a.Type,
			Description:       a.Description,
			RequiredForImport: a.RequiredForImport,
			OptionalForImport: a.OptionalForImport,
		}
	}

	return converted
}

func kindOf(k tfprotov6.StringKind) string { return strings.ToLower(k.String()) }
