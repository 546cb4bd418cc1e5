package sandbox_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"io"
	"net/http"
	"net/http/httptrace"
	"net/url"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestURLsHaveTheAPIPathThatUsersConfigure(t *testing.T) {
	t.Parallel()

	s := begin(t)
	for service, path := range map[sandbox.Service]string{
		sandbox.GitHub: "/api.github.com", sandbox.GitHubEnterprise: "", sandbox.GitLab: "/api/v4",
		sandbox.GitLabSelfManaged: "/gitlab", sandbox.BitbucketServer: "", sandbox.BitbucketCloud: "/2.0",
		sandbox.Codefresh: "", sandbox.Control: "",
	} {
		u, err := url.Parse(s.URL(service))
		do(t, err)

		if u.Path != path || u.Scheme != "http" || u.Hostname() != "127.0.0.1" {
			t.Errorf("%s is at %s, want path %q", service, u, path)
		}
	}

	if got := s.URL("sourcehut"); got != "" {
		t.Errorf("a service that does not run is at %q", got)
	}
}

func TestJournal(t *testing.T) {
	t.Parallel()
	s := begin(t)
	made := token(t, s, sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}})
	api := s.URL(sandbox.GitLab)
	ask(t, "GET", api+"/user?x=1", "PRIVATE-TOKEN: "+made.Text)
	ask(t, "GET", api+"/projects/a%2Fb", bearer("glpat-unknown"))
	ask(t, "HEAD", s.URL(sandbox.BitbucketCloud)+"/user", basic("somebody", "wrong"))
	ask(t, "GET", api+"/version", "Authorization: justonekey")
	ask(t, "GET", api+"/nothing")

	want := []sandbox.Request{
		{
			Service: "gitlab.com", Method: "GET", Path: "/api/v4/user", Query: "x=1",
			Authorization: "PRIVATE-TOKEN known", Status: 200,
		},
		{Service: "gitlab.com", Method: "GET", Path: "/api/v4/projects/a%2Fb", Authorization: "Bearer unknown", Status: 401},
		{Service: "bitbucket.org", Method: "HEAD", Path: "/2.0/user", Authorization: "Basic unknown", Status: 401},
		{Service: "gitlab.com", Method: "GET", Path: "/api/v4/version", Authorization: "key unknown", Status: 401},
		{Service: "gitlab.com", Method: "GET", Path: "/api/v4/nothing", Status: 404},
	}

	ignore := cmpopts.IgnoreFields(sandbox.Request{}, "UserAgent", "At")
	if diff := cmp.Diff(want, s.Requests(), ignore); diff != "" {
		t.Errorf("journal (-want +got):\n%s", diff)
	}

	if got := s.Requests(sandbox.BitbucketCloud); len(got) != 1 || got[0].UserAgent != "test" || !got[0].At.Equal(noon) {
		t.Errorf("one service's journal: %+v", got)
	}

	s.ForgetRequests()

	if got := s.Requests(); len(got) != 0 {
		t.Errorf("journal after ForgetRequests: %+v", got)
	}
}

// publicClient reaches the public names through the sandbox, by its proxy or by DialContext.
func publicClient(t *testing.T, s *sandbox.Sandbox, byProxy bool) *http.Client {
	t.Helper()

	pool := x509.NewCertPool()
	if !pool.AppendCertsFromPEM(s.CACertificate()) {
		t.Fatal("the CA is no PEM")
	}

	transport := &http.Transport{TLSClientConfig: &tls.Config{RootCAs: pool, MinVersion: tls.VersionTLS12}}

	if byProxy {
		proxy, err := url.Parse(s.ProxyURL())
		do(t, err)

		transport.Proxy = http.ProxyURL(proxy)
	} else {
		transport.DialContext = s.DialContext
	}

	t.Cleanup(transport.CloseIdleConnections)

	return &http.Client{Transport: transport}
}

func TestPublicNames(t *testing.T) {
	t.Parallel()

	for name, byProxy := range map[string]bool{"proxy": true, "dial": false} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t)
			client := publicClient(t, s, byProxy)
			hub := token(t, s, sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo"}})
			lab := token(t, s, sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}})
			cloud := token(t, s, sandbox.Token{
				Service: sandbox.BitbucketCloud, Kind: "api_token", Scopes: []string{"read:user:bitbucket"},
			})
			repository(t, s, sandbox.Repository{Service: sandbox.GitHub, Path: "acme/open"})

			askWith(t, client, "GET", "https://api.github.com/user", bearer(hub.Text)).check(t, 200, `"login":"ci-bot"`)
			askWith(t, client, "GET", "https://github.com/acme/open.git/info/refs?service=git-upload-pack").
				check(t, 200, "refs/heads/main")
			askWith(t, client, "GET", "https://gitlab.com/api/v4/user", bearer(lab.Text)).check(t, 200, "ci-bot")
			askWith(t, client, "GET", "https://api.bitbucket.org/2.0/user", basic("ci-bot@example.com", cloud.Text)).
				check(t, 200, "ci-bot")

			if got := s.Requests(sandbox.GitHub)[0].Path; got != "/user" {
				t.Errorf("the journal has the path %q, want what the client sent", got)
			}

			if got := s.Requests(sandbox.Proxy); len(got) != 0 {
				t.Errorf("a tunnel that worked is in the journal: %+v", got)
			}
		})
	}
}

func TestOtherNamesAreRefused(t *testing.T) {
	t.Parallel()

	s := begin(t)
	for _, byProxy := range []bool{true, false} {
		r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://example.com/", nil)
		do(t, err)

		resp, err := publicClient(t, s, byProxy).Do(r)
		if err == nil {
			_ = resp.Body.Close()

			t.Errorf("byProxy %t: reached example.com", byProxy)
		}
	}

	got := s.Requests(sandbox.Proxy)
	if len(got) != 1 || got[0].Method != "CONNECT" || got[0].Path != "example.com:443" || got[0].Status != 403 {
		t.Errorf("journal of the proxy: %+v", got)
	}

	ask(t, "GET", s.ProxyURL()+"/").check(t, 403, "CONNECT")

	if _, err := s.DialContext(t.Context(), "tcp", "192.0.2.1:80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling another address: %v", err)
	}

	if _, err := s.DialContext(t.Context(), "tcp", "github.com:80"); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("dialling a public name without TLS: %v", err)
	}

	conn, err := s.DialContext(t.Context(), "tcp", strings.TrimPrefix(s.URL(sandbox.Codefresh), "http://"))
	do(t, err)

	_ = conn.Close()
}

// get sends a GET and returns the status and what reading the answer to its end gave.
func get(ctx context.Context, address string) (int, string, error) {
	r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return 0, "", err
	}

	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}}

	resp, err := client.Do(r)
	if err != nil {
		return 0, "", err
	}

	defer func() { _ = resp.Body.Close() }()

	body, err := io.ReadAll(resp.Body)

	return resp.StatusCode, string(body), err
}

func TestFaultStatus(t *testing.T) {
	t.Parallel()
	s := begin(t)
	address := s.URL(sandbox.GitHub) + "/meta"
	do(t, s.Break(sandbox.GitHub, sandbox.Fault{
		Status: 503, Body: "<html>", Header: map[string]string{"Retry-After": "7"}, Times: 2, Match: "meta",
	}))
	ask(t, "GET", s.URL(sandbox.GitHub)+"/rate_limit").check(t, 200, "core")

	for range 2 {
		got := ask(t, "GET", address)
		got.check(t, 503, "<html>")

		if got.header.Get("Retry-After") != "7" {
			t.Errorf("header of the fault: %v", got.header)
		}
	}

	ask(t, "GET", address).check(t, 200, "verifiable")

	if got := s.Requests(sandbox.GitHub); got[1].Status != 503 || got[3].Status != 200 {
		t.Errorf("journal: %+v", got)
	}
}

func TestFaultMatchesGraphQLOperations(t *testing.T) {
	t.Parallel()
	s := begin(t)
	do(t, s.Break(sandbox.Codefresh, sandbox.Fault{Status: 599, Match: "runtimes"}))

	address := s.URL(sandbox.Codefresh) + "/2.0/api/graphql"
	for body, hit := range map[string]bool{
		`{"query":"{runtimes{id}}"}`:                             true,
		`{"query":"query x{me{id}}","operationName":"runtimes"}`: true,
		`{"query":"{runtimesOther{id}}"}`:                        false,
		`no JSON`:                                                false,
	} {
		if got := ask(t, "POST "+body, address); (got.status == 599) != hit {
			t.Errorf("%s: got %d, want hit %t", body, got.status, hit)
		}
	}
}

func TestFaultsOfTheConnection(t *testing.T) {
	t.Parallel()

	for name, byTLS := range map[string]bool{"plain": false, "tls": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := begin(t)

			address, client := s.URL(sandbox.GitLab)+"/version", http.DefaultClient
			if byTLS {
				address, client = "https://gitlab.com/api/v4/version", publicClient(t, s, false)
			}

			read := func(ctx context.Context) error {
				r, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
				do(t, err)

				resp, err := client.Do(r)
				if err != nil {
					return err
				}

				defer func() { _ = resp.Body.Close() }()

				_, err = io.ReadAll(resp.Body)

				return err
			}

			do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "reset"}))

			if err := read(t.Context()); !errors.Is(err, syscall.ECONNRESET) {
				t.Errorf("reset: %v", err)
			}

			do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "truncate", Status: 200, Body: `{"a":1}`}))

			if err := read(t.Context()); !errors.Is(err, io.ErrUnexpectedEOF) {
				t.Errorf("truncate: %v", err)
			}

			do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "hang"}))

			ctx, cancel := context.WithTimeout(t.Context(), 30*time.Millisecond)
			defer cancel()

			if err := read(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("hang: %v", err)
			}

			do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "refuse"}))

			if err := read(t.Context()); !errors.Is(err, syscall.ECONNREFUSED) {
				t.Errorf("refuse: %v", err)
			}

			s.Heal(sandbox.GitLab)

			if err := read(t.Context()); err != nil {
				t.Errorf("healed: %v", err)
			}
		})
	}
}

func TestRefusedNamesAreRefusedByTheProxy(t *testing.T) {
	t.Parallel()
	s := begin(t)
	do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "refuse"}))
	client := publicClient(t, s, true)
	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://gitlab.com/api/v4/version", nil)
	do(t, err)

	if resp, err := client.Do(r); err == nil {
		_ = resp.Body.Close()

		t.Error("the proxy reached a host that refuses")
	}

	if got := s.Requests(sandbox.Proxy); len(got) != 1 || got[0].Status != http.StatusBadGateway {
		t.Errorf("journal of the proxy: %+v", got)
	}
}

func TestDripSendsTheTrueAnswerSlowly(t *testing.T) {
	t.Parallel()
	s := begin(t)
	address := s.URL(sandbox.BitbucketServer) + "/plugins/servlet/applinks/whoami"
	do(t, s.Break(sandbox.BitbucketServer, sandbox.Fault{Mode: "drip", Status: 200, Body: "abc"}))

	if status, body, err := get(t.Context(), address); status != 200 || body != "abc" || err != nil {
		t.Errorf("a short one: %d %q %v", status, body, err)
	}

	do(t, s.Break(sandbox.BitbucketServer, sandbox.Fault{Mode: "drip", Status: 200, Body: strings.Repeat("x", 1<<20)}))

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()

	if _, _, err := get(ctx, address); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("a long one: %v", err)
	}
}

func TestASpoiledAnswerHadItsEffect(t *testing.T) {
	t.Parallel()
	s := begin(t)
	made := token(t, s, sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}})
	do(t, s.Break(sandbox.GitLab, sandbox.Fault{Mode: "truncate", Times: 1}))
	r, err := http.NewRequestWithContext(t.Context(), http.MethodPost, s.URL(sandbox.GitLab)+"/projects",
		strings.NewReader(`{"name":"new"}`))
	do(t, err)
	r.Header.Set("Authorization", "Bearer "+made.Text)
	resp, err := http.DefaultClient.Do(r)
	do(t, err)
	_, err = io.ReadAll(resp.Body)
	_ = resp.Body.Close()

	if !errors.Is(err, io.ErrUnexpectedEOF) || changes(t, s, sandbox.GitLab) != 1 {
		t.Errorf("got %v and %d changes", err, changes(t, s, sandbox.GitLab))
	}
}

func TestImpossibleFaults(t *testing.T) {
	t.Parallel()

	s := begin(t)
	for _, f := range []sandbox.Fault{
		{},
		{Mode: "explode"},
		{Mode: "hang", Status: 500},
		{Mode: "refuse", Times: 1},
		{Mode: "refuse", Match: "x"},
		{Status: 42},
		{Status: 500, Times: -1},
		{Mode: "drip", Body: "x"},
		{Mode: "hang", Pause: -1},
		{Mode: "reset", Pause: 1},
	} {
		if err := s.Break(sandbox.GitHub, f); err == nil {
			t.Errorf("Break took %+v", f)
		}
	}

	if err := s.Break("sourcehut", sandbox.Fault{Status: 500}); err == nil {
		t.Error("Break took an unknown service")
	}
}

func TestCloseEndsWhatHangs(t *testing.T) {
	t.Parallel()
	s := begin(t)
	do(t, s.Break(sandbox.GitHub, sandbox.Fault{Mode: "hang"}))
	address := s.URL(sandbox.GitHub)
	arrived, ended := make(chan struct{}), make(chan error, 1)

	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{
		WroteRequest: func(httptrace.WroteRequestInfo) { close(arrived) },
	})
	go func() {
		_, _, err := get(ctx, address+"/meta")
		ended <- err
	}()

	<-arrived
	s.Close()
	s.Close()

	if err := <-ended; err == nil {
		t.Error("a hanging request got an answer")
	}
	// Its port may be another test's by now, so that somebody may answer.
	if _, _, err := get(t.Context(), address); err == nil && len(s.Requests(sandbox.GitHub)) > 1 {
		t.Error("a closed sandbox still listens")
	}
}
