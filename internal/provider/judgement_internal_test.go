package provider

import (
	"bytes"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
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

			d.sayJudgement(t.Context(), report(&diags), tokencheck.Request{Host: host, Mode: tokencheck.Enforce}, j, tt.walk)

			if len(diags) != tt.want {
				t.Errorf("%d diagnostics, want %d: %v", len(diags), tt.want, diags)
			}
		})
	}
}

// Of a platform that is silent nothing follows about the repositories that it uses, where they are wanted at all.
func TestRepositoriesOfASilentPlatform(t *testing.T) {
	t.Parallel()

	host, err := gittoken.NewHost(gittoken.GitHub, "")
	if err != nil {
		t.Fatal(err)
	}

	known := tokencheck.Token{Known: true}
	skipped := tokencheck.Request{Token: known, Host: host, Mode: tokencheck.Skip}

	for name, tt := range map[string]struct {
		where   tokencheck.Where
		request tokencheck.Request
		want    bool
	}{
		"wanted":                  {tokencheck.AtCodefreshs, tokencheck.Request{Token: known, Host: host}, true},
		"only those listed":       {tokencheck.AtListed, tokencheck.Request{Token: known, Host: host}, false},
		"no token yet":            {tokencheck.AtCodefreshs, tokencheck.Request{Host: host}, false},
		"no host yet":             {tokencheck.AtCodefreshs, tokencheck.Request{Token: known}, false},
		"nobody is asked for any": {tokencheck.AtCodefreshs, skipped, false},
	} {
		d := &providerData{checkRepositories: tt.where}
		if got := d.tryAt(t.Context(), tt.request, &tokenModel{}, nil, registration.View{}); got.UsedUnknown != tt.want {
			t.Errorf("%s: UsedUnknown is %t", name, got.UsedUnknown)
		}
	}
}

// The log says that validation let a token through, and of no other.
func TestWhatValidationLetsThroughIsLogged(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		mode   tokencheck.Mode
		walk   tokencheck.Walk
		status gittoken.Status
		want   int
	}{
		"an error that is a warning":      {tokencheck.Warn, tokencheck.Apply, gittoken.StatusUnderScoped, 1},
		"the same at plan":                {tokencheck.Warn, tokencheck.PlanChanged, gittoken.StatusRevoked, 1},
		"an error":                        {tokencheck.Enforce, tokencheck.Apply, gittoken.StatusUnderScoped, 0},
		"what is a warning anyhow":        {tokencheck.Warn, tokencheck.PlanUnchanged, gittoken.StatusRevoked, 0},
		"a good token":                    {tokencheck.Warn, tokencheck.Apply, gittoken.StatusValid, 0},
		"one that could not be asked for": {tokencheck.Warn, tokencheck.Apply, gittoken.StatusUnchecked, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var (
				diags diag.Diagnostics
				log   bytes.Buffer
			)

			d := &providerData{onUnreachable: tokencheck.UnreachableWarn, now: time.Now, redactor: redact.New()}
			r := tokencheck.Request{Mode: tt.mode, Type: gittoken.Runtime, Runtime: "prod"}
			ctx := tflogtest.RootLogger(t.Context(), &log)
			d.sayJudgement(ctx, report(&diags), r, gittoken.Judgement{Status: tt.status}, tt.walk)

			lines, err := tflogtest.MultilineJSONDecode(&log)
			if err != nil {
				t.Fatal(err)
			}

			if len(lines) != tt.want {
				t.Errorf("%d lines, want %d: %v", len(lines), tt.want, lines)
			}

			for _, line := range lines {
				if line["@message"] != "Git token let through with a warning" || line["runtime"] != "prod" {
					t.Errorf("the line is %v", line)
				}
			}
		})
	}
}
