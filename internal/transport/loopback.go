package transport

import (
	"context"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// What may be http:// is what never leaves the machine. isLoopback says which addresses that is, and the other
// functions here make it true: net/http knows one spelling of localhost, sends the others through the proxy of the
// environment, and believes whatever a name server says of them.

// isLoopback reports whether host can only be this machine. Names other than localhost are not resolved: an answer of
// the DNS is no promise.
func isLoopback(host string) bool {
	if strings.EqualFold(strings.TrimSuffix(host, "."), "localhost") {
		return true
	}

	ip := net.ParseIP(host)

	return ip != nil && ip.IsLoopback()
}

// noProxyForLoopback returns proxy without a proxy for this machine.
func noProxyForLoopback(proxy func(*http.Request) (*url.URL, error)) func(*http.Request) (*url.URL, error) {
	return func(req *http.Request) (*url.URL, error) {
		if isLoopback(req.URL.Hostname()) {
			return nil, nil //nolint:nilnil // no proxy is an answer
		}

		return proxy(req)
	}
}

type dialer = func(ctx context.Context, network, address string) (net.Conn, error)

// dialLoopbackAtHome returns dial, which for a name of this machine refuses the address of another one.
func dialLoopbackAtHome(dial dialer) dialer {
	return func(ctx context.Context, network, address string) (net.Conn, error) {
		host, port, err := net.SplitHostPort(address)
		if err != nil || !isLoopback(host) {
			return dial(ctx, network, address)
		}

		if net.ParseIP(host) == nil {
			address = net.JoinHostPort("localhost", port) // the spelling that is not looked up elsewhere
		}

		conn, err := dial(ctx, network, address)
		if err != nil {
			return nil, err
		}

		if remote, isTCP := conn.RemoteAddr().(*net.TCPAddr); isTCP && !remote.IP.IsLoopback() {
			_ = conn.Close()

			return nil, &InsecureError{Host: address, Resolved: remote.IP.String()}
		}

		return conn, nil
	}
}
