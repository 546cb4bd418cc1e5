package gittoken_test

import (
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestParseScopes(t *testing.T) {
	t.Parallel()

	tooLong := strings.Repeat("a", 101)

	for name, tt := range map[string]struct {
		lists      []string
		separators string
		want       []gittoken.Scope
		partial    bool
	}{
		"GitHub's header":       {[]string{"repo, admin:repo_hook"}, ",", scopes("repo admin:repo_hook"), false},
		"a header sent twice":   {[]string{"repo", "gist, repo"}, ",", scopes("repo gist"), false},
		"an empty header":       {[]string{""}, ",", nil, false},
		"nothing":               {nil, ",", nil, false},
		"commas alone":          {[]string{" , ,, "}, ",", nil, false},
		"a list of JSON":        {[]string{"api", "read_user"}, "", scopes("api read_user"), false},
		"an OAuth scope":        {[]string{"api read_user"}, " ", scopes("api read_user"), false},
		"a space inside":        {[]string{"repo gist"}, ",", nil, true},
		"a mark-up":             {[]string{"repo, <b>gist</b>"}, ",", scopes("repo"), true},
		"a control character":   {[]string{"repo, gi\x1bst"}, ",", scopes("repo"), true},
		"a look-alike":          {[]string{"rеpo"}, ",", nil, true},
		"longer than any scope": {[]string{tooLong, tooLong[1:]}, ",", scopes(tooLong[1:]), true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, whole := gittoken.ParseScopes(tt.lists, tt.separators)
			if diff := cmp.Diff(tt.want, got); diff != "" || whole == tt.partial {
				t.Errorf("whole = %t; (-want +got):\n%s", whole, diff)
			}
		})
	}
}

func FuzzParseScopes(f *testing.F) {
	for _, seed := range []string{"", "repo, admin:repo_hook", "read:user:bitbucket", ",,", "a b", "\x00", "a;b"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, text string) {
		got, whole := gittoken.ParseScopes([]string{text}, ", ")

		words := make([]string, 0, len(got))
		for _, s := range got {
			if s == "" || slices.Contains(words, string(s)) || !strings.Contains(text, string(s)) {
				t.Errorf("scope %q of %q", s, text)
			}

			words = append(words, string(s))
		}

		again, stillWhole := gittoken.ParseScopes([]string{strings.Join(words, ", ")}, ", ")
		if diff := cmp.Diff(got, again); diff != "" || !stillWhole {
			t.Errorf("read again (-first +second), whole %t and then %t:\n%s", whole, stillWhole, diff)
		}
	})
}
