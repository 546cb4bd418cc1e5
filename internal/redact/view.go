package redact

import (
	"bytes"
	"html"
	"regexp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf16"
	"unicode/utf8"
)

// maxRounds is how many escapes around escapes are undone: a URL in a JSON text in a JSON text needs three.
const maxRounds = 6

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
	return r == '\\' || r == '%' || r == '&' || r == '<' || r < ' ' && !unicode.IsSpace(r) || r >= 0x7f
}

// marks are what lines start with that were wrapped, by indentation or as a quotation or a comment. A secret may have
// some of them, too.
func marks() []string { return []string{"\r\n\t ", "\r\n\t >|#*"} }

// joined returns the view without line breaks and marks behind them: who wraps a text may break a secret. Nil if there
// is no line break.
func (v *view) joined(marks string) *view {
	if !bytes.ContainsAny(v.text, "\r\n") {
		return nil
	}

	next := &view{round: v.round}

	for i := 0; i < len(v.text); i++ {
		if v.text[i] == '\r' || v.text[i] == '\n' {
			for i+1 < len(v.text) && strings.IndexByte(marks, v.text[i+1]) >= 0 {
				i++
			}

			continue
		}

		o := v.origin(span{i, i + 1})
		next.text = append(next.text, v.text[i])
		next.from = append(next.from, int32(o.from)) //nolint:gosec // as in decoded
		next.to = append(next.to, int32(o.to))       //nolint:gosec // likewise
	}

	if next.text == nil {
		return nil
	}

	return next
}

var lineBreak = regexp.MustCompile(`^<w?br ?/?>`)

// unescape returns what the escape stands for that text starts with, and its length; the first character, if text
// starts with none. What nobody sees stands for nothing, and what colours a terminal's text neither.
func unescape(text []byte) (plain []byte, width int) {
	switch text[0] {
	case '\\':
		return unescapeBackslash(text)
	case '%':
		if n, ok := number(text, 1, 3, 16); ok {
			return []byte{byte(n)}, 3 //nolint:gosec // two hexadecimal digits
		}

		if unit, end, ok := utf16Unit(text, 1); ok { // of JavaScript's escape
			return utf8.AppendRune(nil, rune(unit)), end
		}
	case '&':
		if plain, width = unescapeHTML(text); width > 0 {
			return plain, width
		}
	case '<':
		if m := lineBreak.Find(text[:min(len(text), 8)]); m != nil {
			return []byte{'\n'}, len(m)
		}
	case '\x1b':
		if width = endOfControl(text); width > 0 {
			return nil, width
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

// endOfControl returns the length of the control sequence of a terminal that text starts with; 0 if it is none.
func endOfControl(text []byte) int {
	if len(text) < 3 || text[1] != '[' {
		return 0
	}

	end := 2
	for end < len(text) && text[end] < 0x40 {
		end++
	}

	return min(end+1, len(text))
}

// unescapeBackslash reads backslashes and what follows them, if that is the number of a character or stands for white
// space. Else they stand for nothing: so it is in JSON before "/", and what is quoted in a quotation has any number of
// them.
func unescapeBackslash(text []byte) (plain []byte, width int) {
	for width < len(text) && text[width] == '\\' {
		width++
	}

	unit, end, ok := utf16Unit(text, width)
	if !ok {
		if r, end := character(text, width); end > 0 {
			return utf8.AppendRune(nil, r), end
		}

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

// character reads what programming languages have behind a backslash, beside JSON's: two hexadecimal digits of a byte,
// eight of a character or any number of them in braces, three octal ones, or a letter for white space. end is 0 if
// there is none of these.
func character(text []byte, at int) (r rune, end int) {
	if at >= len(text) {
		return 0, 0
	}

	from, base := at+1, 16

	switch text[at] {
	case 'n', 'r':
		return '\n', at + 1
	case 't':
		return '\t', at + 1
	case 'x':
		end = at + 3
	case 'U':
		end = at + 9
	case 'u': // "{" and "}"
		if from >= len(text) || text[from] != '{' {
			return 0, 0
		}

		from++

		length := bytes.IndexByte(text[from:min(len(text), from+9)], '}')
		if length < 0 {
			return 0, 0
		}

		n, ok := number(text, from, from+length, base)
		if !ok || n > unicode.MaxRune {
			return 0, 0
		}

		return rune(n), from + length + 1
	default:
		from, end, base = at, at+3, 8
	}

	n, ok := number(text, from, end, base)
	if !ok || n > unicode.MaxRune {
		return 0, 0
	}

	return rune(n), end
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
	if len(text) > 2 && text[1] == '#' {
		return unescapeNumber(text)
	}

	end := bytes.IndexByte(text[:min(len(text), maxName)], ';')
	if end < 0 {
		return nil, 0
	}

	reference := string(text[:end+1])
	if character := html.UnescapeString(reference); character != reference {
		return []byte(character), end + 1
	}

	return nil, 0
}

// maxName is the length of the longest name that HTML has for a character that is part of a token, such as "&lowbar;".
const maxName = 10

// unescapeNumber reads a numeric character reference. Browsers do without the ";" at its end.
func unescapeNumber(text []byte) (plain []byte, width int) {
	from, base := 2, 10
	if text[2] == 'x' || text[2] == 'X' {
		from, base = 3, 16
	}

	end := from
	for end < min(len(text), from+8) && isDigit(text[end], base) {
		end++
	}

	n, ok := number(text, from, end, base)
	if !ok || n > unicode.MaxRune {
		return nil, 0
	}

	if end < len(text) && text[end] == ';' {
		end++
	}

	return utf8.AppendRune(nil, rune(n)), end
}

func isDigit(b byte, base int) bool {
	return b >= '0' && b <= '9' || base == 16 && (b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F')
}

// number reads the digits from one byte of text to before another.
func number(text []byte, from, to, base int) (uint64, bool) {
	if from >= to || to > len(text) || text[from] == '+' || text[from] == '-' {
		return 0, false
	}

	n, err := strconv.ParseUint(string(text[from:to]), base, 32)

	return n, err == nil
}
