package codefresh_test

import (
	"context"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
)

func TestGitSources(t *testing.T) {
	t.Parallel()

	const (
		one   = `{"node":{"metadata":{"name":"apps","runtime":"prod"},"self":{"repoURL":"https://github.com/acme/apps.git"}}}`
		two   = `{"node":{"metadata":{"name":"more","runtime":"stage"},"self":{"repoURL":"https://u:hunter2@git.acme.io/x"}}}`
		three = `{"node":{"metadata":{"name":"bare","runtime":"prod"},"self":null}}`
	)

	sources := func(edges, info string) reply {
		return data(`{"gitSources":{"edges":` + edges + `,"pageInfo":` + info + `}}`)
	}
	last := `{"hasNextPage":false,"endCursor":"z"}`
	first := codefresh.GitSource{Name: "apps", Runtime: "prod", RepoURL: "https://github.com/acme/apps.git"}
	second := codefresh.GitSource{Name: "more", Runtime: "stage", RepoURL: "https://(redacted)@git.acme.io/x"}

	for name, test := range map[string]struct {
		answers map[string]reply // by cursor
		sdl     []string
		want    []codefresh.GitSource
		ops     int
	}{
		"none": {answers: map[string]reply{"": sources(`[]`, last)}, want: []codefresh.GitSource{}, ops: 1},
		"some": {
			answers: map[string]reply{"": sources(`[`+one+`,`+two+`,`+three+`]`, last)},
			want:    []codefresh.GitSource{first, second, {Name: "bare", Runtime: "prod"}}, ops: 1,
		},
		"two pages": {
			answers: map[string]reply{
				"":  sources(`[`+one+`]`, `{"hasNextPage":true,"endCursor":"x"}`),
				"x": sources(`[`+two+`]`, last),
			},
			want: []codefresh.GitSource{first, second}, ops: 2,
		},
		// Nobody is told of the rest, so nobody is told of any.
		"a page is lacking": {
			answers: map[string]reply{
				"": sources(`[`+one+`]`, `{"hasNextPage":true,"endCursor":"x"}`), "x": gqlErrors(200, "boom"),
			},
			ops: 2,
		},
		"no cursor": {answers: map[string]reply{"": sources(`[`+one+`]`, `{"hasNextPage":true}`)}, ops: 1},
		"a gap":     {answers: map[string]reply{"": sources(`[`+one+`,null]`, last)}, ops: 1},
		"no list":   {answers: map[string]reply{"": sources(`null`, last)}, ops: 1},
		"null":      {answers: map[string]reply{"": data(`{"gitSources":null}`)}, ops: 1},
		"refused":   {answers: map[string]reply{"": gqlErrors(200, "not for you")}, ops: 1},
		"with errors": {
			answers: map[string]reply{"": jsonReply(200,
				`{"data":{"gitSources":{"edges":[`+one+`],"pageInfo":`+last+`}},"errors":[{"message":"half"}]}`)},
			ops: 1,
		},
		"a page": {answers: map[string]reply{"": page(404, "404")}, ops: 1},
		"too old": {
			sdl: []string{
				"  gitSources(runtime: String, pagination: SlicePaginationArgs): GitSourceSlice\n", "  unused: String\n",
			},
			ops: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			schema := sdl(t, platformSDL, test.sdl...)
			platform := newFake(t, "/2.0/api/graphql", schema, func(_ context.Context, r request) reply {
				if r.Op == "Overview" {
					return data(overviewJSON("false", prodJSON))
				}

				after, _ := r.Variables["after"].(string)

				return test.answers[after]
			})
			client := newClient(t, platform)

			for range 3 {
				got, told := client.GitSources(t.Context())
				if told != (test.want != nil) {
					t.Errorf("the platform told: %t", told)
				}

				if diff := cmp.Diff(test.want, got); diff != "" {
					t.Errorf("Git Sources (-want +got):\n%s", diff)
				}

				if len(got) > 0 {
					got[0].Name = "changed" // and nobody else sees it
				}
			}

			if n := len(platform.requests()); n != test.ops {
				t.Errorf("%d requests, want %d", n, test.ops)
			}

			if _, err := client.Overview(t.Context()); err != nil {
				t.Errorf("the overview fails with it: %v", err)
			}
		})
	}
}
