package transport_test

import (
	"context"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// notes is an Observer that writes down what it is told.
type notes struct {
	mu       sync.Mutex
	attempts []transport.Attempt
	pauses   []transport.Pause
	queues   []transport.Queue
	contexts []any
}

type markKey struct{}

func (n *notes) observer() transport.Observer {
	return transport.Observer{
		Attempt: func(ctx context.Context, a transport.Attempt) {
			n.mu.Lock()
			defer n.mu.Unlock()

			n.attempts, n.contexts = append(n.attempts, a), append(n.contexts, ctx.Value(markKey{}))
		},
		Pause: func(_ context.Context, p transport.Pause) {
			n.mu.Lock()
			defer n.mu.Unlock()

			n.pauses = append(n.pauses, p)
		},
		Queue: func(_ context.Context, q transport.Queue) {
			n.mu.Lock()
			defer n.mu.Unlock()

			n.queues = append(n.queues, q)
		},
	}
}

// Each attempt is told once, with what a person needs to find out what happened, and nothing that is secret.
func TestObserveAttempts(t *testing.T) {
	t.Parallel()

	var asked atomic.Int32

	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("X-GitHub-Request-Id", fmt.Sprintf("ID:%d", asked.Add(1)))
		w.Header().Set("X-RateLimit-Remaining", "4999")
		w.Header().Set("X-RateLimit-Reset", "1770000000")
		w.Header().Set("X-OAuth-Scopes", "repo, "+otherText)
		w.Header().Set("X-GitHub-SSO", "required; url=https://github.com/orgs/acme/sso")

		if asked.Load() < 3 {
			w.WriteHeader(http.StatusBadGateway)
		}

		_, _ = w.Write([]byte("12345" + r.Header.Get("Authorization")))
	})

	n := &notes{}
	tr, _ := newTransport(t, func(c *transport.Config) { c.Observer = n.observer() })
	tr.Redactor().Add(gittoken.NewSecret(otherText))

	c := client(t, tr, s.URL, transport.ClientOptions{Service: "platform", Operation: "Overview"})

	req, err := http.NewRequestWithContext(context.WithValue(t.Context(), markKey{}, "mine"), http.MethodGet,
		s.URL+"/a/"+otherText+"/b?token="+secretText, nil)
	if err != nil {
		t.Fatal(err)
	}

	resp, err := c.Do(req)
	if err != nil {
		t.Fatal(err)
	}

	_ = resp.Body.Close()

	request := transport.Request{
		Service: "platform", Operation: "Overview", Method: http.MethodGet, URL: s.URL + "/a/(redacted)/b",
	}
	attempt := func(number, status int) transport.Attempt {
		return transport.Attempt{
			Request: request, Number: number, Max: 4, Status: status, Bytes: int64(len("12345Bearer (redacted)")),
			RequestID: fmt.Sprintf("ID:%d", number), RateRemaining: "4999", RateReset: "1770000000",
			Scopes: "repo, (redacted)", SSO: "required; url=https://github.com/orgs/acme/sso",
		}
	}

	want := []transport.Attempt{attempt(1, 502), attempt(2, 502), attempt(3, 200)}
	if diff := cmp.Diff(want, n.attempts, cmpopts.IgnoreFields(transport.Attempt{}, "Duration")); diff != "" {
		t.Errorf("attempts (-want +got):\n%s", diff)
	}

	pauses := []transport.Pause{
		{Request: request, After: 1, For: 500 * time.Millisecond, Reason: transport.PauseBackoff},
		{Request: request, After: 2, For: time.Second, Reason: transport.PauseBackoff},
	}
	if diff := cmp.Diff(pauses, n.pauses); diff != "" {
		t.Errorf("pauses (-want +got):\n%s", diff)
	}

	for _, mark := range n.contexts {
		if mark != "mine" {
			t.Error("an attempt is told under another context than the request's")
		}
	}

	if told := fmt.Sprintf("%+v", n); strings.Contains(told, secretText) || strings.Contains(told, otherText) {
		t.Errorf("a secret is told: %s", told)
	}
}

// What was never sent is told as such, with the reason.
func TestObserveFailures(t *testing.T) {
	t.Parallel()

	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, "https://elsewhere.example.com/x?token=y", http.StatusFound)
	})

	for name, test := range map[string]struct {
		base, ask string
		proxy     *url.URL
		want      []transport.Attempt
	}{
		"redirect": {
			base: s.URL, ask: s.URL + "/",
			want: []transport.Attempt{
				{Request: transport.Request{URL: s.URL + "/"}, Number: 1, Status: 302},
				{
					Request: transport.Request{URL: "https://elsewhere.example.com/x"}, Number: 1, Unsent: true,
					Cause: gittoken.CauseRedirect,
				},
			},
		},
		"another server": {
			base: s.URL, ask: "https://elsewhere.example.com/y",
			want: []transport.Attempt{{
				Request: transport.Request{URL: "https://elsewhere.example.com/y"}, Number: 1, Unsent: true,
				Cause: gittoken.CauseRedirect,
			}},
		},
		"a proxy that is away": {
			base: "https://git.example.com", ask: "https://git.example.com/z",
			proxy: &url.URL{Scheme: "http", Host: "127.0.0.1:1", User: url.UserPassword("jo", "proxy-password")},
			want: []transport.Attempt{{
				Request: transport.Request{URL: "https://git.example.com/z"}, Number: 1, Proxy: "127.0.0.1:1",
				Cause: gittoken.CauseProxy,
			}},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			n := &notes{}
			tr, _ := newTransport(t, func(c *transport.Config) {
				c.Observer, c.MaxRetries = n.observer(), 0
				if test.proxy != nil {
					c.Proxy = http.ProxyURL(test.proxy)
				}
			})

			c := client(t, tr, test.base, transport.ClientOptions{})
			if _, _, err := send(t, c, http.MethodGet, test.ask, ""); err == nil {
				t.Error("no error")
			}

			for i, a := range n.attempts {
				if (a.Detail == "") != (a.Cause == "") {
					t.Errorf("cause %q with detail %q", a.Cause, a.Detail)
				}

				n.attempts[i].Method = ""
			}

			diff := cmp.Diff(test.want, n.attempts,
				cmpopts.IgnoreFields(transport.Attempt{}, "Duration", "Detail", "Bytes", "Max"))
			if diff != "" {
				t.Errorf("attempts (-want +got):\n%s", diff)
			}

			if strings.Contains(fmt.Sprintf("%+v", n), "proxy-password") {
				t.Error("a password is told")
			}
		})
	}
}

// A server's own wish is told apart from the transport's habit.
func TestObservePauses(t *testing.T) {
	t.Parallel()

	for reason, header := range map[string]http.Header{
		transport.PauseRetryAfter: {"Retry-After": {"7"}},
		transport.PauseRateLimit: {
			"X-Ratelimit-Remaining": {"0"}, "X-Ratelimit-Reset": {fmt.Sprint(now().Add(7 * time.Second).Unix())},
		},
	} {
		var asked atomic.Int32

		s := serve(t, func(w http.ResponseWriter, _ *http.Request) {
			if asked.Add(1) == 1 {
				for name, values := range header {
					w.Header()[name] = values
				}

				w.WriteHeader(http.StatusTooManyRequests)
			}
		})

		n := &notes{}
		tr, _ := newTransport(t, func(c *transport.Config) { c.Observer = n.observer() })

		if _, _, err := send(t, client(t, tr, s.URL, transport.ClientOptions{}), http.MethodGet, s.URL, ""); err != nil {
			t.Fatal(err)
		}

		if len(n.pauses) != 1 || n.pauses[0].Reason != reason || n.pauses[0].For != 7*time.Second {
			t.Errorf("%s: pauses %+v", reason, n.pauses)
		}
	}
}

// Whoever waits long for a place among the requests to a server is told so.
func TestObserveQueue(t *testing.T) {
	t.Parallel()

	const more = 3

	free, full := make(chan struct{}), make(chan struct{}, 100)
	s := serve(t, func(http.ResponseWriter, *http.Request) {
		full <- struct{}{}

		<-free
	})

	var clock atomic.Int64

	n := &notes{}
	tr, _ := newTransport(t, func(c *transport.Config) {
		c.Observer = n.observer()
		c.Now = func() time.Time { return time.Unix(0, clock.Load()) }
	})
	c := client(t, tr, s.URL, transport.ClientOptions{Service: "github"})

	var all sync.WaitGroup

	for range 8 + more {
		all.Go(func() {
			if _, _, err := send(t, c, http.MethodGet, s.URL, ""); err != nil {
				t.Error(err)
			}
		})
	}

	for range 8 {
		<-full
	}

	time.Sleep(100 * time.Millisecond) // for the others to stand in the queue
	clock.Add(int64(2 * time.Second))
	close(free)
	all.Wait()

	if len(n.queues) == 0 || len(n.queues) > more || n.queues[0].For != 2*time.Second || n.queues[0].Service != "github" {
		t.Errorf("queues: %+v", n.queues)
	}

	if len(n.attempts) != 8+more {
		t.Errorf("%d attempts", len(n.attempts))
	}
}

// The name that a server gives to a request is that of the one that failed.
func TestTrace(t *testing.T) {
	t.Parallel()

	s := serve(t, func(w http.ResponseWriter, r *http.Request) {
		if id := r.URL.Query().Get("id"); id != "" {
			w.Header().Set(r.URL.Query().Get("header"), id)
		}

		if r.URL.Path == "/bad" {
			w.WriteHeader(http.StatusForbidden)
		}
	})
	tr, _ := newTransport(t, nil)
	c := client(t, tr, s.URL, transport.ClientOptions{})

	for want, paths := range map[string][]string{
		"": {
			"/bad?header=X-Request-Id&id=" + url.QueryEscape("All is well. Go on."),
			"/bad?header=X-Request-Id&id=" + strings.Repeat("a", 129), "/good",
		},
		"a": {"/good?id=a&header=X-Request-Id"},
		"b": {"/good?id=a&header=X-Request-Id", "/good?id=b&header=X-AREQUESTID"},
		"c": {
			"/good?id=a&header=X-Request-Id", "/bad?id=c&header=X-GitHub-Request-Id", "/good?id=d&header=X-Request-Id",
		},
		"x-(redacted)": {"/bad?header=X-Request-Id&id=" + url.QueryEscape("x-"+secretText)},
		"C0DE:2A5F1B:1B2C3D:4E5F60:6566A1B2": {
			"/bad?header=X-GitHub-Request-Id&id=C0DE:2A5F1B:1B2C3D:4E5F60:6566A1B2",
		},
		"a43bf264fa610959-FRA":             {"/bad?header=X-Request-Id&id=a43bf264fa610959-FRA"},
		"01M2JF0CG0X8D3ZK7Q5RWN1VTC":       {"/bad?header=X-Request-Id&id=01M2JF0CG0X8D3ZK7Q5RWN1VTC"},
		"@1Q4K7ZMx720x48213x0":             {"/bad?header=X-AREQUESTID&id=@1Q4K7ZMx720x48213x0"},
		"84f7129976b04ccea28721c80d6ce140": {"/bad?header=Atl-Traceid&id=84f7129976b04ccea28721c80d6ce140"},
		"7f:1a.2-B_c@*=+/|~":               {"/bad?header=Atl-Traceid&id=" + url.QueryEscape("7f:1a.2-B_c@*=+/|~")},
	} {
		ctx, trace := transport.Traced(t.Context())

		for _, path := range paths {
			req, err := http.NewRequestWithContext(ctx, http.MethodGet, s.URL+path, nil)
			if err != nil {
				t.Fatal(err)
			}

			resp, err := c.Do(req)
			if err != nil {
				t.Fatal(err)
			}

			_ = resp.Body.Close()
		}

		if got := trace.RequestID(); got != want {
			t.Errorf("after %q: %q, want %q", paths, got, want)
		}
	}
}
