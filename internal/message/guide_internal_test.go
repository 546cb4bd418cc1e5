package message

import (
	"fmt"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

const messagesGuide = "../../templates/guides/messages.md"

// guideRows returns the cells of every row of the guide's tables.
func guideRows(t *testing.T) [][]string {
	t.Helper()

	text, err := os.ReadFile(messagesGuide)
	if err != nil {
		t.Fatal(err)
	}

	var rows [][]string

	for line := range strings.Lines(string(text)) {
		line, isRow := strings.CutPrefix(strings.TrimSpace(line), "| ")
		if !isRow || strings.HasPrefix(line, "-") {
			continue
		}

		cells := strings.Split(strings.TrimSuffix(line, "|"), " | ")
		for i := range cells {
			cells[i] = strings.TrimSpace(cells[i])
		}

		rows = append(rows, cells)
	}

	return rows
}

// summaryPattern matches the summaries that an entry of the guide is about: words in italics stand for any.
func summaryPattern(entry string) *regexp.Regexp {
	var b strings.Builder

	for i, part := range strings.Split(entry, "*") {
		if i%2 == 1 {
			b.WriteString(`\S.*`)
		} else {
			b.WriteString(regexp.QuoteMeta(part))
		}
	}

	one := strings.NewReplacer("repositories$", "repositor(?:y|ies)$", "days$", "days?$").Replace(b.String() + "$")

	return regexp.MustCompile("^" + one)
}

// The guide has an entry, with a cause and a cure, for every Message, and none for what no message says.
func TestGuideListsEveryMessage(t *testing.T) {
	t.Parallel()

	var entries []string

	for _, row := range guideRows(t) {
		if len(row) != 3 || row[0] == "Message" {
			continue
		}

		entries = append(entries, row[0])
		if slices.Contains(row, "") {
			t.Errorf("%q has an empty cell", row[0])
		}
	}

	used := make(map[string]bool)

	for _, m := range everyMessage(t) {
		summary := m.messages.Summary

		fits := slices.DeleteFunc(slices.Clone(entries), func(entry string) bool {
			return !summaryPattern(entry).MatchString(summary)
		})
		if slices.Contains(fits, summary) {
			fits = []string{summary} // though one with a placeholder fits, too
		}

		if len(fits) == 0 {
			t.Errorf("the guide does not list %q", summary)
		}

		for _, entry := range fits {
			used[entry] = true
		}
	}

	for _, entry := range entries {
		if !used[entry] {
			t.Errorf("no message is %q", entry)
		}
	}
}

// The guide has a row for every status, and for every reason that keeps a check from being made.
func TestGuideListsStatusesAndReasons(t *testing.T) {
	t.Parallel()

	rows := guideRows(t)

	listed := func(what string, cells int) bool {
		return slices.ContainsFunc(rows, func(row []string) bool { return row[0] == what && len(row) == cells })
	}
	for _, c := range situations(t) {
		if entry := fmt.Sprintf("`%s`", c.status); !listed(entry, 5) {
			t.Errorf("the guide has no status %s", entry)
		}

		if c.status != gittoken.StatusUnchecked || c.verdict.Cause == gittoken.CauseSkipped ||
			c.verdict.Cause == gittoken.CauseTokenWithheld || tokencheck.AwaitsApply(c.verdict.Cause) {
			continue
		}

		if reason := reasonFor(c.verdict.Cause, ""); !listed(reason, 2) {
			t.Errorf("the guide has no reason %q", reason)
		}
	}
}

// Docs are generated from templates; a guide is taken over as it is.
func TestGuideIsPublished(t *testing.T) {
	t.Parallel()

	source, err := os.ReadFile(messagesGuide)
	if err != nil {
		t.Fatal(err)
	}

	published, err := os.ReadFile("../../docs/guides/messages.md")
	if err != nil || string(published) != string(source) {
		t.Errorf("docs/guides/messages.md is not templates/guides/messages.md: run make generate (%v)", err)
	}
}
