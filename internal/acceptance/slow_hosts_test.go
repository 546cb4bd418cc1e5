package acceptance_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// mostPerHost is how many requests a host gets at a time.
const mostPerHost = 8

// front stands before lifeHost under an address of its own. Where it gathers, it keeps requests waiting until as many
// are there as may be, and then lets all of them go on: so it counts round trips, however fast the machine is.
type front struct {
	*httptest.Server

	t    *testing.T
	next http.Handler
	mode frontMode

	mu          sync.Mutex
	owed        map[string]int // requests that are still to come, by token
	waiting     map[chan struct{}]string
	total, most int
	rounds      int
}

type frontMode int

const (
	passes frontMode = iota
	gathers
	hangs // no request goes on
)

func (w *world) front(mode frontMode) *front {
	w.t.Helper()
	target, err := url.Parse(w.URL(lifeHost))
	w.must(err)
	f := &front{
		t: w.t, mode: mode, owed: map[string]int{}, waiting: map[chan struct{}]string{},
		next: &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(target) }},
	}
	f.Server = httptest.NewServer(f)
	w.t.Cleanup(f.Close)

	return f
}

// expects says how many requests come with a token.
func (f *front) expects(token string, requests int) {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.owed[token] = requests
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	goOn := f.arrive(strings.TrimPrefix(r.Header.Get("Authorization"), "Bearer "))
	select {
	case <-goOn:
		f.next.ServeHTTP(w, r)
	case <-r.Context().Done():
		f.mu.Lock()
		delete(f.waiting, goOn)
		f.mu.Unlock()
	case <-time.After(2 * time.Minute):
		f.t.Error("a request waits for others that do not come")
	}
}

func (f *front) arrive(token string) chan struct{} {
	f.mu.Lock()
	defer f.mu.Unlock()

	goOn := make(chan struct{})
	f.waiting[goOn] = token
	f.total++

	f.most = max(f.most, len(f.waiting))
	switch {
	case f.mode == passes:
		delete(f.waiting, goOn)
		close(goOn)
	case f.mode == gathers && len(f.waiting) == min(mostPerHost, len(f.owed)):
		time.AfterFunc(20*time.Millisecond, f.release) // one too many would come until then
	}

	return goOn
}

func (f *front) release() {
	f.mu.Lock()
	defer f.mu.Unlock()

	f.rounds++
	for goOn, token := range f.waiting {
		if f.owed[token]--; f.owed[token] <= 0 {
			delete(f.owed, token)
		}

		delete(f.waiting, goOn)
		close(goOn)
	}
}

// crowd makes users with a token for each of so many integrations, at hosts in turn, and returns the resources.
func (c *cli) crowd(users, integrations int, hosts ...*front) (resources string, tokens map[string]*front) {
	c.t.Helper()

	var text strings.Builder

	tokens = map[string]*front{}

	for i := range integrations {
		host := hosts[i%len(hosts)]
		name := fmt.Sprintf("team-%d", i)
		c.must(c.AddIntegration(runtimeName, name, "GITHUB", host.URL+"/api/v3"))
	}

	for u := range users {
		_, key, err := c.AddUser(fmt.Sprintf("user-%d", u), false)
		c.must(err)

		for i := range integrations {
			token := c.secret(c.mint("repo"))
			tokens[token] = hosts[i%len(hosts)]
			text.WriteString(provided(userToken, fmt.Sprintf("u%d_%d", u, i), set("runtime", runtimeName),
				set("integration", fmt.Sprintf("team-%d", i)), set("api_key", c.secret(key)), set("token", token)))
		}
	}

	return text.String(), tokens
}

// Many users' tokens at slow hosts: each host has as many requests under way as it may, all of the time, and never
// more. So a plan takes a host's requests, divided by that, in round trips.
func TestManyTokensAtSlowHosts(t *testing.T) {
	t.Parallel()

	const users, integrations, requests = 3, 32, 2 // who it is, and the shared configuration repository

	w := lifeWorld(t, sandbox.Runtime{})
	c := w.session()
	hosts := []*front{w.front(gathers), w.front(gathers)}
	shared := w.repository("acme/shared")

	resources, tokens := c.crowd(users, integrations, hosts...)
	for token, host := range tokens {
		host.expects(token, requests)
	}

	w.SetSharedConfigRepo(strings.Replace(shared, w.URL(lifeHost), hosts[0].URL, 1))

	for token, host := range tokens {
		if host == hosts[1] {
			host.expects(token, 1) // Codefresh's repository is elsewhere
		}
	}

	c.configure(w.provider(), resources)

	if got := c.plan("-parallelism=24").wantExit(2); len(got.diagnostics) > 0 {
		t.Errorf("the plan says %v", got.diagnostics[0])
	}

	for i, host := range hosts {
		want := users * integrations / len(hosts) * (requests - i)
		if host.total != want || host.most != mostPerHost {
			t.Errorf("host %d got %d requests, up to %d at once; want %d, and %d", i, host.total, host.most, want, mostPerHost)
		}

		if most := want * 13 / mostPerHost / 10; host.rounds > most {
			t.Errorf("host %d took %d round trips for %d requests, want at most %d", i, host.rounds, want, most)
		}
	}
}

// A host that answers nothing costs the patience for one question, not for each token: those that are asked at the same
// time wait together, one more is tried and tried again, and the others are not asked at all. Another host is none the
// worse.
func TestManyTokensAtAHostThatHangs(t *testing.T) {
	t.Parallel()

	const users, integrations, retries = 3, 20, 1

	w := lifeWorld(t, sandbox.Runtime{})
	now := time.Now()
	w.clock = func() time.Time { return now } // however long the plan takes, it is not yet time to try again
	c := w.session()
	hung, well := w.front(hangs), w.front(passes)
	resources, _ := c.crowd(users, integrations, hung, well)
	c.configure(w.provider(fmt.Sprintf("max_retries = %d", retries), `request_timeout = "5s"`), resources)

	got := c.plan("-parallelism=24").wantExit(2)
	if want := users * integrations / 2; len(got.diagnostics) != want {
		t.Errorf("%d diagnostics, want a warning for each of %d tokens: %v", len(got.diagnostics), want, got.diagnostics)
	}

	for _, d := range got.diagnostics {
		if d.Severity != "warning" || !strings.Contains(d.Summary+d.Detail, strings.TrimPrefix(hung.URL, "http://")) {
			t.Errorf("not about the host that hangs: %v", d)
		}
	}

	if most := mostPerHost + 1 + retries; hung.total > most || hung.most != mostPerHost {
		t.Errorf("the host that hangs got %d requests, up to %d at once; want at most %d, and %d", hung.total, hung.most,
			most, mostPerHost)
	}

	if want := users * integrations / 2; well.total != want {
		t.Errorf("the other host got %d requests, want %d", well.total, want)
	}
}
