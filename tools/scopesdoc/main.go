// Command scopesdoc writes the table of required scopes into a page of the documentation, between two marks.
//
// The provider judges by the same table: what the page promises and what the provider asks for cannot drift apart.
package main

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// What stands between these in a page is generated.
const (
	begin = "<!-- Written by 'make generate' from the rows of internal/gittoken. -->"
	end   = "<!-- Until here. -->"
)

var errMarks = errors.New("the page does not have each mark once, the first one first")

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: scopesdoc PAGE")
		os.Exit(2)
	}

	if err := update(os.Args[1]); err != nil {
		fmt.Fprintln(os.Stderr, "scopesdoc:", err)
		os.Exit(1)
	}
}

// update rewrites the generated part of the page in a file.
func update(file string) error {
	page, err := os.ReadFile(file) //nolint:gosec // The file that the caller names.
	if err != nil {
		return fmt.Errorf("read the page: %w", err)
	}

	fresh, err := renew(page, tables(gittoken.Requirements()))
	if err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}

	if bytes.Equal(page, fresh) {
		return nil
	}

	if err := os.WriteFile(file, fresh, 0o644); err != nil { //nolint:gosec // Documentation, for everybody to read.
		return fmt.Errorf("write the page: %w", err)
	}

	return nil
}

// renew puts text between the marks of a page.
func renew(page []byte, text string) ([]byte, error) {
	before, rest, found := strings.Cut(string(page), begin)

	_, after, closed := strings.Cut(rest, end)
	if !found || !closed || strings.Contains(before+after, begin) || strings.Contains(before+after, end) {
		return nil, errMarks
	}

	return []byte(before + begin + "\n\n" + text + "\n" + end + after), nil
}

// tables renders the requirements, and below them the scopes that do in place of others.
func tables(all []gittoken.Requirement) string {
	var b strings.Builder
	b.WriteString("| Git provider | Kind of token | Type | Required scopes | Source |\n|---|---|---|---|---|\n")

	for _, rows := range grouped(all, sameRow) {
		r := rows[0]
		fmt.Fprintf(&b, "| `%s` | %s | `%s` | %s | %s |\n", r.Provider, kindsOf(rows), r.Type, demand(r), r.Source)
	}

	b.WriteString("\nA token also satisfies a required scope with one of these:\n\n" +
		"| Git provider | Required scope | Granted by |\n|---|---|---|\n")

	var told []string

	for _, r := range all {
		for _, s := range r.Scopes {
			wider := r.Vocabulary().GrantedBy(s)

			row := fmt.Sprintf("| `%s` | `%s` | ", r.Provider, s)
			if len(wider) > 1 && !slices.Contains(told, row) {
				told = append(told, row)
				b.WriteString(row + quoted(wider[1:]) + " |\n")
			}
		}
	}

	for _, rows := range grouped(all, sameRow) {
		if r := rows[0]; len(r.ValidatorOnly) > 0 {
			fmt.Fprintf(&b, "\nCodefresh's own validator requires %s of a `%s` token of `%s` (%s); no document says so.\n",
				quoted(r.ValidatorOnly), r.Type, r.Provider, kindsOf(rows))
		}
	}

	for _, rows := range grouped(all, sameRow) {
		if r := rows[0]; len(r.Advised) > 0 {
			fmt.Fprintf(&b, "\nUseful for a `%s` token of `%s` (%s), and not required: %s.\n",
				r.Type, r.Provider, kindsOf(rows), quoted(r.Advised))
		}
	}

	b.WriteString("\nScopes that a kind of token cannot have. Where one is required, use another kind:\n\n" +
		"| Git provider | Kind of token | Scopes out of reach | Source |\n|---|---|---|---|\n")

	for _, rows := range grouped(all, sameLimits) {
		r := rows[0]
		lacks, source := gittoken.Limits(r.Provider, r.Kind)
		fmt.Fprintf(&b, "| `%s` | %s | %s | %s |\n", r.Provider, kindsOf(rows), cmp.Or(quoted(lacks), "none"), source)
	}

	return b.String()
}

func sameLimits(a, b gittoken.Requirement) bool {
	lacksA, sourceA := gittoken.Limits(a.Provider, a.Kind)
	lacksB, sourceB := gittoken.Limits(b.Provider, b.Kind)

	return a.Provider == b.Provider && sourceA == sourceB && slices.Equal(lacksA, lacksB)
}

func demand(r gittoken.Requirement) string {
	if r.Unfit {
		return "cannot be a " + string(r.Type) + " token: " + unfitness(r.Reason)
	}

	return quoted(r.Scopes)
}

// unfitness says why tokens cannot do a job.
func unfitness(reason gittoken.Unfitness) string {
	switch reason {
	case gittoken.UnfitOneProject:
		return "reaches one project only"
	case gittoken.UnfitShortLived:
		return "works for hours, and does not tell what it holds"
	case gittoken.UnfitNoAccount:
		return "can hold neither account nor team"
	case gittoken.UnfitNoPerson:
		return "is nobody's account's"
	}

	return "whatever it holds"
}

func sameRow(a, b gittoken.Requirement) bool {
	return a.Provider == b.Provider && a.Type == b.Type && a.Unfit == b.Unfit && a.Source == b.Source &&
		slices.Equal(a.Scopes, b.Scopes) && slices.Equal(a.Advised, b.Advised)
}

// grouped puts requirements that are the same for several kinds together, in the order of the first of each.
func grouped(all []gittoken.Requirement, same func(a, b gittoken.Requirement) bool) [][]gittoken.Requirement {
	var groups [][]gittoken.Requirement
	for _, r := range all {
		i := slices.IndexFunc(groups, func(group []gittoken.Requirement) bool { return same(group[0], r) })
		if i < 0 {
			groups = append(groups, nil)
			i = len(groups) - 1
		}

		groups[i] = append(groups[i], r)
	}

	return groups
}

func kindsOf(rows []gittoken.Requirement) string {
	names := make([]string, 0, len(rows))
	for _, r := range rows {
		if name := "`" + string(r.Kind) + "`"; !slices.Contains(names, name) {
			names = append(names, name)
		}
	}

	return strings.Join(names, ", ")
}

func quoted(scopes []gittoken.Scope) string {
	names := make([]string, 0, len(scopes))
	for _, s := range scopes {
		names = append(names, "`"+string(s)+"`")
	}

	return strings.Join(names, ", ")
}
