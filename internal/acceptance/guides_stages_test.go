package acceptance_test

import (
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// guideStages says what the configurations of the guides need beyond what every example has, by folder below guidesDir.
func guideStages() map[string]guideStage {
	unknownToken := []string{"Git token is not known before apply"}

	return map[string]guideStage{
		"rotation/gitlab": {first: unknownToken, others: func(c *cli) []guideProvider {
			return []guideProvider{(&groupTokens{world: c.world}).provider(), (&rotating{since: time.Now()}).provider()}
		}},
		"rotation/gitlab-rotating": {first: unknownToken, others: func(c *cli) []guideProvider {
			return []guideProvider{(&groupTokens{world: c.world}).provider()}
		}},
		"many-users": {values: manyUsers},
		"fine-grained-tokens/runtime-read-only": {
			status: "unproven", says: []string{"Git token works, but its permissions are not proved"},
		},
		"self-hosted": {
			values: selfHostedTokens, prepare: ownAuthority,
			before: map[string]func(c *cli){"terraform plan -detailed-exitcode": func(c *cli) {
				c.must(c.Break(sandbox.GitHubEnterprise, sandbox.Fault{Mode: "refuse"}))
			}},
		},
		"self-hosted/private-network": {
			prepare: insideCluster, exits: map[string]int{"terraform plan -detailed-exitcode": 1},
			before: map[string]func(c *cli){"terraform plan -detailed-exitcode": func(c *cli) {
				c.must(c.SetReach(runtimeName, sandbox.ReachDown))
			}},
		},
		"beside-the-official-provider":                       official("beside-the-official-provider"),
		"beside-the-official-provider/key-in-provider-block": official("beside-the-official-provider/key-in-provider-block"),
		"moving-in/inventory":                                {prepare: setUpByHand},
		"moving-in/import": {
			prepare: setUpByHand, exits: map[string]int{"terraform plan -generate-config-out=generated.tf": 1},
			before: map[string]func(c *cli){
				"terraform plan -generate-config-out=generated.tf": withoutResources, "terraform plan": completeGenerated,
			},
		},
		"moving-in/script": {prepare: setUpByHand},
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
