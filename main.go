// Command terraform-provider-codefresh is the Terraform provider for the Git tokens of Codefresh GitOps. Terraform
// starts it; with -debug, a person does, under a debugger, and tells Terraform with the variable that it prints.
package main

import (
	"flag"
	"log"
	"os"
	"runtime/debug"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// version is the release, set by the linker. The provider tells it to Terraform and, in User-Agent, to every server.
var version = "dev"

func main() {
	debug := flag.Bool("debug", false, "serve until interrupted, for a debugger such as Delve")

	flag.Parse()
	saveMemory(os.Getenv("GOGC"))

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

// garbagePercent is how much garbage may gather until it is collected, in percent of what is in use. With Go's own 100
// most of the memory that a plan of many resources takes would be garbage.
const garbagePercent = 80

// saveMemory has garbage collected early, unless the user's own GOGC says when: Terraform runs many providers at once.
// What it costs is a few percent of a plan's CPU time (CONTRIBUTING.md, "Performance").
func saveMemory(gogc string) {
	if gogc == "" {
		debug.SetGCPercent(garbagePercent)
	}
}
