package main

import (
	"fmt"
	"html"
	"strings"
)

// party is somebody whom the provider asks.
type party struct {
	name, where string
	facts       [4]string // see questions
}

func questions() [4]string { return [4]string{"is asked", "how often", "receives", "never receives"} }

// parties says whom a plan asks. The guide "Requests and limits" has each request.
func parties() []party {
	return []party{
		{"Codefresh platform", "g.codefresh.io", [4]string{
			"Which runtimes and users are there? Which repositories do they use?",
			"2 requests a plan; 1 more for each user with their own API key, and for each further page of runtimes",
			"your API key",
			"a Git token",
		}},
		{"App-proxy of a runtime", "in your cluster", [4]string{
			"Who has registered a Git token here?",
			"1 request a plan for each runtime with user tokens",
			"your API key; at apply, this runtime's tokens",
			"another runtime's tokens",
		}},
		{"Git host of a token", "GitHub, GitLab, Bitbucket", [4]string{
			"Does it work? Whose is it? What may it do, until when, at which repositories?",
			"1 to 5 requests a plan for a token, and some for each repository, however many resources share it",
			"its own token",
			"your API key, another host's token",
		}},
	}
}

const (
	askedTitle = "Whom a plan asks what"
	askerName  = "terraform plan"
	askerDoes  = "The provider has your Codefresh API key and your Git tokens"
	askedRule  = "Checks only read, unless you set write_probes. Redirects to another host are not followed."
)

// Sizes of the figure.
const (
	cardGap     = 19.0
	cardInset   = 16.0
	cardTop     = 58.0 // the name and the place
	factRow     = 18.0
	factGap     = 6.0
	rail        = 22.0 // beside cards below each other
	arrowLength = 34.0
	letter      = 6.6 // a letter's width, about
)

// drawAsked returns the figure with so many cards of this width beside each other.
func drawAsked(across int, cardWidth float64, t theme) string {
	all := parties()

	width, left := float64(across)*(cardWidth+cardGap)-cardGap, 0.0
	if across == 1 {
		width, left = rail+cardWidth, rail
	}

	does, rules := wrap(askerDoes, width-2*cardInset), wrap(askedRule, width-2*cardInset)
	askerHeight := 32 + float64(len(does))*factRow + 14

	var b strings.Builder
	box(&b, 0, 0, width, askerHeight, t.bar, t.ansi[4])
	text(&b, width/2, 28, "h m", "middle", askerName)

	for i, row := range does {
		text(&b, width/2, 32+float64(i+1)*factRow, "f", "middle", row)
	}

	y := askerHeight + arrowLength

	for i := 0; i < len(all); i += across {
		beside := all[i:min(i+across, len(all))]
		lines := factLines(beside, cardWidth)

		height := cardTop + cardInset/2
		for _, n := range lines {
			height += float64(n+1)*factRow + factGap
		}

		for j, p := range beside {
			x := left + float64(j)*(cardWidth+cardGap)
			if across == 1 {
				arrow(&b, fmt.Sprintf("M11 %gV%gH%g", askerHeight, y+28, left-3), left-1, y+28, false, t)
			} else {
				arrow(&b, fmt.Sprintf("M%g %gV%g", x+cardWidth/2, askerHeight, y-3), x+cardWidth/2, y-1, true, t)
			}

			box(&b, x, y, cardWidth, height, t.background, t.border)
			card(&b, p, x+cardInset, y, cardWidth, lines)
		}

		y += height + cardGap
	}

	for _, rule := range rules {
		text(&b, width/2, y+10, "f", "middle", rule)
		y += factRow
	}

	height := y + 6

	return start(width+2, height, width+2, askedTitle, askedInWords()) +
		fmt.Sprintf(`<style>text{font:13px -apple-system,BlinkMacSystemFont,"Segoe UI","Noto Sans",Helvetica,Arial,`+
			`sans-serif;fill:%s}.h{font-size:15px;font-weight:600}.m{font-family:%s}.f{fill:%s}.a{fill:%s}.n{fill:%s}</style>`+
			"\n", t.text, fixedFonts, t.faint, t.ansi[2], t.ansi[1]) +
		fmt.Sprintf(`<rect width="%g" height="%g" fill="%s"/>`+"\n", width+2, height, t.background) +
		`<g transform="translate(1 1)">` + "\n" + b.String() + "</g>\n</svg>\n"
}

// factLines returns how many lines each fact takes at most, so that those of cards beside each other are level.
func factLines(beside []party, cardWidth float64) (lines [4]int) {
	for _, p := range beside {
		for i, fact := range p.facts {
			lines[i] = max(lines[i], len(wrap(fact, cardWidth-2*cardInset)))
		}
	}

	return lines
}

func card(b *strings.Builder, p party, x, y, cardWidth float64, lines [4]int) {
	text(b, x, y+26, "h", "start", p.name)
	text(b, x, y+46, "f", "start", p.where)

	y += cardTop
	for i, fact := range p.facts {
		text(b, x, y+factRow, "f", "start", questions()[i])

		for j, row := range wrap(fact, cardWidth-2*cardInset) {
			text(b, x, y+float64(j+2)*factRow, [4]string{"", "", "a", "n"}[i], "start", row)
		}

		y += float64(lines[i]+1)*factRow + factGap
	}
}

func box(b *strings.Builder, x, y, width, height float64, fill, stroke string) {
	fmt.Fprintf(b, `<rect x="%g" y="%g" width="%g" height="%g" rx="8" fill="%s" stroke="%s"/>`+"\n",
		x, y, width, height, fill, stroke)
}

func text(b *strings.Builder, x, y float64, class, anchor, words string) {
	fmt.Fprintf(b, `<text x="%g" y="%g" class="%s" text-anchor="%s">%s</text>`+"\n", x, y, class, anchor,
		html.EscapeString(words))
}

// arrow draws a path and its head at (x, y), which looks down or to the right.
func arrow(b *strings.Builder, path string, x, y float64, down bool, t theme) {
	head := fmt.Sprintf("M%g %gl-8 -4.5v9z", x, y)
	if down {
		head = fmt.Sprintf("M%g %gl-4.5 -8h9z", x, y)
	}

	fmt.Fprintf(b, `<path d="%s" fill="none" stroke="%s" stroke-width="1.5"/><path d="%s" fill="%s"/>`+"\n",
		path, t.ansi[4], head, t.ansi[4])
}

// wrap breaks a text into lines of about this width.
func wrap(text string, width float64) []string {
	var all []string

	now := ""

	for _, word := range strings.Fields(text) {
		switch {
		case now == "":
			now = word
		case float64(len(now)+1+len(word))*letter > width:
			all = append(all, now)
			now = word
		default:
			now += " " + word
		}
	}

	return append(all, now)
}

// askedInWords is the figure for those who cannot see it.
func askedInWords() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s.\n", askerName, askerDoes)

	for _, p := range parties() {
		fmt.Fprintf(&b, "%s (%s)", p.name, p.where)

		for i, fact := range p.facts {
			fmt.Fprintf(&b, "; %s: %s", questions()[i], strings.TrimSuffix(fact, "."))
		}

		b.WriteString(".\n")
	}

	b.WriteString(askedRule)

	return b.String()
}
