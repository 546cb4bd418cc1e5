package provider

import (
	"context"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"net"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// Whatever a framework's release adds to the protocol: what is asked with values and answered with words is sanitized.
func TestEveryAnswerIsSanitized(t *testing.T) {
	t.Parallel()

	file, err := parser.ParseFile(token.NewFileSet(), "sanitizing_server.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}

	declared := map[string]bool{}

	for _, d := range file.Decls {
		if f, ok := d.(*ast.FuncDecl); ok && f.Recv != nil {
			declared[f.Name.Name] = true
		}
	}

	checked := 0

	for method := range reflect.TypeFor[wholeServer]().Methods() {
		if asked := method.Type.In(1).Elem(); asked.NumField() == 0 {
			continue // about nothing
		}

		checked++

		if !declared[method.Name] {
			t.Errorf("%s is answered by the framework alone", method.Name)
		}
	}

	if checked < 20 {
		t.Errorf("only %d calls", checked)
	}
}

// strayed is a secret, in the attribute of a block that is no place for it.
type strayed struct {
	what, text string
	secret     string // the part of it that must not be repeated
	shaped     bool   // whether it looks like nothing but a credential, so that no plan may print it
}

// blockToken is the token of the blocks that have one. It looks like nothing.
const blockToken = "it's a token, isn't it?"

func strays() []strayed {
	const (
		body   = "0123456789abcdefghijABCDEFGHIJ012345"
		random = "xK3_abTdEf9hIjklm2oPqRs7UvWx"
	)

	return []strayed{
		{"a GitHub", "ghp_" + body, body, true},
		{"a GitLab", "glpat-" + body[:20], body[:20], true},
		{"a Data Center", "BBDC-" + body, body, true},
		{"a Bitbucket", "ATATT3xFfGF0" + body + "=0A1B2C3D", body, true},
		{"a Codefresh", "5f0c0123456789abcdef0123.0123456789abcdef0123456789abcdef", "89abcdef", true},
		{"an address's", "https://x-access-token:hunter2-and-more@git.example.com/o/r", "hunter2", true},
		{"a header's", "Authorization: Basic " + body, body, true},
		{"a fine-grained GitHub", "github_pat_11ABCDEFG0" + body, body, true},
		{"a session's", "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJ4In0." + body, body, true},
		{"a file's", "{\n  \"type\": \"service_account\",\n  \"private_key\": " +
			"\"-----BEGIN PRIVATE KEY-----\\nAAAA\\n-----END PRIVATE KEY-----\\n\"\n}", "AAAA", true},
		{"an escaped", "https%3A%2F%2Fbot%3Ahunter2-and-more%40git.example.com%2Fo", "hunter2", true},
		{"a key's", "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", "AAAA", true},
		{"a random", random, random, false},
	}
}

// leaks returns what is wrong with diagnostics about a block whose attribute holds a secret.
func leaks(diagnostics []*tfprotov6.Diagnostic, attribute string, s strayed) (found []string) {
	for _, d := range diagnostics {
		if strings.Contains(d.Summary+"\n"+d.Detail, s.secret) {
			found = append(found, fmt.Sprintf("%q says %q", d.Summary+": "+d.Detail, s.secret))
		}

		at := attributeOf(d.Attribute)
		if at != "" && slices.Contains([]string{attribute, "token", "token_wo", "api_key", "git_tokens"}, at) {
			found = append(found, fmt.Sprintf("%q points at %s", d.Summary, at))
		}
	}

	return found
}

// cut is a network that is out of order.
func cut(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") }

func offline(t *testing.T) (wholeServer, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()

	return offlineWith(t, nil)
}

// offlineWith returns a server of which these variables are the environment.
func offlineWith(
	t *testing.T, environment map[string]string,
) (wholeServer, *tfprotov6.GetProviderSchemaResponse) {
	t.Helper()

	around := System()
	around.Getenv = func(name string) string { return environment[name] }
	around.ReadFile = func(string) ([]byte, error) { return nil, os.ErrNotExist }
	around.DialContext = cut
	around.Wait = func(ctx context.Context, _ time.Duration) error { return ctx.Err() }

	made, err := NewServer("test", around)
	if err != nil {
		t.Fatal(err)
	}

	schemas, err := made.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	whole, _ := made.(wholeServer)

	return whole, schemas
}

// fill returns a value with a text at each place for one; nil where there is none for texts.
func fill(of tftypes.Type, text string) any {
	switch kind := of.(type) {
	case tftypes.List:
		return []tftypes.Value{tftypes.NewValue(kind.ElementType, fill(kind.ElementType, text))}
	case tftypes.Set:
		return []tftypes.Value{tftypes.NewValue(kind.ElementType, fill(kind.ElementType, text))}
	case tftypes.Map:
		return map[string]tftypes.Value{text: tftypes.NewValue(kind.ElementType, fill(kind.ElementType, text))}
	case tftypes.Object:
		fields := map[string]tftypes.Value{}
		for name, field := range kind.AttributeTypes {
			fields[name] = tftypes.NewValue(field, fill(field, text))
		}

		return fields
	}

	if of.Is(tftypes.String) {
		return text
	}

	return nil
}

// blockOf encodes a block in which given attributes have a text, and another one the strayed text.
func blockOf(
	t *testing.T, schema *tfprotov6.Schema, given map[string]string, attribute, text string,
) *tfprotov6.DynamicValue {
	t.Helper()

	fields := map[string]tftypes.Value{}

	for _, a := range schema.Block.Attributes {
		of := a.ValueType()

		fields[a.Name] = tftypes.NewValue(of, nil)
		if value, isGiven := given[a.Name]; isGiven {
			fields[a.Name] = tftypes.NewValue(of, fill(of, value))
		}

		if a.Name == attribute {
			fields[a.Name] = tftypes.NewValue(of, fill(of, text))
		}
	}

	encoded, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), fields))
	if err != nil {
		t.Fatal(err)
	}

	return &encoded
}

// openPlaces returns the attributes that people set, that hold texts, and that are no place for a secret.
func openPlaces(schema *tfprotov6.Schema) []string {
	var names []string

	for _, a := range schema.Block.Attributes {
		if (a.Required || a.Optional) && !a.Sensitive && !a.WriteOnly && fill(a.ValueType(), "x") != nil {
			names = append(names, a.Name)
		}
	}

	return names
}

// holdsSecret reports whether a block with these attributes has a secret of its own.
func holdsSecret(schema *tfprotov6.Schema, given map[string]string) bool {
	return slices.ContainsFunc(schema.Block.Attributes, func(a *tfprotov6.SchemaAttribute) bool {
		return a.Sensitive && given[a.Name] != ""
	})
}

// A secret in any attribute of any block, wherever it does not belong, is refused without being repeated, and no
// diagnostic points at its line.
func TestStrayedSecretsStayHidden(t *testing.T) {
	t.Parallel()
	server, schemas := offline(t)
	validate := func(kind, name string, config *tfprotov6.DynamicValue) ([]*tfprotov6.Diagnostic, error) {
		switch kind {
		case "provider":
			resp, err := server.ValidateProviderConfig(t.Context(), &tfprotov6.ValidateProviderConfigRequest{Config: config})

			return resp.Diagnostics, err
		case "resource":
			resp, err := server.ValidateResourceConfig(t.Context(), &tfprotov6.ValidateResourceConfigRequest{
				TypeName: name, Config: config,
				ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
			})

			return resp.Diagnostics, err
		case "data source":
			resp, err := server.ValidateDataResourceConfig(t.Context(),
				&tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})

			return resp.Diagnostics, err
		case "ephemeral resource":
			resp, err := server.ValidateEphemeralResourceConfig(t.Context(),
				&tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: name, Config: config})

			return resp.Diagnostics, err
		case "action":
			resp, err := server.ValidateActionConfig(t.Context(),
				&tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: config})

			return resp.Diagnostics, err
		}

		resp, err := server.ValidateListResourceConfig(t.Context(),
			&tfprotov6.ValidateListResourceConfigRequest{TypeName: name, Config: config})

		return resp.Diagnostics, err
	}
	blocks := map[string]map[string]*tfprotov6.Schema{
		"provider": {"codefresh": schemas.Provider}, "resource": schemas.ResourceSchemas,
		"data source": schemas.DataSourceSchemas, "ephemeral resource": schemas.EphemeralResourceSchemas,
		"list resource": schemas.ListResourceSchemas, "action": actionSchemas(schemas),
	}
	places := 0

	for kind, types := range blocks {
		for name, schema := range types {
			for _, attribute := range openPlaces(schema) {
				places++

				given := map[string]string{
					"runtime": "prod", "token": blockToken, "git_provider": "github", "token_type": "user", "api_key": blockToken,
				}
				if attribute == "token_name" {
					delete(given, "token")
				}

				all := strays()
				if holdsSecret(schema, given) {
					all = append(all, strayed{"the block's own", blockToken, blockToken, true})
				}

				for _, s := range all {
					config := blockOf(t, schema, given, attribute, s.text)

					diagnostics, err := validate(kind, name, config)
					if err != nil {
						t.Fatal(err)
					}

					for _, problem := range leaks(diagnostics, attribute, s) {
						t.Errorf("%s %s, %s secret in %s: %s", kind, name, s.what, attribute, problem)
					}

					if s.shaped && !failed(diagnostics) {
						t.Errorf("%s %s takes %s secret for its %s", kind, name, s.what, attribute)
					}
				}
			}
		}
	}

	if places < 60 {
		t.Errorf("only %d attributes", places)
	}
}

// actionSchemas returns the schemas of actions by their names.
func actionSchemas(all *tfprotov6.GetProviderSchemaResponse) map[string]*tfprotov6.Schema {
	schemas := map[string]*tfprotov6.Schema{}
	for name, action := range all.ActionSchemas {
		schemas[name] = action.Schema
	}

	return schemas
}

// configure configures a server with these settings.
func configure(
	t *testing.T, server wholeServer, schemas *tfprotov6.GetProviderSchemaResponse, given map[string]string,
) {
	t.Helper()
	config := blockOf(t, schemas.Provider, given, "", "")

	resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
	if err != nil || failed(resp.Diagnostics) {
		t.Fatal(err, resp.Diagnostics)
	}
}

// What a plan, a read and an import say of names does not repeat one that is a secret.
func TestStrayedSecretsStayHiddenLater(t *testing.T) {
	t.Parallel()
	server, schemas := offline(t)

	const named = "a secret, named by itself" // both a key of git_tokens and its value
	configure(t, server, schemas, map[string]string{
		"api_key": "5f0c0123456789abcdef9999.0123456789abcdef0123456789ab9999", "git_tokens": named,
	})

	said := 0

	all := append(strays(), strayed{"a configured", named, named, true})

	for name, schema := range schemas.ResourceSchemas {
		for _, attribute := range openPlaces(schema) {
			for _, s := range all {
				given := map[string]string{"runtime": "prod", "token_name": "nobody", "git_provider": "bitbucket-server"}
				config := blockOf(t, schema, given, attribute, s.text)

				none, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
				if err != nil {
					t.Fatal(err)
				}

				planned, err := server.PlanResourceChange(t.Context(), &tfprotov6.PlanResourceChangeRequest{
					TypeName: name, Config: config, ProposedNewState: config, PriorState: &none,
				})
				if err != nil {
					t.Fatal(err)
				}

				read, err := server.ReadResource(t.Context(), &tfprotov6.ReadResourceRequest{
					TypeName: name, CurrentState: config,
				})
				if err != nil {
					t.Fatal(err)
				}

				diagnostics := slices.Concat(planned.Diagnostics, read.Diagnostics)

				said += len(diagnostics)
				for _, problem := range leaks(diagnostics, attribute, s) {
					t.Errorf("%s with %s secret in %s: %s", name, s.what, attribute, problem)
				}
			}
		}

		for _, s := range all {
			for _, id := range []string{s.text, s.text + "/", s.text + "/default/x", "a/b/" + s.text + "/d"} {
				imported, err := server.ImportResourceState(t.Context(),
					&tfprotov6.ImportResourceStateRequest{TypeName: name, ID: id})
				if err != nil {
					t.Fatal(err)
				}

				for _, problem := range leaks(imported.Diagnostics, "", s) {
					t.Errorf("import of %s with %s secret: %s", name, s.what, problem)
				}

				if s.shaped && !failed(imported.Diagnostics) {
					t.Errorf("import of %s takes %s secret for an id", name, s.what)
				}
			}
		}
	}

	if said == 0 {
		t.Error("nothing was said")
	}
}

func TestFunctionsHideStrayedSecrets(t *testing.T) {
	t.Parallel()

	server, schemas := offline(t)
	for _, name := range slices.Sorted(maps.Keys(schemas.Functions)) {
		parameters := schemas.Functions[name].Parameters
		for _, s := range strays() {
			for strayedAt := range parameters {
				var arguments []*tfprotov6.DynamicValue

				for i, p := range parameters {
					text := []string{"github", "user", "repo"}[i]
					if i == strayedAt {
						text = s.text
					}

					argument, err := tfprotov6.NewDynamicValue(p.Type, tftypes.NewValue(p.Type, fill(p.Type, text)))
					if err != nil {
						t.Fatal(err)
					}

					arguments = append(arguments, &argument)
				}

				resp, err := server.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: name, Arguments: arguments})
				if err != nil {
					t.Fatal(err)
				}

				if refused := strayedAt < 2; refused != (resp.Error != nil) {
					t.Errorf("%s with %s secret for argument %d: %v", name, s.what, strayedAt, resp.Error)
				}

				if resp.Error == nil {
					continue
				}

				if strings.Contains(resp.Error.Text, s.secret) || resp.Error.FunctionArgument != nil {
					t.Errorf("%s with %s secret for argument %d: %+v", name, s.what, strayedAt, *resp.Error)
				}
			}
		}
	}
}

// The framework words some diagnostics itself, quotes values in them and points at attributes.
func TestFrameworksWordsAreSanitized(t *testing.T) {
	t.Parallel()
	inner, schemas := offline(t)
	quoting := &quoter{wholeServer: inner}
	z := sanitizingServer{quoting, newSanitizer(redact.New(), inner, nil), nil}

	const (
		name   = "codefresh_git_runtime_token"
		secret = "what nobody would take for a token"
		named  = "xK3_abTdEf9hIjklm2oPqRs7"
	)

	schema := schemas.ResourceSchemas[name]
	config := blockOf(t, schema, map[string]string{"runtime": "prod", "token_wo": secret, "username": named}, "", "")

	at := func(attribute string) *tftypes.AttributePath {
		return tftypes.NewAttributePath().WithAttributeName(attribute)
	}
	for _, test := range []struct{ points, want *tftypes.AttributePath }{
		{at("token_wo"), at("runtime")},
		{at("username"), at("runtime")},
		{at("validation"), at("validation")},
		{at("runtime"), at("runtime")},
		{nil, nil},
	} {
		quoting.d = tfprotov6.Diagnostic{
			Severity: tfprotov6.DiagnosticSeverityError, Summary: secret + " is bad", Attribute: test.points,
			Detail: "The values are " + secret + ", \x1b[2J and " + named + ".",
		}

		resp, err := z.ValidateResourceConfig(t.Context(),
			&tfprotov6.ValidateResourceConfigRequest{TypeName: name, Config: config})
		if err != nil || len(resp.Diagnostics) != 1 {
			t.Fatal(err, resp.Diagnostics)
		}

		d := resp.Diagnostics[0]
		if d.Summary != "(redacted) is bad" || d.Detail != "The values are (redacted),  [2J and (redacted)." {
			t.Errorf("%q: %q", d.Summary, d.Detail)
		}

		if !d.Attribute.Equal(test.want) {
			t.Errorf("what points at %s comes to point at %s", test.points, d.Attribute)
		}
	}
}

// quoter answers with a diagnostic of a test's choice.
type quoter struct {
	wholeServer

	d tfprotov6.Diagnostic
}

func (q *quoter) ValidateResourceConfig(
	context.Context, *tfprotov6.ValidateResourceConfigRequest,
) (*tfprotov6.ValidateResourceConfigResponse, error) {
	d := q.d

	return &tfprotov6.ValidateResourceConfigResponse{Diagnostics: []*tfprotov6.Diagnostic{&d}}, nil
}

// What was told before the process learnt of a secret is looked at again when it leaves.
func TestValuesAreSanitizedWhenTheyLeave(t *testing.T) {
	t.Parallel()
	inner, schemas := offline(t)
	z := sanitizingServer{nil, newSanitizer(redact.New(), inner, nil), nil}

	const name, secret = "codefresh_git_tokens", "what nobody would take for a token"

	schema := schemas.DataSourceSchemas[name]
	said := blockOf(t, schema, map[string]string{"runtime_tokens": "it failed: " + secret, "name_regex": secret}, "", "")
	z.wholeServer = &teller{wholeServer: inner, state: said}

	read := func() []string {
		t.Helper()

		resp, err := z.ReadDataSource(t.Context(), &tfprotov6.ReadDataSourceRequest{TypeName: name})
		if err != nil {
			t.Fatal(err)
		}

		value, err := resp.State.Unmarshal(schema.ValueType())
		if err != nil {
			t.Fatal(err)
		}

		return textsIn(value).values
	}
	if texts := read(); !slices.Contains(texts, "it failed: "+secret) {
		t.Errorf("%q is changed, and holds no secret yet", texts)
	}

	if _, err := z.UpgradeResourceState(t.Context(), &tfprotov6.UpgradeResourceStateRequest{
		TypeName: "codefresh_git_runtime_token",
		RawState: &tfprotov6.RawState{JSON: []byte(`{"runtime":"prod","token":"` + secret + `"}`)},
	}); err != nil {
		t.Fatal(err)
	}

	texts := read()
	if slices.Contains(texts, "it failed: "+secret) || !slices.Contains(texts, "it failed: (redacted)") {
		t.Errorf("what is told is %q", texts)
	}

	if !slices.Contains(texts, secret) {
		t.Error("what the configuration holds is changed too")
	}
}

// teller answers every data source with a state of a test's choice.
type teller struct {
	wholeServer

	state *tfprotov6.DynamicValue
}

func (t *teller) ReadDataSource(
	context.Context, *tfprotov6.ReadDataSourceRequest,
) (*tfprotov6.ReadDataSourceResponse, error) {
	return &tfprotov6.ReadDataSourceResponse{State: t.state}, nil
}
