package main

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
)

// outcome is what became of an expectation.
type outcome string

const (
	confirmed outcome = "confirmed"
	refuted   outcome = "refuted"
	failed    outcome = "failed"    // asked, and nothing can be said
	untried   outcome = "not tried" // not asked
)

// report prints what was found. Every line of it goes through clean.
type report struct {
	w       io.Writer
	secrets []string
	counts  map[outcome]int
}

func newReport(w io.Writer) *report { return &report{w: w, counts: map[outcome]int{}} }

// knows adds texts that no line may hold, in any spelling in which a server or an error could repeat them.
func (r *report) knows(texts ...string) {
	for _, text := range texts {
		for _, part := range []string{text, strings.TrimSpace(text)} {
			if part == "" {
				continue
			}

			quoted, _ := json.Marshal(part) // a string always marshals
			r.secrets = append(r.secrets, part, url.QueryEscape(part), url.PathEscape(part),
				strings.Trim(string(quoted), `"`), base64.StdEncoding.EncodeToString([]byte(part)))
		}
	}
	// Longest first: else a secret that is part of another would leave the other's rest behind.
	slices.SortFunc(r.secrets, func(a, b string) int { return cmp.Or(len(b)-len(a), strings.Compare(a, b)) })
	r.secrets = slices.Compact(r.secrets)
}

// clean strikes the secrets from a line.
func (r *report) clean(line string) string {
	for _, secret := range r.secrets {
		line = strings.ReplaceAll(line, secret, "(redacted)")
	}

	return line
}

func (r *report) line(format string, args ...any) {
	fmt.Fprintln(r.w, r.clean(fmt.Sprintf(format, args...)))
}

// section begins what is said of one service.
func (r *report) section(title string) { r.line("\n%s", title) }

// tell counts an expectation and prints it, with whatever else there is to say about it.
func (r *report) tell(o outcome, what string, details ...string) {
	r.counts[o]++
	r.line("  %-9s  %s", o, what)

	for _, detail := range details {
		r.line("             %s", detail)
	}
}

// finish prints the sum and returns the exit code.
func (r *report) finish() int {
	var parts []string
	for _, o := range []outcome{confirmed, refuted, failed, untried} {
		parts = append(parts, fmt.Sprintf("%d %s", r.counts[o], o))
	}

	r.line("\n%s.", strings.Join(parts, ", "))

	if r.counts[refuted]+r.counts[failed] > 0 {
		return exitRefuted
	}

	return exitConfirmed
}
