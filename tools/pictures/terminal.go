package main

import (
	"slices"
	"strconv"
	"strings"
)

// style is how a terminal shows a character. colour is an index of the eight ANSI colours, or noColour.
type style struct {
	bold, dim, underlined bool
	colour                int
}

const noColour = -1

// cell is a character on the screen.
type cell struct {
	r rune
	style
}

// line is what stands between two line breaks.
type line []cell

// parse reads what a program printed, with ANSI's sequences for colours. It leaves others out.
func parse(printed string) []line {
	now := style{colour: noColour}

	var all []line

	for text := range strings.SplitSeq(strings.TrimRight(printed, "\n"), "\n") {
		var l line

		for text != "" {
			if rest, ok := strings.CutPrefix(text, "\x1b["); ok {
				end := strings.IndexFunc(rest, func(r rune) bool { return r >= '@' && r <= '~' })
				if end < 0 {
					break
				}

				if rest[end] == 'm' {
					now = now.changed(rest[:end])
				}

				text = rest[end+1:]

				continue
			}

			r := []rune(text)[0]
			l = append(l, cell{r, now})
			text = text[len(string(r)):]
		}

		for len(l) > 0 && l[len(l)-1].r == ' ' {
			l = l[:len(l)-1]
		}

		all = append(all, l)
	}

	return all
}

// changed applies the parameters of one sequence "select graphic rendition" (ECMA-48, 8.3.117).
func (s style) changed(parameters string) style {
	for p := range strings.SplitSeq(parameters, ";") {
		n, _ := strconv.Atoi(p) // an empty one is 0
		switch {
		case n == 0:
			s = style{colour: noColour}
		case n == 1:
			s.bold = true
		case n == 2:
			s.dim = true
		case n == 4:
			s.underlined = true
		case n == 22:
			s.bold, s.dim = false, false
		case n == 24:
			s.underlined = false
		case n >= 30 && n <= 37:
			s.colour = n - 30
		case n >= 90 && n <= 97:
			s.colour = n - 90
		case n == 39:
			s.colour = noColour
		}
	}

	return s
}

func (l line) String() string {
	var b strings.Builder
	for _, c := range l {
		b.WriteRune(c.r)
	}

	return b.String()
}

// isFramed reports whether a line is of one of Terraform's diagnostics.
func (l line) isFramed() bool { return len(l) > 0 && strings.ContainsRune("╷│╵", l[0].r) }

// isParagraph reports whether a line is of running text in a frame, which Terraform breaks to the terminal's width.
func (l line) isParagraph() bool {
	return l.isFramed() && len(l) > 2 && l[0].r == '│' && l[2].r != ' '
}

// fit breaks lines as Terraform does on a terminal with this number of columns.
func fit(all []line, columns int) []line {
	var fitted []line

	for i := 0; i < len(all); i++ {
		l := all[i]
		if !l.isFramed() {
			fitted = append(fitted, l.broken(columns)...)

			continue
		}

		mark, text := l[:1], l[min(len(l), 2):]
		for l.isParagraph() && i+1 < len(all) && all[i+1].isParagraph() {
			i++
			text = append(append(slices.Clone(text), cell{' ', style{colour: noColour}}), all[i][2:]...)
		}

		for _, part := range text.broken(columns - 2) {
			framed := slices.Clone(mark)
			if len(part) > 0 {
				framed = append(append(framed, cell{' ', mark[0].style}), part...)
			}

			fitted = append(fitted, framed)
		}
	}

	return fitted
}

// broken breaks a line between words, and in a word that is longer than a line. What follows has the line's indent.
func (l line) broken(columns int) []line {
	indent := 0
	for indent < len(l) && l[indent].r == ' ' {
		indent++
	}

	var parts []line

	for len(l) > columns {
		at := columns
		for at > indent && l[at].r != ' ' {
			at--
		}

		next := at + 1
		if at <= indent {
			at, next = columns, columns
		}

		parts = append(parts, l[:at])
		l = append(slices.Clone(l[:indent]), l[next:]...)
	}

	return append(parts, l)
}
