package sandbox_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestTokenShapes(t *testing.T) {
	t.Parallel()
	s := begin(t)
	do(t, s.SetBehaviour(sandbox.BitbucketCloud, sandbox.AppPasswords, true))
	repository(t, s, sandbox.Repository{Service: sandbox.GitLab, Path: "acme/app"})

	for _, c := range []struct {
		token sandbox.Token
		shape string
	}{
		{sandbox.Token{Service: sandbox.GitHub, Kind: "classic"}, `^ghp_\w{36}$`},
		{sandbox.Token{Service: sandbox.GitHubEnterprise, Kind: "oauth"}, `^gho_\w{36}$`},
		{sandbox.Token{Service: sandbox.GitHub, Kind: "app_user"}, `^ghu_\w{36}$`},
		{sandbox.Token{Service: sandbox.GitHub, Kind: "fine_grained"}, `^github_pat_[A-Za-z0-9]{22}_[A-Za-z0-9]{59}$`},
		{sandbox.Token{Service: sandbox.GitHub, Kind: "app_installation"}, `^ghs_\d+_[\w-]+\.[\w-]+\.[\w-]+$`},
		{sandbox.Token{
			Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"},
		}, `^glpat-[\w-]{27,300}\.\w\w\.\w{9}$`},
		{sandbox.Token{
			Service: sandbox.GitLab, Kind: "project", Scopes: []string{"api"}, Repositories: []string{"acme/app"},
		}, `^glpat-`},
		{sandbox.Token{Service: sandbox.GitLab, Kind: "oauth", Scopes: []string{"api"}}, `^[0-9a-f]{64}$`},
		{sandbox.Token{
			Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_READ", "REPO_READ"},
		}, `^BBDC-[A-Za-z0-9+/]{44}$`},
		{sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "api_token"}, `^ATATT3x[\w-]{171}=[0-9A-F]{8}$`},
		{sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "access_token"}, `^ATCTT3x[\w-]{171}=[0-9A-F]{8}$`},
		{sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "app_password"}, `^ATBB\w{32}$`},
		{sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "oauth"}, `^[\w-]{83}=$`},
	} {
		first, second := token(t, s, c.token), token(t, s, c.token)
		if !regexp.MustCompile(c.shape).MatchString(first.Text) {
			t.Errorf("%s %s: %q does not match %s", c.token.Service, c.token.Kind, first.Text, c.shape)
		}

		if first.Text == second.Text {
			t.Errorf("%s %s: two tokens have the same text", c.token.Service, c.token.Kind)
		}
	}
}

func TestTokensThatNoHostMakes(t *testing.T) {
	t.Parallel()
	s := begin(t)

	taken := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic"})
	for want, c := range map[string]sandbox.Token{
		"is no Git host":      {Service: "sourcehut", Kind: "classic"},
		"no such kind":        {Service: sandbox.GitHub, Kind: "personal"},
		"already":             {Service: sandbox.GitHub, Kind: "classic", Text: taken.Text},
		"white space":         {Service: sandbox.GitHub, Kind: "classic", Text: "ghp_x\n"},
		`no scope "read_api"`: {Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"read_api"}},
		`no scope "repo"`:     {Service: sandbox.GitHub, Kind: "fine_grained", Scopes: []string{"repo"}},
		"contents:admin": {
			Service: sandbox.GitHub, Kind: "fine_grained", Permissions: map[string]string{"contents": "admin"},
		},
		"metadata:write": {
			Service: sandbox.GitHub, Kind: "fine_grained", Permissions: map[string]string{"metadata": "write"},
		},
		"no permission hooks": {
			Service: sandbox.GitHub, Kind: "fine_grained", Permissions: map[string]string{"hooks": "read"},
		},
		"there is no repo":       {Service: sandbox.GitHub, Kind: "fine_grained", Repositories: []string{"acme/none"}},
		"list of repositories":   {Service: sandbox.GitHub, Kind: "classic", Repositories: []string{"acme/none"}},
		"issues no scope \"api_": {Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api_read"}},
		"no scope \"read_user\"": {Service: sandbox.GitLab, Kind: "project", Scopes: []string{"read_user"}},
		"no scope \"sudo\"":      {Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"sudo"}},
		"without a scope":        {Service: sandbox.GitLab, Kind: "personal"},
		"exactly one project":    {Service: sandbox.GitLab, Kind: "project", Scopes: []string{"api"}},
		"one project level":      {Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_READ"}},
		"without a project":      {Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"REPO_READ"}},
		"at least the project": {
			Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_WRITE"},
		},
		"[PROJECT_READ PROJECT_WRITE REPO_WRITE]": {
			Service: sandbox.BitbucketServer, Kind: "http_access",
			Scopes: []string{"PROJECT_READ", "PROJECT_WRITE", "REPO_WRITE"},
		},
		"name its key": {
			Service: sandbox.BitbucketServer, Kind: "project_http_access", Scopes: []string{"PROJECT_READ", "REPO_READ"},
		},
		"issues no scope \"repos": {Service: sandbox.BitbucketCloud, Kind: "api_token", Scopes: []string{"repository"}},
		"no scope \"read:repo": {
			Service: sandbox.BitbucketCloud, Kind: "access_token", Scopes: []string{"read:repository:bitbucket"},
		},
		"no scope \"account\"": {Service: sandbox.BitbucketCloud, Kind: "access_token", Scopes: []string{"account"}},
		"no scope \"team:wr":   {Service: sandbox.BitbucketCloud, Kind: "access_token", Scopes: []string{"team:write"}},
		"app passwords ended":  {Service: sandbox.BitbucketCloud, Kind: "app_password"},
		"only access tokens":   {Service: sandbox.BitbucketCloud, Kind: "api_token", Repositories: []string{"a/b"}},
	} {
		if _, err := s.CreateToken(c); err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%+v: got %v, want %q", c, err, want)
		}
	}
}

func TestGitHubStoresNormalisedScopes(t *testing.T) {
	t.Parallel()
	s := begin(t)

	made := token(t, s, sandbox.Token{
		Service: sandbox.GitHub, Kind: "classic",
		Scopes: []string{"workflow", "repo", "public_repo", "read:repo_hook", "admin:repo_hook", "user:email"},
	})
	if diff := cmp.Diff([]string{"admin:repo_hook", "repo", "user:email", "workflow"}, made.Scopes); diff != "" {
		t.Error(diff)
	}

	do(t, s.SetScopes(made.Text, "user:email", "user"))

	got := ask(t, "GET", s.URL(sandbox.GitHub)+"/user", bearer(made.Text)).header.Get("X-OAuth-Scopes")
	if got != "user" {
		t.Errorf("after SetScopes the header is %q", got)
	}

	if err := s.SetScopes(made.Text, "api"); err == nil {
		t.Error("SetScopes took a scope of another host")
	}
}

func TestUnknownTokens(t *testing.T) {
	t.Parallel()

	s := begin(t)
	for name, err := range map[string]error{
		"revoke":      s.RevokeToken("x"),
		"expire":      s.ExpireToken("x"),
		"scopes":      s.SetScopes("x"),
		"block":       s.BlockToken("x", "sso"),
		"unblock":     s.Unblock("x"),
		"expiry":      s.SetExpiry("x", noon),
		"permissions": s.SetPermissions("x", nil),
	} {
		if err == nil {
			t.Errorf("%s took an unknown token", name)
		}
	}

	made := token(t, s, sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "api_token"})
	if err := s.BlockToken(made.Text, sandbox.BlockSSO); err == nil {
		t.Error("Bitbucket Cloud took GitHub's block")
	}

	if err := s.SetBehaviour(sandbox.BitbucketCloud, sandbox.PrivateMode, true); err == nil {
		t.Error("Bitbucket Cloud took GitHub's behaviour")
	}
}

func TestGitLabKeepsDates(t *testing.T) {
	t.Parallel()
	s := begin(t)

	day := func(d int) time.Time { return time.Date(2026, 9, d, 0, 0, 0, 0, time.UTC) }
	for asked, want := range map[time.Time]time.Time{
		noon.Add(72*time.Hour + time.Minute): day(18), noon.Add(time.Hour): day(16), noon.Add(-time.Hour): day(15), {}: {},
	} {
		made := token(t, s, sandbox.Token{
			Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}, ExpiresAt: asked,
		})
		if !made.ExpiresAt.Equal(want) {
			t.Errorf("%s became %s, want %s", asked, made.ExpiresAt, want)
		}
	}
}

func TestRepositoriesThatNoHostHas(t *testing.T) {
	t.Parallel()

	s := begin(t)
	for _, r := range []sandbox.Repository{
		{Service: "sourcehut", Path: "a/b"},
		{Service: sandbox.GitHub, Path: "a"},
		{Service: sandbox.GitHub, Path: "a/b/c"},
		{Service: sandbox.GitLab, Path: "a//b"},
		{Service: sandbox.BitbucketServer, Path: "plat/x"},
		{Service: sandbox.BitbucketServer, Path: "PLAT/gitops"},
		{Service: sandbox.BitbucketCloud, Path: "a/b/c"},
		{Service: sandbox.GitHub, Path: "a/b", Roles: map[string]string{"x": "maintainer"}},
	} {
		if _, err := s.AddRepository(r); err == nil {
			t.Errorf("AddRepository took %+v", r)
		}
	}

	for _, r := range []struct {
		service    sandbox.Service
		path, want string
	}{
		{sandbox.GitHub, "acme/app", "/acme/app.git"},
		{sandbox.GitHubEnterprise, "acme/app", "/acme/app.git"},
		{sandbox.GitLab, "acme/sub/app", "/acme/sub/app.git"},
		{sandbox.GitLabSelfManaged, "acme/app", "/gitlab/acme/app.git"},
		{sandbox.BitbucketServer, "CORE/app", "/scm/core/app.git"},
		{sandbox.BitbucketCloud, "acme/app", "/acme/app.git"},
	} {
		clone := repository(t, s, sandbox.Repository{Service: r.service, Path: r.path})
		if !strings.HasSuffix(clone, r.want) || !strings.HasPrefix(clone, "http://127.0.0.1:") {
			t.Errorf("%s %s is cloned from %s, want …%s", r.service, r.path, clone, r.want)
		}
	}
}
