package provider

import (
	"context"
	"log"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// answered is what a call says: diagnostics, and texts that Terraform prints as they are.
type answered struct {
	diagnostics []*tfprotov6.Diagnostic
	texts       []string
}

// caller makes calls of the protocol about blocks of one kind.
type caller struct {
	t      *testing.T
	server wholeServer
}

func (c caller) must(err error) {
	c.t.Helper()

	if err != nil {
		c.t.Fatal(err)
	}
}

// resource takes a resource through all that Terraform does with one.
func (c caller) resource(name string, schema *tfprotov6.Schema, config *tfprotov6.DynamicValue) map[string]answered {
	ctx, said := c.t.Context(), map[string]answered{}

	none, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), nil))
	c.must(err)

	validated, err := c.server.ValidateResourceConfig(ctx, &tfprotov6.ValidateResourceConfigRequest{
		TypeName: name, Config: config,
		ClientCapabilities: &tfprotov6.ValidateResourceConfigClientCapabilities{WriteOnlyAttributesAllowed: true},
	})
	c.must(err)

	said["validate"] = answered{validated.Diagnostics, nil}

	for walk, prior := range map[string]*tfprotov6.DynamicValue{"create": &none, "update": config} {
		planned, err := c.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
			TypeName: name, Config: config, ProposedNewState: config, PriorState: prior,
		})
		c.must(err)

		said["plan of a "+walk] = answered{planned.Diagnostics, nil}

		applied, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
			TypeName: name, Config: config, PlannedState: config, PriorState: prior,
		})
		c.must(err)

		said[walk] = answered{applied.Diagnostics, nil}
	}

	planned, err := c.server.PlanResourceChange(ctx, &tfprotov6.PlanResourceChangeRequest{
		TypeName: name, Config: &none, ProposedNewState: &none, PriorState: config,
	})
	c.must(err)

	said["plan of a destroy"] = answered{planned.Diagnostics, nil}

	destroyed, err := c.server.ApplyResourceChange(ctx, &tfprotov6.ApplyResourceChangeRequest{
		TypeName: name, Config: &none, PlannedState: &none, PriorState: config,
	})
	c.must(err)

	said["destroy"] = answered{destroyed.Diagnostics, nil}

	read, err := c.server.ReadResource(ctx, &tfprotov6.ReadResourceRequest{TypeName: name, CurrentState: config})
	c.must(err)

	said["refresh"] = answered{read.Diagnostics, nil}

	generated, err := c.server.GenerateResourceConfig(ctx,
		&tfprotov6.GenerateResourceConfigRequest{TypeName: name, State: config})
	c.must(err)

	said["generated configuration"] = answered{generated.Diagnostics, nil}

	return said
}

func (c caller) data(name string, config *tfprotov6.DynamicValue) map[string]answered {
	validated, err := c.server.ValidateDataResourceConfig(c.t.Context(),
		&tfprotov6.ValidateDataResourceConfigRequest{TypeName: name, Config: config})
	c.must(err)

	read, err := c.server.ReadDataSource(c.t.Context(),
		&tfprotov6.ReadDataSourceRequest{TypeName: name, Config: config})
	c.must(err)

	return map[string]answered{"validate": {validated.Diagnostics, nil}, "read": {read.Diagnostics, nil}}
}

func (c caller) ephemeral(name string, config *tfprotov6.DynamicValue) map[string]answered {
	validated, err := c.server.ValidateEphemeralResourceConfig(c.t.Context(),
		&tfprotov6.ValidateEphemeralResourceConfigRequest{TypeName: name, Config: config})
	c.must(err)

	opened, err := c.server.OpenEphemeralResource(c.t.Context(),
		&tfprotov6.OpenEphemeralResourceRequest{TypeName: name, Config: config})
	c.must(err)

	return map[string]answered{"validate": {validated.Diagnostics, nil}, "open": {opened.Diagnostics, nil}}
}

func (c caller) list(name string, config *tfprotov6.DynamicValue) map[string]answered {
	validated, err := c.server.ValidateListResourceConfig(c.t.Context(),
		&tfprotov6.ValidateListResourceConfigRequest{TypeName: name, Config: config})
	c.must(err)

	stream, err := c.server.ListResource(c.t.Context(), &tfprotov6.ListResourceRequest{
		TypeName: name, Config: config, IncludeResource: true, Limit: 1,
	})
	c.must(err)

	var listed answered
	for result := range stream.Results {
		listed.diagnostics = append(listed.diagnostics, result.Diagnostics...)
		listed.texts = append(listed.texts, result.DisplayName)
	}

	return map[string]answered{"validate": {validated.Diagnostics, nil}, "list": listed}
}

func (c caller) action(name string, config *tfprotov6.DynamicValue) map[string]answered {
	validated, err := c.server.ValidateActionConfig(c.t.Context(),
		&tfprotov6.ValidateActionConfigRequest{ActionType: name, Config: config})
	c.must(err)

	planned, err := c.server.PlanAction(c.t.Context(),
		&tfprotov6.PlanActionRequest{ActionType: name, Config: config})
	c.must(err)

	stream, err := c.server.InvokeAction(c.t.Context(),
		&tfprotov6.InvokeActionRequest{ActionType: name, Config: config})
	c.must(err)

	var invoked answered

	for event := range stream.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			invoked.texts = append(invoked.texts, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			invoked.diagnostics = append(invoked.diagnostics, e.Diagnostics...)
		}
	}

	return map[string]answered{
		"validate": {validated.Diagnostics, nil}, "plan": {planned.Diagnostics, nil}, "invoke": invoked,
	}
}

// A secret in any attribute of any block, and no call about that block repeats it or points at its line. Validation
// refuses what is shaped like a credential or known to be one.
func TestNoCallRepeatsAStrayedSecret(t *testing.T) {
	t.Parallel()

	server, schemas := offline(t)
	c := caller{t, server}

	const named = "it looks like nothing, and is a token"

	block, err := tfprotov6.NewDynamicValue(schemas.Provider.ValueType(), providerOf(schemas.Provider, map[string]string{
		"ci": named, "other": blockToken,
	}))
	c.must(err)

	configured, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: &block})
	if err != nil || failed(configured.Diagnostics) {
		t.Fatal(err, configured.Diagnostics)
	}

	random := strays()[len(strays())-1]

	calls := map[string]struct {
		blocks map[string]*tfprotov6.Schema
		make   func(name string, schema *tfprotov6.Schema, config *tfprotov6.DynamicValue) map[string]answered
	}{
		"resource": {schemas.ResourceSchemas, c.resource},
		"data source": {
			schemas.DataSourceSchemas,
			func(name string, _ *tfprotov6.Schema, config *tfprotov6.DynamicValue) map[string]answered {
				return c.data(name, config)
			},
		},
		"ephemeral resource": {
			schemas.EphemeralResourceSchemas,
			func(name string, _ *tfprotov6.Schema, config *tfprotov6.DynamicValue) map[string]answered {
				return c.ephemeral(name, config)
			},
		},
		"list resource": {
			schemas.ListResourceSchemas,
			func(name string, _ *tfprotov6.Schema, config *tfprotov6.DynamicValue) map[string]answered {
				return c.list(name, config)
			},
		},
		"action": {
			actionSchemas(schemas),
			func(name string, _ *tfprotov6.Schema, config *tfprotov6.DynamicValue) map[string]answered {
				return c.action(name, config)
			},
		},
	}
	places, said := 0, 0

	for kind, of := range calls {
		for name, schema := range of.blocks {
			for _, attribute := range openPlaces(schema) {
				places++

				given := map[string]string{
					"runtime": "prod", "token": blockToken, "git_provider": "github", "token_type": "user", "token_name": "ci",
				}
				if kind == "resource" {
					delete(given, "token")
				}

				// What looks like a credential is found in one way, so that one of these is enough at an attribute: validation,
				// which is about all of them, has its own test.
				shaped := strays()[places%(len(strays())-1)]
				for _, s := range []strayed{shaped, random, {"a configured", named, named, true}} {
					for call, a := range of.make(name, schema, blockOf(t, schema, given, attribute, s.text)) {
						at := kind + " " + name + ", " + call + ", " + s.what + " secret in " + attribute
						said += len(a.diagnostics) + len(a.texts)

						for _, problem := range leaks(a.diagnostics, attribute, s) {
							t.Errorf("%s: %s", at, problem)
						}

						if text := strings.Join(a.texts, "\n"); strings.Contains(text, s.secret) {
							t.Errorf("%s: it says %q", at, text)
						}

						if call == "validate" && s.shaped && !failed(a.diagnostics) {
							t.Errorf("%s: it is taken", at)
						}
					}
				}
			}
		}
	}

	if places < 50 || said < places {
		t.Errorf("%d attributes, %d things said", places, said)
	}
}

// providerOf returns a provider block with these tokens.
func providerOf(schema *tfprotov6.Schema, tokens map[string]string) tftypes.Value {
	fields := map[string]tftypes.Value{}

	for _, a := range schema.Block.Attributes {
		fields[a.Name] = tftypes.NewValue(a.ValueType(), nil)
		if a.Name == "git_tokens" {
			elements := map[string]tftypes.Value{}
			for name, text := range tokens {
				elements[name] = tftypes.NewValue(tftypes.String, text)
			}

			fields[a.Name] = tftypes.NewValue(a.ValueType(), elements)
		}
	}

	return tftypes.NewValue(schema.ValueType(), fields)
}

// The names of tokens are no secrets, however long they are, unless somebody swapped a name and its token.
func TestNamesOfTokensAreTaken(t *testing.T) {
	t.Parallel()

	swapped, random := strays()[0].text, strays()[len(strays())-1].text

	for name, taken := range map[string]bool{
		"ci": true, "acme-platform-production-runtime": true, "eu-1-prod": true, "alice@example.com": true,
		"team/platform": true, "Git token of the runtime prod": true, "8a7b6c5d-runtime": true, swapped: false,
		random: false,
	} {
		server, schemas := offline(t)

		block, err := tfprotov6.NewDynamicValue(schemas.Provider.ValueType(),
			providerOf(schemas.Provider, map[string]string{name: blockToken}))
		if err != nil {
			t.Fatal(err)
		}

		if resp, err := server.ConfigureProvider(t.Context(),
			&tfprotov6.ConfigureProviderRequest{Config: &block}); err != nil || failed(resp.Diagnostics) {
			t.Fatal(err, resp.Diagnostics)
		}

		for _, resource := range slices.Sorted(maps.Keys(schemas.ResourceSchemas)) {
			config := blockOf(t, schemas.ResourceSchemas[resource],
				map[string]string{"runtime": "prod", "token_name": name, "git_provider": "github"}, "", "")

			resp, err := server.ValidateResourceConfig(t.Context(),
				&tfprotov6.ValidateResourceConfigRequest{TypeName: resource, Config: config})
			if err != nil {
				t.Fatal(err)
			}

			if failed(resp.Diagnostics) == taken {
				t.Errorf("%s with token_name %q: %v", resource, name, resp.Diagnostics)
			}
		}
	}
}

// What configuring the provider says repeats no secret that strayed into its block.
func TestConfigureHidesStrayedSecrets(t *testing.T) {
	t.Parallel()

	said := 0

	for n, s := range strays() {
		server, schemas := offline(t)
		places := openPlaces(schemas.Provider)
		given := map[string]string{"api_key": blockToken}

		for _, attribute := range []string{places[n%len(places)], "url", "context", "ca_certificate", "request_timeout"} {
			config := blockOf(t, schemas.Provider, given, attribute, s.text)

			resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{Config: config})
			if err != nil {
				t.Fatal(err)
			}

			said += len(resp.Diagnostics)
			for _, problem := range leaks(resp.Diagnostics, attribute, s) {
				t.Errorf("%s secret in %s: %s", s.what, attribute, problem)
			}
		}
	}

	if said < len(strays()) {
		t.Errorf("only %d things were said", said)
	}
}

// A secret in a variable of the environment that is no place for one is not repeated either.
func TestStrayedVariablesStayHidden(t *testing.T) {
	t.Parallel()

	for _, variable := range []string{
		validationVariable, codefresh.FileVariable, "CODEFRESH_URL", "CODEFRESH_API_URL", "CF_URL",
	} {
		for _, s := range strays() {
			server, schemas := offlineWith(t, map[string]string{variable: s.text})

			resp, err := server.ConfigureProvider(t.Context(), &tfprotov6.ConfigureProviderRequest{
				Config: blockOf(t, schemas.Provider, nil, "", ""),
			})
			if err != nil {
				t.Fatal(err)
			}

			for _, problem := range leaks(resp.Diagnostics, "", s) {
				t.Errorf("%s secret in %s: %s", s.what, variable, problem)
			}

			if s.shaped && !failed(resp.Diagnostics) {
				t.Errorf("%s secret is taken for %s", s.what, variable)
			}
		}
	}
}

// What Go's own packages log passes the redactor that knows the provider's secrets.
func TestGoLogPassesTheRedactor(t *testing.T) {
	t.Parallel()

	var written strings.Builder

	around := System()
	around.Getenv, around.Log = func(string) string { return "" }, log.New(&written, "", 0)

	server, err := NewServer("test", around)
	if err != nil {
		t.Fatal(err)
	}

	whole, _ := server.(wholeServer)

	schemas, err := whole.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	configure(t, whole, schemas, map[string]string{"git_tokens": blockToken})
	around.Log.Printf("Unsolicited response starting with %q", "x "+blockToken)

	if got := written.String(); got != "Unsolicited response starting with \"x (redacted)\"\n" {
		t.Errorf("the log says %q", got)
	}
}

// telltale says a secret wherever the protocol has a text beside diagnostics and values.
type telltale struct {
	wholeServer

	secret string
	value  *tfprotov6.DynamicValue // of an ephemeral or listed resource
}

func (s telltale) ListResource(
	context.Context, *tfprotov6.ListResourceRequest,
) (*tfprotov6.ListResourceServerStream, error) {
	return &tfprotov6.ListResourceServerStream{Results: slices.Values([]tfprotov6.ListResourceResult{{
		DisplayName: "Git token " + s.secret, Resource: s.value,
		Diagnostics: []*tfprotov6.Diagnostic{{Summary: "about " + s.secret}},
	}})}, nil
}

func (s telltale) InvokeAction(
	context.Context, *tfprotov6.InvokeActionRequest,
) (*tfprotov6.InvokeActionServerStream, error) {
	return &tfprotov6.InvokeActionServerStream{Events: slices.Values([]tfprotov6.InvokeActionEvent{
		{Type: tfprotov6.ProgressInvokeActionEventType{Message: "asking about " + s.secret}},
		{Type: tfprotov6.CompletedInvokeActionEventType{
			Diagnostics: []*tfprotov6.Diagnostic{{Summary: "found " + s.secret}},
		}},
	})}, nil
}

func (s telltale) CallFunction(
	context.Context, *tfprotov6.CallFunctionRequest,
) (*tfprotov6.CallFunctionResponse, error) {
	return &tfprotov6.CallFunctionResponse{Error: &tfprotov6.FunctionError{Text: "no such scope: " + s.secret}}, nil
}

// Names of listed resources, what actions say while they run, and errors of functions are sanitized like diagnostics,
// though what is in them was before.
func TestOtherTextsAreSanitized(t *testing.T) {
	t.Parallel()

	inner, _ := offline(t)

	const secret = "a secret that looks like none"

	redactor := redact.New()
	redactor.Add(gittoken.NewSecret(secret))
	z := sanitizingServer{telltale{inner, secret, nil}, newSanitizer(redactor, inner, nil), nil}

	var texts []string

	listed, err := z.ListResource(t.Context(), &tfprotov6.ListResourceRequest{TypeName: "codefresh_git_user_token"})
	if err != nil {
		t.Fatal(err)
	}

	for result := range listed.Results {
		texts = append(texts, result.DisplayName, result.Diagnostics[0].Summary)
	}

	invoked, err := z.InvokeAction(t.Context(), &tfprotov6.InvokeActionRequest{ActionType: "codefresh_git_token_verify"})
	if err != nil {
		t.Fatal(err)
	}

	for event := range invoked.Events {
		switch e := event.Type.(type) {
		case tfprotov6.ProgressInvokeActionEventType:
			texts = append(texts, e.Message)
		case tfprotov6.CompletedInvokeActionEventType:
			texts = append(texts, e.Diagnostics[0].Summary)
		}
	}

	called, err := z.CallFunction(t.Context(), &tfprotov6.CallFunctionRequest{Name: "missing_scopes"})
	if err != nil {
		t.Fatal(err)
	}

	texts = append(texts, called.Error.Text)

	want := []string{
		"Git token (redacted)", "about (redacted)", "asking about (redacted)", "found (redacted)",
		"no such scope: (redacted)",
	}
	if !slices.Equal(texts, want) {
		t.Errorf("what leaves is %q", texts)
	}
}

// said are diagnostics with a secret in them.
func (s telltale) said(call string) []*tfprotov6.Diagnostic {
	return []*tfprotov6.Diagnostic{{Summary: call + " " + s.secret}}
}

func (s telltale) OpenEphemeralResource(
	context.Context, *tfprotov6.OpenEphemeralResourceRequest,
) (*tfprotov6.OpenEphemeralResourceResponse, error) {
	return &tfprotov6.OpenEphemeralResourceResponse{Diagnostics: s.said("open"), Result: s.value}, nil
}

func (s telltale) RenewEphemeralResource(
	context.Context, *tfprotov6.RenewEphemeralResourceRequest,
) (*tfprotov6.RenewEphemeralResourceResponse, error) {
	return &tfprotov6.RenewEphemeralResourceResponse{Diagnostics: s.said("renew")}, nil
}

func (s telltale) CloseEphemeralResource(
	context.Context, *tfprotov6.CloseEphemeralResourceRequest,
) (*tfprotov6.CloseEphemeralResourceResponse, error) {
	return &tfprotov6.CloseEphemeralResourceResponse{Diagnostics: s.said("close")}, nil
}

func (s telltale) UpgradeResourceState(
	context.Context, *tfprotov6.UpgradeResourceStateRequest,
) (*tfprotov6.UpgradeResourceStateResponse, error) {
	return &tfprotov6.UpgradeResourceStateResponse{Diagnostics: s.said("upgrade")}, nil
}

func (s telltale) UpgradeResourceIdentity(
	context.Context, *tfprotov6.UpgradeResourceIdentityRequest,
) (*tfprotov6.UpgradeResourceIdentityResponse, error) {
	return &tfprotov6.UpgradeResourceIdentityResponse{Diagnostics: s.said("identity")}, nil
}

func (s telltale) MoveResourceState(
	context.Context, *tfprotov6.MoveResourceStateRequest,
) (*tfprotov6.MoveResourceStateResponse, error) {
	return &tfprotov6.MoveResourceStateResponse{Diagnostics: s.said("move")}, nil
}

func (s telltale) GenerateResourceConfig(
	context.Context, *tfprotov6.GenerateResourceConfigRequest,
) (*tfprotov6.GenerateResourceConfigResponse, error) {
	return &tfprotov6.GenerateResourceConfigResponse{Diagnostics: s.said("generate")}, nil
}

func (s telltale) ImportResourceState(
	context.Context, *tfprotov6.ImportResourceStateRequest,
) (*tfprotov6.ImportResourceStateResponse, error) {
	return &tfprotov6.ImportResourceStateResponse{Diagnostics: s.said("import")}, nil
}

// What no block says today is sanitized as well when one does, and so are the values of ephemeral and listed resources.
func TestRareCallsAreSanitized(t *testing.T) {
	t.Parallel()

	inner, schemas := offline(t)

	const secret, resource = "a secret that looks like none", "codefresh_git_runtime_token"

	redactor := redact.New()
	redactor.Add(gittoken.NewSecret(secret))

	ephemeral := schemas.EphemeralResourceSchemas["codefresh_git_token_check"]
	told := map[string]string{"token_owner": "the owner of " + secret}
	z := sanitizingServer{
		telltale{inner, secret, blockOf(t, ephemeral, told, "", "")}, newSanitizer(redactor, inner, nil), nil,
	}
	ctx, said := t.Context(), []*tfprotov6.Diagnostic{}
	note := func(diagnostics []*tfprotov6.Diagnostic, err error) {
		t.Helper()

		if err != nil || len(diagnostics) == 0 {
			t.Fatal(err, diagnostics)
		}

		said = append(said, diagnostics...)
	}

	opened, err := z.OpenEphemeralResource(ctx, &tfprotov6.OpenEphemeralResourceRequest{
		TypeName: "codefresh_git_token_check",
	})
	note(opened.Diagnostics, err)

	if value, err := opened.Result.Unmarshal(ephemeral.ValueType()); err != nil ||
		!slices.Contains(textsIn(value).values, "the owner of (redacted)") {
		t.Errorf("the ephemeral value is %v, %v", value, err)
	}

	renewed, err := z.RenewEphemeralResource(ctx, &tfprotov6.RenewEphemeralResourceRequest{})
	note(renewed.Diagnostics, err)
	closed, err := z.CloseEphemeralResource(ctx, &tfprotov6.CloseEphemeralResourceRequest{})
	note(closed.Diagnostics, err)
	upgraded, err := z.UpgradeResourceState(ctx, &tfprotov6.UpgradeResourceStateRequest{TypeName: resource})
	note(upgraded.Diagnostics, err)
	identity, err := z.UpgradeResourceIdentity(ctx, &tfprotov6.UpgradeResourceIdentityRequest{TypeName: resource})
	note(identity.Diagnostics, err)
	moved, err := z.MoveResourceState(ctx, &tfprotov6.MoveResourceStateRequest{TargetTypeName: resource})
	note(moved.Diagnostics, err)
	generated, err := z.GenerateResourceConfig(ctx, &tfprotov6.GenerateResourceConfigRequest{TypeName: resource})
	note(generated.Diagnostics, err)
	imported, err := z.ImportResourceState(ctx, &tfprotov6.ImportResourceStateRequest{TypeName: resource})
	note(imported.Diagnostics, err)

	for _, d := range said {
		if !strings.HasSuffix(d.Summary, " "+redact.Mark) {
			t.Errorf("it says %q", d.Summary)
		}
	}

	z.wholeServer = telltale{
		inner, secret, blockOf(t, schemas.ResourceSchemas["codefresh_git_user_token"], told, "", ""),
	}

	listed, err := z.ListResource(ctx, &tfprotov6.ListResourceRequest{TypeName: "codefresh_git_user_token"})
	if err != nil {
		t.Fatal(err)
	}

	for result := range listed.Results {
		value, err := result.Resource.Unmarshal(schemas.ResourceSchemas["codefresh_git_user_token"].ValueType())
		if err != nil || !slices.Contains(textsIn(value).values, "the owner of (redacted)") {
			t.Errorf("the listed value is %v, %v", value, err)
		}
	}
}
