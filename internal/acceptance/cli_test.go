package acceptance_test

import (
	"bufio"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/hashicorp/go-hclog"
	"github.com/hashicorp/go-plugin"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6/tf6server"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/acceptance/core"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// cli is a folder in which a test runs the Terraform CLI itself, with the world's provider in this process.
// terraform-plugin-testing shows one text of all errors and no warnings; here each diagnostic comes by itself, so that
// one run of Terraform serves many cases.
type cli struct {
	*world

	folder  string
	secrets []string
	others  map[string]func() (tfprotov6.ProviderServer, error) // further providers, by address

	// Of a session with the core of this process.
	here  *core.Workspace
	saved *core.Plan
	order int64 // chooses among what could be next; 0: as it comes
}

// said is what one run of Terraform came to.
type said struct {
	t           *testing.T
	exit        int // with -detailed-exitcode: 2 for a plan that changes something
	diagnostics []diagnostic
	text        string // everything that Terraform printed
}

// diagnostic is an error or a warning in Terraform's own machine-readable form.
type diagnostic struct {
	Severity string `json:"severity"`
	Summary  string `json:"summary"`
	Detail   string `json:"detail"`
	Address  string `json:"address"` // of the block that it is about, without an attribute
	Snippet  *struct {
		Code string `json:"code"` // the source line that Terraform prints with it
	} `json:"snippet"`
}

func (d diagnostic) String() string {
	return d.Severity + ": " + d.Summary + "\n" + d.Detail
}

func (w *world) cli() *cli {
	w.t.Helper()
	c := &cli{world: w, folder: w.t.TempDir()}
	_, key := w.DefaultUser()
	c.secret(key)
	c.write("terraformrc", "")
	c.write("versions.tf", `terraform {
  required_providers {
    codefresh = { source = "`+provider.Address+`" }
  }
}
`)

	return c
}

// secret remembers a text that Terraform must never print, and returns it.
func (c *cli) secret(text string) string {
	c.secrets = append(c.secrets, text)

	return text
}

// configure replaces the configuration.
func (c *cli) configure(blocks ...string) {
	c.t.Helper()
	c.write("main.tf", strings.Join(blocks, "\n"))
}

func (c *cli) write(name, text string) {
	c.t.Helper()
	c.must(os.WriteFile(filepath.Join(c.folder, name), []byte(text), 0o600))
}

// plan runs terraform plan, and saves the plan for show.
func (c *cli) plan(args ...string) said {
	c.t.Helper()

	return c.run(append([]string{"plan", "-json", "-input=false", "-out=saved", "-detailed-exitcode"}, args...)...)
}

func (c *cli) apply() said {
	c.t.Helper()

	return c.run("apply", "-json", "-input=false", "-auto-approve")
}

// run runs Terraform with a fresh provider, which ends with it, as it would outside of tests.
func (c *cli) run(args ...string) said {
	c.t.Helper()

	if c.here != nil {
		return c.answer(args)
	}

	stdout, stderr, exit := c.execute(args...)

	text := stdout + stderr
	for _, secret := range c.secrets {
		if strings.Contains(text, secret) {
			c.t.Errorf("terraform %s printed a secret", args[0])
		}
	}

	s := said{t: c.t, exit: exit, text: text}

	for lines := bufio.NewScanner(strings.NewReader(stdout)); lines.Scan(); {
		var line struct {
			Diagnostic *diagnostic `json:"diagnostic"`
		}
		if err := json.Unmarshal(lines.Bytes(), &line); err != nil {
			c.t.Fatalf("terraform %s printed %q:\n%s", args[0], lines.Text(), text)
		}

		if line.Diagnostic != nil {
			s.diagnostics = append(s.diagnostics, *line.Diagnostic)
		}
	}

	return s
}

// show reads the state, or the saved plan if that is named, into v. It holds the tokens in clear.
func (c *cli) show(v any, args ...string) {
	c.t.Helper()

	stdout, stderr, exit := c.execute(append([]string{"show", "-json"}, args...)...)
	if exit != 0 {
		c.t.Fatalf("terraform show: %s", stderr)
	}

	c.must(json.Unmarshal([]byte(stdout), v))
}

func (c *cli) execute(args ...string) (stdout, stderr string, exit int) {
	c.t.Helper()

	if c.here != nil {
		return c.executeHere(args)
	}

	reattach, stop := c.serve()
	defer stop()

	var out, problems strings.Builder

	terraform := cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")
	command := exec.CommandContext(c.t.Context(), terraform, args...)
	command.Dir, command.Stdout, command.Stderr = c.folder, &out, &problems
	command.Env = c.environment(reattach)

	exited := (*exec.ExitError)(nil)
	if err := command.Run(); err != nil && !errors.As(err, &exited) {
		c.t.Fatalf("running terraform: %v", err)
	}

	return out.String(), problems.String(), command.ProcessState.ExitCode()
}

// environment returns the variables with which Terraform reaches the providers that serve started, and finds no others.
func (c *cli) environment(reattach string) []string {
	var all []string

	for _, variable := range os.Environ() {
		if !strings.HasPrefix(variable, "TF_") { // TF_LOG and the like would change what is printed
			all = append(all, variable)
		}
	}

	return append(all, "CHECKPOINT_DISABLE=1", "TF_REATTACH_PROVIDERS="+reattach,
		"TF_CLI_CONFIG_FILE="+filepath.Join(c.folder, "terraformrc"))
}

// serve starts the providers and returns what tells Terraform how to reach them.
func (c *cli) serve() (reattach string, stop func()) {
	c.t.Helper()
	ctx, cancel := context.WithCancel(context.WithoutCancel(c.t.Context()))
	reached, closed := make(map[string]any), make([]chan struct{}, 0, 1+len(c.others))
	all := map[string]func() (tfprotov6.ProviderServer, error){provider.Address: c.factories()["codefresh"]}
	maps.Copy(all, c.others)

	for address, factory := range all {
		server, err := factory()
		c.must(err)

		configs, ended, failed := make(chan *plugin.ReattachConfig, 1), make(chan struct{}), make(chan error, 1)

		closed = append(closed, ended)
		go func() {
			failed <- tf6server.Serve(address, func() tfprotov6.ProviderServer { return server },
				tf6server.WithDebug(ctx, configs, ended), tf6server.WithLoggingSink(c.t),
				tf6server.WithGoPluginLogger(hclog.NewNullLogger()))
		}()

		select {
		case config := <-configs:
			reached[address] = map[string]any{
				"Protocol": config.Protocol, "ProtocolVersion": config.ProtocolVersion, "Pid": config.Pid, "Test": true,
				"Addr": map[string]string{"Network": config.Addr.Network(), "String": config.Addr.String()},
			}
		case err := <-failed:
			cancel()
			c.t.Fatalf("serving %s: %v", address, err)
		}
	}

	text, err := json.Marshal(reached)
	c.must(err)

	return string(text), func() {
		cancel()

		for _, ended := range closed {
			<-ended
		}
	}
}

// wantExit fails the test at once unless Terraform ended with this exit code.
func (s said) wantExit(want int) said {
	s.t.Helper()

	if s.exit != want {
		var all strings.Builder
		for _, d := range s.diagnostics {
			all.WriteString(d.String() + "\n\n")
		}

		s.t.Fatalf("Terraform's exit code is %d, not %d:\n%s%s", s.exit, want, &all, s.text)
	}

	return s
}

// of returns the diagnostics of one severity about one block.
func (s said) of(severity, address string) []diagnostic {
	var found []diagnostic

	for _, d := range s.diagnostics {
		if d.Severity == severity && d.Address == address {
			found = append(found, d)
		}
	}

	return found
}

// only returns the one diagnostic of a severity about a block. It fails the test if there is none, or more.
func (s said) only(t *testing.T, severity, address string) diagnostic {
	t.Helper()

	found := s.of(severity, address)
	if len(found) != 1 {
		t.Fatalf("%d diagnostics of severity %q about %s, not 1; all there are:\n%v", len(found), severity, address,
			s.diagnostics)
	}

	return found[0]
}

// wants fails the test for each text that the diagnostic lacks.
func (d diagnostic) wants(t *testing.T, texts ...string) {
	t.Helper()

	whole := d.Summary + "\n" + d.Detail
	for _, text := range texts {
		if !strings.Contains(whole, text) {
			t.Errorf("the message lacks %q:\n%s", text, d)
		}
	}
}

// provided is a block of a configuration that belongs to the runtime of the same name.
func provided(resourceType, name string, lines ...string) string {
	return "resource \"" + resourceType + "\" \"" + name + "\" {\n  " + strings.Join(lines, "\n  ") + "\n}\n"
}

// state returns the attributes of every resource and data source in the state, by address.
func (c *cli) state() map[string]map[string]any {
	c.t.Helper()

	if c.here != nil {
		return c.here.Attributes()
	}

	var shown struct {
		Values struct {
			RootModule struct {
				Resources []struct {
					Address string         `json:"address"`
					Values  map[string]any `json:"values"`
				} `json:"resources"`
			} `json:"root_module"`
		} `json:"values"`
	}
	c.show(&shown)

	all := make(map[string]map[string]any)
	for _, r := range shown.Values.RootModule.Resources {
		all[r.Address] = r.Values
	}

	return all
}

// change is what the saved plan means for a resource: Before is what the refresh found.
type change struct {
	Actions []string       `json:"actions"`
	Before  map[string]any `json:"before"`
}

func (c *cli) changes() map[string]change {
	c.t.Helper()

	if c.here != nil {
		return c.changesHere()
	}

	var shown struct {
		ResourceChanges []struct {
			Address string `json:"address"`
			Change  change `json:"change"`
		} `json:"resource_changes"`
	}
	c.show(&shown, "saved")

	all := make(map[string]change)
	for _, r := range shown.ResourceChanges {
		all[r.Address] = r.Change
	}

	return all
}
