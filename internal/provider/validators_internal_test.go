package provider

import (
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/attr"
	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"
	"github.com/hashicorp/terraform-plugin-framework/schema/validator"
	"github.com/hashicorp/terraform-plugin-framework/types"
)

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
		"certificates": {
			certificates(),
			[]string{"", " \n"},
			[]string{"s3cret", "MIIEs3cretAAAA", "-----BEGIN PRIVATE KEY-----\ns3cret\n", "\uFEFFs3cret"},
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

				about := "setting"
				if name == "certificates" {
					about = "ca_certificate" // the only attribute for them
				}

				if whole := said[0].Summary() + said[0].Detail(); test.hides && strings.Contains(whole, "s3c") ||
					!strings.Contains(whole, about) {
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
