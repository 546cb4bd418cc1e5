package acceptance_test

import (
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// guideStages says what the configurations of the guides need beyond what every example has, by folder below guidesDir.
func guideStages() map[string]guideStage {
	unknownToken := []string{"Git token is not known before apply"}

	return map[string]guideStage{
		"rotation-gitlab/create-before-destroy": {first: unknownToken, others: func(c *cli) []guideProvider {
			return []guideProvider{(&groupTokens{world: c.world}).provider(), (&rotating{since: time.Now()}).provider()}
		}},
		"rotation-gitlab/rotation-configuration": {first: unknownToken, others: func(c *cli) []guideProvider {
			return []guideProvider{(&groupTokens{world: c.world}).provider()}
		}},
		"passing-a-token": {values: func(w *world) map[string]any {
			_, key := w.DefaultUser()

			return map[string]any{"narrow_api_key": key}
		}, prepare: withModule("passing-a-token/tokens")},
		"many-users": {values: manyUsers},
		"testing": {values: func(*world) map[string]any {
			return map[string]any{"runtimes": map[string]any{
				runtimeName: map[string]string{"git_provider": "github", "token_name": "ci-bot"},
			}}
		}},
		"testing/sandbox": {values: func(w *world) map[string]any {
			token := w.token(sandbox.Token{
				Service: sandbox.GitHub, Kind: "classic", Owner: "ci-bot", Scopes: []string{"repo", "admin:repo_hook"},
			})
			_, key := w.DefaultUser()

			return map[string]any{"sandbox": map[string]any{
				"services": map[string]string{"codefresh": w.URL(sandbox.Codefresh)}, "default_key": key,
				"hosts": []any{map[string]any{
					"runtime": runtimeName, "git_provider": "github", "api_url": w.URL(sandbox.GitHub),
					"tokens": []any{map[string]string{"text": token.Text}},
				}},
			}}
		}, prepare: func(c *cli) {
			c.rewrite("example0.tf", func(text string) string { return strings.ReplaceAll(text, `"../"`, `"./testing"`) })
			tests, err := filepath.Glob(filepath.Join(c.folder, "*.tftest.hcl")) // see TestModuleTests
			c.must(err)

			for _, file := range tests {
				c.must(os.Remove(file))
			}

			withModule("testing")(c)
		}},
		"testing/sandbox/control": {values: func(w *world) map[string]any {
			token := w.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic"})

			return map[string]any{
				"url": w.URL(sandbox.Control) + "/tokens/expire", "body": map[string]string{"text": token.Text},
			}
		}},
		"fine-grained-tokens/runtime-read-only": {
			status: "unproven", says: []string{"Git token works, but its permissions are not proved"},
		},
		"self-hosted": {
			values: selfHostedTokens, prepare: ownAuthority,
			before: map[string]func(c *cli){"terraform plan -detailed-exitcode": func(c *cli) {
				c.must(c.Break(sandbox.GitHubEnterprise, sandbox.Fault{Mode: "refuse"}))
			}},
		},
		"private-networks": {
			prepare: insideCluster, exits: map[string]int{"terraform plan -detailed-exitcode": 1},
			before: map[string]func(c *cli){"terraform plan -detailed-exitcode": func(c *cli) {
				c.must(c.SetReach(runtimeName, sandbox.ReachDown))
			}},
		},
		"beside-the-official-provider": official("beside-the-official-provider"),
		"api-key-from-terraform":       official("api-key-from-terraform"),
		"moving-in/inventory":          {prepare: setUpByHand},
		"moving-in/import": {
			prepare: setUpByHand, exits: map[string]int{"terraform plan -generate-config-out=generated.tf": 1},
			before: map[string]func(c *cli){
				"terraform plan -generate-config-out=generated.tf": toGenerate, "terraform plan": completeGenerated,
			},
		},
		"moving-out/script": {prepare: setUpByHand},
	}
}

// withModule returns what installs a folder of the examples as a module of the configuration.
func withModule(folder string) func(c *cli) {
	return func(c *cli) {
		c.t.Helper()

		name := filepath.Base(folder)
		c.must(os.Mkdir(filepath.Join(c.folder, name), 0o700))
		c.write(name+"/main.tf", strings.ReplaceAll(readText(c.t, filepath.Join(guidesDir, folder, "main.tf")),
			`"codefresh-gitops/codefresh"`, `"`+provider.Address+`"`)) // OpenTofu would look in a registry of its own

		if _, problems, exit := c.execute("get"); exit != 0 {
			c.t.Fatalf("terraform get: %s", problems)
		}
	}
}

func revokeRuntimeToken(c *cli) {
	held, _, _, _, _ := c.RuntimeToken(runtimeName)
	c.must(c.RevokeToken(held))
}

func manyUsers(w *world) map[string]any {
	users, keys, tokens := []string{"deploy-bot", "night-bot"}, make(map[string]string), make(map[string]string)
	for _, user := range users {
		_, key, err := w.AddUser(user, false)
		w.must(err)

		keys[user] = key
		tokens[user] = w.token(sandbox.Token{
			Service: sandbox.GitHub, Kind: "classic", Owner: user, Scopes: []string{"repo"},
		}).Text
	}

	return map[string]any{"users": users, "api_keys": keys, "git_tokens": tokens}
}
