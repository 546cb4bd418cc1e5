package gittoken_test

import (
	"slices"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestProviderNames(t *testing.T) {
	t.Parallel()

	for p, want := range map[gittoken.Provider]string{
		gittoken.GitHub:          "GitHub",
		gittoken.GitLab:          "GitLab",
		gittoken.BitbucketServer: "Bitbucket Data Center",
		gittoken.BitbucketCloud:  "Bitbucket Cloud",
		"gitea":                  "gitea",
	} {
		if got := p.DisplayName(); got != want {
			t.Errorf("%q is shown as %q, want %q", p, got, want)
		}
	}
}

func TestParseProvider(t *testing.T) {
	t.Parallel()

	for _, p := range gittoken.Providers() {
		if got, ok := gittoken.ParseProvider(string(p)); !ok || got != p {
			t.Errorf("ParseProvider(%q) = %q, %t", p, got, ok)
		}
	}

	for _, name := range []string{"", "GitHub", "bitbucket-cloud", "gitea"} {
		if got, ok := gittoken.ParseProvider(name); ok || got != "" {
			t.Errorf("ParseProvider(%q) = %q, %t", name, got, ok)
		}
	}
}

func TestKindsHaveNoDuplicatesAndNoUnknown(t *testing.T) {
	t.Parallel()

	for _, p := range gittoken.Providers() {
		kinds := gittoken.Kinds(p)
		if len(kinds) == 0 {
			t.Errorf("%s hands out nothing", p)
		}

		sorted := slices.Sorted(slices.Values(kinds))
		if len(slices.Compact(sorted)) != len(kinds) || slices.Contains(kinds, gittoken.KindUnknown) {
			t.Errorf("%s: %v", p, kinds)
		}
	}

	if kinds := gittoken.Kinds("gitea"); kinds != nil {
		t.Errorf("an unknown provider hands out %v", kinds)
	}
}

func TestCovers(t *testing.T) {
	t.Parallel()

	for p, want := range map[gittoken.Provider]string{
		gittoken.GitHub: "GitHub.com and GitHub Enterprise", gittoken.BitbucketCloud: "Bitbucket Cloud", "gitea": "",
	} {
		if got := p.Covers(); got != want {
			t.Errorf("%s covers %q, want %q", p, got, want)
		}
	}
}

func TestTellsScopes(t *testing.T) {
	t.Parallel()

	silent := []gittoken.Kind{
		gittoken.KindFineGrained, gittoken.KindAppInstallation, gittoken.KindAppUser, gittoken.KindGranular,
	}

	for _, p := range gittoken.Providers() {
		for _, k := range gittoken.Kinds(p) {
			if got, want := k.TellsScopes(), !slices.Contains(silent, k); got != want {
				t.Errorf("%s %s: %t, want %t", p, k, got, want)
			}
		}
	}

	for _, k := range []gittoken.Kind{gittoken.KindUnknown, "", "deploy_key"} {
		if k.TellsScopes() {
			t.Errorf("%q tells its scopes", k)
		}
	}
}

func TestAccessIncludes(t *testing.T) {
	t.Parallel()

	levels := []gittoken.Access{"", gittoken.Read, gittoken.Write, gittoken.Admin}

	for i, a := range levels {
		for k, b := range levels {
			if got, want := a.Includes(b), i >= k; got != want {
				t.Errorf("%q includes %q: %t", a, b, got)
			}
		}

		if a.Includes("owner") {
			t.Errorf("%q includes a level that does not exist", a)
		}
	}

	if gittoken.Access("owner").Includes("") || gittoken.Access("owner").Includes("owner") {
		t.Error("a level that does not exist includes something")
	}
}

func TestStatusClasses(t *testing.T) {
	t.Parallel()

	for s, want := range map[gittoken.Status]gittoken.Class{
		gittoken.StatusValid:       gittoken.Good,
		gittoken.StatusUnproven:    gittoken.Soft,
		gittoken.StatusUnchecked:   gittoken.Soft,
		gittoken.StatusUnderScoped: gittoken.Bad,
		gittoken.StatusExpired:     gittoken.Bad,
		gittoken.StatusRevoked:     gittoken.Bad,
		gittoken.StatusInvalid:     gittoken.Bad,
		gittoken.StatusBlocked:     gittoken.Bad,
		"":                         gittoken.Soft,
		"fine":                     gittoken.Soft,
	} {
		if got := s.Class(); got != want {
			t.Errorf("%q is %s, want %s", s, got, want)
		}

		if got, want := s.Proven(), s != gittoken.StatusUnchecked && s != ""; got != want {
			t.Errorf("%q proven: %t", s, got)
		}
	}
}
