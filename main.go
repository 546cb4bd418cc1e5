// Command terraform-provider-codefresh is the Terraform provider for the Git tokens of Codefresh GitOps. Terraform starts
// it; with -debug, a person does, under a debugger, and tells Terraform with the variable that it prints.
package main

import (
	"context"
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// version is the release, set by the linker. The provider tells it to Terraform and, in User-Agent, to every server.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, for a debugger such as Delve")
	flag.Parse()

	err := providerserver.Serve(context.Background(), provider.New(version), providerserver.ServeOpts{
		Address:         provider.Address,
		Debug:           *debug,
		ProtocolVersion: 6,
	})
	if err != nil {
		log.Fatal(err)
	}
}
