package remote_test

import (
	"errors"
	"net/url"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

func host(t testing.TB, p gittoken.Provider, apiURL string) gittoken.Host {
	t.Helper()

	h, err := gittoken.NewHost(p, apiURL)
	if err != nil {
		t.Fatal(err)
	}

	return h
}

func TestSegments(t *testing.T) {
	t.Parallel()

	github := host(t, gittoken.GitHub, "")
	enterprise := host(t, gittoken.GitHub, "https://ghe.example.com:8443")
	gitlab := host(t, gittoken.GitLab, "https://example.com/gitlab")
	loopback := host(t, gittoken.GitHub, "http://127.0.0.1:1234")
	www := host(t, gittoken.GitLab, "https://www.git.example.com/api/v4")
	six := host(t, gittoken.GitLab, "https://[fd00::1]:8443/api/v4")

	tests := []struct {
		host    gittoken.Host
		address string
		want    string // joined by "/"
		err     error
	}{
		{github, "https://github.com/o/r", "o/r", nil},
		{github, "https://github.com/o/r/", "o/r", nil},
		{github, "https://github.com/o/r.git", "o/r", nil},
		{github, "https://GitHub.com:443/o/r.x.git", "o/r.x", nil},
		{github, "http://github.com/o/r", "o/r", nil},
		{github, "https://www.github.com/o/r", "o/r", nil},
		{github, "https://github.com./o/r", "o/r", nil},
		{github, "git@GitHub.com.:o/r", "o/r", nil},
		{github, "https://joe:hidden@github.com/o/r.git", "o/r", nil},
		{github, " git@github.com:o/r.git\n", "o/r", nil},
		{github, "github.com:o/r.git", "o/r", nil},
		{github, "git@github.com:/o/r.git", "o/r", nil},
		{github, "ssh://git@github.com/o/r.git", "o/r", nil},
		{github, "ssh://git@ssh.github.com:443/o/r.git", "o/r", nil},
		{enterprise, "https://ghe.example.com:8443/o/r", "o/r", nil},
		{enterprise, "ssh://git@ghe.example.com:2222/o/r.git", "o/r", nil},
		{gitlab, "https://example.com/gitlab/a/b/c.git", "a/b/c", nil},
		{gitlab, "https://example.com/gitlab/a/b/-/tree/main", "a/b", nil},
		{gitlab, "git@example.com:a/b/c.git", "a/b/c", nil},
		{www, "https://git.example.com/o/r", "o/r", nil},
		{www, "https://www.git.example.com/o/r", "o/r", nil},
		{www, "git@git.example.com:o/r", "o/r", nil},
		{www, "https://wwwgit.example.com/o/r", "", remote.Elsewhere},
		{github, "ssh://git@www.github.com/o/r", "o/r", nil},
		{six, "https://[FD00:0::1]:8443/o/r", "o/r", nil},
		{six, "git@[fd00::1]:o/r.git", "o/r", nil},
		{six, "[fd00::1]:o/r.git", "o/r", nil},
		{six, "git@[fd00::0:1]:/o/r.git", "o/r", nil},
		{six, "ssh://git@[fd00::1]:22/o/r.git", "o/r", nil},
		{six, "git@[fd00::2]:o/r.git", "", remote.Elsewhere},
		{six, "git@[fd00::1]o/r.git", "", remote.Unparsable},
		{six, "git@[fd00::1", "", remote.Elsewhere},
		{six, "https://[fd00::1]/o/r", "", remote.Elsewhere},
		{github, "https://github.com/o/-", "o/-", nil},
		{loopback, "http://127.0.0.1:1234/o/r", "o/r", nil},

		{loopback, "http://127.0.0.1:1235/o/r", "", remote.Elsewhere},
		{enterprise, "https://ghe.example.com/o/r", "", remote.Elsewhere},
		{enterprise, "https://github.com/o/r", "", remote.Elsewhere},
		{gitlab, "https://example.com/gitlabs/a/b", "", remote.Elsewhere},
		{gitlab, "https://example.com/a/b", "", remote.Elsewhere},
		{github, "https://github.com.evil.example/o/r", "", remote.Elsewhere},
		{github, "https://github.com@evil.example/o/r", "", remote.Elsewhere},
		{github, "git@gitlab.com:o/r.git", "", remote.Elsewhere},
		{gittoken.Host{}, "https://github.com/o/r", "", remote.Elsewhere},
		{github, "https://github.com/o", "", remote.Unknown},
		{github, "https://github.com/", "", remote.Unknown},
		{github, "https://github.com/o/..", "", remote.Unknown},
		{github, "https://github.com/o/r%2f..%2fx", "", remote.Unknown},
		{github, "https://github.com/o/r%3fx", "", remote.Unknown},
		{github, "https://github.com/o//r", "", remote.Unknown},
		{github, "o/r", "", remote.Unknown},
		{github, "", "", remote.Unknown},
		{github, "ftp://github.com/o/r", "", remote.Unknown},
		{github, "https://git hub.com/o/r", "", remote.Unparsable},
	}

	for _, tt := range tests {
		got, err := remote.Segments(tt.host, tt.address)
		if strings.Join(got, "/") != tt.want || !errors.Is(err, tt.err) {
			t.Errorf("Segments(%q) = %q, %v, want %q, %v", tt.address, got, err, tt.want, tt.err)
		}
	}
}

func TestNamesServer(t *testing.T) {
	t.Parallel()

	for address, want := range map[string]bool{
		"https://github.com/o/r":    true,
		"HTTP://github.com":         true,
		"ssh://git@github.com/o/r":  true,
		" git@github.com:o/r.git\n": true,
		"github.com:o/r":            true,
		"git@[fd00::1]:o/r.git":     true,
		"https://[fd00::1]:8443/o":  true,
		"o/r":                       false,
		"/o/r":                      false,
		"./r":                       false,
		"github.com/o/r":            false,
		"//github.com/o/r":          false,
		"r":                         false,
		"":                          false,
		"https:///o/r":              false,
		"file:///srv/git/r.git":     false,
		"ftp://github.com/o/r":      false,
		"https://git hub.com/o/r":   false,
	} {
		if remote.NamesServer(address) != want {
			t.Errorf("NamesServer(%q) = %t", address, !want)
		}
	}
}

func TestSame(t *testing.T) {
	t.Parallel()

	github := host(t, gittoken.GitHub, "")
	for other, want := range map[string]bool{
		"https://github.com/o/r":             true,
		"https://github.com/o/r/":            true,
		"HTTPS://GitHub.com:443/o/r.git":     true,
		"git@github.com:o/r.git":             true,
		"https://github.com/o/s":             false,
		"https://git.example.com/o/r":        false,
		"https://github.com/o/r?tab=readme ": true,
		"":                                   false,
	} {
		if got := remote.Same(github, "https://github.com/o/r", other); got != want {
			t.Errorf("%q: %t", other, got)
		}
	}

	const elsewhere = "https://git.example.com/o/r"
	if !remote.Same(github, elsewhere, elsewhere) || remote.Same(github, elsewhere, elsewhere+"/") {
		t.Error("of other servers only what is the same text is known to be the same")
	}
}

func TestAt(t *testing.T) {
	t.Parallel()

	github := host(t, gittoken.GitHub, "")
	for address, want := range map[string][2]bool{
		"https://github.com/o/r":         {true, true},
		"https://www.github.com/o":       {true, true},
		"git@github.com:o/r.git":         {true, true},
		"https://git.example.com/o/r":    {false, true},
		"git@[::1]:o/r.git":              {false, true},
		"https://joe@git.example.com/o/": {false, true},
		"":                               {false, false},
		" ":                              {false, false},
		"o/r":                            {false, false},
		"ftp://github.com/o/r":           {false, false},
		"https://git hub.com/o/r":        {false, false},
	} {
		if at, known := remote.At(github, address); at != want[0] || known != want[1] {
			t.Errorf("%q: at the host %t, known %t", address, at, known)
		}
	}
}

func FuzzSegments(f *testing.F) {
	f.Add("https://github.com/o/r.git")
	f.Add("git@github.com:o/r.git")
	f.Add("ssh://git@github.com:22/o/r/%2e%2e")

	h := host(f, gittoken.GitHub, "")

	f.Fuzz(func(t *testing.T, address string) {
		segments, err := remote.Segments(h, address)
		if err != nil {
			return
		}

		path := "https://github.com/" + strings.Join(segments, "/")

		u, err := url.Parse(path)
		if err != nil || u.Host != "github.com" || u.RawQuery != "" || u.Fragment != "" || u.JoinPath().String() != path {
			t.Fatalf("%q becomes %q", address, path)
		}
	})
}
