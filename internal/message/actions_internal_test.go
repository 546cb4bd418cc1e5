package message

import (
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// What an action says while it runs is a line without a full stop.
func TestProgress(t *testing.T) {
	t.Parallel()

	r := tokencheck.Request{Type: gittoken.Runtime, Host: hostOf(t, gittoken.GitHub, "")}
	v := live(gittoken.KindClassic, "repo", "admin:repo_hook")
	j := gittoken.Judge(v, r.Requirement(v.Kind), nil, gittoken.Memory{}, time.Now())
	for got, want := range map[string]string{
		AskingAboutToken(r): "Asking https://api.github.com about the Git token",
		TokenFound(r, j):    `The classic token of "ci-bot" at https://api.github.com is valid: has every required scope`,
	} {
		if got != want {
			t.Errorf("progress is %q, want %q", got, want)
		}
	}
}
