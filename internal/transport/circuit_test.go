package transport_test

import (
	"bufio"
	"context"
	"io"
	"net"
	"net/http"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// silent is a server that takes requests and answers none, until it recovers.
type silent struct {
	awake    atomic.Bool
	requests atomic.Int32
}

func (s *silent) dial(context.Context, string, string) (net.Conn, error) {
	near, far := net.Pipe()

	go func() {
		defer func() { _ = far.Close() }()

		lines := bufio.NewReader(far)

		for {
			req, err := http.ReadRequest(lines)
			if err != nil {
				return
			}

			_, _ = io.Copy(io.Discard, req.Body)

			s.requests.Add(1)

			if !s.awake.Load() {
				continue
			}

			_, _ = io.WriteString(far, "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 0\r\n\r\n")

			return
		}
	}()

	return near, nil
}

const patience = 30 * time.Second

func newSilent(t *testing.T) (*silent, func(ctx context.Context, retry transport.RetryMode) error) {
	t.Helper()

	s := &silent{}

	tr, err := transport.New(transport.Config{
		RequestTimeout: patience, MaxRetries: 3, AllowHTTP: true, DialContext: s.dial,
		Proxy: http.ProxyURL(nil),
	})
	if err != nil {
		t.Fatal(err)
	}

	return s, func(ctx context.Context, retry transport.RetryMode) error {
		c, err := tr.Client("http://git.example.com", nil, transport.ClientOptions{
			Retry: retry, Verbs: []string{http.MethodPost},
		})
		if err != nil {
			t.Error(err)

			return err
		}

		req, err := http.NewRequestWithContext(ctx, http.MethodPost, "http://git.example.com/",
			strings.NewReader("x"))
		if err != nil {
			t.Error(err)

			return err
		}

		resp, err := c.Do(req)
		if err != nil {
			return err
		}

		return resp.Body.Close()
	}
}

// TestSilentServer has a crowd ask a server that lets everybody wait: they do so side by side, and not one after
// another.
func TestSilentServer(t *testing.T) {
	t.Parallel()

	for _, atOnce := range []int{1, 2, 10, 100} {
		synctest.Test(t, func(t *testing.T) {
			s, ask := newSilent(t)
			start := time.Now()

			var wg sync.WaitGroup

			places := make(chan struct{}, atOnce)
			for range 100 {
				places <- struct{}{}

				wg.Go(func() {
					defer func() { <-places }()

					if cause, detail := transport.CauseOf(ask(t.Context(), transport.RetryAlways)); cause != gittoken.CauseTimeout {
						t.Errorf("%s %q", cause, detail)
					}
				})
			}

			wg.Wait()

			// The first ones, and then one request with its three repetitions and the pauses between them.
			if took := time.Since(start); took > 5*patience+10*time.Second {
				t.Errorf("%d at once: a crowd of 100 waited %s", atOnce, took)
			}

			if n := s.requests.Load(); n > 20 {
				t.Errorf("%d at once: %d requests", atOnce, n)
			}
		})
	}
}

// TestServerRecovers wakes the server up at different times: whoever asks after that, or is waiting, is answered.
func TestServerRecovers(t *testing.T) {
	t.Parallel()

	for after, want := range map[time.Duration]int32{
		5 * time.Second:   0, // before anybody gives up
		patience:          0,
		5 * patience / 2:  7, // one goes on trying
		5 * time.Minute:   8,
		100 * time.Minute: 8,
	} {
		synctest.Test(t, func(t *testing.T) {
			s, ask := newSilent(t)

			time.AfterFunc(after, func() { s.awake.Store(true) })

			var lost atomic.Int32

			var wg sync.WaitGroup
			for range 8 {
				wg.Go(func() {
					if ask(t.Context(), transport.RetryAlways) != nil {
						lost.Add(1)
					}
				})
			}

			wg.Wait()

			if lost.Load() != want {
				t.Errorf("awake after %s: %d were not answered, want %d", after, lost.Load(), want)
			}

			time.Sleep(after + patience)

			for range 3 {
				if err := ask(t.Context(), transport.RetryAlways); err != nil {
					t.Errorf("awake after %s: %v", after, err)
				}
			}
		})
	}
}

// TestSilentOnce: one attempt without an answer may be chance, so the next question is asked all the same.
func TestSilentOnce(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s, ask := newSilent(t)

		// It ends in the pause before the repetition.
		ctx, cancel := context.WithTimeout(t.Context(), patience+time.Millisecond)
		defer cancel()

		if err := ask(ctx, transport.RetryAlways); err == nil || s.requests.Load() != 1 {
			t.Fatalf("%v after %d requests", err, s.requests.Load())
		}

		s.awake.Store(true)

		if err := ask(t.Context(), transport.RetryAlways); err != nil {
			t.Errorf("the next question: %v", err)
		}
	})
}

// TestSilentServerAndMutation: what changes something is sent, whatever became of the questions before it.
func TestSilentServerAndMutation(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s, ask := newSilent(t)

		_ = ask(t.Context(), transport.RetryAlways)
		asked := s.requests.Load()

		if err := ask(t.Context(), transport.RetryAlways); err == nil || s.requests.Load() != asked {
			t.Errorf("a question was sent right after four that got no answer: %v", err)
		}

		if err := ask(t.Context(), transport.RetryNever); err == nil || s.requests.Load() != asked+1 {
			t.Errorf("a mutation was not sent: %v", err)
		}
	})
}

// TestSilenceAside: what can do without an answer holds up its like alone, so that the server is asked other things.
func TestSilenceAside(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		s, ask := newSilent(t)
		aside := transport.Aside(t.Context())

		for range 4 {
			if err := ask(aside, transport.RetryAlways); err == nil {
				t.Error("a server that is silent answered")
			}
		}

		sent := s.requests.Load()
		s.awake.Store(true)

		if err := ask(t.Context(), transport.RetryAlways); err != nil {
			t.Errorf("another question: %v", err)
		}

		if n := s.requests.Load() - sent; n != 1 {
			t.Errorf("another question was sent %d times", n)
		}
	})
}
