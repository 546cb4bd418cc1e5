package tokencheck

import (
	"context"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestRequestRequirement(t *testing.T) {
	t.Parallel()

	host := hostOf(t, gittoken.GitHub)

	row := gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, gittoken.KindClassic)
	for name, test := range map[string]struct {
		required []gittoken.Scope
		want     gittoken.Requirement
	}{
		"the table's":                  {nil, row},
		"the table's in another order": {[]gittoken.Scope{"admin:repo_hook", "repo"}, row},
		"fewer":                        {[]gittoken.Scope{"repo"}, row.Override([]gittoken.Scope{"repo"})},
		"none":                         {[]gittoken.Scope{}, row.Override(nil)},
	} {
		s := Request{Type: gittoken.Runtime, Host: host, Required: test.required}
		if diff := cmp.Diff(test.want, s.Requirement(gittoken.Verdict{Kind: gittoken.KindClassic})); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// now is when checks are made.
func now() time.Time { return time.Date(2026, time.August, 1, 12, 0, 0, 0, time.UTC) }

const repositoryA = "https://github.com/acme/a"

func hostOf(t *testing.T, p gittoken.Provider) gittoken.Host {
	t.Helper()

	h, err := gittoken.NewHost(p, "")
	if err != nil {
		t.Fatal(err)
	}

	return h
}

// live returns the verdict on a token that its host accepts and tells the scopes of.
func live(k gittoken.Kind, scopes ...gittoken.Scope) gittoken.Verdict {
	return gittoken.Verdict{
		Standing: gittoken.Live, Kind: k, Owner: "ci-bot", Scopes: scopes, ScopesKnown: k.TellsScopes(),
	}
}

// fakeInspector gives one verdict, proves every probe, and writes down what it is asked.
type fakeInspector struct {
	verdict gittoken.Verdict
	asked   []string
}

func (*fakeInspector) Locate(h gittoken.Host, address string) (string, error) {
	return locate(h, address)
}

func (f *fakeInspector) Inspect(
	_ context.Context, c gittoken.Credential, maxAge time.Duration,
) gittoken.Verdict {
	f.asked = append(f.asked, "inspect as "+c.Username+" at "+c.Host.APIURL()+", "+maxAge.String())

	return f.verdict
}

func (f *fakeInspector) Probe(
	_ context.Context, _ gittoken.Credential, kind gittoken.Kind, p gittoken.Probe, allowWrites bool, maxAge time.Duration,
) gittoken.ProbeResult {
	what := "probe " + string(kind) + " " + string(p.Access) + string(p.Permission) + ", " + maxAge.String()
	if allowWrites {
		what += ", writing"
	}

	f.asked = append(f.asked, what)

	return gittoken.ProbeResult{Probe: p, Outcome: gittoken.Proven}
}

func TestCheckAsks(t *testing.T) {
	t.Parallel()

	rejected := gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindUnknown}

	const inspect = "inspect as ci at https://api.github.com, 30s"

	needs := []gittoken.RepositoryNeed{{URL: repositoryA, Access: gittoken.Read}}

	for name, test := range map[string]struct {
		change  func(*Request)
		mode    Mode
		verdict gittoken.Verdict
		memory  gittoken.Memory
		status  gittoken.Status
		cause   gittoken.Cause
		asked   []string
	}{
		"a good token": {
			verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook"), status: gittoken.StatusValid,
			asked: []string{inspect},
		},
		"nobody is asked about a token that is skipped": {
			mode: Skip, status: gittoken.StatusUnchecked, cause: gittoken.CauseSkipped,
		},
		"nor about one that is not known": {
			change: func(r *Request) { r.Token.Known = false }, status: gittoken.StatusUnchecked,
			cause: gittoken.CauseTokenUnknown,
		},
		"nor where the host is not": {
			change: func(r *Request) { r.Host = gittoken.Host{} }, status: gittoken.StatusUnchecked,
			cause: gittoken.CauseHostUnknown,
		},
		"repositories": {
			change: func(r *Request) { r.Repositories = needs }, verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook"),
			status: gittoken.StatusValid, asked: []string{inspect, "probe classic read, 30s"},
		},
		"permissions, with write probes": {
			change:  func(r *Request) { r.Repositories, r.WriteProbes = needs, true },
			verdict: live(gittoken.KindFineGrained), status: gittoken.StatusUnproven,
			asked: []string{
				inspect, "probe fine_grained metadata:read, 30s, writing",
				"probe fine_grained contents:read, 30s, writing",
			},
		},
		"no repository is asked about a token that the host rejects": {
			change: func(r *Request) { r.Repositories = needs }, verdict: rejected, status: gittoken.StatusInvalid,
			asked: []string{inspect},
		},
		"a rejected token that worked": {
			verdict: rejected, memory: gittoken.Memory{Accepted: true}, status: gittoken.StatusRevoked,
			asked: []string{inspect},
		},
		"a rejected token past the user's hint": {
			change:  func(r *Request) { r.ExpiryHint = now().Add(-time.Minute) },
			verdict: rejected, memory: gittoken.Memory{Accepted: true}, status: gittoken.StatusExpired,
			asked: []string{inspect},
		},
		"a rejected token past the user's hint, and not past what the host told": {
			change:  func(r *Request) { r.ExpiryHint = now().Add(-time.Minute) },
			verdict: rejected, memory: gittoken.Memory{Accepted: true, ExpiresAt: now().Add(time.Minute)},
			status: gittoken.StatusRevoked, asked: []string{inspect},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := &fakeInspector{verdict: test.verdict}
			c := Checker{Inspector: f, Now: now}

			r := Request{
				Type: gittoken.Runtime, Runtime: "prod", Host: hostOf(t, gittoken.GitHub), Username: "ci",
				Token: Token{Secret: gittoken.NewSecret("t"), Known: true}, Memory: test.memory, Mode: test.mode,
			}
			if test.change != nil {
				test.change(&r)
			}

			if r.Mode == "" {
				r.Mode = Enforce
			}

			j := c.Check(t.Context(), r, ApplyMaxAge)
			if j.Status != test.status || j.Verdict.Cause != test.cause {
				t.Errorf("%s (%q), want %s (%q)", j.Status, j.Verdict.Cause, test.status, test.cause)
			}

			if diff := cmp.Diff(test.asked, f.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}

// A rejection that a wrong user name explains is not the end of a token that worked with the right one.
func TestCheckWithAWrongUsername(t *testing.T) {
	t.Parallel()

	for username, want := range map[string]gittoken.Status{
		"ci@example.com": gittoken.StatusRevoked,
		"ci-bot":         gittoken.StatusInvalid,
		"":               gittoken.StatusRevoked,
	} {
		verdict := gittoken.Verdict{Standing: gittoken.Rejected, Kind: gittoken.KindAPIToken}
		c := Checker{Inspector: &fakeInspector{verdict: verdict}, Now: now}

		got := c.Check(t.Context(), Request{
			Type: gittoken.User, Host: hostOf(t, gittoken.BitbucketCloud), Username: username,
			Token: Token{Secret: gittoken.NewSecret("ATATT3x"), Known: true}, Memory: gittoken.Memory{Accepted: true},
			Mode: Enforce,
		}, 0)
		if got.Status != want {
			t.Errorf("with the user name %q: %s, want %s", username, got.Status, want)
		}
	}
}
