package wire

import (
	"encoding/base64"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"unicode/utf16"
)

// minInterior is the shortest piece of a Base64 text that is redacted. A shorter one may be part of an ordinary word.
const minInterior = 8

// maxSpelled is the longest secret, in bytes, whose escaped spellings are looked for. No token and no key is that
// long, and a regular expression has its limits.
const maxSpelled = 16 << 10

// escapes are the characters without one of which nothing is escaped. Most texts have none, and the regular expression
// costs more than the rest of an answer.
const escapes = `\%+`

// redact replaces secret in text, in the spellings in which a server could repeat it: as it is, escaped for a URL or,
// once or more, for JSON, and in Base64, on its own or within something longer such as a password of HTTP Basic
// authentication.
func redact(text, secret string) string {
	if secret == "" || text == "" {
		return text
	}

	text = strings.ReplaceAll(text, secret, redacted)
	if len(secret) <= maxSpelled && strings.ContainsAny(text, escapes) {
		text = spelling(secret).ReplaceAllLiteralString(text, redacted)
	}

	for _, form := range base64Forms(secret) {
		text = strings.ReplaceAll(text, form, redacted)
	}

	return text
}

// spelling matches secret with any of its characters escaped.
func spelling(secret string) *regexp.Regexp {
	var b strings.Builder

	for _, r := range secret {
		// A backslash before it, or several if a JSON text was quoted in another one.
		b.WriteString(`(?:\\*` + regexp.QuoteMeta(string(r)))

		b.WriteString(`|(?i:`) // of percent-encoding
		for _, octet := range []byte(string(r)) {
			fmt.Fprintf(&b, `%%%02x`, octet)
		}

		b.WriteString(`|`) // of JSON
		for _, unit := range utf16.AppendRune(nil, r) {
			fmt.Fprintf(&b, `\\+u%04x`, unit)
		}

		b.WriteString(`)`)

		if r == ' ' {
			b.WriteString(`|\+`)
		}

		b.WriteString(`)`)
	}

	return regexp.MustCompile(b.String()) // every character is quoted, so it compiles
}

// base64Forms returns what of secret is seen in a Base64 text that holds it, longest first: else a form that is part of
// another would leave the other's rest behind.
func base64Forms(secret string) []string {
	var forms []string

	for _, encoding := range []*base64.Encoding{base64.StdEncoding, base64.URLEncoding} {
		padded := encoding.EncodeToString([]byte(secret))
		forms = append(forms, padded, strings.TrimRight(padded, "="))

		for shift := range 3 {
			if piece := interior(encoding, secret, shift); len(piece) >= minInterior {
				forms = append(forms, piece)
			}
		}
	}

	slices.SortStableFunc(forms, func(a, b string) int { return len(b) - len(a) })

	return forms
}

// interior returns those characters of a Base64 text that depend on secret alone, when shift bytes modulo 3 precede it.
func interior(encoding *base64.Encoding, secret string, shift int) string {
	encoded := encoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + secret))
	from := (shift*8 + 5) / 6           // characters that hold bits of what precedes
	to := (shift + len(secret)) * 8 / 6 // the last character may hold bits of what follows

	if from >= to {
		return ""
	}

	return encoded[from:to]
}
