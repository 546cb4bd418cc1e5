package transport

import (
	"bytes"
	"net/http"
	"strconv"
)

// frontPage is a part of a page with which a server answers a request that came in the wrong way, before it asks the
// site behind it.
type frontPage struct {
	text string
	err  error
}

// frontPages lists them; all come with status 400. Sources: nginx, ngx_http_special_response.c; Apache httpd,
// modules/ssl/ssl_engine_kernel.c; Go, net/http/server.go.
func frontPages() []frontPage {
	return []frontPage{
		{"No required SSL certificate was sent", &ClientCertError{}},
		{"The SSL certificate error", &ClientCertError{}},
		{"The plain HTTP request was sent to HTTPS port", &SchemeError{}},
		{"speaking plain HTTP to an SSL-enabled server port", &SchemeError{}},
		{"Client sent an HTTP request to an HTTPS server", &SchemeError{}},
	}
}

// astray returns why a request never reached the site, if that is what the answer says: then it is the answer of a
// proxy or of a front server.
func (a *attempt) astray(req *http.Request, resp *http.Response, body []byte) error {
	switch resp.StatusCode {
	// RFC 6585: by 511 it is never the server who wants somebody to sign in.
	case http.StatusProxyAuthRequired, http.StatusNetworkAuthenticationRequired:
		proxy, err := a.proxy(req)
		if err != nil {
			proxy = nil
		}

		return proxyError(proxy, req.URL.Scheme, req.URL.Host, resp.StatusCode, nil)
	case http.StatusBadRequest:
		for _, page := range frontPages() {
			if bytes.Contains(body, []byte(page.text)) {
				return page.err
			}
		}
	}

	age, err := strconv.Atoi(resp.Header.Get("Age"))
	if err == nil && age > maxAge && (req.Method == http.MethodGet || req.Method == http.MethodHead) {
		return &StaleError{Seconds: age}
	}

	return nil
}

// maxAge is how old an answer may be, in seconds: as old as one that passed through a few servers.
const maxAge = 60
