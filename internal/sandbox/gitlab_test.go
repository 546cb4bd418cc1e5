package sandbox_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func labToken(t *testing.T, s *sandbox.Sandbox, scopes ...string) string {
	t.Helper()

	return token(t, s, sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: scopes}).Text
}

func TestGitLabSelf(t *testing.T) {
	t.Parallel()
	s := begin(t)
	self := s.URL(sandbox.GitLab) + "/personal_access_tokens/self"

	made := token(t, s, sandbox.Token{
		Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"write_repository"}, ExpiresAt: noon.Add(48 * time.Hour),
	})
	for _, header := range []string{bearer(made.Text), "PRIVATE-TOKEN: " + made.Text} {
		got := ask(t, "GET", self, header)
		got.check(t, 200, `"scopes":["write_repository"]`)
		got.check(t, 200, `"expires_at":"2026-09-17"`)
		got.check(t, 200, `"active":true`)
	}

	ask(t, "GET", self, bearer(labToken(t, s, "api"))).check(t, 200, `"expires_at":null`)

	oauth := token(t, s, sandbox.Token{
		Service: sandbox.GitLab, Kind: "oauth", Scopes: []string{"api"}, ExpiresAt: noon.Add(time.Hour),
	})
	ask(t, "GET", self, bearer(oauth.Text)).check(t, 400, "requires token type to be a personal access token")
	ask(t, "GET", self, "PRIVATE-TOKEN: "+oauth.Text).check(t, 401, "401 Unauthorized")

	info := strings.TrimSuffix(s.URL(sandbox.GitLab), "/api/v4") + "/oauth/token/info"
	ask(t, "GET", info, bearer(oauth.Text)).check(t, 200, `"scope":["api"]`)
	ask(t, "GET", info, bearer(made.Text)).check(t, 401, "invalid_token")

	do(t, s.SetBehaviour(sandbox.GitLab, sandbox.NoTokenSelf, true))
	ask(t, "GET", self, bearer(made.Text)).check(t, 404, `{"error":"404 Not Found"}`)
}

func TestGitLabChecksInOrder(t *testing.T) {
	t.Parallel()
	s := begin(t)
	user := s.URL(sandbox.GitLab) + "/user"
	made := labToken(t, s, "write_repository")
	do(t, s.BlockToken(made, sandbox.BlockSuspended))
	ask(t, "GET", user, bearer(made)).check(t, 403,
		`{"error":"insufficient_scope","error_description":"The request requires higher privileges than provided by the `+
			`access token.","scope":"api read_api read_user"}`)
	do(t, s.RevokeToken(made))
	ask(t, "GET", user, bearer(made)).check(t, 401, "Token was revoked. You have to re-authorize from the user.")
	do(t, s.ExpireToken(made))
	ask(t, "GET", user, bearer(made)).check(t, 401,
		"Token is expired. You can either do re-authorization or token refresh.")

	made = labToken(t, s, "read_user")
	do(t, s.BlockToken(made, sandbox.BlockSuspended))
	ask(t, "GET", user, bearer(made)).check(t, 403, `{"message":"403 Forbidden - Your account has been blocked."}`)
	do(t, s.BlockToken(made, sandbox.BlockDPoP))
	ask(t, "GET", user, bearer(made)).check(t, 401, "dpop_error")
	do(t, s.BlockToken(made, sandbox.BlockGranularEnforce))
	ask(t, "GET", user, bearer(made)).check(t, 200, "ci-bot") // nobody's group is asked about an account

	ask(t, "GET", user, bearer("glpat-x")).check(t, 401, `{"message":"401 Unauthorized"}`)
	ask(t, "GET", user).check(t, 401, `{"message":"401 Unauthorized"}`)
	ask(t, "GET", user, basic("x", made)).check(t, 401, "401 Unauthorized")
	ask(t, "DELETE", user, bearer(made)).check(t, 405, "405 Not Allowed")
	ask(t, "GET", user+"/nothing").check(t, 404, "404 Not Found")
}

func TestGitLabScopes(t *testing.T) {
	t.Parallel()
	s := begin(t)
	repository(t, s, sandbox.Repository{
		Service: sandbox.GitLab, Path: "acme/sub/app", Private: true, Roles: map[string]string{"ci-bot": "write"},
	})

	api := s.URL(sandbox.GitLab)
	for _, c := range []struct {
		path, scope string
		status      int
	}{
		{"/user", "api", 200},
		{"/user", "read_api", 200},
		{"/user", "read_user", 200},
		{"/user", "read_repository", 403},
		{"/version", "read_user", 200},
		{"/metadata", "write_repository", 403},
		{"/projects/acme%2Fsub%2Fapp", "read_api", 200},
		{"/projects/acme%2Fsub%2Fapp", "read_user", 403},
		{"/projects/acme%2Fsub", "api", 404},
		{"/projects/acme/sub/app", "api", 404},
		{"/projects", "read_api", 200},
		{"/projects/acme%2Fsub%2Fapp/hooks", "api", 403},
		{"/personal_access_tokens/self/associations?min_access_level=30", "read_registry", 200},
	} {
		if got := ask(t, "GET", api+c.path, bearer(labToken(t, s, c.scope))); got.status != c.status {
			t.Errorf("%s with %s: %d %s", c.path, c.scope, got.status, got.body)
		}
	}

	ask(t, "POST {}", api+"/projects", bearer(labToken(t, s, "read_api"))).check(t, 403, "insufficient_scope")
	ask(t, "POST {}", api+"/projects", bearer(labToken(t, s, "api"))).check(t, 400, "name, path are missing")

	if n := changes(t, s, sandbox.GitLab); n != 0 {
		t.Errorf("questions changed %d things", n)
	}

	ask(t, `POST {"name":"new"}`, api+"/projects", bearer(labToken(t, s, "api"))).check(t, 201, "ci-bot/new")

	if n := changes(t, s, sandbox.GitLab); n != 1 {
		t.Errorf("a new project is %d changes", n)
	}
}

func TestGitLabProjectAccess(t *testing.T) {
	t.Parallel()
	s := begin(t)

	for path, role := range map[string]string{"acme/r": "read", "acme/w": "write", "acme/a": "admin", "acme/none": ""} {
		r := sandbox.Repository{Service: sandbox.GitLab, Path: path, Private: true}
		if role != "" {
			r.Roles = map[string]string{"ci-bot": role}
		}

		repository(t, s, r)
	}

	repository(t, s, sandbox.Repository{Service: sandbox.GitLab, Path: "acme/public"})
	api, made := s.URL(sandbox.GitLab), labToken(t, s, "api")
	id := ask(t, "GET", api+"/user", bearer(made)).body
	_, id, _ = strings.Cut(id, `"id":`)
	id, _, _ = strings.Cut(id, ",")

	for path, want := range map[string]string{
		"acme/r":      `"access_level":20`,
		"acme/w":      `"access_level":30`,
		"acme/a":      `"access_level":40`,
		"acme/public": `"project_access":null`,
	} {
		project := api + "/projects/" + url.PathEscape(path)
		ask(t, "GET", project, bearer(made)).check(t, 200, want)

		if path != "acme/public" {
			ask(t, "GET", project+"/members/all/"+id, bearer(made)).check(t, 200, want)
			ask(t, "GET", project+"/members/all", bearer(made)).check(t, 200, want)
		} else {
			ask(t, "GET", project+"/members/all/"+id, bearer(made)).check(t, 404, "404 Not found")
		}
	}

	ask(t, "GET", api+"/projects/acme%2Fnone", bearer(made)).check(t, 404, `{"message":"404 Project Not Found"}`)
	ask(t, "GET", api+"/projects/acme%2Fpublic").check(t, 200, "acme/public")

	if got := ask(t, "GET", api+"/projects?min_access_level=30", bearer(made)); got.size(t, "") != 2 {
		t.Errorf("projects to write to: %s", got.body)
	}
}

func TestGitLabBots(t *testing.T) {
	t.Parallel()
	s := begin(t)
	repository(t, s, sandbox.Repository{Service: sandbox.GitLab, Path: "acme/app", Private: true})
	repository(t, s, sandbox.Repository{Service: sandbox.GitLab, Path: "acme/other", Private: true})
	api := s.URL(sandbox.GitLab)
	project := token(t, s, sandbox.Token{
		Service: sandbox.GitLab, Kind: "project", Scopes: []string{"api"}, Repositories: []string{"acme/app"},
	})

	group := token(t, s, sandbox.Token{
		Service: sandbox.GitLab, Kind: "group", Scopes: []string{"api"}, Repositories: []string{"acme"},
	})
	for name, text := range map[string]string{"project_": project.Text, "group_": group.Text} {
		got := ask(t, "GET", api+"/user", bearer(text))
		got.check(t, 200, `"username":"`+name)
		got.check(t, 200, `"bot":true`)
		ask(t, "GET", api+"/projects/acme%2Fapp", bearer(text)).check(t, 200, `"access_level":40`)
	}

	ask(t, "GET", api+"/projects/acme%2Fother", bearer(project.Text)).check(t, 404, "Project Not Found")
	ask(t, "GET", api+"/projects/acme%2Fother", bearer(group.Text)).check(t, 200, `"access_level":40`)
}

func TestGitLabSelfManaged(t *testing.T) {
	t.Parallel()
	s := begin(t)
	made := token(t, s, sandbox.Token{
		Service: sandbox.GitLabSelfManaged, Kind: "personal", Scopes: []string{"api", "sudo"},
	})
	root := s.URL(sandbox.GitLabSelfManaged)
	got := ask(t, "GET", root+"/api/v4/user", bearer(made.Text))
	got.check(t, 200, "ci-bot")

	if got.header.Get("RateLimit-Limit") != "" || got.header.Get("Content-Type") != "application/json" {
		t.Errorf("headers %v", got.header)
	}

	ask(t, "GET", strings.TrimSuffix(root, "/gitlab")+"/api/v4/user", bearer(made.Text)).check(t, 404, "html")

	if public := ask(t, "GET", s.URL(sandbox.GitLab)+"/user"); public.header.Get("RateLimit-Limit") != "2000" {
		t.Errorf("GitLab.com's headers %v", public.header)
	}
}

func TestGitLabGit(t *testing.T) {
	t.Parallel()
	s := begin(t)
	roles := func(role string) map[string]string { return map[string]string{"ci-bot": role} }
	app := repository(t, s, sandbox.Repository{
		Service: sandbox.GitLab, Path: "acme/app", Private: true, Roles: roles("write"),
	})
	reader := repository(t, s, sandbox.Repository{
		Service: sandbox.GitLab, Path: "acme/reader", Private: true, Roles: roles("read"),
	})
	old := repository(t, s, sandbox.Repository{
		Service: sandbox.GitLab, Path: "acme/old", Archived: true, Roles: roles("write"),
	})
	root := strings.TrimSuffix(s.URL(sandbox.GitLab), "/api/v4")

	const up, receive = "/info/refs?service=git-upload-pack", "/info/refs?service=git-receive-pack"
	for _, c := range []struct {
		scope, address string
		status         int
		contains       string
	}{
		{"read_repository", app + up, 200, "git-upload-pack"},
		{"read_api", app + up, 200, "git-upload-pack"},
		{"read_user", app + up, 403, "not allowed to download code"},
		{"read_repository", app + receive, 403, "You are not allowed to upload code."},
		{"write_repository", app + receive, 200, "git-receive-pack"},
		{"api", app + receive, 200, "git-receive-pack"},
		{"api", reader + receive, 403, "You are not allowed to push code to this project."},
		{"api", old + receive, 403, "archived"},
		{"api", root + "/acme/nothing.git" + receive, 404, "could not be found"},
	} {
		got := ask(t, "GET", c.address, basic("oauth2", labToken(t, s, c.scope)))
		if got.status != c.status || !strings.Contains(got.body, c.contains) {
			t.Errorf("%s %s: %d %q", c.scope, c.address, got.status, got.body)
		}
	}

	made := labToken(t, s, "api")
	if got := ask(t, "HEAD", app+up, basic("x", made)); got.status != 403 {
		t.Errorf("HEAD: %d", got.status)
	}

	ask(t, "GET", app+up, basic("x", "glpat-x")).check(t, 401, "HTTP Basic: Access denied.")
	ask(t, "GET", app+up).check(t, 401, "HTTP Basic: Access denied.")
	ask(t, "GET", old+up).check(t, 200, "git-upload-pack")

	if n := changes(t, s, sandbox.GitLab); n != 0 {
		t.Fatalf("questions changed %d things", n)
	}

	ask(t, "GET", root+"/ci-bot/typo.git"+receive, basic("x", made)).check(t, 200, "git-receive-pack")

	if n := changes(t, s, sandbox.GitLab); n != 1 {
		t.Error("asking to push to a path of one's own made no project")
	}

	do(t, s.BlockToken(made, sandbox.BlockSuspended))
	ask(t, "GET", app+up, basic("x", made)).check(t, 403, "Your account has been blocked.")
}
