package parity_test

import (
	"errors"
	"flag"
	"fmt"
	"os"
	"path"
	"regexp"
	"strings"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the validator's answers into testdata and their number into README.md")
	flag.Parse()
	os.Exit(m.Run())
}

func updates() bool { return flag.Lookup("update").Value.String() == "true" }

const (
	goldenFile = "testdata/validator.golden"
	knownFile  = "testdata/known.md"
	accepted   = "accepts it"
)

// writeAnswers writes answers as the golden file has them: token, use and answer, in the order of the tokens.
func writeAnswers(all []gitToken, found answers) string {
	var b strings.Builder
	b.WriteString("# What Codefresh's validator answers: make parity FLAGS=-update writes this.\n")

	for _, g := range all {
		for _, use := range tokenTypes() {
			said := found[pair{g.id(), use}]
			if said == "" {
				said = accepted
			}

			fmt.Fprintf(&b, "%s\t%s\t%s\n", g.id(), use, said)
		}
	}

	return b.String()
}

// readAnswers reads them back.
func readAnswers() (answers, error) {
	text, err := os.ReadFile(goldenFile)
	if err != nil {
		return nil, err
	}

	found := answers{}

	for line := range strings.Lines(string(text)) {
		if strings.HasPrefix(line, "#") {
			continue
		}

		parts := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		if len(parts) != 3 {
			return nil, fmt.Errorf("%s: %q is not a token, a use and an answer", goldenFile, line)
		}

		if parts[2] == accepted {
			parts[2] = ""
		}

		found[pair{parts[0], parts[1]}] = parts[2]
	}

	return found, nil
}

// known is a row of the known disagreements: pairs that the provider takes and the validator refuses, and why.
type known struct{ token, use, why string }

func (k known) covers(p pair) bool {
	matches, err := path.Match(k.token, p.token)

	return err == nil && matches && (k.use == p.use || k.use == "both")
}

func readKnown() ([]known, error) {
	text, err := os.ReadFile(knownFile)
	if err != nil {
		return nil, err
	}

	var rows []known
	for _, m := range regexp.MustCompile(`(?m)^\| ([^|]+) \| (runtime|user|both) \| ([^|]+) \|$`).
		FindAllStringSubmatch(string(text), -1) {
		rows = append(rows, known{m[1], m[2], m[3]})
	}

	return rows, nil
}

// tally compares the numbers that README.md gives with those of a run, or writes them there if -update is given.
func tally(pairs, disagreements int) error {
	const readme = "../../README.md"

	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}

	claim := regexp.MustCompile(`[\d,]+ pairs of\s+token and use, \d+ known disagreements?`)

	noun := "disagreements"
	if disagreements == 1 {
		noun = "disagreement"
	}

	now := fmt.Sprintf("%d pairs of token and use, %d known %s", pairs, disagreements, noun)
	switch found := claim.FindAllString(string(text), -1); {
	case len(found) != 1:
		return errors.New("README.md does not give the number of pairs in one place")
	case strings.Join(strings.Fields(found[0]), " ") == now:
		return nil
	case !updates():
		return fmt.Errorf("README.md tells of %s, which is %s now; make parity FLAGS=-update corrects it", found[0], now)
	}

	return os.WriteFile(readme, claim.ReplaceAll(text, []byte(now)), 0o644) //nolint:gosec // a public text
}
