package provider_test

import (
	"regexp"
	"testing"

	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/plancheck"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestLifeOfARuntimeToken(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	good := w.token(sandbox.Token{Service: sandbox.GitHubEnterprise, Kind: "classic", Owner: "ci-bot",
		Scopes: []string{"repo", "admin:repo_hook"}})
	narrow := w.token(sandbox.Token{Service: sandbox.GitHubEnterprise, Kind: "classic", Owner: "ci-bot",
		Scopes: []string{"repo"}})
	host := []string{set("git_provider", "github"), set("api_url", w.URL(sandbox.GitHubEnterprise))}

	w.run(
		resource.TestStep{
			Config:      w.config(runtimeToken, append(host, set("token", narrow.Text))...),
			ExpectError: regexp.MustCompile(`(?s)lacks 1 of 2 scopes.*admin:repo_hook`),
		},
		resource.TestStep{
			Config: w.config(runtimeToken, append(host, set("token", good.Text))...),
			Check:  resource.TestCheckResourceAttr(runtimeToken+".it", "status", "valid"),
		},
		resource.TestStep{
			PreConfig: func() { w.must(w.RevokeToken(good.Text)) },
			Config:    w.config(runtimeToken, append(host, set("token", good.Text))...),
			PlanOnly:  true,
			ConfigPlanChecks: resource.ConfigPlanChecks{PostApplyPostRefresh: []plancheck.PlanCheck{
				plancheck.ExpectResourceAction(runtimeToken+".it", plancheck.ResourceActionUpdate),
			}},
			ExpectNonEmptyPlan: true,
		},
	)
}
