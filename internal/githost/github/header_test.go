package github_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/github"
)

func TestParseExpiry(t *testing.T) {
	t.Parallel()

	noon := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

	tests := []struct {
		text string
		want time.Time
		ok   bool
	}{
		{"2026-03-01 12:00:00 UTC", noon, true},
		{" 2026-03-01 12:00:00 UTC ", noon, true},
		{"2026-03-01 13:00:00 +0100", noon, true},
		{"2026-03-01 04:30:00 -0730", noon, true},
		{"2026-03-01 12:00:00 +0000", noon, true},
		{"2026-03-01 12:00:00 EST", time.Time{}, false},
		{"2026-03-01 12:00:00 GMT", time.Time{}, false},
		{"2026-03-01 12:00:00", time.Time{}, false},
		{"2026-03-01T12:00:00Z", time.Time{}, false},
		{"2026-02-30 12:00:00 UTC", time.Time{}, false},
		{"2026-03-01 12:00:00 UTC UTC", time.Time{}, false},
		{"UTC", time.Time{}, false},
		{"", time.Time{}, false},
		{"never", time.Time{}, false},
	}

	for _, tt := range tests {
		got, ok := github.ParseExpiry(tt.text)
		if ok != tt.ok || ok && (!got.Equal(tt.want) || got.Location() != time.UTC) {
			t.Errorf("ParseExpiry(%q) = %v, %v", tt.text, got, ok)
		}
	}
}

func FuzzParseExpiry(f *testing.F) {
	f.Add("2026-03-01 12:00:00 UTC")
	f.Add("2026-03-01 13:00:00 +0100")
	f.Add("2026-03-01 13:00:00 CEST")

	f.Fuzz(func(t *testing.T, text string) {
		at, ok := github.ParseExpiry(text)
		if !ok {
			return
		}

		if at.Location() != time.UTC {
			t.Fatalf("%q is not in UTC", text)
		}

		again, ok := github.ParseExpiry(at.Format("2006-01-02 15:04:05 UTC"))
		if at.Year() >= 0 && at.Year() <= 9999 && (!ok || !again.Equal(at.Truncate(time.Second))) {
			t.Fatalf("%q is %v, then %v", text, at, again)
		}
	})
}

func TestParseSSO(t *testing.T) {
	t.Parallel()

	const page = "https://github.com/orgs/acme/sso?authorization_request=AB1"

	tests := []struct{ value, web, want string }{
		{"required; url=" + page, "https://github.com", page},
		{"required;url=" + page, "https://github.com", page},
		{"required; url=" + page, "https://ghe.example.com", ""},
		{"required; url=http://github.com/orgs/acme/sso", "https://github.com", ""},
		{"required; url=https://github.com.evil.example/sso", "https://github.com", ""},
		{"required; url=https://github.com@evil.example/sso", "https://github.com", ""},
		{"required; url=https://joe:pw@github.com/sso", "https://github.com", ""},
		{"required; url=javascript:alert(1)", "https://github.com", ""},
		{"required; url=https://github.com/a b", "https://github.com", ""},
		{"required; url=https://github.com/" + strings.Repeat("x", 3000), "https://github.com", ""},
		{"required", "https://github.com", ""},
		{"required; url=", "https://github.com", ""},
		{"partial-results; organizations=21955855,20582480", "https://github.com", ""},
		{"", "https://github.com", ""},
		{"required; url=/relative", "", ""},
	}

	for _, tt := range tests {
		if got := github.ParseSSO(tt.value, tt.web); got != tt.want {
			t.Errorf("ParseSSO(%q, %q) = %q, want %q", tt.value, tt.web, got, tt.want)
		}
	}
}

func FuzzParseSSO(f *testing.F) {
	f.Add("required; url=https://github.com/orgs/acme/sso?authorization_request=AB1")
	f.Add("required; url=https://github.com@evil.example")
	f.Add("partial-results; organizations=1,2")

	f.Fuzz(func(t *testing.T, value string) {
		page := github.ParseSSO(value, "https://github.com")
		if page == "" {
			return
		}

		u, err := url.Parse(page)
		if err != nil || u.Scheme != "https" || !strings.EqualFold(u.Host, "github.com") || u.User != nil {
			t.Fatalf("%q gives %q", value, page)
		}

		if strings.ContainsFunc(page, func(r rune) bool { return r <= ' ' || r > '~' }) {
			t.Fatalf("%q is not printable", page)
		}
	})
}
