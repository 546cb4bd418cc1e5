package acceptance_test

import (
	"encoding/json"
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// examplesWithOtherProviders names the folders of examples that need more than this provider.
func examplesWithOtherProviders() []string { return []string{"complete", "many-users", "vault"} }

// tokens returns the Git token that the token check examples are given, in place of a good one.
func (c *cli) tokens(text string) {
	c.t.Helper()
	values, err := json.Marshal(map[string]string{"ci_bot_token": c.secret(text)})
	c.must(err)
	c.write("terraform.tfvars.json", string(values))
}

// The examples that report bad tokens do so where Codefresh calls one bad, and not where it does not tell.
func TestAuditExamplesWhereCodefreshDoesNotTell(t *testing.T) {
	t.Parallel()

	for _, file := range []string{"data-sources/codefresh_git_tokens/data-source.tf", "guides/hcp-terraform/main.tf"} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			w := exampleWorld(t)
			c := exampleCLI(w, filepath.Join(examplesDir, file))
			id, _ := w.DefaultUser()
			token := w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text
			w.must(w.Register(runtimeName, "default", map[string]string{id: token}))

			w.must(w.Break(sandbox.AppProxy(runtimeName), sandbox.Fault{Null: "data.gitIntegrations.users.isValid"}))

			if got := c.apply().wantExit(0); len(got.diagnostics) > 0 {
				t.Errorf("where Codefresh does not tell: %v", got.diagnostics)
			}

			w.Heal(sandbox.AppProxy(runtimeName))

			no := false
			w.must(w.SetUserTokenValid(runtimeName, "default", id, &no))
			c.apply().wantExit(0).saysOnly(t, "Check block assertion failed")
		})
	}
}

// The examples of checks say nothing about a good token. About a bad one each says what it is for.
func TestCheckExamplesWithBadTokens(t *testing.T) {
	t.Parallel()

	const (
		data      = "data-sources/" + tokenCheck + "/data-source"
		ephemeral = "ephemeral-resources/" + tokenCheck + "/ephemeral-resource"
	)
	for name, tt := range map[string]struct {
		file     string
		off      bool // the host is not there to ask
		severity string
		says     []string
	}{
		"warning": {data + ".tf", false, "warning", []string{
			"Check block assertion failed", "ci-bot is under_scoped: lacks admin:repo_hook.",
		}},
		"error": {data + "_precondition.tf", false, "error", []string{
			"precondition failed", "ci-bot is under_scoped: lacks admin:repo_hook.",
		}},
		"error for want of proof": {data + "_precondition.tf", true, "error", []string{
			"ci-bot is unchecked: the Git host could not be asked.",
		}},
		"ephemeral, warning":        {ephemeral + ".tf", false, "warning", []string{"ci-bot cannot be a Git runtime token."}},
		"ephemeral, error":          {ephemeral + "_precondition.tf", false, "error", []string{"ci-bot is not proved able"}},
		"ephemeral, want of proof":  {ephemeral + "_precondition.tf", true, "error", []string{"ci-bot is not proved able"}},
		"what is not known is fine": {data + ".tf", true, "", nil},
		"ephemeral, not known":      {ephemeral + ".tf", true, "", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := exampleWorld(t)
			c := exampleCLI(w, filepath.Join(examplesDir, tt.file))
			c.tokens(w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text)

			if tt.off {
				w.must(w.Break(sandbox.GitHub, sandbox.Fault{Status: 500}))
			}

			got := c.apply().wantExit(map[bool]int{true: 1}[tt.severity == "error"])

			var rest []diagnostic

			for _, d := range got.diagnostics {
				if d.Summary == "Git token could not be checked" && tt.off {
					continue
				}

				rest = append(rest, d)
			}

			switch {
			case tt.off && len(rest) == len(got.diagnostics):
				t.Errorf("nothing says that the host is not there: %v", got.diagnostics)
			case tt.severity == "" && len(rest) > 0, tt.severity != "" && (len(rest) != 1 || rest[0].Severity != tt.severity):
				t.Fatalf("diagnostics are %v", rest)
			case tt.severity != "":
				rest[0].wants(t, tt.says...)
			}
		})
	}
}

// The audit example lists every bad token of an account, and what it could not read.
func TestAuditExample(t *testing.T) {
	t.Parallel()

	w := exampleWorld(t)
	id, _, err := w.AddUser("night-bot", false)
	w.must(err)
	w.must(w.Register("staging", "default", map[string]string{id: "ghp_gone"}))
	w.must(w.SetRuntimeTokenStatus(runtimeName, "FAILED"))
	w.must(w.SetRuntimeTokenStatus("staging", "SUCCESSFUL"))
	w.must(w.SetReach("emea", sandbox.ReachTunnelDown))
	c := exampleCLI(w, filepath.Join(examplesDir, "data-sources/codefresh_git_tokens/data-source.tf"))

	got := c.apply().wantExit(0)
	if len(got.diagnostics) != 2 {
		t.Fatalf("diagnostics are %v", got.diagnostics)
	}

	said := fmt.Sprint(got.diagnostics)
	for _, text := range []string{"runtime " + runtimeName, "user " + id + " on staging/default", "Not read: emea."} {
		if !strings.Contains(said, text) {
			t.Errorf("no check speaks of %q: %s", text, said)
		}
	}

	want := map[string]any{
		"bad_git_tokens":             []any{"runtime " + runtimeName, "user " + id + " on staging/default"},
		"runtimes_without_git_token": []any{"apac", "emea"},
	}
	if diff := cmp.Diff(want, c.outputs()); diff != "" {
		t.Errorf("outputs (-want +got):\n%s", diff)
	}
}

func (c *cli) outputs() map[string]any {
	c.t.Helper()

	var shown struct {
		Values struct {
			Outputs map[string]struct {
				Value any `json:"value"`
			} `json:"outputs"`
		} `json:"values"`
	}
	c.show(&shown)

	all := make(map[string]any)
	for name, output := range shown.Values.Outputs {
		all[name] = output.Value
	}

	return all
}

// The examples of functions have the value in their first line.
func TestFunctionExamples(t *testing.T) {
	t.Parallel()

	for _, name := range []string{"required_scopes", "missing_scopes"} {
		file := filepath.Join(examplesDir, "functions", name, "function.tf")
		promised, _, _ := strings.Cut(strings.TrimPrefix(readText(t, file), "# "), "\n")
		c := exampleCLI(exampleWorld(t), file)
		c.apply().wantExit(0)

		for _, value := range c.outputs() {
			text, err := json.Marshal(value)
			if err != nil || strings.ReplaceAll(string(text), ",", ", ") != promised {
				t.Errorf("%s gives %s, not %s: %v", name, text, promised, err)
			}
		}
	}
}

// The import examples by identity take in what those by id do (Terraform 1.12 or later).
func TestImportExamplesByIdentity(t *testing.T) {
	t.Parallel()

	for _, name := range []string{runtimeToken, userToken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			folder := filepath.Join(examplesDir, "resources", name)
			c := exampleCLI(exampleWorld(t), filepath.Join(folder, "resource.tf"))
			c.needs(t, 12, "import by identity")
			c.apply().wantExit(0)
			c.forgetState()
			c.write("import.tf", readText(t, filepath.Join(folder, "import-by-identity.tf")))
			c.wantsOneUpdate(t)
		})
	}
}

var queryCommand = regexp.MustCompile(`(?m)^terraform (query .*)$`)

// The list examples find what is registered, and generate its configuration (Terraform 1.14 or later).
func TestListExamples(t *testing.T) {
	t.Parallel()

	for _, name := range []string{runtimeToken, userToken} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := exampleWorld(t)
			c := exampleCLI(w, filepath.Join(examplesDir, "resources", name, "resource.tf"))
			c.needs(t, 14, "terraform query")
			c.apply().wantExit(0)
			c.forgetState()

			c.write("list.tfquery.hcl",
				readText(t, filepath.Join(examplesDir, "list-resources", name, "list-resource.tfquery.hcl")))

			page := readText(t, filepath.Join(root+"docs/list-resources", strings.TrimPrefix(name, "codefresh_")+".md"))

			command := queryCommand.FindStringSubmatch(page)
			if command == nil {
				t.Fatalf("the page has no command:\n%s", page)
			}

			found, problems, exit := c.execute(strings.Fields(command[1])...)
			if exit != 0 || !strings.Contains(found, runtimeName) {
				t.Fatalf("terraform %s: %d\n%s%s", command[1], exit, found, problems)
			}

			generated := readText(t, filepath.Join(c.folder, "tokens.tf"))
			for _, part := range []string{"resource \"" + name + "\"", "import {", "identity = {"} {
				if !strings.Contains(generated, part) {
					t.Errorf("the generated configuration has no %q:\n%s", part, generated)
				}
			}
		})
	}
}

// needs skips a test that the Terraform at hand has no command for.
func (c *cli) needs(t *testing.T, minor int, what string) {
	t.Helper()

	text, _, _ := c.execute("version", "-json")

	var version struct {
		Number string `json:"terraform_version"`
	}
	c.must(json.Unmarshal([]byte(text), &version))

	var has int
	if _, err := fmt.Sscanf(version.Number, "1.%d.", &has); err != nil {
		t.Fatalf("version %q: %v", version.Number, err)
	}

	if has < minor {
		t.Skipf("%s came with Terraform 1.%d; this is %s", what, minor, version.Number)
	}
}

// useOther makes the CLI of an example offer another provider beside this one.
func (c *cli) useOther(local, address string, p *otherProvider) {
	c.t.Helper()
	c.others = map[string]func() (tfprotov6.ProviderServer, error){address: providerserver.NewProtocol6WithError(p)}
	c.write("versions.tf", fmt.Sprintf(`terraform {
  required_providers {
    codefresh = { source = %q }
    %s = { source = %q }
  }
}
`, provider.Address, local, address))
}

func exampleFolder(t *testing.T, folder string) []string {
	t.Helper()

	files, err := filepath.Glob(filepath.Join(examplesDir, folder, "*.tf"))
	if err != nil || len(files) == 0 {
		t.Fatalf("%s has no files: %v", folder, err)
	}

	return files
}

// keptNowhere fails the test if the state or the saved plan has a secret.
func (c *cli) keptNowhere(secrets map[string]string) {
	c.t.Helper()

	for _, file := range [][]string{{}, {"saved"}} {
		var shown any
		c.show(&shown, file...)

		for name, secret := range secrets {
			if strings.Contains(fmt.Sprint(shown), secret) {
				c.t.Errorf("terraform show %v has the token %s", file, name)
			}
		}
	}
}

// The tokens of the Vault example get from Vault to Codefresh, and nowhere else.
func TestVaultExample(t *testing.T) {
	t.Parallel()

	w := exampleWorld(t)
	mint := func(scopes ...string) string {
		return w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Owner: "ci-bot", Scopes: scopes}).Text
	}
	secret := &vaultSecret{mount: "secret", name: "codefresh/ci-bot", data: map[string]string{
		"git_token": mint("repo", "admin:repo_hook"), "next_git_token": mint("repo", "admin:repo_hook"),
	}}
	c := exampleCLI(w, exampleFolder(t, "vault")...)
	c.useOther("vault", "registry.terraform.io/hashicorp/vault", &otherProvider{
		name: "vault", ephemerals: []func() ephemeral.EphemeralResource{
			func() ephemeral.EphemeralResource { return secret },
		},
	})

	for _, s := range []said{c.apply().wantExit(0), c.plan().wantExit(0)} {
		if len(s.diagnostics) > 0 {
			t.Errorf("diagnostics are %v", s.diagnostics)
		}
	}

	c.keptNowhere(secret.data)

	for address, attributes := range c.state() {
		if attributes["status"] != "valid" {
			t.Errorf("%s: status %v: %v", address, attributes["status"], attributes["status_reason"])
		}
	}

	if held, _, _, _, _ := w.RuntimeToken(runtimeName); held != secret.data["git_token"] {
		t.Error("the runtime has another token")
	}

	secret.data["next_git_token"] = mint("repo")

	got := c.plan().wantExit(0)
	if len(got.diagnostics) != 1 || got.diagnostics[0].Severity != "warning" {
		t.Fatalf("with a bad token that is to follow: %v", got.diagnostics)
	}

	got.diagnostics[0].wants(t, "The token that is to follow in Vault cannot be a Git runtime token")
}

// The example of many users stands beside the official provider, whose resources have the same prefix.
func TestManyUsersExample(t *testing.T) {
	t.Parallel()

	w := exampleWorld(t)
	w.must(w.RemoveRuntime("emea"))
	w.must(w.RemoveRuntime("apac"))
	c := exampleCLI(w, exampleFolder(t, "many-users")...)

	names, tokens := []string{"deploy-bot", "night-bot"}, make(map[string]string)
	for _, name := range names {
		tokens[name] = c.secret(w.token(sandbox.Token{
			Service: sandbox.GitHub, Kind: "classic", Owner: name, Scopes: []string{"repo"},
		}).Text)
	}

	values, err := json.Marshal(map[string]any{"git_tokens": tokens, "service_accounts": names})
	w.must(err)
	c.write("terraform.tfvars.json", string(values))

	accounts := &officialAccounts{world: w, ids: make(map[string]string), keys: make(map[string]string)}
	c.useOther("codefresh-platform", "registry.terraform.io/codefresh-io/codefresh", accounts.provider())

	for _, s := range []said{c.apply().wantExit(0), c.plan().wantExit(0)} {
		if len(s.diagnostics) > 0 {
			t.Errorf("diagnostics are %v", s.diagnostics)
		}
	}

	c.keptNowhere(tokens)

	for _, name := range names {
		for _, runtime := range []string{runtimeName, "staging"} {
			if held, _ := w.UserToken(runtime, "default", accounts.ids[name]); held != tokens[name] {
				t.Errorf("%s has another token on %s", name, runtime)
			}
		}
	}

	w.wantSent(4)
}
