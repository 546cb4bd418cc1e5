package main

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
)

// subject is a provider with a configuration that is applied: a plan finds nothing to do.
type subject struct {
	terraform string
	folder    string
	binary    string
}

// newSubject builds the provider from the main package pkg and applies the configuration, below parent.
func newSubject(ctx context.Context, parent, terraform, name, pkg, configuration string) (*subject, error) {
	folder := filepath.Join(parent, name)
	s := &subject{terraform: terraform, folder: folder, binary: binary(folder, name)}
	if err := os.Mkdir(folder, 0o700); err != nil {
		return nil, err
	}
	// As in a release, so that size and start are what users get.
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", s.binary, pkg)
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if printed, err := build.CombinedOutput(); err != nil {
		return nil, fmt.Errorf("build %s: %w\n%s", pkg, err, printed)
	}

	for file, text := range map[string]string{
		"main.tf": configuration,
		"cli.tfrc": fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n",
			"codefresh-gitops/"+name, folder),
	} {
		if err := os.WriteFile(filepath.Join(folder, file), []byte(text), 0o600); err != nil {
			return nil, err
		}
	}

	return s, s.do(ctx, "apply", "-input=false", "-no-color", "-auto-approve")
}

func (s *subject) command(ctx context.Context, args ...string) *exec.Cmd {
	c := exec.CommandContext(ctx, s.terraform, args...)
	c.Dir = s.folder
	c.Env = append(os.Environ(), "TF_CLI_CONFIG_FILE="+filepath.Join(s.folder, "cli.tfrc"), "CHECKPOINT_DISABLE=1")

	return c
}

// do runs Terraform, which must succeed. With -detailed-exitcode a plan that finds something to do does not.
func (s *subject) do(ctx context.Context, args ...string) error {
	var printed bytes.Buffer
	c := s.command(ctx, args...)
	c.Stderr = &printed
	if args[0] != "providers" { // whose output is as large as useless
		c.Stdout = &printed
	}
	if err := c.Run(); err != nil {
		return fmt.Errorf("terraform %s in %s: %w\n%s", strings.Join(args, " "), filepath.Base(s.folder), err,
			tail(printed.String()))
	}

	return nil
}

// tail shortens what a thousand resources may print.
func tail(text string) string {
	const most = 4000
	if len(text) <= most {
		return text
	}

	return "...\n" + text[len(text)-most:]
}
