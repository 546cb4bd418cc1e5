package acceptance_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// publicHost is a Git host as most people have it: by its own name, so that nothing but the provider's own addresses
// leads to it.
type publicHost struct {
	service              sandbox.Service
	provider, reported   string
	apiURL               string
	asks                 []string // host names are not in the journal; paths are
	kind                 string
	runtime, user, short []string // scopes; short is not enough for a runtime token
	page                 string
	username             bool
}

func publicHosts() []publicHost {
	return []publicHost{
		{
			service: sandbox.GitHub, provider: "github", reported: "GITHUB", apiURL: "https://api.github.com",
			asks: []string{"/user"}, kind: "classic",
			runtime: []string{"repo", "admin:repo_hook"}, user: []string{"repo"}, short: []string{"repo"},
			page: "https://github.com/settings/tokens/new?scopes=repo,admin:repo_hook&",
		},
		{
			service: sandbox.GitLab, provider: "gitlab", reported: "GITLAB", apiURL: "https://gitlab.com/api/v4",
			asks: []string{"/api/v4/personal_access_tokens/self", "/api/v4/user"}, kind: "personal",
			runtime: []string{"api"}, user: []string{"write_repository", "read_api"}, short: []string{"read_api"},
			page: "https://gitlab.com/-/user_settings/personal_access_tokens?scopes=api,read_repository&",
		},
		{
			service: sandbox.BitbucketCloud, provider: "bitbucket", reported: "BITBUCKET",
			apiURL: "https://api.bitbucket.org/2.0", asks: []string{"/2.0/user"}, kind: "api_token", username: true,
			runtime: []string{
				"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "admin:project:bitbucket",
				"read:repository:bitbucket", "write:repository:bitbucket", "admin:repository:bitbucket",
				"read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
			},
			user: []string{
				"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket",
				"read:repository:bitbucket", "write:repository:bitbucket",
			},
			short: []string{"read:user:bitbucket"},
			page:  "https://id.atlassian.com/manage-profile/security/api-tokens",
		},
	}
}

// TestPublicHosts configures neither the address of Codefresh nor that of the Git host, and goes by the true names of
// both over TLS: a plan that fails, an apply, and a plan with nothing to do.
func TestPublicHosts(t *testing.T) {
	t.Parallel()

	for _, h := range publicHosts() {
		t.Run(string(h.service), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.must(w.AddRuntime(sandbox.Runtime{Name: "public", GitProvider: h.reported, GitAPIURL: h.apiURL}))
			id, key := w.DefaultUser()
			c := w.session()
			mint := func(scopes []string) sandbox.Token {
				made := w.token(sandbox.Token{Service: h.service, Kind: h.kind, Owner: "ci-bot", Scopes: scopes})
				c.secret(made.Text)

				return made
			}
			resource := func(resourceType string, token sandbox.Token) string {
				lines := []string{set("runtime", "public"), set("git_provider", h.provider), set("token", token.Text)}
				if h.username {
					lines = append(lines, set("username", token.Email))
				}

				return provided(resourceType, "it", lines...)
			}
			block := "provider \"codefresh\" {\n  " + set("api_key", key) + "\n  ca_certificate = <<-EOT\n" +
				string(w.CACertificate()) + "EOT\n}\n"
			runtime, user := mint(h.runtime), mint(h.user)

			c.configure(block, resource(runtimeToken, mint(h.short)))
			bad := c.plan().wantExit(1).only(t, "error", runtimeToken+".it")
			bad.wants(t, "at "+h.apiURL+" has ", "put it into the configuration and apply: "+h.page)

			c.ForgetRequests()
			c.configure(block, resource(runtimeToken, runtime), resource(userToken, user))
			c.apply().wantExit(0)

			held, provider, apiURL, _, _ := c.RuntimeToken("public")
			if held != runtime.Text || provider != h.reported || apiURL != h.apiURL {
				t.Errorf("Codefresh holds a runtime token of %s at %s", provider, apiURL)
			}

			if held, _ := c.UserToken("public", "default", id); held != user.Text {
				t.Error("Codefresh does not hold the user token")
			}

			state := c.state()
			for _, address := range []string{runtimeToken + ".it", userToken + ".it"} {
				if got := state[address]; got["status"] != "valid" || got["api_url"] != h.apiURL {
					t.Errorf("%s: status %v at %v", address, got["status"], got["api_url"])
				}
			}

			wantPaths(t, c.Requests(h.service), h.asks)

			if len(c.Requests(sandbox.Codefresh)) == 0 {
				t.Error("nobody asked g.codefresh.io")
			}

			c.plan().wantExit(0)
		})
	}
}

// wantPaths checks that a host was asked for nothing but these paths, with a token that it knows and no write verb.
func wantPaths(t *testing.T, requests []sandbox.Request, want []string) {
	t.Helper()

	var asked []string
	for _, r := range requests {
		if !slices.Contains(asked, r.Path) {
			asked = append(asked, r.Path)
		}

		if r.Method != "GET" || !strings.HasSuffix(r.Authorization, " known") {
			t.Errorf("%s %s with the credential %q", r.Method, r.Path, r.Authorization)
		}
	}

	if !slices.Equal(sorted(asked), sorted(want)) {
		t.Errorf("the host was asked for %v, not for %v", asked, want)
	}
}
