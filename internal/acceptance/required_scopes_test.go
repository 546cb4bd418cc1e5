package acceptance_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// scopesCase is one row of what codefresh_required_scopes is to answer, by hand.
type scopesCase struct {
	name     string
	asks     []string // settings of the data source
	scopes   []string
	accepted map[string][]string // of those scopes that a wider one grants as well
	levels   map[string]string   // permissions
	page     string              // token_url; empty for null
	source   string
}

const (
	docsScopes = "Codefresh docs, Git tokens"
	docsFine   = "Codefresh docs, Git tokens (fine-grained personal access tokens)"
	docsModern = "Codefresh docs, Git tokens, in the names of Atlassian Support, API token permissions; project " +
		"scopes: npm @codefresh-io/cf-git-providers 0.18.1, Codefresh's validator"
	docsNoAccount = "Atlassian Support, Workspace Access Token permissions; npm @codefresh-io/cf-git-providers 0.18.1, " +
		"Codefresh's validator"
	docsGranular = "Codefresh docs, Git tokens, in the permissions of GitLab docs, Fine-grained permissions for Git and " +
		"other operations; npm @codefresh-io/cf-git-providers 0.18.1, Codefresh's validator"
	newAPIToken = "https://id.atlassian.com/manage-profile/security/api-tokens"
	newFine     = "/settings/personal-access-tokens/new"
	newRuntime  = "Codefresh+GitOps+runtime+token"
	newUser     = "Codefresh+GitOps+user+token"
)

func asks(provider, tokenType string, more ...string) []string {
	return append([]string{set("git_provider", provider), set("token_type", tokenType)}, more...)
}

func scopesCases() []scopesCase {
	return slices.Concat(githubScopesCases(), gitlabScopesCases(), bitbucketServerScopesCases(), bitbucketScopesCases())
}

func githubScopesCases() []scopesCase {
	fine := map[string]string{
		"administration": "write", "statuses": "write", "contents": "write", "metadata": "read", "pull_requests": "write",
		"webhooks": "write",
	}
	fineScopes := []string{
		"administration:write", "statuses:write", "contents:write", "metadata:read", "pull_requests:write", "webhooks:write",
	}
	classic := func(site string) string {
		return site + "/settings/tokens/new?scopes=repo,admin:repo_hook&description=" + newRuntime
	}
	both := []string{"repo", "admin:repo_hook"}

	return []scopesCase{
		{
			name: "github_runtime", asks: asks("github", "runtime"), scopes: both, page: classic("https://github.com"),
			source: docsScopes,
		},
		{
			name: "github_user", asks: asks("github", "user"), scopes: []string{"repo"}, source: docsScopes,
			page: "https://github.com/settings/tokens/new?scopes=repo&description=" + newUser,
		},
		{
			name: "github_enterprise", asks: asks("github", "runtime", set("api_url", "https://ghe.example.com/api/v3")),
			scopes: both, page: classic("https://ghe.example.com"), source: docsScopes,
		},
		{
			name: "github_tenant", asks: asks("github", "runtime", set("api_url", "https://api.octo.ghe.com")),
			scopes: both, page: classic("https://octo.ghe.com"), source: docsScopes,
		},
		{
			name: "github_oauth", asks: asks("github", "runtime", set("token_kind", "oauth")),
			scopes: both, page: classic("https://github.com"), source: docsScopes,
		},
		{
			name: "github_unknown", asks: asks("github", "runtime", set("token_kind", "unknown")),
			scopes: both, page: classic("https://github.com"), source: docsScopes,
		},
		{
			name: "github_fine_runtime", asks: asks("github", "runtime", set("token_kind", "fine_grained")),
			scopes: fineScopes, levels: fine, page: "https://github.com" + newFine, source: docsFine,
			accepted: map[string][]string{},
		},
		{
			name: "github_fine_user", asks: asks("github", "user", set("token_kind", "fine_grained"),
				set("api_url", "https://ghe.example.com")),
			scopes: []string{"contents:write", "metadata:read"}, page: "https://ghe.example.com" + newFine, source: docsFine,
			levels: map[string]string{"contents": "write", "metadata": "read"},
		},
	}
}

func gitlabScopesCases() []scopesCase {
	page := func(site, scopes, name string) string {
		return site + "/-/user_settings/personal_access_tokens?scopes=" + scopes + "&name=" + name
	}
	runtime := []string{"api", "read_repository"}

	return []scopesCase{
		{
			name: "gitlab_runtime", asks: asks("gitlab", "runtime"), scopes: runtime, source: docsScopes,
			accepted: map[string][]string{"read_repository": {"read_repository", "write_repository", "api"}},
			page:     page("https://gitlab.com", "api,read_repository", newRuntime),
		},
		{
			name: "gitlab_user", asks: asks("gitlab", "user"), scopes: []string{"write_repository", "read_api"},
			accepted: map[string][]string{
				"write_repository": {"write_repository", "api"}, "read_api": {"read_api", "api"},
			},
			source: docsScopes, page: page("https://gitlab.com", "write_repository,read_api", newUser),
		},
		{
			name: "gitlab_granular_user", asks: asks("gitlab", "user", set("token_kind", "granular")),
			scopes: []string{"download_code", "push_code", "read_project", "read_user"}, source: docsGranular,
			page: "https://gitlab.com/-/user_settings/personal_access_tokens",
		},
		{
			name: "gitlab_root", asks: asks("gitlab", "runtime", set("api_url", "https://git.example.com/gitlab")),
			scopes: runtime, source: docsScopes, page: page("https://git.example.com/gitlab", "api,read_repository", newRuntime),
			accepted: map[string][]string{"read_repository": {"read_repository", "write_repository", "api"}},
		},
	}
}

func bitbucketServerScopesCases() []scopesCase {
	projectRead := []string{"PROJECT_READ", "PROJECT_WRITE", "REPO_CREATE", "PROJECT_ADMIN"}
	at := set("api_url", "https://bitbucket.example.com/bb")

	const page = "https://bitbucket.example.com/bb/plugins/servlet/access-tokens/manage"

	return []scopesCase{
		{
			name: "server_runtime", asks: asks("bitbucket-server", "runtime", at), page: page, source: docsScopes,
			scopes:   []string{"PROJECT_ADMIN", "REPO_WRITE", "PROJECT_READ"},
			accepted: map[string][]string{"PROJECT_READ": projectRead},
		},
		{
			name: "server_user", asks: asks("bitbucket-server", "user", at), page: page, source: docsScopes,
			scopes: []string{"PROJECT_READ", "REPO_WRITE"}, accepted: map[string][]string{"PROJECT_READ": projectRead},
		},
		{
			name: "server_nowhere", asks: asks("bitbucket-server", "user"), source: docsScopes,
			scopes: []string{"PROJECT_READ", "REPO_WRITE"}, accepted: map[string][]string{"PROJECT_READ": projectRead},
		},
	}
}

func bitbucketScopesCases() []scopesCase {
	access, legacy := set("token_kind", "access_token"), set("token_kind", "app_password")

	return []scopesCase{
		{
			name: "cloud_runtime", asks: asks("bitbucket", "runtime"), page: newAPIToken, source: docsModern,
			scopes: []string{
				"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "admin:project:bitbucket",
				"read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket",
				"read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
			},
		},
		{
			name: "cloud_user", asks: asks("bitbucket", "user", set("api_url", "https://api.bitbucket.org/2.0")),
			page: newAPIToken, source: docsModern,
			scopes: []string{
				"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket",
				"read:repository:bitbucket", "write:repository:bitbucket",
			},
		},
		{
			name: "cloud_legacy_runtime", asks: asks("bitbucket", "runtime", legacy), page: newAPIToken, source: docsScopes,
			scopes:   []string{"account", "team", "webhook", "repository:write", "repository:admin"},
			accepted: map[string][]string{"repository:write": {"repository:write", "pullrequest:write"}},
		},
		{
			name: "cloud_legacy_user", asks: asks("bitbucket", "user", legacy), page: newAPIToken, source: docsScopes,
			scopes:   []string{"account", "team", "repository:write", "repository:admin"},
			accepted: map[string][]string{"repository:write": {"repository:write", "pullrequest:write"}},
		},
		{
			name: "cloud_access_user", asks: asks("bitbucket", "user", access), page: newAPIToken, source: docsNoAccount,
			scopes:   []string{"account", "team", "repository:write", "repository:admin"},
			accepted: map[string][]string{"repository:write": {"repository:write", "pullrequest:write"}},
		},
	}
}

// TestRequiredScopes asks for every row in one apply, of a provider that has no key and asks nobody.
func TestRequiredScopes(t *testing.T) {
	t.Parallel()
	c := newWorld(t).session()

	var blocks []string
	for _, s := range scopesCases() {
		blocks = append(blocks, requiredScopes(s.name, s.asks...))
	}

	c.configure(blocks...)

	if got := c.apply().wantExit(0); len(got.diagnostics) != 0 {
		t.Errorf("Terraform says %v", got.diagnostics)
	}

	state := c.state()

	for _, s := range scopesCases() {
		want := map[string]any{
			"scopes": listed(s.scopes), "permissions": map[string]any{}, "token_url": nil, "source": s.source,
		}
		if s.page != "" {
			want["token_url"] = s.page
		}

		for name, level := range s.levels {
			want["permissions"].(map[string]any)[name] = level //nolint:forcetypeassert // made four lines above
		}

		got := maps.Clone(state["data.codefresh_required_scopes."+s.name])

		accepted, _ := got["accepted"].(map[string]any)
		for name := range got {
			if _, asked := want[name]; !asked {
				delete(got, name)
			}
		}

		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", s.name, diff)
		}

		wantAccepted(t, s, accepted)
	}

	if asked := c.Requests(); len(asked) != 0 {
		t.Errorf("%d requests, and everything is known offline", len(asked))
	}
}

// wantAccepted checks what grants each scope: the scope itself first.
func wantAccepted(t *testing.T, s scopesCase, accepted map[string]any) {
	t.Helper()

	if got := slices.Sorted(maps.Keys(accepted)); !slices.Equal(got, sorted(s.scopes)) {
		t.Errorf("%s: accepted is about %v", s.name, got)
	}

	for scope, list := range accepted {
		names, ok := list.([]any)
		if !ok || len(names) == 0 || names[0] != scope {
			t.Errorf("%s: accepted[%q] is %v", s.name, scope, list)
		}

		if want, told := s.accepted[scope]; told {
			if diff := cmp.Diff(listed(want), list); diff != "" {
				t.Errorf("%s: accepted[%q] (-want +got):\n%s", s.name, scope, diff)
			}
		}
	}
}

// TestRequiredScopesRefuses has questions without an answer.
func TestRequiredScopesRefuses(t *testing.T) {
	t.Parallel()
	c := newWorld(t).session()
	c.secret(inputPassword)
	early := map[string]struct {
		asks []string
		says []string
	}{
		"provider": {asks("gitea", "runtime"), []string{
			"git_provider", `"github", "gitlab", "bitbucket-server", "bitbucket", and is "gitea"`,
		}},
		"type":    {asks("github", "admin"), []string{"token_type", `"runtime", "user", and is "admin"`}},
		"kind":    {asks("github", "user", set("token_kind", "deploy")), []string{"token_kind", `"fine_grained"`}},
		"address": {asks("github", "user", set("api_url", "ghe.example.com")), []string{"api_url", "starts with https://"}},
		"password": {
			asks("github", "user", set("api_url", "https://bot:"+inputPassword+"@ghe.example.com")),
			[]string{"api_url", "holds no user name or password"},
		},
	}
	late := map[string]struct {
		asks []string
		says []string
	}{
		"kind_of_another": {asks("gitlab", "user", set("token_kind", "fine_grained")), []string{
			`GitLab has no tokens of kind "fine_grained"`, "Use one of: personal, project, group, oauth, granular",
		}},
		"kind_of_server": {asks("bitbucket-server", "runtime", set("token_kind", "api_token")), []string{
			`Bitbucket Data Center has no tokens of kind "api_token"`, "http_access",
		}},
		"page": {asks("github", "user", set("api_url", "https://github.com/owner/repository")), []string{
			"api_url", "is a page of the site",
		}},
	}
	// What the schema refuses keeps Terraform from reading anything.
	for _, cases := range []map[string]struct {
		asks []string
		says []string
	}{early, late} {
		var blocks []string
		for name, i := range cases {
			blocks = append(blocks, requiredScopes(name, i.asks...))
		}

		c.configure(blocks...)

		got := c.plan().wantExit(1)
		for name, i := range cases {
			got.only(t, "error", "data.codefresh_required_scopes."+name).wants(t, i.says...)
		}

		if len(got.diagnostics) != len(cases) {
			t.Errorf("%d diagnostics for %d mistakes: %v", len(got.diagnostics), len(cases), got.diagnostics)
		}
	}
}

func requiredScopes(name string, settings ...string) string {
	block := fmt.Sprintf("data \"codefresh_required_scopes\" %q {\n", name)
	for _, setting := range settings {
		block += "  " + setting + "\n"
	}

	return block + "}\n"
}

// listed returns words as decoded JSON has a list.
func listed(words []string) []any {
	list := make([]any, 0, len(words))
	for _, word := range words {
		list = append(list, word)
	}

	return list
}
