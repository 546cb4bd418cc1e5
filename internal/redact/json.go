package redact

import (
	"bytes"
	"encoding/json"
)

// JSON returns a JSON text with every string in it redacted as by Text, keys included, after its escapes are undone. A
// text without a secret is returned as it is, and not copied; one that is not JSON loses what Text takes from it.
func (r *Redactor) JSON(text []byte) []byte {
	if !json.Valid(text) {
		return []byte(r.Text(string(text)))
	}

	var result []byte // nil while nothing is changed

	copied := 0

	for at := 0; at < len(text); {
		i := bytes.IndexByte(text[at:], '"')
		if i < 0 {
			break
		}

		from := at + i
		to := endOfString(text, from)
		at = to

		var before string
		if json.Unmarshal(text[from:to], &before) != nil {
			continue // not reached: the text is valid
		}

		after := r.Text(before)
		if after == before {
			continue
		}

		quoted, err := json.Marshal(after)
		if err != nil {
			continue // not reached: strings always marshal
		}

		result = append(append(result, text[copied:from]...), quoted...)
		copied = to
	}

	if copied == 0 {
		return text
	}

	return append(result, text[copied:]...)
}

// endOfString returns the place behind the string that starts at from.
func endOfString(text []byte, from int) int {
	for i := from + 1; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}

	return len(text)
}
