package sandbox

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"sync"
	"syscall"
)

// ProxyURL returns the address of the CONNECT proxy through which the public names lead to the emulators.
func (s *Sandbox) ProxyURL() string { return s.net.root(Proxy) }

func (s *Sandbox) startProxy() error {
	_, err := s.start(Proxy, http.HandlerFunc(s.serveProxy))

	return err
}

// serveProxy tunnels CONNECT requests to public names. Everything else is refused.
func (s *Sandbox) serveProxy(w http.ResponseWriter, r *http.Request) {
	if r.Method != http.MethodConnect {
		http.Error(w, "this proxy only answers CONNECT", http.StatusForbidden)

		return
	}

	address, known := s.net.dialAddress(r.Host)
	if !known {
		http.Error(w, fmt.Sprintf("the sandbox does not know %q", r.Host), http.StatusForbidden)

		return
	}

	var d net.Dialer

	upstream, err := d.DialContext(r.Context(), "tcp4", address)
	if err != nil {
		http.Error(w, "the emulated host refuses connections", http.StatusBadGateway)

		return
	}

	forget(r) // the emulator journals what comes through the tunnel

	client, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		_ = upstream.Close()

		http.Error(w, "this connection cannot be tunnelled", http.StatusInternalServerError)

		return
	}

	s.tunnel(client, buffered, upstream)
}

// tunnel copies both ways until one side ends or the sandbox closes.
func (s *Sandbox) tunnel(client net.Conn, buffered *bufio.ReadWriter, upstream net.Conn) {
	done := make(chan struct{})

	var once sync.Once

	finish := func() { once.Do(func() { close(done) }) }

	go func() {
		defer finish()

		_, _ = io.Copy(upstream, buffered)
	}()
	go func() {
		defer finish()

		if _, err := io.WriteString(client, "HTTP/1.1 200 Connection established\r\n\r\n"); err != nil {
			return
		}

		if _, err := io.Copy(client, upstream); err != nil {
			abort(client) // a reset stays a reset on the client's side
		}
	}()

	select {
	case <-done:
	case <-s.closing:
	}

	_ = client.Close()
	_ = upstream.Close()
}

// DialContext is for http.Transport: it leads the public names to the emulators, over TLS with the sandbox's own
// certificates. Loopback addresses are dialled as they are; every other address is refused.
func (s *Sandbox) DialContext(ctx context.Context, network, address string) (net.Conn, error) {
	var d net.Dialer
	if mapped, known := s.net.dialAddress(address); known {
		return d.DialContext(ctx, "tcp4", mapped)
	}

	if name, _, err := net.SplitHostPort(address); err == nil {
		if ip := net.ParseIP(name); (ip != nil && ip.IsLoopback()) || name == "localhost" {
			return d.DialContext(ctx, network, address)
		}
	}

	return nil, &net.OpError{
		Op: "dial", Net: network,
		Err: fmt.Errorf("the sandbox does not know %q: %w", address, syscall.ECONNREFUSED),
	}
}
