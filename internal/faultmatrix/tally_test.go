//go:build faults

package faultmatrix_test

import (
	"flag"
	"fmt"
	"os"
	"regexp"
	"testing"
)

func TestMain(m *testing.M) {
	flag.Bool("update", false, "write the numbers of cases into README.md")
	flag.Parse()
	os.Exit(m.Run())
}

// compare compares what README.md says of a run, which claim matches, with what is so now. It writes that there if
// -update is given.
func compare(claim, now string) error {
	const readme = "../../README.md"

	text, err := os.ReadFile(readme)
	if err != nil {
		return err
	}

	pattern := regexp.MustCompile(claim)
	switch found := pattern.FindAllString(string(text), -1); {
	case len(found) != 1:
		return fmt.Errorf("README.md has %d matches of %q", len(found), claim)
	case found[0] == now:
		return nil
	case flag.Lookup("update").Value.String() != "true":
		return fmt.Errorf("README.md tells of %s, which is %s now; FLAGS=-update corrects it", found[0], now)
	}

	return os.WriteFile(readme, pattern.ReplaceAllLiteral(text, []byte(now)), 0o644) //nolint:gosec // a public text
}

// grouped writes a number with a comma before its last three digits.
func grouped(n int) string {
	if n < 1000 {
		return fmt.Sprint(n)
	}

	return fmt.Sprintf("%s,%03d", grouped(n/1000), n%1000)
}

// TestFaultTableIsComplete wants an expectation for every fault at every service and for every walk, and for nothing
// else. A mutation alone cannot misbehave in the ways that concern a whole connection, and Git hosts do not speak
// GraphQL.
func TestFaultTableIsComplete(t *testing.T) {
	t.Parallel()

	expected, err := readTables()
	if err != nil {
		t.Fatal(err)
	}

	all := faults()
	if len(all) != len(expected.faults) {
		t.Errorf("there are %d faults, and %d in the table", len(all), len(expected.faults))
	}

	cells := map[string]int{}

	for _, l := range lanes() {
		for _, f := range all {
			if !l.suffers(f) {
				continue
			}

			for _, w := range walks() {
				_, exists, err := expected.expect(l.column, l.resource(), f.name, w)
				if err != nil {
					t.Error(err)
				}

				if exists && l.has(w) {
					cells[fmt.Sprintf("%s of %s, %s token", l.column, l.service, l.resource())]++
				} else if l.match == "" {
					t.Errorf("no expectation for %s, %s token, %s, %s", l.service, l.resource(), f.name, w)
				}
			}
		}
	}
	// 6 hosts, once more with their repositories, 3 services with 2 types of token each, and 1 for mutations.
	if len(cells) != 19 {
		t.Errorf("the matrix has %d columns: %v", len(cells), cells)
	}
}
