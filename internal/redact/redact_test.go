package redact_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

const (
	classic = "ghp_0123456789abcdefghijABCDEFGHIJ012345"
	key     = "6f3a0c1d2e4b5a6978.00aa11bb22cc33dd44ee55ff66778899"
	odd     = `a/b+"c d>é😀\n%41`
)

func knowing(secrets ...string) *redact.Redactor {
	r := redact.New()
	for _, s := range secrets {
		r.Add(gittoken.NewSecret(s))
	}

	return r
}

func quoted(text string) string {
	b, err := json.Marshal(text)
	if err != nil {
		panic(err) // strings always marshal
	}

	return strings.Trim(string(b), `"`)
}

func escapedWhole(format, text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, format, c)
	}

	return b.String()
}

// A server can repeat a secret in any of these spellings; whatever it is, nothing is left.
func TestKnownSpellings(t *testing.T) {
	t.Parallel()

	for _, secret := range []string{classic, key, odd, "glpat-Ab0_-xyz9XYZ12345678", "9f8e7d6c5b4a", "pw?~?~>Qx7Lq"} {
		r := knowing("another-secret-0000000001", secret)

		spellings := map[string]string{
			"as it is":            secret,
			"JSON":                quoted(secret),
			"JSON twice":          quoted(quoted(secret)),
			"JSON thrice":         quoted(quoted(quoted(secret))),
			"query":               url.QueryEscape(secret),
			"query twice":         url.QueryEscape(url.QueryEscape(secret)),
			"query in JSON":       quoted(url.QueryEscape(quoted(secret))),
			"path":                url.PathEscape(secret),
			"every byte":          escapedWhole("%%%02x", secret),
			"every byte, upper":   escapedWhole("%%%02X", secret),
			"HTML":                html.EscapeString(secret),
			"slashes escaped":     strings.ReplaceAll(quoted(secret), "/", `\/`),
			"one character":       strings.Replace(quoted(secret), "b", `\u0062`, 1),
			"invisible inside":    secret[:4] + "\u200b\x00" + secret[4:],
			"Base64":              base64.StdEncoding.EncodeToString([]byte(secret)),
			"Base64 raw":          base64.RawStdEncoding.EncodeToString([]byte(secret)),
			"Base64 for URLs":     base64.URLEncoding.EncodeToString([]byte(secret)),
			"Base64 for URLs raw": base64.RawURLEncoding.EncodeToString([]byte(secret)),
			"Basic":               base64.StdEncoding.EncodeToString([]byte("someone:" + secret)),
			"Basic, one more":     base64.StdEncoding.EncodeToString([]byte("someone1:" + secret)),
			"Basic, two more":     base64.StdEncoding.EncodeToString([]byte("someone12:" + secret + "\n")),
			"Basic in JSON":       quoted(url.QueryEscape(base64.StdEncoding.EncodeToString([]byte("a:" + secret)))),
		}
		if ascii := secret; ascii == classic || ascii == key {
			// Names of hosts have no capitals, and programs print some numbers in capitals only.
			spellings["small letters"] = strings.ToLower(secret)
			spellings["capitals"] = strings.ToUpper(secret)
			spellings["Base64 in small letters"] = strings.ToLower(inBase64("someone:" + secret))
			spellings["JSON, every character"] = escapedWhole(`\u%04x`, secret)
			spellings["JSON twice, every character"] = escapedWhole(`\\u%04X`, secret)
			spellings["HTML, every character"] = escapedWhole("&#%d;", secret)
			spellings["HTML, every character, hexadecimal"] = escapedWhole("&#x%x;", secret)
		}

		for name, text := range spellings {
			for _, around := range [][2]string{{"before ", " after"}, {"", ""}, {"<", ">"}, {"é «", "»"}, {"100% ", "%"}} {
				got := r.Text(around[0] + text + around[1])
				if want := around[0] + redact.Mark + around[1]; got != want {
					t.Errorf("%s of %q: %q, want %q", name, secret, got, want)
				}
			}

			if got := string(r.JSON([]byte("x " + text))); got != "x "+redact.Mark {
				t.Errorf("%s of %q: JSON gives %q", name, secret, got)
			}

			if !r.Finds(text) {
				t.Errorf("%s of %q is not found", name, secret)
			}
		}
	}
}

// What stands before a secret does not swallow its first characters as a part of an escape.
func TestKnownBehindWhatLooksLikeAnEscape(t *testing.T) {
	t.Parallel()

	secret := "abcdef0123456789abcdef0123456789"
	r := knowing(secret)

	for _, before := range []string{"%", "%4", `\`, `\\`, `\u`, `\u00`, "&#", "&#x", "&"} {
		for _, text := range []string{secret, secret[:20] + `\u00` + fmt.Sprintf("%02x", secret[20]) + secret[21:]} {
			got := r.Text(before + text)
			if strings.Contains(got, secret[4:12]) || !strings.Contains(got, redact.Mark) {
				t.Errorf("%q behind %q: %q", text, before, got)
			}
		}
	}
}

// A secret that was cut off, or broken into pieces, is struck out as far as it is there.
func TestParts(t *testing.T) {
	t.Parallel()

	long := strings.Repeat("0123456789abcdef", 1500)
	r := knowing(key, long)

	for text, want := range map[string]string{
		"the key " + key[:30] + "…":                "the key (redacted)…",
		"the key …" + key[21:]:                     "the key …(redacted)",
		"the key " + key[:20] + "!" + key[20:]:     "the key " + key[:20] + "!(redacted)",
		"its number is " + key[:18]:                "its number is " + key[:18],
		"xx" + long + "yy":                         "xx(redacted)yy",
		"xx " + long[3:400] + " yy":                "xx (redacted) yy",
		key + key:                                  "(redacted)",
		key + " " + key:                            "(redacted) (redacted)",
		strings.ToUpper(key):                       "(redacted)", // the same numbers
		"https://x/?a=" + url.QueryEscape(key[1:]): "https://x/?a=(redacted)",
	} {
		if got := r.Text(text); got != want {
			t.Errorf("%.80q: %.80q, want %.80q", text, got, want)
		}
	}
}

// Words that a secret happens to be equal to stay, and so does what is too short to be a secret.
func TestOrdinaryWordsStay(t *testing.T) {
	t.Parallel()

	words := []string{
		"production", "default", "changeme", "changeme123", "my-git-token", "acme", "token", "password1", "eu-west-1",
		"12345678", "2026-11-26", "192.168.100.100", "runtime prod", "ci", "x", "",
	}
	r := knowing(words...)

	for _, word := range words {
		text := "The runtime " + word + " of acme in eu-west-1 (default) has a token; see production."
		if got := r.Text(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}

	encoded := base64.StdEncoding.EncodeToString([]byte("me:changeme"))
	if got := r.Text("Basic " + encoded); got != "Basic (redacted)" {
		t.Errorf("a word in Base64: %q", got)
	}

	// A part of a longer secret is no secret either if it is made of words.
	r = knowing("acme-production-cluster-token-2024-q3x9")
	if text := "runtime acme-production-cluster-token is away"; r.Text(text) != text {
		t.Errorf("%q becomes %q", text, r.Text(text))
	}
}

// The names that servers give to requests stay readable, whoever's they are, and a secret in their place does not.
func TestRequestIDsStay(t *testing.T) {
	t.Parallel()

	const token = "ghp_9uQx7vT2mZk4LwR8sYb3NcJ6hGf1PdE5aXoV"

	r := knowing("C0DE2A5F1B1B2C3D4E5F606566A1B2", "6f1d2c3b4a596877")

	for _, id := range []string{
		"C0DE:2A5F1B:1B2C3D:4E5F60:6566A1B2", "C0DE:15F85E:217A0E:2D16A3:6AB345D8", // GitHub
		"a43bf264fa610959-FRA", "01M2JF0CG0X8D3ZK7Q5RWN1VTC", // GitLab.com, any other GitLab
		"@1Q4K7ZMx720x48213x0", "*N65BDNx354x326907x12", // Bitbucket Data Center
		"84f7129976b04ccea28721c80d6ce140", "84f71299-76b0-4cce-a287-21c80d6ce140", // Bitbucket Cloud, nginx
	} {
		for _, around := range []string{"%s", "Request id: %s.", `{"request_id":"%s"}`, "X-Request-Id: %s\r\n"} {
			text := fmt.Sprintf(around, id)
			if got := r.Text(text); got != text {
				t.Errorf("%q becomes %q", text, got)
			}

			if got := string(r.JSON([]byte(text))); got != text {
				t.Errorf("%q becomes %q in an answer", text, got)
			}
		}

		for _, text := range []string{token, id + ":" + token, id + "-" + token + ":" + id} {
			if got := r.Text("Request id: " + text); strings.Contains(got, token[4:]) {
				t.Errorf("%q becomes %q", text, got)
			}
		}
	}

	if got := r.Text("Request id: C0DE:6f1d2c3b4a596877:1B2C3D"); got != "Request id: C0DE:(redacted):1B2C3D" {
		t.Errorf("what the provider knows becomes %q", got)
	}
}

func TestShapes(t *testing.T) {
	t.Parallel()

	r := redact.New()

	for text, want := range map[string]string{
		"Authentication failed for 'https://x-access-token:abc@github.com/o/r.git'":
		/**/ "Authentication failed for 'https://(redacted)@github.com/o/r.git'",
		"https://abc@github.com/o/r":                                              "https://(redacted)@github.com/o/r",
		"https://u:p@ss@host/x":                                                   "https://(redacted)@host/x",
		"https://u:p/a#s?s@host/x":                                                "https://(redacted)@host/x",
		`"https:\/\/u:p\u0040host\/x"`:                                            `"https:\/\/(redacted)\u0040host\/x"`,
		"to=https%3A%2F%2Fu%3Ap%40host%2Fx":                                       "to=https%3A%2F%2F(redacted)%40host%2Fx",
		"ssh://git@host/o/r":                                                      "ssh://git@host/o/r",
		"ssh://git:secret@host/o/r":                                               "ssh://git:(redacted)@host/o/r",
		"git@github.com:o/r.git":                                                  "git@github.com:o/r.git",
		"https://host:8443/x@y":                                                   "https://host:8443/x@y",
		"https://host/a//b@c":                                                     "https://host/a//b@c",
		"write to ci@example.com or https://host/":                                "write to ci@example.com or https://host/",
		"https://(redacted)@host":                                                 "https://(redacted)@host",
		"no host " + strings.ToLower(classic) + ".evil.example":                   "no host (redacted)",
		"GLPAT-AB0_-XYZ9XYZ12345678 is it":                                        "(redacted) is it",
		strings.ToUpper(key) + " is the key":                                      "(redacted) is the key",
		"oauth2:a1b2c3d4@gitlab.com/o/r.git":                                      "oauth2:(redacted)@gitlab.com/o/r.git",
		"gitlab-ci-token:64_xyz@host:84/o":                                        "gitlab-ci-token:(redacted)@host:84/o",
		"cannot read https:/u:hunter2@host/o/r":                                   "cannot read https:/(redacted)@host/o/r",
		"oauth2: see admin@example.com":                                           "oauth2: see admin@example.com",
		"ÄÖÜ İSTANBUL ghp_" + classic[4:] + "!":                                   "ÄÖÜ İSTANBUL (redacted)!",
		classic + ".":                                                             "(redacted)",
		"it is " + base64.StdEncoding.EncodeToString([]byte(classic)):             "it is (redacted)",
		"/a/" + base64.RawURLEncoding.EncodeToString([]byte("u:"+classic)) + "?x": "(redacted)?x",
		"x=" + base64.StdEncoding.EncodeToString([]byte("https://u:p@git.example.com/o/r")) + "&y": "x=(redacted)&y",
		"sum 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=":
		/**/ "sum 47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=",
		"after " + base64.StdEncoding.EncodeToString([]byte(`{"name":"runtime-1","id":4711}`)):
		/**/ "after " + base64.StdEncoding.EncodeToString([]byte(`{"name":"runtime-1","id":4711}`)),
		"ghp_short, ghp_ and github_pat_":                 "ghp_short, ghp_ and github_pat_",
		"a prefix such as glpat-aaaa-bbbb-cccc":           "a prefix such as glpat-aaaa-bbbb-cccc",
		"token glpat-Ab0_-xyz9XYZ12345678!":               "token (redacted)!",
		`{"t":"github_pat_11ABCDEFG0abcdefghij_KLMNOP0"}`: `{"t":"(redacted)"}`,
		"ATATT3xFfGF0abc-_def012345=1A2B3C4D is it":       "(redacted) is it",
		"at https://x/glpat-Ab0_-xyz9XYZ12345678/more":    "at https://x/(redacted)/more",
		"BBDC-MDM0MjM5NDc2MDxxOvzA/Wf+b6gX is one":        "(redacted) is one",
		"COMBATBB0123456789abcdef":                        "COMBATBB0123456789abcdef",
		"Authorization: Bearer abc0defg":                  "Authorization: Bearer (redacted)",
		"Authorization: Basic Zm9vOmJhcg==, next":         "Authorization: Basic (redacted), next",
		`"authorization":"0123abcd"`:                      `"authorization":"(redacted)"`,
		"PRIVATE-TOKEN: a1b2c3d4e5":                       "PRIVATE-TOKEN: (redacted)",
		"Authorization: missing":                          "Authorization: missing",
		"SAML authorization: https://github.com/orgs/a/sso?authorization_request=AB01":
		/**/ "SAML authorization: https://github.com/orgs/a/sso?authorization_request=AB01",
		"sent Bearer abcdefgh01234567, which": "sent Bearer (redacted), which",
		"Basic authentication-with-passwords is off":
		/**/ "Basic authentication-with-passwords is off",
		"GET /x?private_token=hunter2&a=b": "GET /x?private_token=(redacted)&a=b",
		"GET /x?code=404&page=2":           "GET /x?code=404&page=2",
		"the key " + key:                   "the key (redacted)",
		"1.2.3 and 0123456789abcdef0123456789abcdef":
		/**/ "1.2.3 and 0123456789abcdef0123456789abcdef",
		"eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.sig_-1,":                        "(redacted),",
		"a\n-----BEGIN RSA PRIVATE KEY-----\nx\n-----END RSA PRIVATE KEY-----\nb": "a\n(redacted)\nb",
		"-----BEGIN PRIVATE KEY-----\nx":                                          "(redacted)",
		"-----BEGIN CERTIFICATE-----\nx":                                          "-----BEGIN CERTIFICATE-----\nx",
	} {
		got := r.Text(text)
		if got != want {
			t.Errorf("%q: %q, want %q", text, got, want)
		}

		if again := r.Text(got); again != got {
			t.Errorf("%q: once more %q", got, again)
		}

		if r.Finds(text) != (text != want) {
			t.Errorf("%q: found is %t", text, r.Finds(text))
		}
	}
}

func TestJSON(t *testing.T) {
	t.Parallel()

	r := knowing(classic, odd)

	for text, want := range map[string]string{
		`{"a":"ghp\u005f` + classic[4:] + `","b":[1,"x\"y",null]}`: `{"a":"(redacted)","b":[1,"x\"y",null]}`,
		`{"` + classic + `":"https:\/\/u:p@h\/"}`:                  `{"(redacted)":"https://(redacted)@h/"}`,
		`["` + quoted(odd) + `", "` + quoted(quoted(odd)) + `"]`:   `["(redacted)", "(redacted)"]`,
		`{"a" : "nothing\/here"}`:                                  `{"a" : "nothing\/here"}`,
		`"\\"`:                                                     `"\\"`,
		``:                                                         ``,
		`not JSON: ` + classic:                                     `not JSON: (redacted)`,
	} {
		got := string(r.JSON([]byte(text)))
		if got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}

		if json.Valid([]byte(text)) != json.Valid([]byte(got)) {
			t.Errorf("%s is not JSON any more: %s", text, got)
		}
	}
}

// What a program logs passes the redactor line by line.
func TestWriter(t *testing.T) {
	t.Parallel()

	var log strings.Builder

	logger := slog.New(slog.NewTextHandler(knowing("it's a secret, isn't it?").Writer(&log), nil))
	logger.Info("received", "text", "see it's a secret, isn't it? there", "token", []byte(classic))

	if got := log.String(); strings.Contains(got, "isn't") || strings.Contains(got, classic[4:]) ||
		strings.Count(got, redact.Mark) != 2 || !strings.HasSuffix(got, "\n") {
		t.Errorf("it writes %q", got)
	}

	broken := errors.New("broken")
	if n, err := redact.New().Writer(brokenWriter{broken}).Write([]byte("text")); n != 0 || !errors.Is(err, broken) {
		t.Errorf("a broken writer: %d, %v", n, err)
	}
}

type brokenWriter struct{ err error }

func (w brokenWriter) Write([]byte) (int, error) { return 0, w.err }

// A Redactor is the last thing that may tell what it knows.
func TestRedactorIsOpaque(t *testing.T) {
	t.Parallel()

	r := knowing(classic)

	var log strings.Builder

	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "redactor", r)

	text, err := json.Marshal(r)
	if err != nil {
		t.Fatal(err)
	}

	shown := log.String() + string(text) + r.String() + r.GoString()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		shown += fmt.Sprintf(verb+verb, r, struct{ R *redact.Redactor }{r})
	}

	if strings.Contains(shown, classic[:8]) || strings.Contains(shown, fmt.Sprintf("%x", classic[:8])) {
		t.Errorf("it shows %s", shown)
	}
}

func TestConcurrentUse(t *testing.T) {
	t.Parallel()

	r := redact.New()
	done := make(chan struct{})

	for n := range 8 {
		go func() {
			defer func() { done <- struct{}{} }()

			for i := range 50 {
				secret := fmt.Sprintf("glpat-%04d%04dabcdefghijkl", n, i)
				r.Add(gittoken.NewSecret(secret), gittoken.NewSecret(secret))

				if got := r.Text("x " + secret); got != "x (redacted)" {
					t.Errorf("%q", got)
				}
			}
		}()
	}

	for range 8 {
		<-done
	}
}

func FuzzText(f *testing.F) {
	f.Add("tok\"en", "before ", " after")
	f.Add("%2f\\u0041", "\\", "\xff")
	f.Add(classic, "https://u:", "@h")

	f.Fuzz(func(t *testing.T, secret, before, after string) {
		r := knowing(secret)

		got := r.Text(before + secret + after)
		if again := r.Text(got); len(again) > len(got) {
			t.Errorf("%q becomes %q when redacted again", got, again)
		}

		// Whatever is as long as a token is struck out, whatever it is made of.
		secret = strings.TrimSpace(secret)
		if len(secret) >= 20 && strings.Contains(got, secret) {
			t.Errorf("%q is left in %q", secret, got)
		}

		if text := before + after; json.Valid([]byte(text)) && !json.Valid(r.JSON([]byte(text))) {
			t.Errorf("%q is no JSON any more: %q", text, r.JSON([]byte(text)))
		}
	})
}

// As many secrets and texts as a large configuration has.
func BenchmarkText(b *testing.B) {
	r := redact.New()
	for i := range 5000 {
		r.Add(gittoken.NewSecret(fmt.Sprintf("github_pat_11ABCDEFG0%05dabcdefghij_KLMNOPQRSTUVWXYZ%05d", i, i*7)))
	}

	const text = "The app-proxy of runtime prod-eu-1 (https://gitops.example.com/app-proxy) says: Git token is valid, " +
		"last checked 2026-11-26T10:00:00Z by ci-bot; the repository https://github.com/acme/gitops.git was cloned."

	for name, text := range map[string]string{
		"plain":   text,
		"escaped": strings.ReplaceAll(text, "/", `\/`),
		"secret":  text + " github_pat_11ABCDEFG004711abcdefghij_KLMNOPQRSTUVWXYZ32977",
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(len(text)))

			for b.Loop() {
				r.Text(text)
			}
		})
	}

	body := []byte(`{"nodes":[` + strings.Repeat(`"`+quoted(text)+`",`, 5000) + "0]}")

	b.Run("body", func(b *testing.B) {
		b.SetBytes(int64(len(body)))

		for b.Loop() {
			r.JSON(body)
		}
	})
}

func BenchmarkAdd(b *testing.B) {
	r := redact.New()

	for i := 0; b.Loop(); i++ {
		r.Add(gittoken.NewSecret(fmt.Sprintf("ghp_%036d", i)))
	}
}
