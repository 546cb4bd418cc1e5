package redact

import (
	"encoding/base64"
	"strings"
	"testing"
)

// What precedes and follows a secret in a Base64 text has no say in what is looked for.
func TestInterior(t *testing.T) {
	t.Parallel()

	for shift, before := range []string{"", "x", "xy"} {
		for _, after := range []string{"", "1", "12", "123"} {
			encoded := base64.StdEncoding.EncodeToString([]byte(before + "secret-text" + after))

			piece := interior("secret-text", shift)
			if !strings.Contains(encoded, piece) || len(piece) < 13 {
				t.Errorf("shift %d, before %q: %q is not in %q", shift, after, piece, encoded)
			}
		}
	}

	if got := interior("", 1); got != "" {
		t.Errorf("of nothing: %q", got)
	}
}
