package gittoken_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"reflect"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const secretText = "ghp_doNotShowMe0123456789"

// leaks reports whether shown has the secret in it, plainly or as hexadecimal digits or numbers.
func leaks(shown string) bool {
	for _, form := range []string{
		secretText, "doNotShowMe", fmt.Sprintf("%x", secretText), fmt.Sprintf("%X", secretText),
		strings.Trim(fmt.Sprint([]byte(secretText)), "[]"), //nolint:staticcheck // the numbers are meant
	} {
		if strings.Contains(shown, form) {
			return true
		}
	}

	return false
}

func TestSecretIsNotFormatted(t *testing.T) {
	t.Parallel()

	s := gittoken.NewSecret(secretText)

	type hidden struct {
		name  string
		token gittoken.Secret
		more  *gittoken.Secret
	}

	nested := hidden{name: "ci-bot", token: s, more: &s}
	credential := gittoken.Credential{Token: s, Username: "ci-bot"}

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%T", "%c", "%U", "% x", "%100v"} {
		for _, value := range []any{
			s, &s, nested, &nested, credential, &credential,
			[]gittoken.Secret{s},
			map[string]gittoken.Secret{"k": s},
			map[string]any{"k": nested},
		} {
			if shown := fmt.Sprintf(verb, value); leaks(shown) {
				t.Errorf("%s of %T shows the secret: %s", verb, value, shown)
			}
		}
	}

	if shown := fmt.Sprintf("%v %s %#v %x", s, s, s, s); shown != strings.TrimSpace(strings.Repeat("(redacted) ", 4)) {
		t.Errorf("shown as %q", shown)
	}

	if s.String() != "(redacted)" || s.GoString() != "(redacted)" {
		t.Errorf("shown as %q and %q", s.String(), s.GoString())
	}

	if shown := fmt.Sprint(reflect.ValueOf(nested).Field(1)); leaks(shown) {
		t.Errorf("reflection shows the secret: %s", shown)
	}
}

func TestSecretIsNotEncoded(t *testing.T) {
	t.Parallel()

	s := gittoken.NewSecret(secretText)

	encoded, err := json.Marshal(map[string]any{"plain": s, "pointer": &s, "in": gittoken.Credential{Token: s}})
	if err != nil {
		t.Fatal(err)
	}

	if leaks(string(encoded)) || !strings.Contains(string(encoded), `"plain":"(redacted)"`) {
		t.Errorf("encoded as %s", encoded)
	}

	text, err := s.MarshalText()
	if err != nil || string(text) != "(redacted)" {
		t.Errorf("MarshalText: %q, %v", text, err)
	}
}

func TestSecretIsNotLogged(t *testing.T) {
	t.Parallel()

	s := gittoken.NewSecret(secretText)

	var logged strings.Builder

	for _, handler := range []slog.Handler{slog.NewTextHandler(&logged, nil), slog.NewJSONHandler(&logged, nil)} {
		slog.New(handler).Info("asked", "token", s, "pointer", &s, "credential", gittoken.Credential{Token: s})
	}

	if leaks(logged.String()) || !strings.Contains(logged.String(), "(redacted)") {
		t.Errorf("logged: %s", logged.String())
	}
}

func TestSecretIsNotInErrors(t *testing.T) {
	t.Parallel()

	s := gittoken.NewSecret(secretText)

	for _, err := range []error{
		fmt.Errorf("asking with %v: %w", s, errors.ErrUnsupported),
		gittoken.CheckShape(gittoken.GitLab, s),
		gittoken.CheckShape(gittoken.GitHub, gittoken.NewSecret(secretText+" "+secretText)),
	} {
		if err == nil || leaks(err.Error()) || leaks(fmt.Sprintf("%#v", err)) {
			t.Errorf("error: %#v", err)
		}
	}
}

func TestSecretReveal(t *testing.T) {
	t.Parallel()

	if got := gittoken.NewSecret(secretText).Reveal(); got != secretText {
		t.Errorf("revealed as %q", got)
	}

	var zero gittoken.Secret
	if zero.Reveal() != "" || !zero.IsEmpty() || !gittoken.NewSecret("").IsEmpty() {
		t.Error("the zero secret is not empty")
	}

	if gittoken.NewSecret(secretText).IsEmpty() {
		t.Error("a secret is empty")
	}
}

func TestSecretEqual(t *testing.T) {
	t.Parallel()

	a, b, other := gittoken.NewSecret("one"), gittoken.NewSecret("one"), gittoken.NewSecret("two")

	if !a.Equal(b) || a.Equal(other) || a.Equal(gittoken.Secret{}) || !gittoken.NewSecret("").Equal(gittoken.Secret{}) {
		t.Error("Equal does not compare the texts")
	}
}

func TestNewSalt(t *testing.T) {
	t.Parallel()

	first, err := gittoken.NewSalt(rand.Reader)
	if err != nil || len(first) < 16 {
		t.Fatalf("%d bytes: %v", len(first), err)
	}

	second, err := gittoken.NewSalt(rand.Reader)
	if err != nil || bytes.Equal(first, second) {
		t.Errorf("two salts are alike: %v", err)
	}

	if salt, err := gittoken.NewSalt(strings.NewReader("too short")); err == nil || salt != nil {
		t.Errorf("%d bytes of a source that ended, and the error %v", len(salt), err)
	}
}

func TestSecretFingerprint(t *testing.T) {
	t.Parallel()

	// RFC 4231, test case 2.
	const want = "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"

	s := gittoken.NewSecret("what do ya want for nothing?")
	if got := s.Fingerprint([]byte("Jefe")); got != want {
		t.Errorf("fingerprint %s, want %s", got, want)
	}

	if s.Fingerprint([]byte("other salt")) == want {
		t.Error("the salt makes no difference")
	}
}
