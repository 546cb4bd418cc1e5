package transport

import (
	"context"
	"errors"
	"net"
	"net/http"
	"net/url"
	"os"
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
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "proxyconnect" {
		return err
	}

	proxy, _ := a.proxy(req) // an address that does not parse would have been the error

	return proxyError(proxy, req.URL.Scheme, req.URL.Host, 0, err)
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
