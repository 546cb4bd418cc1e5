// Command donothing serves the provider that does nothing.
package main

import (
	"context"
	"log"
	"os"

	"github.com/hashicorp/terraform-plugin-framework/provider"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/codefresh-gitops/terraform-provider-codefresh/cmd/bench/idle"
)

func main() {
	does := idle.Provider{Variant: os.Getenv(idle.VariantVariable)}

	err := providerserver.Serve(context.Background(), func() provider.Provider { return does },
		providerserver.ServeOpts{Address: "registry.terraform.io/codefresh-gitops/donothing", ProtocolVersion: 6})
	if err != nil {
		log.Fatal(err)
	}
}
