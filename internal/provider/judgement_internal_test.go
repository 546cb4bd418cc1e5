package provider

import (
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// A good token is called into question by its host's address only where it is to be sent, and only after a check.
func TestSayDoubtfulHost(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		address  string
		walk     tokencheck.Walk
		standing gittoken.Standing
		want     int
	}{
		"a new token at ghe.com":      {"https://acme.ghe.com", tokencheck.PlanChanged, gittoken.Live, 1},
		"one that is registered":      {"https://acme.ghe.com", tokencheck.PlanUnchanged, gittoken.Live, 0},
		"an apply":                    {"https://acme.ghe.com", tokencheck.Apply, gittoken.Live, 0},
		"a refresh":                   {"https://acme.ghe.com", tokencheck.Refresh, gittoken.Live, 0},
		"nobody was asked":            {"https://acme.ghe.com", tokencheck.PlanChanged, gittoken.Unchecked, 0},
		"a new token at a usual host": {"https://github.example.com", tokencheck.PlanChanged, gittoken.Live, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			host, err := gittoken.NewHost(gittoken.GitHub, tt.address)
			if err != nil {
				t.Fatal(err)
			}

			var diags diag.Diagnostics

			d := &providerData{onUnreachable: tokencheck.UnreachableWarn, now: time.Now}
			j := gittoken.Judgement{Status: gittoken.StatusValid, Verdict: gittoken.Verdict{Standing: tt.standing}}

			d.sayJudgement(report(&diags), tokencheck.Request{Host: host, Mode: tokencheck.Enforce}, j, tt.walk)

			if len(diags) != tt.want {
				t.Errorf("%d diagnostics, want %d: %v", len(diags), tt.want, diags)
			}
		})
	}
}
