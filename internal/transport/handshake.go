package transport

import (
	"crypto/tls"
	"errors"
	"net"
	"sync/atomic"
)

// handshake is what is remembered of the TLS handshake that one attempt caused.
type handshake struct{ asked atomic.Bool }

type handshakeKey struct{}

// noCertificate is the TLS configuration's GetClientCertificate: it shows none, and remembers that the server asked.
// The alert that follows does not tell: before TLS 1.3 it is the same for every handshake that fails.
func noCertificate(info *tls.CertificateRequestInfo) (*tls.Certificate, error) {
	if h, ok := info.Context().Value(handshakeKey{}).(*handshake); ok {
		h.asked.Store(true)
	}

	return &tls.Certificate{}, nil
}

// explain says that it was for the lack of a certificate that the server broke off, if so.
func (h *handshake) explain(err error) error {
	var op *net.OpError
	if h.asked.Load() && errors.As(err, &op) && op.Op == "remote error" {
		return &ClientCertError{err: err}
	}

	return err
}
