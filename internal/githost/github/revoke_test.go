package github_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// An Enterprise Server is told by the token itself, which is the one thing in the request. Every other answer than
// that it was accepted is quoted.
func TestRevoke(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		reply    reply
		accepted bool
		cause    gittoken.Cause
		detail   string
	}{
		"accepted":      {reply{Status: 202, Body: "{}"}, true, "", ""},
		"a proxy's 202": {page(202), false, gittoken.CauseNotUnderstood, "web page"},
		"no such thing": {message(404, "Not Found"), false, gittoken.CauseNotPermitted, "since 3.19"},
		"another's 404": {page(404), false, gittoken.CauseNotUnderstood, "web page"},
		"invalid":       {message(422, "Validation Failed"), false, gittoken.CauseNotUnderstood, "Validation Failed"},
		"bad":           {message(401, "Bad credentials"), false, gittoken.CauseNotUnderstood, "Bad credentials"},
		"trouble":       {reply{Status: 500}, false, gittoken.CauseServerError, "500"},
		"limit":         {reply{Status: 429}, false, gittoken.CauseRateLimited, "429"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := hosttest.Serve(t, map[string]reply{"POST /api/v3/credentials/revoke": tt.reply},
				map[string]string{"Content-Type": "application/json"}, func(t testing.TB, r *http.Request) {
					var body map[string][]string

					text, _ := io.ReadAll(r.Body)
					if json.Unmarshal(text, &body) != nil || len(body) != 1 || len(body["credentials"]) != 1 ||
						body["credentials"][0] != classic {
						t.Errorf("the request carries %s", text)
					}

					if r.Header.Get("Authorization") != "Bearer "+classic {
						t.Error("the request carries no token in its header")
					}
				})

			got := inspector(t).Revoke(t.Context(), hosttest.Credential(t, gittoken.GitHub, s.URL, classic))
			if got.Accepted != tt.accepted || got.Cause != tt.cause || !strings.Contains(got.Detail, tt.detail) ||
				strings.Contains(got.Detail, classic) {
				t.Errorf("got %+v", got)
			}
		})
	}
}
