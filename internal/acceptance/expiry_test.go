package acceptance_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// extNoon is a day on which nothing expires by the sandbox's own clock, which is the real one.
func extNoon() time.Time { return time.Date(2100, 1, 10, 12, 0, 0, 0, time.UTC) }

// at sets the provider's clock. Runs of Terraform that follow go by it.
func (c *cli) at(now time.Time) { c.clock = func() time.Time { return now } }

// expiring makes a token of GitHub that expires then.
func (c *cli) expiring(at time.Time, scopes ...string) string {
	c.t.Helper()
	text := c.secret(c.mint(scopes...))
	c.must(c.SetExpiry(text, at))

	return text
}

func TestExpiryWarning(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()
	c.at(extNoon())

	const day = 24 * time.Hour

	cloud := w.token(sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "api_token", Scopes: []string{
		"read:user:bitbucket", "read:workspace:bitbucket", "read:project:bitbucket", "read:repository:bitbucket",
		"write:repository:bitbucket",
	}})
	server := w.token(sandbox.Token{Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{
		"PROJECT_READ", "REPO_WRITE",
	}})
	onCloud := []string{
		set("git_provider", "bitbucket"),
		set("api_url", w.URL(sandbox.BitbucketCloud)),
		set("token", c.secret(cloud.Text)),
		set("username", cloud.Email),
	}
	onServer := []string{
		set("git_provider", "bitbucket-server"),
		set("api_url", w.URL(sandbox.BitbucketServer)),
		set("token", c.secret(server.Text)),
	}
	// By the provider's clock it expired, and the host takes it: the clock is ahead.
	past := w.token(sandbox.Token{
		Service: sandbox.GitLabSelfManaged, Kind: "personal", Scopes: []string{"api"}, ExpiresAt: extNoon().Add(-3 * day),
	})
	onGitLab := []string{
		set("git_provider", "gitlab"),
		set("api_url", w.URL(sandbox.GitLabSelfManaged)),
		set("token", c.secret(past.Text)),
	}
	never := set("token", c.secret(w.mint("repo")))
	in := func(left time.Duration) []string {
		return []string{set("token", c.expiring(extNoon().Add(left), "repo"))}
	}
	hint := func(text string, lines ...string) []string { return append(lines, set("expires_at_hint", text)) }

	cases := map[string]struct {
		lines     []string
		usual     string // the warning with 14 days, the default; empty is none
		forty, no string // the same with 40 days, and with 0
	}{
		"never":       {lines: []string{never}},
		"far":         {lines: in(41 * day)},
		"month":       {lines: in(30 * day), forty: "expires in 30 days"},
		"a_bit_more":  {lines: in(14*day + time.Second), forty: "expires in 14 days"},
		"at_the_edge": {lines: in(14 * day), usual: "expires in 14 days", forty: "expires in 14 days"},
		"a_bit_less":  {lines: in(14*day - time.Second), usual: "expires in 13 days", forty: "expires in 13 days"},
		"tomorrow":    {lines: in(36 * time.Hour), usual: "expires in 1 day", forty: "expires in 1 day"},
		"today":       {lines: in(23 * time.Hour), usual: "expires in less than a day", forty: "expires in less than a day"},
		"cloud":       {lines: onCloud},
		"cloud_hint":  {lines: hint("2100-01-12", onCloud...), usual: "expires in 1 day", forty: "expires in 1 day"},
		"cloud_later": {lines: hint("2100-02-01", onCloud...), forty: "expires in 21 days"},
		"server_hint": {
			lines: hint("2100-01-13T12:00:00Z", onServer...), usual: "expires in 3 days", forty: "expires in 3 days",
		},
		"server_past": {
			lines: hint("2100-01-10", onServer...),
			usual: "outlived its expires_at_hint", forty: "outlived its expires_at_hint",
		},
		"host_knows": {lines: hint("2200-01-01", in(2*day)...), usual: "expires in 2 days", forty: "expires in 2 days"},
		"host_past":  {lines: onGitLab},
		"wrong_hint": {lines: hint("2100-01-11", in(50*day)...)},
		"other_zone": {
			lines: hint("2100-01-12T01:00:00+14:00", onCloud...),
			usual: "expires in less than a day", forty: "expires in less than a day",
		},
		"other_zone_2": {
			lines: hint("2100-01-11T23:00:00-01:00", onCloud...), usual: "expires in 1 day", forty: "expires in 1 day",
		},
	}

	var blocks []string

	for name, tt := range cases {
		integration := strings.ReplaceAll(name, "_", "-")
		w.must(w.AddIntegration(runtimeName, integration, "GITHUB", w.api()))
		blocks = append(blocks, provided(userToken, name,
			append(tt.lines, set("runtime", runtimeName), set("integration", integration))...))
	}

	for setting, want := range map[string]func(name string) string{
		"":                         func(name string) string { return cases[name].usual },
		"expiry_warning_days = 40": func(name string) string { return cases[name].forty },
		"expiry_warning_days = 0":  func(name string) string { return cases[name].no },
	} {
		c.configure(append(blocks, w.provider(setting))...)

		got := c.plan().wantExit(2)
		for name := range cases {
			found, wanted := got.of("warning", userToken+"."+name), want(name)
			switch {
			case wanted == "" && len(found) > 0, wanted != "" && len(found) != 1:
				t.Errorf("%q, %s: warnings are %v, want %q", setting, name, found, wanted)
			case wanted != "":
				found[0].wants(t, wanted)
			}
		}
	}
}

// An expiry that moved is drift: an update in place that sends nothing, and is over once it is applied.
func TestExpiryMoved(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()
	c.at(extNoon())
	first, second := extNoon().AddDate(1, 0, 0), extNoon().AddDate(2, 0, 0)
	stored, written := c.expiring(first, "repo", "admin:repo_hook"), c.expiring(first, "repo")
	endless := c.secret(w.mint("repo"))
	w.must(w.AddIntegration(runtimeName, "extra", "GITHUB", w.api()))
	c.configure(w.provider(),
		provided(runtimeToken, "stored", set("runtime", runtimeName), set("token", stored)),
		provided(userToken, "written", set("runtime", runtimeName), set("token_wo", written)),
		provided(userToken, "endless", set("runtime", runtimeName), set("integration", "extra"), set("token", endless)))
	c.apply().wantExit(0)
	c.plan().wantExit(0)
	w.wantSent(3)

	was, is := first.Format(time.RFC3339), second.Format(time.RFC3339)
	for _, text := range []string{stored, written, endless} {
		w.must(w.SetExpiry(text, second))
	}

	got := c.plan().wantExit(2)
	for address, change := range map[string]string{
		runtimeToken + ".stored": "moved from " + was + " to " + is,
		userToken + ".written":   "moved from " + was + " to " + is,
		userToken + ".endless":   "moved to " + is + ", and was not known before",
	} {
		got.only(t, "warning", address).wants(t, "expiry has moved", change, "nothing is sent to Codefresh")

		if actions := c.changes()[address].Actions; len(actions) != 1 || actions[0] != "update" {
			t.Errorf("%s is to be %v", address, actions)
		}
	}

	c.apply().wantExit(0)
	w.wantSent(3)

	for address, attributes := range c.state() {
		if attributes["expires_at"] != is || attributes["status"] != "valid" {
			t.Errorf("%s: expires_at %v, status %v", address, attributes["expires_at"], attributes["status"])
		}
	}

	if again := c.plan().wantExit(0); len(again.diagnostics) > 0 {
		t.Errorf("after the apply: %v", again.diagnostics)
	}
}

// The passing of time alone changes no plan: not midnight, not the day on which the warnings begin, not a hint that is
// past; and a plan that was saved before can be applied after.
func TestTimePasses(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()
	midnight := time.Date(2100, 1, 11, 0, 0, 0, 0, time.UTC)
	server := w.token(sandbox.Token{Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{
		"PROJECT_READ", "REPO_WRITE",
	}})
	w.must(w.AddIntegration(runtimeName, "server", "BITBUCKET_SERVER", w.URL(sandbox.BitbucketServer)))

	blocks := func(token string, input int) []string {
		return []string{
			w.provider(namedTokens(map[string]string{"ci": c.secret(token)})),
			provided(userToken, "named", set("runtime", runtimeName), set("token_name", "ci")),
			provided(userToken, "hinted", set("runtime", runtimeName), set("integration", "server"),
				set("token_wo", c.secret(server.Text)), set("expires_at_hint", "2100-01-11")),
			fmt.Sprintf("resource \"terraform_data\" \"other\" {\n  input = %d\n}\n", input),
		}
	}
	first := c.expiring(midnight.AddDate(0, 0, 14).Add(time.Minute), "repo")
	second := c.expiring(midnight.AddDate(0, 0, 1), "repo")

	c.at(midnight.Add(-time.Minute))
	c.configure(blocks(first, 1)...)
	c.apply().wantExit(0)

	for now, want := range map[time.Time]int{
		midnight.Add(-time.Minute): 1, // the hint of the one is near
		midnight:                   1,
		midnight.Add(time.Minute):  2, // and so is the expiry of the other
		midnight.AddDate(0, 0, 13): 2,
	} {
		c.at(now)

		if got := c.plan().wantExit(0); len(got.diagnostics) != want {
			t.Errorf("at %s: %v", now, got.diagnostics)
		}
	}

	// A new token and another change are planned the day before, and applied the day after.
	c.at(midnight.Add(-time.Minute))
	c.configure(blocks(second, 2)...)
	c.plan().wantExit(2)
	c.at(midnight.Add(time.Minute))
	c.run("apply", "-json", "-input=false", "saved").wantExit(0)
	c.plan().wantExit(0)

	if expiry := c.state()[userToken+".named"]["expires_at"]; expiry != "2100-01-12T00:00:00Z" {
		t.Errorf("expires_at is %v", expiry)
	}

	w.wantSent(3)

	// Once the host rejects it, the hint tells that it expired.
	w.must(w.RevokeToken(server.Text))

	got := c.plan().wantExit(2)
	found := got.only(t, "warning", userToken+".hinted")
	found.wants(t, "Git token expired on 2100-01-11")
}
