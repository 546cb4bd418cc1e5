package redact

import (
	"bytes"
	"strconv"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxRounds is how many escapes around escapes are undone: a URL in a JSON text in a JSON text needs three.
const maxRounds = 4

// view is a text with some of its escapes undone.
type view struct {
	text []byte
	// from and to say, for each byte of text, which bytes of the original it stands for. Nil: it is the original.
	from, to []int32
	round    int
}

func viewOf(text []byte) *view { return &view{text: text} }

// origin returns which part of the original s stands for.
func (v *view) origin(s span) span {
	if v.from == nil {
		return s
	}

	return span{int(v.from[s.from]), int(v.to[s.to-1])}
}

// decoded returns the view with one more layer of escapes undone. Nil if there is none.
func (v *view) decoded() *view {
	if v.round == maxRounds || !bytes.ContainsFunc(v.text, mayEscape) {
		return nil
	}

	next := &view{
		text:  make([]byte, 0, len(v.text)),
		from:  make([]int32, 0, len(v.text)),
		to:    make([]int32, 0, len(v.text)),
		round: v.round + 1,
	}
	changed := false

	for i := 0; i < len(v.text); {
		text, width := unescape(v.text[i:])
		for _, b := range text {
			o := v.origin(span{i, i + width})
			next.text = append(next.text, b)
			next.from = append(next.from, int32(o.from)) //nolint:gosec // an answer is shorter than 2 GiB
			next.to = append(next.to, int32(o.to))       //nolint:gosec // likewise
		}

		changed = changed || len(text) != width || text[0] != v.text[i]
		i += width
	}

	if !changed {
		return nil
	}

	return next
}

func mayEscape(r rune) bool {
	return r == '\\' || r == '%' || r == '&' || r < ' ' && !unicode.IsSpace(r) || r >= 0x7f
}

// unescape returns what the escape stands for that text starts with, and its length; the first character, if text
// starts with none. A backslash before anything but "u" and four digits stands for nothing: so it is in JSON before
// "/", and what is quoted in a quotation has any number of them. What nobody sees stands for nothing either.
func unescape(text []byte) (plain []byte, width int) {
	switch text[0] {
	case '\\':
		return unescapeBackslash(text)
	case '%':
		if n, ok := number(text, 1, 3, 16); ok {
			return []byte{byte(n)}, 3 //nolint:gosec // two hexadecimal digits
		}
	case '&':
		if plain, width = unescapeHTML(text); width > 0 {
			return plain, width
		}
	}

	if text[0] < utf8.RuneSelf && text[0] >= ' ' && text[0] != 0x7f {
		return text[:1], 1
	}

	r, width := utf8.DecodeRune(text)
	if r == utf8.RuneError && width == 1 || unicode.IsPrint(r) || unicode.IsSpace(r) {
		return text[:width], width
	}

	return nil, width
}

// unescapeBackslash reads backslashes and what follows them, if that is the number of a character.
func unescapeBackslash(text []byte) (plain []byte, width int) {
	for width < len(text) && text[width] == '\\' {
		width++
	}

	unit, end, ok := utf16Unit(text, width)
	if !ok {
		return nil, width
	}

	r := rune(unit)

	if utf16.IsSurrogate(r) {
		next := end
		for next < len(text) && text[next] == '\\' {
			next++
		}

		if second, after, ok := utf16Unit(text, next); ok && next > end {
			if both := utf16.DecodeRune(r, rune(second)); both != unicode.ReplacementChar {
				r, end = both, after
			}
		}
	}

	return utf8.AppendRune(nil, r), end
}

func utf16Unit(text []byte, at int) (unit uint16, end int, ok bool) {
	if at >= len(text) || text[at] != 'u' {
		return 0, 0, false
	}

	n, ok := number(text, at+1, at+5, 16)

	return uint16(n), at + 5, ok //nolint:gosec // four hexadecimal digits
}

// unescapeHTML reads a character reference. The width is 0 if there is none.
func unescapeHTML(text []byte) (plain []byte, width int) {
	end := bytes.IndexByte(text[:min(len(text), 10)], ';')
	if end < 0 {
		return nil, 0
	}

	switch string(text[1:end]) {
	case "amp":
		return []byte{'&'}, end + 1
	case "lt":
		return []byte{'<'}, end + 1
	case "gt":
		return []byte{'>'}, end + 1
	case "quot":
		return []byte{'"'}, end + 1
	case "apos":
		return []byte{'\''}, end + 1
	}

	if end < 3 || text[1] != '#' {
		return nil, 0
	}

	from, base := 2, 10
	if text[2] == 'x' || text[2] == 'X' {
		from, base = 3, 16
	}

	n, ok := number(text, from, end, base)
	if !ok || n > unicode.MaxRune {
		return nil, 0
	}

	return utf8.AppendRune(nil, rune(n)), end + 1
}

// number reads the digits from one byte of text to before another.
func number(text []byte, from, to, base int) (uint64, bool) {
	if from >= to || to > len(text) || text[from] == '+' || text[from] == '-' {
		return 0, false
	}

	n, err := strconv.ParseUint(string(text[from:to]), base, 32)

	return n, err == nil
}
