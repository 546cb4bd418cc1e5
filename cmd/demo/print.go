package main

import (
	"fmt"
	"regexp"
	"strings"
)

const (
	margin   = "   "
	barriers = "╷│╵" // what Terraform frames diagnostics with
)

// excerpt returns the lines that matter of what Terraform printed: diagnostics of the provider, what is to be done to
// each resource, and the summary.
func excerpt(printed string) string {
	var b strings.Builder
	framed, ours := false, false
	for line := range strings.SplitSeq(printed, "\n") {
		text := strings.TrimSpace(strings.Trim(line, barriers))
		switch {
		case strings.HasPrefix(line, "╷"):
			framed, ours = true, false
		case strings.HasPrefix(line, "╵"):
			framed = false
		case framed:
			if isHeadline(text) {
				ours = !strings.Contains(text, "development overrides")
			}
			if ours && text != "" && !isSource(text) {
				fmt.Fprintf(&b, "%s| %s\n", margin, text)
			}
		case isAction(text), isSummary(text):
			fmt.Fprintf(&b, "%s| %s\n", margin, text)
		}
	}

	return b.String()
}

func isHeadline(text string) bool {
	return strings.HasPrefix(text, "Error: ") || strings.HasPrefix(text, "Warning: ")
}

// isSource reports whether text is a line of the configuration that a diagnostic shows.
func isSource(text string) bool {
	number, _, ok := strings.Cut(text, ":")

	return ok && number != "" && strings.Trim(number, "0123456789") == ""
}

func isAction(text string) bool {
	return strings.HasPrefix(text, "# ") && (strings.Contains(text, " will be ") || strings.Contains(text, " must be "))
}

func isSummary(text string) bool {
	for _, start := range []string{"Plan: ", "No changes.", "Apply complete!", "Destroy complete!"} {
		if strings.HasPrefix(text, start) {
			return true
		}
	}

	return false
}

// plain removes the colours.
func plain(printed string) string {
	return regexp.MustCompile("\x1b\\[[0-9;]*m").ReplaceAllString(printed, "")
}

// flatten undoes the line breaks that Terraform puts into diagnostics.
func flatten(printed string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if strings.ContainsRune(barriers, r) {
			return ' '
		}

		return r
	}, printed)), " ")
}

func indent(text string) string {
	return margin + "| " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n"+margin+"| ") + "\n"
}
