package wire_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/url"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh/wire"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

type variables struct {
	Token wire.Token  `json:"token"`
	Again *wire.Token `json:"again,omitempty"`
	Name  string      `json:"name"`
}

func TestEncode(t *testing.T) {
	t.Parallel()

	for _, text := range []string{"plain", "", `q"uote\`, "<&>\u2028", "é\x00\n", "(redacted)"} {
		e := wire.NewEnvelope(gittoken.NewSecret("key"))
		token := e.Token(gittoken.NewSecret(text))

		body, err := e.Encode(variables{Token: token, Again: &token, Name: "(redacted)"})
		if err != nil {
			t.Fatal(err)
		}

		var got map[string]string
		if err := json.Unmarshal(body, &got); err != nil {
			t.Fatalf("%s: %v", body, err)
		}

		if diff := cmp.Diff(map[string]string{"token": text, "again": text, "name": "(redacted)"}, got); diff != "" {
			t.Errorf("body (-want +got):\n%s", diff)
		}
	}
}

func TestEncodeTwoSecrets(t *testing.T) {
	t.Parallel()

	e := wire.NewEnvelope(gittoken.Secret{})
	a, b := e.Token(gittoken.NewSecret("one")), e.Token(gittoken.NewSecret("two"))

	body, err := e.Encode([]wire.Token{b, a, b})
	if err != nil || string(body) != `["two","one","two"]` {
		t.Errorf("body %s, error %v", body, err)
	}
}

func TestEncodeFails(t *testing.T) {
	t.Parallel()

	e := wire.NewEnvelope(gittoken.Secret{})
	if _, err := e.Encode(func() {}); err == nil {
		t.Error("a function was encoded")
	}

	const broken = "secret\xff"

	token := e.Token(gittoken.NewSecret(broken))
	if _, err := e.Encode(token); err == nil || strings.Contains(err.Error(), "secret\xff") {
		t.Errorf("error for what is not UTF-8: %v", err)
	}

	e = wire.NewEnvelope(gittoken.Secret{})
	e.Token(gittoken.NewSecret("unused"))

	if _, err := e.Encode("nothing of the kind"); err == nil {
		t.Error("a request without its token was encoded")
	}
}

// Nothing but the envelope puts the text anywhere.
func TestTokenIsOpaque(t *testing.T) {
	t.Parallel()

	const text = "0123456789abcdef"

	e := wire.NewEnvelope(gittoken.NewSecret(text))
	v := variables{Token: e.Token(gittoken.NewSecret(text))}
	v.Again = &v.Token

	var log bytes.Buffer

	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "token", v.Token, "struct", v, "envelope", e)
	slog.New(slog.NewTextHandler(&log, nil)).Info("x", "token", v.Token, "struct", v, "envelope", e)

	encoded, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}

	shown := log.String() + string(encoded) + v.Token.String() + v.Token.GoString()
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%d"} {
		shown += fmt.Sprintf(verb+verb+verb, v.Token, v, e)
	}

	for _, form := range []string{text, fmt.Sprintf("%x", text), base64.StdEncoding.EncodeToString([]byte(text))} {
		if strings.Contains(shown, form) {
			t.Errorf("%q is in %s", form, shown)
		}
	}

	if got := fmt.Sprint(v.Token); got != "(redacted)" {
		t.Errorf("a token prints as %q", got)
	}
}

func TestRedact(t *testing.T) {
	t.Parallel()

	const secret, key = `a/b+"c d>é😀`, "0123456789.abcdefghij"

	e := wire.NewEnvelope(gittoken.NewSecret(key))
	e.Token(gittoken.NewSecret(secret))

	quoted, err := json.Marshal(secret)
	if err != nil {
		t.Fatal(err)
	}

	escaped := strings.Trim(string(quoted), `"`)

	twice, err := json.Marshal(escaped)
	if err != nil {
		t.Fatal(err)
	}

	long := strings.Repeat("k", 20<<10)
	overlong := wire.NewEnvelope(gittoken.NewSecret(long))

	for text, want := range map[string]string{
		"":                               "",
		"nothing here":                   "nothing here",
		"x" + secret + "y" + key + "z":   "x(redacted)y(redacted)z",
		"x" + escaped + "y":              "x(redacted)y",
		"x" + string(twice) + "y":        `x"(redacted)"y`,
		"x" + `a\/b+\"c d>é😀` + "y":      "x(redacted)y",
		`xa\/b+\"c d>\u00E9\ud83d\uDE00`: "x(redacted)",
		"x" + url.QueryEscape(secret):    "x(redacted)",
		"x" + url.PathEscape(secret):     "x(redacted)",
		"x" + strings.ToLower(url.QueryEscape(secret)) + "&":    "x(redacted)&",
		"%30123456789%2Eabcdefghij":                             "(redacted)",
		"x" + base64.StdEncoding.EncodeToString([]byte(key)):    "x(redacted)",
		"x" + base64.RawURLEncoding.EncodeToString([]byte(key)): "x(redacted)",
	} {
		if got := e.Redact(text); got != want {
			t.Errorf("Redact(%q) = %q, want %q", text, got, want)
		}
	}

	for _, user := range []string{"", "a", "ab", "abc"} {
		for _, tail := range []string{"", ":", "::", ":::"} {
			text := base64.StdEncoding.EncodeToString([]byte(user + key + tail))
			if got := e.Redact(text); !strings.Contains(got, "(redacted)") || strings.Contains(got, text[8:20]) {
				t.Errorf("Base64 of %q, the key and %q: %q", user, tail, got)
			}
		}
	}

	if got := overlong.Redact("x" + long + "y"); got != "x(redacted)y" {
		t.Errorf("an overlong secret: %d bytes are left", len(got))
	}

	if got := wire.NewEnvelope(gittoken.Secret{}).Redact("text"); got != "text" {
		t.Errorf("without secrets: %q", got)
	}
}

func TestTrim(t *testing.T) {
	t.Parallel()

	if got := wire.Trim(gittoken.NewSecret(" a key\r\n")); !got.Equal(gittoken.NewSecret("a key")) {
		t.Error("white space is left")
	}

	if !wire.Trim(gittoken.Secret{}).IsEmpty() {
		t.Error("an empty secret has a text")
	}
}

func FuzzRedact(f *testing.F) {
	f.Add("tok\"en", "before ", " after")
	f.Add("%2f\\u0041", "\\", "\xff")

	f.Fuzz(func(t *testing.T, secret, before, after string) {
		e := wire.NewEnvelope(gittoken.NewSecret(secret))

		got := e.Redact(before + secret + after)
		if len(secret) > len("(redacted)") && strings.Contains(got, secret) {
			t.Errorf("Redact left %q in %q", secret, got)
		}
	})
}
