package githost

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// slowHost takes a second for an answer, which has the number of the question in it.
type slowHost struct {
	standing gittoken.Standing
	asked    atomic.Int32
}

func (h *slowHost) Inspect(ctx context.Context, c gittoken.Credential) gittoken.Verdict {
	n := h.asked.Add(1)

	select {
	case <-time.After(time.Second):
	case <-ctx.Done():
		return gittoken.Verdict{Cause: gittoken.CauseTimeout}
	}

	return gittoken.Verdict{
		Standing:    h.standing,
		Owner:       strings.Repeat("x", int(n)) + c.Username,
		Scopes:      []gittoken.Scope{"repo"},
		ScopesKnown: true,
		Unsettled:   []gittoken.Scope{"gist"},
	}
}

func (h *slowHost) Probe(
	ctx context.Context, _ gittoken.Credential, _ gittoken.Kind, p gittoken.Probe, _ bool,
) gittoken.ProbeResult {
	v := h.Inspect(ctx, gittoken.Credential{})

	return gittoken.ProbeResult{Probe: p, Outcome: gittoken.Proven, Detail: v.Owner}
}

func (h *slowHost) Locate(_ gittoken.Host, address string) (string, error) { return locate(address) }

// locate reads addresses as most hosts do.
func locate(address string) (string, error) {
	if address == "" {
		return "", remote.Unknown
	}

	return strings.TrimSuffix(strings.TrimPrefix(address, "https://github.com/"), ".git"), nil
}

func credential(t *testing.T, p gittoken.Provider, apiURL, user, token string) gittoken.Credential {
	t.Helper()

	h, err := gittoken.NewHost(p, apiURL)
	if err != nil {
		t.Fatal(err)
	}

	return gittoken.Credential{Host: h, Username: user, Token: gittoken.NewSecret(token)}
}

func TestInspectOnce(t *testing.T) {
	t.Parallel()

	for _, standing := range []gittoken.Standing{gittoken.Live, gittoken.Rejected, gittoken.Unchecked} {
		synctest.Test(t, func(t *testing.T) {
			h := &slowHost{standing: standing}
			i := newInspector(map[gittoken.Provider]host{gittoken.GitHub: h}, time.Now, memo.NewIdentities(nil), redact.New())

			for range 50 {
				go func() {
					v := i.Inspect(t.Context(), credential(t, gittoken.GitHub, "", "", "tok"), 0)
					if v.Owner != "x" || v.Standing != standing {
						t.Errorf("verdict = %+v", v)
					}

					v.Scopes[0], v.Unsettled[0] = "spoilt", "spoilt"
				}()
			}

			synctest.Wait()
			time.Sleep(time.Minute)

			v := i.Inspect(t.Context(), credential(t, gittoken.GitHub, "", "", "tok"), 0)
			if h.asked.Load() != 1 || v.Scopes[0] != "repo" || v.Unsettled[0] != "gist" {
				t.Errorf("asked %d times: %+v", h.asked.Load(), v)
			}

			if v = i.Inspect(t.Context(), credential(t, gittoken.GitHub, "", "", "tok"), 10*time.Second); v.Owner != "xx" {
				t.Errorf("a verdict of a minute ago passed for one of 10 s: %+v", v)
			}

			for _, c := range []gittoken.Credential{
				credential(t, gittoken.GitHub, "", "", "tok2"),
				credential(t, gittoken.GitHub, "", "jo", "tok"),
				credential(t, gittoken.GitHub, "https://ghe.example.com", "", "tok"),
			} {
				before := h.asked.Load()

				if i.Inspect(t.Context(), c, 0); h.asked.Load() != before+1 {
					t.Errorf("%v %q shares another's verdict", c.Host, c.Username)
				}
			}
		})
	}
}

func TestInspectCancelled(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		h := &slowHost{standing: gittoken.Live}
		i := newInspector(map[gittoken.Provider]host{gittoken.GitHub: h}, time.Now, memo.NewIdentities(nil), redact.New())
		c := credential(t, gittoken.GitHub, "", "", "tok")

		ctx, cancel := context.WithTimeout(t.Context(), 100*time.Millisecond)
		defer cancel()

		results := make(chan gittoken.Verdict, 3)

		for range 3 {
			go func() { results <- i.Inspect(ctx, c, 0) }()
		}

		synctest.Wait()

		patient := i.Inspect(t.Context(), c, 0)
		if patient.Standing != gittoken.Live {
			t.Errorf("the patient one got %+v", patient)
		}

		for range 3 {
			if v := <-results; v.Standing != gittoken.Unchecked || v.Cause != gittoken.CauseTimeout {
				t.Errorf("a cancelled one got %+v", v)
			}
		}

		if v := i.Inspect(t.Context(), c, 0); v.Standing != gittoken.Live || h.asked.Load() != 2 {
			t.Errorf("later: %+v after %d questions", v, h.asked.Load())
		}
	})
}

func TestProbeOnce(t *testing.T) {
	t.Parallel()

	synctest.Test(t, func(t *testing.T) {
		h := &slowHost{}
		i := newInspector(map[gittoken.Provider]host{gittoken.GitHub: h}, time.Now, memo.NewIdentities(nil), redact.New())
		c := credential(t, gittoken.GitHub, "", "", "tok")
		p := gittoken.Probe{Repository: "https://github.com/o/r", Access: gittoken.Read}

		for range 10 {
			go func() {
				want := gittoken.ProbeResult{Probe: p, Outcome: gittoken.Proven, Detail: "x"}
				if diff := cmp.Diff(want, i.Probe(t.Context(), c, gittoken.KindClassic, p, false, 0)); diff != "" {
					t.Errorf("(-want +got):\n%s", diff)
				}
			}()
		}

		synctest.Wait()
		time.Sleep(2 * time.Second)

		steps := []struct {
			kind   gittoken.Kind
			access gittoken.Access
			writes bool
			maxAge time.Duration
			want   int32
		}{
			{gittoken.KindClassic, gittoken.Read, false, 0, 1},
			{gittoken.KindClassic, gittoken.Read, true, 0, 2},
			{gittoken.KindClassic, gittoken.Write, false, 0, 3},
			{gittoken.KindUnknown, gittoken.Read, false, 0, 4},
			{gittoken.KindClassic, gittoken.Read, false, time.Second, 5},
			{gittoken.KindClassic, gittoken.Read, false, time.Minute, 5},
		}
		for n, s := range steps {
			q := gittoken.Probe{Repository: p.Repository, Access: s.access}
			if i.Probe(t.Context(), c, s.kind, q, s.writes, s.maxAge); h.asked.Load() != s.want {
				t.Errorf("step %d: %d questions, want %d", n, h.asked.Load(), s.want)
			}
		}
	})
}

// TestNew asks one host of each provider, none of which is there.
func TestNew(t *testing.T) {
	t.Parallel()

	tr, err := transport.New(transport.Config{})
	if err != nil {
		t.Fatal(err)
	}

	i := New(tr, time.Now, nil)

	for _, p := range gittoken.Providers() {
		c := credential(t, p, "http://git.example.com/x", "jo", "tok")

		// An answer that the host's own package gives: http:// is refused before anything is sent.
		if v := i.Inspect(t.Context(), c, 0); v.Cause != gittoken.CauseInsecure {
			t.Errorf("%s: %+v", p, v)
		}

		probe := gittoken.Probe{Repository: "https://elsewhere.example.com/o/r", Access: gittoken.Read}
		if r := i.Probe(
			t.Context(),
			c,
			gittoken.KindUnknown,
			probe,
			true,
			0,
		); r.Probe != probe ||
			r.Outcome != gittoken.Undetermined {
			t.Errorf("%s: %+v", p, r)
		}
	}

	if v := i.Inspect(
		t.Context(),
		gittoken.Credential{},
		0,
	); v.Standing != gittoken.Unchecked ||
		v.Cause != gittoken.CauseHostUnknown {
		t.Errorf("no host: %+v", v)
	}

	if r := i.Probe(
		t.Context(),
		gittoken.Credential{},
		"",
		gittoken.Probe{},
		true,
		0,
	); r.Cause != gittoken.CauseHostUnknown {
		t.Errorf("no host: %+v", r)
	}
}

// quotingHost repeats a text wherever a host tells something.
type quotingHost struct{ text string }

func (h quotingHost) Inspect(context.Context, gittoken.Credential) gittoken.Verdict {
	return gittoken.Verdict{
		Standing: gittoken.Live, Owner: h.text, Detail: h.text, HelpURL: "https://example.com/?x=" + h.text,
		Scopes: []gittoken.Scope{gittoken.Scope(h.text)}, ScopesKnown: true,
		Unsettled: []gittoken.Scope{gittoken.Scope(h.text)},
		Grant:     &gittoken.Grant{Entries: []gittoken.GrantEntry{{Permissions: []gittoken.Scope{gittoken.Scope(h.text)}}}},
	}
}

func (h quotingHost) Probe(
	_ context.Context, _ gittoken.Credential, _ gittoken.Kind, p gittoken.Probe, _ bool,
) gittoken.ProbeResult {
	return gittoken.ProbeResult{Probe: p, Detail: h.text, HelpURL: "https://example.com/?x=" + h.text}
}

func (h quotingHost) Locate(gittoken.Host, string) (string, error) { return "acme/app", nil }

// No host makes the provider tell a token: not this one, not that of another resource, and nobody else's.
func TestAnswersShowNoSecret(t *testing.T) {
	t.Parallel()

	const other = "Zz9other-secret0123456789"

	for _, text := range []string{
		other, "Zz9%6fther-secret0123456789", "ghp_9876543210zyxwvutsrqponmlkjihgfedcba", "https://u:Zz9pass@example.com",
	} {
		redactor := redact.New()
		redactor.Add(gittoken.NewSecret(other))

		i := newInspector(map[gittoken.Provider]host{gittoken.GitHub: quotingHost{text}}, time.Now,
			memo.NewIdentities(nil), redactor)
		c := credential(t, gittoken.GitHub, "", "", "tok")

		v := i.Inspect(t.Context(), c, 0)

		shown := fmt.Sprintf("%+v %+v %+v", v, *v.Grant,
			i.Probe(t.Context(), c, gittoken.KindClassic, gittoken.Probe{}, false, 0))
		if strings.Contains(shown, text) || strings.Contains(shown, "Zz9") || strings.Count(shown, redact.Mark) != 8 {
			t.Errorf("%q: %s", text, shown)
		}
	}
}

// askingHost asks a server, and says nothing of its answer.
type askingHost struct {
	client *http.Client
	url    string
}

func (h askingHost) Inspect(ctx context.Context, _ gittoken.Credential) gittoken.Verdict {
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, h.url, nil)
	if err != nil {
		return gittoken.Verdict{Detail: err.Error()}
	}

	resp, err := h.client.Do(req)
	if err != nil {
		return gittoken.Verdict{Detail: err.Error()}
	}

	_ = resp.Body.Close()

	return gittoken.Verdict{Standing: gittoken.Live}
}

func (askingHost) Locate(gittoken.Host, string) (string, error) { return "o/r", nil }

func (h askingHost) Probe(
	ctx context.Context, c gittoken.Credential, _ gittoken.Kind, _ gittoken.Probe, _ bool,
) gittoken.ProbeResult {
	return gittoken.ProbeResult{Detail: h.Inspect(ctx, c).Detail}
}

// Whatever a host has to say, its own name of the request comes along.
func TestRequestID(t *testing.T) {
	t.Parallel()

	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("X-GitHub-Request-Id", "1A2B:3C")
	}))
	t.Cleanup(server.Close)

	stack, err := transport.New(transport.Config{})
	if err != nil {
		t.Fatal(err)
	}

	client, err := stack.Client(server.URL, nil, transport.ClientOptions{})
	if err != nil {
		t.Fatal(err)
	}

	i := newInspector(map[gittoken.Provider]host{gittoken.GitHub: askingHost{client, server.URL}}, time.Now,
		memo.NewIdentities(nil), stack.Redactor())
	c := credential(t, gittoken.GitHub, "", "", "tok")

	if v := i.Inspect(t.Context(), c, 0); v.RequestID != "1A2B:3C" || v.Standing != gittoken.Live {
		t.Errorf("verdict %+v", v)
	}

	if r := i.Probe(t.Context(), c, gittoken.KindClassic, gittoken.Probe{}, false, 0); r.RequestID != "1A2B:3C" {
		t.Errorf("result %+v", r)
	}
}
