//go:build faults

package faultmatrix_test

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"html"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
)

// canary is a secret that must not come out anywhere.
type canary struct {
	name string
	text string // what is woven into answers
	// secret is the part of text that opens something; empty for all of it.
	secret string
	// known says that the provider was given it. Others it can only tell by their looks.
	known bool
}

func (c canary) heart() string {
	if c.secret == "" {
		return c.text
	}

	return c.secret
}

// strangers are secrets that nobody gave to the provider, by everything that credentials can be told by.
func strangers() []canary {
	const body = "9uQx7vT2mZk4LwR8sYb3NcJ6hGf1PdE5aXoV"

	basic := base64.StdEncoding.EncodeToString([]byte("somebody:" + body))

	return []canary{
		{name: "a GitHub token", text: "ghp_" + body, secret: body},
		{name: "a GitLab token", text: "glpat-" + body[:20], secret: body[:20]},
		{name: "a Bitbucket API token", text: "ATATT3xFfGF0" + body + "=1A2B3C4D", secret: body},
		{name: "a Data Center token", text: "BBDC-" + body, secret: body},
		{name: "a Codefresh key", text: "64b0c0ffee15900d5eed7777.0f1e2d3c4b5a69788796a5b4c3d2e1f0"},
		{name: "a web token", text: "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiJzb21lYm9keSJ9." + body},
		{name: "a password in an address", text: "https://x-access-token:" + body + "@git.example.com/o/r.git", secret: body},
		{name: "a header", text: "Authorization: Basic " + basic, secret: basic},
	}
}

// spelling is a way in which a server can repeat a secret.
type spelling struct {
	name  string
	spell func(text string) string
	// literal returns what stands between the quotes of a JSON document; nil for what an encoder makes of it.
	literal func(text string) string
	// only is for secrets that are known; Base64 has no looks.
	onlyKnown bool
}

func each(format, text string) string {
	var b strings.Builder
	for _, c := range []byte(text) {
		fmt.Fprintf(&b, format, c)
	}

	return b.String()
}

func inQuotes(text string) string {
	quoted, _ := json.Marshal(text) // strings always marshal

	return string(quoted[1 : len(quoted)-1])
}

func spellings() []spelling {
	same := func(text string) string { return text }
	escapeSome := func(text string) string {
		return strings.NewReplacer("_", `\u005f`, "-", `\u002d`, "/", `\/`, ".", `\u002E`).Replace(inQuotes(text))
	}

	return []spelling{
		{name: "as it is", spell: same},
		{name: "with one character escaped in the JSON", spell: same, literal: escapeSome},
		{name: "with every character escaped in the JSON", spell: same, literal: func(text string) string {
			return each(`\u%04x`, text)
		}},
		{name: "in JSON within the text", spell: escapeSome},
		{name: "percent-encoded", spell: func(text string) string { return each("%%%02x", text) }},
		{name: "percent-encoded as a query", spell: url.QueryEscape},
		{name: "percent-encoded twice", spell: func(text string) string { return url.QueryEscape(each("%%%02X", text)) }},
		{name: "in HTML", spell: func(text string) string { return each("&#x%x;", text) }},
		{name: "with something invisible inside", spell: func(text string) string {
			return text[:len(text)/2] + "\u200b" + text[len(text)/2:]
		}},
		{name: "in Base64", onlyKnown: true, spell: func(text string) string {
			return base64.StdEncoding.EncodeToString([]byte(text))
		}},
		{name: "in Base64 for URLs", onlyKnown: true, spell: func(text string) string {
			return base64.RawURLEncoding.EncodeToString([]byte(":" + text + "\n"))
		}},
		{name: "as Basic authentication", onlyKnown: true, spell: func(text string) string {
			return "Basic " + base64.StdEncoding.EncodeToString([]byte("somebody:"+text))
		}},
		{name: "in an address", spell: func(text string) string {
			return "https://x-access-token:" + url.PathEscape(text) + "@git.example.com/o/r.git"
		}},
		{name: "in hexadecimal", spell: func(text string) string { return each("%02x", text) }},
		{name: "as a list of bytes", spell: func(text string) string { return fmt.Sprintf("%d", []byte(text)) }},
		{name: "escaped as in a program", spell: func(text string) string { return each(`\x%02X`, text) }},
		{name: "in Base64 of JSON", spell: func(text string) string {
			return base64.StdEncoding.EncodeToString([]byte(`{"token": "` + each(`\u%04X`, text) + `"}`))
		}},
		{name: "broken into lines", onlyKnown: true, spell: func(text string) string {
			n := len(text) / 3

			return text[:n] + "\n    " + text[n:2*n] + "\n    " + text[2*n:]
		}},
		{name: "in small letters", onlyKnown: true, spell: strings.ToLower},
		{name: "in capitals", onlyKnown: true, spell: strings.ToUpper},
		{name: "in an address without a scheme", spell: func(text string) string {
			return "x-access-token:" + url.PathEscape(text) + "@git.example.com/o/r.git"
		}},
		{name: "cut off", onlyKnown: true, spell: func(text string) string { return text[:len(text)*2/3] + "…" }},
	}
}

// share is how much of a secret must not be found, in bytes.
func (c canary) share() int { return min(len(c.heart()), max(16, (len(c.heart())+1)/2), 40) }

// in returns a part of a text that betrays the secret, in small letters; empty for none. layers is the text in all that
// it decodes to.
func (c canary) in(layers []string) string {
	heart, share := strings.ToLower(c.heart()), c.share()
	for _, layer := range layers {
		if len(layer) < share || !holdsPiece(layer, heart) {
			continue
		}

		for from := 0; from+share <= len(heart); from++ {
			if strings.Contains(layer, heart[from:from+share]) {
				return heart[from : from+share]
			}
		}
	}

	return ""
}

// holdsPiece reports whether a text holds one of the pieces that a heart is divided into, or the rest of it. Any share,
// which has twice the length of a piece or is the whole heart, has a whole piece in it.
func holdsPiece(text, heart string) bool {
	const length = 8
	for at := 0; at < len(heart); at += length {
		if piece := heart[at:min(at+length, len(heart))]; strings.Contains(text, piece) {
			return true
		}
	}

	return false
}

// mostLayers is more than a text has that anybody would take apart.
const mostLayers = 200

// layersOf returns a text as it is, and as it becomes if escapes and encodings are undone, in any order, each in small
// letters: a server may repeat a secret in others than it has.
func layersOf(text string) []string {
	layers := []string{text}
	for i := 0; i < len(layers) && len(layers) < mostLayers; i++ {
		for _, next := range slices.Concat(decodings(layers[i]), base64sIn(layers[i]), bytesIn(layers[i])) {
			if next != "" && !slices.Contains(layers, next) {
				layers = append(layers, next)
			}
		}
	}

	for i, layer := range layers {
		layers[i] = strings.ToLower(layer)
	}

	return layers
}

var (
	percents    = regexp.MustCompile(`%[0-9A-Fa-f]{2}`)
	units       = regexp.MustCompile(`\\+u[0-9A-Fa-f]{4}`)
	programs    = regexp.MustCompile(`\\x[0-9A-Fa-f]{2}`)
	brokenLines = regexp.MustCompile(`(?:\n|\\n| ) +`)
	byteLists   = regexp.MustCompile(`\[(?:\d{1,3} ){12,}\d{1,3}]`)
)

// runsOf returns the parts of a text of at least some length that are of one alphabet. Of a log, most of the time of a
// search goes into that: a regular expression takes ten times as long.
func runsOf(text string, least int, isOf func(b byte) bool) []string {
	var runs []string

	for from := 0; from < len(text); {
		to := from
		for to < len(text) && isOf(text[to]) {
			to++
		}

		if to-from >= least {
			runs = append(runs, text[from:to])
		}

		from = to + 1
	}

	return runs
}

func isHex(b byte) bool { return b >= '0' && b <= '9' || b >= 'a' && b <= 'f' || b >= 'A' && b <= 'F' }

func isBase64(b byte) bool {
	return b >= 'a' && b <= 'z' || b >= 'A' && b <= 'Z' || b >= '0' && b <= '9' || strings.IndexByte("+/_-", b) >= 0
}

// replaced replaces what a regular expression finds. Most texts lack what all of its matches have.
func replaced(text, mark string, re *regexp.Regexp, with func(match string) string) string {
	if !strings.Contains(text, mark) {
		return text
	}

	return re.ReplaceAllStringFunc(text, with)
}

// bytesIn returns what bytes stand for that a text has as numbers.
func bytesIn(text string) []string {
	var found []string

	for _, run := range runsOf(text, 24, isHex) {
		for skip := range 2 {
			plain, err := hex.DecodeString(run[skip : skip+(len(run)-skip)/2*2])
			if err == nil && printableEnough(plain) {
				found = append(found, string(plain))
			}
		}
	}

	for _, list := range byteLists.FindAllString(text, -1) {
		var plain []byte

		for _, number := range strings.Fields(strings.Trim(list, "[]")) {
			n, _ := strconv.ParseUint(number, 10, 8) // which it can be, or is none
			plain = append(plain, byte(n))
		}

		found = append(found, string(plain))
	}

	return found
}

func decodings(text string) []string {
	percent := replaced(text, `%`, percents, func(escape string) string {
		plain, _ := url.PathUnescape(escape) // which it can be

		return plain
	})
	unit := replaced(text, `\u`, units, func(escape string) string {
		var plain string

		_ = json.Unmarshal([]byte(`"\u`+escape[len(escape)-4:]+`"`), &plain) // which it can be

		return plain
	})
	visible := strings.Map(func(r rune) rune {
		if unicode.Is(unicode.Cf, r) {
			return -1
		}

		return r
	}, text)

	program := replaced(text, `\x`, programs, func(escape string) string {
		plain, _ := hex.DecodeString(escape[2:]) // which it can be

		return string(plain)
	})

	whole := text
	if strings.Contains(text, "  ") || strings.Contains(text, "\n ") || strings.Contains(text, `\n `) {
		whole = brokenLines.ReplaceAllString(text, "")
	}

	return []string{
		percent, unit, visible, program, html.UnescapeString(text), strings.ReplaceAll(text, `\`, ""), whole,
	}
}

// base64sIn returns what the Base64 in a text decodes to, from wherever it may start.
func base64sIn(text string) []string {
	var found []string

	for _, run := range runsOf(text, 12, isBase64) {
		run = strings.NewReplacer("-", "+", "_", "/").Replace(run)
		for skip := range 4 {
			rest := run[skip:]

			plain, err := base64.RawStdEncoding.DecodeString(rest[:len(rest)/4*4])
			if err == nil && printableEnough(plain) {
				found = append(found, string(plain))
			}
		}
	}

	return found
}

// printableEnough reports whether bytes may be a text with something around it: most of what is decoded is noise.
func printableEnough(text []byte) bool {
	run, longest := 0, 0
	for _, b := range text {
		if run++; b < ' ' || b > '~' {
			run = 0
		}

		longest = max(longest, run)
	}

	return longest >= 12
}

// The search finds what it is there to find, and nothing else.
func TestCanaryFinds(t *testing.T) {
	t.Parallel()

	all := append(strangers(), canary{name: "odd", text: `a/b+c"d&e=f<g>h%69jk~lmn`},
		canary{name: "plain", text: "0123456789abcdef0123"})
	for _, c := range all {
		for _, s := range spellings() {
			spelled := s.spell(c.text)
			if s.literal != nil {
				spelled = s.literal(spelled)
			}

			if s.name == "cut off" && len(spelled)-len("…") < c.share()+len(c.text)-len(c.heart()) {
				continue // nobody can do anything with what is left
			}

			for _, text := range []string{spelled, "before " + spelled + " after", `{"a":"` + inQuotes(spelled) + `"}`} {
				if c.in(layersOf(text)) == "" {
					t.Errorf("%s %s is not found in %q", c.name, s.name, text)
				}
			}
		}

		for _, gap := range []string{"  ", "\n ", `\n `} {
			heart, n := c.heart(), len(c.heart())/3
			if text := heart[:n] + gap + heart[n:2*n] + gap + heart[2*n:]; c.in(layersOf(text)) == "" {
				t.Errorf("%s is not found in %q", c.name, text)
			}
		}

		for _, text := range []string{"", "(redacted)", c.text[:len(c.text)/4], strings.Repeat("word ", 50)} {
			if part := c.in(layersOf(text)); part != "" {
				t.Errorf("%s: %q is found in %q", c.name, part, text)
			}
		}
	}
}
