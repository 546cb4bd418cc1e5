// Package redact takes secrets out of texts before they are printed or stored.
//
// A Redactor knows every secret of the process and finds it in whatever spelling a server could repeat it: escaped for
// a URL, for JSON or for HTML, more than once even, in Base64, alone or within something longer such as a password of
// HTTP Basic authentication, and cut off. It also finds what only looks like a credential.
package redact

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"sync"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// Mark stands in the place of what was taken out.
const Mark = "(redacted)"

// Redactor knows secrets. It is safe for concurrent use. Make one with New.
type Redactor struct {
	prefixes []tokenPrefix

	mu    sync.RWMutex
	added map[string]struct{}
	known *index
}

// New returns a Redactor that knows no secret yet, and finds credentials by their shape.
func New() *Redactor {
	return &Redactor{
		prefixes: tokenPrefixes(gittoken.TokenPrefixes()),
		added:    map[string]struct{}{},
		known:    newIndex(),
	}
}

// Add makes secrets known. A text that may be an ordinary word or name, such as "changeme", is found in its encoded
// forms only: struck out wherever it occurs, it would spoil texts that have nothing to do with it.
func (r *Redactor) Add(secrets ...gittoken.Secret) {
	for _, s := range secrets {
		text := strings.TrimSpace(s.Reveal())
		if len(text) < minSecret {
			continue
		}

		r.mu.RLock()
		_, done := r.added[text]
		r.mu.RUnlock()

		if done {
			continue
		}

		needles := needlesOf(text)

		r.mu.Lock()
		if _, done = r.added[text]; !done {
			r.added[text] = struct{}{}
			r.known.add(needles)
		}
		r.mu.Unlock()
	}
}

// Text returns text without known secrets and without what looks like a credential.
func (r *Redactor) Text(text string) string {
	if len(text) < minSecret {
		return text
	}

	spans := r.spans([]byte(text))
	if len(spans) == 0 {
		return text
	}

	return string(strike([]byte(text), spans))
}

// Finds reports whether text holds a known secret or what looks like a credential.
func (r *Redactor) Finds(text string) bool {
	return len(text) >= minSecret && len(r.spans([]byte(text))) > 0
}

// Writer returns a writer that hands on to w what it is given as Text has it. A secret in two writes is not found.
func (r *Redactor) Writer(w io.Writer) io.Writer { return writer{r, w} }

type writer struct {
	redactor *Redactor
	next     io.Writer
}

// Write implements io.Writer. What it counts are the bytes that it was given.
func (w writer) Write(text []byte) (int, error) {
	if _, err := io.WriteString(w.next, w.redactor.Text(string(text))); err != nil {
		return 0, err
	}

	return len(text), nil
}

// spans returns the places of text that hold secrets, in order and without overlaps.
func (r *Redactor) spans(text []byte) []span {
	r.mu.RLock()
	defer r.mu.RUnlock()

	return merged(r.look(text, maxNested))
}

// maxNested is how many encodings within encodings are undone, such as Base64 in Base64. Escapes are no encoding: any
// of them may be around and within.
const maxNested = 2

// look returns the places of text that hold secrets, also in as many encodings as nested. mu must be held.
func (r *Redactor) look(text []byte, nested int) []span {
	var found []span

	for v := viewOf(text); v != nil; v = v.decoded() {
		for _, s := range slices.Concat(r.known.find(v.text), r.plainShapes(v.text), r.encoded(v.text, nested)) {
			found = append(found, v.origin(s))
		}

		for _, m := range marks() {
			j := v.joined(m)
			if j == nil {
				break
			}

			for _, s := range slices.Concat(r.known.find(j.text), r.unbroken(j.text), r.encoded(j.text, nested)) {
				found = append(found, j.origin(s))
			}
		}
	}

	return found
}

// span is the part of a text from one byte to before another.
type span struct{ from, to int }

func merged(spans []span) []span {
	slices.SortFunc(spans, func(a, b span) int { return a.from - b.from })

	var result []span

	for _, s := range spans {
		if last := len(result) - 1; last >= 0 && s.from <= result[last].to {
			result[last].to = max(result[last].to, s.to)
		} else {
			result = append(result, s)
		}
	}

	return result
}

func strike(text []byte, spans []span) []byte {
	result := make([]byte, 0, len(text))
	at := 0

	for _, s := range spans {
		result = append(append(result, text[at:s.from]...), Mark...)
		at = s.to
	}

	return append(result, text[at:]...)
}

// String implements fmt.Stringer.
func (*Redactor) String() string { return "redactor" }

// GoString implements fmt.GoStringer.
func (*Redactor) GoString() string { return "redactor" }

// Format implements fmt.Formatter: printed by reflection, a Redactor would tell all that it is there to hide.
func (*Redactor) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, "redactor") }

// LogValue implements slog.LogValuer.
func (*Redactor) LogValue() slog.Value { return slog.StringValue("redactor") }

// MarshalJSON implements json.Marshaler.
func (*Redactor) MarshalJSON() ([]byte, error) { return []byte(`"redactor"`), nil }
