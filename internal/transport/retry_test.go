package transport_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

func TestRetryByStatus(t *testing.T) {
	t.Parallel()

	const always, never = 4, 1

	tests := []struct {
		method string
		mode   transport.RetryMode
		status int
		want   int32
	}{
		{"GET", transport.RetryIdempotent, 429, always},
		{"GET", transport.RetryIdempotent, 502, always},
		{"GET", transport.RetryIdempotent, 503, always},
		{"GET", transport.RetryIdempotent, 504, always},
		{"HEAD", transport.RetryIdempotent, 503, always},
		{"OPTIONS", transport.RetryIdempotent, 503, always},
		{"GET", transport.RetryIdempotent, 200, never},
		{"GET", transport.RetryIdempotent, 304, never},
		{"GET", transport.RetryIdempotent, 400, never},
		{"GET", transport.RetryIdempotent, 401, never},
		{"GET", transport.RetryIdempotent, 403, never},
		{"GET", transport.RetryIdempotent, 404, never},
		{"GET", transport.RetryIdempotent, 408, never},
		{"GET", transport.RetryIdempotent, 500, never},
		{"GET", transport.RetryIdempotent, 501, never},
		{"POST", transport.RetryIdempotent, 503, never},
		{"PATCH", transport.RetryIdempotent, 429, never},
		{"POST", transport.RetryAlways, 503, always},
		{"POST", transport.RetryAlways, 401, never},
		{"POST", transport.RetryNever, 503, never},
		{"GET", transport.RetryNever, 429, never},
	}

	for _, tt := range tests {
		t.Run(tt.method+" "+strconv.Itoa(tt.status)+" "+strconv.Itoa(int(tt.mode)), func(t *testing.T) {
			t.Parallel()

			var attempts atomic.Int32

			s := serve(t, func(w http.ResponseWriter, r *http.Request) {
				if text, _ := io.ReadAll(r.Body); r.Method != "HEAD" && string(text) != "question" {
					t.Errorf("body = %q", text)
				}

				w.Header().Set("X-Attempt", strconv.Itoa(int(attempts.Add(1))))
				w.WriteHeader(tt.status)
			})
			tr, p := newTransport(t, nil)

			status, _, err := send(
				t,
				client(t, tr, s.URL, transport.ClientOptions{Retry: tt.mode}),
				tt.method,
				s.URL,
				"question",
			)
			if err != nil || status != tt.status {
				t.Errorf("= %d, %v, want the last answer", status, err)
			}

			if got := attempts.Load(); got != tt.want {
				t.Errorf("%d attempts, want %d", got, tt.want)
			}

			if got := len(p.all()); got != int(tt.want)-1 {
				t.Errorf("%d pauses", got)
			}
		})
	}
}

func TestRetrySucceeds(t *testing.T) {
	t.Parallel()

	var attempts atomic.Int32

	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		if attempts.Add(1) < 4 {
			w.WriteHeader(http.StatusBadGateway)
		}
	})
	tr, p := newTransport(t, nil)

	status, _, err := send(t, client(t, tr, s.URL, transport.ClientOptions{}), http.MethodGet, s.URL, "")
	if err != nil || status != http.StatusOK {
		t.Fatalf("= %d, %v", status, err)
	}

	if diff := cmp.Diff([]time.Duration{500 * time.Millisecond, time.Second, 2 * time.Second}, p.all()); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}
}

func TestRetryObeysServer(t *testing.T) {
	t.Parallel()

	type headers map[string]string

	in := func(seconds int) time.Time { return now().Add(time.Duration(seconds) * time.Second) }
	date := func(seconds int) string { return in(seconds).Format(http.TimeFormat) }
	epoch := func(seconds int) string { return strconv.FormatInt(in(seconds).Unix(), 10) }
	pause := func(seconds int) []time.Duration { return []time.Duration{time.Duration(seconds) * time.Second} }
	usual := []time.Duration{500 * time.Millisecond}

	tests := map[string]struct {
		status int
		header headers
		want   []time.Duration // none: given up at once
	}{
		"seconds":                {429, headers{"Retry-After": "7"}, pause(7)},
		"seconds at the bound":   {429, headers{"Retry-After": "30"}, pause(30)},
		"too many seconds":       {429, headers{"Retry-After": "31"}, nil},
		"date":                   {429, headers{"Retry-After": date(9)}, pause(9)},
		"date too far":           {503, headers{"Retry-After": date(3600)}, nil},
		"date in the past":       {503, headers{"Retry-After": date(-3600)}, usual},
		"nonsense":               {429, headers{"Retry-After": "soon"}, usual},
		"negative":               {429, headers{"Retry-After": "-5"}, usual},
		"maintenance":            {503, headers{"Retry-After": "3600"}, nil},
		"GitHub reset":           {429, headers{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": epoch(12)}, pause(12)},
		"GitHub reset too far":   {429, headers{"X-RateLimit-Remaining": "0", "X-RateLimit-Reset": epoch(3600)}, nil},
		"GitHub secondary limit": {429, headers{"X-RateLimit-Remaining": "4000", "X-RateLimit-Reset": epoch(3600)}, usual},
		"GitLab reset":           {429, headers{"RateLimit-Reset": epoch(5)}, pause(5)},
		"draft reset":            {429, headers{"RateLimit-Remaining": "0", "RateLimit-Reset": "20"}, pause(20)},
		"unbelievable reset":     {429, headers{"RateLimit-Reset": "9223372036854775807"}, usual},
		"Retry-After wins":       {429, headers{"Retry-After": "2", "RateLimit-Reset": epoch(3600)}, pause(2)},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				for k, v := range tt.header {
					w.Header().Set(k, v)
				}

				w.WriteHeader(tt.status)
			})
			tr, p := newTransport(t, func(c *transport.Config) { c.MaxRetries = 1 })

			status, _, err := send(t, client(t, tr, s.URL, transport.ClientOptions{}), http.MethodGet, s.URL, "")
			if err != nil || status != tt.status {
				t.Errorf("= %d, %v, want the answer", status, err)
			}

			if diff := cmp.Diff(tt.want, p.all()); diff != "" {
				t.Errorf("pauses (-want +got):\n%s", diff)
			}
		})
	}
}

// TestRetryOfErrors breaks connections at two points: before the server can have seen the request, and after.
func TestRetryOfErrors(t *testing.T) {
	t.Parallel()

	refused := &net.OpError{Op: "dial", Net: "tcp", Err: syscall.ECONNREFUSED}
	unknown := &net.OpError{Op: "dial", Net: "tcp", Err: &net.DNSError{Err: "no such host", Name: "x", IsNotFound: true}}

	tests := map[string]struct {
		dial   error // nil: the connection comes about, and the server drops it
		method string
		mode   transport.RetryMode
		want   int32
		cause  gittoken.Cause
	}{
		"dropped, GET":                 {nil, "GET", transport.RetryIdempotent, 4, gittoken.CauseNetwork},
		"dropped, POST":                {nil, "POST", transport.RetryIdempotent, 1, gittoken.CauseNetwork},
		"dropped, POST query":          {nil, "POST", transport.RetryAlways, 4, gittoken.CauseNetwork},
		"dropped, mutation":            {nil, "POST", transport.RetryNever, 1, gittoken.CauseNetwork},
		"dropped, GET in never":        {nil, "GET", transport.RetryNever, 1, gittoken.CauseNetwork},
		"not connected, GET":           {refused, "GET", transport.RetryIdempotent, 4, gittoken.CauseNetwork},
		"not connected, POST":          {refused, "POST", transport.RetryIdempotent, 4, gittoken.CauseNetwork},
		"not connected, mutation":      {refused, "POST", transport.RetryNever, 4, gittoken.CauseNetwork},
		"no such name":                 {unknown, "GET", transport.RetryIdempotent, 1, gittoken.CauseNetwork},
		"no such name, mutation":       {unknown, "POST", transport.RetryNever, 1, gittoken.CauseNetwork},
		"another error before sending": {errors.New("broken dialer"), "POST", transport.RetryNever, 1, gittoken.CauseNetwork},
	}

	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			var tries atomic.Int32

			s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
				tries.Add(1)

				conn, _, err := http.NewResponseController(w).Hijack()
				if err != nil {
					t.Error(err)

					return
				}

				_ = conn.Close()
			})
			tr, _ := newTransport(t, func(c *transport.Config) {
				if tt.dial != nil {
					c.DialContext = func(context.Context, string, string) (net.Conn, error) {
						tries.Add(1)

						return nil, tt.dial
					}
				}
			})

			_, _, err := send(t, client(t, tr, s.URL, transport.ClientOptions{Retry: tt.mode}), tt.method, s.URL, "x")
			if cause, _ := transport.CauseOf(err); cause != tt.cause {
				t.Errorf("CauseOf(%v) = %s, want %s", err, cause, tt.cause)
			}

			if got := tries.Load(); got != tt.want {
				t.Errorf("%d tries, want %d", got, tt.want)
			}
		})
	}
}

func TestRetryStopsWithContext(t *testing.T) {
	t.Parallel()

	var attempts atomic.Int32

	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		attempts.Add(1)
		w.WriteHeader(http.StatusServiceUnavailable)
	})

	ctx, cancel := context.WithCancel(t.Context())
	tr, _ := newTransport(t, func(c *transport.Config) {
		c.Wait = func(ctx context.Context, _ time.Duration) error {
			cancel() // the caller loses interest during the first pause

			return ctx.Err()
		}
	})

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, nil)
	if err != nil {
		t.Fatal(err)
	}

	resp, err := client(t, tr, s.URL, transport.ClientOptions{}).Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}

	if !errors.Is(err, context.Canceled) {
		t.Errorf("error = %v", err)
	}

	if attempts.Load() != 1 {
		t.Errorf("%d attempts", attempts.Load())
	}
}

// TestRealWait uses the timer that tests otherwise replace.
func TestRealWait(t *testing.T) {
	t.Parallel()

	s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Retry-After", "30")
		w.WriteHeader(http.StatusTooManyRequests)
	})
	tr, _ := newTransport(t, func(c *transport.Config) { c.Wait = nil })

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()

	req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL, strings.NewReader(""))
	if err != nil {
		t.Fatal(err)
	}

	resp, err := client(t, tr, s.URL, transport.ClientOptions{}).Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}

	if cause, _ := transport.CauseOf(err); cause != gittoken.CauseTimeout {
		t.Errorf("error = %v", err)
	}
}
