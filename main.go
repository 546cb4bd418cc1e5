// Command terraform-provider-codefresh is the Terraform provider for the Git tokens of Codefresh GitOps. Terraform
// starts it; with -debug, a person does, under a debugger, and tells Terraform with the variable that it prints.
package main

import (
	"flag"
	"fmt"
	"log"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// version is the release, set by the linker. The provider tells it to Terraform and, in User-Agent, to every server.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, for a debugger such as Delve")
	flag.Parse()

	server, err := newServer()
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

// newServer returns the provider's server. An error means that the framework lacks a part of the protocol.
func newServer() (tfprotov6.ProviderServer, error) {
	server, err := providerserver.NewProtocol6WithError(provider.New(version)())()
	if err != nil {
		return nil, err
	}
	whole, ok := server.(wholeServer)
	if !ok {
		return nil, fmt.Errorf("%T cannot list resources", server)
	}

	return leanServer{wholeServer: whole}, nil
}
