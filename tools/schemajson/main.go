// Command schemajson prints the provider's schema as "terraform providers schema -json" does, for tfplugindocs.
//
// It asks the provider and no CLI, so that the documentation is the same whatever Terraform or OpenTofu is at hand:
// Terraform prints identities since 1.12, list resources and actions since 1.14, OpenTofu prints neither of the last.
package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

func main() {
	server, err := provider.NewServer("docs", provider.System())
	if err == nil {
		err = write(context.Background(), os.Stdout, "codefresh", server)
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "schemajson:", err)
		os.Exit(1)
	}
}

// write prints the schemas of server, under the provider's name.
func write(ctx context.Context, w io.Writer, name string, server tfprotov6.ProviderServer) error {
	schemas, err := server.GetProviderSchema(ctx, &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		return fmt.Errorf("ask for the schemas: %w", err)
	}

	identities, err := server.GetResourceIdentitySchemas(ctx, &tfprotov6.GetResourceIdentitySchemasRequest{})
	if err != nil {
		return fmt.Errorf("ask for the identities: %w", err)
	}

	for _, d := range append(schemas.Diagnostics, identities.Diagnostics...) {
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			return fmt.Errorf("%s: %s", d.Summary, d.Detail)
		}
	}

	p, err := convert(schemas, identities)
	if err != nil {
		return err
	}

	encoder := json.NewEncoder(w)
	encoder.SetIndent("", "  ")

	return encoder.Encode(document{FormatVersion: "1.0", Providers: map[string]providerJSON{name: p}})
}
