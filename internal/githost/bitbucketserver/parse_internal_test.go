package bitbucketserver

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

func TestParseUser(t *testing.T) {
	t.Parallel()

	for header, want := range map[string]string{
		"":                                    "",
		"ci-bot":                              "ci-bot",
		"access-token-user%2F2%2F11754":       "access-token-user/2/11754",
		"J%C3%BCrgen+M":                       "Jürgen M",
		"ci%40example.com":                    "ci@example.com",
		"50%er":                               "50%er",
		"a%0D%0Ab%1B%5B31m":                   "a b [31m",
		"anonymous":                           "",
		"%20":                                 "",
		"%ff":                                 "\uFFFD",
		"access-token-user/1/3":               "access-token-user/1/3",
		"percent%25twice%252F":                "percent%twice%2F",
		strings.Repeat("x", 1000) + "%0Atail": strings.Repeat("x", 299) + "…",
	} {
		if got := parseUser(header); got != want {
			t.Errorf("parseUser(%q) = %q, want %q", header, got, want)
		}
	}
}

func FuzzParseUser(f *testing.F) {
	for _, seed := range []string{"ci-bot", "access-token-user%2F2%2F11754", "%", "%zz", "+", "%00", "anonymous"} {
		f.Add(seed)
	}

	f.Fuzz(func(t *testing.T, header string) {
		user := parseUser(header)
		if strings.ContainsFunc(user, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }) {
			t.Errorf("%q is not printable", user)
		}

		if slug := userSlug(user); slug != "" && url.PathEscape(slug) != slug {
			t.Errorf("slug %q changes an address", slug)
		}
	})
}

func TestUserSlug(t *testing.T) {
	t.Parallel()

	for name, want := range map[string]string{
		"ci-bot": "ci-bot", "CI.Bot": "ci.bot", "ci@example.com": "ci_example.com", "a/b": "a_b",
		"Ü": "_", "": "", "..": "",
	} {
		if got := userSlug(name); got != want {
			t.Errorf("userSlug(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestRecordExpiry(t *testing.T) {
	t.Parallel()

	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

	for ms, want := range map[int64]time.Time{
		0:                     {},
		-1:                    {},
		now.UnixMilli():       {},
		now.UnixMilli() + 1:   now.Add(time.Millisecond),
		253402300799000:       time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC),
		253402300800000:       {},
		9223372036854775807:   {},
		now.UnixMilli() - 1e9: {},
	} {
		if got := (record{expiryDate: ms}).expiry(now); !got.Equal(want) {
			t.Errorf("expiry of %d = %s, want %s", ms, got, want)
		}
	}
}

func FuzzParseRecord(f *testing.F) {
	for _, seed := range []string{
		``, `{}`, `null`, `[]`,
		`{"id":"252973515069","permissions":["PROJECT_ADMIN","REPO_ADMIN"],"expiryDate":1798859045000}`,
		`{"id":"252973515069","permissions":["REPO_READ"],"user":{"name":"CI-Bot"}}`,
		`{"id":252973515069,"permissions":null,"expiryDate":null,"user":null}`,
		`{"id":"252973515069","permissions":["a b"],"expiryDate":1e30}`,
	} {
		f.Add([]byte(seed))
	}

	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

	f.Fuzz(func(t *testing.T, body []byte) {
		r, ok := parseRecord(body, "252973515069", "ci-bot")
		if !ok {
			return
		}

		if len(r.permissions) > maxPermissions {
			t.Errorf("%d permissions", len(r.permissions))
		}

		for _, p := range r.permissions {
			if strings.Trim(string(p), "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") != "" || !strings.Contains(string(p), "_") {
				t.Errorf("permission %q", p)
			}
		}

		at := r.expiry(now)
		if _, err := at.MarshalJSON(); err != nil || !at.IsZero() && !at.After(now) {
			t.Errorf("expiry %s: %v", at, err)
		}
	})
}

const pushType = "application/x-git-receive-pack-advertisement"

// FuzzAnswer feeds any answer to everything that reads one.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []struct {
		status                          int
		kind, user, denied, retry, body string
	}{
		{200, "application/json", "ci-bot", "", "", `{"values":[{"key":"A"}],"isLastPage":true}`},
		{200, "application/json", "", "", "", `{"values":[],"isLastPage":true}`},
		{200, "application/json", "x", "", "", `{"values":[{"slug":"a","project":{"key":"~b"}}],"isLastPage":false}`},
		{200, "text/html", "", "", "", `<html>`},
		{401, "application/json;charset=UTF-8", "", "", "", `{"errors":[{"message":"x","exceptionName":"com.atlassian.C"}]}`},
		{401, "application/json", "ci-bot", "", "", `{"errors":[{"exceptionName":"."}]}`},
		{403, "", "", "CAPTCHA_CHALLENGE; login-url=https://host/x", "", ``},
		{403, "application/json", "", "CAPTCHA", "", `{"errors":[{"message":"license"}]}`},
		{404, "application/json", "", "", "", `{"errors":[{"message":"x","exceptionName":"com.atlassian.NoSuchThing"}]}`},
		{429, "", "", "", "120", ``},
		{200, pushType, "", "", "", "001f# service=git-receive-pack\n00000009ERR x0000"},
		{200, pushType, "", "", "", "0000" + strings.Repeat("0", 40) + " x"},
		{503, "application/vnd.x+json", "", "", "Wed, 21 Oct 2026 07:28:00 GMT", `{"errors":null}`},
	} {
		f.Add(seed.status, seed.kind, seed.user, seed.denied, seed.retry, []byte(seed.body))
	}

	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

	f.Fuzz(func(t *testing.T, status int, kind, user, denied, retry string, body []byte) {
		a := answer{rest.Answer{Status: status, Header: http.Header{}, Body: body}}
		a.Header.Set("Content-Type", kind)
		a.Header.Set("X-AUSERNAME", user)
		a.Header.Set("X-Authentication-Denied-Reason", denied)
		a.Header.Set("Retry-After", retry)

		v := a.refusal(now, "https://host")
		if v.Standing == gittoken.Rejected && (status != http.StatusUnauthorized || !a.own() || a.user() != "") {
			t.Errorf("rejected by %+v", a)
		}

		if v.Standing == gittoken.Live || v.Standing == gittoken.Unchecked && v.Cause == "" {
			t.Errorf("verdict %+v", v)
		}

		if strings.ContainsFunc(v.Detail, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }) {
			t.Errorf("detail %q", v.Detail)
		}

		if v.HelpURL != "" && !strings.HasPrefix(v.HelpURL, "https://host") {
			t.Errorf("help at %q", v.HelpURL)
		}

		found := a.result()
		if found.Outcome == gittoken.Proven || found.Outcome == gittoken.Denied && a.user() == "" {
			t.Errorf("finding %+v", found)
		}

		pushed := a.pushResult()
		if pushed.Outcome == gittoken.Proven && (status != http.StatusOK || a.MediaType() != pushType) ||
			pushed.Outcome == gittoken.Denied && a.user() == "" ||
			pushed.Outcome == gittoken.Undetermined && pushed.Cause == "" {
			t.Errorf("finding of a push %+v", pushed)
		}

		if strings.ContainsFunc(pushed.Detail, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) }) {
			t.Errorf("detail of a push %q", pushed.Detail)
		}

		if projects, ok := parseProjects(a); ok {
			for _, p := range projects {
				if !unchangedByCleaning("/projects/" + url.PathEscape(p.Key) + "/permissions/users") {
					t.Errorf("key %q changes the address", p.Key)
				}
			}
		}

		if list, ok := parseRepositories(a); ok {
			for _, r := range list.Values {
				if !unchangedByCleaning(place{key: r.Project.Key, slug: r.Slug}.path()) {
					t.Errorf("%+v changes the address", r)
				}
			}
		}

		if r, ok := parseRepository(a); ok && !unchangedByCleaning(place{key: r.Project.Key, slug: r.Slug}.path()) {
			t.Errorf("%+v changes the address", r)
		}
	})
}

// unchangedByCleaning reports whether a server that resolves . and .. and decodes escapes sees the same parts.
func unchangedByCleaning(path string) bool {
	base := &url.URL{Scheme: "https", Host: "host"}

	u, err := base.Parse(path)

	return err == nil && u.EscapedPath() == path && strings.Count(u.Path, "/") == strings.Count(path, "/") &&
		u.RawQuery == "" && u.Fragment == "" && !strings.Contains(path, "//")
}

func TestLoginURL(t *testing.T) {
	t.Parallel()

	for reason, want := range map[string]string{
		"CAPTCHA_CHALLENGE; login-url=https://git.corp/login":     "https://git.corp/login",
		"CAPTCHA_CHALLENGE; login-url=https://GIT.corp/login; x=": "https://GIT.corp/login",
		"CAPTCHA_CHALLENGE; login-url=https://evil/login":         "",
		"CAPTCHA_CHALLENGE; login-url=http://git.corp/login":      "",
		"CAPTCHA_CHALLENGE; login-url=javascript:alert(1)":        "",
		"CAPTCHA_CHALLENGE; login-url=https://me@git.corp/login":  "",
		"CAPTCHA_CHALLENGE; login-url=%zz":                        "",
		"CAPTCHA_CHALLENGE":                                       "",
	} {
		a := answer{rest.Answer{Status: http.StatusForbidden, Header: http.Header{}}}
		a.Header.Set("X-Authentication-Denied-Reason", reason)

		if got := a.loginURL("https://git.corp"); got != want {
			t.Errorf("loginURL of %q = %q, want %q", reason, got, want)
		}
	}
}

func TestParsePlace(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		api  string
		text string
		want place
		err  error
	}{
		"clone":            {"https://git.corp", "https://git.corp/scm/GITOPS/app.git", place{"GITOPS", "app"}, nil},
		"clone, user":      {"https://git.corp", "https://me:pw@git.corp/scm/GITOPS/app.git", place{"GITOPS", "app"}, nil},
		"clone, personal":  {"https://git.corp", "https://git.corp/scm/~me/app.git", place{"~me", "app"}, nil},
		"clone, no .git":   {"https://git.corp", "https://GIT.corp:443/scm/GITOPS/app", place{"GITOPS", "app"}, nil},
		"page":             {"https://git.corp", "https://git.corp/projects/GITOPS/repos/app", place{"GITOPS", "app"}, nil},
		"page, deeper":     {"https://git.corp", "https://git.corp/projects/A/repos/app/browse?at=x", place{"A", "app"}, nil},
		"page, slash":      {"https://git.corp", "https://git.corp/projects/A/repos/app/", place{"A", "app"}, nil},
		"page, personal":   {"https://git.corp", "https://git.corp/users/me/repos/app/browse", place{"~me", "app"}, nil},
		"context":          {"https://git.corp/bb", "https://git.corp/bb/scm/A/app.git", place{"A", "app"}, nil},
		"context, page":    {"https://git.corp/bb", "https://git.corp/bb/projects/A/repos/app", place{"A", "app"}, nil},
		"port":             {"https://git.corp:7990", "https://git.corp:7990/scm/A/app.git", place{"A", "app"}, nil},
		"SSH":              {"https://git.corp/bb", "ssh://git@git.corp:7999/gitops/app.git", place{"gitops", "app"}, nil},
		"SSH, personal":    {"https://git.corp", "ssh://git@git.corp:7999/~me/app.git", place{"~me", "app"}, nil},
		"SSH, key scmfoo":  {"https://git.corp", "ssh://git@git.corp/scmfoo/app.git", place{"scmfoo", "app"}, nil},
		"SSH, short form":  {"https://git.corp", "git@git.corp:gitops/app.git", place{"gitops", "app"}, nil},
		"dots in a slug":   {"https://git.corp", "https://git.corp/scm/A/my.app.git", place{"A", "my.app"}, nil},
		"white space":      {"https://git.corp", " https://git.corp/scm/A/app.git\n", place{"A", "app"}, nil},
		"another context":  {"https://git.corp/bb", "https://git.corp/scm/A/app.git", place{}, remote.Elsewhere},
		"longer context":   {"https://git.corp/bb", "https://git.corp/bbb/scm/A/app.git", place{}, remote.Elsewhere},
		"another host":     {"https://git.corp", "https://git.corp.evil/scm/A/app.git", place{}, remote.Elsewhere},
		"user, not host":   {"https://git.corp", "https://git.corp@evil/scm/A/app.git", place{}, remote.Elsewhere},
		"another port":     {"https://git.corp", "https://git.corp:8443/scm/A/app.git", place{}, remote.Elsewhere},
		"another scheme":   {"https://git.corp", "http://git.corp/scm/A/app.git", place{"A", "app"}, nil},
		"another SSH host": {"https://git.corp", "ssh://git@ssh.corp:7999/a/app.git", place{}, remote.Elsewhere},
		"too short":        {"https://git.corp", "https://git.corp/scm/A", place{}, remote.Unknown},
		"too long":         {"https://git.corp", "https://git.corp/scm/A/b/app.git", place{}, remote.Unknown},
		"another page":     {"https://git.corp", "https://git.corp/projects/A/settings/app", place{}, remote.Unknown},
		"a group":          {"https://git.corp", "https://git.corp/groups/A/repos/app", place{}, remote.Unknown},
		"nothing":          {"https://git.corp", "", place{}, remote.Unknown},
		"only .git":        {"https://git.corp", "https://git.corp/scm/A/.git", place{}, remote.Unknown},
		"only ~":           {"https://git.corp", "https://git.corp/scm/~/app.git", place{}, remote.Unknown},
		"other scheme":     {"https://git.corp", "file://git.corp/scm/A/app.git", place{}, remote.Unknown},
		"not a URL":        {"https://git.corp", "https://me:pw@git.corp/%zz", place{}, remote.Unparsable},
	}

	for name, test := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			host, err := gittoken.NewHost(gittoken.BitbucketServer, test.api)
			if err != nil {
				t.Fatal(err)
			}

			got, err := parsePlace(test.text, host)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("parsePlace = %v, %v, want %v, %v", got, err, test.want, test.err)
			}
		})
	}
}

func FuzzParsePlace(f *testing.F) {
	for _, seed := range []string{
		"https://git.corp/bb/scm/A/app.git", "https://git.corp/bb/projects/A/repos/app/browse",
		"ssh://git@git.corp:7999/~a/b.git", "https://git.corp/bb/users/me/repos/app",
		"https://x:y@git.corp/bb/scm/../..", "git@git.corp:a/b.git", "", "https://git.corp/bb/",
	} {
		f.Add(seed)
	}

	host, err := gittoken.NewHost(gittoken.BitbucketServer, "https://git.corp/bb")
	if err != nil {
		f.Fatal(err)
	}

	f.Fuzz(func(t *testing.T, text string) {
		p, err := parsePlace(text, host)
		if err != nil {
			if p != (place{}) {
				t.Errorf("%v beside %v", p, err)
			}

			return
		}

		if !unchangedByCleaning(p.path()) {
			t.Errorf("%+v changes the address", p)
		}
	})
}
