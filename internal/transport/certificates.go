package transport

import (
	"bytes"
	"crypto/x509"
	"encoding/pem"
	"errors"
	"fmt"
)

// What people take for a certificate.
var (
	// ErrPrivateKey says that a text for certificates holds a private key, which belongs nowhere near this program.
	ErrPrivateKey = errors.New("it holds a private key")
	// ErrByteOrderMark says that a text starts with U+FEFF, or has it in the middle, as files do that some editors wrote.
	// What PEM marks the beginning of a certificate with is then not at the beginning of its line.
	ErrByteOrderMark = errors.New("it has a byte order mark (U+FEFF)")
)

// CheckCertificates reports, as a *ConfigError, why a text cannot be Config.CACertificate. It wraps ErrPrivateKey or
// ErrByteOrderMark where that is why.
func CheckCertificates(text []byte) error {
	_, err := certificatesIn(text)

	return err
}

// certificatesIn returns the certificates of a text in PEM format; none for white space.
func certificatesIn(text []byte) ([]*x509.Certificate, error) {
	switch {
	case len(bytes.TrimSpace(text)) == 0:
		return nil, nil
	case bytes.Contains(text, []byte("PRIVATE KEY-----")):
		return nil, &ConfigError{Problem: "cannot be used", err: ErrPrivateKey}
	case bytes.Contains(text, []byte("\uFEFF")):
		return nil, &ConfigError{Problem: "cannot be used", err: ErrByteOrderMark}
	}

	var found []*x509.Certificate

	for rest := text; ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			break
		}

		if block.Type != "CERTIFICATE" {
			return nil, &ConfigError{Problem: fmt.Sprintf("holds a %s where a CERTIFICATE belongs", Printable(block.Type))}
		}

		certificate, err := x509.ParseCertificate(block.Bytes)
		if err != nil {
			return nil, &ConfigError{Problem: fmt.Sprintf("certificate %d does not parse", len(found)+1), err: err}
		}

		found = append(found, certificate)
	}

	if len(found) == 0 {
		return nil, &ConfigError{Problem: "holds no PEM certificate"}
	}

	return found, nil
}
