package main

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// world is a sandbox that plays the real services.
type world struct {
	t   *testing.T
	box *sandbox.Sandbox
	env map[string]string
}

const testRuntime = "prod"

func newWorld(t *testing.T) *world {
	t.Helper()

	box, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(box.Close)

	return &world{t, box, map[string]string{}}
}

// must fails the test on err.
func (w *world) must(err error) {
	w.t.Helper()

	if err != nil {
		w.t.Fatal(err)
	}
}

// host makes a token and sets the variables for its host.
func (w *world) host(token sandbox.Token) sandbox.Token {
	w.t.Helper()
	made, err := w.box.CreateToken(token)
	w.must(err)

	names := map[sandbox.Service]hostVariables{}

	for i, services := range [][]sandbox.Service{
		{sandbox.GitHub, sandbox.GitHubEnterprise},
		{sandbox.GitLab, sandbox.GitLabSelfManaged},
		{sandbox.BitbucketServer},
		{sandbox.BitbucketCloud},
	} {
		for _, service := range services {
			names[service] = hosts()[i]
		}
	}

	h := names[token.Service]

	w.env[h.token], w.env[h.apiURL] = made.Text, w.box.URL(token.Service)
	if h.username != "" && token.Kind != "access_token" {
		w.env[h.username] = made.Email
	}

	return made
}

// codefresh adds a runtime of GitHub and sets the variables for it.
func (w *world) codefresh(r sandbox.Runtime) (userID string) {
	w.t.Helper()
	r.Name, r.GitProvider, r.GitAPIURL = testRuntime, "GITHUB", w.box.URL(sandbox.GitHub)
	w.must(w.box.AddRuntime(r))
	id, key := w.box.DefaultUser()
	w.env[liveKey], w.env[liveURL], w.env[liveRuntime] = key, w.box.URL(sandbox.Codefresh), testRuntime

	return id
}

// everything gives the world a good token at each host, and Codefresh.
func (w *world) everything() (userID string) {
	w.t.Helper()

	for _, token := range goodTokens() {
		w.host(token)
	}

	return w.codefresh(sandbox.Runtime{})
}

func goodTokens() []sandbox.Token {
	return []sandbox.Token{
		{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo", "admin:repo_hook"}},
		{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}},
		{Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"}},
		{Service: sandbox.BitbucketCloud, Kind: "api_token", Scopes: []string{"read:user:bitbucket"}},
	}
}

// run runs the program, and checks what holds for every run.
func (w *world) run() (code int, output string) {
	w.t.Helper()

	var out bytes.Buffer

	code, err := run(w.t.Context(), func(name string) string { return w.env[name] }, &out)
	w.must(err)

	for _, v := range variables() {
		if value := w.env[v.name]; v.secret && value != "" && strings.Contains(out.String(), value) {
			w.t.Errorf("the output holds the value of %s:\n%s", v.name, out.String())
		}
	}

	return code, out.String()
}

// TestConfirmed asks a sandbox that behaves as a sandbox does.
func TestConfirmed(t *testing.T) {
	t.Parallel()

	later := time.Now().Add(90 * 24 * time.Hour)
	for name, tt := range map[string]sandbox.Token{
		"GitHub, classic":      {Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}, ExpiresAt: later},
		"GitHub, no scopes":    {Service: sandbox.GitHub, Kind: "classic"},
		"GitHub, fine-grained": {Service: sandbox.GitHub, Kind: "fine_grained", ExpiresAt: later},
		"GitHub, installation": {Service: sandbox.GitHub, Kind: "app_installation"},
		"GitHub Enterprise": {
			Service: sandbox.GitHubEnterprise, Kind: "classic", Scopes: []string{"repo", "user:email"},
		},
		"GitLab, personal":  {Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}, ExpiresAt: later},
		"GitLab, low scope": {Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"write_repository"}},
		"GitLab, group": {
			Service: sandbox.GitLab, Kind: "group", Scopes: []string{"api"}, Repositories: []string{"acme"},
		},
		"GitLab, OAuth": {Service: sandbox.GitLab, Kind: "oauth", Scopes: []string{"api"}},
		"GitLab, granular": {
			Service: sandbox.GitLab, Kind: "granular",
			Permissions: map[string]string{"personal_access_token": "read"},
		},
		"GitLab, self-managed": {
			Service: sandbox.GitLabSelfManaged, Kind: "personal", Scopes: []string{"read_api", "sudo"},
		},
		"Bitbucket, admin": {
			Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
		},
		"Bitbucket, write": {
			Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_READ", "REPO_WRITE"},
		},
		"Bitbucket, project": {
			Service: sandbox.BitbucketServer, Kind: "project_http_access",
			Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"}, Repositories: []string{"PLAT"},
		},
		"Bitbucket, repository": {
			Service: sandbox.BitbucketServer, Kind: "repository_http_access",
			Scopes: []string{"REPO_WRITE"}, Repositories: []string{"PLAT/gitops"},
		},
		"Bitbucket Cloud, API": {
			Service: sandbox.BitbucketCloud, Kind: "api_token",
			Scopes: []string{"read:user:bitbucket", "read:repository:bitbucket"},
		},
		"Bitbucket Cloud, bare":  {Service: sandbox.BitbucketCloud, Kind: "api_token"},
		"Bitbucket Cloud access": {Service: sandbox.BitbucketCloud, Kind: "access_token", Scopes: []string{"repository"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			made := w.host(tt)

			code, out := w.run()
			if code != exitConfirmed || strings.Count(out, "confirmed  ") < 4 {
				t.Errorf("exit code %d:\n%s", code, out)
			}

			if made.Owner == "ci-bot" && strings.Contains(out, made.Owner) {
				t.Errorf("the owner is in the output:\n%s", out)
			}
		})
	}
}

func TestConfirmedEverywhere(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	w.everything()

	code, out := w.run()
	if code != exitConfirmed {
		t.Errorf("exit code %d:\n%s", code, out)
	}

	for _, want := range []string{
		"The provider finds: live, kind classic, scopes admin:repo_hook, repo, expiry not told, owner told.",
		"confirmed  GET /personal_access_tokens/self",
		"confirmed  GET /user, with a made-up credential",
		"confirmed  a field that the schema lacks",
		"confirmed  Git integrations",
		"not tried  everything\n             LIVE_MUTATIONS",
		" 0 refuted, 0 failed,",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in the output:\n%s", want, out)
		}
	}

	for _, private := range []string{"ci-bot", "sandbox-admin", testRuntime, "127.0.0.1"} {
		if strings.Contains(out, private) {
			t.Errorf("%q is in the output:\n%s", private, out)
		}
	}
}

// TestOnlyReads looks at what the services received without LIVE_MUTATIONS.
func TestOnlyReads(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	w.everything()
	w.env[liveMutations] = "no"
	w.env[liveRuntimeToken] = w.env["LIVE_GITHUB_TOKEN"]
	w.run()

	if got := w.box.Mutations(); len(got) > 0 {
		t.Errorf("mutations: %+v", got)
	}

	if requests := w.box.Requests(); len(requests) < 20 {
		t.Errorf("only %d requests", len(requests))
	}

	unknown := map[sandbox.Service]int{}

	for _, r := range w.box.Requests() {
		isGraphQL := strings.HasSuffix(r.Path, "/graphql")
		if r.Method != http.MethodGet && !isGraphQL {
			t.Errorf("%s %s %s", r.Service, r.Method, r.Path)
		}

		if strings.HasSuffix(r.Authorization, "unknown") {
			unknown[r.Service]++
		}
	}

	for _, service := range []sandbox.Service{
		sandbox.GitHub, sandbox.GitLab, sandbox.BitbucketCloud, sandbox.Codefresh, sandbox.AppProxy(testRuntime),
	} {
		if unknown[service] != 1 {
			t.Errorf("%s: %d requests with made-up credentials", service, unknown[service])
		}
	}

	if unknown[sandbox.BitbucketServer] != 0 {
		t.Error("Bitbucket Server got a made-up token")
	}
}

// TestRefuted asks services that answer otherwise than the sandbox of the program.
func TestRefuted(t *testing.T) {
	t.Parallel()

	breaking := func(service sandbox.Service, f sandbox.Fault) func(w *world) error {
		return func(w *world) error { return w.box.Break(service, f) }
	}
	inJSON := map[string]string{"Content-Type": "application/json"}

	withScopes := func(scopes string) sandbox.Fault {
		return sandbox.Fault{
			Match: "/user", Status: 200,
			Header: map[string]string{"Content-Type": "application/json", "X-OAuth-Scopes": scopes},
			Body:   `{"login":"private","id":1,"type":"User"}`,
		}
	}
	for name, tt := range map[string]struct {
		change func(w *world) error
		wants  []string
	}{
		"status and media type": {
			breaking(sandbox.BitbucketCloud, sandbox.Fault{
				Match: "/repositories/", Status: 404,
				Header: map[string]string{"Content-Type": "text/html"}, Body: "<html>",
			}),
			[]string{"refuted    GET /repositories/{nobody}/{nobody}\n", "media type text/html instead of application/json"},
		},
		"lost header": {
			breaking(sandbox.GitHub, sandbox.Fault{
				Match: "/repos/", Status: 404, Header: inJSON,
				Body: `{"message":"Not Found","documentation_url":"","status":"404"}`,
			}),
			[]string{"refuted    GET /repos/{nobody}/{nobody}\n", "header X-OAuth-Scopes: absent instead of present"},
		},
		"other type, other words": {
			breaking(sandbox.Codefresh, sandbox.Fault{
				Match: "me", Status: 400, Header: inJSON,
				Body: `{"errors":[{"message":"private","extensions":[]}]}`,
			}),
			[]string{
				"refuted    a field that the schema lacks\n",
				"errors[].extensions: array instead of object",
				"errors[].message: another text than",
			},
		},
		"lost key": {
			breaking(sandbox.GitLab, sandbox.Fault{
				Match: "/projects/", Status: 404, Header: inJSON, Body: `{"error":["private"]}`,
			}),
			[]string{"refuted    GET /projects/{nobody}%2F{nobody}\n", "message: absent"},
		},
		"maintenance": {
			breaking(sandbox.GitLab, sandbox.Fault{Status: 503, Match: "/projects/"}),
			[]string{"failed     GET /projects/{nobody}%2F{nobody}\n             status 503"},
		},
		"the token's own record": {
			func(w *world) error { return w.box.SetBehaviour(sandbox.BitbucketServer, sandbox.OwnTokenRecord, true) },
			[]string{"refuted    GET /rest/access-tokens/latest/users/{owner}/{number}\n", "status 200 instead of 401"},
		},
		"a scope that nobody heard of": {
			breaking(sandbox.GitHub, withScopes("brand:new, repo")),
			[]string{"refuted    the sandbox knows every scope\n             it issues no brand:new\n"},
		},
		"a scope that another one implies": {
			breaking(sandbox.GitHub, withScopes("public_repo, repo")),
			[]string{
				"refuted    the provider's verdict of an equivalent token of the sandbox\n" +
					"             the set of scopes is another\n",
			},
		},
		"old GitLab": {
			func(w *world) error { return w.box.SetBehaviour(sandbox.GitLab, sandbox.NoTokenSelf, true) },
			[]string{"refuted    GET /personal_access_tokens/self\n", "status 404 instead of 200"},
		},
		"old platform": {
			func(w *world) error {
				w.box.SetPlatform(sandbox.Platform{Old: true})

				return nil
			},
			[]string{"refuted    user, account and runtimes\n", "status 400 instead of 200"},
		},
		"web page for a bad key": {
			func(w *world) error {
				w.box.SetPlatform(sandbox.Platform{HTMLGateway: true})

				return nil
			},
			[]string{
				"refuted    the user, with a made-up credential\n" +
					"             media type text/html instead of application/json",
				"the body: no JSON instead of object",
			},
		},
		"unexpected answer": {
			breaking(sandbox.GitHub, sandbox.Fault{Status: 418, Header: inJSON, Body: `{}`}),
			[]string{"unchecked (not_understood)", "refuted    GET /user\n", "status 418 instead of 200", "not tried  the rest"},
		},
		"no answer": {
			breaking(sandbox.Codefresh, sandbox.Fault{Mode: "refuse"}),
			[]string{"failed     user, account and runtimes\n             no answer: network"},
		},
		"no answer of a host": {
			breaking(sandbox.GitLab, sandbox.Fault{Mode: "refuse"}),
			[]string{
				"unchecked (network)",
				"failed     everything else\n             the host did not say whether the token works",
			},
		},
		"refused key": {
			func(w *world) error { return w.box.RevokeKey(w.env[liveKey]) },
			[]string{
				"status 401 instead of 200",
				"failed     the provider reads user, account and runtimes\n             key_refused, HTTP status 401",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.everything()
			w.must(tt.change(w))

			code, out := w.run()
			if code != exitRefuted {
				t.Errorf("exit code %d", code)
			}

			for _, want := range tt.wants {
				if !strings.Contains(out, want) {
					t.Errorf("%q is not in the output", want)
				}
			}

			if t.Failed() {
				t.Log(out)
			}

			if strings.Contains(out, "private") {
				t.Errorf("a value of the service is in the output:\n%s", out)
			}
		})
	}
}

// TestBadTokens asks about tokens that do not work: once, and their state is the twin's, too.
func TestBadTokens(t *testing.T) {
	t.Parallel()

	for name, spoil := range map[string]func(w *world, text string) error{
		"revoked": func(w *world, text string) error { return w.box.RevokeToken(text) },
		"revoked, suspended": func(w *world, text string) error {
			w.must(w.box.RevokeToken(text))

			return w.box.BlockToken(text, sandbox.BlockSuspended)
		},
		"expired":   func(w *world, text string) error { return w.box.ExpireToken(text) },
		"suspended": func(w *world, text string) error { return w.box.BlockToken(text, sandbox.BlockSuspended) },
	} {
		for _, token := range goodTokens()[:2] {
			t.Run(name+" "+string(token.Service), func(t *testing.T) {
				t.Parallel()
				w := newWorld(t)
				w.must(spoil(w, w.host(token).Text))

				code, out := w.run()
				if code != exitConfirmed || !strings.Contains(out, "not tried  the rest") {
					t.Errorf("exit code %d:\n%s", code, out)
				}

				if got := len(w.box.Requests()); got != 2 { // the provider's own and the one that is compared
					t.Errorf("%d requests", got)
				}
			})
		}
	}
}

// TestMadeUpCredentialIsNobodys looks at the user names that Bitbucket Cloud is sent: a failed login counts against
// one.
func TestMadeUpCredentialIsNobodys(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	made := w.host(goodTokens()[3])
	service, err := url.Parse(w.box.URL(sandbox.BitbucketCloud))
	w.must(err)

	var mu sync.Mutex

	others := 0
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(&url.URL{Scheme: service.Scheme, Host: service.Host})
		mu.Lock()
		defer mu.Unlock()

		user, password, sent := r.In.BasicAuth()
		if sent && user != made.Email {
			others++
		}

		if (user == made.Email) != (password == made.Text) {
			t.Error("the account's name goes with a token that is not the account's, or the other way round")
		}
	}})
	t.Cleanup(front.Close)

	w.env["LIVE_BITBUCKET_API_URL"] = front.URL + service.Path
	if code, out := w.run(); code != exitConfirmed || others != 1 {
		t.Errorf("exit code %d, %d other names:\n%s", code, others, out)
	}
}

func TestWithoutAccounts(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	w.env[liveURL] = w.box.URL(sandbox.Codefresh)

	code, out := w.run()
	if code != exitConfirmed {
		t.Errorf("exit code %d", code)
	}

	for _, v := range variables() {
		if !strings.Contains(out, "  "+v.name+" ") {
			t.Errorf("%s is not in the usage:\n%s", v.name, out)
		}
	}
}

// TestUnusableVariables gives what nobody can be asked with.
func TestUnusableVariables(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	w.env["LIVE_GITHUB_TOKEN"] = "glpat-aaaaaaaaaaaaaaaaaaaa"
	w.env["LIVE_GITLAB_TOKEN"], w.env["LIVE_GITLAB_API_URL"] = "glpat-bbbbbbbbbbbbbbbbbbbb", "ftp://private.example.com"
	w.env["LIVE_BITBUCKET_TOKEN"] = "ATATT3xFfGF0aaaaaaaaaaaaaaaaaaaaaaaa"
	w.env["LIVE_BITBUCKET_SERVER_TOKEN"] = "BBDC-cccccccccccccccccccc"
	w.env[liveKey], w.env[liveURL] = "0123456789ab.0123456789", "https://user:private@example.com"

	code, out := w.run()
	if code != exitRefuted {
		t.Errorf("exit code %d", code)
	}

	for _, want := range []string{
		"LIVE_GITHUB_TOKEN: the token is one of GitLab", "LIVE_GITLAB_API_URL is no address of an API",
		"LIVE_BITBUCKET_SERVER_API_URL is not set", "LIVE_BITBUCKET_USERNAME is not set",
		"LIVE_CODEFRESH_URL is no address of a platform",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not in the output:\n%s", want, out)
		}
	}

	if strings.Contains(out, "private") {
		t.Errorf("an address is in the output:\n%s", out)
	}

	if got := w.box.Requests(); len(got) > 0 {
		t.Errorf("requests: %+v", got)
	}
}
