package wire_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"log/slog"
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
		e := wire.Envelope{}
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

	e := wire.Envelope{}
	a, b := e.Token(gittoken.NewSecret("one")), e.Token(gittoken.NewSecret("two"))
	again := e.Token(gittoken.NewSecret("one"))

	body, err := e.Encode([]wire.Token{b, a, b, again})
	if err != nil || string(body) != `["two","one","two","one"]` {
		t.Errorf("body %s, error %v", body, err)
	}
}

// What stands for a secret differs from process to process, so that no name in a request is taken for it.
func TestStandInsAreSalted(t *testing.T) {
	t.Parallel()

	a, b := wire.Envelope{Salt: []byte("a")}, wire.Envelope{Salt: []byte("b")}
	secret := gittoken.NewSecret("0123456789abcdef")

	first, err := json.Marshal(a.Token(secret))
	if err != nil {
		t.Fatal(err)
	}

	second, err := json.Marshal(b.Token(secret))
	if err != nil || bytes.Equal(first, second) || bytes.Contains(first, []byte("0123456789abcdef")) {
		t.Errorf("%s and %s, %v", first, second, err)
	}
}

func TestEncodeFails(t *testing.T) {
	t.Parallel()

	e := wire.Envelope{}
	if _, err := e.Encode(func() {}); err == nil {
		t.Error("a function was encoded")
	}

	const broken = "secret\xff"

	token := e.Token(gittoken.NewSecret(broken))
	if _, err := e.Encode(token); err == nil || strings.Contains(err.Error(), "secret\xff") {
		t.Errorf("error for what is not UTF-8: %v", err)
	}

	e = wire.Envelope{}
	e.Token(gittoken.NewSecret("unused"))

	if _, err := e.Encode("nothing of the kind"); err == nil {
		t.Error("a request without its token was encoded")
	}
}

// Nothing but the envelope puts the text anywhere.
func TestTokenIsOpaque(t *testing.T) {
	t.Parallel()

	const text = "0123456789abcdef"

	e := wire.Envelope{}
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

func TestTrim(t *testing.T) {
	t.Parallel()

	if got := wire.Trim(gittoken.NewSecret(" a key\r\n")); !got.Equal(gittoken.NewSecret("a key")) {
		t.Error("white space is left")
	}

	if !wire.Trim(gittoken.Secret{}).IsEmpty() {
		t.Error("an empty secret has a text")
	}
}
