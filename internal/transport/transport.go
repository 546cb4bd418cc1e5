package transport

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

const (
	defaultTimeout  = 30 * time.Second
	defaultMaxBody  = 4 << 20
	maxPerHost      = 8
	maxRedirects    = 5
	maxHeaderBytes  = 256 << 10
	dialTimeout     = 15 * time.Second
	handshakeLimit  = 15 * time.Second
	idleConnTimeout = 90 * time.Second
)

// Config says how every client of a Transport behaves.
type Config struct {
	// CACertificate holds PEM certificates that are trusted beside the system's roots. May be nil.
	CACertificate []byte
	// AllowHTTP permits http:// addresses beyond loopback.
	AllowHTTP bool
	// RequestTimeout limits one attempt, from waiting for the connection to the last byte of the body. 0 means 30 s.
	RequestTimeout time.Duration
	// MaxRetries is how many more attempts a request gets after its first.
	MaxRetries int
	// UserAgent replaces whatever a client library would call itself. Empty leaves that alone.
	UserAgent string
	// DialContext opens connections. Nil means net.Dialer.
	DialContext func(ctx context.Context, network, addr string) (net.Conn, error)
	// Proxy returns the proxy for a request; nil for none. Nil means that of the environment.
	Proxy func(*http.Request) (*url.URL, error)
	// Now is the clock against which Retry-After dates are read. Nil means time.Now.
	Now func() time.Time
	// Redactor learns every credential that is sent, and takes it and all else that it knows out of what comes back. Nil
	// means one that nobody else adds to.
	Redactor *redact.Redactor
	// Observer is told of every attempt, pause and failure.
	Observer Observer
	// Wait pauses between attempts and returns early, with an error, when ctx ends. Nil means a timer.
	Wait func(ctx context.Context, d time.Duration) error
}

// Transport makes clients. They share its connections and its limit of 8 concurrent requests to one server.
type Transport struct {
	cfg  Config
	wire http.RoundTripper

	mu    sync.Mutex
	lanes map[string]lane // by origin
}

// New returns a Transport, or a *ConfigError if the CA certificate is unusable.
func New(cfg Config) (*Transport, error) {
	if cfg.RequestTimeout <= 0 {
		cfg.RequestTimeout = defaultTimeout
	}

	cfg.MaxRetries = max(cfg.MaxRetries, 0)

	if cfg.Now == nil {
		cfg.Now = time.Now
	}

	if cfg.Wait == nil {
		cfg.Wait = Wait
	}

	if cfg.Redactor == nil {
		cfg.Redactor = redact.New()
	}

	if cfg.DialContext == nil {
		cfg.DialContext = (&net.Dialer{Timeout: dialTimeout, KeepAlive: 30 * time.Second}).DialContext
	}

	if cfg.Proxy == nil {
		cfg.Proxy = http.ProxyFromEnvironment
	}

	cfg.Proxy = noProxyForLoopback(cfg.Proxy)

	roots, err := rootsWith(cfg.CACertificate)
	if err != nil {
		return nil, err
	}

	return &Transport{
		cfg: cfg,
		wire: &http.Transport{
			Proxy:                  cfg.Proxy,
			OnProxyConnectResponse: refusedByProxy,
			DialContext:            dialLoopbackAtHome(cfg.DialContext),
			TLSClientConfig: &tls.Config{
				MinVersion: tls.VersionTLS12, RootCAs: roots, GetClientCertificate: noCertificate,
			},
			TLSHandshakeTimeout:    handshakeLimit,
			MaxIdleConnsPerHost:    maxPerHost,
			IdleConnTimeout:        idleConnTimeout,
			MaxResponseHeaderBytes: maxHeaderBytes,
			ForceAttemptHTTP2:      true, // a TLS configuration or dialer of one's own turns HTTP/2 off otherwise
		},
		lanes: map[string]lane{},
	}, nil
}

// ClientOptions are what one client does differently. The zero value is right for asking questions by GET.
type ClientOptions struct {
	// Service and Operation are what an Observer calls whom the client asks, and what it asks for by GraphQL.
	Service, Operation string
	// Timeout limits one attempt. 0 means Config.RequestTimeout.
	Timeout time.Duration
	// Retry says which requests may be sent again.
	Retry RetryMode
	// Verbs lists the methods that requests may have beside GET and HEAD. With any other a request is not sent: whoever
	// only asks cannot change anything by mistake.
	Verbs []string
	// MaxBody bounds an answer's body in bytes. 0 means 4 MiB. A longer one is an error (*TooLargeError) …
	MaxBody int64
	// Truncate … unless this is set: then its beginning is handed back. For answers of which only the status matters.
	Truncate bool
	// Redact lists secrets beside the credential that the requests carry, such as those in their bodies.
	Redact []Secret
}

// Client returns a client for the server at base, an absolute URL, of which only scheme, host and port matter. Its
// requests carry auth (nil = no credential). The error is an *InsecureError for http:// beyond loopback and an
// *AddressError for what is no http(s) address.
//
// A response that the client returns is read already: its body is in memory, and neither it nor its headers hold what
// the Redactor finds, even if the server echoed it in JSON's escapes. Response.Request has no Authorization header.
func (t *Transport) Client(base string, auth Auth, o ClientOptions) (*http.Client, error) {
	origin, err := t.origin(base)
	if err != nil {
		return nil, err
	}

	if o.Timeout <= 0 {
		o.Timeout = t.cfg.RequestTimeout
	}

	if o.MaxBody <= 0 {
		o.MaxBody = defaultMaxBody
	}

	if auth == nil {
		auth = anonymous{}
	}

	t.cfg.Redactor.Add(auth.secret())
	t.cfg.Redactor.Add(o.Redact...)

	watch := &watch{transport: t, service: o.Service, operation: o.Operation}
	once := &attempt{
		watch:    watch,
		wire:     t.wire,
		proxy:    t.cfg.Proxy,
		lane:     t.laneOf(origin),
		timeout:  o.Timeout,
		maxBody:  o.MaxBody,
		truncate: o.Truncate,
		redactor: t.cfg.Redactor,
	}

	return &http.Client{
		Transport: &guard{
			watch:     watch,
			origin:    origin,
			auth:      auth,
			verbs:     o.Verbs,
			userAgent: t.cfg.UserAgent,
			next:      &retrier{transport: t, mode: o.Retry, next: once},
		},
		CheckRedirect: func(req *http.Request, via []*http.Request) error {
			var err error

			if to := originOf(req.URL); to != origin {
				err = &OriginError{From: origin, To: to}
			} else if len(via) > maxRedirects {
				err = &OriginError{From: origin, To: origin, Loop: true}
			}

			if err != nil {
				watch.unsent(req, 1, err)
			}

			return err
		},
	}, nil
}

// Redactor returns what knows the secrets of everything that was sent, and of whatever else Config.Redactor was told.
func (t *Transport) Redactor() *redact.Redactor { return t.cfg.Redactor }

// maxPrinted bounds, in bytes, how much of a text is searched for secrets. Much less is shown.
const maxPrinted = 64 << 10

// Printable makes a text from outside fit for a message: without secrets, and otherwise as the function of that name.
func (t *Transport) Printable(text string) string {
	// Twice: before it is shortened, which could leave a part of a secret, and after line breaks and invisible characters,
	// which could hide one, have become spaces.
	return t.cfg.Redactor.Text(Printable(t.cfg.Redactor.Text(text[:min(len(text), maxPrinted)])))
}

// origin checks base and returns its scheme, host and port.
func (t *Transport) origin(base string) (string, error) {
	u, err := url.Parse(base)
	if err != nil || u.Host == "" || u.Hostname() == "" {
		return "", &AddressError{Problem: "is not an absolute URL"}
	}

	if u.User != nil {
		return "", &AddressError{Problem: "has a user name or password in it"}
	}

	switch strings.ToLower(u.Scheme) {
	case "https":
	case "http":
		if !t.cfg.AllowHTTP && !isLoopback(u.Hostname()) {
			return "", &InsecureError{Host: u.Host}
		}
	default:
		return "", &AddressError{Problem: "is neither https:// nor http://"}
	}

	return originOf(u), nil
}

// originOf returns scheme, host and port in one spelling, such as "https://api.github.com:443".
func originOf(u *url.URL) string {
	scheme := strings.ToLower(u.Scheme)

	port := u.Port()
	if port == "" {
		switch scheme {
		case "https":
			port = "443"
		case "http":
			port = "80"
		}
	}

	host := strings.TrimSuffix(strings.ToLower(u.Hostname()), ".")

	return scheme + "://" + net.JoinHostPort(host, port)
}

func (t *Transport) laneOf(origin string) lane {
	t.mu.Lock()
	defer t.mu.Unlock()

	l, ok := t.lanes[origin]
	if !ok {
		l = lane{
			slots:   make(chan struct{}, maxPerHost),
			circuit: &circuit{now: t.cfg.Now}, aside: &circuit{now: t.cfg.Now},
		}
		t.lanes[origin] = l
	}

	return l
}

// rootsWith returns the system's roots and the certificates of text. Nil, which means the system's roots, if there is
// no text.
func rootsWith(text []byte) (*x509.CertPool, error) {
	certificates, err := certificatesIn(text)
	if err != nil || len(certificates) == 0 {
		return nil, err
	}

	pool, err := x509.SystemCertPool()
	if err != nil {
		pool = x509.NewCertPool() // a machine without roots can still trust the given ones
	}

	for _, certificate := range certificates {
		pool.AddCert(certificate)
	}

	return pool, nil
}

// Wait pauses for d or until ctx ends, whose error it returns then.
func Wait(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}
