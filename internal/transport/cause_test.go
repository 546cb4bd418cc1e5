package transport_test

import (
	"context"
	"crypto/tls"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

func tlsServer(t *testing.T, change func(*httptest.Server)) *httptest.Server {
	t.Helper()

	s := httptest.NewUnstartedServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {}))
	s.Config.ErrorLog = log.New(io.Discard, "", 0)

	if change != nil {
		change(s)
	}

	s.StartTLS()
	t.Cleanup(s.Close)

	return s
}

// TestCauseOfTLS talks to servers whose TLS is wrong in the usual ways.
func TestCauseOfTLS(t *testing.T) {
	t.Parallel()

	plain := serve(t, func(http.ResponseWriter, *http.Request) {})
	trusted := tlsServer(t, nil)
	old := tlsServer(t, func(s *httptest.Server) {
		//nolint:gosec // the point of the test
		s.TLS = &tls.Config{MaxVersion: tls.VersionTLS11, MinVersion: tls.VersionTLS10}
	})
	demanding := tlsServer(t, func(s *httptest.Server) {
		s.TLS = &tls.Config{ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12}
	})

	demanding12 := tlsServer(t, func(s *httptest.Server) {
		//nolint:gosec // servers like this are about
		s.TLS = &tls.Config{
			ClientAuth: tls.RequireAnyClientCert, MinVersion: tls.VersionTLS12, MaxVersion: tls.VersionTLS12,
		}
	})

	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: trusted.Certificate().Raw})

	tests := map[string]struct {
		address string
		name    string
		ca      []byte
		cause   gittoken.Cause
		want    string
	}{
		"unknown authority": {trusted.Listener.Addr().String(), "example.com", nil, gittoken.CauseTLS, "authority"},
		"another name":      {trusted.Listener.Addr().String(), "git.test", ca, gittoken.CauseTLS, "git.test"},
		"no TLS at all":     {plain.Listener.Addr().String(), "example.com", ca, gittoken.CauseScheme, "does not speak TLS"},
		"old TLS":           {old.Listener.Addr().String(), "example.com", ca, gittoken.CauseTLS, "handshake failed"},
		"client certificate": {
			demanding.Listener.Addr().String(), "example.com", ca, gittoken.CauseClientCert, "client certificate",
		},
		"client certificate, TLS 1.2": {
			demanding12.Listener.Addr().String(), "example.com", ca, gittoken.CauseClientCert, "client certificate",
		},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			tr, p := newTransport(t, func(c *transport.Config) {
				c.CACertificate, c.DialContext = tt.ca, named(map[string]string{tt.name + ":443": tt.address})
			})

			_, _, err := send(
				t,
				client(t, tr, "https://"+tt.name, transport.ClientOptions{}),
				http.MethodGet,
				"https://"+tt.name,
				"",
			)

			cause, detail := transport.CauseOf(err)
			if cause != tt.cause || !strings.Contains(detail, tt.want) {
				t.Errorf("CauseOf(%v) = %s %q", err, cause, detail)
			}

			if name != "old TLS" && !strings.HasPrefix(name, "client certificate") && len(p.all()) != 0 {
				t.Errorf("a bad certificate was tried %d more times", len(p.all()))
			}
		})
	}
}

func TestCauseOf(t *testing.T) {
	t.Parallel()

	_, addressError := (&transport.Transport{}).Client("nowhere", nil, transport.ClientOptions{})
	_, insecureError := (&transport.Transport{}).Client("http://git.example.com", nil, transport.ClientOptions{})
	call := func(err error) error { return &url.Error{Op: "Get", URL: "https://x", Err: err} }

	tests := map[string]struct {
		err    error
		want   gittoken.Cause
		detail string
	}{
		"nothing":   {nil, "", ""},
		"insecure":  {insecureError, gittoken.CauseInsecure, "not encrypted"},
		"address":   {addressError, gittoken.CauseNetwork, "not an absolute URL"},
		"cancelled": {call(context.Canceled), gittoken.CauseTimeout, "cancelled"},
		"deadline":  {fmt.Errorf("x: %w", context.DeadlineExceeded), gittoken.CauseTimeout, "no answer in time"},
		"dial timeout": {
			call(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "i/o timeout", IsTimeout: true}}),
			gittoken.CauseTimeout, "no answer in time",
		},
		"name": {
			call(&net.OpError{Op: "dial", Err: &net.DNSError{Err: "no such host", Name: "git.x"}}),
			gittoken.CauseNetwork, "git.x",
		},
		"proxy":     {call(&net.OpError{Op: "proxyconnect", Err: errors.New("x")}), gittoken.CauseProxy, "proxy"},
		"broke off": {call(io.ErrUnexpectedEOF), gittoken.CauseNetwork, "broke"},
		"not HTTP":  {call(errors.New(`malformed HTTP response "SSH-2.0"`)), gittoken.CauseNetwork, "does not speak HTTP"},
		"a verb":    {call(&transport.VerbError{Method: "PUT"}), gittoken.CauseNotUnderstood, "a PUT request"},
		"not JSON":  {&json.SyntaxError{}, gittoken.CauseNotUnderstood, "understood"},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			cause, detail := transport.CauseOf(tt.err)
			if cause != tt.want || !strings.Contains(detail, tt.detail) {
				t.Errorf("CauseOf = %q %q, want %q %q", cause, detail, tt.want, tt.detail)
			}
		})
	}
}

// TestCauseOfServerText feeds the client an answer that quotes the credential where HTTP belongs.
func TestCauseOfServerText(t *testing.T) {
	t.Parallel()

	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		conn, _, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)

			return
		}

		_, _ = io.WriteString(conn, r.Header.Get("Authorization")+" is no status line\r\n\r\n")
		_ = conn.Close()
	})
	tr, _ := newTransport(t, nil)

	_, _, err := send(
		t,
		client(t, tr, s.URL, transport.ClientOptions{Retry: transport.RetryNever}),
		http.MethodGet,
		s.URL,
		"",
	)
	if _, detail := transport.CauseOf(err); strings.Contains(detail, "tok_") || detail == "" {
		t.Errorf("detail = %q", detail)
	}
}

func TestUnsendableToken(t *testing.T) {
	t.Parallel()

	s := serve(t, func(http.ResponseWriter, *http.Request) { t.Error("a request went out") })
	tr, _ := newTransport(t, nil)

	c, err := tr.Client(s.URL, transport.Bearer(gittoken.NewSecret("line\nbreak-in-it")),
		transport.ClientOptions{Verbs: []string{http.MethodPost}})
	if err != nil {
		t.Fatal(err)
	}

	_, _, err = send(t, c, http.MethodPost, s.URL, "x")
	if cause, detail := transport.CauseOf(
		err,
	); cause != gittoken.CauseNotUnderstood ||
		strings.Contains(fmt.Sprint(detail, err), "break-in-it") {
		t.Errorf("CauseOf = %s %q (%v)", cause, detail, err)
	}
}

func TestPrintable(t *testing.T) {
	t.Parallel()

	tests := map[string]string{
		"":                           "",
		"plain text":                 "plain text",
		" \t two\r\n\r\nlines \n":    "two lines",
		"\x1b[31mred\x1b[0m":         "[31mred [0m",
		"a\u202eb\u200bc":            "a b c",
		"bad \xff utf-8":             "bad \uFFFD utf-8",
		"null\x00byte":               "null byte",
		strings.Repeat("ä", 300):     strings.Repeat("ä", 299) + "…",
		strings.Repeat("ab ", 200):   strings.Repeat("ab ", 99) + "ab…",
		strings.Repeat("x", 299):     strings.Repeat("x", 299),
		strings.Repeat("\u0007", 10): "",
	}

	for in, want := range tests {
		if got := transport.Printable(in); got != want {
			t.Errorf("Printable(%q) = %q, want %q", in, got, want)
		}
	}
}

func FuzzPrintable(f *testing.F) {
	f.Add("plain")
	f.Add("\x1b[2J\u202e\xff")
	f.Add(strings.Repeat("a b", 200))

	f.Fuzz(func(t *testing.T, text string) {
		got := transport.Printable(text)

		if !utf8.ValidString(got) || utf8.RuneCountInString(got) > 300 {
			t.Fatalf("%q: invalid or too long", got)
		}

		if strings.ContainsFunc(got, func(r rune) bool { return !unicode.IsPrint(r) }) || strings.Contains(got, "  ") {
			t.Fatalf("%q: not one printable line", got)
		}

		if again := transport.Printable(got); again != got {
			t.Fatalf("%q becomes %q", got, again)
		}
	})
}

func TestUserAgent(t *testing.T) {
	t.Parallel()

	tests := []struct{ version, extra, want string }{
		{"1.2.3", "", "terraform-provider-codefresh/1.2.3"},
		{"", "", "terraform-provider-codefresh"},
		{"1.2.3", " pipeline/7  x\r\nX-Evil: 1 ", "terraform-provider-codefresh/1.2.3 pipeline/7 x X-Evil: 1"},
		{"dev", "ä", "terraform-provider-codefresh/dev"},
	}

	for _, tt := range tests {
		getenv := func(name string) string {
			if name == "TF_APPEND_USER_AGENT" {
				return tt.extra
			}

			return "wrong variable"
		}

		if got := transport.UserAgent("terraform-provider-codefresh", tt.version, getenv); got != tt.want {
			t.Errorf("UserAgent = %q, want %q", got, tt.want)
		}
	}
}

func TestRetryAt(t *testing.T) {
	t.Parallel()

	h := http.Header{}
	if got := transport.RetryAt(h, now()); !got.IsZero() {
		t.Errorf("nothing said: %v", got)
	}

	h.Set("X-RateLimit-Remaining", "0")
	h.Set("X-RateLimit-Reset", "1772370000")

	if got := transport.RetryAt(h, now()); !got.Equal(time.Unix(1772370000, 0)) {
		t.Errorf("reset: %v", got)
	}
}
