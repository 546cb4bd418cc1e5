package transport_test

import (
	"context"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

const (
	secretText = "tok_ABCDEF0123456789"
	otherText  = "glpat-9876543210fedcba9876"
)

func secret() gittoken.Secret { return gittoken.NewSecret(secretText) }

// now is the clock of every test.
func now() time.Time { return time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC) }

// pauses records the waits that were asked for instead of making them.
type pauses struct {
	mu   sync.Mutex
	list []time.Duration
}

func (p *pauses) wait(ctx context.Context, d time.Duration) error {
	p.mu.Lock()
	defer p.mu.Unlock()

	p.list = append(p.list, d)

	return ctx.Err()
}

func (p *pauses) all() []time.Duration {
	p.mu.Lock()
	defer p.mu.Unlock()

	return append([]time.Duration(nil), p.list...)
}

func newTransport(t *testing.T, change func(*transport.Config)) (*transport.Transport, *pauses) {
	t.Helper()

	p := &pauses{}
	cfg := transport.Config{MaxRetries: 3, UserAgent: "test/1", Now: now, Wait: p.wait}

	if change != nil {
		change(&cfg)
	}

	tr, err := transport.New(cfg)
	if err != nil {
		t.Fatal(err)
	}

	return tr, p
}

func client(t *testing.T, tr *transport.Transport, base string, o transport.ClientOptions) *http.Client {
	t.Helper()

	if o.Verbs == nil {
		o.Verbs = []string{http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete, http.MethodOptions}
	}

	c, err := tr.Client(base, transport.Bearer(secret()), o)
	if err != nil {
		t.Fatal(err)
	}

	return c
}

// send makes one request and returns the status and body of its answer.
func send(t *testing.T, c *http.Client, method, url, body string) (int, string, error) {
	t.Helper()

	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}

	resp, err := c.Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()

	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}

	return resp.StatusCode, string(text), nil
}

func serve(t *testing.T, h http.HandlerFunc) *httptest.Server {
	t.Helper()

	s := httptest.NewServer(h)
	t.Cleanup(s.Close)

	return s
}

// named maps the name of any host to one address.
func named(addresses map[string]string) func(context.Context, string, string) (net.Conn, error) {
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		to, ok := addresses[addr]
		if !ok {
			return nil, &net.OpError{
				Op:  "dial",
				Net: network,
				Err: &net.DNSError{Name: addr, Err: "no such host", IsNotFound: true},
			}
		}

		return (&net.Dialer{}).DialContext(ctx, network, to)
	}
}
