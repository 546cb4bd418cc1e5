package main

import (
	"fmt"
	"html"
	"strings"
)

// theme is the colours of a terminal.
type theme struct {
	background, bar, border, text, faint string
	ansi                                 [8]string
}

func themes() map[string]theme {
	return map[string]theme{
		"dark": {
			background: "#0d1117", bar: "#161b22", border: "#30363d", text: "#e6edf3", faint: "#9198a1",
			ansi: [8]string{"#6e7681", "#ff7b72", "#3fb950", "#e3b341", "#58a6ff", "#d2a8ff", "#39c5cf", "#e6edf3"},
		},
		"light": {
			background: "#ffffff", bar: "#f6f8fa", border: "#d1d9e0", text: "#1f2328", faint: "#59636e",
			ansi: [8]string{"#1f2328", "#cf222e", "#1a7f37", "#9a6700", "#0969da", "#8250df", "#1b7c83", "#59636e"},
		},
	}
}

// fixedFonts are those that readers have.
const fixedFonts = `ui-monospace,SFMono-Regular,"SF Mono",Menlo,Consolas,"DejaVu Sans Mono","Liberation Mono",monospace`

// readmeWidth is what GitHub gives a README on a wide screen, in pixels.
const readmeWidth = 830

// Sizes of a terminal, in the picture's own units.
const (
	column  = 8.4 // the advance of a fixed font of fontSize
	row     = 20.0
	size    = 14.0
	inset   = 20.0
	topBar  = 36.0
	ascends = 14.5 // from the top of a row to its base line
)

// start begins a picture. What it shows is told in words as well.
func start(width, height, shown float64, title, description string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" xml:space="preserve" viewBox="0 0 %g %g" width="%g" `+
		`height="%.0f" role="img" aria-labelledby="title desc">`+
		"\n<title id=\"title\">%s</title>\n<desc id=\"desc\">%s</desc>\n",
		width, height, shown, height*shown/width, html.EscapeString(title), html.EscapeString(description))
}

// drawTerminal returns the picture of a terminal with this number of columns.
func drawTerminal(all []line, columns int, t theme) string {
	rows := fit(all, columns)
	width := 2*inset + float64(columns)*column
	height := topBar + 2*inset + float64(len(rows))*row - 6

	var b strings.Builder
	b.WriteString(start(width, height, min(width*1.165, readmeWidth), all[0].String(), plain(all)))
	fmt.Fprintf(&b, `<style>text{font:%gpx %s;fill:%s;white-space:pre}.b{font-weight:700}.d{fill:%s}`+
		`.u{text-decoration:underline}`, size, fixedFonts, t.text, t.faint)

	for i, colour := range t.ansi {
		fmt.Fprintf(&b, ".c%d{fill:%s}", i, colour)
	}

	fmt.Fprintf(&b, "</style>\n")
	fmt.Fprintf(&b, `<rect x=".5" y=".5" width="%g" height="%g" rx="10" fill="%s" stroke="%s"/>`+"\n",
		width-1, height-1, t.background, t.border)
	fmt.Fprintf(&b, `<path d="M.5 %[1]gV10.5a10 10 0 0 1 10-10H%[2]ga10 10 0 0 1 10 10V%[1]gz" fill="%[3]s" `+
		`stroke="%[4]s"/>`+"\n", topBar, width-10.5, t.bar, t.border)

	for i, colour := range []string{"#ff5f57", "#febc2e", "#28c840"} {
		fmt.Fprintf(&b, `<circle cx="%g" cy="%g" r="6" fill="%s"/>`+"\n", inset+float64(i)*20, topBar/2, colour)
	}

	from := 0.0

	for i, l := range rows {
		y := topBar + inset - 3 + float64(i)*row

		switch {
		case !l.isFramed():
			drawLine(&b, l, 0, y)
		case l[0].r == '╷':
			from = y + row/2
		case l[0].r == '╵': // the whole frame as one stroke, which has no gaps between lines
			fmt.Fprintf(&b, `<rect x="%g" y="%g" width="2" height="%g" class="%s"/>`+"\n", inset+column/2-1, from,
				y+row/2-from, l[0].class())
		default:
			drawLine(&b, l, min(2, len(l)), y)
		}
	}

	b.WriteString("</svg>\n")

	return b.String()
}

// drawLine draws what a line has from a column on. Its top is at y.
func drawLine(b *strings.Builder, l line, from int, y float64) {
	for from < len(l) && l[from].r == ' ' {
		from++
	}

	if from == len(l) {
		return
	}
	// The length holds the columns where a reader's font has another advance.
	fmt.Fprintf(b, `<text x="%.1f" y="%g" textLength="%.1f" lengthAdjust="spacingAndGlyphs">`,
		inset+float64(from)*column, y+ascends, float64(len(l)-from)*column)

	for from < len(l) {
		to := from
		for to < len(l) && l[to].style == l[from].style {
			to++
		}

		text := html.EscapeString(l[from:to].String())
		if class := l[from].class(); class != "" {
			text = fmt.Sprintf(`<tspan class="%s">%s</tspan>`, class, text)
		}

		b.WriteString(text)

		from = to
	}

	b.WriteString("</text>\n")
}

// class returns the classes of a character's style.
func (s style) class() string {
	var all []string
	if s.colour != noColour {
		all = append(all, fmt.Sprintf("c%d", s.colour))
	}

	if s.bold {
		all = append(all, "b")
	}

	if s.dim {
		all = append(all, "d")
	}

	if s.underlined {
		all = append(all, "u")
	}

	return strings.Join(all, " ")
}

// plain returns lines as a reader hears them: without what frames them.
func plain(all []line) string {
	var texts []string

	for _, l := range all {
		if text := strings.TrimSpace(strings.Trim(l.String(), "╷│╵")); text != "" {
			texts = append(texts, text)
		}
	}

	return strings.Join(texts, "\n")
}
