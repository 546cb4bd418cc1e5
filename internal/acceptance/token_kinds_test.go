package acceptance_test

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// TestUnusualKinds plans with kinds of token whose scopes do not decide: those that cannot do the job whatever they
// hold, and those whose host does not tell what they hold.
func TestUnusualKinds(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.session()
	_, err := w.AddRepository(sandbox.Repository{Service: sandbox.GitLab, Path: "group/project", Private: true})
	w.must(err)
	_, err = w.AddRepository(sandbox.Repository{Service: sandbox.GitHub, Path: "octo/gitops", Private: true})
	w.must(err)

	all := map[string]string{
		"administration": "write", "statuses": "write", "contents": "write", "pull_requests": "write", "webhooks": "write",
	}
	cases := []struct {
		name, provider, severity string // severity "" is for a token that is good
		resourceType             string
		token                    sandbox.Token
		says                     []string
	}{
		{
			"project", "gitlab", "error", runtimeToken,
			sandbox.Token{
				Service: sandbox.GitLab, Kind: "project", Scopes: []string{"api"}, Repositories: []string{"group/project"},
			},
			[]string{"A GitLab project token cannot be a Git runtime token", "use a personal or group token"},
		},
		{
			"project_of_user", "gitlab", "", userToken, sandbox.Token{
				Service: sandbox.GitLab, Kind: "project", Scopes: []string{"api"}, Repositories: []string{"group/project"},
			}, nil,
		},
		{
			"group", "gitlab", "", runtimeToken,
			sandbox.Token{Service: sandbox.GitLab, Kind: "group", Scopes: []string{"api"}, Repositories: []string{"group"}},
			nil,
		},
		{
			"granular", "gitlab", "warning", runtimeToken,
			sandbox.Token{Service: sandbox.GitLab, Kind: "granular", Permissions: map[string]string{"user": "read"}},
			[]string{"permissions are not proved"},
		},
		{
			"oauth", "gitlab", "", userToken,
			sandbox.Token{Service: sandbox.GitLab, Kind: "oauth", Scopes: []string{"api"}},
			nil,
		},
		{
			"installation", "github", "error", runtimeToken, sandbox.Token{
				Service: sandbox.GitHub, Kind: "app_installation", Permissions: all, Repositories: []string{"octo/gitops"},
			}, []string{"App installation token cannot be a Git runtime token", "after an hour"},
		},
		{
			"fine_grained", "github", "warning", runtimeToken,
			sandbox.Token{Service: sandbox.GitHub, Kind: "fine_grained", Permissions: all},
			[]string{"permissions are not proved", "administration", "pull_requests", "webhooks"},
		},
		{
			"app_user", "github", "error", userToken,
			sandbox.Token{Service: sandbox.GitHub, Kind: "app_user", Permissions: all},
			[]string{"App user token cannot be a Git user token", "after eight hours"},
		},
		{
			"installation_of_user", "github", "error", userToken, sandbox.Token{
				Service: sandbox.GitHub, Kind: "app_installation", Permissions: all, Repositories: []string{"octo/gitops"},
			}, []string{"App installation token cannot be a Git user token"},
		},
		{
			"access_token", "bitbucket", "error", runtimeToken, sandbox.Token{
				Service: sandbox.BitbucketCloud, Kind: "access_token",
				Scopes: []string{"webhook", "repository:write", "repository:admin", "project:admin"},
			}, []string{"access token cannot be a Git runtime token", "Create an API token", "id.atlassian.com"},
		},
		{
			"access_token_of_user", "bitbucket", "error", userToken,
			sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "access_token", Scopes: []string{"repository:write"}},
			[]string{"access token cannot be a Git user token", "Create an API token", "id.atlassian.com"},
		},
		{
			"project_of_server", "bitbucket-server", "error", runtimeToken, sandbox.Token{
				Service: sandbox.BitbucketServer, Kind: "project_http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
				Repositories: []string{"PLAT"},
			}, []string{"cannot be a Git runtime token", "nobody's account", "personal project"},
		},
		{
			"repository_of_server", "bitbucket-server", "error", runtimeToken, sandbox.Token{
				Service: sandbox.BitbucketServer, Kind: "repository_http_access", Scopes: []string{"REPO_ADMIN"},
				Repositories: []string{"PLAT/gitops"},
			}, []string{"cannot be a Git runtime token", "nobody's account", "personal project"},
		},
		{
			"project_of_server_for_user", "bitbucket-server", "", userToken, sandbox.Token{
				Service: sandbox.BitbucketServer, Kind: "project_http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
				Repositories: []string{"PLAT"},
			}, nil,
		},
		{
			"oauth_app", "github", "", runtimeToken,
			sandbox.Token{Service: sandbox.GitHub, Kind: "oauth", Scopes: []string{"repo", "admin:repo_hook"}},
			nil,
		},
	}
	blocks := []string{c.provider()}

	for i, k := range cases {
		runtime := "runtime-" + string(rune('a'+i))
		w.must(w.AddRuntime(sandbox.Runtime{Name: runtime}))
		token := w.token(k.token)
		c.secret(token.Text)
		blocks = append(blocks, provided(k.resourceType, k.name, set("runtime", runtime), set("git_provider", k.provider),
			set("api_url", w.URL(k.token.Service)), set("token", token.Text)))
	}

	c.configure(blocks...)

	got := c.plan().wantExit(1)
	loud := 0

	for _, k := range cases {
		if k.severity != "" {
			loud++

			got.only(t, k.severity, k.resourceType+"."+k.name).wants(t, k.says...)
		}
	}

	if len(got.diagnostics) != loud {
		t.Errorf("%d diagnostics instead of %d:\n%v", len(got.diagnostics), loud, got.diagnostics)
	}
}

// Bitbucket Cloud rejects what it does not take any more, and what comes with a name that cannot be right. Neither says
// anything of the token itself, and the message says what does.
func TestBitbucketRejectsForAnotherReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.session()
	api := []string{
		"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket",
		"write:repository:bitbucket",
	}

	w.must(w.SetBehaviour(sandbox.BitbucketCloud, sandbox.AppPasswords, true))
	password := w.token(sandbox.Token{
		Service: sandbox.BitbucketCloud, Kind: "app_password", Scopes: []string{"account", "team", "repository:write"},
	})
	w.must(w.SetBehaviour(sandbox.BitbucketCloud, sandbox.AppPasswords, false))
	token := w.token(sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "api_token", Scopes: api})
	resource := func(name, text, username string) string {
		w.must(w.AddRuntime(sandbox.Runtime{Name: name}))

		return provided(userToken, name, set("runtime", name), set("git_provider", "bitbucket"),
			set("api_url", w.URL(sandbox.BitbucketCloud)), set("token", c.secret(text)), set("username", username))
	}
	c.configure(c.provider(), resource("password", password.Text, password.Owner),
		resource("named", token.Text, token.Owner), resource("mailed", token.Text, token.Email))

	got := c.plan().wantExit(1)
	got.only(t, "error", userToken+".password").wants(t, "Git token is not valid at",
		"Tokens of this kind (app password) ended on 2026-07-28", "Create an API token with "+strings.Join(api, ", ")+",")
	got.only(t, "error", userToken+".named").wants(t, "Git token is not valid at", "username is no e-mail address",
		"Set username to the e-mail address of its Atlassian account")

	if len(got.diagnostics) != 2 {
		t.Errorf("%d diagnostics instead of 2:\n%v", len(got.diagnostics), got.diagnostics)
	}
}

// TestApplicationsTokenAtBitbucket has a token of which Bitbucket Cloud tells no kind, and scopes in the names that app
// passwords had: it is judged by those, in the plan, in the apply, and by the state that it leaves.
func TestApplicationsTokenAtBitbucket(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	c := w.session()
	application := func(scopes ...string) string {
		return c.secret(w.token(sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "oauth", Scopes: scopes}).Text)
	}
	scopes := []string{"account", "team", "webhook", "repository:write", "repository:admin"}
	tokens := map[string]string{"token": application(scopes...), "token_wo": application(scopes...)}
	resource := func(name, attribute, text string) string {
		runtime := strings.ReplaceAll(name, "_", "-")
		w.must(w.AddRuntime(sandbox.Runtime{Name: runtime}))

		return provided(runtimeToken, name, set("runtime", runtime), set("git_provider", "bitbucket"),
			set("api_url", w.URL(sandbox.BitbucketCloud)), set(attribute, text))
	}

	blocks := []string{c.provider()}

	for attribute, text := range tokens {
		blocks = append(blocks, resource(attribute, attribute, text))
	}

	c.configure(blocks...)

	for _, got := range []said{c.plan().wantExit(2), c.apply().wantExit(0), c.plan().wantExit(0)} {
		if len(got.diagnostics) > 0 {
			t.Errorf("unexpected %v", got.diagnostics)
		}
	}

	for _, text := range tokens {
		w.must(w.SetScopes(text, "account", "team", "repository:write", "repository:admin"))
	}

	narrowed := c.plan().wantExit(2)
	for attribute := range tokens {
		narrowed.only(t, "warning", runtimeToken+"."+attribute).wants(t, "lacks 1 of 5 scopes", "needs webhook",
			"Create an API token")
	}

	c.configure(c.provider(), resource("narrow", "token", application("account", "team", "repository")))

	narrow := c.plan().wantExit(1).only(t, "error", runtimeToken+".narrow")
	narrow.wants(t, "lacks 3 of 5 scopes", "has account, team, repository", "webhook", "repository:write",
		"repository:admin", "Create an API token")

	if strings.Contains(narrow.String(), "app password") {
		t.Errorf("it is none:\n%s", narrow)
	}
}
