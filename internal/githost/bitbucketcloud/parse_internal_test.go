package bitbucketcloud

import (
	"errors"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

func TestWholeScopes(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		text  string
		want  []gittoken.Scope
		known bool
	}{
		"none":       {"", nil, true},
		"commas":     {", ,,", nil, true},
		"one":        {"repository", []gittoken.Scope{"repository"}, true},
		"as sent":    {"repository:write, webhook", []gittoken.Scope{"repository:write", "webhook"}, true},
		"spaces":     {"account  team\tproject", []gittoken.Scope{"account", "team", "project"}, true},
		"twice":      {"account,team,account", []gittoken.Scope{"account", "team"}, true},
		"modern":     {"read:me:bitbucket", []gittoken.Scope{"read:me:bitbucket"}, true},
		"not scopes": {"account, {}", nil, false},
		"too long":   {strings.Repeat("x", 101), nil, false},
		"escape":     {"account\x1b", nil, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, known := wholeScopes([]string{test.text})
			if diff := cmp.Diff(test.want, got); diff != "" || known != test.known {
				t.Errorf("known %t, want %t; (-want +got):\n%s", known, test.known, diff)
			}
		})
	}
}

// FuzzAnswer feeds any answer to everything that reads one.
func FuzzAnswer(f *testing.F) {
	for _, seed := range []struct {
		status                             int
		kind, scopes, credentialType, body string
	}{
		{200, "application/json", "account", "api_token", `{"type":"user","account_id":"1","username":"ci"}`},
		{200, "application/json", "", "", `{"values":[{"full_name":"a/b","is_private":true}]}`},
		{200, "application/json", "", "", `{"full_name":"a/b"}`},
		{200, "text/html", "", "", `<html>`},
		{401, "application/json", "", "", `{"type":"error","error":{"message":"Access token expired."}}`},
		{401, "text/plain", "", "", "Login failed\x1b[31m"},
		{403, "application/json", "webhook", "repo_access_token", `{"error":{"message":"x","detail":{"granted":["a"]}}}`},
		{403, "application/json", "", "", `{"error":{"message":"x","detail":"y"}}`},
		{404, "application/json", "", "", `{"error":{"message":"x"}}`},
		{410, "application/json", "", "", `{"error":{"message":"CHANGE-2770"}}`},
		{429, "", "", "", ``},
		{500, "", "", "", `null`},
	} {
		f.Add(seed.status, seed.kind, seed.scopes, seed.credentialType, []byte(seed.body))
	}

	now := time.Date(2026, 8, 1, 12, 0, 0, 0, time.UTC)

	f.Fuzz(func(t *testing.T, status int, kind, scopes, credentialType string, body []byte) {
		a := answer{rest.Answer{Status: status, Header: http.Header{}, Body: body}}
		a.Header.Set("Content-Type", kind)
		a.Header.Set("x-credential-type", credentialType)

		if scopes != "" {
			a.Header.Set("x-oauth-scopes", scopes)
		}

		c := gittoken.Credential{Username: "ci", Token: gittoken.NewSecret("x")}

		for _, v := range []gittoken.Verdict{
			a.live(gittoken.KindUnknown, ""), a.unauthorized(c, gittoken.KindUnknown), a.unchecked(gittoken.KindUnknown, now),
		} {
			if v.Standing == gittoken.Unchecked && v.Cause == "" {
				t.Errorf("verdict %+v", v)
			}

			if v.Standing == gittoken.Rejected && (status != http.StatusUnauthorized || a.IsHTML() && len(body) > 0) {
				t.Errorf("rejected by %+v", a)
			}

			if !isPrintable(v.Detail) {
				t.Errorf("detail %q", v.Detail)
			}
		}

		if a.namesScopes() && (status < http.StatusBadRequest || !a.IsJSON()) {
			t.Errorf("scopes named by %+v", a)
		}

		if u, ok := parseUser(a); ok && (u.owner() == "" || !isPrintable(u.owner())) {
			t.Errorf("owner %q", u.owner())
		}

		found := a.result()
		if found.Outcome == gittoken.Proven || found.Outcome == gittoken.Denied && status != http.StatusNotFound {
			t.Errorf("finding %+v", found)
		}

		if list, ok := parseRepositories(a); ok && !a.IsJSON() {
			t.Errorf("list %+v", list)
		}

		if r, ok := parseRepository(a); ok && r.FullName == "" {
			t.Error("a repository without a name")
		}
	})
}

func isPrintable(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r != ' ' && !unicode.IsPrint(r) })
}

func TestParsePlace(t *testing.T) {
	t.Parallel()

	app := place{"acme", "app"}

	for text, test := range map[string]struct {
		want place
		err  error
	}{
		"https://bitbucket.org/acme/app.git":              {app, nil},
		"https://bitbucket.org/acme/app":                  {app, nil},
		"https://bitbucket.org/acme/app/":                 {app, nil},
		"https://BitBucket.org:443/acme/app":              {app, nil},
		"https://me@bitbucket.org/acme/app.git":           {app, nil},
		"https://me:pw@bitbucket.org/acme/app.git":        {app, nil},
		"https://bitbucket.org/acme/app/src/main/README":  {app, nil},
		"https://bitbucket.org/acme/my.app-1_x.git":       {place{"acme", "my.app-1_x"}, nil},
		"git@bitbucket.org:acme/app.git":                  {app, nil},
		" git@bitbucket.org:acme/app\n":                   {app, nil},
		"ssh://git@bitbucket.org/acme/app.git":            {app, nil},
		"ssh://git@altssh.bitbucket.org:443/acme/app.git": {app, nil},
		"https://bitbucket.org.evil/acme/app":             {place{}, remote.Elsewhere},
		"https://bitbucket.org@evil/acme/app":             {place{}, remote.Elsewhere},
		"https://bitbucket.org:8443/acme/app":             {place{}, remote.Elsewhere},
		"http://bitbucket.org/acme/app":                   {place{"acme", "app"}, nil},
		"https://github.com/acme/app":                     {place{}, remote.Elsewhere},
		"git@github.com:acme/app.git":                     {place{}, remote.Elsewhere},
		"ssh://git@github.com/acme/app.git":               {place{}, remote.Elsewhere},
		"https://bitbucket.org/acme":                      {place{}, remote.Unknown},
		"https://bitbucket.org/":                          {place{}, remote.Unknown},
		"https://bitbucket.org/acme/app.git/src":          {place{}, remote.Unknown},
		"https://bitbucket.org/acme/../app":               {place{}, remote.Unknown},
		"https://bitbucket.org/{uuid}/app":                {place{}, remote.Unknown},
		"https://bitbucket.org/acme/.git":                 {place{}, remote.Unknown},
		"https://bitbucket.org/acme/a%22b":                {place{}, remote.Unknown},
		"git@bitbucket.org:acme":                          {place{}, remote.Unknown},
		"bitbucket.org/acme/app":                          {place{}, remote.Unknown},
		"file://bitbucket.org/acme/app":                   {place{}, remote.Unknown},
		"":                                                {place{}, remote.Unknown},
		"https://me:pw@bitbucket.org/%zz":                 {place{}, remote.Unparsable},
	} {
		t.Run(text, func(t *testing.T) {
			t.Parallel()

			host, err := gittoken.NewHost(gittoken.BitbucketCloud, "")
			if err != nil {
				t.Fatal(err)
			}

			got, err := parsePlace(text, host)
			if got != test.want || !errors.Is(err, test.err) {
				t.Errorf("parsePlace = %v, %v, want %v, %v", got, err, test.want, test.err)
			}
		})
	}
}

func FuzzParsePlace(f *testing.F) {
	for _, seed := range []string{
		"https://bitbucket.org/acme/app.git", "git@bitbucket.org:acme/app.git", "ssh://git@altssh.bitbucket.org:443/a/b",
		"https://x:y@bitbucket.org/a/..", "", ":", "@:", "https://bitbucket.org/a/b/c",
	} {
		f.Add(seed)
	}

	host, err := gittoken.NewHost(gittoken.BitbucketCloud, "")
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

		if name := p.fullName(); url.PathEscape(p.workspace)+"/"+url.PathEscape(p.slug) != name ||
			strings.Count(name, "/") != 1 || strings.Contains(name, "/../") || strings.ContainsAny(name, `"\`) {
			t.Errorf("%+v changes an address or a query", p)
		}
	})
}
