package gittoken_test

import (
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestNewHost(t *testing.T) {
	t.Parallel()

	const (
		hub   = gittoken.GitHub
		lab   = gittoken.GitLab
		stash = gittoken.BitbucketServer
		cloud = gittoken.BitbucketCloud
	)

	for _, test := range []struct {
		provider gittoken.Provider
		in       string
		api      string
		web      string
	}{
		{hub, "", "https://api.github.com", "https://github.com"},
		{hub, "https://github.com", "https://api.github.com", "https://github.com"},
		{hub, "https://github.com/", "https://api.github.com", "https://github.com"},
		{hub, "https://www.github.com", "https://api.github.com", "https://github.com"},
		{hub, "https://github.com/api/v3", "https://api.github.com", "https://github.com"},
		{hub, "HTTPS://API.GitHub.com:443//", "https://api.github.com", "https://github.com"},
		{hub, "https://api.github.com/api/v3", "https://api.github.com", "https://github.com"},
		{hub, "https://api.github.com.", "https://api.github.com", "https://github.com"},
		{hub, "https://acme.ghe.com", "https://api.acme.ghe.com", "https://acme.ghe.com"},
		{hub, "https://Acme.GHE.com/api/v3/", "https://api.acme.ghe.com", "https://acme.ghe.com"},
		{hub, "https://api.acme.ghe.com/", "https://api.acme.ghe.com", "https://acme.ghe.com"},
		{hub, "https://api.acme.ghe.com/api/v3/", "https://api.acme.ghe.com", "https://acme.ghe.com"},
		{hub, "https://ghe.corp", "https://ghe.corp/api/v3", "https://ghe.corp"},
		{hub, "https://ghe.corp/", "https://ghe.corp/api/v3", "https://ghe.corp"},
		{hub, "https://ghe.corp/api/v3", "https://ghe.corp/api/v3", "https://ghe.corp"},
		{hub, "https://ghe.corp:8443/api/v3///", "https://ghe.corp:8443/api/v3", "https://ghe.corp:8443"},
		{hub, "https://ghe.corp/proxy", "https://ghe.corp/proxy", "https://ghe.corp"},
		{hub, "https://ghe.corp/proxy/api/v3", "https://ghe.corp/proxy/api/v3", "https://ghe.corp/proxy"},
		{hub, "https://notghe.com", "https://notghe.com/api/v3", "https://notghe.com"},
		{hub, "https://api.corp.example", "https://api.corp.example/api/v3", "https://api.corp.example"},
		{hub, "http://127.0.0.1:8080", "http://127.0.0.1:8080/api/v3", "http://127.0.0.1:8080"},
		{hub, "http://[::1]:80", "http://[::1]/api/v3", "http://[::1]"},
		{hub, "http://[0:0::1]:8080", "http://[::1]:8080/api/v3", "http://[::1]:8080"},

		{lab, "", "https://gitlab.com/api/v4", "https://gitlab.com"},
		{lab, "https://gitlab.com", "https://gitlab.com/api/v4", "https://gitlab.com"},
		{lab, "https://gitlab.corp:443/", "https://gitlab.corp/api/v4", "https://gitlab.corp"},
		{lab, "https://gitlab.corp/api/v4/", "https://gitlab.corp/api/v4", "https://gitlab.corp"},
		{lab, "https://corp.example/gitlab", "https://corp.example/gitlab/api/v4", "https://corp.example/gitlab"},
		{lab, "https://corp.io/GitLab/api/v4", "https://corp.io/GitLab/api/v4", "https://corp.io/GitLab"},
		{lab, "https://corp.example//gitlab/./", "https://corp.example/gitlab/api/v4", "https://corp.example/gitlab"},
		{lab, "https://corp.example/a%20b", "https://corp.example/a%20b/api/v4", "https://corp.example/a%20b"},
		{lab, "http://gitlab.corp:080", "http://gitlab.corp/api/v4", "http://gitlab.corp"},
		{lab, "http://git_lab:443", "http://git_lab:443/api/v4", "http://git_lab:443"},

		{stash, "https://stash.corp", "https://stash.corp/rest/api/1.0", "https://stash.corp"},
		{stash, "https://corp.io/bitbucket/", "https://corp.io/bitbucket/rest/api/1.0", "https://corp.io/bitbucket"},
		{stash, "https://stash.corp/rest/api/latest", "https://stash.corp/rest/api/latest", "https://stash.corp"},
		{stash, "https://stash.corp/rest/api/", "https://stash.corp/rest/api/1.0", "https://stash.corp"},
		{
			stash, "https://stash.corp:7990/b/rest/api/1.0/", "https://stash.corp:7990/b/rest/api/1.0",
			"https://stash.corp:7990/b",
		},

		{cloud, "", "https://api.bitbucket.org/2.0", "https://bitbucket.org"},
		{cloud, "https://bitbucket.org", "https://api.bitbucket.org/2.0", "https://bitbucket.org"},
		{cloud, "https://www.bitbucket.org/api/2.0", "https://api.bitbucket.org/2.0", "https://bitbucket.org"},
		{cloud, "https://bitbucket.org/2.0/", "https://api.bitbucket.org/2.0", "https://bitbucket.org"},
		{cloud, "https://api.bitbucket.org", "https://api.bitbucket.org/2.0", "https://bitbucket.org"},
		{cloud, "https://api.bitbucket.org/2.0/", "https://api.bitbucket.org/2.0", "https://bitbucket.org"},
		{cloud, "http://localhost:9000/2.0", "http://localhost:9000/2.0", "http://localhost:9000"},
	} {
		t.Run(string(test.provider)+" "+test.in, func(t *testing.T) {
			t.Parallel()

			h, err := gittoken.NewHost(test.provider, test.in)
			if err != nil {
				t.Fatal(err)
			}

			if h.APIURL() != test.api || h.String() != test.api || h.Provider() != test.provider || h.IsZero() {
				t.Errorf("host %+v, want %s", h, test.api)
			}

			if h.WebURL() != test.web {
				t.Errorf("site %s, want %s", h.WebURL(), test.web)
			}

			again, err := gittoken.NewHost(test.provider, h.APIURL())
			if err != nil || again != h {
				t.Errorf("its own address gives %v, %v", again, err)
			}

			fromSite, err := gittoken.NewHost(test.provider, h.WebURL())
			if err != nil || fromSite.WebURL() != h.WebURL() && !strings.Contains(test.in, "proxy") {
				t.Errorf("its site gives %v, %v", fromSite, err)
			}
		})
	}
}

func TestNewHostRefuses(t *testing.T) {
	t.Parallel()

	const secret = "s3cr3t"

	for _, test := range []struct {
		in      string
		problem gittoken.URLProblem
	}{
		{"ghe.corp", gittoken.URLScheme},
		{"//ghe.corp", gittoken.URLScheme},
		{"git:ghe.corp", gittoken.URLScheme},
		{"ssh://ghe.corp", gittoken.URLScheme},
		{"ftp://ghe.corp/" + secret, gittoken.URLScheme},
		{"ghp_" + secret, gittoken.URLScheme},
		{" ", gittoken.URLScheme},
		{"ghe.corp:443", gittoken.URLScheme},
		{" https://ghe.corp", gittoken.URLUnparsable},
		{"https://ghe.corp\n", gittoken.URLUnparsable},
		{"https://ghe.corp:" + secret, gittoken.URLUnparsable},
		{"https://%zz" + secret, gittoken.URLUnparsable},
		{"https://", gittoken.URLNoHost},
		{"https:ghe.corp", gittoken.URLNoHost},
		{"https:///api/v3", gittoken.URLNoHost},
		{"https://:8080", gittoken.URLBadHost},
		{"https://.", gittoken.URLBadHost},
		{"https://a..b", gittoken.URLBadHost},
		{"https://bücher.example", gittoken.URLBadHost},
		{"https://b%C3%BCcher.example", gittoken.URLBadHost},
		{"https://a!b", gittoken.URLBadHost},
		{"https://" + strings.Repeat("a", 64), gittoken.URLBadHost},
		{"https://" + strings.Repeat("a.", 127) + "aa", gittoken.URLBadHost},
		{"https://[fe80::1%25eth0]", gittoken.URLBadHost},
		{"https://[1.2.3.4]", gittoken.URLUnparsable},
		{"https://ghe.corp:0", gittoken.URLBadHost},
		{"https://ghe.corp:65536", gittoken.URLBadHost},
		{"https://ghe.corp:99999999999999999999", gittoken.URLBadHost},
		{"https://bot:" + secret + "@ghe.corp", gittoken.URLCredentials},
		{"https://" + secret + "@ghe.corp", gittoken.URLCredentials},
		{"https://bot:a/" + secret + "@ghe.corp", gittoken.URLCredentials},
		{"https://" + secret + "/x@ghe.corp", gittoken.URLCredentials},
		{"https://" + secret + "?x@ghe.corp", gittoken.URLCredentials},
		{"https://" + secret + "#x@ghe.corp", gittoken.URLCredentials},
		{"bot:" + secret + "@ghe.corp", gittoken.URLCredentials},
		{"https:/bot:" + secret + "@ghe.corp", gittoken.URLCredentials},
		{"https://ghe.corp?private_token=" + secret, gittoken.URLQuery},
		{"https://ghe.corp/?", gittoken.URLQuery},
		{"https://ghe.corp/#" + secret, gittoken.URLFragment},
		{"https://ghe.corp#", gittoken.URLFragment},
	} {
		for _, p := range gittoken.Providers() {
			t.Run(string(p)+" "+test.in, func(t *testing.T) {
				t.Parallel()

				h, err := gittoken.NewHost(p, test.in)

				var problem *gittoken.URLError
				if !errors.As(err, &problem) || problem.Problem != test.problem {
					t.Fatalf("%v, %v, want %q", h, err, test.problem)
				}

				if !h.IsZero() {
					t.Errorf("an unusable address gives the host %v", h)
				}

				if shown := err.Error() + fmt.Sprintf("%#v", err); strings.Contains(shown, secret) {
					t.Errorf("the error shows a credential: %s", shown)
				}

				if !strings.HasSuffix(err.Error(), string(test.problem)) {
					t.Errorf("the error does not say what is wrong: %s", err)
				}
			})
		}
	}
}

func TestNewHostRefusesPages(t *testing.T) {
	t.Parallel()

	for p, in := range map[gittoken.Provider]string{
		gittoken.GitHub:         "https://github.com/acme/config",
		gittoken.BitbucketCloud: "https://bitbucket.org/acme/config",
	} {
		_, err := gittoken.NewHost(p, in)

		var problem *gittoken.URLError
		if !errors.As(err, &problem) || problem.Problem != gittoken.URLPage {
			t.Fatalf("%s: %v", in, err)
		}

		if want := strings.TrimSuffix(in, "/acme/config"); problem.URL != want || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: %v", in, err)
		}
	}

	if _, err := gittoken.NewHost(gittoken.GitHub, "https://acme.ghe.com/org/repo"); err == nil {
		t.Error("a page of a tenant is taken for an API")
	}
}

func TestNewHostWithoutAddress(t *testing.T) {
	t.Parallel()

	if _, err := gittoken.NewHost(gittoken.BitbucketServer, ""); !errors.Is(err, gittoken.ErrNoAPIURL) {
		t.Errorf("bitbucket-server: %v", err)
	}

	for _, p := range []gittoken.Provider{"", "gitea"} {
		for _, in := range []string{"", "https://gitea.corp"} {
			if _, err := gittoken.NewHost(p, in); !errors.Is(err, gittoken.ErrUnknownProvider) {
				t.Errorf("%q at %q: %v", p, in, err)
			}
		}
	}
}

func TestHostIsPublic(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		provider gittoken.Provider
		in       string
		want     bool
	}{
		{gittoken.GitHub, "", true},
		{gittoken.GitHub, "https://github.com", true},
		{gittoken.GitHub, "http://github.com", false},
		{gittoken.GitHub, "https://github.com:8443", false},
		{gittoken.GitHub, "https://acme.ghe.com", false},
		{gittoken.GitLab, "https://gitlab.com", true},
		{gittoken.GitLab, "https://gitlab.com/nested", false},
		{gittoken.BitbucketServer, "https://bitbucket.org", false},
		{gittoken.BitbucketCloud, "https://bitbucket.org", true},
	} {
		h, err := gittoken.NewHost(test.provider, test.in)
		if err != nil {
			t.Fatal(err)
		}

		if got := h.IsPublic(); got != test.want {
			t.Errorf("%s at %q: %t", test.provider, test.in, got)
		}
	}
}

func TestZeroHost(t *testing.T) {
	t.Parallel()

	var h gittoken.Host
	if !h.IsZero() || h.IsPublic() || h.WebURL() != "" || h.String() != "" {
		t.Errorf("%+v", h)
	}
}

func TestHostsAreMapKeys(t *testing.T) {
	t.Parallel()

	seen := map[gittoken.Host]int{}

	for _, in := range []string{"", "https://GitHub.com", "https://api.github.com:443/"} {
		h, err := gittoken.NewHost(gittoken.GitHub, in)
		if err != nil {
			t.Fatal(err)
		}

		seen[h]++
	}

	if len(seen) != 1 {
		t.Errorf("one server is %d keys", len(seen))
	}
}

func FuzzNewHost(f *testing.F) {
	for _, in := range []string{
		"", "https://github.com", "https://user:pass@ghe.corp/x", "https://[::1]:80/a/../b", "http://a:0443/%2e%2e/%00",
		"https://h/rest/api/rest/api/", "https://api.ghe.com/api/v3/api/v3", "https://\u212a.ghe.com",
		"https://h/\\..\\",
	} {
		for i := range gittoken.Providers() {
			f.Add(i, in)
		}
	}

	f.Fuzz(func(t *testing.T, index int, in string) {
		providers := gittoken.Providers()
		p := providers[(index%len(providers)+len(providers))%len(providers)]

		h, err := gittoken.NewHost(p, in)
		if err != nil {
			before, _, found := strings.Cut(in, "@")
			if found && len(before) > 12 && strings.Contains(err.Error(), before[8:]) {
				t.Errorf("%q: the error shows what may be a credential: %v", in, err)
			}

			return
		}

		if strings.HasSuffix(h.APIURL(), "/") || strings.ContainsAny(h.APIURL(), "@?# \n") {
			t.Errorf("%q gives %q", in, h.APIURL())
		}

		if again, err := gittoken.NewHost(p, h.APIURL()); err != nil || again != h {
			t.Errorf("%q gives %q, which gives %q, %v", in, h, again, err)
		}

		if web := h.WebURL(); web == "" || strings.HasSuffix(web, "/") {
			t.Errorf("%q has the site %q", in, web)
		}
	})
}
