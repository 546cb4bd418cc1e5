// Codefresh-sandbox runs Codefresh and every supported Git host in memory on loopback, furnished so that the provider
// can be tried at once: it prints a configuration that works as it is, tokens that are not so good, and the calls that
// make a token go bad. It needs no network and forgets everything when it ends.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout, os.Stderr)

	stop()

	if errors.Is(err, flag.ErrHelp) {
		os.Exit(2)
	}

	if err != nil {
		fmt.Fprintln(os.Stderr, "codefresh-sandbox:", err)
		os.Exit(1)
	}
}

// run starts a furnished sandbox, prints how to use it, and keeps it until ctx is done.
func run(ctx context.Context, args []string, out, problems io.Writer) error {
	flags := flag.NewFlagSet("codefresh-sandbox", flag.ContinueOnError)
	flags.SetOutput(problems)

	asJSON := flags.Bool("json", false, "print the addresses, keys and tokens as JSON, for programs")
	if err := flags.Parse(args); err != nil {
		return err
	}

	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}

	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		return err
	}
	defer s.Close()

	w, err := furnish(s)
	if err != nil {
		return fmt.Errorf("furnish the sandbox: %w", err)
	}

	if *asJSON {
		encoder := json.NewEncoder(out)
		encoder.SetIndent("", "  ")
		err = encoder.Encode(w)
	} else {
		err = w.show(out)
	}

	if err != nil {
		return fmt.Errorf("print the settings: %w", err)
	}

	<-ctx.Done()

	return nil
}
