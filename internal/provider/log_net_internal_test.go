package provider

import (
	"bytes"
	"errors"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflog"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// What looks like a credential is in no line, also if nobody redacted it before, and what does not is left as it is.
func TestSecondNet(t *testing.T) {
	t.Parallel()

	for text, hidden := range map[string]bool{
		"ghp_0123456789abcdefghijklmnopqrstuvwxyz":       true,
		"github_pat_11AAAAAAA0abcdefghijkl_mnopqrstuvwx": true,
		"glpat-abcdefghij0123456789":                     true,
		"ATATT3xFfGF0abcdefghij":                         true,
		"BBDC-abcdefghijklmnop":                          true,
		"Authorization: Bearer abcdefghijklmnop":         true,
		"Basic eDphYmNkZWZnaGlqa2xtbm9w":                 true,
		"https://user:hunter2@git.example.com/x":         true,
		"https://api.github.com/user":                    false,
		"has repo, admin:repo_hook":                      false,
		"mail of ci-bot@example.com":                     false,
		"Basic authentication is not supported":          false,
	} {
		var out bytes.Buffer

		ctx, n := tflogtest.RootLogger(t.Context(), &out), newSecondNet()
		tflog.Info(n.over(ctx), "says "+text, map[string]any{"field": text})
		logHTTP(n).Attempt(ctx, transport.Attempt{
			Request: transport.Request{Service: "github", Method: "GET", URL: text}, Number: 1, Max: 1, Detail: text,
		})

		log := out.String()
		if lines := strings.Count(log, "\n"); lines != 2 {
			t.Errorf("%q: %d lines", text, lines)
		}

		if strings.Contains(log, text) == hidden {
			t.Errorf("%q is to be hidden: %t, and the log says\n%s", text, hidden, log)
		}
	}
}

// What the environment and the CLI's file are called by passes the redactor like all else.
func TestSettingsAreLoggedWithoutSecrets(t *testing.T) {
	t.Parallel()

	const secret = "a name that is a secret, too"

	var out bytes.Buffer

	d := &providerData{
		redactor: redact.New(), net: newSecondNet(),
		gitTokens: types.MapValueMust(types.StringType, map[string]attr.Value{secret: types.StringValue("token")}),
	}
	d.redactor.Add(gittoken.NewSecret(secret))

	ctx := tflogtest.RootLogger(t.Context(), &out)
	source := `context "` + secret + `" of /home/me/.cfconfig`
	d.logSettings(ctx, codefresh.Settings{
		URL: "https://codefresh.example.com/" + secret, URLSource: source, KeySource: source,
		PassedOver: []codefresh.PassedOver{{Source: "CF_URL", Reason: source + " comes first"}},
	})
	d.logSettings(ctx, codefresh.Settings{KeyHint: source + " is of another platform"})
	d.logBlock(ctx, transport.Config{UserAgent: "Terraform " + secret})

	if log := out.String(); strings.Contains(log, secret) || strings.Count(log, redact.Mark) != 7 {
		t.Errorf("the log says\n%s", log)
	}
}

// Every line about a token has passed the redactor, though most of what is in it did when it came.
func TestLinesAreLoggedWithoutSecrets(t *testing.T) {
	t.Parallel()

	const secret = "words-that-are-a-secret-as-well"

	var out bytes.Buffer

	d := &providerData{redactor: redact.New(), net: newSecondNet(), salt: []byte("salt")}
	d.redactor.Add(gittoken.NewSecret(secret))

	host, err := gittoken.NewHost(gittoken.GitHub, "https://ghe.example.com/"+secret)
	if err != nil {
		t.Fatal(err)
	}

	ctx, trace := memo.Traced(tflogtest.RootLogger(t.Context(), &out))
	at := place{gittoken.User, secret, secret, secret}
	r := tokencheck.Request{
		Runtime: secret, Type: gittoken.User, Host: host, Mode: tokencheck.Enforce,
		Token: tokencheck.Token{Secret: gittoken.NewSecret(secret), Known: true},
	}
	scopes := []gittoken.Scope{secret}
	j := gittoken.Judgement{
		Status: gittoken.StatusUnderScoped, Granted: scopes, Missing: scopes, Unproven: scopes,
		Requirement: gittoken.Requirement{Scopes: scopes},
		Verdict:     gittoken.Verdict{Owner: secret, Detail: secret, Cause: gittoken.CauseNetwork},
	}
	view := registration.View{
		Detail: secret, AppProxyURL: secret, APIURL: secret, AccountID: secret, Caller: secret, SharedConfiguration: secret,
	}
	c := change{create: true}

	for _, write := range []func(){
		func() { d.logCheck(ctx, r, j, trace) },
		func() { d.logView(ctx, at, view, nil) },
		func() { d.logView(ctx, at, view, errors.New(secret)) },
		func() { d.logPlan(ctx, at, decided{change: c, token: `git_tokens["` + secret + `"]`, host: "api_url"}) },
		func() { d.logUnchecked(ctx, at, "no reason") },
		func() { d.logWait(ctx, at, registration.Waited{For: []registration.Part{registration.PartRuntime}}) },
		func() { d.logApply(ctx, at, r.Token, true, c) },
		func() { d.logDemoted(ctx, r, j) },
		func() { d.logDeregister(ctx, at, "none") },
		func() { d.logRevocation(ctx, r, gittoken.Revocation{Cause: gittoken.CauseNetwork, Detail: secret}) },
	} {
		out.Reset()
		write()

		if line := out.String(); strings.Contains(line, secret) || !strings.Contains(line, redact.Mark) {
			t.Errorf("the log says %s", line)
		}
	}
}
