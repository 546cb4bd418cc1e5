package codefresh_test

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
)

func TestAppProxyURL(t *testing.T) {
	t.Parallel()

	for raw, want := range map[string]string{
		"https://acc-prod.tunnels.cf-cd.com": "https://acc-prod.tunnels.cf-cd.com",
		" https://Host.example.com/ ":        "https://host.example.com",
		"host.example.com":                   "https://host.example.com",
		"host.example.com:8443//":            "https://host.example.com:8443",
		"http://127.0.0.1:80/app-proxy":      "http://127.0.0.1:80",
		"HTTPS://h/app-proxy/api/graphql/":   "https://h",
		"https://h/sub/path/app-proxy/api":   "https://h/sub/path",
		"https://h/sub%2Fpath":               "https://h/sub%2Fpath",
		"https://[::1]:8080/":                "https://[::1]:8080",
		"https://h/api":                      "https://h/api",
	} {
		got, err := codefresh.AppProxyURL(raw)
		if err != nil || got != want {
			t.Errorf("AppProxyURL(%q) = %q, %v; want %q", raw, got, err, want)
		}
	}
}

func TestAppProxyURLFails(t *testing.T) {
	t.Parallel()

	for _, raw := range []string{
		"", "  ", "ftp://h", "https://", "https:///path", "https://user:sesame@h", "user:sesame@h", "https://h?sesame=1",
		"https://h#sesame", "https://h/%zz", "https://h/?", "://h", "https://h:port",
	} {
		got, err := codefresh.AppProxyURL(raw)
		if err == nil {
			t.Errorf("AppProxyURL(%q) = %q", raw, got)
		} else if strings.Contains(err.Error(), "sesame") {
			t.Errorf("AppProxyURL(%q) repeats what may be a password: %v", raw, err)
		}
	}
}

func FuzzAppProxyURL(f *testing.F) {
	f.Add("https://host.example.com/app-proxy/")
	f.Add("host:1//app-proxy/api/graphql///")

	f.Fuzz(func(t *testing.T, raw string) {
		once, err := codefresh.AppProxyURL(raw)
		if err != nil {
			return
		}

		if !strings.HasPrefix(once, "https://") && !strings.HasPrefix(once, "http://") {
			t.Errorf("AppProxyURL(%q) = %q", raw, once)
		}

		if strings.HasSuffix(once, "/") || strings.ContainsAny(once, "?#@") && !strings.ContainsAny(raw, "@") {
			t.Errorf("AppProxyURL(%q) = %q", raw, once)
		}
	})
}
