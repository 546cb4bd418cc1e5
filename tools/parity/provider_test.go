package parity_test

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tftypes"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// opinion is what the provider says of a pair.
type opinion struct {
	ok             bool
	status, reason string
}

// checker is the provider's data source codefresh_git_token_check, asked over Terraform's protocol.
type checker struct {
	server tfprotov6.ProviderServer
	schema *tfprotov6.Schema
}

const dataSource = "codefresh_git_token_check"

func newChecker(ctx context.Context, w *world) (*checker, error) {
	server, err := provider.NewServer("test", provider.Surroundings{
		Getenv:      func(string) string { return "" },
		ReadFile:    func(string) ([]byte, error) { return nil, fs.ErrNotExist },
		Now:         time.Now,
		Random:      rand.Reader,
		DialContext: w.DialContext,
	})
	if err != nil {
		return nil, err
	}

	schema, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return nil, err
	}

	config, err := block(schema.Provider, map[string]any{"ca_certificate": string(w.CACertificate())})
	if err != nil {
		return nil, err
	}

	configured, err := server.ConfigureProvider(ctx, &tfprotov6.ConfigureProviderRequest{
		TerraformVersion: "1.11.0", Config: config,
	})
	if err != nil {
		return nil, err
	}

	return &checker{server, schema.DataSourceSchemas[dataSource]}, errorIn(configured.Diagnostics)
}

// block encodes a block with these attributes; the others are null.
func block(schema *tfprotov6.Schema, given map[string]any) (*tfprotov6.DynamicValue, error) {
	fields := map[string]tftypes.Value{}
	for _, a := range schema.Block.Attributes {
		fields[a.Name] = tftypes.NewValue(a.ValueType(), given[a.Name])
	}

	encoded, err := tfprotov6.NewDynamicValue(schema.ValueType(), tftypes.NewValue(schema.ValueType(), fields))

	return &encoded, err
}

func errorIn(diagnostics []*tfprotov6.Diagnostic) error {
	for _, d := range diagnostics {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return errors.New(d.Summary + ": " + d.Detail)
		}
	}

	return nil
}

func (c *checker) ask(ctx context.Context, j judged, use string) (opinion, error) {
	given := map[string]any{
		"token": j.text, "token_type": use, "git_provider": j.provider, "api_url": j.apiURL,
	}
	if j.username != "" {
		given["username"] = j.username
	}

	if j.at != "" {
		given["repositories"] = c.repositories(j.repository, use)
	}

	config, err := block(c.schema, given)
	if err != nil {
		return opinion{}, err
	}

	read, err := c.server.ReadDataSource(ctx, &tfprotov6.ReadDataSourceRequest{TypeName: dataSource, Config: config})
	if err != nil {
		return opinion{}, err
	}

	if err := errorIn(read.Diagnostics); err != nil {
		return opinion{}, err
	}

	state, err := read.State.Unmarshal(c.schema.ValueType())
	if err != nil {
		return opinion{}, err
	}

	var (
		fields map[string]tftypes.Value
		found  opinion
	)

	if err := state.As(&fields); err != nil {
		return opinion{}, err
	}

	return found, errors.Join(
		fields["ok"].As(&found.ok), fields["status"].As(&found.status), fields["status_reason"].As(&found.reason),
	)
}

// repositories is what is proved of a token where Codefresh keeps its configuration: a runtime's writes there, and a
// user's reads.
func (c *checker) repositories(url, use string) []tftypes.Value {
	access := map[string]string{"runtime": "write", "user": "read"}[use]
	of := tftypes.Object{AttributeTypes: map[string]tftypes.Type{"url": tftypes.String, "access": tftypes.String}}

	return []tftypes.Value{tftypes.NewValue(of, map[string]tftypes.Value{
		"url": tftypes.NewValue(tftypes.String, url), "access": tftypes.NewValue(tftypes.String, access),
	})}
}

// providersOpinions asks the provider about every pair.
func providersOpinions(t *testing.T, w *world) map[pair]opinion {
	t.Helper()

	found := map[pair]opinion{}

	w.rounds(t, func(places []int) {
		// What a provider process heard once it does not ask again, so each round has its own.
		c, err := newChecker(t.Context(), w)
		if err != nil {
			t.Fatal(err)
		}

		for _, i := range places {
			for _, use := range tokenTypes() {
				p := pair{w.tokens[i].id(), use}
				if found[p], err = c.ask(t.Context(), w.tokens[i], use); err != nil {
					t.Fatalf("%s: %v", p, err)
				}
			}
		}
	})

	return found
}

// outcome words an opinion for a report.
func (o opinion) outcome() string {
	return strings.TrimSpace(fmt.Sprintf("%s %s", o.status, o.reason))
}
