package gittoken_test

import (
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestProbeResults(t *testing.T) {
	t.Parallel()

	asked := gittoken.Probe{Repository: "https://github.com/acme/gitops", Access: gittoken.Write}

	for name, tt := range map[string]struct{ got, want gittoken.ProbeResult }{
		"proven": {
			got:  gittoken.ProbeProven().Of(asked),
			want: gittoken.ProbeResult{Probe: asked, Outcome: gittoken.Proven},
		},
		"denied": {
			got: gittoken.ProbeDenied(gittoken.CauseRole, "no such role").Of(asked),
			want: gittoken.ProbeResult{
				Probe: asked, Outcome: gittoken.Denied, Cause: gittoken.CauseRole, Detail: "no such role",
			},
		},
		"blocked": {
			got: gittoken.ProbeBlocked(gittoken.CauseSSO, "single sign-on", "https://github.com/orgs/acme/sso").Of(asked),
			want: gittoken.ProbeResult{
				Probe: asked, Outcome: gittoken.Denied, Cause: gittoken.CauseSSO,
				Detail: "single sign-on", HelpURL: "https://github.com/orgs/acme/sso",
			},
		},
		"undetermined": {
			got: gittoken.ProbeUndetermined(gittoken.CauseTimeout, "no answer").Of(asked),
			want: gittoken.ProbeResult{
				Probe: asked, Outcome: gittoken.Undetermined, Cause: gittoken.CauseTimeout, Detail: "no answer",
			},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			if diff := cmp.Diff(tt.want, tt.got); diff != "" {
				t.Error(diff)
			}
		})
	}
}
