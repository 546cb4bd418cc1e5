package transport_test

import (
	"context"
	"encoding/base64"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

func TestClientSendsCredential(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		auth transport.Auth
		want string
	}{
		"bearer":       {transport.Bearer(secret()), "Bearer " + secretText},
		"raw":          {transport.Raw(secret()), secretText},
		"basic":        {transport.Basic("jo", gittoken.NewSecret("pw-pw-pw-pw")), "Basic am86cHctcHctcHctcHc="},
		"none":         {nil, ""},
		"empty bearer": {transport.Bearer(gittoken.Secret{}), ""},
		"empty basic":  {transport.Basic("jo", gittoken.Secret{}), ""},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var got http.Header

			s := serve(t, func(_ http.ResponseWriter, r *http.Request) { got = r.Header.Clone() })
			tr, _ := newTransport(t, nil)

			c, err := tr.Client(s.URL, tt.auth, transport.ClientOptions{})
			if err != nil {
				t.Fatal(err)
			}

			if _, _, err := send(t, c, http.MethodGet, strings.Replace(s.URL, "//", "//joe:hidden@", 1), ""); err != nil {
				t.Fatal(err)
			}

			if got.Get("Authorization") != tt.want {
				t.Errorf("Authorization = %q, want %q", got.Get("Authorization"), tt.want)
			}

			if got.Get("User-Agent") != "test/1" {
				t.Errorf("User-Agent = %q", got.Get("User-Agent"))
			}
		})
	}
}

func TestClientRefusesAddress(t *testing.T) {
	t.Parallel()

	insecure := func(err error) bool {
		var e *transport.InsecureError

		return errors.As(err, &e)
	}
	address := func(err error) bool {
		var e *transport.AddressError

		return errors.As(err, &e)
	}
	none := func(err error) bool { return err == nil }

	tests := []struct {
		base  string
		allow bool
		want  func(error) bool
	}{
		{"https://git.example.com", false, none},
		{"http://localhost:8080/api", false, none},
		{"http://LOCALHOST", false, none},
		{"http://127.0.0.1:1", false, none},
		{"http://127.9.8.7", false, none},
		{"http://[::1]:80", false, none},
		{"http://git.example.com", true, none},
		{"http://git.example.com", false, insecure},
		{"http://localhost.example.com", false, insecure},
		{"http://10.0.0.1", false, insecure},
		{"http://0.0.0.0", false, insecure},
		{"HTTP://git.example.com", false, insecure},
		{"ftp://git.example.com", true, address},
		{"git.example.com", true, address},
		{"", true, address},
		{"https://", true, address},
		{"https://:443", true, address},
		{"https://bad host", true, address},
		{"https://joe:hunter22@git.example.com", true, address},
		// What looks like one server and leads to another.
		{"https://git.example.com@elsewhere.example.com", true, address},
		{"https://git.example.com:443@elsewhere.example.com", true, address},
		{`https://git.example.com\@elsewhere.example.com`, true, address},
		{"https://git.example.com%2f.elsewhere.example.com", true, address},
		{"https://git.example.com\r\nHost: elsewhere.example.com", true, address},
		{"https:git.example.com", true, address},
		{"//git.example.com", true, address},
	}

	for _, tt := range tests {
		t.Run(fmt.Sprintf("%s %v", tt.base, tt.allow), func(t *testing.T) {
			t.Parallel()

			tr, _ := newTransport(t, func(c *transport.Config) { c.AllowHTTP = tt.allow })

			_, err := tr.Client(tt.base, nil, transport.ClientOptions{})
			if !tt.want(err) {
				t.Errorf("Client() error = %v", err)
			}

			if err != nil && strings.Contains(err.Error(), "hunter22") {
				t.Errorf("error shows a password: %v", err)
			}
		})
	}
}

// TestCredentialStaysHome sends a client everywhere but home, and watches the other server for the credential.
func TestCredentialStaysHome(t *testing.T) {
	t.Parallel()

	var leaked, loops atomic.Int32

	elsewhere := serve(t, func(_ http.ResponseWriter, _ *http.Request) { leaked.Add(1) })
	_, elsewherePort, _ := net.SplitHostPort(elsewhere.Listener.Addr().String())

	home := serve(t, func(w http.ResponseWriter, r *http.Request) {
		switch r.URL.Path {
		case "/host":
			http.Redirect(w, r, elsewhere.URL+"/x?token=1", http.StatusFound)
		case "/name":
			http.Redirect(w, r, "http://localhost:"+elsewherePort+"/x", http.StatusTemporaryRedirect)
		case "/upgrade":
			http.Redirect(w, r, "https://"+r.Host+"/x", http.StatusMovedPermanently)
		case "/loop":
			loops.Add(1)
			http.Redirect(w, r, "/loop", http.StatusFound)
		case "/moved":
			http.Redirect(w, r, "/new", http.StatusMovedPermanently)
		case "/new":
			_, _ = io.WriteString(w, r.Header.Get("Authorization"))
		}
	})

	tr, _ := newTransport(t, func(c *transport.Config) { c.AllowHTTP = true })

	for _, mode := range []transport.RetryMode{transport.RetryIdempotent, transport.RetryAlways, transport.RetryNever} {
		c := client(t, tr, home.URL, transport.ClientOptions{Retry: mode})

		for _, path := range []string{"/host", "/name", "/upgrade", "/loop"} {
			_, _, err := send(t, c, http.MethodGet, home.URL+path, "")

			var origin *transport.OriginError
			if !errors.As(err, &origin) {
				t.Errorf("%s: error = %v, want an OriginError", path, err)
			}

			if cause, detail := transport.CauseOf(err); cause != gittoken.CauseRedirect || strings.Contains(detail, "token=") {
				t.Errorf("%s: CauseOf = %s, %q", path, cause, detail)
			}
		}

		if _, _, err := send(t, c, http.MethodGet, elsewhere.URL, ""); err == nil {
			t.Error("a request to another server went out")
		}

		// Within the server a redirect is followed, and the credential goes along. The server's echo of it does not come
		// back.
		status, body, err := send(t, c, http.MethodGet, home.URL+"/moved", "")
		if err != nil || status != http.StatusOK || body != "Bearer (redacted)" {
			t.Errorf("/moved = %d %q %v", status, body, err)
		}
	}

	if n := loops.Load(); n != 3*6 {
		t.Errorf("%d requests in three loops, want 6 in each", n)
	}

	if n := leaked.Load(); n != 0 {
		t.Errorf("the other server got %d requests", n)
	}
}

func TestDowngradeRefused(t *testing.T) {
	t.Parallel()

	var leaked atomic.Int32

	plain := serve(t, func(http.ResponseWriter, *http.Request) { leaked.Add(1) })
	secure := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "http://git.example.com:443/", http.StatusFound)
	}))
	t.Cleanup(secure.Close)

	dialled := map[string]string{"git.example.com:443": secure.Listener.Addr().String()}
	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: secure.Certificate().Raw})

	// The certificate of httptest is for example.com.
	dialled["example.com:443"] = secure.Listener.Addr().String()
	dialled["git.example.com:80"] = plain.Listener.Addr().String()

	tr, _ := newTransport(t, func(c *transport.Config) {
		c.CACertificate, c.DialContext, c.AllowHTTP = ca, named(dialled), true
	})

	_, _, err := send(
		t,
		client(t, tr, "https://example.com", transport.ClientOptions{}),
		http.MethodGet,
		"https://example.com/",
		"",
	)
	if cause, _ := transport.CauseOf(err); cause != gittoken.CauseRedirect {
		t.Errorf("error = %v", err)
	}

	if leaked.Load() != 0 {
		t.Error("the credential went out in the clear")
	}
}

// TestDefaultPort is about two spellings of one server.
func TestDefaultPort(t *testing.T) {
	t.Parallel()

	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/" {
			http.Redirect(w, r, "https://EXAMPLE.com:443/there", http.StatusFound)
		}
	}))
	t.Cleanup(s.Close)

	ca := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw})
	tr, _ := newTransport(t, func(c *transport.Config) {
		c.CACertificate = append([]byte("# our own authority\n"), ca...)
		c.DialContext = named(
			map[string]string{"example.com:443": s.Listener.Addr().String(), "EXAMPLE.com:443": s.Listener.Addr().String()},
		)
	})

	status, _, err := send(
		t,
		client(t, tr, "https://example.com", transport.ClientOptions{}),
		http.MethodGet,
		"https://example.com/",
		"",
	)
	if err != nil || status != http.StatusOK {
		t.Errorf("= %d, %v", status, err)
	}
}

func TestAnswerIsBoundedAndRedacted(t *testing.T) {
	t.Parallel()

	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-Echo", r.Header.Get("Authorization"))

		switch r.URL.Path {
		case "/large":
			_, _ = w.Write(make([]byte, 5<<20))
		case "/echo":
			text, _ := io.ReadAll(r.Body)
			_, _ = fmt.Fprintf(w, "%s %s", r.Header.Get("Authorization"), text)
		}
	})
	tr, _ := newTransport(t, nil)

	_, _, err := send(t, client(t, tr, s.URL, transport.ClientOptions{}), http.MethodGet, s.URL+"/large", "")
	if cause, _ := transport.CauseOf(err); cause != gittoken.CauseTooLarge {
		t.Errorf("4 MiB: error = %v", err)
	}

	_, body, err := send(
		t,
		client(t, tr, s.URL, transport.ClientOptions{MaxBody: 10, Truncate: true}),
		http.MethodGet,
		s.URL+"/large",
		"",
	)
	if err != nil || len(body) != 10 {
		t.Errorf("truncated: %d bytes, %v", len(body), err)
	}

	_, body, err = send(
		t,
		client(t, tr, s.URL, transport.ClientOptions{MaxBody: 5 << 20}),
		http.MethodGet,
		s.URL+"/large",
		"",
	)
	if err != nil || len(body) != 5<<20 {
		t.Errorf("5 MiB allowed: %d bytes, %v", len(body), err)
	}

	c := client(
		t,
		tr,
		s.URL,
		transport.ClientOptions{Redact: []gittoken.Secret{gittoken.NewSecret(otherText), gittoken.NewSecret("a")}},
	)

	req, err := http.NewRequestWithContext(
		t.Context(),
		http.MethodPost,
		s.URL+"/echo",
		strings.NewReader("a "+otherText),
	)
	if err != nil {
		t.Fatal(err)
	}

	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()

	text, _ := io.ReadAll(resp.Body)
	if string(text) != "Bearer (redacted) a (redacted)" {
		t.Errorf("body = %q", text)
	}

	if got := resp.Header.Get("X-Echo"); got != "Bearer (redacted)" {
		t.Errorf("header = %q", got)
	}

	if resp.Request.Header.Get("Authorization") != "" || strings.Contains(fmt.Sprintf("%+v", resp), secretText) {
		t.Error("the response holds the credential")
	}
}

func TestConcurrencyCap(t *testing.T) {
	t.Parallel()

	var inside, most atomic.Int32

	release := make(chan struct{})
	s := serve(t, func(http.ResponseWriter, *http.Request) {
		if n := inside.Add(1); n > most.Load() {
			most.Store(n)
		}

		<-release
		inside.Add(-1)
	})
	tr, _ := newTransport(t, nil)

	var wg sync.WaitGroup

	for range 20 {
		c := client(t, tr, s.URL, transport.ClientOptions{}) // the cap is the server's, whatever client asks

		wg.Go(func() { _, _, _ = send(t, c, http.MethodGet, s.URL, "") })
	}

	for inside.Load() < 8 {
		time.Sleep(time.Millisecond)
	}

	// All eight places are taken: who waits for one leaves when its context ends.
	ctx, cancel := context.WithTimeout(t.Context(), 20*time.Millisecond)
	defer cancel()

	req, _ := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)

	resp, err := client(t, tr, s.URL, transport.ClientOptions{}).Do(req)
	if err == nil {
		_ = resp.Body.Close()

		t.Error("a ninth request went in")
	}

	close(release)
	wg.Wait()

	if most.Load() != 8 {
		t.Errorf("%d requests at once, want 8", most.Load())
	}
}

func TestTimeoutCoversBody(t *testing.T) {
	t.Parallel()

	var attempts atomic.Int32

	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		attempts.Add(1)

		_, _ = io.WriteString(w, "begin")

		if f, ok := w.(http.Flusher); ok {
			f.Flush()
		}

		<-r.Context().Done()
	})
	tr, _ := newTransport(t, func(c *transport.Config) { c.RequestTimeout = time.Hour; c.MaxRetries = 1 })

	_, _, err := send(
		t,
		client(t, tr, s.URL, transport.ClientOptions{Timeout: 300 * time.Millisecond}),
		http.MethodGet,
		s.URL,
		"",
	)
	if cause, detail := transport.CauseOf(err); cause != gittoken.CauseTimeout || detail != "no answer within 300ms" {
		t.Errorf("CauseOf = %s %q (%v)", cause, detail, err)
	}

	if attempts.Load() != 2 {
		t.Errorf("%d attempts, want 2", attempts.Load())
	}
}

func TestNewRefusesCertificate(t *testing.T) {
	t.Parallel()

	const certificate = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"

	for text, because := range map[string]error{
		"not PEM":   nil,
		certificate: nil,
		"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n":                     transport.ErrPrivateKey,
		certificate + "-----BEGIN EC PRIVATE KEY-----\nAAAA\n-----END EC PRIVATE KEY-----\n": transport.ErrPrivateKey,
		"-----BEGIN ENCRYPTED PRIVATE KEY-----\nnot even PEM":                                transport.ErrPrivateKey,
		"\uFEFF" + certificate:               transport.ErrByteOrderMark,
		certificate + "\uFEFF" + certificate: transport.ErrByteOrderMark,
	} {
		_, err := transport.New(transport.Config{CACertificate: []byte(text)})

		var config *transport.ConfigError
		if !errors.As(err, &config) || because != nil && !errors.Is(err, because) {
			t.Errorf("New(%q) error = %v", text, err)
		}

		if check := transport.CheckCertificates([]byte(text)); check == nil || check.Error() != err.Error() {
			t.Errorf("CheckCertificates(%q) = %v", text, check)
		}
	}

	if _, err := transport.New(transport.Config{CACertificate: []byte(" \n")}); err != nil {
		t.Errorf("blank: %v", err)
	}
}

// What any client sends, and whatever else the redactor was told, is taken out of the answers to all of them.
func TestAnswersShowNoSecretOfOtherClients(t *testing.T) {
	t.Parallel()

	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		escaped := strings.Replace(otherText, "9876", `\u0039\u0038%37%36`, 1)
		w.Header().Set("X-Echo", otherText)
		_, _ = io.WriteString(w, otherText+" "+escaped+" configured-0123456789")
	})

	redactor := redact.New()
	redactor.Add(gittoken.NewSecret("configured-0123456789"))

	tr, _ := newTransport(t, func(c *transport.Config) { c.Redactor = redactor })
	if tr.Redactor() != redactor {
		t.Error("another redactor is used")
	}

	if _, err := tr.Client("https://other.example.com", transport.Basic("u", gittoken.NewSecret(otherText)),
		transport.ClientOptions{}); err != nil {
		t.Fatal(err)
	}

	c := client(t, tr, s.URL, transport.ClientOptions{})

	_, body, err := send(t, c, http.MethodGet, s.URL, "")
	if want := "(redacted) (redacted) (redacted)"; err != nil || body != want {
		t.Errorf("body = %q, %v, want %q", body, err, want)
	}

	got := tr.Printable("x\n" + otherText[:9] + "\u200b" + otherText[9:] + strings.Repeat(" y", 400))
	if !strings.HasPrefix(got, "x (redacted) y") || len(got) > 320 {
		t.Errorf("printable: %q", got)
	}
}

// What no answer holds is told without secrets too: where a redirect leads, and the proxy that could not be used.
func TestFailuresShowNoSecret(t *testing.T) {
	t.Parallel()

	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://"+secretText+".example.com/", http.StatusFound)
	})

	for base, proxy := range map[string]*url.URL{
		s.URL: nil, "https://git.example.com": {Scheme: "http", Host: secretText + ":3128"},
	} {
		n := &notes{}
		tr, _ := newTransport(t, func(c *transport.Config) {
			c.Observer, c.MaxRetries = n.observer(), 0
			if proxy != nil {
				c.Proxy = http.ProxyURL(proxy)
				c.DialContext = func(context.Context, string, string) (net.Conn, error) { return nil, errors.New("no network") }
			}
		})

		if _, _, err := send(t, client(t, tr, base, transport.ClientOptions{}), http.MethodGet, base, ""); err == nil {
			t.Error("no error")
		}

		told := strings.ToLower(fmt.Sprintf("%+v", n.attempts))
		if strings.Contains(told, strings.ToLower(secretText)) || strings.Count(told, "(redacted)") < 2 {
			t.Errorf("%s: %s", base, told)
		}
	}
}

// White space may complete a secret, where there was a line break or something invisible.
func TestPrintableLooksTwice(t *testing.T) {
	t.Parallel()

	tr, _ := newTransport(t, nil)
	if got := tr.Printable("sent Bearer\x00abcdefgh01234567"); got != "sent Bearer (redacted)" {
		t.Errorf("printable: %q", got)
	}

	n := &notes{}
	tr, _ = newTransport(t, func(c *transport.Config) { c.Observer = n.observer() })
	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-Oauth-Scopes", "repo Bearer\u200babcdefgh01234567")
	})

	_, _, err := send(t, client(t, tr, s.URL, transport.ClientOptions{}), http.MethodGet, s.URL, "")
	if err != nil || len(n.attempts) != 1 || n.attempts[0].Scopes != "repo Bearer (redacted)" {
		t.Errorf("told: %+v, %v", n.attempts, err)
	}
}

// What looks like a credential is gone before anybody shortens an answer or takes it apart, however the answer hides
// it.
func TestAnswersShowNoCredentials(t *testing.T) {
	t.Parallel()

	const token = "ghp_9uQx7vT2mZk4LwR8sYb3NcJ6hGf1PdE5aXoV"

	encoded := base64.StdEncoding.EncodeToString([]byte("somebody:" + token))
	for said, want := range map[string]string{
		`{"message":"see https:\/\/x-access-token:abc\u200bdef@git.example.com\/o"}`:
		/**/ `{"message":"see https://(redacted)@git.example.com/o"}`,
		`{"a":["ghp\u005f` + token[4:] + `",1],"` + token + `":null}`: `{"a":["(redacted)",1],"(redacted)":null}`,
		`{"login":"ci-bot","scopes":"repo, admin:repo_hook","id":4711}`:
		/**/ `{"login":"ci-bot","scopes":"repo, admin:repo_hook","id":4711}`,
		`{"sent":"` + encoded + `"}`:             `{"sent":"(redacted)"}`,
		"<title>" + token + "</title>":           "<title>(redacted)</title>",
		"half of a JSON text: {\"a\":\"" + token: "half of a JSON text: {\"a\":\"(redacted)",
	} {
		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("X-Echo", "see "+token)
			w.Header().Set("Www-Authenticate", "Basic "+encoded)
			_, _ = io.WriteString(w, said)
		})

		tr, _ := newTransport(t, nil)

		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.URL, nil)
		if err != nil {
			t.Fatal(err)
		}

		resp, err := client(t, tr, s.URL, transport.ClientOptions{}).Do(req)
		if err != nil {
			t.Fatal(err)
		}
		defer resp.Body.Close() //nolint:errcheck // it is in memory

		body, err := io.ReadAll(resp.Body)
		if err != nil || string(body) != want {
			t.Errorf("%s: %s, %v, want %s", said, body, err, want)
		}

		for name, want := range map[string]string{"X-Echo": "see (redacted)", "Www-Authenticate": "Basic (redacted)"} {
			if got := resp.Header.Get(name); got != want {
				t.Errorf("%s: %q, want %q", name, got, want)
			}
		}
	}
}

// A client that was made to ask changes nothing, whatever its caller sends by mistake.
func TestVerbs(t *testing.T) {
	t.Parallel()

	s := serve(t, func(w http.ResponseWriter, r *http.Request) { _, _ = io.WriteString(w, r.Method) })
	tr, _ := newTransport(t, nil)

	for _, tt := range []struct {
		verbs  []string
		method string
		sent   bool
	}{
		{[]string{}, http.MethodGet, true},
		{[]string{}, http.MethodPost, false},
		{[]string{}, http.MethodDelete, false},
		{[]string{http.MethodPost}, http.MethodPost, true},
		{[]string{http.MethodPost}, http.MethodDelete, false},
		{[]string{http.MethodPost}, http.MethodGet, true},
	} {
		_, text, err := send(t, client(t, tr, s.URL, transport.ClientOptions{Verbs: tt.verbs}), tt.method, s.URL, "")

		var verb *transport.VerbError

		if sent := err == nil && text == tt.method; sent != tt.sent || !sent && !errors.As(err, &verb) {
			t.Errorf("%v: %s got %q, %v", tt.verbs, tt.method, text, err)
		}
	}
}
