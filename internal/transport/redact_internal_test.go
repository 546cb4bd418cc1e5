package transport

import (
	"encoding/base64"
	"net/http"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// A token is struck from answers in whatever Base64 a server would repeat it, alone or behind a user name.
func TestRedactorKnowsBase64(t *testing.T) {
	t.Parallel()

	const token = "ghp_0123456789abcdefghijklmnopqrstuvwxyz"

	r := newRedactor(spellings(gittoken.NewSecret(token)))

	for _, user := range []string{"", "a", "ab", "abc", "ci@example.com"} {
		whole := token
		if user != "" {
			whole = user + ":" + token
		}

		for name, encoding := range map[string]*base64.Encoding{
			"standard": base64.StdEncoding, "unpadded": base64.RawStdEncoding, "for URLs": base64.URLEncoding,
			"for URLs, unpadded": base64.RawURLEncoding,
		} {
			encoded := encoding.EncodeToString([]byte(whole))
			for _, text := range []string{encoded, encoded + "x", "<title>" + encoded + "</title>"} {
				header := http.Header{"X-Echo": {text}}
				r.headers(header)

				for _, got := range []string{string(r.body([]byte(text))), header.Get("X-Echo")} {
					if !strings.Contains(got, "(redacted)") || strings.Contains(got, encoded[len(encoded)-20:]) {
						t.Errorf("%s, behind %q: %q", name, user, got)
					}
				}
			}
		}
	}
}

func TestInterior(t *testing.T) {
	t.Parallel()

	// What precedes and follows has no say in it.
	for shift, before := range []string{"", "x", "xy"} {
		for _, after := range []string{"", "1", "12", "123"} {
			encoded := base64.StdEncoding.EncodeToString([]byte(before + "secret-text" + after))
			piece := interior(base64.StdEncoding, "secret-text", shift)
			if !strings.Contains(encoded, piece) || len(piece) < 13 {
				t.Errorf("shift %d, before %q: %q is not in %q", shift, after, piece, encoded)
			}
		}
	}

	if got := interior(base64.StdEncoding, "", 1); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
