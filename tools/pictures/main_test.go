package main

import (
	"encoding/xml"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const repository = "../.."

// The pictures are what this program makes of what the demo printed. (What that is: TestDemo of cmd/demo.)
func TestPicturesAreUpToDate(t *testing.T) {
	t.Parallel()

	all, err := pictures(repository)
	if err != nil {
		t.Fatal(err)
	}

	if len(all) != 8 {
		t.Errorf("there are %d pictures", len(all))
	}

	files, err := filepath.Glob(filepath.Join(repository, assets, "*"))
	if err != nil || len(files) != len(all) {
		t.Errorf("%s has %q: %v", assets, files, err)
	}

	for name, want := range all {
		committed, err := os.ReadFile(filepath.Join(repository, assets, name))
		if err != nil {
			t.Fatal(err)
		}

		if string(committed) != want {
			t.Errorf("%s/%s is not what 'make generate' writes", assets, name)
		}
	}
}

// texts returns what a picture shows, and its title and description. It fails the test where a picture has what could
// run or would be fetched.
func texts(t *testing.T, name, svg string) (shown []string, title, description string) {
	t.Helper()

	allowed := map[string]bool{
		"svg": true, "title": true, "desc": true, "style": true, "rect": true, "path": true, "circle": true, "g": true,
		"text": true, "tspan": true,
	}
	decoder := xml.NewDecoder(strings.NewReader(svg))
	in := ""

	for {
		token, err := decoder.Token()
		if errors.Is(err, io.EOF) {
			break
		}

		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}

		switch e := token.(type) {
		case xml.StartElement:
			if !allowed[e.Name.Local] {
				t.Errorf("%s has an element %s", name, e.Name.Local)
			}

			if in = e.Name.Local; in == "text" {
				shown = append(shown, "")
			}

			for _, a := range e.Attr {
				if strings.HasPrefix(a.Name.Local, "on") || strings.Contains(a.Name.Local, "href") {
					t.Errorf("%s has an attribute %s", name, a.Name.Local)
				}
			}
		case xml.EndElement:
			if in = ""; e.Name.Local == "tspan" {
				in = "text"
			}
		case xml.CharData:
			switch in {
			case "text", "tspan":
				shown[len(shown)-1] += string(e)
			case "title":
				title = string(e)
			case "desc":
				description = string(e)
			case "style":
				if strings.Contains(string(e), "url(") || strings.Contains(string(e), "@import") {
					t.Errorf("%s fetches something", name)
				}
			}
		}
	}

	return shown, title, description
}

// A picture shows what was printed, all of it and nothing else, and tells it to those who do not see it.
func TestPicturesShowWhatWasPrinted(t *testing.T) {
	t.Parallel()

	all, err := pictures(repository)
	if err != nil {
		t.Fatal(err)
	}

	recorded, err := os.ReadFile(filepath.Join(repository, recording))
	if err != nil {
		t.Fatal(err)
	}

	letters := func(text string) string {
		return strings.Join(strings.Fields(strings.NewReplacer("╷", "", "│", "", "╵", "").Replace(text)), "")
	}

	var printed []string
	for _, l := range parse(string(recorded)) {
		printed = append(printed, l.String())
	}

	for name, svg := range all {
		shown, title, description := texts(t, name, svg)

		want := askedInWords()
		if strings.HasPrefix(name, "plan-") {
			want = strings.Join(printed, "\n")
			if got := letters(strings.Join(shown, " ")); got != letters(want) {
				t.Errorf("%s shows\n%s\nand not\n%s", name, got, letters(want))
			}
		}

		if title == "" || letters(description) != letters(want) {
			t.Errorf("%s is described as %q: %s", name, title, description)
		}
	}
}

// The figure shows every fact of every party, and gives no number that the guide does not give.
func TestFigureAgreesWithTheGuide(t *testing.T) {
	t.Parallel()

	all, err := pictures(repository)
	if err != nil {
		t.Fatal(err)
	}

	guide, err := os.ReadFile(filepath.Join(repository, "templates", "guides", "requests.md"))
	if err != nil {
		t.Fatal(err)
	}

	words := strings.Join(strings.Fields(string(guide)), " ")
	for _, text := range []string{
		"A plan needs one, one more for each further page of runtimes, and one for each user with an `api_key` of their own",
		"One in a plan, none with `check_repositories",
		"One for each runtime in a plan with user tokens",
		"A token costs one request at GitHub and at Bitbucket Cloud, two at GitLab, and at most five at Bitbucket Data",
	} {
		if !strings.Contains(words, text) {
			t.Errorf("the guide says no longer %q: see the figure", text)
		}
	}

	for _, name := range []string{"asks-light.svg", "asks-narrow-light.svg"} {
		shown, _, _ := texts(t, name, all[name])
		together := strings.Join(shown, " ")

		for _, p := range parties() {
			for _, fact := range append(p.facts[:], p.name, p.where, askedRule, askerDoes) {
				if !strings.Contains(together, fact) {
					t.Errorf("%s does not show %q", name, fact)
				}
			}
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()

	plainStyle := style{colour: noColour}
	red := style{bold: true, colour: 1}
	all := parse("\x1b[1m\x1b[31ma\x1b[0m\x1b[2Kb  \n\x1b[1;4;96mc\x1b[22;24;39md\n\n")

	want := []line{
		{{'a', red}, {'b', plainStyle}},
		{{'c', style{bold: true, underlined: true, colour: 6}}, {'d', plainStyle}},
	}
	if len(all) != len(want) {
		t.Fatalf("got %v", all)
	}

	for i, l := range want {
		if len(all[i]) != len(l) {
			t.Fatalf("line %d: got %v", i, all[i])
		}

		for j, c := range l {
			if all[i][j] != c {
				t.Errorf("line %d, column %d: got %+v, want %+v", i, j, all[i][j], c)
			}
		}
	}
}

func TestFit(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		printed string
		want    []string
	}{
		"between words":       {"one two three", []string{"one two", "three"}},
		"indent":              {"  one two three", []string{"  one", "  two", "  three"}},
		"within a word":       {"0123456789", []string{"01234567", "89"}},
		"exactly":             {"one four", []string{"one four"}},
		"empty":               {"a\n\nb", []string{"a", "", "b"}},
		"paragraph":           {"╷\n│ one\n│ two three\n╵", []string{"╷", "│ one", "│ two", "│ three", "╵"}},
		"joined":              {"│ a b\n│ c d e", []string{"│ a b c", "│ d e"}},
		"not joined":          {"│   a\n│ b\n│\n│ c", []string{"│   a", "│ b", "│", "│ c"}},
		"between diagnostics": {"│ a\n╵\n╷\n│ b", []string{"│ a", "╵", "╷", "│ b"}},
	} {
		var got []string
		for _, l := range fit(parse(tt.printed), 8) {
			got = append(got, l.String())
		}

		if strings.Join(got, "\n") != strings.Join(tt.want, "\n") {
			t.Errorf("%s: got %q, want %q", name, got, tt.want)
		}
	}
}
