package provider

import (
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestParseDay(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		"2027-01-31":                "2027-01-31T00:00:00Z",
		"2028-02-29":                "2028-02-29T00:00:00Z",
		"2027-01-31T12:00:00Z":      "2027-01-31T12:00:00Z",
		"2027-01-31T12:00:00+02:00": "2027-01-31T10:00:00Z",
		"2027-02-29":                "",
		"2027-1-31":                 "",
		"31.01.2027":                "",
		"2027-01-31 12:00:00":       "",
		"2027-01-31T12:00:00":       "",
		" 2027-01-31":               "",
		"":                          "",
	} {
		at, err := parseDay(text)
		got := ""
		if err == nil {
			got = at.UTC().Format(time.RFC3339)
		}
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}
	}
}

// acceptance is what a validator says of texts.
type acceptance struct {
	validator validator.String
	good, bad []string
	hides     bool // whether its message must not repeat the text, which may hold a secret, nor point at its line
}

func acceptances() map[string]acceptance {
	return map[string]acceptance{
		"address": {
			webAddress(),
			[]string{"https://g.codefresh.io", "http://127.0.0.1:8080", "https://h/path/", "https://[::1]:8443"},
			[]string{
				"", "g.codefresh.io", "ftp://h", "https://", "https://u:s3cret@h", "https://s3cret@h", "https://h?s3cret",
				"https://h#s3cret", "https://u:s3c/ret@h", "https://h\x7f", "://h", "/path",
			},
			true,
		},
		"repository": {
			repositoryAddress(),
			[]string{
				"https://github.com/o/r", "https://github.com/o/r.git", "git@github.com:o/r.git",
				"ssh://git@git.example.com:7999/o/r.git", "git@[fd00::1]:o/r.git", "https://www.github.com/o/r",
			},
			[]string{
				"", "https://u:s3cret@github.com/o/r", "https://s3cret@github.com/o/r", "ssh://u:s3cret@h/o/r",
				"https://github.com/o/r?t=s3cret", "https://github.com/o/r#s3cret", "o/r", "./r", "github.com/o/r", "r.git",
				"file:///srv/r.git",
			},
			true,
		},
		"duration": {
			positiveDuration(),
			[]string{"30s", "2m", "1h30m", "100ms"},
			[]string{"", "0s", "-1s", "30", "soon", "30 s"},
			false,
		},
		"duration or none": {
			duration(), []string{"0s", "0", "30s", "1h30m"}, []string{"", "-1s", "30", "soon"}, false,
		},
		"expression": {regularExpression(), []string{"", ".*", "^prod-", "(?i)a"}, []string{"(", "a**", "[z-a]"}, false},
		"day": {
			dayOrTime(),
			[]string{"2027-01-31", "2027-01-31T12:00:00Z"},
			[]string{"", "tomorrow", "2027-13-01", "2027-01-31T25:00:00Z"},
			false,
		},
		"validation": {oneOfValidations(), []string{"enforce", "warn", "skip"}, []string{"", "Enforce", "off"}, false},
		"provider": {
			oneOfProviders(),
			[]string{"github", "gitlab", "bitbucket", "bitbucket-server"},
			[]string{"", "GitHub", "GITHUB", "bitbucket_server", "gerrit"},
			false,
		},
		"type":   {oneOfTypes(), []string{"runtime", "user"}, []string{"", "personal"}, false},
		"access": {oneOfAccess(), []string{"read", "write", "admin"}, []string{"", "owner"}, false},
	}
}

func TestValidatorsOfTexts(t *testing.T) {
	t.Parallel()

	for name, test := range acceptances() {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			say := func(value types.String) diag.Diagnostics {
				resp := &validator.StringResponse{}
				test.validator.ValidateString(t.Context(),
					validator.StringRequest{Path: path.Root("setting"), ConfigValue: value}, resp)

				return resp.Diagnostics
			}
			for _, value := range []types.String{types.StringNull(), types.StringUnknown()} {
				if said := say(value); len(said) > 0 {
					t.Errorf("%s is refused: %v", value, said)
				}
			}
			for _, text := range test.good {
				if said := say(types.StringValue(text)); len(said) > 0 {
					t.Errorf("%q is refused: %v", text, said)
				}
			}
			for _, text := range test.bad {
				said := say(types.StringValue(text))
				if said.ErrorsCount() != 1 {
					t.Errorf("%q gives %d errors", text, said.ErrorsCount())

					continue
				}
				if _, points := said[0].(diag.DiagnosticWithPath); points == test.hides {
					t.Errorf("%q: the message points at its line: %t", text, points)
				}
				if whole := said[0].Summary() + said[0].Detail(); test.hides && strings.Contains(whole, "s3c") ||
					!strings.Contains(whole, "setting") {
					t.Errorf("%q: %s", text, whole)
				}
			}
			if d := test.validator.Description(t.Context()); d == "" || d != test.validator.MarkdownDescription(t.Context()) {
				t.Errorf("described as %q", d)
			}
		})
	}
}

func TestScopeWords(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		set  types.Set
		good bool
	}{
		{types.SetNull(types.StringType), true},
		{types.SetUnknown(types.StringType), true},
		{set("repo", "admin:repo_hook"), true},
		{set("Project admin"), true}, // a spelling of Codefresh's documentation
		{types.SetValueMust(types.StringType, []attr.Value{types.StringUnknown()}), true},
		{set(), false},
		{set(""), false},
		{set("repo", " gist"), false},
		{set("repo\n"), false},
	} {
		resp := &validator.SetResponse{}
		scopeWords{}.ValidateSet(t.Context(),
			validator.SetRequest{Path: path.Root("required_scopes"), ConfigValue: test.set}, resp)
		if resp.Diagnostics.HasError() == test.good {
			t.Errorf("%s: %v", test.set, resp.Diagnostics)
		}
	}
}

func TestCheckConfig(t *testing.T) {
	t.Parallel()

	value, unknown := types.StringValue, types.StringUnknown()
	for name, test := range map[string]struct {
		m    tokenModel
		says []string // of each error, in order
		at   []string // and the attribute that it points at
	}{
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
		// The plan says so, where nothing is in the state: a variable that is not set must not block a destroy.
		"an empty token": {tokenModel{Token: value("")}, nil, nil},
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
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var diags diag.Diagnostics
			checkConfig(&test.m, report(&diags))
			if len(diags) != len(test.says) {
				t.Fatalf("said was %v", diags)
			}
			for i, d := range diags {
				at := ""
				if pointing, ok := d.(diag.DiagnosticWithPath); ok {
					at = pointing.Path().String()
				}
				if d.Severity() != diag.SeverityError || d.Summary() != test.says[i] || at != test.at[i] {
					t.Errorf("%s at %q, want %s at %q", d.Summary(), at, test.says[i], test.at[i])
				}
			}
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
