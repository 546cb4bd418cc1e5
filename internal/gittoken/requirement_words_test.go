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
		"none":                 {gittoken.GitHub, gittoken.Runtime, nil, gittoken.KindClassic, []gittoken.Scope{"repo", "admin:repo_hook"}},
		"nobody's":             {gittoken.GitHub, gittoken.User, []string{"all"}, gittoken.KindClassic, []gittoken.Scope{"repo"}},
		"classic":              {gittoken.GitHub, gittoken.User, []string{"repo"}, gittoken.KindClassic, nil},
		"fine-grained":         {gittoken.GitHub, gittoken.User, []string{"contents:write", "metadata:read"}, gittoken.KindFineGrained, nil},
		"mostly fine-grained":  {gittoken.GitHub, gittoken.User, []string{"repo", "contents:write", "metadata:read"}, gittoken.KindFineGrained, nil},
		"API token":            {gittoken.BitbucketCloud, gittoken.User, []string{"read:user:bitbucket"}, gittoken.KindAPIToken, []gittoken.Scope{"read:workspace:bitbucket", "read:repository:bitbucket", "write:repository:bitbucket"}},
		"access token":         {gittoken.BitbucketCloud, gittoken.User, []string{"account", "team", "repository:write", "repository:admin"}, gittoken.KindAccessToken, nil},
		"access token, spaced": {gittoken.BitbucketCloud, gittoken.User, []string{"account", "team", " repository:admin"}, gittoken.KindAccessToken, []gittoken.Scope{"repository:write"}},
		"one kind only":        {gittoken.BitbucketServer, gittoken.User, []string{"Project admin"}, gittoken.KindHTTPAccess, nil},
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
