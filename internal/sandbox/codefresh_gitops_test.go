package sandbox_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// pages reads a list of the platform to its end: the names on each page.
func pages(t *testing.T, s *sandbox.Sandbox, list, arguments string) [][]string {
	t.Helper()

	const fields = `{ edges { node { metadata { name } } } pageInfo { hasNextPage hasPrevPage startCursor endCursor } }`

	var found [][]string

	for after := "null"; ; {
		answer := dig(t, cfPlatform(t, s,
			`{ `+list+`(`+arguments+`pagination: {after: `+after+`}) `+fields+` }`), list)
		if got := dig(t, answer, "pageInfo", "hasPrevPage"); got != (after != "null") {
			t.Errorf("there is a page before page %d: %v", len(found), got)
		}

		page := []string{}

		edges, ok := dig(t, answer, "edges").([]any)
		if !ok {
			t.Fatalf("no edges in %v", answer)
		}

		for i := range edges {
			page = append(page, str(t, answer, "edges", i, "node", "metadata", "name"))
		}

		found = append(found, page)
		if dig(t, answer, "pageInfo", "hasNextPage") != true {
			return found
		}

		text, err := json.Marshal(dig(t, answer, "pageInfo", "endCursor"))
		do(t, err)

		after = string(text)
	}
}

func TestCodefreshPages(t *testing.T) {
	t.Parallel()

	s := cfStart(t)
	if diff := cmp.Diff([][]string{{}}, pages(t, s, "runtimes", "")); diff != "" {
		t.Errorf("no runtimes: %s", diff)
	}

	for _, name := range []string{"a", "b", "c", "d", "e"} {
		do(t, s.AddRuntime(sandbox.Runtime{Name: name}))
		do(t, s.AddGitSource(sandbox.GitSource{Runtime: name, Name: "apps"}))
	}

	s.SetPlatform(sandbox.Platform{PageSize: 2})

	if diff := cmp.Diff([][]string{{"a", "b"}, {"c", "d"}, {"e"}}, pages(t, s, "runtimes", "")); diff != "" {
		t.Error(diff)
	}

	sources := [][]string{{"apps", "apps"}, {"apps", "apps"}, {"apps"}}
	if diff := cmp.Diff(sources, pages(t, s, "gitSources", "")); diff != "" {
		t.Error(diff)
	}

	if diff := cmp.Diff([][]string{{"apps"}}, pages(t, s, "gitSources", `runtime: "b", `)); diff != "" {
		t.Error(diff)
	}

	for _, c := range []struct{ arguments, problem string }{
		{`after: "nowhere"`, "unknown cursor"}, {`last: 1`, "backwards"}, {`first: -1`, "negative"},
	} {
		query := `{ runtimes(pagination: {` + c.arguments + `}) { edges { cursor } } }`

		reply := cfQuery(t, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", adminKey, query, nil)
		if p := reply.problem(t); !strings.Contains(p, c.problem) || reply.Errors[0].Extensions.Code != "BAD_USER_INPUT" {
			t.Errorf("%s: %q", c.arguments, p)
		}
	}

	if got := pages(t, s, "runtimes", ""); len(got) != 3 {
		t.Errorf("%d pages", len(got))
	}

	s.SetPlatform(sandbox.Platform{PageSize: 2, NoPagination: true})

	const query = `{ runtimes(pagination: {after: null}) { edges { cursor } } }`

	reply := cfQuery(t, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", adminKey, query, nil)
	if p := reply.problem(t); reply.Status != 400 || !strings.Contains(p, `Unknown argument "pagination"`) {
		t.Errorf("%d %q", reply.Status, p)
	}
}

func TestCodefreshGitSources(t *testing.T) {
	t.Parallel()

	s := cfStart(t, sandbox.Runtime{Name: "prod"}, sandbox.Runtime{Name: "test"})
	for _, g := range []sandbox.GitSource{
		{Runtime: "prod", Name: "apps", RepoURL: "https://github.com/acme/apps.git", Path: "prod"},
		{Runtime: "prod", Name: "bare"},
		{Runtime: "test", Name: "apps", RepoURL: "https://github.com/acme/apps.git"},
	} {
		do(t, s.AddGitSource(g))
	}

	list := func() cfReply {
		return cfQuery(t, s.URL(sandbox.Codefresh)+"/2.0/api/graphql", adminKey,
			`{ me { id } gitSources { edges { node { metadata { name runtime } self { repoURL path } } } } }`, nil)
	}
	node := func(runtime, name string, self any) any {
		return map[string]any{"node": map[string]any{
			"metadata": map[string]any{"name": name, "runtime": runtime}, "self": self,
		}}
	}

	const address = "https://github.com/acme/apps.git"

	first, second := node("prod", "apps", map[string]any{"repoURL": address, "path": "prod"}),
		node("prod", "bare", map[string]any{"repoURL": nil, "path": nil})

	third := node("test", "apps", map[string]any{"repoURL": address, "path": nil})
	if diff := cmp.Diff([]any{first, second, third}, dig(t, list().Data, "gitSources", "edges")); diff != "" {
		t.Error(diff)
	}

	s.SetPlatform(sandbox.Platform{GitSources: sandbox.SourcesPartial})

	partial := list()
	if p := partial.problem(t); !strings.HasPrefix(p, "Forbidden") || partial.Status != 200 {
		t.Errorf("partial: %d %q", partial.Status, p)
	}

	want := []any{first, second, node("test", "apps", nil)}
	if diff := cmp.Diff(want, dig(t, partial.Data, "gitSources", "edges")); diff != "" {
		t.Error(diff)
	}
	// What must not be null takes all that is asked with it along.
	s.SetPlatform(sandbox.Platform{GitSources: sandbox.SourcesRefused})

	refused := list()
	if p := refused.problem(t); !strings.HasPrefix(p, "Forbidden") || refused.Status != 200 || refused.Data != nil {
		t.Errorf("refused: %d %s", refused.Status, refused.Body)
	}

	s.SetPlatform(sandbox.Platform{GitSources: sandbox.SourcesAbsent})

	absent := list()
	if p := absent.problem(t); absent.Status != 400 || !strings.Contains(p, `Cannot query field "gitSources"`) {
		t.Errorf("absent: %d %q", absent.Status, p)
	}

	s.SetPlatform(sandbox.Platform{})
	do(t, s.RemoveGitSource("test", "apps"))
	do(t, s.RemoveRuntime("prod"))

	if diff := cmp.Diff([]any{}, dig(t, list().Data, "gitSources", "edges")); diff != "" {
		t.Errorf("removed: %s", diff)
	}

	for _, err := range []error{
		s.RemoveGitSource("test", "apps"), s.AddGitSource(sandbox.GitSource{Runtime: "prod", Name: "apps"}),
		s.AddGitSource(sandbox.GitSource{Runtime: "test"}),
	} {
		if err == nil {
			t.Error("what is impossible was done")
		}
	}

	do(t, s.AddGitSource(sandbox.GitSource{Runtime: "test", Name: "apps"}))

	if s.AddGitSource(sandbox.GitSource{Runtime: "test", Name: "apps"}) == nil {
		t.Error("there are two of one name")
	}
}

func TestStages(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one", Stage: sandbox.StageListed})

	id, _ := s.DefaultUser()
	for _, c := range []struct {
		stage              sandbox.Stage
		addressed          bool
		status             int // of the app-proxy
		integrations       int
		availableInAccount bool
	}{
		{sandbox.StageListed, false, 404, 0, false},
		{sandbox.StageAddressed, true, 404, 0, false},
		{sandbox.StageAnswering, true, 200, 0, true},
		{sandbox.StageInstalled, true, 200, 1, true},
		{sandbox.StageAddressed, true, 404, 0, false},
		{sandbox.StageInstalled, true, 200, 1, true},
	} {
		do(t, s.SetStage("one", c.stage))

		r := dig(t, cfPlatform(t, s, `{ runtime(name: "one") { ingressHost available } }`), "runtime")
		if got := dig(t, r, "ingressHost") != nil; got != c.addressed || dig(t, r, "available") != c.availableInAccount {
			t.Errorf("%s: the platform tells %v", c.stage, r)
		}

		resp, _ := cfSend(t, http.MethodGet, s.URL("app-proxy:one")+"/app-proxy/api/readyz", "")
		if resp.StatusCode != c.status {
			t.Errorf("%s: the app-proxy answers %d", c.stage, resp.StatusCode)
		}

		if c.status == 200 {
			list, _ := dig(t, asAdmin(t, s, listQuery, nil).Data, "gitIntegrations").([]any)
			if len(list) != c.integrations {
				t.Errorf("%s: integrations are %v", c.stage, list)
			}
		}

		if c.integrations > 0 {
			do(t, s.Register("one", "default", map[string]string{id: "a token"}))
		} else if _, ok := s.UserToken("one", "default", id); ok {
			t.Errorf("%s: a registration outlived its integration", c.stage)
		}
	}

	if s.SetStage("one", "half") == nil || s.AddRuntime(sandbox.Runtime{Name: "x", Stage: "half"}) == nil {
		t.Error("there is a stage that is none")
	}
}

func TestMoveRuntime(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "one"})
	id, _ := s.DefaultUser()
	do(t, s.Register("one", "default", map[string]string{id: "a token"}))
	before := s.URL("app-proxy:one")
	do(t, s.MoveRuntime("one"))
	after := s.URL("app-proxy:one")

	told := dig(t, cfPlatform(t, s, `{ runtime(name: "one") { ingressHost } }`), "runtime", "ingressHost")
	if after == before || told != after {
		t.Errorf("moved from %s to %s, and the platform tells %v", before, after, told)
	}

	if got := cfUsers(t, s); len(got) != 1 {
		t.Errorf("its users are %v", got)
	}

	if s.MoveRuntime("two") == nil {
		t.Error("a runtime moved that is none")
	}
}

func TestNullFault(t *testing.T) {
	t.Parallel()
	s := cfStart(t, sandbox.Runtime{Name: "a"}, sandbox.Runtime{Name: "b"})
	list := func() map[string]any {
		return cfPlatform(t, s, `{ runtimes { edges { node { metadata { name } } } pageInfo { hasNextPage } } }`)
	}

	whole := list()
	for path, want := range map[string]any{
		"data.runtimes": map[string]any{"runtimes": nil},
		"data.runtimes.pageInfo": map[string]any{"runtimes": map[string]any{
			"edges": dig(t, whole, "runtimes", "edges"), "pageInfo": nil,
		}},
		"data.runtimes.edges.node": map[string]any{"runtimes": map[string]any{
			"edges":    []any{map[string]any{"node": nil}, map[string]any{"node": nil}},
			"pageInfo": map[string]any{"hasNextPage": false},
		}},
		"data.runtimes.none": whole,
		"data.x.y":           whole,
	} {
		do(t, s.Break(sandbox.Codefresh, sandbox.Fault{Null: path, Times: 1, Match: "runtimes"}))

		if diff := cmp.Diff(want, any(list())); diff != "" {
			t.Errorf("%s: %s", path, diff)
		}

		if diff := cmp.Diff(whole, list()); diff != "" {
			t.Errorf("after %s: %s", path, diff)
		}
	}

	for _, f := range []sandbox.Fault{{Null: "a", Status: 200}, {Null: "a", Mode: "drip"}} {
		if s.Break(sandbox.Codefresh, f) == nil {
			t.Errorf("Break took %+v", f)
		}
	}
}
