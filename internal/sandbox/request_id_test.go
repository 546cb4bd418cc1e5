package sandbox_test

import (
	"regexp"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// The names of requests have the forms that the real servers give them, in refusals too.
func TestRequestIDs(t *testing.T) {
	t.Parallel()
	s := begin(t)

	const atGitHub = `^[0-9A-F]{4}(:[0-9A-F]{6}){3}:6AA93340$` // noon in seconds

	for service, id := range map[sandbox.Service]struct{ path, header, form string }{
		sandbox.GitHub:            {"/user", "X-GitHub-Request-Id", atGitHub},
		sandbox.GitHubEnterprise:  {"/api/v3/user", "X-GitHub-Request-Id", atGitHub},
		sandbox.GitLab:            {"/user", "X-Request-Id", `^[0-9a-f]{16}-[A-Z]{3}$`},
		sandbox.GitLabSelfManaged: {"/api/v4/user", "X-Request-Id", `^01M2JF0CG0[0-9A-HJKMNP-TV-Z]{16}$`}, // noon in ms
		sandbox.BitbucketServer: {
			"/rest/api/latest/projects", "X-AREQUESTID", `^@[0-9A-Z]{7}x720x\d+x0$`, // noon in minutes
		},
		sandbox.BitbucketCloud: {"/user", "Atl-Traceid", `^[0-9a-f]{32}$`},
	} {
		seen := map[string]bool{}

		for range 3 {
			got := ask(t, "GET", s.URL(service)+id.path, bearer("ATCTT3xNobodyMadeThisOne"))
			if got.status != 401 {
				t.Errorf("%s: status %d", service, got.status)
			}

			sent := got.header.Get(id.header)
			if !regexp.MustCompile(id.form).MatchString(sent) || seen[sent] {
				t.Errorf("%s: %s is %q, after %v", service, id.header, sent, seen)
			}

			seen[sent] = true
		}
	}
}
