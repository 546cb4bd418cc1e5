package redact_test

import (
	"encoding/base64"
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// lined breaks a text into three lines.
func lined(text, lineBreak string) string {
	n := len(text) / 3

	return text[:n] + lineBreak + text[n:2*n] + lineBreak + text[2*n:]
}

func inBase64(text string) string { return base64.StdEncoding.EncodeToString([]byte(text)) }

// Programs print bytes in many ways, and wrap what they print. Known secrets are found in all of them, and so are those
// of others if their looks give them away.
func TestProgramsSpellings(t *testing.T) {
	t.Parallel()

	const (
		token = "ghp_aB3dE6gH9jK2mN5pQ8sT1vW4xY7zA0bC3dE6"
		web   = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJhIn0.aB3dE6gH9jK2mN5pQ8sT1v"
	)

	spellings := map[string]func(text string) string{
		"hexadecimal":        func(text string) string { return hex.EncodeToString([]byte(text)) },
		"hexadecimal, upper": func(text string) string { return fmt.Sprintf("%X", text) },
		"hexadecimal, apart": func(text string) string { return fmt.Sprintf("% x", text) },
		"hexadecimal, colons": func(text string) string {
			return strings.ReplaceAll(fmt.Sprintf("% x", text), " ", ":")
		},
		"hexadecimal, in a program": func(text string) string { return fmt.Sprintf("%# x", text) },
		"hexadecimal, with commas": func(text string) string {
			return strings.ReplaceAll(fmt.Sprintf("%# x", text), " ", ", ")
		},
		"hexadecimal, behind a digit": func(text string) string { return "5" + hex.EncodeToString([]byte(text)) },
		"a list of bytes":             func(text string) string { return fmt.Sprintf("%d", []byte(text)) },
		"a list of bytes, in JSON": func(text string) string {
			return strings.ReplaceAll(fmt.Sprintf("%d", []byte(text)), " ", ",")
		},
		"quoted-printable":        func(text string) string { return escapedWhole("=%02X", text) },
		`\x`:                      func(text string) string { return escapedWhole(`\x%02x`, text) },
		"octal":                   func(text string) string { return escapedWhole(`\%03o`, text) },
		`\u{}`:                    func(text string) string { return escapedWhole(`\u{%X}`, text) },
		`\U`:                      func(text string) string { return escapedWhole(`\U%08x`, text) },
		"JavaScript's escape":     func(text string) string { return escapedWhole("%%u%04X", text) },
		"HTML without semicolons": func(text string) string { return escapedWhole("&#%d", text) },
		"HTML with zeros":         func(text string) string { return escapedWhole("&#X%04X;", text) },
		"HTML, by name":           strings.NewReplacer("_", "&lowbar;", ".", "&period;").Replace,
		"a query six times over":  func(text string) string { return escapedWhole("%%25252525%02X", text) },
		"lines":                   func(text string) string { return lined(text, "\n    ") },
		"lines of a quotation":    func(text string) string { return lined(text, "\r\n> ") },
		"lines of a shell":        func(text string) string { return lined(text, "\\\n") },
		"lines of a page":         func(text string) string { return lined(text, "<wbr>") },
		"lines in JSON":           func(text string) string { return lined(text, `\n`) },
		"in colours":              func(text string) string { return lined(text, "\x1b[1;31m") },
		"UTF-16 in Base64":        func(text string) string { return inBase64(escapedWhole("%c\x00", text)) },
		"Base64 in Base64":        func(text string) string { return inBase64("Basic " + inBase64("user:"+text)) },
		"JSON in Base64": func(text string) string {
			return inBase64(`{"token":"` + escapedWhole(`\u%04x`, text) + `"}`)
		},
		"a query in Base64": func(text string) string {
			return inBase64("t=" + escapedWhole("%%%02X", text))
		},
		"Base64 in lines":   func(text string) string { return lined(inBase64("user:"+text), "\r\n") },
		"Base64 in a query": func(text string) string { return escapedWhole("%%%02x", inBase64("u:"+text)) },
		"hexadecimal of Base64": func(text string) string {
			return hex.EncodeToString([]byte(inBase64("u:" + text)))
		},
		"the user of Basic":       func(text string) string { return "Basic " + inBase64(text+":x-oauth-basic") },
		"Base64 behind one byte":  func(text string) string { return inBase64(":" + text + "!") },
		"Base64 behind two bytes": func(text string) string { return inBase64("::" + text + "!!") },
		"Base64 for URLs, no ending": func(text string) string {
			return base64.RawURLEncoding.EncodeToString([]byte(">?>:" + text))
		},
	}

	for name, spell := range spellings {
		for what, r := range map[string]*redact.Redactor{"known": knowing(token, web, key), "strange": redact.New()} {
			for _, secret := range []string{token, web, key} {
				text := "see: " + spell(secret) + "; there"
				left := strings.ReplaceAll(r.Text(text), redact.Mark, "")

				if len(left) > len("see: ; there")+len(spell(""))+len(spell("aaaa")) {
					t.Errorf("%s, %s: %q of %q is left", name, what, left, text)
				}
			}
		}
	}
}

// A secret may start a line as a quotation does.
func TestLinesOfWhatLooksLikeAQuotation(t *testing.T) {
	t.Parallel()

	const secret = "q/8+vB:e=Z&k<m>t%69~Rw"
	if got := knowing(secret).Text(lined(secret, "\n    ")); got != redact.Mark {
		t.Errorf("%q is left", got)
	}
}

// Numbers, checksums and listings that are no secret stay, whatever they decode to.
func TestNumbersStay(t *testing.T) {
	t.Parallel()

	r := knowing(classic, key)
	for _, text := range []string{
		"sha256:9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
		"commit 0123456789abcdef0123456789abcdef01234567", "10.0.12.34, 10.0.12.35", "2026-11-26 19:43:52",
		"48 65 6c 6c 6f 20 77 6f 72 6c 64 20 6f 66 20 73 61 6e 64", "[72 101 108 108 111 32 119 111 114 108 100]",
		`C:\new\table\x`, "a line\nand another one\n> quoted", "&copy; 2026 &#169;", "50%u 100%",
	} {
		if got := r.Text(text); got != text {
			t.Errorf("%q becomes %q", text, got)
		}
	}
}
