package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"syscall"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// CauseOf says why a request of a Client got no answer, as a cause and as a sentence that is safe to print: it names
// hosts and certificates, and repeats nothing that the server sent. An error that is not of the network, such as one of
// decoding an answer, is CauseNotUnderstood. A nil error has no cause.
func CauseOf(err error) (gittoken.Cause, string) {
	if err == nil {
		return "", ""
	}

	if cause, detail := ownCause(err); cause != "" {
		return cause, Printable(detail)
	}

	if cause, detail := tlsProblem(err); cause != "" {
		return cause, Printable(detail)
	}

	if detail := timeout(err); detail != "" {
		return gittoken.CauseTimeout, Printable(detail)
	}

	if detail := networkProblem(err); detail != "" {
		return gittoken.CauseNetwork, Printable(detail)
	}

	return gittoken.CauseNotUnderstood, "the answer could not be understood"
}

// ownCause recognises the errors of this package.
func ownCause(err error) (gittoken.Cause, string) {
	var (
		insecure *InsecureError
		origin   *OriginError
		tooLarge *TooLargeError
		address  *AddressError
		proxy    *ProxyError
		stale    *StaleError
		scheme   *SchemeError
		cert     *ClientCertError
		verb     *VerbError
	)

	switch {
	case errors.As(err, &insecure):
		return gittoken.CauseInsecure, insecure.Error()
	case errors.As(err, &origin):
		return gittoken.CauseRedirect, origin.Error()
	case errors.As(err, &tooLarge):
		return gittoken.CauseTooLarge, tooLarge.Error()
	case errors.As(err, &address):
		return gittoken.CauseNetwork, address.Error()
	case errors.As(err, &proxy):
		return gittoken.CauseProxy, proxy.Error()
	case ofProxy(err):
		return gittoken.CauseProxy, proxyError(nil, "", "", 0, err).Error()
	case errors.As(err, &stale):
		return gittoken.CauseProxy, stale.Error()
	case errors.As(err, &scheme):
		return gittoken.CauseScheme, scheme.Error()
	case errors.As(err, &cert):
		return gittoken.CauseClientCert, cert.Error()
	case errors.As(err, &verb):
		return gittoken.CauseNotUnderstood, verb.Error()
	case errors.Is(err, errUnsendable):
		return gittoken.CauseNotUnderstood, errUnsendable.Error()
	}

	return "", ""
}

func tlsProblem(err error) (gittoken.Cause, string) {
	var (
		certificate *tls.CertificateVerificationError
		record      tls.RecordHeaderError
		hostname    x509.HostnameError
		authority   x509.UnknownAuthorityError
		invalid     x509.CertificateInvalidError
		op          *net.OpError
	)

	// crypto/tls tells most of its errors by their text only.
	text := innermost(err).Error()

	switch {
	case errors.As(err, &hostname):
		return gittoken.CauseTLS, hostname.Error()
	case errors.As(err, &authority):
		return gittoken.CauseTLS, "the server's certificate is signed by an authority that this machine does not trust"
	case errors.As(err, &invalid):
		return gittoken.CauseTLS, "the server's certificate is not valid: " + invalid.Error()
	case errors.As(err, &certificate):
		return gittoken.CauseTLS, "the server's certificate could not be verified"
	case errors.As(err, &record), errors.Is(err, http.ErrSchemeMismatch):
		return gittoken.CauseScheme, "the server does not speak TLS at this address"
	case errors.As(err, &op) && (op.Op == "remote error" || op.Op == "local error"):
		return gittoken.CauseTLS, "the TLS handshake failed: " + op.Error()
	case strings.HasPrefix(text, "tls: "):
		return gittoken.CauseTLS, "the TLS handshake failed: " + text
	}

	return "", ""
}

func timeout(err error) string {
	var (
		own     *TimeoutError
		network net.Error
	)

	switch {
	case errors.As(err, &own):
		return own.Error()
	case errors.Is(err, context.Canceled):
		return "cancelled before an answer came"
	case errors.Is(err, context.DeadlineExceeded):
		return "no answer in time"
	case errors.As(err, &network) && network.Timeout():
		return "no answer in time"
	}

	return ""
}

func networkProblem(err error) string {
	var (
		dns  *net.DNSError
		op   *net.OpError
		call *url.Error
	)

	switch {
	case errors.As(err, &dns):
		return dns.Error()
	case errors.Is(err, syscall.ECONNREFUSED) && errors.As(err, &op) && op.Addr != nil:
		return fmt.Sprintf("%s refused the connection", op.Addr)
	case ofProxy(err) && errors.As(err, &op) && op.Err != nil:
		return proxyProblem(op)
	case errors.As(err, &op) && op.Op == "dial":
		return "no connection: " + op.Error()
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.As(err, &op):
		return "the connection broke"
	case errors.As(err, &call):
		// The rest are texts of net/http that may quote the answer.
		return "the connection broke, or what answered does not speak HTTP"
	}

	return ""
}

func innermost(err error) error {
	for {
		inner := errors.Unwrap(err)
		if inner == nil {
			return err
		}

		err = inner
	}
}
