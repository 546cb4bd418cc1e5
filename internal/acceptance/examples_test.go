package acceptance_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const (
	root        = "../../"
	examplesDir = root + "examples"
)

// exampleWorld is what the examples assume: the runtimes that they name, at the hosts that they name.
func exampleWorld(t *testing.T) *world {
	t.Helper()
	w := newWorld(t)
	w.must(w.SetAccountGit("GITHUB", "https://api.github.com"))

	for _, r := range []sandbox.Runtime{
		{Name: "staging"},
		{Name: "emea", GitProvider: "GITLAB", GitAPIURL: w.URL(sandbox.GitLabSelfManaged)},
		{Name: "apac", GitProvider: "BITBUCKET"},
	} {
		w.must(w.AddRuntime(r))
	}

	_, err := w.AddRepository(sandbox.Repository{
		Service: sandbox.GitHub, Path: "acme/gitops", Private: true, Roles: map[string]string{"ci-bot": "admin"},
	})
	w.must(err)
	_, key := w.DefaultUser()
	w.env["CODEFRESH_API_KEY"] = key

	return w
}

// exampleValues holds a good value for each variable that an example declares.
func exampleValues(w *world) map[string]any {
	mint := func(s sandbox.Service, kind string, scopes ...string) string {
		return w.token(sandbox.Token{
			Service: s, Kind: kind, Owner: "ci-bot", Email: "ci-bot@example.com", Scopes: scopes,
		}).Text
	}
	runtime := mint(sandbox.GitHub, "classic", "repo", "admin:repo_hook")
	user := mint(sandbox.GitHub, "classic", "repo")
	gitlab := mint(sandbox.GitLabSelfManaged, "personal", "api", "read_repository")
	fine := w.token(sandbox.Token{
		Service: sandbox.GitHub, Kind: "fine_grained", Owner: "ci-bot", Repositories: []string{"acme/gitops"},
		Permissions: map[string]string{
			"administration": "write", "statuses": "write", "contents": "write", "metadata": "read",
			"pull_requests": "write", "webhooks": "write",
		},
	}).Text
	_, key, err := w.AddUser("release-bot", false)
	w.must(err)

	return map[string]any{
		"ci_bot_token":       runtime,
		"gitlab_token":       gitlab,
		"fine_grained_token": fine,
		"bitbucket_token": mint(sandbox.BitbucketCloud, "api_token", "read:user:bitbucket", "read:workspace:bitbucket",
			"read:project:bitbucket", "admin:project:bitbucket",
			"read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket",
			"read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket"),
		"my_git_token":          user,
		"release_bot_git_token": user,
		"release_bot_api_key":   key,
		"service_accounts":      []string{"night-bot"},
		"git_tokens":            map[string]string{"github-bot": runtime, "gitlab-bot": gitlab},
	}
}

var (
	exampleVariable = regexp.MustCompile(`(?ms)^variable "(\w+)" \{\n(.*?)^\}`)
	exampleDefault  = regexp.MustCompile(`(?m)^  default\s*=`)
	exampleSettings = regexp.MustCompile(`(?ms)^terraform \{$.*?^\}$`)
)

// exampleCLI is a folder with examples as they stand, save for what keeps them off the network: the sandbox's
// certificate, and its address for a host that is the reader's own.
func exampleCLI(w *world, files ...string) *cli {
	w.t.Helper()

	return exampleCLIGiven(w, exampleValues(w), files...)
}

// exampleCLIGiven is exampleCLI with other values for the variables.
func exampleCLIGiven(w *world, values map[string]any, files ...string) *cli {
	w.t.Helper()
	c, given := w.cli(), make(map[string]any)
	certificate, err := json.Marshal(string(w.CACertificate()))
	w.must(err)

	trust := "provider \"codefresh\" {\n  ca_certificate = " + string(certificate) + "\n"

	var all strings.Builder

	for i, file := range files {
		text := readText(w.t, file)
		for _, declared := range exampleVariable.FindAllStringSubmatch(text, -1) {
			if value, ok := values[declared[1]]; ok {
				given[declared[1]] = value
			} else if !exampleDefault.MatchString(declared[2]) {
				w.t.Fatalf("%s declares variable %q, for which the test has no value", file, declared[1])
			}
		}

		text = exampleSettings.ReplaceAllString(text, "")
		text = strings.ReplaceAll(text, "https://gitlab.example.com", w.URL(sandbox.GitLabSelfManaged))
		text = strings.ReplaceAll(text, "provider \"codefresh\" {\n", trust)
		c.write(fmt.Sprintf("example%d.tf", i), text)
		all.WriteString(text)
	}

	if !strings.Contains(all.String(), trust) {
		c.write("provider.tf", fmt.Sprintf("%s  git_tokens = { ci-bot = %q }\n}\n", trust, values["ci_bot_token"]))
	}

	for _, value := range given {
		switch value := value.(type) {
		case string:
			c.secret(value)
		case map[string]string:
			for _, text := range value {
				c.secret(text)
			}
		}
	}

	text, err := json.Marshal(given)
	w.must(err)
	c.write("terraform.tfvars.json", string(text))

	return c
}

func readText(t *testing.T, file string) string {
	t.Helper()

	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}

	return string(text)
}

// exampleFiles returns the configurations among the examples: those of examples/many-runtimes together, each other one
// by itself. Those that need other providers or a Terraform with actions, and those of the guides, have tests of their
// own.
func exampleFiles(t *testing.T) map[string][]string {
	t.Helper()

	found := make(map[string][]string)

	err := filepath.WalkDir(examplesDir, func(path string, _ fs.DirEntry, err error) error {
		name, below := filepath.Base(path), filepath.Dir(path)
		switch {
		case path == guidesDir, path == actionExamples:
			return fs.SkipDir
		case err != nil, filepath.Ext(path) != ".tf", strings.HasPrefix(name, "import"):
		case slices.Contains(examplesWithOtherProviders(), filepath.Base(below)):
		case filepath.Base(below) == "many-runtimes":
			found["many-runtimes"] = append(found["many-runtimes"], path)
		default:
			found[filepath.Base(below)+"/"+name] = []string{path}
		}

		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	return found
}

// Every example can be applied as it stands, says nothing about its good tokens, and is settled afterwards.
func TestExamples(t *testing.T) {
	t.Parallel()

	examples := exampleFiles(t)
	if len(examples) < 12 || len(examples["many-runtimes"]) < 4 {
		t.Fatalf("only %v were found", examples)
	}

	for name, files := range examples {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := exampleCLI(exampleWorld(t), files...)
			for _, s := range []said{c.apply().wantExit(0), c.plan().wantExit(0)} {
				for _, d := range s.diagnostics {
					t.Errorf("unexpected %s", d)
				}
			}

			for address, resource := range c.state() {
				if status := resource["status"]; status != nil && status != "valid" {
					t.Errorf("%s: status %v: %v", address, status, resource["status_reason"])
				}
			}
		})
	}
}

// The import examples take in what is registered, and the next apply sends the configured token.
func TestImportExamples(t *testing.T) {
	t.Parallel()

	for _, name := range []string{runtimeToken, userToken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			folder := filepath.Join(examplesDir, "resources", name)
			c := exampleCLI(exampleWorld(t), filepath.Join(folder, "resource.tf"))
			c.apply().wantExit(0)

			c.forgetState()

			_, command, _ := strings.Cut(readText(t, filepath.Join(folder, "import.sh")), "\nterraform ")
			if _, problems, exit := c.execute(strings.Fields(command)...); exit != 0 {
				t.Fatalf("terraform %s: %s", command, problems)
			}

			c.wantsOneUpdate(t)

			ways := []string{"import-by-string-id.tf"}
			if c.knowsIdentities() {
				ways = append(ways, "import-by-identity.tf")
			}

			for _, way := range ways {
				c.forgetState()
				c.write("import.tf", readText(t, filepath.Join(folder, way)))
				c.wantsOneUpdate(t)
			}
		})
	}
}

func (c *cli) forgetState() {
	c.t.Helper()

	if err := os.Remove(filepath.Join(c.folder, "terraform.tfstate")); !errors.Is(err, fs.ErrNotExist) {
		c.must(err)
	}
}

// knowsIdentities reports whether the CLI imports by identity, as Terraform and OpenTofu do since 1.12.
func (c *cli) knowsIdentities() bool { return c.isAtLeast(12, 12) }

// isAtLeast reports whether the CLI is such a minor version of Terraform, or of OpenTofu, or a later one; 0 stands for
// none.
func (c *cli) isAtLeast(terraform, openTofu int) bool {
	c.t.Helper()
	stdout, _, _ := c.execute("version", "-json")

	var v struct {
		Version string `json:"terraform_version"`
	}
	c.must(json.Unmarshal([]byte(stdout), &v))

	var major, minor int

	_, err := fmt.Sscanf(v.Version, "%d.%d", &major, &minor)
	c.must(err)

	wanted := terraform
	if os.Getenv("TF_ACC_PROVIDER_HOST") == "registry.opentofu.org" {
		wanted = openTofu
	}

	return wanted > 0 && (major > 1 || minor >= wanted)
}

func (c *cli) wantsOneUpdate(t *testing.T) {
	t.Helper()
	c.plan().wantExit(2)

	changes := c.changes()
	for address, ch := range changes {
		if !slices.Equal(ch.Actions, []string{"update"}) {
			t.Errorf("after the import %s is to be %v", address, ch.Actions)
		}
	}

	if len(changes) != 1 {
		t.Errorf("%d changes are planned, not 1: %v", len(changes), changes)
	}
}

var (
	exampleIdentity = regexp.MustCompile(`(?s)  identity = \{\n(.*?)  \}`)
	exampleKey      = regexp.MustCompile(`(?m)^\s*(\w+)\s*=`)
	exampleList     = regexp.MustCompile(`(?m)^list "(\w+)" "\w+" \{\n  provider = codefresh\n\}$`)
)

// The examples for Terraform releases that may not be at hand name what the provider has.
func TestIdentityAndListExamples(t *testing.T) {
	t.Parallel()

	x := newWorld(t).wire(nil)
	for name, schema := range x.identities {
		text := readText(t, filepath.Join(examplesDir, "resources", name, "import-by-identity.tf"))
		named := make(map[string]bool)

		if found := exampleIdentity.FindStringSubmatch(text); found != nil {
			for _, key := range exampleKey.FindAllStringSubmatch(found[1], -1) {
				named[key[1]] = true
			}
		}

		for _, attribute := range schema.IdentityAttributes {
			if attribute.RequiredForImport && !named[attribute.Name] {
				t.Errorf("%s: the identity lacks %s", name, attribute.Name)
			}

			delete(named, attribute.Name)
		}

		if len(named) > 0 {
			t.Errorf("%s: the identity has no %v", name, named)
		}
	}

	for name := range x.schemas.ListResourceSchemas {
		text := readText(t, filepath.Join(examplesDir, "list-resources", name, "list-resource.tfquery.hcl"))
		if found := exampleList.FindStringSubmatch(text); found == nil || found[1] != name {
			t.Errorf("%s: the example lists something else:\n%s", name, text)
		}
	}

	if len(x.identities) != 2 || len(x.schemas.ListResourceSchemas) != 2 {
		t.Error("not every identity and list resource was looked at")
	}
}
