package acceptance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-testing/helper/resource"
	"github.com/hashicorp/terraform-plugin-testing/knownvalue"
	"github.com/hashicorp/terraform-plugin-testing/querycheck"
	"github.com/hashicorp/terraform-plugin-testing/querycheck/queryfilter"
	"github.com/hashicorp/terraform-plugin-testing/tfversion"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestListRuntimeTokens(t *testing.T) {
	t.Parallel()

	w := auditWorld(t)
	x := w.wire(nil)

	results, diagnostics := x.list(runtimeToken, true, 0)
	if len(diagnostics) > 0 {
		t.Errorf("unexpected %v", diagnostics)
	}
	// A runtime that was never given a token is none; a bad token is one.
	want := []wireListed{
		{
			"Git runtime token of down",
			map[string]any{"runtime": "down"},
			listedResource(x, runtimeToken, map[string]any{
				"id": "down", "runtime": "down", "git_provider": "github", "codefresh_status": "failed",
			}),
		},
		{
			"Git runtime token of " + runtimeName,
			map[string]any{"runtime": runtimeName},
			listedResource(x, runtimeToken, map[string]any{
				"id": runtimeName, "runtime": runtimeName, "git_provider": "github", "codefresh_status": "successful",
			}),
		},
	}
	if diff := cmp.Diff(want, results, cmp.AllowUnexported(wireListed{})); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}

	if asked := w.operations(); !cmp.Equal(asked, map[string]int{"codefresh me,runtimes": 1}) {
		t.Errorf("requests are %v", asked)
	}

	if results, _ = x.list(runtimeToken, false, 1); len(results) != 1 || results[0].resource != nil {
		t.Errorf("with a limit of 1 and without resources: %v", results)
	}
}

func TestListUserTokens(t *testing.T) {
	t.Parallel()

	w := auditWorld(t)
	me, _ := w.DefaultUser()
	other := w.userIDs["release-bot"]
	x := w.wire(map[string]any{"max_retries": 0})
	result := func(integration, user, provider, address, status string) wireListed {
		return wireListed{
			"Git user token of " + user + " on " + runtimeName + "/" + integration,
			map[string]any{"runtime": runtimeName, "integration": integration, "user_id": user},
			listedResource(x, userToken, map[string]any{
				"id": runtimeName + "/" + integration, "runtime": runtimeName, "integration": integration, "user_id": user,
				"git_provider": provider, "api_url": address, "codefresh_status": status,
			}),
		}
	}
	want := []wireListed{
		result("default", me, "github", w.URL(lifeHost), "successful"),
		result("default", other, "github", w.URL(lifeHost), "failed"),
		result("extra", other, "gitlab", w.URL(sandbox.GitLabSelfManaged)+"/api/v4", "failed"),
	}

	results, diagnostics := x.list(userToken, true, 0)
	if diff := cmp.Diff(want, results, cmp.AllowUnexported(wireListed{})); diff != "" {
		t.Errorf("results (-want +got):\n%s", diff)
	}
	// Three runtimes are out of reach, which takes nothing away from the fourth.
	if count := severities(diagnostics); len(diagnostics) != 3 || count["warning"] != 3 {
		t.Fatalf("diagnostics are %v", diagnostics)
	}

	for i, runtime := range []string{"bare", "down", "tunnel"} {
		diagnostics[i].wants(t, `runtime "`+runtime+`"`)

		if diagnostics[i].Address != "" {
			t.Errorf("a warning points at %s, which a list block does not have", diagnostics[i].Address)
		}
	}

	if results, _ = x.list(userToken, false, 2); len(results) != 2 || results[0].resource != nil {
		t.Errorf("with a limit of 2 and without resources: %v", results)
	}

	if n := len(w.Requests()); n != 1+3 {
		t.Errorf("%d requests, want one for the account and one for each of 3 app-proxies: %v", n, w.operations())
	}
}

// listedResource is a resource with these attributes and no others.
func listedResource(x *wire, name string, attributes map[string]any) map[string]any {
	all := make(map[string]any)
	for _, a := range x.schemas.ResourceSchemas[name].Block.Attributes {
		all[a.Name] = attributes[a.Name]
	}

	return all
}

// A limit saves requests: runtimes beyond it are not asked.
func TestListStopsAtItsLimit(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})

	me, _ := w.DefaultUser()
	for _, name := range strings.Fields("a b c d e f g h i j k l m n o q r s t u") {
		w.must(w.AddRuntime(sandbox.Runtime{Name: name}))
		w.must(w.Register(name, "default", map[string]string{me: "ghp_any"}))
	}

	results, _ := w.wire(nil).list(userToken, false, 3)

	byName := func(a, b wireListed) int { return strings.Compare(a.name, b.name) }
	if len(results) != 3 || !slices.IsSortedFunc(results, byName) {
		t.Errorf("results are %v", results)
	}

	if n := len(w.Requests()); n > 1+8 {
		t.Errorf("%d requests for 3 results, want at most %d", n, 1+8)
	}
}

// terraform query came with Terraform 1.14: with an older one, or with OpenTofu, there is nothing to run.
func TestQuery(t *testing.T) {
	t.Parallel()

	w := auditWorld(t)
	other := w.userIDs["release-bot"]
	resource.UnitTest(t, resource.TestCase{
		TerraformVersionChecks:   []tfversion.TerraformVersionCheck{tfversion.SkipBelow(tfversion.Version1_14_0)},
		ProtoV6ProviderFactories: w.factories(),
		Steps: []resource.TestStep{{
			Query: true,
			Config: w.provider() + `
list "codefresh_git_runtime_token" "all" {
  provider = codefresh
}
list "codefresh_git_user_token" "all" {
  provider         = codefresh
  include_resource = true
}
`,
			QueryResultChecks: []querycheck.QueryResultCheck{
				querycheck.ExpectLength("codefresh_git_runtime_token.all", 2),
				querycheck.ExpectIdentity("codefresh_git_runtime_token.all", map[string]knownvalue.Check{
					"runtime": knownvalue.StringExact("down"),
				}),
				querycheck.ExpectLength("codefresh_git_user_token.all", 3),
				querycheck.ExpectIdentity("codefresh_git_user_token.all", map[string]knownvalue.Check{
					"runtime": knownvalue.StringExact(runtimeName), "integration": knownvalue.StringExact("extra"),
					"user_id": knownvalue.StringExact(other),
				}),
				querycheck.ExpectResourceDisplayName("codefresh_git_runtime_token.all",
					queryfilter.ByResourceIdentity(map[string]knownvalue.Check{
						"runtime": knownvalue.StringExact(runtimeName),
					}), knownvalue.StringExact("Git runtime token of "+runtimeName)),
			},
		}},
	})
}
