package acceptance_test

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestFunctions(t *testing.T) {
	t.Parallel()

	x := newWorld(t).wire(map[string]any{"url": nil, "api_key": nil})
	for name, tt := range map[string]struct {
		function  string
		arguments []any
		want      []any
	}{
		"required, GitHub":      {"required_scopes", []any{"github", "runtime"}, []any{"repo", "admin:repo_hook"}},
		"required, of a user":   {"required_scopes", []any{"github", "user"}, []any{"repo"}},
		"required, GitLab":      {"required_scopes", []any{"gitlab", "runtime"}, []any{"api", "read_repository"}},
		"required, Data Center": {"required_scopes", []any{"bitbucket-server", "user"}, []any{"PROJECT_READ", "REPO_WRITE"}},
		"none missing":          {"missing_scopes", []any{"github", "runtime", []string{"admin:repo_hook", "repo"}}, []any{}},
		"one missing":           {"missing_scopes", []any{"github", "runtime", []string{"repo"}}, []any{"admin:repo_hook"}},
		"Codefresh's spelling": {
			"missing_scopes", []any{"gitlab", "user", []string{"write-repository", "api-read"}}, []any{},
		},
		"with spaces": {
			"missing_scopes", []any{"bitbucket-server", "runtime", []string{"Project admin", "Repository write"}}, []any{},
		},
		"nothing granted": {"missing_scopes", []any{"gitlab", "user", []string{}}, []any{"write_repository", "read_api"}},
		"implied":         {"missing_scopes", []any{"gitlab", "runtime", []string{"api"}}, []any{}},
		"words of nobody": {"missing_scopes", []any{"github", "user", []string{"everything"}}, []any{"repo"}},
		"fine-grained, by its words": {
			"missing_scopes", []any{"github", "user", []string{"contents:write"}}, []any{"metadata:read"},
		},
		"fine-grained, one missing": {
			"missing_scopes", []any{"github", "user", []string{"contents:read", "metadata:read"}}, []any{"contents:write"},
		},
		"legacy Bitbucket, by its words": {
			"missing_scopes",
			[]any{"bitbucket", "user", []string{"account", "repository:admin", "repository:write"}},
			[]any{"team"},
		},
		"Bitbucket API token": {
			"missing_scopes", []any{"bitbucket", "user", []string{
				"read:user:bitbucket", "read:workspace:bitbucket", "write:repository:bitbucket", "read:repository:bitbucket",
			}}, []any{"read:project:bitbucket"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, problem := x.call(tt.function, tt.arguments...)
			if problem != nil || !cmp.Equal(got, any(tt.want)) {
				t.Errorf("got %v, %v; want %v", got, problem, tt.want)
			}
		})
	}

	for name, tt := range map[string]struct {
		function  string
		arguments []any
		at        int64
	}{
		"provider": {"required_scopes", []any{"sourcehut", "runtime"}, 0},
		"type":     {"required_scopes", []any{"github", "robot"}, 1},
		"no type":  {"missing_scopes", []any{"github", "", []string{}}, 1},
	} {
		t.Run("unknown "+name, func(t *testing.T) {
			t.Parallel()

			got, problem := x.call(tt.function, tt.arguments...)
			if problem == nil || problem.FunctionArgument == nil || *problem.FunctionArgument != tt.at {
				t.Errorf("got %v, %v; want an error about argument %d", got, problem, tt.at)
			}
		})
	}
}

// The functions go by the same table as the data source.
func TestFunctionsAgreeWithTheDataSource(t *testing.T) {
	t.Parallel()

	x := newWorld(t).wire(nil)

	for _, provider := range []string{"github", "gitlab", "bitbucket-server", "bitbucket"} {
		for _, tokenType := range []string{"runtime", "user"} {
			data, diagnostics := x.read("codefresh_required_scopes", map[string]any{
				"git_provider": provider, "token_type": tokenType,
			})
			if len(diagnostics) > 0 {
				t.Fatalf("unexpected %v", diagnostics)
			}

			required, _ := x.call("required_scopes", provider, tokenType)
			if diff := cmp.Diff(data["scopes"], required); diff != "" {
				t.Errorf("%s, %s (-data source +function):\n%s", provider, tokenType, diff)
			}

			accepted, _ := data["accepted"].(map[string]any)
			for scope, wider := range accepted {
				scopes, _ := wider.([]any)
				for _, granted := range texts(scopes) {
					missing, _ := x.call("missing_scopes", provider, tokenType, []string{granted})

					left, _ := missing.([]any)
					for _, lacking := range texts(left) {
						if lacking == scope {
							t.Errorf("%s, %s: %s is missing with %s, which the data source accepts for it",
								provider, tokenType, scope, granted)
						}
					}
				}
			}
		}
	}
}

// Terraform calls them offline and without a provider block (1.8 or later; OpenTofu 1.7).
func TestFunctionsInTerraform(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	c := w.cli()
	c.configure(`
locals {
  spoken = ["api-read", "write_repository"]
}
output "required" { value = provider::codefresh::required_scopes("bitbucket-server", "runtime") }
output "missing"  { value = provider::codefresh::missing_scopes("gitlab", "user", local.spoken) }
output "lacking"  { value = provider::codefresh::missing_scopes("github", "runtime", toset(["repo"])) }
`)
	c.apply().wantExit(0)
	got, _, _ := c.execute("output", "-json")

	var outputs map[string]struct {
		Value []string `json:"value"`
	}
	c.must(json.Unmarshal([]byte(got), &outputs))

	for name, want := range map[string][]string{
		"required": {"PROJECT_ADMIN", "REPO_WRITE", "PROJECT_READ"}, "missing": {}, "lacking": {"admin:repo_hook"},
	} {
		if diff := cmp.Diff(want, outputs[name].Value); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}

	c.configure(`output "it" { value = provider::codefresh::required_scopes("sourcehut", "runtime") }`)

	failed := c.plan().wantExit(1)
	if len(failed.diagnostics) != 1 {
		t.Fatalf("diagnostics are %v", failed.diagnostics)
	}

	failed.diagnostics[0].wants(t, "git_provider must be one of github, gitlab, bitbucket-server, bitbucket")

	if asked := w.Requests(); len(asked) > 0 {
		t.Errorf("requests were sent: %v", asked)
	}
}
