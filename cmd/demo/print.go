package main

import (
	"fmt"
	"io"
	"regexp"
	"strings"
)

// width is that of a line: what Terraform itself keeps to where it sees no terminal.
const width = 78

// left is printed where lines of Terraform are left out.
const left = "…"

const barriers = "╷│╵" // what Terraform frames diagnostics with

// page is what the demo prints on.
type page struct {
	out      io.Writer
	coloured bool
}

// Write prints a text that may have colours.
func (p page) Write(text []byte) (int, error) {
	if !p.coloured {
		text = []byte(plain(string(text)))
	}

	if _, err := p.out.Write(text); err != nil {
		return 0, fmt.Errorf("printing: %w", err)
	}

	return len(text), nil
}

func bold(text string) string { return "\x1b[1m" + text + "\x1b[0m" }

func heading(text string) string { return "\x1b[1;36m" + text + "\x1b[0m" }

func dim(text string) string { return "\x1b[2m" + text + "\x1b[0m" }

// excerpt returns the lines that matter of what Terraform printed, as they are: diagnostics of the provider, what is
// to be done or was done to each resource, and the summary. An ellipsis stands for what is left out in between; a list
// of resources has none.
func excerpt(printed string) string {
	var (
		b     strings.Builder
		frame []string
	)

	gap, before := false, 0
	show := func(sort int, lines ...string) {
		if gap && before != 0 && before != sort {
			fmt.Fprintln(&b, dim(left))
		}

		gap, before = false, sort

		for _, line := range lines {
			fmt.Fprintln(&b, line)
		}
	}

	for line := range strings.SplitSeq(printed, "\n") {
		bare := strings.TrimSpace(plain(line))
		switch {
		case strings.HasPrefix(bare, "╷"):
			frame = []string{line}
		case len(frame) > 0:
			if frame = append(frame, line); !strings.HasPrefix(bare, "╵") {
				continue
			}

			if !strings.Contains(plain(frame[1]), "development overrides") {
				show(diagnostic, frame...)
			}

			frame = nil
		case isAction(bare):
			show(action, line)
		case strings.Contains(bare, " complete after "):
			show(progress, line)
		case isSummary(bare):
			show(summary, line)
		case bare != "":
			gap = true
		}
	}

	return tidy(b.String())
}

// tidy leaves out resets of colours where none is set: releases of Terraform put them at different places.
func tidy(printed string) string {
	set := false

	return colours.ReplaceAllStringFunc(printed, func(code string) string {
		if code != "\x1b[0m" {
			set = true

			return code
		}

		if !set {
			return ""
		}

		set = false

		return code
	})
}

// What a line tells.
const (
	diagnostic = 1 + iota
	action
	progress
	summary
)

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

var colours = regexp.MustCompile("\x1b\\[[0-9;]*m")

// plain removes the colours.
func plain(printed string) string { return colours.ReplaceAllString(printed, "") }

// flatten undoes the line breaks that Terraform puts into diagnostics.
func flatten(printed string) string {
	return strings.Join(strings.Fields(strings.Map(func(r rune) rune {
		if strings.ContainsRune(barriers, r) {
			return ' '
		}

		return r
	}, plain(printed))), " ")
}

// wrap breaks a text into lines.
func wrap(text string) string {
	var b strings.Builder

	column := 0

	for _, word := range strings.Fields(text) {
		n := len([]rune(word))
		switch {
		case column == 0:
		case column+1+n > width:
			b.WriteString("\n")

			column = 0
		default:
			b.WriteString(" ")

			column++
		}

		b.WriteString(word)

		column += n
	}

	return b.String()
}

func indent(text string) string {
	var b strings.Builder

	for line := range strings.Lines(text) {
		if line != "\n" {
			b.WriteString("    ")
		}

		b.WriteString(line)
	}

	return b.String()
}
