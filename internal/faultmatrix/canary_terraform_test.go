//go:build faults

package faultmatrix_test

import (
	"archive/zip"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// canaryConfiguration has every block of the provider, and a token by every way there is.
const canaryConfiguration = `
variable "literal" {
  sensitive = true
}
variable "variable" {
  sensitive = true
}
variable "write_only" {
  ephemeral = true
}
variable "named" {
  ephemeral = true
}
variable "spare" {
  ephemeral = true
}
variable "user_key" {
  sensitive = true
}
variable "email" {}

provider "codefresh" {
  ca_certificate = file("ca.pem")
  git_tokens     = { ci = var.named, spare = var.spare }
  max_retries    = 0
}

resource "codefresh_git_runtime_token" "literal" {
  runtime = "prod"
  token   = var.literal
}
resource "codefresh_git_user_token" "variable" {
  runtime     = "prod"
  integration = "cloud"
  token       = var.variable
  username    = var.email
}
resource "codefresh_git_user_token" "write_only" {
  runtime     = "prod"
  integration = "lab"
  token_wo    = var.write_only
  api_key     = var.user_key
}
resource "codefresh_git_user_token" "named" {
  runtime     = "prod"
  integration = "server"
  token_name  = "ci"
}

data "codefresh_runtimes" "all" {}
data "codefresh_git_tokens" "all" {}
data "codefresh_git_token_check" "variable" {
  token        = var.variable
  git_provider = "bitbucket"
  token_type   = "user"
  username     = var.email
}
ephemeral "codefresh_git_token_check" "write_only" {
  token        = var.write_only
  git_provider = "gitlab"
  api_url      = "https://gitlab-self-managed.example.com/gitlab/api/v4"
  token_type   = "user"
}

output "runtimes" {
  value = data.codefresh_runtimes.all.runtimes
}
output "tokens" {
  value = data.codefresh_git_tokens.all
}
output "check" {
  value = [
    data.codefresh_git_token_check.variable.status_reason, data.codefresh_git_token_check.variable.token_owner,
    data.codefresh_git_token_check.variable.granted_scopes,
  ]
}
output "owners" {
  value = [for t in [
    codefresh_git_user_token.variable, codefresh_git_user_token.write_only, codefresh_git_user_token.named,
  ] : [t.token_owner, t.status_reason, t.granted_scopes, t.excess_scopes, t.api_url, t.user_id]]
}
output "missing" {
  value = provider::codefresh::missing_scopes("github", "runtime", coalesce(
    codefresh_git_runtime_token.literal.granted_scopes, toset(["repo"]),
  ))
}
`

// stage is a folder in which a Terraform runs the provider as a program of its own.
type stage struct {
	*chapel

	t         *testing.T
	folder    string
	program   string
	variables map[string]string // of the environment
	all       []canary
	stored    map[string]bool // the names of those that the state holds, as people are told
	turn      uint32
	sinks     int
	marked    int // in which the redactor's mark stands
	leaks     int
}

// run runs Terraform and searches all that it prints, logs and leaves behind.
func (s *stage) run(what string, args ...string) (printed string) {
	s.t.Helper()

	path := cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")
	command := exec.CommandContext(s.t.Context(), path, args...)

	command.Dir = s.folder
	for name, value := range s.variables {
		command.Env = append(command.Env, name+"="+value)
	}

	text, err := command.CombinedOutput()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		s.t.Fatalf("%s: running Terraform: %v", what, err)
	}

	s.search(what+", terminal", string(text), false)

	files := os.DirFS(s.folder)
	if err := fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains([]string{"main.tf", "versions.tf", "settings", "ca.pem"}, path) {
			return err
		}

		content, err := fs.ReadFile(files, path)
		if err != nil {
			return err
		}

		switch {
		case strings.HasSuffix(path, "saved"):
			return s.searchPlan(what+", saved plan", path)
		case strings.Contains(path, "tfstate"):
			s.search(what+", "+path, withoutSecrets(s.t, content), false)
		default: // the log, and what a crash leaves
			s.search(what+", "+path, string(content), false)
		}

		return nil
	}); err != nil {
		s.t.Fatal(err)
	}

	if err := os.Remove(filepath.Join(s.folder, "trace.log")); err != nil {
		s.t.Errorf("%s: %v", what, err)
	}

	return string(text)
}

// searchPlan searches the parts of a saved plan. It holds the values of sensitive variables.
func (s *stage) searchPlan(what, name string) error {
	archive, err := zip.OpenReader(filepath.Join(s.folder, name))
	if err != nil {
		return err
	}
	defer archive.Close() //nolint:errcheck // it was only read

	for _, file := range archive.File {
		content, err := file.Open()
		if err != nil {
			return err
		}

		text, err := io.ReadAll(io.LimitReader(content, 16<<20))
		if err != nil {
			return err
		}

		s.search(what+", "+file.Name, string(text), true)
	}

	return nil
}

// withoutSecrets returns a state, or a plan in JSON, without the values of attributes and variables that hold secrets
// because somebody put them there.
func withoutSecrets(t *testing.T, text []byte) string {
	t.Helper()

	var content any
	if err := json.Unmarshal(text, &content); err != nil {
		t.Errorf("%v in %.100q", err, text)
	}

	var strip func(v any)

	strip = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for _, name := range []string{"token", "api_key", "variables"} {
				delete(v, name)
			}

			for _, inner := range v {
				strip(inner)
			}
		case []any:
			for _, inner := range v {
				strip(inner)
			}
		}
	}
	strip(content)

	stripped, err := json.MarshalIndent(content, "", " ")
	if err != nil {
		t.Error(err)
	}

	return string(stripped)
}

// search looks for every secret in a text, line by line. stored says that it may hold those that the state does.
func (s *stage) search(where, text string, stored bool) {
	s.t.Helper()

	s.sinks++
	if strings.Contains(text, "(redacted)") {
		s.marked++
	}

	seen := map[string]bool{}
	for line := range strings.Lines(text) {
		if seen[line] {
			continue
		}

		seen[line] = true
		layers := layersOf(line)

		for _, c := range s.all {
			if stored && s.stored[c.name] {
				continue
			}

			if part := c.in(layers); part != "" {
				s.leaks++
				if s.leaks < 50 {
					at := max(0, strings.Index(line, part)-200)
					s.t.Errorf("%s: %s is there: %.500q", where, c.name, line[at:])
				}
			}
		}
	}
}

// json runs Terraform and searches what it prints as JSON.
func (s *stage) json(what string, args ...string) {
	s.t.Helper()
	printed := s.runQuietly(args...)
	s.search(what, withoutSecrets(s.t, []byte(printed)), false)
}

func (s *stage) runQuietly(args ...string) string {
	s.t.Helper()

	path := cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")
	command := exec.CommandContext(s.t.Context(), path, args...)

	command.Dir = s.folder
	for name, value := range s.variables {
		if !strings.HasPrefix(name, "TF_LOG") {
			command.Env = append(command.Env, name+"="+value)
		}
	}

	text, err := command.Output()
	if err != nil {
		s.t.Fatalf("terraform %s: %v\n%s", strings.Join(args, " "), err, text)
	}

	return string(text)
}

func (s *stage) write(name, text string) {
	s.t.Helper()

	if err := os.WriteFile(filepath.Join(s.folder, name), []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// newStage starts a world with tokens at four hosts, and a Terraform that reaches it through a proxy.
func newStage(t *testing.T) *stage {
	t.Helper()

	must := func(err error) {
		t.Helper()

		if err != nil {
			t.Fatal(err)
		}
	}
	who, err := makeIdentities(allNames())
	must(err)
	box, err := sandbox.Start(sandbox.Options{})
	must(err)
	t.Cleanup(box.Close)

	hosts := map[sandbox.Service]gitHost{}
	for _, h := range gitHosts() {
		hosts[h.service] = h
	}

	hub := hosts[sandbox.GitHubEnterprise]
	must(box.SetAccountGit(hub.reported, hub.apiURL))
	must(box.AddRuntime(sandbox.Runtime{Name: runtimeName, Ingress: "https://" + appProxyName}))

	for name, service := range map[string]sandbox.Service{
		"cloud": sandbox.BitbucketCloud, "lab": sandbox.GitLabSelfManaged, "server": sandbox.BitbucketServer,
	} {
		must(box.AddIntegration(runtimeName, name, hosts[service].reported, hosts[service].apiURL))
	}

	s := &stage{t: t, folder: t.TempDir(), stored: map[string]bool{}}
	s.chapel, err = openChapel(t.Context(), &world{Sandbox: box}, who.configs[tunnelled])
	must(err)

	const proxyPassword = "password-of-the-proxy-2026!"

	_, key := box.DefaultUser()
	_, userKey, err := box.AddUser("ann", false)
	must(err)

	s.variables = map[string]string{
		"PATH": os.Getenv("PATH"), "HOME": s.folder, "CODEFRESH_API_KEY": key, "CHECKPOINT_DISABLE": "1",
		"HTTPS_PROXY": "http://someone:" + proxyPassword + "@" + s.address, "TF_IN_AUTOMATION": "1", "TF_INPUT": "0",
		"TF_CLI_CONFIG_FILE": filepath.Join(s.folder, "settings"), "TF_LOG": "TRACE", "TF_LOG_PROVIDER": "TRACE",
		"TF_LOG_PATH": filepath.Join(s.folder, "trace.log"), "TF_VAR_user_key": userKey, "TF_VAR_spare": oddToken,
		"TMPDIR": os.TempDir(),
	}
	s.all = append(strangers(), canary{name: "the API key", text: key, known: true},
		canary{name: "the user's key", text: userKey, known: true},
		canary{name: "a token that nobody uses", text: oddToken, known: true},
		canary{name: "the proxy's password", text: proxyPassword})
	s.stored["the user's key"] = true
	s.give(hosts, "first")

	bin := t.TempDir()
	s.program = filepath.Join(bin, "terraform-provider-codefresh")

	build := exec.CommandContext(t.Context(), "go", "build", "-buildvcs=false", "-o", bin+string(filepath.Separator),
		"github.com/codefresh-gitops/terraform-provider-codefresh")
	if text, err := build.CombinedOutput(); err != nil {
		t.Fatalf("building the provider: %v\n%s", err, text)
	}

	address := strings.SplitN(provider.Address, "/", 2)[1] // Terraform and OpenTofu put their own registry before it
	s.write("settings", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n", address, bin))
	s.write("versions.tf", fmt.Sprintf("terraform {\n  required_providers {\n    codefresh = { source = %q }\n  }\n}\n",
		address))
	s.write("ca.pem", string(who.trusted))
	s.write("main.tf", canaryConfiguration)

	return s
}

// give mints a token at each host and hands them to Terraform.
func (s *stage) give(hosts map[sandbox.Service]gitHost, what string) {
	s.t.Helper()

	for variable, service := range map[string]sandbox.Service{
		"literal": sandbox.GitHubEnterprise, "variable": sandbox.BitbucketCloud, "write_only": sandbox.GitLabSelfManaged,
		"named": sandbox.BitbucketServer,
	} {
		h := hosts[service]

		made, err := s.world.CreateToken(sandbox.Token{Service: service, Kind: h.kind, Owner: "ci-bot", Scopes: h.scopes})
		if err != nil {
			s.t.Fatal(err)
		}

		name := "the " + what + " token " + variable
		s.all = append(s.all, canary{name: name, text: made.Text, known: true})
		s.stored[name] = variable == "literal" || variable == "variable"

		s.variables["TF_VAR_"+variable] = made.Text
		if h.username {
			s.variables["TF_VAR_email"] = made.Email
		}
	}
}

// all that sings is what the process at hand knows.
func (s *stage) knows() []canary {
	var known []canary
	for _, c := range s.all {
		if c.known && !strings.Contains(c.name, "user's key") { // which the provider learns when it gets to that resource
			known = append(known, c)
		}
	}

	return known
}

// repeat has all services answer with the secrets that the provider knows now.
func (s *stage) repeat(answer func(*chorus, question, speaker, *reply)) {
	s.turn++
	s.sing(&chorus{known: s.knows(), turn: s.turn, answer: answer})
}

// forget makes secrets strangers to the provider, which nobody gives it any more.
func (s *stage) forget(names ...string) {
	for i := range s.all {
		if slices.Contains(names, s.all[i].name) {
			s.all[i].known = false
		}
	}
}

// TestCanaryTerraform has all services repeat secrets while a real Terraform plans, applies, refreshes, imports and
// destroys, and looks for them wherever it prints or writes.
func TestCanaryTerraform(t *testing.T) {
	t.Parallel()
	s := newStage(t)

	s.repeat(texts)
	s.run("plan", "plan", "-no-color", "-out=saved")
	s.json("plan in JSON", "show", "-json", "saved")

	if printed := s.run("apply", "apply", "-no-color", "saved"); !strings.Contains(printed, "4 added") {
		t.Fatalf("the apply failed:\n%s", printed)
	}

	s.json("state in JSON", "show", "-json")
	s.json("outputs in JSON", "output", "-json")
	s.run("outputs", "output", "-no-color")

	if err := s.world.SetRuntimeTokenStatus(runtimeName, "FAILED"); err != nil {
		t.Fatal(err)
	}

	for range 3 {
		s.repeat(texts)
		s.run("refresh", "refresh", "-no-color")
	}

	s.run("plan of what is there", "plan", "-json")

	for i := range 6 {
		s.repeat(failures)

		what := []string{"-no-color", "-json"}[i%2]
		s.run("plan amid failures", "plan", what)
	}

	s.refuses = true
	s.run("plan without a proxy", "plan", "-no-color")
	s.refuses = false

	hosts := map[sandbox.Service]gitHost{}
	for _, h := range gitHosts() {
		hosts[h.service] = h
	}

	s.give(hosts, "second")
	s.forget("the first token write_only", "the first token named") // which no state holds

	for _, what := range []string{"-no-color", "-json"} {
		s.repeat(refusals)
		s.run("apply that is refused", "apply", "-auto-approve", what)
	}

	s.repeat(texts)
	s.crash()

	s.run("removal from the state", "state", "rm", "codefresh_git_user_token.named")
	s.repeat(texts)
	s.run("import", "import", "-no-color", "codefresh_git_user_token.named", "prod/server")
	s.repeat(texts)
	s.run("second apply", "apply", "-no-color", "-auto-approve")
	s.forget("the first token literal", "the first token variable")
	s.repeat(texts)
	s.run("destroy", "destroy", "-no-color", "-auto-approve")

	t.Logf("%d sinks, %d with a secret taken out, %d leaks", s.sinks, s.marked, s.leaks)

	if s.marked < 10 {
		t.Error("the services repeat next to nothing")
	}
}
