package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// writtenCase is a configuration with what is said of it.
type writtenCase struct {
	m    tokenModel
	says []string // of each error, in order
	at   []string // and the attribute that it points at
}

func TestCheckConfig(t *testing.T) {
	t.Parallel()

	value, unknown := types.StringValue, types.StringUnknown()
	for name, test := range map[string]writtenCase{
		"a token":            {tokenModel{Token: value("ghp_a")}, nil, nil},
		"a write-only token": {tokenModel{TokenWO: value("ghp_a"), TokenWOVersion: value("1")}, nil, nil},
		"a named token":      {tokenModel{TokenName: value("ci")}, nil, nil},
		"no token":           {tokenModel{}, []string{"Git token is missing"}, []string{"runtime"}},
		"two tokens": {
			tokenModel{Token: value("a"), TokenName: value("ci")},
			[]string{"More than one Git token"},
			[]string{"runtime"},
		},
		"two, of which one may yet be null": {tokenModel{Token: unknown, TokenName: value("ci")}, nil, nil},
		"a version of nothing": {
			tokenModel{Token: value("a"), TokenWOVersion: value("1")},
			[]string{"token_wo_version has no token"},
			[]string{"token_wo_version"},
		},
		// What ignore_changes may ignore is the plan's to judge.
		"a token of another provider": {tokenModel{Token: value("glpat-a\n"), GitProvider: value("github")}, nil, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var diags diag.Diagnostics
			checkConfig(&test.m, report(&diags))

			wantErrors(t, diags, test.says, test.at)
		})
	}
}

// wantErrors fails the test unless the diagnostics are errors with these summaries, at these attributes.
func wantErrors(t *testing.T, diags diag.Diagnostics, says, at []string) {
	t.Helper()

	if len(diags) != len(says) {
		t.Fatalf("said was %v", diags)
	}

	for i, d := range diags {
		got := ""
		if pointing, ok := d.(diag.DiagnosticWithPath); ok {
			got = pointing.Path().String()
		}

		if d.Severity() != diag.SeverityError || d.Summary() != says[i] || got != at[i] {
			t.Errorf("%s at %q, want %s at %q", d.Summary(), got, says[i], at[i])
		}
	}
}

func TestCheckWritten(t *testing.T) {
	t.Parallel()

	value, unknown := types.StringValue, types.StringUnknown()
	for name, test := range map[string]writtenCase{
		"a token with its line break": {
			tokenModel{TokenWO: value("ghp_a\n")},
			[]string{"Git token cannot be used"},
			[]string{"runtime"},
		},
		"a token of another provider": {
			tokenModel{Token: value("glpat-a"), GitProvider: value("github")},
			[]string{"Git token cannot be used"},
			[]string{"runtime"},
		},
		"a provider that Codefresh tells": {tokenModel{Token: value("glpat-a")}, nil, nil},
		"a page for an API": {tokenModel{
			Token: value("a"), GitProvider: value("github"),
			APIURL: value("https://github.com/o/r"),
		}, []string{"api_url cannot be used"}, []string{""}}, // it may hold a secret
		"a repository at another host": {tokenModel{
			Token: value("a"), GitProvider: value("github"), APIURL: value("https://ghe.example.com"),
			Repositories: repositories("read", repositoryA, "https://github.com/acme/a"),
		}, []string{"repositories[1].url is not at the token's Git host"}, []string{"repositories"}},
		"repositories at a host that Codefresh may tell": {tokenModel{
			Token: value("a"), GitProvider: value("github"), Repositories: repositories("read", "https://github.com/acme/a"),
		}, nil, nil},
		"an address that Codefresh may tell": {
			tokenModel{Token: value("a"), GitProvider: value("bitbucket-server")},
			nil, nil,
		},
		"an address that is not known": {
			tokenModel{Token: value("a"), GitProvider: value("github"), APIURL: unknown},
			nil, nil,
		},
		"a token and a page for an API": {
			tokenModel{Token: value("glpat-a"), GitProvider: value("github"), APIURL: value("https://github.com/o/r")},
			[]string{"api_url cannot be used", "Git token cannot be used"},
			[]string{"", "runtime"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			d := providerData{redactor: redact.New()}

			token, err := d.tokenOf(&test.m)
			if err != nil {
				t.Fatal(err)
			}

			var diags diag.Diagnostics
			if ok := checkWritten(&test.m, token, report(&diags)); ok != (len(test.says) == 0) {
				t.Errorf("all is well: %t", ok)
			}

			wantErrors(t, diags, test.says, test.at)
		})
	}
}

// Until it is known of which provider a token is, it may be any provider's, and yet not everything.
func TestCheckShapeWithoutProvider(t *testing.T) {
	t.Parallel()

	for text, good := range map[string]bool{
		"ghp_a": true, "glpat-a": true, "BBDC-a": true, "anything": true, "": false, "a b": false, "a\n": false,
	} {
		if err := checkShape("", gittoken.NewSecret(text)); (err == nil) != good {
			t.Errorf("%q: %v", text, err)
		}
	}

	if checkShape(gittoken.GitLab, gittoken.NewSecret("ghp_a")) == nil {
		t.Error("a token of GitHub passes for one of GitLab")
	}
}

func TestExplainTokenInNamesWhereItComesFrom(t *testing.T) {
	t.Parallel()

	shape := &gittoken.ShapeError{Problem: gittoken.ShapeEmpty}
	for want, from := range map[string]struct {
		attribute string
		m         tokenModel
	}{
		"The value of token cannot":              {"token", tokenModel{}},
		"The value of token_wo cannot":           {"token_wo", tokenModel{}},
		`The value of git_tokens["ci"] cannot`:   {"token_name", tokenModel{TokenName: types.StringValue("ci")}},
		`The value of git_tokens["a\"b"] cannot`: {"token_name", tokenModel{TokenName: types.StringValue(`a"b`)}},
	} {
		got := explainTokenIn(&from.m, from.attribute, gittoken.GitHub, shape).Detail
		if !strings.HasPrefix(got, want) {
			t.Errorf("%q does not begin with %q", got, want)
		}
	}
}
