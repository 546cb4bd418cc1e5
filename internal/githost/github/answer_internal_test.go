package github

import (
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/google/go-github/v60/github"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// FuzzAnswer reads whatever a server may send in place of GitHub's error document.
func FuzzAnswer(f *testing.F) {
	f.Add(http.StatusUnauthorized, "application/json", `{"message":"Bad credentials"}`)
	f.Add(http.StatusForbidden, "application/json",
		`{"message":"\u001b[31mAPI rate limit exceeded","documentation_url":"x"}`)
	f.Add(http.StatusForbidden, "application/json", `{"message":"Resource protected by organization SAML enforcement."}`)
	f.Add(http.StatusOK, "application/json", `{"login":7}`)
	f.Add(http.StatusBadGateway, "text/html", "<html>")

	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		resp := &github.Response{Response: &http.Response{
			StatusCode: status, Header: http.Header{"Content-Type": {kind}}, Body: io.NopCloser(strings.NewReader(body)),
		}}
		a := newAnswer(resp, nil)

		v := a.verdict(now, "https://github.com")
		if v.Standing == gittoken.Rejected && (status != http.StatusUnauthorized || !strings.Contains(body, "message") &&
			!strings.Contains(strings.ToLower(body), "message") && !strings.Contains(body, `\u`)) {
			t.Errorf("HTTP %d with %q counts as a rejection", status, body)
		}

		if v.Standing == gittoken.Revoked || v.Standing == gittoken.Expired {
			t.Errorf("GitHub never says that a token is %s", v.Standing)
		}

		if strings.ContainsFunc(v.Detail, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("the detail is not printable: %q", v.Detail)
		}
	})
}
