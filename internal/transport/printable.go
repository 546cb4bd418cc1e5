package transport

import (
	"strings"
	"unicode"
)

const maxPrintable = 300 // runes

// Printable makes a text of a server fit for a message: one line of at most 300 runes, in which control characters,
// escape sequences, invisible and direction-changing runes and runs of white space are a single space.
func Printable(text string) string {
	var b strings.Builder

	runes, space := 0, false

	for _, r := range strings.ToValidUTF8(text, "\uFFFD") {
		if r == ' ' || !unicode.IsPrint(r) {
			space = true

			continue
		}

		if space && runes > 0 {
			b.WriteByte(' ')

			runes++
		}

		space = false

		if runes >= maxPrintable-1 {
			return strings.TrimRight(b.String(), " ") + "…"
		}

		b.WriteRune(r)

		runes++
	}

	return b.String()
}
