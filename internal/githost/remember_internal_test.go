package githost

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// troubledHost cannot be asked, for one cause, until it has recovered. Each answer takes a second.
type troubledHost struct {
	cause   gittoken.Cause
	retryIn time.Duration
	healthy atomic.Bool
	asked   atomic.Int32
}

func (h *troubledHost) Inspect(context.Context, gittoken.Credential) gittoken.Verdict {
	h.asked.Add(1)
	time.Sleep(time.Second)

	if h.healthy.Load() {
		return gittoken.Verdict{Standing: gittoken.Live}
	}

	v := gittoken.Verdict{Cause: h.cause}
	if h.retryIn > 0 {
		v.RetryAt = time.Now().Add(h.retryIn)
	}

	return v
}

func (h *troubledHost) Probe(
	ctx context.Context, _ gittoken.Credential, _ gittoken.Kind, p gittoken.Probe, _ bool,
) gittoken.ProbeResult {
	v := h.Inspect(ctx, gittoken.Credential{})
	if v.Standing == gittoken.Live {
		return gittoken.ProbeProven().Of(p)
	}

	return gittoken.ProbeUndetermined(v.Cause, "").Of(p)
}

func (h *troubledHost) Locate(_ gittoken.Host, address string) (string, error) {
	return locate(address)
}

// TestTroubleIsForgotten has a host recover: a cause that passes is not held against resources that come minutes later,
// and until then many of them share one question.
func TestTroubleIsForgotten(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		cause   gittoken.Cause
		retryIn time.Duration
		lasts   time.Duration // 0: for good
	}{
		{gittoken.CauseTimeout, 0, troubleLasts},
		{gittoken.CauseNetwork, 0, troubleLasts},
		{gittoken.CauseProxy, 0, troubleLasts},
		{gittoken.CauseServerError, 0, troubleLasts},
		{gittoken.CauseRateLimited, 0, limitLasts},
		{gittoken.CauseRateLimited, 10 * time.Minute, 10 * time.Minute},
		{gittoken.CauseLoginLockout, 0, 0},
		{gittoken.CauseNotUnderstood, 0, 0},
		{gittoken.CauseTLS, 0, 0},
	} {
		for what, ask := range map[string]func(context.Context, *Inspector, gittoken.Credential) bool{
			"inspection": func(ctx context.Context, i *Inspector, c gittoken.Credential) bool {
				return i.Inspect(ctx, c, 0).Standing == gittoken.Live
			},
			"probe": func(ctx context.Context, i *Inspector, c gittoken.Credential) bool {
				p := gittoken.Probe{Repository: "https://github.com/acme/app", Access: gittoken.Read}

				return i.Probe(ctx, c, gittoken.KindClassic, p, false, 0).Outcome == gittoken.Proven
			},
		} {
			if what == "probe" && test.retryIn > 0 {
				continue // a result has no such time
			}

			t.Run(what+" "+string(test.cause)+" "+test.retryIn.String(), func(t *testing.T) {
				t.Parallel()
				synctest.Test(t, func(t *testing.T) {
					h := &troubledHost{cause: test.cause, retryIn: test.retryIn}
					i := newInspector(map[gittoken.Provider]host{gittoken.GitHub: h}, time.Now, memo.NewIdentities(nil),
						redact.New())
					c := credential(t, gittoken.GitHub, "", "", "tok")

					crowd := func() (live int32) {
						var (
							wg sync.WaitGroup
							n  atomic.Int32
						)

						for range 50 {
							wg.Go(func() {
								if ask(t.Context(), i, c) {
									n.Add(1)
								}
							})
						}

						wg.Wait()

						return n.Load()
					}

					if n := crowd(); n != 0 || h.asked.Load() != 1 {
						t.Fatalf("in trouble: %d are live after %d questions", n, h.asked.Load())
					}

					h.healthy.Store(true)

					wait := test.lasts
					if wait == 0 {
						wait = 24 * time.Hour
					}

					time.Sleep(wait - 2*time.Second)

					if n := crowd(); n != 0 || h.asked.Load() != 1 {
						t.Errorf("before it is forgotten: %d are live after %d questions", n, h.asked.Load())
					}

					time.Sleep(2 * time.Second)

					want, questions := int32(50), int32(2)
					if test.lasts == 0 {
						want, questions = 0, 1
					}

					if n := crowd(); n != want || h.asked.Load() != questions {
						t.Errorf("later: %d are live after %d questions", n, h.asked.Load())
					}
				})
			})
		}
	}
}

// TestProbeByName asks about one repository by many addresses: it is one question, and each caller gets its own address
// back.
func TestProbeByName(t *testing.T) {
	t.Parallel()

	h := &troubledHost{}
	h.healthy.Store(true)

	i := newInspector(map[gittoken.Provider]host{gittoken.GitHub: h}, time.Now, memo.NewIdentities(nil), redact.New())
	c := credential(t, gittoken.GitHub, "", "", "tok")

	for _, address := range []string{
		"https://github.com/acme/app", "https://github.com/acme/app.git", "https://github.com/Acme/App",
	} {
		p := gittoken.Probe{Repository: address, Access: gittoken.Read}

		r := i.Probe(t.Context(), c, gittoken.KindClassic, p, false, 0)
		if r.Probe != p || r.Outcome != gittoken.Proven {
			t.Errorf("%s: %+v", address, r)
		}
	}

	if h.asked.Load() != 1 {
		t.Errorf("%d questions", h.asked.Load())
	}

	r := i.Probe(t.Context(), c, gittoken.KindClassic, gittoken.Probe{Access: gittoken.Read}, false, 0)
	if r.Outcome != gittoken.Undetermined || r.Cause != gittoken.CauseNotUnderstood || h.asked.Load() != 1 {
		t.Errorf("no address: %+v after %d questions", r, h.asked.Load())
	}
}

// TestLocate reads addresses of every kind of host.
func TestLocate(t *testing.T) {
	t.Parallel()

	tr, err := transport.New(transport.Config{})
	if err != nil {
		t.Fatal(err)
	}

	i := New(tr, nil, nil)

	for _, test := range []struct {
		provider gittoken.Provider
		api      string
		address  string
		want     string
		err      error
	}{
		{gittoken.GitHub, "", "https://github.com/acme/gitops.git", "acme/gitops", nil},
		{gittoken.GitHub, "", "git@github.com:acme/gitops.git", "acme/gitops", nil},
		{gittoken.GitHub, "https://ghe.example.com", "https://ghe.example.com/acme/gitops", "acme/gitops", nil},
		{gittoken.GitHub, "", "https://ghe.example.com/acme/gitops", "", remote.Elsewhere},
		{gittoken.GitHub, "", "https://github.com/acme", "", remote.Unknown},
		{gittoken.GitLab, "", "https://gitlab.com/acme/team/gitops/-/tree/main", "acme/team/gitops", nil},
		{gittoken.GitLab, "https://git.example.com/gitlab", "https://git.example.com/gitlab/a/b.git", "a/b", nil},
		{gittoken.GitLab, "https://git.example.com/gitlab", "https://git.example.com/a/b.git", "", remote.Elsewhere},
		{
			gittoken.BitbucketServer, "https://git.example.com", "https://git.example.com/scm/GIT/ops.git", "GIT/ops", nil,
		},
		{
			gittoken.BitbucketServer, "https://git.example.com", "https://git.example.com/projects/GIT/repos/ops/browse",
			"GIT/ops", nil,
		},
		{gittoken.BitbucketServer, "https://git.example.com", "ops", "", remote.Unknown},
		{gittoken.BitbucketCloud, "", "https://bitbucket.org/acme/gitops", "acme/gitops", nil},
		{gittoken.BitbucketCloud, "", "https://gitlab.com/acme/gitops", "", remote.Elsewhere},
	} {
		h, err := gittoken.NewHost(test.provider, test.api)
		if err != nil {
			t.Fatal(err)
		}

		if got, err := i.Locate(h, test.address); got != test.want || !errors.Is(err, test.err) {
			t.Errorf("%s at %s is %q, %v; want %q, %v", test.address, h, got, err, test.want, test.err)
		}
	}

	if _, err := i.Locate(gittoken.Host{}, "https://github.com/acme/gitops"); !errors.Is(err, remote.Elsewhere) {
		t.Errorf("of no host: %v", err)
	}
}
