package gitlab_test

import (
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost/hosttest"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Only an empty answer says that the token has revoked itself. Every other one is quoted.
func TestRevoke(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		reply    reply
		accepted bool
		detail   string
	}{
		"done":          {reply{Status: 204}, true, ""},
		"a page":        {page(200), false, "web page"},
		"OAuth":         {message(400, "400 Bad request - a personal access token, please"), false, "personal access token"},
		"no right":      {guard(403, "insufficient_granular_scope", "Access denied: Revoke"), false, "Access denied: Revoke"},
		"dead":          {revoked, false, "Token was revoked"},
		"in trouble":    {reply{Status: 502}, false, "502"},
		"no such thing": {message(404, "404 Not Found"), false, "404"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := serve(t, map[string]reply{"DELETE /gitlab/api/v4/personal_access_tokens/self": tt.reply})

			got := inspector(t).Revoke(t.Context(), hosttest.Credential(t, gittoken.GitLab, s.URL+root, token))
			if got.Accepted != tt.accepted || !strings.Contains(got.Detail, tt.detail) ||
				(got.Cause == "") != tt.accepted {
				t.Errorf("got %+v", got)
			}

			if asked := s.Requests(); len(asked) != 1 {
				t.Errorf("asked %v", asked)
			}
		})
	}
}
