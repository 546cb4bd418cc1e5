package acceptance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// costHost is a Git host with the one token that many resources share.
type costHost struct {
	service  sandbox.Service
	provider string // git_provider
	reported string // Codefresh's own name of it
	token    sandbox.Token
	plan     int // requests that a plan may make of it
	rejected int // requests about a token that it rejects
}

func costHosts() []costHost {
	return []costHost{
		{
			sandbox.GitHubEnterprise, "github", "GITHUB",
			sandbox.Token{Kind: "classic", Scopes: []string{"repo", "admin:repo_hook"}},
			1, 1,
		},
		{sandbox.GitLabSelfManaged, "gitlab", "GITLAB", sandbox.Token{Kind: "personal", Scopes: []string{"api"}}, 2, 1},
		{
			sandbox.BitbucketServer, "bitbucket-server", "BITBUCKET_SERVER",
			sandbox.Token{Kind: "http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"}},
			4, 1,
		},
		{sandbox.BitbucketCloud, "bitbucket", "BITBUCKET", sandbox.Token{Kind: "api_token", Scopes: []string{
			"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "admin:project:bitbucket",
			"read:repository:bitbucket", "write:repository:bitbucket",
			"admin:repository:bitbucket", "read:webhook:bitbucket", "write:webhook:bitbucket", "delete:webhook:bitbucket",
		}}, 1, 1},
	}
}

// costWorld is a world in which many resources share few tokens.
type costWorld struct {
	*cli

	hosts    []costHost
	runtimes []string
}

// newCostWorld makes a runtime for each of hosts, and a token at each.
func newCostWorld(t *testing.T, hosts ...costHost) *costWorld {
	t.Helper()
	w := newWorld(t)
	w.must(w.RemoveRuntime(runtimeName))

	now := time.Now()
	w.clock = func() time.Time { return now } // however slow the machine, what was asked is not old

	c := &costWorld{cli: w.session(), hosts: slices.Clone(hosts)}
	for i, h := range hosts {
		name := fmt.Sprintf("r%d", i)
		w.must(w.AddRuntime(sandbox.Runtime{Name: name, GitProvider: h.reported, GitAPIURL: w.URL(h.service)}))
		c.runtimes = append(c.runtimes, name)

		h.token.Service, h.token.Owner = h.service, "ci-bot"
		if first := slices.IndexFunc(hosts, func(o costHost) bool { return o.service == h.service }); first < i {
			c.hosts[i].token = c.hosts[first].token // the same token serves both runtimes
		} else {
			c.hosts[i].token = w.token(h.token)
		}

		c.secret(c.hosts[i].token.Text)
	}

	return c
}

// block returns resources on a runtime: its own token, that of the caller in so many integrations, and those of other
// users, each with a key of their own.
func (c *costWorld) block(i, integrations int, keys []string) string {
	c.t.Helper()
	h, name := c.hosts[i], c.runtimes[i]

	common := []string{set("token", h.token.Text), set("git_provider", h.provider), set("runtime", name)}
	if h.service == sandbox.BitbucketCloud {
		common = append(common, set("username", h.token.Email))
	}

	var names, users []string
	for n := range integrations {
		names = append(names, fmt.Sprintf("%q", fmt.Sprintf("i%d", n)))
		c.must(c.AddIntegration(name, fmt.Sprintf("i%d", n), h.reported, c.URL(h.service)))
	}

	for n, key := range keys {
		c.secret(key)
		users = append(users, fmt.Sprintf("u%d = %q", n, key))
	}

	all := provided(runtimeToken, name, append(slices.Clone(common), set("api_url", c.URL(h.service)))...)

	all += provided(userToken, name, append(slices.Clone(common),
		fmt.Sprintf("for_each = toset([%s])", strings.Join(names, ", ")), "integration = each.key")...)
	if len(keys) == 0 {
		return all
	}

	return all + provided(userToken, name+"_users", append(slices.Clone(common),
		"for_each = { "+strings.Join(users, ", ")+" }", "api_key = each.value")...)
}

// cost is what one run of Terraform asks of each service.
type cost map[sandbox.Service]int

// Exit codes of plans: with changes, and any of those that succeed. A plan that only refreshes ends with 2 in some
// versions of Terraform and with 0 in others.
const (
	planChanges = 2
	anyPlan     = -1
)

// costOf runs Terraform and counts what it asks.
func (c *costWorld) costOf(run func() said, exit int) cost {
	c.t.Helper()
	c.ForgetRequests()

	if s := run(); exit != anyPlan || s.exit == 1 {
		s.wantExit(exit)
	}

	counted := make(cost)
	for _, r := range c.Requests() {
		counted[r.Service]++
	}

	return counted
}

// wantCodefresh fails the test unless a run asked the platform once and each app-proxy once.
func (c *costWorld) wantCodefresh(what string, got cost) {
	c.t.Helper()

	if got[sandbox.Codefresh] != 2 { // the account, and its Git Sources
		c.t.Errorf("%s asks the platform %d times: %v", what, got[sandbox.Codefresh], c.operations(sandbox.Codefresh))
	}

	for _, name := range c.runtimes {
		if proxy := sandbox.AppProxy(name); got[proxy] != 1 {
			c.t.Errorf("%s asks the app-proxy of %s %d times: %v", what, name, got[proxy], c.operations(proxy))
		}
	}
}

// wantPlatform fails the test if a run asked the platform more often than that.
func (c *costWorld) wantPlatform(what string, got cost, most int) {
	c.t.Helper()

	if n := got[sandbox.Codefresh]; n == 0 || n > most {
		c.t.Errorf("%s asks the platform %d times, not 1 to %d: %v", what, n, most, c.operations(sandbox.Codefresh))
	}
}

// wantHosts fails the test unless a run asked each Git host what is allowed.
func (c *costWorld) wantHosts(what string, got cost, allowed func(costHost) int) {
	c.t.Helper()

	for _, h := range c.hosts {
		want := allowed(h)
		if h.service == sandbox.BitbucketServer && got[h.service] > 0 && got[h.service] < want {
			continue // it tells nothing about a token in one place, and some of those make others needless
		}

		if got[h.service] != want {
			c.t.Errorf("%s asks %s %d times, not %d: %v", what, h.service, got[h.service], want, c.operations(h.service))
		}
	}
}

// planWith plans with more arguments, and saves nothing.
func (c *costWorld) planWith(args ...string) said {
	c.t.Helper()

	return c.run(append([]string{"plan", "-json", "-input=false", "-detailed-exitcode"}, args...)...)
}

func (c *costWorld) operations(service sandbox.Service) []string {
	var all []string
	for _, r := range c.Requests(service) {
		all = append(all, strings.TrimSpace(r.Method+" "+r.Path+" "+r.Operation))
	}

	return all
}

// A plan of 200 resources over 5 runtimes asks as many questions as there are distinct tokens and runtimes, and not
// more because some of them belong to other users.
func TestPlanAsksOnceForEachTokenAndRuntime(t *testing.T) {
	t.Parallel()

	hosts := costHosts()
	c := newCostWorld(t, append(hosts, hosts[0])...) // the fifth runtime uses the first one's token

	var keys []string

	for _, name := range []string{"ann", "bob", "cat", "dan"} {
		_, key, err := c.AddUser(name, false)
		c.must(err)

		keys = append(keys, key)
	}

	blocks := []string{c.provider()}
	for i := range c.runtimes {
		blocks = append(blocks, c.block(i, 35, keys))
	}

	c.configure(blocks...)

	live := func(h costHost) int { return h.plan }
	rejected := func(h costHost) int { return h.rejected }
	costs := func(what string, allowed func(costHost) int, exit int, args ...string) {
		t.Helper()

		got := c.costOf(func() said { return c.planWith(args...) }, exit)
		c.wantHosts(what, got, allowed)
		c.wantCodefresh(what, got)
	}

	var planned said

	got := c.costOf(func() said {
		planned = c.plan()

		return planned
	}, planChanges)
	c.wantHosts("a plan of new resources", got, live)
	c.wantCodefresh("a plan of new resources", got)

	if !strings.Contains(planned.text, `"add":200,`) {
		t.Fatalf("the plan is not one of 200 resources:\n%s", planned.text)
	}

	// An apply asks each host no more than a plan does, and Codefresh for 200 registrations.
	got = c.costOf(func() said { return c.run("apply", "-json", "-input=false", "saved") }, 0)
	c.wantHosts("the apply", got, live)

	if n := len(c.Mutations()); n != 200 {
		t.Errorf("the apply registers %d tokens", n)
	}
	// The list, the Git Sources, where each runtime is now, what is said of it afterwards, and whose each key is.
	c.wantPlatform("the apply", got, 2+2*len(c.runtimes)+len(keys))

	costs("a plan without changes", live, 0)
	costs("a plan that does not refresh", live, 0, "-refresh=false")
	costs("a plan that only refreshes", live, anyPlan, "-refresh-only")

	for _, h := range hosts {
		i := slices.IndexFunc(c.hosts, func(o costHost) bool { return o.service == h.service })
		c.must(c.RevokeToken(c.hosts[i].token.Text))
	}

	costs("a plan after the revocation", rejected, planChanges)
	costs("a plan after it that does not refresh", rejected, planChanges, "-refresh=false")
}

// Repositories are asked about once each, and a token that is rejected is asked about once, however many resources name
// them.
func TestPlanAsksOnceForEachRepository(t *testing.T) {
	t.Parallel()

	for _, h := range append(costHosts(), costHost{
		service: sandbox.GitHubEnterprise, provider: "github", reported: "GITHUB", plan: 1, rejected: 1,
		token: sandbox.Token{Kind: "fine_grained", Permissions: map[string]string{
			"administration": "write", "statuses": "write", "contents": "write", "metadata": "read",
			"pull_requests": "write", "repository_hooks": "write",
		}},
	}) {
		t.Run(string(h.service)+" "+h.token.Kind, func(t *testing.T) {
			t.Parallel()

			c := newCostWorld(t, h, h)

			questions := 2 // one for each repository
			if h.token.Kind == "fine_grained" {
				questions = 2 * 2 // reading is two permissions
			}

			var rows []string

			for _, path := range []string{"acme/a", "acme/b"} {
				url, err := c.AddRepository(sandbox.Repository{
					Service: h.service, Path: repositoryPath(h, path), Private: true,
					Roles: map[string]string{"ci-bot": "admin"},
				})
				c.must(err)

				rows = append(rows, fmt.Sprintf("{ url = %q, access = \"read\" }", url))
			}

			repositories := "repositories = [" + strings.Join(rows, ", ") + "]"

			blocks := []string{c.provider()}
			for i := range c.runtimes {
				blocks = append(blocks, strings.ReplaceAll(c.block(i, 4, nil), "  token =", "  "+repositories+"\n  token ="))
			}

			c.configure(blocks...)

			got := c.costOf(func() said { return c.plan() }, planChanges)
			c.wantHosts("a plan", got, func(h costHost) int { return h.plan + questions })
			c.must(c.RevokeToken(c.hosts[0].token.Text))
			got = c.costOf(func() said { return c.plan() }, 1)
			c.wantHosts("a plan with a rejected token", got, func(h costHost) int { return h.rejected })
		})
	}
}

func repositoryPath(h costHost, path string) string {
	if h.service == sandbox.BitbucketServer {
		return strings.ToUpper(path[:4]) + path[4:] // of a project, by its key
	}

	return path
}
