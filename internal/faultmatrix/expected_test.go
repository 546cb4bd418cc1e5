//go:build faults

package faultmatrix_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"
)

// retries is max_retries: how often a question is asked again.
const retries = 1

// expectation is what the tables say of one cell of the matrix.
type expectation struct {
	state    string   // kept, none, created, updated, gone
	severity string   // quiet, warning, error
	attempts int      // anyNumber if that is no matter
	says     []string // one of which a message must have, unless the walk is quiet or nothing is asked
}

// anyNumber of requests is as good as another.
const anyNumber = -1

// tables are those of testdata/expected.md.
type tables struct {
	walks  map[[3]string]map[walk]string // by service, resource and what the fault is taken for
	faults map[string]map[string]string  // by fault, then by column
}

func readTables() (tables, error) {
	text, err := os.ReadFile("testdata/expected.md")
	if err != nil {
		return tables{}, err
	}

	t := tables{walks: map[[3]string]map[walk]string{}, faults: map[string]map[string]string{}}

	var columns []string

	for line := range strings.Lines(string(text)) {
		line = strings.TrimSpace(line)
		if !strings.HasPrefix(line, "|") {
			columns = nil

			continue
		}

		cells := strings.Split(strings.Trim(line, "|"), "|")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}

		switch {
		case columns == nil:
			columns = cells
		case strings.HasPrefix(cells[0], "---"):
		case len(cells) != len(columns):
			return t, fmt.Errorf("this row has %d cells in place of %d: %s", len(cells), len(columns), line)
		case columns[0] == "service":
			row := map[walk]string{}
			for i, cell := range cells[3:] {
				row[walk(columns[i+3])] = cell
			}

			t.walks[[3]string{cells[0], cells[1], cells[2]}] = row
		default:
			row := map[string]string{}
			for i, cell := range cells {
				row[columns[i]] = cell
			}

			t.faults[cells[0]] = row
		}
	}

	return t, nil
}

// expect returns what a cell must come to. It reports false if there is no such cell.
func (t tables) expect(column, resource, fault string, w walk) (expectation, bool, error) {
	row, ok := t.faults[fault]
	if !ok {
		return expectation{}, false, fmt.Errorf("the table does not have the fault %q", fault)
	}

	meaning, says, _ := strings.Cut(row[column], ": ")
	if meaning == "-" {
		return expectation{}, false, nil
	}

	for taken := range strings.SplitSeq(meaning, " or ") {
		cell, ok := t.walks[[3]string{column, resource, taken}][w]
		if !ok || strings.Contains(meaning, " or ") && taken != "slow" && resource == "runtime" {
			continue // a fault that is taken for one thing or another is the latter for a runtime's token
		}

		if cell == "-" {
			return expectation{}, false, nil
		}

		e, err := parseCell(cell, row)
		e.says = strings.Split(says, " / ")

		return e, true, err
	}

	if column == "mutation" && resource == "runtime" {
		return expectation{}, false, nil // it is all that a runtime's token asks of an app-proxy
	}

	return expectation{}, false, fmt.Errorf("the table does not say what a %s token does if the %s is %s",
		resource, column, meaning)
}

func parseCell(cell string, row map[string]string) (expectation, error) {
	parts := strings.Split(cell, ", ")
	if len(parts) != 3 {
		return expectation{}, fmt.Errorf("the cell %q is not of the form state, severity, requests", cell)
	}

	question, err := strconv.Atoi(row["question"])
	if err != nil {
		return expectation{}, err
	}

	mutation, err := strconv.Atoi(row["mutation sent"])
	if err != nil {
		return expectation{}, err
	}

	e := expectation{state: parts[0], severity: parts[1]}
	if parts[2] == "any" {
		e.attempts = anyNumber

		return e, nil
	}

	mixed := strings.Contains(parts[2], "+") // then only the mutation misbehaves
	for part := range strings.SplitSeq(parts[2], "+") {
		n, err := strconv.Atoi(strings.TrimRight(part, "qm"))
		switch {
		case err != nil:
			return e, err
		case strings.HasSuffix(part, "m"):
			e.attempts += n * mutation
		case mixed:
			e.attempts += n
		default:
			e.attempts += n * question
		}
	}

	return e, nil
}
