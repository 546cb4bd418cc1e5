package registration

import (
	"errors"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestGitHost(t *testing.T) {
	t.Parallel()

	const enterprise, here, elsewhere = "https://ghe.example.com/api/v3", "https://ghe.example.com/o/r.git",
		"git@git.example.org:o/r.git"

	account := View{Provider: gittoken.GitHub, APIURL: enterprise}
	from := func(v View, repo string) View {
		v.Repo = repo

		return v
	}

	for name, test := range map[string]struct {
		provider gittoken.Provider // as configured; empty if it is not
		address  string            // likewise
		view     View
		unseen   bool
		host     string // its address; empty for none
		err      error
	}{
		"all from Codefresh":    {"", "", account, false, enterprise, nil},
		"all from the user":     {gittoken.GitHub, "https://h", account, false, "https://h/api/v3", nil},
		"the provider":          {gittoken.GitHub, "", account, false, enterprise, nil},
		"another provider":      {gittoken.GitLab, "", account, false, "https://gitlab.com/api/v4", nil},
		"the address":           {"", "https://h", account, false, "https://h/api/v3", nil},
		"a provider without":    {gittoken.BitbucketServer, "", account, false, "", gittoken.ErrNoAPIURL},
		"nobody says":           {"", "", View{}, false, "", ErrNoGitProvider},
		"no Codefresh to ask":   {"", "", View{}, true, "", ErrNoGitProvider},
		"no such provider":      {"svn", "", account, false, "", gittoken.ErrUnknownProvider},
		"seen nothing, public":  {gittoken.GitHub, "", View{}, false, "https://api.github.com", nil},
		"not seen, not public":  {gittoken.GitHub, "", View{}, true, "", nil},
		"not seen, but address": {gittoken.GitHub, "https://h", View{}, true, "https://h/api/v3", nil},

		// A token goes to no host that its configuration, its integration or this runtime does not name.
		"a foreign provider": {"", "", View{ForeignProvider: true}, false, "", ErrForeignProvider},
		"a foreign one, configured": {
			gittoken.GitHub, "https://h", View{ForeignProvider: true}, false, "https://h/api/v3", nil,
		},
		"installed from there":          {"", "", from(account, here), false, enterprise, nil},
		"installed from www. there":     {"", "", from(account, "https://www.ghe.example.com/o/r"), false, enterprise, nil},
		"installed from elsewhere":      {"", "", from(account, elsewhere), false, "", ErrOwnServer},
		"from elsewhere, as configured": {"", "https://h", from(account, elsewhere), false, "https://h/api/v3", nil},
		"public, but from elsewhere":    {"", "", from(View{Provider: gittoken.GitHub}, here), false, "", ErrOwnServer},
		"from what is no address":       {"", "", from(account, "o/r"), false, enterprise, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, err := test.view.GitHost(test.provider, test.address, !test.unseen)
			if !errors.Is(err, test.err) || got.APIURL() != test.host {
				t.Errorf("%q, %v; want %q, %v", got.APIURL(), err, test.host, test.err)
			}
		})
	}
}
