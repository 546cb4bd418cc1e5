package gittoken_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestRequirementByWords(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		provider gittoken.Provider
		use      gittoken.Type
		granted  []string
		kind     gittoken.Kind
		missing  []gittoken.Scope
	}{
		"none": {
			provider: gittoken.GitHub, use: gittoken.Runtime,
			kind: gittoken.KindClassic, missing: []gittoken.Scope{"repo", "admin:repo_hook"},
		},
		"nobody's": {
			provider: gittoken.GitHub, use: gittoken.User, granted: []string{"all"},
			kind: gittoken.KindClassic, missing: []gittoken.Scope{"repo"},
		},
		"classic": {
			provider: gittoken.GitHub, use: gittoken.User, granted: []string{"repo"},
			kind: gittoken.KindClassic,
		},
		"fine-grained": {
			provider: gittoken.GitHub, use: gittoken.User, granted: []string{"contents:write", "metadata:read"},
			kind: gittoken.KindFineGrained,
		},
		"mostly fine-grained": {
			provider: gittoken.GitHub, use: gittoken.User, granted: []string{"repo", "contents:write", "metadata:read"},
			kind: gittoken.KindFineGrained,
		},
		"API token": {
			provider: gittoken.BitbucketCloud, use: gittoken.User, granted: []string{"read:user:bitbucket"},
			kind: gittoken.KindAPIToken,
			missing: scopes("read:workspace:bitbucket read:project:bitbucket read:repository:bitbucket " +
				"write:repository:bitbucket"),
		},
		"granular": {
			provider: gittoken.GitLab, use: gittoken.User, granted: []string{"Code: Push", "download_code", "read_user"},
			kind: gittoken.KindGranular, missing: []gittoken.Scope{"read_project"},
		},
		"legacy names": {
			provider: gittoken.BitbucketCloud, use: gittoken.User,
			granted: []string{"account", "team", "repository:write", "repository:admin"},
			kind:    gittoken.KindAppPassword,
		},
		"legacy names, spaced": {
			provider: gittoken.BitbucketCloud, use: gittoken.User, granted: []string{"account", "team", " repository:admin"},
			kind: gittoken.KindAppPassword, missing: []gittoken.Scope{"repository:write"},
		},
		"one kind only": {
			provider: gittoken.BitbucketServer, use: gittoken.User, granted: []string{"Project admin"},
			kind: gittoken.KindHTTPAccess,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			r := gittoken.RequirementByWords(tt.provider, tt.use, tt.granted)
			if r.Kind != tt.kind {
				t.Errorf("kind %s, want %s", r.Kind, tt.kind)
			}

			granted := make([]gittoken.Scope, 0, len(tt.granted))
			for _, word := range tt.granted {
				granted = append(granted, gittoken.Scope(word))
			}

			if missing := r.MissingFrom(granted); !slices.Equal(missing, tt.missing) {
				t.Errorf("missing scopes (-want +got):\n%s", cmp.Diff(tt.missing, missing))
			}
		})
	}
}

// No requirement lacks anything if its own scopes are granted, and it is found by them.
func TestEachRequirementByItsOwnWords(t *testing.T) {
	t.Parallel()

	for _, r := range gittoken.Requirements() {
		if r.Unfit {
			continue
		}

		words := make([]string, 0, len(r.Scopes))
		for _, s := range r.Scopes {
			words = append(words, string(s))
		}

		found := gittoken.RequirementByWords(r.Provider, r.Type, words)
		if !slices.Equal(found.Scopes, r.Scopes) {
			t.Errorf("%s, %s, %s: %v is found by %v", r.Provider, r.Type, r.Kind, found.Scopes, r.Scopes)
		}

		if missing := r.MissingFrom(r.Scopes); len(missing) > 0 {
			t.Errorf("%s, %s, %s: %v are missing", r.Provider, r.Type, r.Kind, missing)
		}
	}
}

func TestRequirementOf(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		provider gittoken.Provider
		verdict  gittoken.Verdict
		kind     gittoken.Kind
	}{
		"a kind": {
			gittoken.BitbucketCloud,
			gittoken.Verdict{
				Kind: gittoken.KindAPIToken, ScopesKnown: true, Scopes: []gittoken.Scope{"account", "team", "repository:write"},
			},
			gittoken.KindAPIToken,
		},
		"nothing": {gittoken.BitbucketCloud, gittoken.Verdict{}, gittoken.KindAPIToken},
		"no kind, no scopes": {
			gittoken.BitbucketCloud, gittoken.Verdict{Kind: gittoken.KindUnknown, ScopesKnown: true}, gittoken.KindAPIToken,
		},
		"no kind, scopes that are not known": {
			gittoken.BitbucketCloud,
			gittoken.Verdict{Kind: gittoken.KindUnknown, Scopes: []gittoken.Scope{"account"}},
			gittoken.KindAPIToken,
		},
		"no kind, the old names": {
			gittoken.BitbucketCloud,
			gittoken.Verdict{Kind: gittoken.KindUnknown, ScopesKnown: true, Scopes: []gittoken.Scope{"team", "webhook"}},
			gittoken.KindAppPassword,
		},
		"no kind, names of today": {
			gittoken.BitbucketCloud,
			gittoken.Verdict{ScopesKnown: true, Scopes: []gittoken.Scope{"read:user:bitbucket"}},
			gittoken.KindAPIToken,
		},
		"no kind, GitLab": {
			gittoken.GitLab,
			gittoken.Verdict{Kind: gittoken.KindUnknown, ScopesKnown: true, Scopes: []gittoken.Scope{"write_repository"}},
			gittoken.KindPersonal,
		},
	} {
		for _, use := range gittoken.Types() {
			if got := gittoken.RequirementOf(tt.provider, use, tt.verdict); got.Kind != tt.kind || got.Unfit {
				t.Errorf("%s, %s: the row of %s, want %s", name, use, got.Kind, tt.kind)
			}
		}
	}
}
