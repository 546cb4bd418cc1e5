package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"
)

// server is a provider that only tells its schemas.
type server struct {
	tfprotov6.ProviderServer

	schemas    tfprotov6.GetProviderSchemaResponse
	identities tfprotov6.GetResourceIdentitySchemasResponse
	err        error
}

func (s *server) GetProviderSchema(
	context.Context, *tfprotov6.GetProviderSchemaRequest,
) (*tfprotov6.GetProviderSchemaResponse, error) {
	return &s.schemas, s.err
}

func (s *server) GetResourceIdentitySchemas(
	context.Context, *tfprotov6.GetResourceIdentitySchemasRequest,
) (*tfprotov6.GetResourceIdentitySchemasResponse, error) {
	return &s.identities, nil
}

func schema(attributes ...*tfprotov6.SchemaAttribute) *tfprotov6.Schema {
	return &tfprotov6.Schema{Version: 1, Block: &tfprotov6.SchemaBlock{
		Attributes: attributes, Description: "A *block*.", DescriptionKind: tfprotov6.StringKindMarkdown,
	}}
}

// The wanted text follows "Providers Schema Representation" in Terraform's documentation of its JSON output.
const want = `{
  "format_version": "1.0",
  "provider_schemas": {
    "x": {
      "provider": {"version": 1, "block": {"description": "A *block*.", "description_kind": "markdown"}},
      "resource_schemas": {"x_r": {"version": 1, "block": {
        "attributes": {
          "list": {"nested_type": {"nesting_mode": "list", "attributes": {
            "url": {"type": "string", "description_kind": "plain", "required": true}
          }}, "description_kind": "plain", "optional": true},
          "names": {"type": ["set", "string"], "description": "Names.", "description_kind": "plain", "computed": true},
          "secret": {"type": "string", "description_kind": "plain", "optional": true, "sensitive": true,
            "write_only": true, "deprecated": true}
        },
        "description": "A *block*.", "description_kind": "markdown"
      }}},
      "data_source_schemas": {
        "x_d": {"version": 1, "block": {"description": "A *block*.", "description_kind": "markdown"}}
      },
      "ephemeral_resource_schemas": {
        "x_e": {"version": 1, "block": {"description": "A *block*.", "description_kind": "markdown"}}
      },
      "list_resource_schemas": {
        "x_r": {"version": 1, "block": {"description": "A *block*.", "description_kind": "markdown"}}
      },
      "action_schemas": {
        "x_a": {"block": {"description": "A *block*.", "description_kind": "markdown"}}
      },
      "functions": {"f": {
        "description": "Adds.", "summary": "Add", "return_type": ["list", "number"],
        "parameters": [{"name": "a", "description": "First.", "is_nullable": true, "type": "number"}],
        "variadic_parameter": {"name": "more", "type": "number"}
      }},
      "resource_identity_schemas": {"x_r": {"version": 2, "attributes": {
        "id": {"type": "string", "description": "Its name.", "required_for_import": true}
      }}}
    }
  }
}`

func TestPrint(t *testing.T) {
	t.Parallel()

	s := &server{}
	s.schemas.Provider = schema()
	s.schemas.ResourceSchemas = map[string]*tfprotov6.Schema{"x_r": schema(
		&tfprotov6.SchemaAttribute{Name: "list", Optional: true, NestedType: &tfprotov6.SchemaObject{
			Nesting:    tfprotov6.SchemaObjectNestingModeList,
			Attributes: []*tfprotov6.SchemaAttribute{{Name: "url", Type: tftypes.String, Required: true}},
		}},
		&tfprotov6.SchemaAttribute{
			Name: "names", Type: tftypes.Set{ElementType: tftypes.String}, Computed: true, Description: "Names.",
		},
		&tfprotov6.SchemaAttribute{
			Name: "secret", Type: tftypes.String, Optional: true, Sensitive: true, WriteOnly: true, Deprecated: true,
		},
	)}
	s.schemas.DataSourceSchemas = map[string]*tfprotov6.Schema{"x_d": schema()}
	s.schemas.EphemeralResourceSchemas = map[string]*tfprotov6.Schema{"x_e": schema()}
	s.schemas.ListResourceSchemas = map[string]*tfprotov6.Schema{"x_r": schema()}
	s.schemas.ActionSchemas = map[string]*tfprotov6.ActionSchema{"x_a": {Schema: schema()}}
	s.schemas.Functions = map[string]*tfprotov6.Function{"f": {
		Description: "Adds.", Summary: "Add",
		Parameters: []*tfprotov6.FunctionParameter{
			{Name: "a", Description: "First.", AllowNullValue: true, Type: tftypes.Number},
		},
		VariadicParameter: &tfprotov6.FunctionParameter{Name: "more", Type: tftypes.Number},
		Return:            &tfprotov6.FunctionReturn{Type: tftypes.List{ElementType: tftypes.Number}},
	}}
	s.identities.IdentitySchemas = map[string]*tfprotov6.ResourceIdentitySchema{"x_r": {
		Version: 2,
		IdentityAttributes: []*tfprotov6.ResourceIdentitySchemaAttribute{
			{Name: "id", Type: tftypes.String, Description: "Its name.", RequiredForImport: true},
		},
	}}

	var out bytes.Buffer
	if err := write(t.Context(), &out, "x", s); err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(decode(t, want), decode(t, out.String())); diff != "" {
		t.Errorf("JSON (-want +got):\n%s", diff)
	}
}

func decode(t *testing.T, text string) any {
	t.Helper()

	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}

	return v
}

func TestPrintRefuses(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		change func(s *server)
		want   string
	}{
		"blocks": {func(s *server) {
			s.schemas.Provider.Block.BlockTypes = []*tfprotov6.SchemaNestedBlock{{TypeName: "b"}}
		}, "nested blocks"},
		"blocks of an action": {func(s *server) {
			nested := schema()
			nested.Block.BlockTypes = []*tfprotov6.SchemaNestedBlock{{TypeName: "b"}}
			s.schemas.ActionSchemas = map[string]*tfprotov6.ActionSchema{"x_a": {Schema: nested}}
		}, "x_a has nested blocks"},
		"failure": {func(s *server) { s.err = errors.New("out of order") }, "out of order"},
		"diagnostic": {func(s *server) {
			s.identities.Diagnostics = []*tfprotov6.Diagnostic{{Severity: tfprotov6.DiagnosticSeverityError, Summary: "Wrong"}}
		}, "Wrong"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := &server{}
			s.schemas.Provider = schema()
			tt.change(s)

			var out bytes.Buffer
			if err := write(t.Context(), &out, "x", s); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, want one about %s", err, tt.want)
			}

			if out.Len() > 0 {
				t.Errorf("printed %s", out.String())
			}
		})
	}
}
