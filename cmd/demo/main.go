// Command demo walks a configuration through the life of its Git tokens, with the real provider and a real Terraform or
// OpenTofu, against Codefresh and Git hosts that run in memory. It fails if anything behaves otherwise than it says.
package main

import (
	"context"
	"fmt"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, page{out: os.Stdout, coloured: showsColours(os.Stdout)}, os.Getenv("TERRAFORM"))

	stop()

	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run plays the story with the given terraform binary and prints it to p.
func run(ctx context.Context, p page, terraform string) error {
	if terraform == "" {
		return fmt.Errorf("TERRAFORM does not name a terraform or tofu binary: run 'make demo', which finds or builds one")
	}

	s, err := newStage(ctx, p, terraform)
	if err != nil {
		return err
	}
	defer s.close()

	return s.play(ctx)
}

// showsColours reports whether a file is a terminal, and its owner has nothing against colours.
func showsColours(f *os.File) bool {
	info, err := f.Stat()

	return err == nil && info.Mode()&os.ModeCharDevice != 0 && os.Getenv("NO_COLOR") == "" &&
		os.Getenv("TERM") != "dumb"
}
