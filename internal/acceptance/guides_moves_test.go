package acceptance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// selfHostedTokens adds the runtime that only the guide has, and makes the tokens of hosts of one's own.
func selfHostedTokens(w *world) map[string]any {
	w.must(w.AddRuntime(sandbox.Runtime{Name: "amer"}))

	return map[string]any{
		"github_enterprise_token": w.token(sandbox.Token{
			Service: sandbox.GitHubEnterprise, Kind: "classic", Scopes: []string{"repo", "admin:repo_hook"},
		}).Text,
		"bitbucket_server_token": w.token(sandbox.Token{
			Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
		}).Text,
	}
}

var injectedTrust = regexp.MustCompile(`(?m)^  ca_certificate = "-----BEGIN.*\n`)

// ownAuthority has the configuration trust the sandbox by a file, as the guide says.
func ownAuthority(c *cli) {
	c.t.Helper()
	c.rewrite("example0.tf", func(text string) string { return injectedTrust.ReplaceAllString(text, "") })
	c.write("corporate-ca.pem", string(c.CACertificate()))
}

// insideCluster has the address of the app-proxy lead to the sandbox's.
func insideCluster(c *cli) {
	c.t.Helper()
	c.rewrite("example0.tf", func(text string) string {
		return strings.ReplaceAll(text, "http://internal-router.codefresh.svc", c.URL(sandbox.AppProxy(runtimeName)))
	})
}

func (c *cli) rewrite(name string, change func(text string) string) {
	c.t.Helper()
	before := readText(c.t, filepath.Join(c.folder, name))

	after := change(before)
	if after == before {
		c.t.Fatalf("%s is as it was", name)
	}

	c.write(name, after)
}

// official is the stage of a configuration beside the official provider, with the local names that it gives the two.
func official(folder string) guideStage {
	return guideStage{values: func(w *world) map[string]any {
		return map[string]any{"deploy_bot_git_token": w.token(sandbox.Token{
			Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"},
		}).Text}
	}, others: func(c *cli) []guideProvider {
		accounts := &officialAccounts{world: c.world, ids: make(map[string]string), keys: make(map[string]string)}

		return []guideProvider{{"official", "registry.terraform.io/codefresh-io/codefresh", accounts.provider()}}
	}, prepare: func(c *cli) {
		// OpenTofu would look in a registry of its own.
		c.write("versions.tf", regexp.MustCompile(`source *= "`).ReplaceAllString(
			readText(c.t, filepath.Join(guidesDir, folder, "versions.tf")), `source = "registry.terraform.io/`))
		certificate, err := json.Marshal(string(c.CACertificate()))
		c.must(err)

		const block = "provider \"codefresh-gitops\" {\n"

		c.rewrite("example0.tf", func(text string) string {
			return strings.Replace(text, block, block+"  ca_certificate = "+string(certificate)+"\n", 1)
		})
		c.must(os.Remove(filepath.Join(c.folder, "provider.tf"))) // of this provider under its usual name
	}}
}

// setUpByHand gives the user of the API key a token in Codefresh that Terraform knows nothing of.
func setUpByHand(c *cli) {
	c.t.Helper()
	user, _ := c.DefaultUser()
	c.must(c.Register(runtimeName, "default", map[string]string{user: c.anotherUserToken()}))
}

func (c *cli) anotherUserToken() string {
	c.t.Helper()

	return c.secret(c.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}}).Text)
}

// value returns what the configuration is given for a variable.
func (c *cli) value(name string) string {
	c.t.Helper()

	var values map[string]any
	c.must(json.Unmarshal([]byte(readText(c.t, filepath.Join(c.folder, "terraform.tfvars.json"))), &values))
	text, _ := values[name].(string)

	return text
}

// toGenerate takes the resource blocks of the guide's import away, and has its import blocks say what they must for
// new ones to be written.
func toGenerate(c *cli) {
	c.t.Helper()
	c.dropExamples(func(text string) bool { return strings.HasPrefix(text, "resource \"") })

	if !c.namesProviderToGenerate() {
		return
	}

	c.eachExample(func(file, text string) {
		if strings.Contains(text, "import {\n") {
			c.rewrite(file, func(text string) string { return strings.ReplaceAll(text, "import {\n", importOfProvider) })
		}
	})
}

// importOfProvider begins an import block for which Terraform 1.16 or later writes a resource block. Beside one, every
// release refuses that line.
const importOfProvider = "import {\n  provider = codefresh\n"

func (c *cli) namesProviderToGenerate() bool {
	c.t.Helper()

	return c.isAtLeast(16, 0)
}

// dropExamples removes the files of the guide for which drop is true.
func (c *cli) dropExamples(drop func(text string) bool) {
	c.t.Helper()
	c.eachExample(func(file, text string) {
		if drop(text) {
			c.must(os.Remove(filepath.Join(c.folder, file)))
		}
	})
}

// eachExample does something for each file of the guide.
func (c *cli) eachExample(do func(file, text string)) {
	c.t.Helper()
	files, err := filepath.Glob(filepath.Join(c.folder, "example*.tf"))
	c.must(err)

	for _, file := range files {
		do(filepath.Base(file), readText(c.t, file))
	}
}

var nullLine = regexp.MustCompile(`(?m)^.* = null.*\n`)

// completeGenerated does to the generated configuration what the guide says.
func completeGenerated(c *cli) {
	c.t.Helper()
	c.rewrite("generated.tf", func(text string) string {
		return strings.NewReplacer(
			runtimeToken+"\" \"prod\" {\n", runtimeToken+"\" \"prod\" {\n  token_name = \"ci-bot\"\n",
			userToken+"\" \"me\" {\n", userToken+"\" \"me\" {\n  token_name = \"me\"\n",
		).Replace(nullLine.ReplaceAllString(text, ""))
	})
	c.eachExample(func(file, text string) {
		if strings.Contains(text, importOfProvider) {
			c.rewrite(file, func(text string) string { return strings.ReplaceAll(text, importOfProvider, "import {\n") })
		}
	})
}

var addressRow = regexp.MustCompile("(?m)^\\| [^|]*\\| `([a-z-]+)` \\| `(https://[^`]+)` \\| `(https://[^`]+)` \\|$")

// The guide says what becomes of an address.
func TestSelfHostedAddresses(t *testing.T) {
	t.Parallel()

	rows := addressRow.FindAllStringSubmatch(readText(t, guidePages+"/self-hosted.md"), -1)
	if len(rows) < 5 {
		t.Fatalf("only %v were found", rows)
	}

	for _, row := range rows {
		host, err := gittoken.NewHost(gittoken.Provider(row[1]), row[2])
		if err != nil || host.APIURL() != row[3] {
			t.Errorf("%s at %s becomes %s, not %s: %v", row[1], row[2], host, row[3], err)
		}
	}
}

// What ran a script is forgotten without its end, and the next apply sends the configured token.
func TestMovingInFromAScript(t *testing.T) {
	t.Parallel()
	c, _ := configuration(t, "moving-out/script")
	takeOver := readText(t, filepath.Join(c.folder, "example0.tf"))
	c.write("example0.tf", `resource "terraform_data" "register_git_token" {
  provisioner "local-exec" {
    command = "touch registered"
  }
  provisioner "local-exec" {
    when    = destroy
    command = "touch deregistered"
  }
}
`)
	c.apply().wantExit(0)
	c.write("example0.tf", takeOver)

	if s := c.apply().wantExit(0); !strings.Contains(s.text, `"remove":0`) {
		t.Errorf("something was destroyed:\n%s", s.text)
	}

	for file, want := range map[string]bool{"registered": true, "deregistered": false} {
		if _, err := os.Stat(filepath.Join(c.folder, file)); (err == nil) != want {
			t.Errorf("%s: %v", file, err)
		}
	}

	if state := c.state(); len(state) != 1 || state[userToken+".me"]["status"] != "valid" {
		t.Errorf("the state has %v", state)
	}

	user, _ := c.DefaultUser()
	if held, _ := c.UserToken(runtimeName, "default", user); held != c.value("my_git_token") {
		t.Error("Codefresh has another token")
	}
}

// The way back leaves Codefresh as it is.
func TestMovingOut(t *testing.T) {
	t.Parallel()
	c, _ := configuration(t, "moving-in/import")
	c.apply().wantExit(0)
	c.dropExamples(func(text string) bool { return !strings.Contains(text, "\nprovider \"") })
	c.write("back.tf", exampleSettings.ReplaceAllString(readText(t, guidesDir+"/moving-out/back/main.tf"), ""))
	c.ForgetRequests()
	c.apply().wantExit(0)

	if state := c.state(); len(state) > 0 {
		t.Errorf("the state still has %v", state)
	}

	if sent := c.Mutations(); len(sent) > 0 {
		t.Errorf("%v was sent", sent)
	}

	c.plan().wantExit(0)
}

// What the guide of limits says of tokens that somebody replaces in Codefresh.
func TestReplacedOutsideTerraform(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		replace func(c *cli) string
		exit    int
		says    []string
	}{
		"by another good one": {(*cli).anotherUserToken, 0, nil},
		"by a bad one": {
			func(*cli) string { return "ghp_gone" }, 2, []string{"Codefresh calls the Git token invalid"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := configuration(t, "moving-in/import")
			c.apply().wantExit(0)
			user, _ := c.DefaultUser()
			c.must(c.Register(runtimeName, "default", map[string]string{user: tt.replace(c)}))
			c.plan().wantExit(tt.exit).saysOnly(t, tt.says...)
		})
	}
}

// Of a runtime's own token Codefresh may tell nothing, which is no ground to act on.
func TestRuntimeTokenOfWhichNothingIsTold(t *testing.T) {
	t.Parallel()
	c, _ := configuration(t, "getting-started")
	c.apply().wantExit(0)
	c.must(c.SetRuntimeTokenStatus(runtimeName, "UNKNOWN"))
	c.plan().wantExit(0).saysOnly(t)
	c.ForgetRequests()
	c.run("apply", "-json", "-input=false", "-auto-approve", "-replace="+runtimeToken+".prod").wantExit(0)
	c.wantSent(1)
}

// Without a line for this provider, its resources are taken for the official one's.
func TestBesideTheOfficialProviderByNoName(t *testing.T) {
	t.Parallel()
	c, _ := configuration(t, "beside-the-official-provider")
	c.rewrite("example0.tf", func(text string) string {
		return strings.ReplaceAll(text, "  provider = codefresh-gitops\n", "")
	})

	if s := c.plan().wantExit(1); !strings.Contains(s.text, "Invalid resource type") {
		t.Errorf("Terraform says %s", s.text)
	}
}

// What the guide says of an API key that is not known yet.
func TestBesideTheOfficialProviderWithItsKey(t *testing.T) {
	t.Parallel()
	c, _ := configuration(t, "api-key-from-terraform")
	c.plan().wantExit(2).saysOnly(t)
	c.rewrite("example0.tf", func(text string) string {
		return regexp.MustCompile(`(?m)^  (git_provider|api_url) = .*\n`).ReplaceAllString(text, "")
	})
	c.plan().wantExit(2).saysOnly(t, "Git host is not known before apply")

	c.write("more.tf", "data \"codefresh_runtimes\" \"all\" {\n  provider = codefresh-gitops\n}\n")
	c.plan().wantExit(1).saysOnly(t, "Git host is not known before apply", "Codefresh settings are not known before apply")
}
