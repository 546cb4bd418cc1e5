package codefresh_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const updateSDL = "  updateRuntimeGitToken(args: UpdateRuntimeGitTokenArgs!): Boolean\n"

func runtimeToken() codefresh.RuntimeToken {
	return codefresh.RuntimeToken{
		Provider: gittoken.BitbucketServer, APIURL: "https://git.example.com/rest/api/1.0",
		Token: gittoken.NewSecret(tokenText),
	}
}

// The schemas that app-proxies may have, as far as anybody outside knows.
func TestUpdateRuntimeToken(t *testing.T) {
	t.Parallel()

	object := strings.Replace(updateSDL, "Boolean", "GitIntegration!", 1)
	args := map[string]any{
		"token": tokenText, "provider": "BITBUCKET_SERVER", "apiUrl": "https://git.example.com/rest/api/1.0",
	}

	tests := map[string]struct {
		schema   string
		answer   reply
		wantKind codefresh.ErrorKind
		wantSent int
	}{
		"null":   {schema: updateSDL, answer: data(`{"updateRuntimeGitToken":null}`), wantSent: 1},
		"true":   {schema: updateSDL, answer: data(`{"updateRuntimeGitToken":true}`), wantSent: 1},
		"text":   {schema: updateSDL, answer: data(`{"updateRuntimeGitToken":"prod"}`), wantSent: 1},
		"object": {schema: object, answer: data(`{"updateRuntimeGitToken":{"__typename":"GitIntegration"}}`), wantSent: 2},
		"object, refused": {
			schema: object, answer: gqlErrors(200, "ValidationError: token is invalid"),
			wantKind: codefresh.Refused, wantSent: 2,
		},
		"false": {
			schema: updateSDL, answer: data(`{"updateRuntimeGitToken":false}`), wantKind: codefresh.Refused, wantSent: 1,
		},
		"no data": {schema: updateSDL, answer: data(`{}`), wantKind: codefresh.NotUnderstood, wantSent: 1},
		"refused": {
			schema: updateSDL, answer: gqlErrors(200, "the provider does not match the shared configuration repository"),
			wantKind: codefresh.Refused, wantSent: 1,
		},
		"absent": {wantKind: codefresh.NoSuchOperation, wantSent: 1},
		"other argument": {
			schema:   "  updateRuntimeGitToken(input: UpdateRuntimeGitTokenArgs!): Boolean\n",
			wantKind: codefresh.NoSuchOperation, wantSent: 1,
		},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			replace := []string{updateSDL, test.schema}
			if test.schema == updateSDL {
				replace = nil
			}

			if test.schema == "" { // a description must describe something
				replace[1] = "  somethingElse: Boolean\n"
			}

			proxy := newFake(t, "/app-proxy/api/graphql", sdl(t, appProxySDL, replace...), always(test.answer))

			err := newClient(t, nil).UpdateRuntimeToken(t.Context(), "prod", proxy.URL, runtimeToken())

			switch {
			case test.wantKind != "":
				if e := errorOf(t, err, test.wantKind); e.Op != "updateRuntimeGitToken" || e.Runtime != "prod" {
					t.Errorf("error is of %s of %q", e.Op, e.Runtime)
				}
			case err != nil:
				t.Fatal(err)
			}

			seen := proxy.requests()
			if len(seen) != test.wantSent {
				t.Fatalf("%d requests, want %d", len(seen), test.wantSent)
			}

			for _, r := range seen {
				if diff := cmp.Diff(map[string]any{"args": args}, r.Variables); diff != "" {
					t.Errorf("variables (-want +got):\n%s", diff)
				}
			}
		})
	}
}

func TestUpdateRuntimeTokenArguments(t *testing.T) {
	t.Parallel()

	for provider, name := range map[gittoken.Provider]string{
		gittoken.GitHub: "GITHUB", gittoken.GitLab: "GITLAB",
		gittoken.BitbucketCloud: "BITBUCKET", gittoken.BitbucketServer: "BITBUCKET_SERVER",
	} {
		proxy := newAppProxy(t, always(data(`{"updateRuntimeGitToken":null}`)))
		token := codefresh.RuntimeToken{
			Provider: provider, APIURL: "https://api.example.com",
			Token: gittoken.NewSecret(tokenText), Username: "ann@example.com",
		}

		if err := newClient(t, nil).UpdateRuntimeToken(t.Context(), "prod", proxy.URL, token); err != nil {
			t.Fatal(err)
		}

		want := map[string]any{"args": map[string]any{
			"token": tokenText, "provider": name, "apiUrl": "https://api.example.com", "username": "ann@example.com",
		}}
		if diff := cmp.Diff(want, proxy.requests()[0].Variables); diff != "" {
			t.Errorf("%s: variables (-want +got):\n%s", provider, diff)
		}
	}
}
