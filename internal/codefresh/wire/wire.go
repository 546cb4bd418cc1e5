// Package wire puts secrets into the bodies of requests.
//
// It is the one place of internal/codefresh that reads the text of a secret.
package wire

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const redacted = "(redacted)"

var (
	errNotUTF8 = errors.New("a secret is not valid UTF-8, so JSON cannot carry it")
	errUnused  = errors.New("a secret has no place in the request")
)

// Token is a secret's place in the variables of a GraphQL request. Marshalling it gives a stand-in; only
// Envelope.Encode puts the text there. Make one with Envelope.Token.
type Token struct {
	standIn string
}

// Envelope is one request whose body carries secrets. It has none at first. It is not for concurrent use.
type Envelope struct {
	// Salt is that of this process (gittoken.NewSalt). With it, nobody can foretell what stands for a secret before Encode
	// and have the text of the secret put where it does not belong.
	Salt []byte

	inside []enclosed
}

type enclosed struct {
	standIn []byte // as JSON
	secret  gittoken.Secret
}

// Token returns what to put where the body is to have the text of s.
func (e *Envelope) Token(s gittoken.Secret) Token {
	t := Token{standIn: redacted + " " + s.Fingerprint(e.Salt)}
	quoted, _ := t.MarshalJSON() // letters and digits always marshal

	if !slices.ContainsFunc(e.inside, func(in enclosed) bool { return bytes.Equal(in.standIn, quoted) }) {
		e.inside = append(e.inside, enclosed{standIn: quoted, secret: s})
	}

	return t
}

// Encode returns v as JSON, with the text of each secret in the place of its Token.
func (e *Envelope) Encode(v any) ([]byte, error) {
	body, err := json.Marshal(v)
	if err != nil {
		return nil, fmt.Errorf("encoding the request: %w", err)
	}

	for _, in := range e.inside {
		text := in.secret.Reveal()
		if !utf8.ValidString(text) {
			return nil, errNotUTF8
		}

		if !bytes.Contains(body, in.standIn) {
			return nil, errUnused
		}

		quoted, err := json.Marshal(text)
		if err != nil {
			return nil, fmt.Errorf("encoding a secret: %w", errNotUTF8) // json's own error could quote it
		}

		body = bytes.ReplaceAll(body, in.standIn, quoted)
	}

	return body, nil
}

// Trim returns s without white space around it, such as the line break at the end of a file.
func Trim(s gittoken.Secret) gittoken.Secret {
	return gittoken.NewSecret(strings.TrimSpace(s.Reveal()))
}

// MarshalJSON implements json.Marshaler.
func (t Token) MarshalJSON() ([]byte, error) { return json.Marshal(t.standIn) }

// String implements fmt.Stringer.
func (Token) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (Token) GoString() string { return redacted }

// Format implements fmt.Formatter.
func (Token) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue implements slog.LogValuer.
func (Token) LogValue() slog.Value { return slog.StringValue(redacted) }
