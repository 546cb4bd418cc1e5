package gittoken_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// prefixTests lists what the hosts' documents say of the beginnings of their tokens.
func prefixTests() []struct {
	prefix   string
	provider gittoken.Provider
	kind     gittoken.Kind
	opens    bool // an API
} {
	return []struct {
		prefix   string
		provider gittoken.Provider
		kind     gittoken.Kind
		opens    bool
	}{
		{"ghp_", gittoken.GitHub, gittoken.KindClassic, true},
		{"github_pat_", gittoken.GitHub, gittoken.KindFineGrained, true},
		{"gho_", gittoken.GitHub, gittoken.KindOAuth, true},
		{"ghu_", gittoken.GitHub, gittoken.KindAppUser, true},
		{"ghs_", gittoken.GitHub, gittoken.KindAppInstallation, true},
		{"ghr_", gittoken.GitHub, gittoken.KindUnknown, false},
		{"glpat-", gittoken.GitLab, gittoken.KindUnknown, true},
		{"gldt-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"gloas-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glcbt-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glptt-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glrt-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glrtr-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"GR1348941", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glimt-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glft-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glagent-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glsoat-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glwt-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"glffct-", gittoken.GitLab, gittoken.KindUnknown, false},
		{"BBDC-", gittoken.BitbucketServer, gittoken.KindHTTPAccess, true},
		{"ATATT3x", gittoken.BitbucketCloud, gittoken.KindAPIToken, true},
		{"ATCTT3x", gittoken.BitbucketCloud, gittoken.KindAccessToken, true},
		{"ATBB", gittoken.BitbucketCloud, gittoken.KindAppPassword, true},
	}
}

func TestPrefixes(t *testing.T) {
	t.Parallel()

	for _, test := range prefixTests() {
		token := gittoken.NewSecret(test.prefix + "0123456789abcdefABCDEF0123456789abcd")

		for _, p := range append(gittoken.Providers(), "") {
			t.Run(test.prefix+" at "+string(p), func(t *testing.T) {
				t.Parallel()

				wantKind, wantProblem, wantBelongs := test.kind, gittoken.ShapeProblem(""), ""

				switch {
				case p != test.provider:
					wantKind, wantProblem = gittoken.KindUnknown, gittoken.ShapeOtherProvider
					wantBelongs = test.provider.DisplayName()
				case !test.opens:
					wantProblem = gittoken.ShapeNoCredential
				}

				if got := gittoken.KindByPrefix(p, token); got != wantKind {
					t.Errorf("kind %s, want %s", got, wantKind)
				}

				err := gittoken.CheckShape(p, token)
				if wantProblem == "" {
					if err != nil {
						t.Errorf("a good token is refused: %v", err)
					}

					return
				}

				var shape *gittoken.ShapeError
				if !errors.As(err, &shape) || shape.Problem != wantProblem {
					t.Fatalf("%v, want %s", err, wantProblem)
				}

				if wantBelongs != "" && shape.Belongs != wantBelongs || shape.Belongs == "" {
					t.Errorf("belongs to %q, want %q", shape.Belongs, wantBelongs)
				}

				if !strings.Contains(err.Error(), shape.Belongs) {
					t.Errorf("%q does not name %q", err, shape.Belongs)
				}
			})
		}
	}
}

func TestCheckShape(t *testing.T) {
	t.Parallel()

	const token = "ghp_0123456789abcdefABCDEF0123456789abcd"

	for _, test := range []struct {
		name    string
		text    string
		problem gittoken.ShapeProblem
		says    string
	}{
		{"nothing", "", gittoken.ShapeEmpty, "empty"},
		{"white space only", " \r\n\t", gittoken.ShapeEmpty, "empty"},
		{"line break after", token + "\n", gittoken.ShapeTrailingNewline, "ends with a line break"},
		{"Windows line break after", token + "\r\n", gittoken.ShapeTrailingNewline, "ends with a line break"},
		{"two line breaks after", token + "\n\n", gittoken.ShapeTrailingNewline, "ends with a line break"},
		{"line break before", "\n" + token, gittoken.ShapeSpaceAround, "starts or ends"},
		{"blank after", token + " ", gittoken.ShapeSpaceAround, "starts or ends"},
		{"blank and line break after", token + " \n", gittoken.ShapeSpaceAround, "starts or ends"},
		{"tab before", "\t" + token, gittoken.ShapeSpaceAround, "starts or ends"},
		{"no-break space after", token + "\u00a0", gittoken.ShapeSpaceAround, "starts or ends"},
		{"blank inside", token + " " + token, gittoken.ShapeSpaceInside, "white space in it"},
		{"line break inside", token + "\n" + token, gittoken.ShapeSpaceInside, "white space in it"},
		{"NUL inside", token + "\x00", gittoken.ShapeControl, "control character"},
		{"escape inside", token + "\x1b[31m", gittoken.ShapeControl, "control character"},
		{"delete inside", token + "\x7f", gittoken.ShapeControl, "control character"},
		{"umlaut", token + "ü", gittoken.ShapeNonASCII, "not ASCII"},
		{"byte order mark", "\ufeff" + token, gittoken.ShapeNonASCII, "not ASCII"},
		{"not UTF-8", token + "\xff", gittoken.ShapeNonASCII, "not ASCII"},
		{"one byte too many", token + strings.Repeat("a", 8193-len(token)), gittoken.ShapeTooLong, "longer"},
		{"in quotes", `"` + token + `"`, gittoken.ShapeQuoted, "quotation marks"},
		{"in single quotes", "'" + token + "'", gittoken.ShapeQuoted, "quotation marks"},
		{"in backticks, with a line break", "`" + token + "`\n", gittoken.ShapeQuoted, "quotation marks"},
		{"in typographic quotes", "“" + token + "”", gittoken.ShapeQuoted, "quotation marks"},
		{"with half a pair of quotes", `"` + token, gittoken.ShapeQuoted, "quotation marks"},
		{"quotes alone", `""`, gittoken.ShapeQuoted, "quotation marks"},
		{"JSON", `{"token": "` + token + `"}`, gittoken.ShapeJSON, "JSON"},
		{"JSON in lines", "{\n  \"token\": \"" + token + "\"\n}\n", gittoken.ShapeJSON, "JSON"},
		{"a list of JSON", `["` + token + `"]`, gittoken.ShapeJSON, "JSON"},
		{"masked", "***", gittoken.ShapeMasked, "in place of a secret"},
		{"masked, in dots", "••••••••", gittoken.ShapeMasked, "in place of a secret"},
		{"masked by GitLab", "[MASKED]", gittoken.ShapeMasked, "in place of a secret"},
		{"masked by Terraform", "(sensitive value)", gittoken.ShapeMasked, "in place of a secret"},
		{"redacted", "(redacted)", gittoken.ShapeMasked, "in place of a secret"},
		{"a variable", "$GITHUB_TOKEN_0123456789", gittoken.ShapePlaceholder, "name of a variable"},
		{"a variable in braces", "${GITHUB_TOKEN_0123456789}", gittoken.ShapePlaceholder, "name of a variable"},
		{"a command", "$(cat token)", gittoken.ShapePlaceholder, "name of a variable"},
		{"a variable of Windows", "%GITHUB_TOKEN%", gittoken.ShapePlaceholder, "name of a variable"},
		{"a template", "{{ secrets.GITHUB_TOKEN }}", gittoken.ShapePlaceholder, "placeholder"},
		{"words to replace", "<your token>", gittoken.ShapePlaceholder, "placeholder"},
		{"in a line of variables", "GITHUB_TOKEN=" + token, gittoken.ShapeAssigned, "name of a variable before it"},
		{"in a line of a script", "export GH_PAT='" + token + "'", gittoken.ShapeQuoted, "quotation marks"},
		{"in a line of a script, bare", "export x=" + token, gittoken.ShapeAssigned, "name of a variable before it"},
		{"in a line of HCL", "token = " + token, gittoken.ShapeAssigned, "name of a variable before it"},
		{"in a line of variables, without a prefix", "GL_TOKEN=0123456789", gittoken.ShapeAssigned, "name of a variable"},
		{"in a header", "Authorization: Bearer " + token, gittoken.ShapeHeader, "HTTP header"},
		{"in a header of GitLab", "PRIVATE-TOKEN:" + token, gittoken.ShapeHeader, "HTTP header"},
		{"behind its scheme", "Bearer " + token, gittoken.ShapeHeader, "HTTP header"},
		{"behind GitHub's scheme", "token " + token, gittoken.ShapeHeader, "HTTP header"},
		{"without a prefix, behind its scheme", "bearer\t0123456789abcdef", gittoken.ShapeHeader, "HTTP header"},
		{"in an address", "https://ci-bot:" + token + "@github.com/acme/app", gittoken.ShapeURL, "an address"},
		{"an address", "https://github.com/settings/tokens/0123456789", gittoken.ShapeURL, "an address"},
		{"behind a user name", "x-access-token:" + token, gittoken.ShapePair, "a name and a colon"},
		{"in a line of YAML", "token: " + token, gittoken.ShapePair, "a name and a colon"},
		{"zero-width space inside", token + "\u200b" + token, gittoken.ShapeNonASCII, "not ASCII"},
		{"zero-width space after", token + "\u200b", gittoken.ShapeNonASCII, "not ASCII"},
		{"no-break space inside", token + "\u00a0" + token, gittoken.ShapeNonASCII, "not ASCII"},
		{"soft hyphen inside", token + "\u00ad" + token, gittoken.ShapeNonASCII, "not ASCII"},
		{"line separator inside", token + "\u2028" + token, gittoken.ShapeNonASCII, "not ASCII"},
		{"asterisks within", token + "***", "", ""},
		{"as long as allowed", token + strings.Repeat("a", 8192-len(token)), "", ""},
		{"short", "ghp_1", "", ""},
		{"forty digits", strings.Repeat("0123456789abcdef", 3)[:40], "", ""},
		{"stateless installation token", "ghs_12345_" + strings.Repeat("eyJ-._", 90), "", ""},
		{"another instance's own prefix", "acme-pat-0123456789", "", ""},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			err := gittoken.CheckShape(gittoken.GitHub, gittoken.NewSecret(test.text))
			if test.problem == "" {
				if err != nil {
					t.Fatalf("a good token is refused: %v", err)
				}

				return
			}

			var shape *gittoken.ShapeError
			if !errors.As(err, &shape) || shape.Problem != test.problem || shape.Belongs != "" {
				t.Fatalf("%v, want %s", err, test.problem)
			}

			if !strings.Contains(err.Error(), test.says) || strings.Contains(err.Error(), "0123456789") {
				t.Errorf("the message is %q", err)
			}
		})
	}
}

func TestCheckShapePassesOldTokens(t *testing.T) {
	t.Parallel()

	for text, p := range map[string]gittoken.Provider{
		"x-yz_0123456789ABCDE":                         gittoken.GitLab,
		"MjUyOTczNTE1MDY5OgAAAAAAAAAAAAAAAAAAAAAAAAAA": gittoken.BitbucketServer,
		"ATlassianLooksAlike":                          gittoken.BitbucketCloud,
		// What looks like a name and its value, and is a token: with a prefix of the server's own, a filled-up base64,
		// a checksum at its end, and letters that are a name's by chance.
		"acme=0123456789abcdef":                        gittoken.GitLab,
		"git.acme.com/@:0123456789abcdef":              gittoken.GitLab,
		"MjUyOTczNTE1MDY5OgAAAAtokenAAAAAAAAAAAAAAA==": gittoken.BitbucketServer,
		"QWxhZGRpbjpvcGVuIHNlc2FtZXBhc3N3b3JkX=1A2B3C": gittoken.BitbucketCloud,
		"tokenize-0123456789abcdef":                    gittoken.GitLab,
	} {
		token := gittoken.NewSecret(text)
		if err := gittoken.CheckShape(p, token); err != nil {
			t.Errorf("%s: %q: %v", p, text, err)
		}

		if k := gittoken.KindByPrefix(p, token); k != gittoken.KindUnknown {
			t.Errorf("%s: %q: kind %s", p, text, k)
		}
	}

	// Bitbucket Cloud's tokens end with "=" and a checksum.
	long := gittoken.NewSecret("ATATT3xFfGF0token_secret_key=1A2B3C4D")
	if err := gittoken.CheckShape(gittoken.BitbucketCloud, long); err != nil {
		t.Error(err)
	}
}

func TestShapeErrorOfUnknownProblem(t *testing.T) {
	t.Parallel()

	if got := (&gittoken.ShapeError{Problem: "odd"}).Error(); got == "" {
		t.Error("no message")
	}
}

func FuzzCheckShape(f *testing.F) {
	for _, test := range prefixTests() {
		f.Add(test.prefix + "0123456789abcdefghijklmnop")
	}

	f.Add(" \n")
	f.Add("abcdefghijklmnop\r\n")
	f.Add("\xff\xfe\x00aaaaaaaaaaaaaaaa")

	f.Fuzz(func(t *testing.T, text string) {
		token := gittoken.NewSecret(text)

		for _, p := range append(gittoken.Providers(), "") {
			kind := gittoken.KindByPrefix(p, token)
			if kind != gittoken.KindUnknown && !slices.Contains(gittoken.Kinds(p), kind) {
				t.Errorf("%s hands out %s", p, kind)
			}

			err := gittoken.CheckShape(p, token)

			var shape *gittoken.ShapeError
			if err != nil && !errors.As(err, &shape) {
				t.Fatalf("%T", err)
			}

			if err == nil && (text == "" || strings.ContainsAny(text, " \t\r\n\x00")) {
				t.Errorf("%q passes", text)
			}

			// Shorter texts may be words of the message.
			if err != nil && len(text) > 30 && strings.Contains(err.Error()+fmt.Sprintf("%#v", err), text) {
				t.Errorf("%q is in the message", text)
			}
		}
	})
}
