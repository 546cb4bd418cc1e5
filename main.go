// Command terraform-provider-codefresh is the Terraform provider for the Git tokens of Codefresh GitOps. Terraform
// starts it; with -debug, a person does, under a debugger, and tells Terraform with the variable that it prints.
package main

import (
	"flag"
	"log"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// version is the release, set by the linker. The provider tells it to Terraform and, in User-Agent, to every server.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, for a debugger such as Delve")

	flag.Parse()

	around := provider.System()
	around.Log = log.Default()

	server, err := provider.NewServer(version, around)
	if err != nil {
		log.Fatal(err)
	}

	var options []tf6server.ServeOpt
	if *debug {
		options = append(options, tf6server.WithManagedDebug())
	}

	err = tf6server.Serve(provider.Address, func() tfprotov6.ProviderServer { return server }, options...)
	if err != nil {
		log.Fatal(err)
	}
}
