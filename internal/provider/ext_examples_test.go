package provider_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/ephemeral"
	frameworkresource "github.com/hashicorp/terraform-plugin-framework/resource"
	"github.com/hashicorp/terraform-plugin-testing/config"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/terraform"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// examplesWithOtherProviders names the folders of examples that need more than this provider.
func examplesWithOtherProviders() []string { return []string{"many-users", "vault"} }

// tokens returns the Git token that the token check examples are given, in place of a good one.
func (c *cli) tokens(text string) {
	c.t.Helper()
	values, err := json.Marshal(map[string]string{"ci_bot_token": c.secret(text)})
	c.must(err)
	c.write("terraform.tfvars.json", string(values))
}

// The examples of checks say nothing about a good token. About a bad one each says what it is for.
func TestCheckExamplesWithBadTokens(t *testing.T) {
	t.Parallel()

	for file, severity := range map[string]string{
		"data-sources/codefresh_git_token_check/data-source.tf":                   "warning",
		"data-sources/codefresh_git_token_check/data-source_precondition.tf":      "error",
		"ephemeral-resources/codefresh_git_token_check/ephemeral-resource.tf":     "error",
		"ephemeral-resources/codefresh_git_token_check/ephemeral-resource.tf off": "error",
	} {
		t.Run(file, func(t *testing.T) {
			t.Parallel()
			file, off := strings.CutSuffix(file, " off")
			w := exampleWorld(t)
			c := exampleCLI(w, filepath.Join(examplesDir, file))
			c.tokens(w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text)
			exit := map[string]int{"warning": 0, "error": 1}[severity]
			if off {
				// Not proved is not enough here, and the reason is told besides.
				w.must(w.Break(sandbox.GitHub, sandbox.Fault{Status: 500}))
			}
			got := c.apply().wantExit(exit)
			if n := severities(got.diagnostics)[severity]; n != 1 {
				t.Fatalf("diagnostics are %v", got.diagnostics)
			}
			for _, d := range got.diagnostics {
				switch {
				case d.Severity == "warning" && off:
					d.wants(t, "Git token could not be checked")
				case d.Severity == severity && !off && strings.HasPrefix(file, "data-sources"):
					d.wants(t, "ci-bot", "lacks", "admin:repo_hook")
				case d.Severity == severity:
					d.wants(t, "ci-bot is not proved")
				}
			}
		})
	}
}

// The audit example lists every bad token of an account, and what it could not read.
func TestAuditExample(t *testing.T) {
	t.Parallel()

	w := exampleWorld(t)
	id, _, err := w.AddUser("release-bot", false)
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

			text := readText(t, filepath.Join(examplesDir, "list-resources", name, "list-resource.tfquery.hcl"))
			c.write("list.tfquery.hcl", text)
			command, _, _ := strings.Cut(strings.TrimPrefix(text, "# terraform "), "\n")
			found, problems, exit := c.execute(strings.Fields(command)...)
			if exit != 0 || !strings.Contains(found, runtimeName) {
				t.Fatalf("terraform %s: %d\n%s%s", command, exit, found, problems)
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

// exampleText joins the files of an example, without the blocks that fetch providers, and with the sandbox's certificate.
func exampleText(w *world, folder, providerBlock string) string {
	w.t.Helper()
	files, err := filepath.Glob(filepath.Join(examplesDir, folder, "*.tf"))
	w.must(err)
	var all strings.Builder
	for _, file := range files {
		all.WriteString(exampleSettings.ReplaceAllString(readText(w.t, file), "") + "\n")
	}
	certificate, err := json.Marshal(string(w.CACertificate()))
	w.must(err)
	if !strings.Contains(all.String(), providerBlock) {
		w.t.Fatalf("%s has no %q", folder, providerBlock)
	}

	return strings.Replace(all.String(), providerBlock, strings.TrimSuffix(providerBlock, "}")+
		"\n  ca_certificate = "+string(certificate)+"\n"+strings.Repeat("}", strings.Count(providerBlock, "}")), 1)
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
	vault := &otherProvider{name: "vault", ephemerals: []func() ephemeral.EphemeralResource{
		func() ephemeral.EphemeralResource { return secret },
	}}
	text := exampleText(w, "vault", `provider "codefresh" {`)
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: with(w.factories(), "vault", vault),
		Steps: []resource.TestStep{
			{
				Config: text,
				Check: resource.ComposeTestCheckFunc(
					attr(runtimeToken+".prod", "status", "valid"), attr(userToken+".me", "status", "valid"),
					keepsNone(secret.data),
				),
			},
			{
				PreConfig: func() { secret.data["next_git_token"] = mint("repo") },
				Config:    text, ExpectError: says("The token that is to follow in Vault cannot be a Git runtime token"),
			},
			{PreConfig: func() { secret.data["next_git_token"] = secret.data["git_token"] }, Config: text, PlanOnly: true},
		},
	})
	if held, _, _, _, _ := w.RuntimeToken(runtimeName); held != secret.data["git_token"] {
		t.Error("the runtime has another token")
	}
}

// keepsNone checks that no secret is in the state.
func keepsNone(secrets map[string]string) resource.TestCheckFunc {
	return func(s *terraform.State) error {
		for name, secret := range secrets {
			if strings.Contains(s.String(), secret) {
				return fmt.Errorf("the state has %s", name)
			}
		}

		return nil
	}
}

// The example of many users stands beside the official provider, whose resources have the same prefix.
func TestManyUsersExample(t *testing.T) {
	t.Parallel()

	w := exampleWorld(t)
	w.must(w.RemoveRuntime("emea"))
	w.must(w.RemoveRuntime("apac"))
	tokens, ids := map[string]config.Variable{}, map[string]string{}
	texts := map[string]string{}
	for _, name := range []string{"deploy-bot", "release-bot"} {
		texts[name] = w.token(sandbox.Token{
			Service: sandbox.GitHub, Kind: "classic", Owner: name, Scopes: []string{"repo"},
		}).Text
		tokens[name] = config.StringVariable(texts[name])
	}
	keys := map[string]string{}
	official := &otherProvider{name: "codefresh", resources: []func() frameworkresource.Resource{
		func() frameworkresource.Resource {
			return &made{
				typeName: "codefresh_service_account", given: []string{"name"}, computed: []string{"id"},
				create: func(given map[string]string) map[string]string {
					id, key, err := w.AddUser(given["name"], false)
					w.must(err)
					ids[given["name"]], keys[id] = id, key

					return map[string]string{"id": id}
				},
			}
		},
		func() frameworkresource.Resource {
			return &made{
				typeName: "codefresh_api_key", given: []string{"name", "service_account_id"}, computed: []string{"id", "token"},
				create: func(given map[string]string) map[string]string {
					return map[string]string{"id": "key-" + given["service_account_id"], "token": keys[given["service_account_id"]]}
				},
			}
		},
	}}
	resource.UnitTest(t, resource.TestCase{
		ProtoV6ProviderFactories: with(w.factories(), "codefresh-platform", official),
		Steps: []resource.TestStep{{
			Config:          exampleText(w, "many-users", `provider "codefresh" {}`),
			ConfigVariables: config.Variables{"git_tokens": config.MapVariable(tokens)},
			Check: resource.ComposeTestCheckFunc(keepsNone(texts), func(*terraform.State) error {
				for _, name := range slices.Sorted(maps.Keys(ids)) {
					for _, runtime := range []string{runtimeName, "staging"} {
						if held, _ := w.UserToken(runtime, "default", ids[name]); held != texts[name] {
							return fmt.Errorf("%s has another token on %s", name, runtime)
						}
					}
				}

				return nil
			}),
		}},
	})
	if len(ids) != len(texts) {
		t.Errorf("service accounts are %v", ids)
	}
}
