package transport_test

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Without encryption, a credential goes to this machine or nowhere.
func TestHTTPOnlyToLoopback(t *testing.T) {
	t.Parallel()

	tr, _ := newTransport(t, nil)

	for host, home := range map[string]bool{
		"localhost": true, "LocalHost": true, "localhost.": true, "127.0.0.1": true, "127.8.9.10": true, "[::1]": true,
		"[::ffff:127.0.0.1]": true,

		"localhost..": false, "localhost.example.com": false, "x.localhost": false, "127.0.0.1.nip.io": false,
		"0x7f.1": false, "2130706433": false, "localhost.localdomain": false,
		"127.1": false, "0.0.0.0": false, "[::]": false, "[::1%25lo]": false, "10.0.0.1": false,
	} {
		_, err := tr.Client("http://"+host+":8080", nil, transport.ClientOptions{})

		var insecure *transport.InsecureError
		if refused := errors.As(err, &insecure); refused == home || err != nil != refused {
			t.Errorf("http://%s: error = %v", host, err)
		}
	}
}

// What counts as loopback does not go through a proxy, however it is spelt: a proxy is another machine.
func TestNoProxyForLoopback(t *testing.T) {
	t.Parallel()

	var asked, proxied atomic.Int32

	home := serve(t, func(http.ResponseWriter, *http.Request) { asked.Add(1) })
	proxy := serve(t, func(http.ResponseWriter, *http.Request) { proxied.Add(1) })

	at, err := url.Parse(proxy.URL)
	if err != nil {
		t.Fatal(err)
	}

	tr, _ := newTransport(t, func(c *transport.Config) { c.Proxy = http.ProxyURL(at) })
	_, port, _ := strings.Cut(strings.TrimPrefix(home.URL, "http://"), ":")

	for _, host := range []string{
		"127.0.0.1", "localhost", "localhost.", "LOCALHOST", "LocalHost.", "[::ffff:127.0.0.1]",
	} {
		base := "http://" + host + ":" + port

		if _, _, err := send(t, client(t, tr, base, transport.ClientOptions{}), http.MethodGet, base, ""); err != nil {
			t.Errorf("%s: %v", base, err)
		}
	}

	if asked.Load() != 6 || proxied.Load() != 0 {
		t.Errorf("%d requests came home, %d went through the proxy", asked.Load(), proxied.Load())
	}
}

// elsewhere is a connection to another machine.
type elsewhere struct{ net.Conn }

func (elsewhere) RemoteAddr() net.Addr { return &net.TCPAddr{IP: net.IPv4(203, 0, 113, 7), Port: 80} }

// A name server that says that localhost is another machine gets nothing.
func TestLocalhostElsewhere(t *testing.T) {
	t.Parallel()

	var asked, dialled atomic.Int32

	server := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { asked.Add(1) }))
	t.Cleanup(server.Close)

	tr, pauses := newTransport(t, func(c *transport.Config) {
		c.DialContext = func(ctx context.Context, network, _ string) (net.Conn, error) {
			dialled.Add(1)

			conn, err := new(net.Dialer).DialContext(ctx, network, server.Listener.Addr().String())

			return elsewhere{conn}, err
		}
	})

	_, _, err := send(t, client(t, tr, "http://localhost:80", transport.ClientOptions{}), http.MethodGet,
		"http://localhost:80", "")

	cause, detail := transport.CauseOf(err)
	if cause != gittoken.CauseInsecure || !strings.Contains(detail, "203.0.113.7") {
		t.Errorf("cause %s, %q", cause, detail)
	}

	if asked.Load() != 0 || dialled.Load() != 1 || len(pauses.all()) != 0 {
		t.Errorf("%d requests, %d connections, pauses %v", asked.Load(), dialled.Load(), pauses.all())
	}
}
