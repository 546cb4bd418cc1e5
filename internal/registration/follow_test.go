package registration

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// A runtime that moves between a question about it and a request to it is found where it is.
func TestPlacesFollowTheRuntime(t *testing.T) {
	t.Parallel()

	moved := runtimeNamed("prod")
	moved.AppProxyURL = "https://new"

	v := View{AppProxyURL: "https://prod", Registered: true, UserID: "u1", Caller: "u1"}
	c := gittoken.Credential{
		Host: hostOf(t, gittoken.GitLab, "https://gitlab.example.com"), Token: gittoken.NewSecret("token"),
	}

	for name, test := range map[string]struct {
		own string // app_proxy_url
		now codefresh.Runtime
		do  func(api API, own string) error
		// what is asked after the request that fails
		asked []string
		fails bool
	}{
		"a runtime's token": {
			now: moved, do: func(api API, own string) error {
				return RuntimeToken{API: api, Runtime: "prod", AppProxyURL: own}.Write(t.Context(), v, c)
			},
			asked: []string{"runtime prod", "update prod at https://new"},
		},
		"a user's token": {
			now: moved, do: func(api API, own string) error {
				return UserToken{API: api, Runtime: "prod", Integration: "lab", AppProxyURL: own}.Write(t.Context(), v, c)
			},
			asked: []string{"runtime prod", "register lab of prod at https://new"},
		},
		"a delete": {
			now: moved, do: func(api API, own string) error {
				return UserToken{API: api, Runtime: "prod", Integration: "lab", AppProxyURL: own}.Remove(t.Context(), v)
			},
			asked: []string{"runtime prod", "deregister lab of prod at https://new"},
		},
		"which did not move": {
			now: runtimeNamed("prod"), do: func(api API, own string) error {
				return UserToken{API: api, Runtime: "prod", Integration: "lab", AppProxyURL: own}.Remove(t.Context(), v)
			},
			asked: []string{"runtime prod"}, fails: true,
		},
		"which the user says where to find": {
			own: "https://prod", now: moved, do: func(api API, own string) error {
				return UserToken{API: api, Runtime: "prod", Integration: "lab", AppProxyURL: own}.Remove(t.Context(), v)
			},
			fails: true,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			api := &fakeCodefresh{deserted: "https://prod", fresh: map[string]codefresh.Runtime{"prod": test.now}}
			if err := test.do(api, test.own); (err != nil) != test.fails {
				t.Errorf("error %v", err)
			}

			var asked []string
			for _, what := range api.asked[1:] {
				what, _, _ = strings.Cut(what, " as ")
				what, _, _ = strings.Cut(what, " for ")
				asked = append(asked, what)
			}

			if diff := cmp.Diff(test.asked, asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}
