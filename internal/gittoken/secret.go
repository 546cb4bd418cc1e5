package gittoken

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
)

const redacted = "(redacted)"

// Secret is a text that no log, error or encoder shows. Whatever prints it prints "(redacted)".
//
// The text sits behind a function, so that packages that print structs by reflection, where the methods below are out
// of reach, find an address and not the text. It also makes Secret incomparable: use Equal, or Fingerprint as a key.
type Secret struct {
	reveal func() string
}

// NewSecret wraps text.
func NewSecret(text string) Secret {
	return Secret{reveal: func() string { return text }}
}

// Reveal returns the text itself. It is meant for the one place that puts it on the wire.
func (s Secret) Reveal() string {
	if s.reveal == nil {
		return ""
	}

	return s.reveal()
}

// IsEmpty reports whether the secret has no text.
func (s Secret) IsEmpty() bool { return s.Reveal() == "" }

// Equal reports whether both secrets have the same text, in a time that does not depend on where they differ.
func (s Secret) Equal(other Secret) bool {
	return hmac.Equal([]byte(s.Reveal()), []byte(other.Reveal()))
}

// Fingerprint returns the HMAC-SHA-256 of the text under salt, as 64 hexadecimal digits. Without the salt a fingerprint
// says nothing of the text, not even whether two fingerprints are of one token.
func (s Secret) Fingerprint(salt []byte) string {
	mac := hmac.New(sha256.New, salt)
	mac.Write([]byte(s.Reveal()))

	return hex.EncodeToString(mac.Sum(nil))
}

// saltSize is the length of a salt in bytes: nobody has hashed all tokens under every one of so many.
const saltSize = 16

// NewSalt reads a salt for Fingerprint from random. The error is that of random.
func NewSalt(random io.Reader) ([]byte, error) {
	salt := make([]byte, saltSize)
	if _, err := io.ReadFull(random, salt); err != nil {
		return nil, fmt.Errorf("reading random bytes for a salt: %w", err)
	}

	return salt, nil
}

// String implements fmt.Stringer.
func (Secret) String() string { return redacted }

// GoString implements fmt.GoStringer.
func (Secret) GoString() string { return redacted }

// Format implements fmt.Formatter, so that verbs such as %x and %q are covered too.
func (Secret) Format(f fmt.State, _ rune) { _, _ = io.WriteString(f, redacted) }

// LogValue implements slog.LogValuer.
func (Secret) LogValue() slog.Value { return slog.StringValue(redacted) }

// MarshalJSON implements json.Marshaler.
func (Secret) MarshalJSON() ([]byte, error) { return json.Marshal(redacted) }

// MarshalText implements encoding.TextMarshaler.
func (Secret) MarshalText() ([]byte, error) { return []byte(redacted), nil }
