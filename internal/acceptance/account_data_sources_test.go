package acceptance_test

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

const (
	runtimesList = "codefresh_runtimes"
	gitTokens    = "codefresh_git_tokens"
)

// A runtime of a Git provider that this project does not know has that one, and not the account's: its token is shown
// to nobody.
func TestRuntimeOfAForeignProvider(t *testing.T) {
	t.Parallel()

	const (
		gerrit    = "GERRIT"
		gerritURL = "https://gerrit.example.com"
	)

	w := lifeWorld(t, sandbox.Runtime{GitProvider: gerrit, GitAPIURL: gerritURL})

	for _, k := range lifeKinds() {
		c := w.session()
		c.configure(w.config(k.resourceType, set("token", c.secret(w.mint(k.scopes...)))))
		c.plan().wantExit(1).wants("Git provider is not known")
		c.apply().wantExit(1).wants("Git provider is not known")
	}

	for _, service := range []sandbox.Service{lifeHost, sandbox.GitHub} {
		if asked := w.hostOperations(service); len(asked) > 0 {
			t.Errorf("%s was asked %v", service, asked)
		}
	}

	w.wantSent(0)

	got, _ := w.wire(nil).read(runtimesList, nil)
	if providers := listOf(got["runtimes"], "git_provider"); !cmp.Equal(providers, []any{nil}) {
		t.Errorf("the providers are %v", providers)
	}
}

func TestRuntimes(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})

	away := false
	for _, r := range []sandbox.Runtime{
		{Name: "emea", GitProvider: "GITLAB", Repo: "https://gitlab.com/acme/emea"},
		{Name: "apac", GitProvider: "BITBUCKET", Available: &away},
		{Name: "bare", NoIngress: true, NotInstalled: true},
	} {
		w.must(w.AddRuntime(r))
	}

	w.must(w.SetRuntimeTokenStatus("emea", "FAILED"))
	x := w.wire(nil)

	for name, tt := range map[string]struct {
		filter map[string]any
		want   []any
	}{
		"all":           {nil, []any{"apac", "bare", "emea", runtimeName}},
		"by name":       {map[string]any{"name_regex": "^(emea|apac)$"}, []any{"apac", "emea"}},
		"by part":       {map[string]any{"name_regex": "e"}, []any{"bare", "emea"}},
		"of GitLab":     {map[string]any{"git_provider": "gitlab"}, []any{"emea"}},
		"of account's":  {map[string]any{"git_provider": "github"}, []any{"bare", runtimeName}},
		"of nobody":     {map[string]any{"git_provider": "bitbucket-server"}, []any{}},
		"available":     {map[string]any{"available": true}, []any{"bare", "emea", runtimeName}},
		"not available": {map[string]any{"available": false}, []any{"apac"}},
		"every filter": {
			map[string]any{"available": true, "git_provider": "github", "name_regex": "^p"}, []any{runtimeName},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, diagnostics := x.read(runtimesList, tt.filter)
			if len(diagnostics) > 0 {
				t.Errorf("unexpected %v", diagnostics)
			}

			if !cmp.Equal(got["names"], any(tt.want)) || !cmp.Equal(listOf(got["runtimes"], "name"), tt.want) {
				t.Errorf("names %v, runtimes %v; want %v", got["names"], listOf(got["runtimes"], "name"), tt.want)
			}
		})
	}

	t.Run("one", func(t *testing.T) {
		t.Parallel()

		got, _ := x.read(runtimesList, map[string]any{"name_regex": "emea"})

		want := []any{map[string]any{
			"name": "emea", "git_provider": "gitlab", "repo": "https://gitlab.com/acme/emea",
			"app_proxy_url": w.URL(sandbox.AppProxy("emea")), "available": true, "version": "0.27.0",
			"installation_type": "HELM", "git_token_status": "failed", "git_token_detail": nil,
			"default_integration_status": "successful", "default_integration_detail": nil,
		}}
		if diff := cmp.Diff(any(want), got["runtimes"]); diff != "" {
			t.Errorf("runtime (-want +got):\n%s", diff)
		}
	})
	t.Run("bad pattern", func(t *testing.T) {
		t.Parallel()

		if _, d := x.read(runtimesList, map[string]any{"name_regex": "("}); len(d) != 1 || d[0].Severity != "error" {
			t.Errorf("diagnostics are %v", d)
		}
	})
	t.Cleanup(func() {
		if asked := w.operations(); !cmp.Equal(asked, map[string]int{"codefresh me,runtimes": 1}) {
			t.Errorf("requests are %v", asked)
		}
	})
}

// An old platform tells less of its runtimes.
func TestRuntimesOfAnOldPlatform(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.SetPlatform(sandbox.Platform{Old: true})

	got, diagnostics := w.wire(nil).read(runtimesList, nil)
	if !cmp.Equal(got["names"], any([]any{runtimeName})) || len(diagnostics) != 0 {
		t.Errorf("names are %v, diagnostics are %v", got["names"], diagnostics)
	}

	if status := listOf(got["runtimes"], "git_token_status"); !cmp.Equal(status, []any{"unknown"}) {
		t.Errorf("status is %v", status)
	}
}

// Blocks that are nothing without Codefresh say what is missing.
func TestAccountWithoutCodefresh(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		settings map[string]any
		change   func(w *world)
		want     []string
	}{
		"no key": {
			map[string]any{"api_key": nil}, func(*world) {}, []string{"Codefresh API key is missing", "CODEFRESH_API_KEY"},
		},
		"refused key": {
			nil, func(w *world) { _, key := w.DefaultUser(); w.must(w.RevokeKey(key)) }, []string{"refuses the API key"},
		},
		"out of reach": {
			map[string]any{"max_retries": nil},
			func(w *world) { w.must(w.Break(sandbox.Codefresh, sandbox.Fault{Mode: "refuse"})) },
			[]string{"Codefresh could not be reached"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			settings := tt.settings

			if name == "refused key" {
				_, key := w.DefaultUser()
				settings = map[string]any{"api_key": key}
			}

			x := w.wire(settings)
			tt.change(w)

			for _, block := range []string{runtimesList, gitTokens} {
				got, diagnostics := x.read(block, nil)
				if len(diagnostics) != 1 || diagnostics[0].Severity != "error" || len(listOf(got["runtimes"], "name")) > 0 {
					t.Fatalf("%s: got %v, diagnostics %v", block, got, diagnostics)
				}

				diagnostics[0].wants(t, tt.want...)
			}

			for _, block := range []string{runtimeToken, userToken} {
				results, diagnostics := x.list(block, false, 0)
				if len(results) > 0 || len(diagnostics) != 1 || diagnostics[0].Severity != "error" {
					t.Fatalf("list %s: got %v, diagnostics %v", block, results, diagnostics)
				}

				diagnostics[0].wants(t, tt.want...)
			}
		})
	}
}

// The audit view tells of what is registered where, whoever did it, and loses nothing over a runtime that is out of
// reach.
func TestGitTokensAudit(t *testing.T) {
	t.Parallel()

	w := auditWorld(t)
	me, _ := w.DefaultUser()

	got, diagnostics := w.wire(nil).read(gitTokens, nil)
	if len(diagnostics) > 0 {
		t.Errorf("unexpected %v", diagnostics)
	}

	runtimes := map[any]any{}

	rows, _ := got["runtime_tokens"].([]any)
	for _, row := range rows {
		r, _ := row.(map[string]any)
		runtimes[r["runtime"]] = r["status"]
	}

	want := map[any]any{runtimeName: "successful", "down": "failed", "tunnel": "unknown", "bare": "unknown"}
	if diff := cmp.Diff(want, runtimes); diff != "" {
		t.Errorf("runtime tokens (-want +got):\n%s", diff)
	}

	other := w.userIDs["release-bot"]

	users := []any{
		map[string]any{
			"runtime": runtimeName, "integration": "default", "git_provider": "github",
			"api_url": w.URL(lifeHost), "user_id": me, "valid": true,
		},
		map[string]any{
			"runtime": runtimeName, "integration": "default", "git_provider": "github",
			"api_url": w.URL(lifeHost), "user_id": other, "valid": false,
		},
		map[string]any{
			"runtime": runtimeName, "integration": "extra", "git_provider": "gitlab",
			"api_url": w.URL(sandbox.GitLabSelfManaged) + "/api/v4", "user_id": other, "valid": false,
		},
	}
	if diff := cmp.Diff(any(users), got["user_tokens"]); diff != "" {
		t.Errorf("user tokens (-want +got):\n%s", diff)
	}

	if out := listOf(got["unreachable"], "runtime"); !cmp.Equal(out, []any{"bare", "down", "tunnel"}) {
		t.Errorf("out of reach are %v", out)
	}

	for i, want := range []string{"no usable address", `runtime "down"`, `runtime "tunnel"`} {
		if reason, _ := listOf(got["unreachable"], "reason")[i].(string); !strings.Contains(reason, want) {
			t.Errorf("reason %q does not speak of %q", reason, want)
		}
	}

	// The same answer again: what is read twice must not look like a change.
	again, _ := w.wire(nil).read(gitTokens, nil)
	if diff := cmp.Diff(got, again); diff != "" {
		t.Errorf("the second look differs (-first +second):\n%s", diff)
	}

	some, _ := w.wire(nil).read(gitTokens, map[string]any{"name_regex": "^(down|bare)$"})
	if out := listOf(some["runtime_tokens"], "runtime"); !cmp.Equal(out, []any{"bare", "down"}) {
		t.Errorf("filtered: %v", out)
	}
}

// audit is a world with an account of good and bad tokens, and runtimes in and out of reach.
type audit struct {
	*world

	userIDs map[string]string
}

func auditWorld(t *testing.T) *audit {
	t.Helper()
	w := lifeWorld(t, sandbox.Runtime{})

	me, _ := w.DefaultUser()
	for _, r := range []sandbox.Runtime{
		{Name: "down"}, {Name: "tunnel"}, {Name: "bare", NoIngress: true, NotInstalled: true},
	} {
		w.must(w.AddRuntime(r))
	}

	w.must(w.AddIntegration(runtimeName, "extra", "GITLAB", w.URL(sandbox.GitLabSelfManaged)))
	other, _, err := w.AddUser("release-bot", false)
	w.must(err)
	gone := w.mint("repo")
	w.must(w.Register(runtimeName, "default", map[string]string{me: w.mint("repo"), other: gone}))
	w.must(w.Register(runtimeName, "extra", map[string]string{other: w.mint("repo")}))
	w.must(w.RevokeToken(gone))
	w.must(w.SetRuntimeTokenStatus(runtimeName, "SUCCESSFUL"))
	w.must(w.SetRuntimeTokenStatus("down", "FAILED"))
	w.must(w.SetReach("down", sandbox.ReachDown))
	w.must(w.SetReach("tunnel", sandbox.ReachTunnelDown))

	return &audit{w, map[string]string{"release-bot": other}}
}

// A large account costs one request and one for each runtime, however many users there are, and a few at a time.
func TestGitTokensAuditOfALargeAccount(t *testing.T) {
	t.Parallel()

	const runtimes, users, down = 50, 200, 5

	w := lifeWorld(t, sandbox.Runtime{})
	w.must(w.RemoveRuntime(runtimeName))
	good, bad := w.mint("repo"), w.mint("public_repo")
	tokens, valid := map[string]string{}, 0

	for i := range users {
		id, _, err := w.AddUser(fmt.Sprintf("user-%d", i), false)
		w.must(err)

		tokens[id] = good
		if i%3 == 0 {
			tokens[id] = bad

			continue
		}

		valid++
	}

	for i := range runtimes {
		name := fmt.Sprintf("runtime-%02d", i)
		w.must(w.AddRuntime(sandbox.Runtime{Name: name}))
		w.must(w.Register(name, "default", tokens))
		w.must(w.Break(sandbox.AppProxy(name), sandbox.Fault{Mode: "slow"}))

		if i%(runtimes/down) == 0 {
			w.must(w.Break(sandbox.AppProxy(name), sandbox.Fault{Status: 500}))
		}
	}

	w.ForgetRequests()

	got, diagnostics := w.wire(nil).read(gitTokens, nil)
	if len(diagnostics) > 0 {
		t.Fatalf("unexpected %v", diagnostics)
	}

	count := map[any]int{}
	for _, v := range listOf(got["user_tokens"], "valid") {
		count[v]++
	}

	up := runtimes - down
	if want := map[any]int{true: up * valid, false: up * (users - valid)}; !cmp.Equal(count, want) {
		t.Errorf("user tokens by validity: %v, want %v", count, want)
	}

	if n := len(listOf(got["runtime_tokens"], "runtime")); n != runtimes {
		t.Errorf("%d runtime tokens, not %d", n, runtimes)
	}

	out := listOf(got["unreachable"], "runtime")
	if want := []any{"runtime-00", "runtime-10", "runtime-20", "runtime-30", "runtime-40"}; !cmp.Equal(out, want) {
		t.Errorf("out of reach are %v, want %v", out, want)
	}

	if n := len(w.Requests()); n > 1+runtimes {
		t.Errorf("%d requests, want at most %d", n, 1+runtimes)
	}

	if most := w.MostAtOnce(); most > 8 || most < 2 {
		t.Errorf("%d requests at once, want 2 to 8", most)
	}

	if !slices.IsSorted(texts(listOf(got["user_tokens"], "runtime"))) {
		t.Error("user tokens are not in the order of runtimes")
	}
}

func texts(values []any) []string {
	all := make([]string, 0, len(values))
	for _, v := range values {
		text, _ := v.(string)
		all = append(all, text)
	}

	return all
}
