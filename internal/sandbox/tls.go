package sandbox

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"math/big"
	"net"
	"sync"
	"time"
)

// authority is the sandbox's own certificate authority. It lives as long as the sandbox and signs only public names.
type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	pem         []byte
}

func (a *authority) create() error {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return fmt.Errorf("make the CA's key: %w", err)
	}

	template := certificateFor("Codefresh sandbox CA")
	template.IsCA, template.BasicConstraintsValid = true, true
	template.KeyUsage = x509.KeyUsageCertSign

	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return fmt.Errorf("make the CA's certificate: %w", err)
	}

	if a.certificate, err = x509.ParseCertificate(der); err != nil {
		return fmt.Errorf("read the CA's certificate back: %w", err)
	}

	a.key = key
	a.pem = pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})

	return nil
}

// listener wraps l so that it speaks TLS as name, whose certificate is made for the first client: most sandboxes are
// asked by few of their names. HTTP/1.1 only: faults cut connections, which HTTP/2 would share.
func (a *authority) listener(l net.Listener, name string) net.Listener {
	certificate := sync.OnceValues(func() (*tls.Certificate, error) { return a.certify(name) })

	return tls.NewListener(l, &tls.Config{
		MinVersion:     tls.VersionTLS12,
		GetCertificate: func(*tls.ClientHelloInfo) (*tls.Certificate, error) { return certificate() },
		NextProtos:     []string{"http/1.1"},
	})
}

func (a *authority) certify(name string) (*tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return nil, fmt.Errorf("make a key for %s: %w", name, err)
	}

	template := certificateFor(name)
	template.DNSNames = []string{name}
	template.KeyUsage = x509.KeyUsageDigitalSignature
	template.ExtKeyUsage = []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}

	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)
	if err != nil {
		return nil, fmt.Errorf("make a certificate for %s: %w", name, err)
	}

	return &tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, nil
}

// certificateFor returns a template that is valid now by the machine's clock, not the sandbox's: TLS clients ask the
// machine's.
func certificateFor(name string) *x509.Certificate {
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		serial = big.NewInt(1) // crypto/rand never fails on supported systems
	}

	return &x509.Certificate{
		SerialNumber: serial,
		Subject:      pkix.Name{CommonName: name},
		NotBefore:    time.Now().Add(-time.Hour),
		NotAfter:     time.Now().Add(365 * 24 * time.Hour),
	}
}

// CACertificate returns the sandbox's own certificate authority as PEM.
func (s *Sandbox) CACertificate() []byte { return append([]byte(nil), s.net.authority.pem...) }

// silentLog keeps net/http from writing handshake failures and aborted connections to standard error: tests cause them.
func silentLog() *log.Logger { return log.New(io.Discard, "", 0) }
