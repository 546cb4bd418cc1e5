package sandbox_test

import (
	"encoding/base64"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func serverToken(t *testing.T, s *sandbox.Sandbox, scopes ...string) string {
	t.Helper()

	return token(t, s, sandbox.Token{Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: scopes}).Text
}

func TestBitbucketServerAuthentication(t *testing.T) {
	t.Parallel()
	s := begin(t)
	made := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "http_access", Owner: "jane doe",
		Scopes: []string{"PROJECT_READ", "REPO_READ"},
	}).Text
	project := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "project_http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
		Repositories: []string{"PLAT"},
	})
	reading := func() string { return serverToken(t, s, "PROJECT_READ", "REPO_READ") }
	dead, expired, inactive := reading(), reading(), reading()
	do(t, s.RevokeToken(dead))
	do(t, s.ExpireToken(expired))
	do(t, s.BlockToken(inactive, sandbox.BlockSuspended))
	projects := s.URL(sandbox.BitbucketServer) + "/rest/api/latest/projects?limit=1"

	const (
		badLogin     = "IncorrectPasswordAuthenticationException"
		notPermitted = "com.atlassian.bitbucket.AuthorisationException"
	)
	for name, c := range map[string]struct {
		header string
		status int
		user   string
		body   string
	}{
		"bearer":               {bearer(made), 200, "jane+doe", `"isLastPage":true`},
		"basic":                {basic("jane doe", made), 200, "jane+doe", `"key":"PLAT"`},
		"basic, somebody else": {basic("ci-bot", made), 401, "", badLogin},
		"project token":        {bearer(project.Text), 200, "access-token-user%2F1%2F", "PLAT"},
		"project token, basic": {basic(project.Owner, project.Text), 401, "", badLogin},
		"unknown":              {bearer("BBDC-x"), 401, "", badLogin},
		"revoked":              {bearer(dead), 401, "", badLogin},
		"expired":              {bearer(expired), 401, "", badLogin},
		"inactive":             {bearer(inactive), 401, "", badLogin},
		"anonymous":            {"X-Nothing: x", 401, "", notPermitted},
	} {
		got := ask(t, "GET", projects, c.header)
		if user := got.header.Get("X-AUSERNAME"); got.status != c.status || !strings.HasPrefix(user, c.user) ||
			(c.user == "") != (user == "") || !strings.Contains(got.body, c.body) {
			t.Errorf("%s: %d, X-AUSERNAME %q, %s", name, got.status, user, got.body)
		}
	}
}

func TestBitbucketServerAnonymousPages(t *testing.T) {
	t.Parallel()
	s := begin(t)
	made := serverToken(t, s, "PROJECT_READ", "REPO_READ")
	root := s.URL(sandbox.BitbucketServer)

	properties, whoami := root+"/rest/api/1.0/application-properties", root+"/plugins/servlet/applinks/whoami"
	if got := ask(t, "HEAD", properties, bearer(made)); got.status != 200 || got.header.Get("X-AUSERNAME") != "ci-bot" {
		t.Errorf("HEAD: %d %v", got.status, got.header)
	}

	ask(t, "GET", properties).check(t, 200, `"displayName":"Bitbucket"`)
	ask(t, "GET", properties, bearer("BBDC-x")).check(t, 401, "Authentication failed.")
	ask(t, "GET", whoami).check(t, 200, "")
	// Tokens are known below /rest and /scm only.
	ask(t, "GET", whoami, bearer(made)).check(t, 200, "Log in - Bitbucket")
	ask(t, "GET", root+"/projects/PLAT", bearer(made)).check(t, 200, "Log in - Bitbucket")
	do(t, s.SetBehaviour(sandbox.BitbucketServer, sandbox.AnonymousOnBadToken, true))

	got := ask(t, "GET", properties, bearer("BBDC-x"))
	if got.status != 200 || got.header.Get("X-AUSERNAME") != "" {
		t.Errorf("a bad token as anonymous: %d %v", got.status, got.header)
	}

	ask(t, "GET", root+"/rest/api/latest/nothing", bearer(made)).check(t, 404, "dead link")
	ask(t, "DELETE", root+"/rest/api/latest/projects", bearer(made)).check(t, 405, "")
}

func TestBitbucketServerLevels(t *testing.T) {
	t.Parallel()
	s := begin(t)
	repository(t, s, sandbox.Repository{
		Service: sandbox.BitbucketServer, Path: "CORE/app", Private: true, Roles: map[string]string{"ci-bot": "write"},
	})
	repository(t, s, sandbox.Repository{Service: sandbox.BitbucketServer, Path: "SEC/vault", Private: true})
	api := s.URL(sandbox.BitbucketServer) + "/rest/api/latest"
	admin, reader := serverToken(t, s, "PROJECT_ADMIN", "REPO_ADMIN"), serverToken(t, s, "PROJECT_READ", "REPO_READ")

	mixed := serverToken(t, s, "PROJECT_READ", "REPO_WRITE")
	for _, c := range []struct {
		token, path string
		status      int
		size        int // of values, -1 for no list
	}{
		{admin, "/projects?permission=PROJECT_ADMIN&limit=1", 200, 1},
		{reader, "/projects?permission=PROJECT_ADMIN", 200, 0},
		{reader, "/projects?permission=PROJECT_READ", 200, 1},
		{reader, "/projects?permission=PROJECT_VIEW", 200, 2},
		{reader, "/projects?permission=OWNER", 400, -1},
		{reader, "/projects?permission=REPO_READ", 400, -1},
		{admin, "/projects/PLAT", 200, -1},
		{admin, "/projects/CORE", 200, -1},
		{admin, "/projects/SEC", 401, -1},
		{admin, "/projects/NONE", 404, -1},
		{admin, "/projects/PLAT/permissions/users?limit=1", 200, 1},
		{reader, "/projects/PLAT/permissions/users", 401, -1},
		{admin, "/projects/CORE/permissions/users", 401, -1},
		{admin, "/projects/CORE/repos", 200, 1},
		{reader, "/projects/CORE/repos/app", 200, -1},
		{reader, "/projects/CORE/repos/none", 404, -1},
		{reader, "/projects/SEC/repos/vault", 401, -1},
		{admin, "/projects/PLAT/repos/gitops/permissions/users", 200, 0},
		{admin, "/projects/CORE/repos/app/permissions/users", 401, -1},
		{mixed, "/projects/PLAT/repos/gitops/webhooks?limit=1", 401, -1},
		{admin, "/projects/PLAT/repos/gitops/webhooks?limit=1", 200, 0},
		{mixed, "/repos?projectkey=PLAT&name=gitops&permission=REPO_WRITE", 200, 1},
		{mixed, "/repos?projectkey=PLAT&name=gitops&permission=REPO_ADMIN", 200, 0},
		{reader, "/repos?permission=REPO_WRITE", 200, 0},
		{reader, "/repos?name=app", 200, 1},
		{reader, "/repos?permission=PROJECT_READ", 400, -1},
		{reader, "/users/ci-bot", 200, -1},
		{reader, "/users/nobody", 404, -1},
	} {
		got := ask(t, "GET", api+c.path, bearer(c.token))
		if got.status != c.status {
			t.Errorf("%s: %d %s", c.path, got.status, got.body)
		} else if c.size >= 0 && got.size(t, "values") != c.size {
			t.Errorf("%s: %s, want %d", c.path, got.body, c.size)
		}

		if got.header.Get("X-AUSERNAME") != "ci-bot" {
			t.Errorf("%s: no X-AUSERNAME", c.path)
		}
	}

	do(t, s.SetBehaviour(sandbox.BitbucketServer, sandbox.OwnerFilters, true))

	if got := ask(t, "GET", api+"/projects?permission=PROJECT_ADMIN", bearer(reader)); got.size(t, "values") != 1 {
		t.Errorf("filters by the owner's rights: %s", got.body)
	}

	ask(t, "GET", api+"/projects/PLAT/permissions/users", bearer(reader)).check(t, 401, "not permitted")
	do(t, s.SetProjectRole("PLAT", "ci-bot", "read"))

	if got := ask(t, "GET", api+"/projects?permission=PROJECT_ADMIN", bearer(admin)); got.size(t, "values") != 0 {
		t.Errorf("an owner without rights: %s", got.body)
	}

	if err := s.SetProjectRole("NONE", "ci-bot", "read"); err == nil {
		t.Error("SetProjectRole took an unknown project")
	}
}

func TestBitbucketServerPages(t *testing.T) {
	t.Parallel()
	s := begin(t)
	repository(t, s, sandbox.Repository{Service: sandbox.BitbucketServer, Path: "PLAT/second"})
	repos := s.URL(sandbox.BitbucketServer) + "/rest/api/1.0/repos"
	made := serverToken(t, s, "PROJECT_READ", "REPO_READ")
	ask(t, "GET", repos+"?limit=1", bearer(made)).check(t, 200, `"isLastPage":false,"limit":1,"nextPageStart":1`)
	ask(t, "GET", repos+"?limit=1&start=1", bearer(made)).check(t, 200, `"slug":"second"`)

	if got := ask(t, "GET", repos); got.size(t, "values") != 1 {
		t.Errorf("anonymous: %s", got.body)
	}

	if got := ask(t, "GET", repos+"?permission=REPO_READ"); got.size(t, "values") != 0 {
		t.Errorf("anonymous with a permission: %s", got.body)
	}
}

func TestBitbucketServerServiceAccounts(t *testing.T) {
	t.Parallel()
	s := begin(t)
	repository(t, s, sandbox.Repository{Service: sandbox.BitbucketServer, Path: "PLAT/other", Private: true})
	repo := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "repository_http_access", Scopes: []string{"REPO_ADMIN"},
		Repositories: []string{"PLAT/gitops"},
	})
	api := s.URL(sandbox.BitbucketServer) + "/rest/api/latest"
	ask(t, "GET", api+"/projects/PLAT/repos/gitops/webhooks", bearer(repo.Text)).check(t, 200, "values")
	ask(t, "GET", api+"/projects/PLAT/repos/other", bearer(repo.Text)).check(t, 401, "")
	ask(t, "GET", api+"/projects/PLAT", bearer(repo.Text)).check(t, 200, "PLAT")

	if got := ask(t, "GET", api+"/projects?permission=PROJECT_READ", bearer(repo.Text)); got.size(t, "values") != 0 {
		t.Errorf("a repository token has a project level: %s", got.body)
	}

	slug := ask(t, "GET", api+"/projects", bearer(repo.Text)).header.Get("X-AUSERNAME")
	ask(t, "GET", api+"/users/"+slug, bearer(repo.Text)).check(t, 200, `"type":"SERVICE"`)
	ask(t, `POST {"name":"!invalid"}`, api+"/users/"+slug+"/repos", bearer(repo.Text)).check(t, 401, "not permitted")
}

func TestBitbucketServerPersonalRepositories(t *testing.T) {
	t.Parallel()
	s := begin(t)
	mine := s.URL(sandbox.BitbucketServer) + "/rest/api/1.0/users/ci-bot/repos"
	weak := serverToken(t, s, "PROJECT_READ", "REPO_ADMIN")
	ask(t, `POST {"name":"!invalid"}`, mine, bearer(weak)).check(t, 401, "not permitted")
	admin := serverToken(t, s, "PROJECT_ADMIN", "REPO_ADMIN")
	ask(t, `POST {"name":"!invalid"}`, mine, bearer(admin)).check(t, 400, "start with a letter or number")

	if n := changes(t, s, sandbox.BitbucketServer); n != 0 {
		t.Errorf("questions changed %d things", n)
	}

	ask(t, `POST {"name":"real"}`, mine, bearer(admin)).check(t, 201, "real")

	if n := changes(t, s, sandbox.BitbucketServer); n != 1 {
		t.Errorf("a new repository is %d changes", n)
	}
}

// Addresses have the slugs of users, and answers name users.
func TestBitbucketServerSlugs(t *testing.T) {
	t.Parallel()
	s := begin(t)
	users := s.URL(sandbox.BitbucketServer) + "/rest/api/1.0/users/"
	made := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "http_access", Owner: "CI@example.com",
		Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
	})

	ask(t, "GET", users+"ci_example.com", bearer(made.Text)).check(t, 200, `"slug":"ci_example.com"`)
	ask(t, `POST {"name":"!invalid"}`, users+"ci_example.com/repos", bearer(made.Text)).check(t, 400, "start with")

	for _, name := range []string{"CI%40example.com", "CI@example.com"} {
		got := ask(t, "GET", users+name, bearer(made.Text))
		got.check(t, 404, "User CI@example.com does not exist.")

		if user := got.header.Get("X-AUSERNAME"); user != "CI%40example.com" {
			t.Errorf("X-AUSERNAME is %q", user)
		}

		ask(t, `POST {"name":"!invalid"}`, users+name+"/repos", bearer(made.Text)).check(t, 404, "NoSuchUser")
	}
}

func TestBitbucketServerOwnRecord(t *testing.T) {
	t.Parallel()
	s := begin(t)
	expiry := noon.Add(90 * 24 * time.Hour)
	personal := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "http_access", ExpiresAt: expiry,
		Scopes: []string{"PROJECT_READ", "REPO_WRITE"},
	})
	project := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "project_http_access", Scopes: []string{"PROJECT_READ", "REPO_WRITE"},
		Repositories: []string{"PLAT"},
	})
	repo := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "repository_http_access", Scopes: []string{"REPO_WRITE"},
		Repositories: []string{"PLAT/gitops"},
	})
	records := s.URL(sandbox.BitbucketServer) + "/rest/access-tokens/latest"
	ask(t, "GET", records+"/users/ci-bot", bearer(personal.Text)).check(t, 401, "not permitted")
	do(t, s.SetBehaviour(sandbox.BitbucketServer, sandbox.OwnTokenRecord, true))
	got := ask(t, "GET", records+"/users/ci-bot", bearer(personal.Text))
	got.check(t, 200, `"permissions":["PROJECT_READ","REPO_WRITE"]`)
	got.check(t, 200, `"expiryDate":`+strconv.FormatInt(expiry.UnixMilli(), 10))
	_, id, _ := strings.Cut(got.body, `"id":"`)
	id, _, _ = strings.Cut(id, `"`)

	plain, _ := base64.StdEncoding.DecodeString(strings.TrimPrefix(personal.Text, "BBDC-"))
	if !strings.HasPrefix(string(plain), id+":") {
		t.Errorf("the record has the number %s, the token's text another one", id)
	}

	ask(t, "GET", records+"/users/ci-bot/"+id, bearer(personal.Text)).check(t, 200, `"id":"`+id+`"`)
	ask(t, "GET", records+"/users/other", bearer(personal.Text)).check(t, 401, "")
	ask(t, "PUT {}", records+"/users/ci-bot", bearer(personal.Text)).check(t, 401, "")
	ask(t, "GET", records+"/projects/PLAT", bearer(project.Text)).check(t, 200, "PROJECT_READ")
	ask(t, "GET", records+"/projects/PLAT/repos/gitops", bearer(repo.Text)).check(t, 200, "REPO_WRITE")
}

func TestBitbucketServerGit(t *testing.T) {
	t.Parallel()
	s := begin(t)
	clone := repository(t, s, sandbox.Repository{
		Service: sandbox.BitbucketServer, Path: "CORE/app", Private: true, Roles: map[string]string{"ci-bot": "write"},
	})
	public := repository(t, s, sandbox.Repository{Service: sandbox.BitbucketServer, Path: "CORE/open", Archived: true})
	secret := repository(t, s, sandbox.Repository{Service: sandbox.BitbucketServer, Path: "SEC/vault", Private: true})
	reader, writer := serverToken(t, s, "PROJECT_READ", "REPO_READ"), serverToken(t, s, "PROJECT_READ", "REPO_WRITE")
	repo := token(t, s, sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "repository_http_access", Scopes: []string{"REPO_WRITE"},
		Repositories: []string{"CORE/app"},
	})

	const up, receive = "/info/refs?service=git-upload-pack", "/info/refs?service=git-receive-pack"
	for _, c := range []struct {
		header, address string
		status          int
	}{
		{basic("ci-bot", reader), clone + up, 200},
		{basic("ci-bot", reader), clone + receive, 403},
		{basic("ci-bot", writer), clone + receive, 200},
		{bearer(writer), clone + receive, 200},
		{basic("other", writer), clone + receive, 401},
		{bearer(repo.Text), clone + receive, 200},
		{basic("x-token-auth", repo.Text), clone + receive, 401},
		{bearer(writer), secret + up, 404},
		{"X-Nothing: x", clone + up, 401},
		{"X-Nothing: x", public + up, 200},
		{"X-Nothing: x", public + receive, 401},
		{bearer(writer), public + receive, 403},
	} {
		if got := ask(t, "GET", c.address, c.header); got.status != c.status {
			t.Errorf("%s: %d %s, want %d", c.address, got.status, got.body, c.status)
		}
	}
}
