package codefresh_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const (
	meJSON = `{"id":"u1","name":"ann","activeAccount":{"id":"a1","name":"acme","gitProvider":"GITHUB",` +
		`"gitApiUrl":"https://api.github.com","admins":["u9","u1"],` +
		`"sharedConfigRepo":"https://github.com/acme/isc.git"}}`
	statusJSON = `"status":{"runtimeGitToken":{"status":"FAILED","description":"token\nexpired"},` +
		`"defaultGitIntegration":{"status":"SUCCESSFUL","description":null}}`
	prodFacts = `"metadata":{"name":"prod"},"gitProvider":"GITLAB","repo":"https://gitlab.com/acme/isc",` +
		`"ingressHost":"https://ingress.example.com/","internalIngressHost":null,"available":true,` +
		`"runtimeVersion":"0.1.30","installationType":"HELM","managed":false`
	prodJSON = `{` + prodFacts + `,"chartVersion":"0.24.3",` + statusJSON + `}`
	// Null wherever the schema allows it, and words that it does not list.
	bareJSON = `{"metadata":{"name":"bare"},"gitProvider":null,"repo":null,"ingressHost":null,` +
		`"internalIngressHost":null,"available":false,"runtimeVersion":null,"installationType":"CLI","managed":true,` +
		`"chartVersion":null,` +
		`"status":{"runtimeGitToken":{"status":"PENDING","description":null},` +
		`"defaultGitIntegration":{"status":"UNKNOWN","description":null}}}`
	internalJSON = `{"metadata":{"name":"internal"},"gitProvider":"GERRIT","repo":"",` +
		`"ingressHost":"https://out.example.com",` +
		`"internalIngressHost":"IN.example.com:8443/","available":true,"runtimeVersion":"1.0",` +
		`"installationType":"HELM_HOSTED","managed":true,"chartVersion":"",` +
		`"status":{"runtimeGitToken":{"status":"SUCCESSFUL"},"defaultGitIntegration":null}}`
)

func overviewJSON(more string, runtimes ...string) string {
	edges := make([]string, 0, len(runtimes))
	for _, runtime := range runtimes {
		edges = append(edges, `{"node":`+runtime+`}`)
	}

	return `{"me":` + meJSON + `,"runtimes":{"edges":[` + strings.Join(edges, ",") +
		`],"pageInfo":{"hasNextPage":` + more + `}}}`
}

func prodRuntime() codefresh.Runtime {
	return codefresh.Runtime{
		Name: "prod", GitProvider: gittoken.GitLab, Repo: "https://gitlab.com/acme/isc",
		AppProxyURL: "https://ingress.example.com", Available: true,
		GitToken: codefresh.TokenFailed, GitTokenDetail: "token expired", DefaultIntegration: codefresh.TokenSuccessful,
		Version: "0.24.3", InstallationType: "HELM",
	}
}

func TestOverview(t *testing.T) {
	t.Parallel()

	platform := newPlatform(t, always(data(overviewJSON("false", prodJSON, bareJSON, internalJSON))))
	client := newClient(t, platform)

	got, err := client.Overview(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	want := codefresh.Overview{
		User: codefresh.User{ID: "u1", Name: "ann"},
		Account: codefresh.Account{
			ID: "a1", Name: "acme", GitProvider: gittoken.GitHub, GitAPIURL: "https://api.github.com", IsAdmin: true,
			SharedConfigRepo: "https://github.com/acme/isc.git",
		},
		Runtimes: []codefresh.Runtime{
			prodRuntime(),
			{
				Name: "bare", GitToken: codefresh.TokenUnknown, DefaultIntegration: codefresh.TokenUnknown,
				InstallationType: "CLI", Managed: true,
			},
			{
				Name: "internal", ForeignProvider: true, AppProxyURL: "https://in.example.com:8443", Internal: true,
				Available: true,
				GitToken:  codefresh.TokenSuccessful, DefaultIntegration: codefresh.TokenUnknown,
				Version: "1.0", InstallationType: "HELM_HOSTED", Managed: true,
			},
		},
		Complete: true,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("overview (-want +got):\n%s", diff)
	}

	if r, ok := got.Runtime("bare"); !ok || r.Name != "bare" {
		t.Errorf("Runtime(bare) = %v, %v", r, ok)
	}

	if _, ok := got.Runtime("none"); ok {
		t.Error("Runtime(none) found something")
	}

	// What a caller does to its copy is not remembered.
	got.Runtimes[0].Name = "changed"

	again, err := client.Overview(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if again.Runtimes[0].Name != "prod" {
		t.Error("a caller changed what is remembered")
	}

	seen := platform.requests()
	if len(seen) != 1 {
		t.Fatalf("%d requests, want 1", len(seen))
	}

	if r := seen[0]; r.Authorization != keyText || r.Header.Get("User-Agent") != "test/1" || r.Op != "Overview" {
		t.Errorf("request: Authorization %q, User-Agent %q, operation %q", r.Authorization, r.Header.Get("User-Agent"), r.Op)
	}
}

func TestOverviewVariants(t *testing.T) {
	t.Parallel()

	withMe := func(me string) string { return strings.Replace(overviewJSON("false", prodJSON), meJSON, me, 1) }
	account := func(admins string) string {
		return withMe(`{"id":"u1","name":"ann","activeAccount":{"id":"a1","name":null,"gitProvider":null,"gitApiUrl":null,` +
			`"admins":` + admins + `}}`)
	}

	tests := map[string]struct {
		body         string
		wantAdmin    bool
		wantNoAdmin  bool
		wantComplete bool
		wantKind     codefresh.ErrorKind
	}{
		"admin":           {body: account(`["u1"]`), wantAdmin: true, wantComplete: true},
		"not admin":       {body: account(`["u2"]`), wantNoAdmin: true, wantComplete: true},
		"no admins":       {body: account(`[]`), wantNoAdmin: true, wantComplete: true},
		"admins not told": {body: account(`null`), wantComplete: true},
		"admins in part":  {body: account(`["u2",null]`), wantComplete: true},
		"admin in part":   {body: account(`[null,"u1"]`), wantAdmin: true, wantComplete: true},
		"account not told": {
			body: withMe(`{"id":"u1","name":"ann","activeAccount":null}`), wantComplete: true,
		},
		"no page info": {
			body:      `{"me":` + meJSON + `,"runtimes":{"edges":[{"node":` + prodJSON + `}],"pageInfo":null}}`,
			wantAdmin: true,
		},
		"no word on pages": {
			body: `{"me":` + meJSON + `,"runtimes":{"edges":[{"node":` + prodJSON + `}],` +
				`"pageInfo":{"hasNextPage":null}}}`,
			wantAdmin: true,
		},
		"a node is null": {
			body: `{"me":` + meJSON + `,"runtimes":{"edges":[{"node":` + prodJSON + `},{"node":null}],` +
				`"pageInfo":{"hasNextPage":false}}}`,
			wantAdmin: true,
		},
		"an edge is null": {
			body: `{"me":` + meJSON + `,"runtimes":{"edges":[null,{"node":` + prodJSON + `}],` +
				`"pageInfo":{"hasNextPage":false}}}`,
			wantAdmin: true,
		},
		"a runtime has no name": {
			body: `{"me":` + meJSON + `,"runtimes":{"edges":[{"node":{"metadata":{"name":null}}},` +
				`{"node":` + prodJSON + `}],"pageInfo":{"hasNextPage":false}}}`,
			wantAdmin: true,
		},
		"more pages":  {body: overviewJSON("true", prodJSON), wantAdmin: true},
		"no runtimes": {body: overviewJSON("false"), wantAdmin: true, wantComplete: true},
		"me is null":  {body: withMe(`null`), wantKind: codefresh.NotUnderstood},
		"me has no id": {
			body: withMe(`{"id":"","name":"ann","activeAccount":null}`), wantKind: codefresh.NotUnderstood,
		},
		"runtimes are null":    {body: `{"me":` + meJSON + `,"runtimes":null}`, wantKind: codefresh.NotUnderstood},
		"runtimes are missing": {body: `{"me":` + meJSON + `}`, wantKind: codefresh.NotUnderstood},
		"edges are null": {
			body:     `{"me":` + meJSON + `,"runtimes":{"edges":null,"pageInfo":{"hasNextPage":false}}}`,
			wantKind: codefresh.NotUnderstood,
		},
		"another shape": {body: `{"me":[],"runtimes":7}`, wantKind: codefresh.NotUnderstood},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			client := newClient(t, newPlatform(t, always(data(test.body))))

			got, err := client.Overview(t.Context())
			if test.wantKind != "" {
				wantKind(t, err, test.wantKind)

				return
			}

			if err != nil {
				t.Fatal(err)
			}

			if got.Account.IsAdmin != test.wantAdmin || got.Account.IsNoAdmin != test.wantNoAdmin {
				t.Errorf("admin %v, no admin %v; want %v, %v",
					got.Account.IsAdmin, got.Account.IsNoAdmin, test.wantAdmin, test.wantNoAdmin)
			}

			if got.Complete != test.wantComplete || len(got.Runtimes) > 1 {
				t.Errorf("complete %v with %d runtimes, want %v", got.Complete, len(got.Runtimes), test.wantComplete)
			}
		})
	}
}

// A platform that is older than Runtime.status answers the rest, and is asked in vain only once.
func TestOldPlatform(t *testing.T) {
	t.Parallel()

	old := sdl(t, platformSDL, "  status: RuntimeStatus!\n", "  unused: String\n", "  chartVersion: String\n", "")
	platform := newFake(t, "/2.0/api/graphql", old, func(_ context.Context, r request) reply {
		if r.Op == "OverviewBasic" {
			return data(overviewJSON("false", `{`+prodFacts+`}`))
		}

		return data(`{"runtime":{` + prodFacts + `}}`)
	})
	client := newClient(t, platform)

	want := prodRuntime()
	want.GitToken, want.GitTokenDetail, want.DefaultIntegration = codefresh.TokenUnknown, "", codefresh.TokenUnknown
	want.Version = "0.1.30"

	overview, err := client.Overview(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff([]codefresh.Runtime{want}, overview.Runtimes); diff != "" {
		t.Errorf("runtimes (-want +got):\n%s", diff)
	}

	fresh, err := client.FreshRuntime(t.Context(), "prod")
	if err != nil {
		t.Fatal(err)
	}

	if diff := cmp.Diff(want, fresh); diff != "" {
		t.Errorf("runtime (-want +got):\n%s", diff)
	}

	if diff := cmp.Diff([]string{"Overview", "OverviewBasic", "RuntimeByNameBasic"}, platform.ops()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

// A platform that lacks more than that says so.
func TestOtherPlatform(t *testing.T) {
	t.Parallel()

	platform := newFake(t, "/2.0/api/graphql", `type Query { me: String }`, always(data(`{}`)))

	_, err := newClient(t, platform).Overview(t.Context())

	e := errorOf(t, err, codefresh.NoSuchOperation)
	if e.Status != 400 || !strings.Contains(e.Detail, "Cannot query field") {
		t.Errorf("error: %v", e)
	}
}

func TestFreshRuntime(t *testing.T) {
	t.Parallel()

	platform := newPlatform(t, func(_ context.Context, r request) reply {
		switch r.Variables["name"] {
		case "prod":
			return data(`{"runtime":` + prodJSON + `}`)
		case "gone":
			return data(`{"runtime":null}`)
		case "empty":
			return data(`{}`)
		case "null":
			return data(`null`)
		}

		return reply{404, "text/html", "<html>nothing here</html>"}
	})
	client := newClient(t, platform)

	for range 2 {
		got, err := client.FreshRuntime(t.Context(), "prod")
		if err != nil {
			t.Fatal(err)
		}

		if diff := cmp.Diff(prodRuntime(), got); diff != "" {
			t.Errorf("runtime (-want +got):\n%s", diff)
		}
	}

	if n := len(platform.requests()); n != 2 {
		t.Errorf("%d requests, want 2: nothing is remembered", n)
	}

	for name, kind := range map[string]codefresh.ErrorKind{
		"gone":  codefresh.RuntimeNotFound,
		"empty": codefresh.NotUnderstood,
		"null":  codefresh.NotUnderstood,
		"other": codefresh.Unreachable,
	} {
		_, err := client.FreshRuntime(t.Context(), name)
		if e := errorOf(t, err, kind); e.Runtime != name || e.Service != codefresh.Platform || e.Op != "runtime" {
			t.Errorf("%s: error is of %s of %s of %q", name, e.Op, e.Service, e.Runtime)
		}
	}
}

func TestMe(t *testing.T) {
	t.Parallel()

	platform := newPlatform(t, func(_ context.Context, r request) reply {
		switch {
		case r.Op == "Overview":
			return data(overviewJSON("false"))
		case r.Authorization == otherKey:
			return data(`{"me":{"id":"u2","name":"bob","activeAccount":{"id":"a1","name":"acme",` +
				`"gitProvider":"BITBUCKET_SERVER","gitApiUrl":"https://git.example.com","admins":[]}}}`)
		}

		return jsonReply(401, gateway401)
	})
	client := newClient(t, platform)

	for range 2 {
		user, account, err := client.Me(t.Context(), gittoken.NewSecret(" "+otherKey+"\n"))
		if err != nil {
			t.Fatal(err)
		}

		if user.ID != "u2" || account.IsAdmin || account.GitProvider != gittoken.BitbucketServer {
			t.Errorf("me: %+v of %+v", user, account)
		}
	}

	// The client's own key is that of the overview, whether it is named or not.
	for _, key := range []gittoken.Secret{{}, gittoken.NewSecret(keyText)} {
		user, _, err := client.Me(t.Context(), key)
		if err != nil || user.ID != "u1" {
			t.Errorf("me: %+v, %v", user, err)
		}
	}

	for range 2 {
		_, _, err := client.Me(t.Context(), gittoken.NewSecret("a-third-key"))
		wantKind(t, err, codefresh.KeyRefused)
	}

	if diff := cmp.Diff([]string{"Me", "Overview", "Me"}, platform.ops()); diff != "" {
		t.Errorf("requests (-want +got):\n%s", diff)
	}
}

func TestNoKey(t *testing.T) {
	t.Parallel()

	platform := newPlatform(t, always(data(`{"me":`+meJSON+`}`)))

	client, err := codefresh.NewClient(codefresh.Settings{URL: platform.URL}, newTransport(t), time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}

	_, err = client.Overview(t.Context())
	wantKind(t, err, codefresh.KeyMissing)

	_, err = client.FreshRuntime(t.Context(), "prod")
	wantKind(t, err, codefresh.KeyMissing)

	if n := len(platform.requests()); n != 0 {
		t.Errorf("%d requests without a key", n)
	}

	if user, _, err := client.Me(t.Context(), gittoken.NewSecret(otherKey)); err != nil || user.ID != "u1" {
		t.Errorf("with a key of one's own: %+v, %v", user, err)
	}
}

func TestNewClient(t *testing.T) {
	t.Parallel()

	for address, kind := range map[string]codefresh.ErrorKind{
		"http://codefresh.example.com": codefresh.Insecure,
		"nonsense":                     codefresh.Unreachable,
	} {
		_, err := codefresh.NewClient(codefresh.Settings{URL: address}, newTransport(t), time.Now, nil)
		wantKind(t, err, kind)
	}
}
