// Command demo walks a configuration through the life of its Git tokens, with the real provider and a real Terraform or
// OpenTofu, against Codefresh and a Git host that run in memory. It fails if anything behaves otherwise than it says.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/signal"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Stdout, os.Getenv("TERRAFORM"))
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "demo:", err)
		os.Exit(1)
	}
}

// run plays the story with the given terraform binary and prints it to w.
func run(ctx context.Context, w io.Writer, terraform string) error {
	if terraform == "" {
		return fmt.Errorf("TERRAFORM does not name a terraform or tofu binary: run 'make demo', which finds or builds one")
	}
	s, err := newStage(ctx, w, terraform)
	if err != nil {
		return err
	}
	defer s.close()

	return s.play(ctx)
}
