package message

import (
	"strings"
	"unicode"
)

// Message is what a diagnostic says.
type Message struct {
	Summary string // what is wrong, in one line
	Detail  string // why, and what to do next
}

// Printable returns the message without what a terminal would obey: escape sequences and runes that hide text or turn
// it around. Most words of others are printable before they come here; names of runtimes and addresses are as Codefresh
// spells them.
func (m Message) Printable() Message {
	plain := func(r rune) rune {
		if r == '\n' || unicode.IsPrint(r) {
			return r
		}

		return ' '
	}

	return Message{strings.Map(plain, m.Summary), strings.Map(plain, m.Detail)}
}
