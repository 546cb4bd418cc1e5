package sandbox_test

import (
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestAppProxyChecksTokens(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	cfDo(t, s.SetBehaviour(sandbox.BitbucketCloud, sandbox.AppPasswords, true))

	runtimeAPI := []string{
		"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket",
		"write:repository:bitbucket", "admin:repository:bitbucket", "admin:project:bitbucket", "write:webhook:bitbucket",
		"delete:webhook:bitbucket",
	}

	const (
		bot, mail = "ci-bot", "ci-bot@example.com"
		noAdmin   = "failed to get project, check your token permissions, expected Project Admin"
	)

	for name, c := range map[string]struct {
		service        sandbox.Service
		provider, kind string
		scopes         []string
		username       string
		runtime, user  string // what is wrong with it as such a token
	}{
		"github": {sandbox.GitHub, "GITHUB", "classic", []string{"repo", "admin:repo_hook"}, "", "", ""},
		"ghes, user only": {
			sandbox.GitHubEnterprise, "GITHUB", "classic",
			[]string{"repo"},
			"",
			"got scopes repo while expected: repo_read,repo_write,repo_create,admin_repo_hook", "",
		},
		"github, neither": {
			sandbox.GitHub, "GITHUB", "classic",
			[]string{"admin:repo_hook"},
			"",
			"got scopes admin:repo_hook while", "got scopes admin:repo_hook while expected: repo_read,repo_write",
		},
		"github, none": {
			sandbox.GitHub, "GITHUB", "classic", nil, "", "missing scopes: repo_read", "missing scopes: repo_read",
		},
		"github fine-grained": {sandbox.GitHub, "GITHUB", "fine_grained", nil, "", "", ""},
		"gitlab":              {sandbox.GitLab, "GITLAB", "personal", []string{"api"}, "", "", ""},
		"gitlab, user only": {
			sandbox.GitLabSelfManaged, "GITLAB", "personal", []string{"read_api", "write_repository"}, "", noAdmin, "",
		},
		"gitlab, neither": {
			sandbox.GitLab, "GITLAB", "personal", []string{"write_repository"}, "", noAdmin, "failed assert read scopes",
		},
		"data center": {
			sandbox.BitbucketServer, "BITBUCKET_SERVER", "http_access", []string{"PROJECT_ADMIN", "REPO_ADMIN"}, "", "", "",
		},
		"data center, user only": {
			sandbox.BitbucketServer, "BITBUCKET_SERVER", "http_access",
			[]string{"PROJECT_READ", "REPO_WRITE"},
			"",
			noAdmin, "",
		},
		"bitbucket": {sandbox.BitbucketCloud, "BITBUCKET", "api_token", runtimeAPI, mail, "", ""},
		"bitbucket without name": {
			sandbox.BitbucketCloud, "BITBUCKET", "api_token", runtimeAPI, "", "token is invalid", "token is invalid",
		},
		"bitbucket, user only": {
			sandbox.BitbucketCloud, "BITBUCKET", "api_token", runtimeAPI[:5], mail,
			"missing required scopes: admin:repository:bitbucket & admin:project:bitbucket", "",
		},
		"bitbucket app password": {
			sandbox.BitbucketCloud, "BITBUCKET", "app_password",
			[]string{"repository:write", "account", "team"},
			bot,
			"missing required scopes: (repository:admin)", "",
		},
		"another host's": {
			sandbox.GitHub, "GITLAB", "classic", []string{"repo"}, "", noAdmin, "failed assert read scopes",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			made, err := s.CreateToken(sandbox.Token{Service: c.service, Kind: c.kind, Scopes: c.scopes, Owner: bot})
			cfDo(t, err)

			integration := strings.NewReplacer(" ", "-", ",", "", "'", "").Replace(name)
			cfDo(t, s.AddIntegration("one", integration, c.provider, s.URL(c.service)))

			apiURL := s.URL(c.service)
			if c.service == sandbox.GitLabSelfManaged {
				apiURL += "/api/v4"
			}

			reply := asAdmin(t, s, registerQuery,
				args("name", integration, "token", made.Text, "username", c.username))
			checkRefusal(t, "user", reply, c.user)
			reply = asAdmin(t, s, updateQuery,
				args("token", made.Text, "username", c.username, "provider", c.provider, "apiUrl", apiURL))
			checkRefusal(t, "runtime", reply, c.runtime)
			reply = asAdmin(t, s, registerQuery,
				args("name", integration, "token", made.Text, "username", c.username, "tokenType", "RUNTIME_TOKEN"))
			checkRefusal(t, "user, as a runtime's", reply, c.runtime)

			if c.user == "" {
				cfDo(t, s.ExpireToken(made.Text))
				reply = asAdmin(t, s, registerQuery,
					args("name", integration, "token", made.Text, "username", c.username))
				checkRefusal(t, "expired", reply, map[bool]string{
					true: "HttpError: Bad credentials - https://docs.github.com/rest", false: "token is invalid",
				}[c.provider == "GITHUB"])
			}
		})
	}
}

func checkRefusal(t *testing.T, what string, reply cfReply, want string) {
	t.Helper()

	got := reply.problem(t)
	if reply.Status != http.StatusOK {
		t.Errorf("%s: status %d", what, reply.Status)
	}

	if want == "" && got != "" {
		t.Errorf("%s: refused: %s", what, got)
	}

	if want != "" && (!strings.HasPrefix(got, "ValidationError: ") || !strings.Contains(got, want)) {
		t.Errorf("%s: %q, want a ValidationError with %q", what, got, want)
	}
}

func TestAppProxyKnowsAddresses(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})

	texts := map[sandbox.Service]string{
		sandbox.GitHub:            cfToken(t, s, sandbox.GitHub, "classic", "repo", "admin:repo_hook"),
		sandbox.GitHubEnterprise:  cfToken(t, s, sandbox.GitHubEnterprise, "classic", "repo", "admin:repo_hook"),
		sandbox.GitLab:            cfToken(t, s, sandbox.GitLab, "personal", "api"),
		sandbox.GitLabSelfManaged: cfToken(t, s, sandbox.GitLabSelfManaged, "personal", "api"),
		sandbox.BitbucketServer:   cfToken(t, s, sandbox.BitbucketServer, "http_access", "PROJECT_ADMIN", "REPO_ADMIN"),
	}
	for _, c := range []struct {
		service          sandbox.Service
		provider, apiURL string
	}{
		{sandbox.GitHub, "GITHUB", s.URL(sandbox.GitHub) + "/"},
		{sandbox.GitHub, "GITHUB", "https://api.github.com"},
		{sandbox.GitHubEnterprise, "GITHUB", s.URL(sandbox.GitHubEnterprise)},
		{sandbox.GitHubEnterprise, "GITHUB", s.URL(sandbox.GitHubEnterprise) + "/api/v3"},
		{sandbox.GitLab, "GITLAB", "https://gitlab.com/api/v4"},
		{sandbox.GitLab, "GITLAB", strings.TrimSuffix(s.URL(sandbox.GitLab), "/api/v4")},
		{sandbox.GitLabSelfManaged, "GITLAB", s.URL(sandbox.GitLabSelfManaged) + "/api/v4"},
		{sandbox.BitbucketServer, "BITBUCKET_SERVER", s.URL(sandbox.BitbucketServer) + "/rest/api/1.0"},
		{sandbox.BitbucketServer, "BITBUCKET_SERVER", s.URL(sandbox.BitbucketServer)},
	} {
		for service, text := range texts {
			reply := asAdmin(t, s, updateQuery, args("token", text, "provider", c.provider, "apiUrl", c.apiURL))
			if accepted := reply.problem(t) == ""; accepted != (service == c.service) {
				t.Errorf("%s takes the token of %s: %t", c.apiURL, service, accepted)
			}
		}
	}

	reply := asAdmin(t, s, updateQuery, args("token", texts[sandbox.GitHub], "apiUrl", "https://elsewhere.example.com"))
	checkRefusal(t, "unknown host", reply, "HttpError: getaddrinfo ENOTFOUND elsewhere.example.com")

	reply = asAdmin(t, s, updateQuery,
		args("token", texts[sandbox.GitLab], "provider", "GITLAB", "apiUrl", "https://elsewhere.example.com"))
	if got := reply.problem(t); got != "Error: getaddrinfo ENOTFOUND elsewhere.example.com" {
		t.Errorf("unknown host: %q", got)
	}
	// Below a path there is no API but where it says.
	reply = asAdmin(t, s, updateQuery, args(
		"token", texts[sandbox.GitLabSelfManaged], "provider", "GITLAB", "apiUrl", s.URL(sandbox.GitLabSelfManaged)))
	checkRefusal(t, "GitLab's address without that of its API", reply, "expected Project Admin")
}

func TestAppProxyRuntimeToken(t *testing.T) {
	t.Parallel()

	selecting := strings.Replace(updateQuery, ") }", ") { __typename } }", 1)
	for shape, c := range map[string]struct{ good, bad, problem string }{
		"scalar": {updateQuery, selecting, "must not have a selection"},
		"object": {selecting, updateQuery, "must have a selection of subfields"},
		"absent": {"", updateQuery, `Cannot query field "updateRuntimeGitToken" on type "Mutation".`},
	} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			s := cfStart(t, sandbox.Runtime{Name: "one", UpdateAnswers: shape, NotInstalled: true})
			text := cfToken(t, s, sandbox.GitHub, "classic", "repo", "admin:repo_hook")
			variables := args("token", text, "provider", "GITHUB", "apiUrl", s.URL(sandbox.GitHub), "username", "x")

			reply := asAdmin(t, s, c.bad, variables)
			if p := reply.problem(t); reply.Status != 400 || !strings.Contains(p, c.problem) {
				t.Errorf("%d %s", reply.Status, reply.Body)
			}

			if _, _, _, _, ok := s.RuntimeToken("one"); ok {
				t.Error("a refused document had an effect")
			}

			if c.good == "" {
				return
			}

			if p := asAdmin(t, s, c.good, variables).problem(t); p != "" {
				t.Fatal(p)
			}

			got, provider, apiURL, username, ok := s.RuntimeToken("one")
			if !ok || got != text || provider != "GITHUB" || apiURL != s.URL(sandbox.GitHub) || username != "x" {
				t.Errorf("holds %q %s %s %s %t", got, provider, apiURL, username, ok)
			}

			list := dig(t, asAdmin(t, s, listQuery, nil).Data, "gitIntegrations")
			if diff := cmp.Diff([]any{map[string]any{
				"name": "default", "provider": "GITHUB", "apiUrl": s.URL(sandbox.GitHub),
				"sharingPolicy": "ALL_USERS_IN_ACCOUNT", "registeredUsers": []any{}, "users": []any{},
			}}, list); diff != "" {
				t.Errorf("the first token made no default integration: %s", diff)
			}

			if n := len(s.Mutations()); n != 2 {
				t.Errorf("%d mutations, want 2", n)
			}
		})
	}
}

func TestAppProxyRuntimeTokenRules(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	gitlab := cfToken(t, s, sandbox.GitLab, "personal", "api")
	github := cfToken(t, s, sandbox.GitHub, "classic", "repo", "admin:repo_hook")
	_, readerKey, err := s.AddUser("reader", false)
	cfDo(t, err)

	// Without provider and apiUrl it is GitHub's public API, whatever the token is.
	checkRefusal(t, "no provider", asAdmin(t, s, updateQuery, args("token", gitlab)), "Bad credentials")
	checkRefusal(t, "no provider", asAdmin(t, s, updateQuery, args("token", github)), "")

	if _, provider, apiURL, _, _ := s.RuntimeToken("one"); provider != "GITHUB" || apiURL != "https://api.github.com" {
		t.Errorf("defaults are %s %s", provider, apiURL)
	}

	refused := proxyQuery(t, s, readerKey, updateQuery, args("token", github))
	if p := refused.problem(t); !strings.HasPrefix(p, "Forbidden") {
		t.Errorf("no admin: %q", p)
	}

	s.SetSharedConfigRepo("https://github.com/acme/config.git")
	mine := args("token", gitlab, "provider", "GITLAB", "apiUrl", s.URL(sandbox.GitLab))
	checkRefusal(t, "shared repository", asAdmin(t, s, updateQuery, mine), "shared configuration repository")
	s.SetSharedConfigRepo("")
	checkRefusal(t, "no shared repository", asAdmin(t, s, updateQuery, mine), "")

	status := func() any {
		const query = `{ runtime(name: "one") { status { runtimeGitToken { status description } } } }`

		return dig(t, cfPlatform(t, s, query), "runtime", "status", "runtimeGitToken", "status")
	}
	if got := status(); got != "SUCCESSFUL" {
		t.Errorf("status %v", got)
	}

	cfDo(t, s.BlockToken(gitlab, sandbox.BlockSuspended))

	if got := status(); got != "FAILED" {
		t.Errorf("blocked: status %v", got)
	}

	cfDo(t, s.SetRuntimeTokenStatus("one", "UNKNOWN"))

	if got := status(); got != "UNKNOWN" {
		t.Errorf("overridden: status %v", got)
	}
}

func TestAppProxySkipsValidation(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one", SkipValidation: true})
	checkRefusal(t, "runtime", asAdmin(t, s, updateQuery, args("token", "no token")), "")
	checkRefusal(t, "user", asAdmin(t, s, registerQuery, args("token", "no token")), "")

	for _, valid := range cfUsers(t, s) {
		if valid {
			t.Error("a token that is none is valid")
		}
	}
}
