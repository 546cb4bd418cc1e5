//go:build faults

package faultmatrix_test

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"sync"
	"time"
)

// Names of what is reached through a front.
const (
	appProxyName = "prod.example.com"
	elsewhere    = "elsewhere.example.org" // where redirects point to, and nobody may go
)

// disguise is what a front shows.
type disguise int

const (
	tunnelled disguise = iota // the sandbox's app-proxy, behind TLS
	stranger                  // a certificate of an authority that nobody trusts
	expired                   // a certificate that was good once
	flood                     // an answer of 10 GiB
)

// identities are the TLS configurations of the disguises, and the authority to trust.
type identities struct {
	configs map[disguise]*tls.Config
	trusted []byte // PEM
}

func makeIdentities(names []string) (identities, error) {
	trusted, err := makeAuthority()
	if err != nil {
		return identities{}, err
	}

	unknown, err := makeAuthority()
	if err != nil {
		return identities{}, err
	}

	now := time.Now()

	made := identities{configs: map[disguise]*tls.Config{}, trusted: trusted.pem}
	for d, from := range map[disguise]struct {
		by    authority
		until time.Time
	}{
		tunnelled: {trusted, now.Add(24 * time.Hour)},
		flood:     {trusted, now.Add(24 * time.Hour)},
		stranger:  {unknown, now.Add(24 * time.Hour)},
		expired:   {trusted, now.Add(-time.Hour)},
	} {
		certificate, err := from.by.sign(names, from.until)
		if err != nil {
			return identities{}, err
		}

		made.configs[d] = &tls.Config{
			MinVersion: tls.VersionTLS12, Certificates: []tls.Certificate{certificate}, NextProtos: []string{"http/1.1"},
		}
	}

	return made, nil
}

type authority struct {
	key         *ecdsa.PrivateKey
	certificate *x509.Certificate
	pem         []byte
}

func makeAuthority() (authority, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return authority{}, err
	}

	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: "authority"},
		NotBefore: time.Now().Add(-72 * time.Hour), NotAfter: time.Now().Add(72 * time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign,
	}

	der, err := x509.CreateCertificate(rand.Reader, template, template, key.Public(), key)
	if err != nil {
		return authority{}, err
	}

	certificate, err := x509.ParseCertificate(der)

	return authority{key, certificate, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: der})}, err
}

func (a authority) sign(names []string, until time.Time) (tls.Certificate, error) {
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return tls.Certificate{}, err
	}

	template := &x509.Certificate{
		SerialNumber: big.NewInt(time.Now().UnixNano()), Subject: pkix.Name{CommonName: names[0]}, DNSNames: names,
		NotBefore: time.Now().Add(-48 * time.Hour), NotAfter: until,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth},
	}
	der, err := x509.CreateCertificate(rand.Reader, template, a.certificate, key.Public(), a.key)

	return tls.Certificate{Certificate: [][]byte{der}, PrivateKey: key}, err
}

// front is a listener that plays one disguise.
type front struct {
	listener net.Listener
	config   *tls.Config
	upstream string // of a tunnel
	handlers sync.WaitGroup
}

func openFront(ctx context.Context, d disguise, who identities, upstream string) (*front, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}

	f := &front{listener: listener, config: who.configs[d], upstream: upstream}

	serve := f.flood
	if d == tunnelled {
		serve = f.tunnel
	}

	f.handlers.Go(func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}

			f.handlers.Go(func() {
				defer conn.Close() //nolint:errcheck // the other side sees it

				secure := tls.Server(conn, f.config)
				if secure.HandshakeContext(ctx) == nil {
					serve(ctx, conn, secure)
				}
			})
		}
	})

	return f, nil
}

func (f *front) close() {
	_ = f.listener.Close()
	f.handlers.Wait()
}

// tunnel copies both ways until either side ends.
func (f *front) tunnel(ctx context.Context, raw net.Conn, client *tls.Conn) {
	var d net.Dialer

	server, err := d.DialContext(ctx, "tcp4", f.upstream)
	if err != nil {
		return
	}

	go func() {
		_, _ = io.Copy(server, client)
		_ = server.Close()
	}()

	_, _ = io.Copy(client, server)
	_ = server.Close()
	_ = raw.Close()
}

// flood answers every request with more than anybody wants.
func (f *front) flood(_ context.Context, _ net.Conn, client *tls.Conn) {
	req, err := http.ReadRequest(bufio.NewReader(client))
	if err != nil {
		return
	}

	_ = req.Body.Close()

	const begun = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" + `{"login":"`
	if _, err := fmt.Fprintf(client, begun, int64(10)<<30); err != nil {
		return
	}

	chunk := make([]byte, 256<<10)
	for i := range chunk {
		chunk[i] = 'a'
	}

	for {
		if _, err := client.Write(chunk); err != nil {
			return
		}
	}
}
