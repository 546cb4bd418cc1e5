package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// binaries are the built programs.
type binaries struct {
	folder, terraform           string
	codefresh, donothing, meter string
}

// build builds the providers as in a release, so that size and start are what users get.
func build(ctx context.Context, folder string, o options) (binaries, error) {
	b := binaries{folder: folder, terraform: o.terraform}
	for pkg, binary := range map[string]*string{
		".": &b.codefresh, "./cmd/bench/donothing": &b.donothing, "./cmd/bench/meter": &b.meter,
	} {
		*binary = filepath.Join(folder, "built-"+filepath.Base(pkg))
		build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-ldflags", "-s -w", "-o", *binary, pkg)

		build.Env = append(os.Environ(), "CGO_ENABLED=0")
		if printed, err := build.CombinedOutput(); err != nil {
			return b, fmt.Errorf("build %s: %w\n%s", pkg, err, printed)
		}
	}

	if o.codefresh != "" {
		b.codefresh = o.codefresh
	}

	return b, nil
}

// subject is a provider with a configuration, in a folder of its own.
type subject struct {
	terraform string
	folder    string
	env       []string
}

// subject makes a folder with a configuration for the provider "codefresh" or "donothing".
func (b binaries) subject(name, provider, configuration string, env ...string) (*subject, error) {
	s := &subject{terraform: b.terraform, folder: filepath.Join(b.folder, name), env: env}

	binary := b.donothing
	if provider == "codefresh" {
		binary = b.codefresh
	}

	cli := fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n",
		"codefresh-gitops/"+provider, s.folder)

	return s, errors.Join(
		os.Mkdir(s.folder, 0o700),
		os.Symlink(binary, filepath.Join(s.folder, "provider")),
		os.Link(b.meter, filepath.Join(s.folder, "terraform-provider-"+provider)),
		os.WriteFile(filepath.Join(s.folder, "main.tf"), []byte(configuration), 0o600),
		os.WriteFile(filepath.Join(s.folder, "cli.tfrc"), []byte(cli), 0o600),
	)
}

// spent is what one run of Terraform took.
type spent struct {
	wall     time.Duration
	cpu      time.Duration // of Terraform and the provider
	provider time.Duration // of it, what the provider's processes took
	memory   int64         // bytes: the most that one of them had resident
}

// terraform returns the CPU time that Terraform itself took.
func (s spent) terraform() time.Duration { return s.cpu - s.provider }

// The runs of Terraform that are measured. With -detailed-exitcode a plan that finds something to do fails.
var (
	plan    = []string{"plan", "-input=false", "-no-color", "-detailed-exitcode"} //nolint:gochecknoglobals // constant
	apply   = []string{"apply", "-input=false", "-no-color", "-auto-approve"}     //nolint:gochecknoglobals // constant
	schemas = []string{"providers", "schema", "-json"}                            //nolint:gochecknoglobals // constant
)

// do runs Terraform, which must succeed.
func (s *subject) do(ctx context.Context, args []string) (spent, error) {
	usage := filepath.Join(s.folder, "usage")
	if err := os.Remove(usage); err != nil && !errors.Is(err, os.ErrNotExist) {
		return spent{}, err
	}

	var printed bytes.Buffer

	c := exec.CommandContext(ctx, s.terraform, args...) //nolint:gosec // the user names it
	c.Dir = s.folder
	c.Env = append(append(os.Environ(),
		"TF_CLI_CONFIG_FILE="+filepath.Join(s.folder, "cli.tfrc"), "CHECKPOINT_DISABLE=1"), s.env...)

	c.Stderr = &printed
	if args[0] != "providers" { // whose output is as large as useless
		c.Stdout = &printed
	}

	begin := time.Now()

	if err := c.Run(); err != nil {
		return spent{}, fmt.Errorf("terraform %s in %s: %w\n%s", strings.Join(args, " "), filepath.Base(s.folder), err,
			tail(printed.String()))
	}

	took := spent{wall: time.Since(begin), cpu: c.ProcessState.UserTime() + c.ProcessState.SystemTime()}

	text, err := os.ReadFile(usage) //nolint:gosec // our own
	if err != nil {
		return spent{}, err
	}

	return took, took.addUsage(string(text))
}

// addUsage adds what the meter noted of each process of the provider.
func (s *spent) addUsage(noted string) error {
	for line := range strings.Lines(noted) {
		var user, system, peak int64
		if _, err := fmt.Sscan(line, &user, &system, &peak); err != nil {
			return fmt.Errorf("usage %q: %w", line, err)
		}

		s.provider += time.Duration(user + system)
		s.memory = max(s.memory, peak)
	}

	return nil
}

// forget makes the next apply create everything.
func (s *subject) forget() error {
	err := os.Remove(filepath.Join(s.folder, stateFile))
	if errors.Is(err, os.ErrNotExist) {
		return nil
	}

	return err
}

// tail shortens what a thousand resources may print.
func tail(text string) string {
	const most = 4000
	if len(text) <= most {
		return text
	}

	return "...\n" + text[len(text)-most:]
}
