package gitlab

import (
	"net/http"
	"strings"
	"testing"
	"time"
	"unicode"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/rest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// FuzzAnswer reads whatever a server may send in place of one of GitLab's documents.
func FuzzAnswer(f *testing.F) {
	f.Add(http.StatusOK, "application/json",
		`{"user_id":7,"scopes":["api"],"revoked":false,"active":true,"expires_at":"2026-12-24"}`)
	f.Add(http.StatusOK, "application/json", `{"resource_owner_id":7,"scope":["api"],"expires_in":9223372036854775807}`)
	f.Add(http.StatusOK, "application/json", `{"id":7,"username":"\u001b[31m","bot":true}`)
	f.Add(http.StatusOK, "application/json", `{"id":1,"permissions":{"project_access":{"access_level":-1}}}`)
	f.Add(http.StatusUnauthorized, "application/json",
		`{"error":"invalid_token","error_description":"Token is expired.\u0007"}`)
	f.Add(http.StatusForbidden, "text/plain", "Forbidden\n")
	f.Add(http.StatusBadGateway, "text/html", "<html>")

	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

	f.Fuzz(func(t *testing.T, status int, kind, body string) {
		a := answer{rest.Answer{Status: status, Header: http.Header{"Content-Type": {kind}}, Body: []byte(body)}}

		if v := a.verdict(now); v.Standing == gittoken.Rejected && (status != http.StatusUnauthorized || !a.IsJSON()) {
			t.Errorf("HTTP %d of type %q counts as a rejection", status, kind)
		}

		for _, text := range []string{a.detail(), a.refusal().text()} {
			if text == a.detail() && strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
				t.Errorf("the detail is not printable: %q", text)
			}
		}

		if r, ok := parseToken(a.Body); ok {
			_ = r.expiry()
		}

		if r, ok := parseOAuth(a.Body); ok {
			if at := r.expiry(now); !at.IsZero() && at.Before(now.Add(-time.Minute)) {
				t.Errorf("what expires in so many seconds expired at %s", at)
			}
		}

		if r, ok := parseUser(a.Body); ok && r.ID <= 0 {
			t.Error("a user without a number")
		}

		if r, ok := parseProject(a.Body); ok && r.level() < 0 {
			t.Error("a role below none")
		}
	})
}

// What is left of a token comes out a second more or less each time. That moves no expiry, at whichever second it is.
func TestOAuthExpiryStays(t *testing.T) {
	t.Parallel()

	for second := range 60 {
		made := time.Date(2026, 3, 1, 12, 0, second, 0, time.UTC)
		want := made.Add(2 * time.Hour)

		for asked := range 7200 {
			for _, more := range []int64{-1, 0, 1} {
				left, at := int64(7200-asked)+more, made.Unix()

				r := oauthRecord{ExpiresIn: &left, CreatedAt: &at}
				if got := r.expiry(made.Add(time.Duration(asked) * time.Second)); left >= 0 && !got.Equal(want) {
					t.Fatalf("made at %s and asked about %d s later, with %d s left: %s", made, asked, left, got)
				}
			}
		}
	}
}
