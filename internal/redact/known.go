package redact

import (
	"encoding/base64"
	"encoding/binary"
	"regexp"
	"strings"
)

const (
	// minSecret is the shortest secret that is looked for, and minEncoded the shortest piece of one in Base64. A shorter
	// text may be part of an ordinary word, and no token is that short.
	minSecret  = 8
	minEncoded = 8

	// minRandom is the length from which a text is taken for a secret whatever it is made of.
	minRandom = 20

	// A part of a secret is as bad as the whole if it has minPart bytes and half of the secret, or maxPart bytes.
	minPart = 16
	maxPart = 40

	// window is how many bytes of a secret are looked up at a time. Windows start at every stride-th byte of a secret, so
	// that each part of minPart bytes has a whole one in it.
	window = 8
	stride = minPart - window + 1

	// maxIndexed bounds, in bytes, how much of a secret is looked up. No token and no key is that long.
	maxIndexed = 16 << 10
)

// needle is a text to look for: a secret, or what is seen of it in Base64.
type needle struct {
	text    string // folded
	encoded bool
}

// needlesOf returns what to look for on account of a secret.
func needlesOf(secret string) []*needle {
	// In the form that texts are brought into: what is escaped in a secret is escaped in its copy as well.
	last := viewOf([]byte(secret))
	for v := last; v != nil; v = v.decoded() {
		last = v
	}

	var needles []*needle

	for i, text := range []string{secret, string(last.text)} {
		if len(text) >= minSecret && !ordinary(text) && (i == 0 || text != secret) {
			needles = append(needles, &needle{text: string(fold([]byte(text)))})
		}
	}

	for shift := range 3 {
		if piece := interior(secret, shift); len(piece) >= minEncoded {
			needles = append(needles, &needle{text: string(fold([]byte(piece))), encoded: true})
		}
	}

	return needles
}

// interior returns those characters of a Base64 text that depend on secret alone, when shift bytes modulo 3 precede it,
// such as a user name.
func interior(secret string, shift int) string {
	encoded := base64.StdEncoding.EncodeToString([]byte(strings.Repeat("\x00", shift) + secret))
	from := (shift*8 + 5) / 6           // characters that hold bits of what precedes
	to := (shift + len(secret)) * 8 / 6 // the last character may hold bits of what follows

	if from >= to {
		return ""
	}

	return encoded[from:to]
}

// nameLike matches words, alone or joined, with or without a number behind them, and numbers such as dates and
// addresses.
var nameLike = regexp.MustCompile(
	`^(?:[A-Za-z]{1,16}(?:[-_. ][A-Za-z]{1,16})*(?:[-_. ]?[0-9]{1,4})?|[0-9]+(?:[-_.:/ ][0-9]+)*)[-_. ]?$`)

// ordinary reports whether text may be a word, a name or a number that has nothing to do with a secret.
func ordinary(text string) bool { return len(text) < minRandom && nameLike.MatchString(text) }

// fold makes alike what differs between the alphabets of Base64, and between a space and its form in a query. Capitals
// become small letters: names of hosts lose the difference, and a hexadecimal key means the same without it.
func fold(text []byte) []byte {
	folded := make([]byte, len(text))

	for i, b := range text {
		switch b {
		case ' ', '-':
			folded[i] = '+'
		case '_':
			folded[i] = '/'
		default:
			folded[i] = small(b)
		}
	}

	return folded
}

// index finds needles.
type index struct {
	at map[uint64][]place // by the window's bytes
	// seen has a bit for the hash of each window in at: most of a text is passed over by a look at it.
	seen [1 << 14]uint64
}

// place is where a window lies in a needle.
type place struct {
	*needle
	offset int
}

func newIndex() *index { return &index{at: map[uint64][]place{}} }

func (x *index) add(needles []*needle) {
	for _, n := range needles {
		length := min(len(n.text), maxIndexed)
		here := map[uint64]bool{}

		enter := func(offset int) {
			w := binary.LittleEndian.Uint64([]byte(n.text[offset : offset+window]))
			if !here[w] { // which a text of few different characters would be entered under again and again
				here[w] = true
				x.at[w] = append(x.at[w], place{n, offset})
				h := hash(w)
				x.seen[h/64] |= 1 << (h % 64)
			}
		}

		for offset := 0; offset+window <= length; offset += stride {
			enter(offset)
		}

		enter(length - window)
	}
}

// hash returns 20 bits of w.
func hash(w uint64) uint64 { return w * 0x9e3779b97f4a7c15 >> 44 }

// find returns where text holds needles or parts of them.
func (x *index) find(text []byte) []span {
	if len(x.at) == 0 || len(text) < window {
		return nil
	}

	folded := fold(text)

	var found []span

	for i := 0; i+window <= len(folded); i++ {
		w := binary.LittleEndian.Uint64(folded[i:])
		if h := hash(w); x.seen[h/64]&(1<<(h%64)) == 0 {
			continue
		}

		longest := span{}

		for _, p := range x.at[w] {
			s := p.grow(folded, i)
			if !p.betrayed(text[s.from:s.to]) {
				continue
			}

			if p.encoded {
				s = widen(text, s)
			}

			if s.to-s.from > longest.to-longest.from {
				longest = s
			}
		}

		if longest.to > 0 {
			found = append(found, longest)
			i = max(i, longest.to-window) // what starts later may reach further
		}
	}

	return found
}

// grow returns how far text agrees with the needle around byte i, where the window is.
func (p place) grow(text []byte, i int) span {
	s, before, after := span{i, i + window}, p.offset, p.offset+window

	for s.from > 0 && before > 0 && text[s.from-1] == p.text[before-1] {
		s.from--
		before--
	}

	for s.to < len(text) && after < len(p.text) && text[s.to] == p.text[after] {
		s.to++
		after++
	}

	return s
}

// betrayed reports whether part of a text, which is also a part of the needle, tells too much of it.
func (n *needle) betrayed(part []byte) bool {
	if len(part) == len(n.text) {
		return true
	}

	if len(part) < min(max(minPart, (len(n.text)+1)/2), maxPart) {
		return false
	}

	return n.encoded || !nameLike.Match(part) // words of a passphrase, say
}

// widen returns the Base64 text that s is part of: the characters at its ends hold bits of the secret too.
func widen(text []byte, s span) span {
	for s.from > 0 && isBase64(text[s.from-1]) {
		s.from--
	}

	for s.to < len(text) && isBase64(text[s.to]) {
		s.to++
	}

	return s
}

func isBase64(b byte) bool {
	return isAlphanumeric(b) || b == '+' || b == '/' || b == '-' || b == '_' || b == '='
}

func isAlphanumeric(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9'
}
