package transport_test

import (
	"crypto/tls"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// through makes every request go through the proxy at address.
func through(address string) func(*transport.Config) {
	return func(c *transport.Config) {
		c.AllowHTTP = true
		c.Proxy = http.ProxyURL(&url.URL{Scheme: "http", Host: address, User: url.UserPassword("jo", "proxy-password")})
	}
}

// TestProxyRefuses asks through proxies that say no. It is the proxy who says it, and not the server: the error names
// the proxy and where it is set, without its password.
func TestProxyRefuses(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		scheme string
		status int
		want   string
		tries  int32
	}{
		"wants a password":        {"https", 407, "set in HTTPS_PROXY, answered 407 Proxy Authentication Required", 1},
		"forbids the site":        {"https", 403, "set in HTTPS_PROXY, answered 403 Forbidden", 1},
		"cannot reach the site":   {"https", 502, "set in HTTPS_PROXY, answered 502 Bad Gateway", 4},
		"wants one without TLS":   {"http", 407, "set in HTTP_PROXY, answered 407 Proxy Authentication Required", 1},
		"redirects to its log-in": {"https", 302, "set in HTTPS_PROXY, answered 302 Found", 4},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var tries atomic.Int32

			proxy := serve(t, func(w http.ResponseWriter, r *http.Request) {
				tries.Add(1)

				if r.Method == http.MethodConnect && r.Header.Get("Authorization") != "" {
					t.Error("the proxy was shown the credential")
				}

				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, "Sign in")
			})
			address := proxy.Listener.Addr().String()
			tr, _ := newTransport(t, through(address))
			base := tt.scheme + "://git.example.com"

			_, _, err := send(t, client(t, tr, base, transport.ClientOptions{}), http.MethodGet, base+"/user", "")

			cause, detail := transport.CauseOf(err)
			if cause != gittoken.CauseProxy || !strings.Contains(detail, tt.want) || !strings.Contains(detail, address) ||
				!strings.Contains(detail, "in place of git.example.com") || strings.Contains(detail, "password") {
				t.Errorf("CauseOf(%v) = %s %q", err, cause, detail)
			}

			if tries.Load() != tt.tries {
				t.Errorf("%d tries, want %d", tries.Load(), tt.tries)
			}
		})
	}
}

func TestProxyIsAway(t *testing.T) {
	t.Parallel()

	const gone = "127.0.0.1:1" // where nobody listens

	tr, _ := newTransport(t, through(gone))

	_, _, err := send(t, client(t, tr, "https://git.example.com", transport.ClientOptions{}), http.MethodGet,
		"https://git.example.com/user", "")

	want := "the proxy " + gone + ", set in HTTPS_PROXY, could not be used: " + gone + " refused the connection"
	if cause, detail := transport.CauseOf(err); cause != gittoken.CauseProxy || detail != want {
		t.Errorf("CauseOf = %s %q, want %q", cause, detail, want)
	}
}

// TestOtherProxiesRefuse asks through proxies that HTTP is not the first thing to be spoken with.
func TestOtherProxiesRefuse(t *testing.T) {
	t.Parallel()

	socks := func(answers ...string) func(net.Conn) {
		return func(conn net.Conn) {
			for _, answer := range answers {
				question := make([]byte, 256)
				if _, err := conn.Read(question); err != nil {
					return
				}

				_, _ = io.WriteString(conn, answer)
			}
		}
	}
	// RFC 1928 and RFC 1929: the method, the outcome of a password, that of the request.
	const withoutPassword, password, none = "\x05\x00", "\x05\x02", "\x05\xff"

	for name, tt := range map[string]struct {
		scheme string
		serve  func(net.Conn)
		want   string
	}{
		"forbids the site": {
			"socks5", socks(withoutPassword, "\x05\x02\x00\x01\x00\x00\x00\x00\x00\x00"), "not allowed by ruleset",
		},
		"cannot reach the site": {
			"socks5h", socks(withoutPassword, "\x05\x04\x00\x01\x00\x00\x00\x00\x00\x00"), "host unreachable",
		},
		"wants another password":    {"socks5", socks(password, "\x01\x01"), "authentication failed"},
		"wants what nobody has":     {"socks5", socks(none), "no acceptable authentication methods"},
		"hangs up":                  {"socks5", func(net.Conn) {}, "the connection broke"},
		"has another's certificate": {"https", presenting(t), "the proxy's certificate is signed by an authority"},
		"speaks no TLS": {"https", func(conn net.Conn) {
			_, _ = io.WriteString(conn, "HTTP/1.1 400 Bad Request\r\n\r\n")
		}, "the proxy does not speak TLS"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			listener, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}

			t.Cleanup(func() { _ = listener.Close() })

			go func() {
				for {
					conn, err := listener.Accept()
					if err != nil {
						return
					}

					tt.serve(conn)

					_ = conn.Close()
				}
			}()

			address := listener.Addr().String()
			tr, _ := newTransport(t, func(c *transport.Config) {
				c.Proxy = http.ProxyURL(&url.URL{
					Scheme: tt.scheme, Host: address, User: url.UserPassword("jo", "proxy-password"),
				})
			})

			_, _, err = send(t, client(t, tr, "https://git.example.com", transport.ClientOptions{}), http.MethodGet,
				"https://git.example.com/user", "")

			cause, detail := transport.CauseOf(err)
			if cause != gittoken.CauseProxy || !strings.Contains(detail, tt.want) || strings.Contains(detail, "password-") ||
				!strings.HasPrefix(detail, "the proxy "+address+", set in HTTPS_PROXY, could not be used: ") {
				t.Errorf("CauseOf(%v) = %s %q", err, cause, detail)
			}
		})
	}
}

// presenting returns a server of TLS with a certificate that nobody trusts.
func presenting(t *testing.T) func(net.Conn) {
	t.Helper()

	config := tlsServer(t, nil).TLS

	return func(conn net.Conn) { _ = tls.Server(conn, config).HandshakeContext(t.Context()) }
}

// A proxy that nobody configured answers in the server's place, or the server has one before it that says how to come.
func TestFrontAnswers(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		status int
		body   string
		want   gittoken.Cause
	}{
		"a proxy in between":        {407, "", gittoken.CauseProxy},
		"a captive portal":          {511, "<html>Sign in to the network</html>", gittoken.CauseProxy},
		"nginx, client certificate": {400, "<center>No required SSL certificate was sent</center>", gittoken.CauseClientCert},
		"nginx, a wrong one":        {400, "<center>The SSL certificate error</center>", gittoken.CauseClientCert},
		"nginx, no TLS":             {400, "<p>The plain HTTP request was sent to HTTPS port</p>", gittoken.CauseScheme},
		"Apache, no TLS":            {400, "You're speaking plain HTTP to an SSL-enabled server port.", gittoken.CauseScheme},
		"Go, no TLS":                {400, "Client sent an HTTP request to an HTTPS server.\n", gittoken.CauseScheme},
		"any other 400":             {400, "certificate", ""},
		"the same words, found":     {200, "No required SSL certificate was sent", ""},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var tries atomic.Int32

			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				tries.Add(1)
				w.WriteHeader(tt.status)
				_, _ = io.WriteString(w, tt.body)
			})
			tr, _ := newTransport(t, nil)

			_, _, err := send(t, client(t, tr, s.URL, transport.ClientOptions{}), http.MethodGet, s.URL, "")
			if cause, detail := transport.CauseOf(err); cause != tt.want || tries.Load() != 1 {
				t.Errorf("CauseOf(%v) = %s %q after %d tries", err, cause, detail, tries.Load())
			}
		})
	}
}

// Something on the way that keeps answers may hand out one to a token that has died since.
func TestKeptAnswers(t *testing.T) {
	t.Parallel()

	for age, want := range map[string]gittoken.Cause{
		"": "", "0": "", "60": "", "61": gittoken.CauseProxy, "86400": gittoken.CauseProxy, "-100": "", "a while": "",
	} {
		t.Run(age, func(t *testing.T) {
			t.Parallel()

			var tries atomic.Int32

			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				tries.Add(1)

				if asked := r.Header.Get("Cache-Control"); asked != "no-cache" {
					t.Errorf("asked for an answer with Cache-Control %q", asked)
				}

				if age != "" {
					w.Header().Set("Age", age)
				}
			})
			tr, _ := newTransport(t, nil)

			_, _, err := send(t, client(t, tr, s.URL, transport.ClientOptions{}), http.MethodGet, s.URL, "")
			if cause, detail := transport.CauseOf(err); cause != want || tries.Load() != 1 {
				t.Errorf("CauseOf(%v) = %s %q after %d tries", err, cause, detail, tries.Load())
			}
		})
	}
}
