package redact

import (
	"bytes"
	"encoding/base64"
)

// encoded returns where text holds an encoding of a text with a secret in it: Base64, or the numbers of its bytes.
func (r *Redactor) encoded(text []byte, nested int) []span {
	if nested == 0 {
		return nil
	}

	return append(r.inBase64(text, nested), r.inNumbers(text, nested)...)
}

// inBase64 finds Base64. Where it begins is not known: letters before it, such as a path, may belong to its alphabet.
func (r *Redactor) inBase64(text []byte, nested int) []span {
	var found []span

	for from := 0; from < len(text); from++ {
		to := from
		for to < len(text) && isBase64(text[to]) && text[to] != '=' {
			to++
		}

		for skip := 0; skip < 4 && to-from-skip >= minEncodedShape; skip++ {
			plain, err := base64.RawStdEncoding.DecodeString(standardBase64(text[from+skip : to]))
			if err == nil && isText(plain, minBody) && len(r.look(plain, nested-1)) > 0 {
				for to < len(text) && text[to] == '=' {
					to++
				}

				found = append(found, span{from, to})

				break
			}
		}

		from = to
	}

	return found
}

// inNumbers finds bytes as hexadecimal numbers of two digits, alone or with something between them, and as the decimal
// ones that programs print lists of bytes as.
func (r *Redactor) inNumbers(text []byte, nested int) []span {
	var found []span

	for from := 0; from < len(text); {
		next := from + 1

		if isDigit(text[from], 16) {
			// The first digit may belong to something else. What is behind a list without a secret need not be looked at once
			// more from its second number on, but where another digit that belongs to something else may be.
			for _, start := range []int{from, from + 1} {
				for _, read := range []func([]byte) (byte, int){hexByte, decimalByte} {
					plain, to := numbers(text, start, read)
					if isText(plain, minSecret) && len(r.look(plain, nested-1)) > 0 {
						found = append(found, span{from, to})
					}

					next = max(next, to)
				}
			}

			found = append(found, r.inOddRuns(text, from, next, nested)...)
		}

		from = next
	}

	return found
}

// inOddRuns finds hexadecimal numbers of two digits in runs of digits behind the first one from there to before another
// byte, if these have one digit more in front.
func (r *Redactor) inOddRuns(text []byte, from, before, nested int) []span {
	var found []span

	for run := endOfRun(text, from); run < before; {
		if !isDigit(text[run], 16) {
			run++

			continue
		}

		to := endOfRun(text, run)
		if length := to - run; length%2 == 1 && length > 2*minSecret {
			plain := make([]byte, 0, length/2)
			for i := run + 1; i < to; i += 2 {
				plain = append(plain, digit(text[i])<<4|digit(text[i+1]))
			}

			if isText(plain, minSecret) && len(r.look(plain, nested-1)) > 0 {
				found = append(found, span{run, to})
			}
		}

		run = to
	}

	return found
}

// endOfRun returns where the hexadecimal digits end that start at from.
func endOfRun(text []byte, from int) int {
	for from < len(text) && isDigit(text[from], 16) {
		from++
	}

	return from
}

// numbers returns the bytes that a list of numbers stands for, and where it ends.
func numbers(text []byte, from int, read func([]byte) (byte, int)) (plain []byte, to int) {
	for to = from; to < len(text); {
		b, width := read(text[to:])
		if width == 0 {
			break
		}

		plain = append(plain, b)
		to += width
		next := to

		for next < len(text) && next < to+2 && isBetween(text[next]) {
			next++
		}

		if next+1 < len(text) && text[next] == '0' && (text[next+1] == 'x' || text[next+1] == 'X') {
			next += 2
		}

		if next == len(text) || !isDigit(text[next], 16) {
			break
		}

		to = next
	}

	return plain, to
}

func isBetween(b byte) bool {
	return b == '=' || b == ' ' || b == ':' || b == ',' || b == ';' || b == '-'
}

func hexByte(text []byte) (byte, int) {
	if len(text) < 2 || !isDigit(text[0], 16) || !isDigit(text[1], 16) {
		return 0, 0
	}

	return digit(text[0])<<4 | digit(text[1]), 2
}

func digit(b byte) byte {
	if b <= '9' {
		return b - '0'
	}

	return b&^('a'-'A') - 'A' + 10
}

func decimalByte(text []byte) (byte, int) {
	n, width := 0, 0
	for width < min(len(text), 4) && isDigit(text[width], 10) {
		n = 10*n + int(digit(text[width]))
		width++
	}

	ends := width == len(text) || isBetween(text[width]) || text[width] == ']' || text[width] == '}'
	if width == 0 || n > 255 || !ends {
		return 0, 0
	}

	return byte(n), width
}

// isText reports whether bytes may be a text, or hold one of some length: most of what can be decoded is noise. In
// UTF-16 every other byte is 0.
func isText(plain []byte, length int) bool {
	run := 0

	for _, b := range plain {
		if b == 0 {
			continue
		}

		if run++; b < ' ' || b >= 0x7f {
			run = 0
		}

		if run >= length {
			return true
		}
	}

	return false
}

// standardBase64 returns a text in the alphabet for URLs or the standard one in the latter, without characters at its
// end that are no whole byte.
func standardBase64(text []byte) string {
	standard := bytes.Map(func(r rune) rune {
		switch r {
		case '-':
			return '+'
		case '_':
			return '/'
		}

		return r
	}, text)
	if len(standard)%4 == 1 {
		standard = standard[:len(standard)-1]
	}

	return string(standard)
}
