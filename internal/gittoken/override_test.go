package gittoken_test

import (
	"net/url"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// FuzzOverride takes a requirement of the user's own through everything that is done with it.
func FuzzOverride(f *testing.F) {
	f.Add("repo,admin:repo_hook")
	f.Add("Project admin,read-repository,\x1b[31m")
	f.Add("contents:write,,=,write:repository:bitbucket")

	f.Fuzz(func(t *testing.T, list string) {
		var own []gittoken.Scope
		for text := range strings.SplitSeq(list, ",") {
			own = append(own, gittoken.Scope(text))
		}

		for _, row := range gittoken.Requirements() {
			r := row.Override(own)
			if len(r.Scopes) > len(own) {
				t.Fatalf("%d scopes became %d", len(own), len(r.Scopes))
			}

			again := r.Override(r.Scopes)
			if strings.Join(words(again.Scopes), ",") != strings.Join(words(r.Scopes), ",") {
				t.Errorf("%s: %q is read as %q the second time", r.Provider, r.Scopes, again.Scopes)
			}

			address := "https://git.example.com"

			h, err := gittoken.NewHost(r.Provider, address)
			if err != nil {
				continue
			}

			if page := r.TokenURL(h); page != "" {
				if _, err := url.Parse(page); err != nil {
					t.Errorf("the page of %q: %v", list, err)
				}
			}
		}
	})
}

func words(scopes []gittoken.Scope) []string {
	texts := make([]string, 0, len(scopes))
	for _, s := range scopes {
		texts = append(texts, string(s))
	}

	return texts
}
