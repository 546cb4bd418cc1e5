package message

import (
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// A host that tells some scopes and leaves others open is not said to tell none, nor the token to have them all.
func TestUnsettledScopesAreToldAsSuch(t *testing.T) {
	t.Parallel()

	requirement := gittoken.RequirementFor(gittoken.BitbucketServer, gittoken.User, gittoken.KindHTTPAccess)
	verdict := gittoken.Verdict{
		Standing: gittoken.Live, Kind: gittoken.KindHTTPAccess, ScopesKnown: true,
		Scopes: []gittoken.Scope{"PROJECT_READ", "REPO_READ"},
	}
	reached := gittoken.ProbeResult{Probe: gittoken.Probe{Repository: "r", Access: gittoken.Write}}

	for name, test := range map[string]struct {
		held, open []gittoken.Scope
		answers    []gittoken.ProbeResult
		reason     string
		words      []string
		not        string
	}{
		"a scope is open": {
			held: verdict.Scopes, open: []gittoken.Scope{"REPO_WRITE"},
			reason: "works; its host neither confirms nor rules out: REPO_WRITE",
			words:  []string{"only a part of what it may do", "REPO_WRITE"},
			not:    "every required scope",
		},
		"a repository is open": {
			held: []gittoken.Scope{"PROJECT_READ", "REPO_WRITE"}, answers: []gittoken.ProbeResult{reached},
			reason: "has every required scope; access to the named repositories is not proved",
			words:  []string{"has every required scope", "to r could not be proved"},
			not:    "only a part",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v := verdict
			v.Scopes, v.Unsettled = test.held, test.open
			j := gittoken.Judge(v, requirement, test.answers, gittoken.Memory{}, time.Time{})

			if got := StatusReason(j); got != test.reason {
				t.Errorf("reason %q, want %q", got, test.reason)
			}

			_, sentences := explainUnproven(tokencheck.Request{Runtime: "prod"}, j)
			text := strings.Join(sentences, " ")

			for _, want := range test.words {
				if !strings.Contains(text, want) {
					t.Errorf("%q does not say %q", text, want)
				}
			}

			if strings.Contains(text, test.not) {
				t.Errorf("%q says %q", text, test.not)
			}
		})
	}
}
