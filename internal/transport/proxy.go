package transport

import (
	"cmp"
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
	"strings"
)

// refusedByProxy is the transport's OnProxyConnectResponse: without it net/http keeps nothing of a proxy's refusal but
// the words of its status, which read like the server's.
func refusedByProxy(_ context.Context, proxy *url.URL, request *http.Request, answer *http.Response) error {
	if answer.StatusCode == http.StatusOK {
		return nil
	}

	return proxyError(proxy, "https", request.Host, answer.StatusCode, nil)
}

// proxyOf adds to an error of a proxy's connection which proxy it was.
func (a *attempt) proxyOf(req *http.Request, err error) error {
	if !ofProxy(err) {
		return err
	}

	proxy, _ := a.proxy(req) // an address that does not parse would have been the error

	return proxyError(proxy, req.URL.Scheme, req.URL.Host, 0, err)
}

// ofProxy reports whether net/http gave up at the proxy: it was not reached, or a SOCKS proxy did not let the request
// through. What an HTTP proxy says is in its answer.
func ofProxy(err error) bool {
	var op *net.OpError

	return errors.As(err, &op) && (op.Op == "proxyconnect" || strings.HasPrefix(op.Op, "socks"))
}

// proxyProblem says what is wrong with a proxy's connection, in words of this program's and of Go's.
func proxyProblem(op *net.OpError) string {
	if op.Op == "proxyconnect" {
		_, detail := tlsProblem(op.Err)

		return cmp.Or(strings.ReplaceAll(detail, "the server", "the proxy"), networkProblem(op.Err))
	}

	if detail := networkProblem(op.Err); detail != "" {
		return detail
	}

	// A reason that RFC 1928 has a number for. net/http calls each of them unknown.
	return strings.TrimPrefix(op.Err.Error(), "unknown error ")
}

func proxyError(proxy *url.URL, scheme, server string, status int, err error) *ProxyError {
	e := &ProxyError{Server: server, Status: status, err: err}
	if proxy != nil {
		e.Proxy, e.Variable = proxy.Host, proxyVariable(scheme)
	}

	return e
}

// proxyVariable returns the environment variable from which net/http has the proxy for a scheme.
func proxyVariable(scheme string) string {
	upper, lower := "HTTPS_PROXY", "https_proxy"
	if scheme == "http" {
		upper, lower = "HTTP_PROXY", "http_proxy"
	}

	if os.Getenv(upper) == "" && os.Getenv(lower) != "" {
		return lower
	}

	return upper
}
