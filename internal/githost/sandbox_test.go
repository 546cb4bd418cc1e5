package githost_test

import (
	"net/http"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/githost"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// world is a sandbox with an inspector. The sandbox shares nothing with the packages that it is asked by here.
type world struct {
	t         *testing.T
	box       *sandbox.Sandbox
	inspector *githost.Inspector
}

func newWorld(t *testing.T) world {
	t.Helper()

	box, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(box.Close)

	tr, err := transport.New(transport.Config{
		UserAgent: "githost-test/1", CACertificate: box.CACertificate(), DialContext: box.DialContext,
		Proxy: http.ProxyURL(nil),
	})
	if err != nil {
		t.Fatal(err)
	}

	return world{t, box, githost.New(tr, time.Now, []byte("salt"))}
}

// unnamed returns a verdict without the host's name of the request, which is another one each time.
func unnamed(v gittoken.Verdict) gittoken.Verdict {
	v.RequestID = ""

	return v
}

func (w world) token(token sandbox.Token) gittoken.Credential {
	w.t.Helper()

	made, err := w.box.CreateToken(token)
	if err != nil {
		w.t.Fatal(err)
	}

	host, err := gittoken.NewHost(providerOf(token.Service), w.box.URL(token.Service))
	if err != nil {
		w.t.Fatal(err)
	}

	c := gittoken.Credential{Host: host, Token: gittoken.NewSecret(made.Text)}
	if token.Kind == "api_token" {
		c.Username = made.Email
	}

	return c
}

func providerOf(service sandbox.Service) gittoken.Provider {
	switch service {
	case sandbox.GitLab, sandbox.GitLabSelfManaged:
		return gittoken.GitLab
	case sandbox.BitbucketServer:
		return gittoken.BitbucketServer
	case sandbox.BitbucketCloud:
		return gittoken.BitbucketCloud
	}

	return gittoken.GitHub
}

func (w world) repository(r sandbox.Repository) string {
	w.t.Helper()

	address, err := w.box.AddRepository(r)
	if err != nil {
		w.t.Fatal(err)
	}

	return address
}

// outcomes asks for each permission at a repository.
func (w world) outcomes(
	c gittoken.Credential,
	address string,
	writes bool,
	permissions ...gittoken.Scope,
) []gittoken.Outcome {
	w.t.Helper()

	var all []gittoken.Outcome

	for _, s := range permissions {
		r := w.inspector.Probe(
			w.t.Context(),
			c,
			gittoken.KindFineGrained,
			gittoken.Probe{Repository: address, Permission: s},
			writes,
			0,
		)
		all = append(all, r.Outcome)

		w.t.Logf("%s: %q %q %q", s, r.Outcome, r.Cause, r.Detail)
	}

	return all
}

var runtimePermissions = []gittoken.Scope{
	"administration:write", "statuses:write", "contents:write", "metadata:read", "pull_requests:write", "webhooks:write",
}

func TestSandboxGitHub(t *testing.T) {
	t.Parallel()

	for _, service := range []sandbox.Service{sandbox.GitHub, sandbox.GitHubEnterprise} {
		w := newWorld(t)
		expiry := time.Now().Add(90 * 24 * time.Hour).UTC().Truncate(time.Second)

		c := w.token(sandbox.Token{
			Service: service, Kind: "classic", Owner: "ci-bot", Scopes: []string{"repo", "admin:repo_hook"}, ExpiresAt: expiry,
		})

		want := gittoken.Verdict{
			Standing: gittoken.Live, Kind: gittoken.KindClassic, Owner: "ci-bot", ScopesKnown: true, ExpiresAt: expiry,
			Scopes: []gittoken.Scope{"repo", "admin:repo_hook"},
		}
		got := w.inspector.Inspect(t.Context(), c, 0)

		slices.Sort(want.Scopes)
		slices.Sort(got.Scopes)

		if diff := cmp.Diff(want, unnamed(got)); diff != "" {
			t.Errorf("%s: verdict (-want +got):\n%s", service, diff)
		}

		address := w.repository(sandbox.Repository{
			Service: service, Path: "acme/app", Private: true, Roles: map[string]string{"ci-bot": "write"},
		})

		for access, want := range map[gittoken.Access]gittoken.Outcome{
			gittoken.Read: gittoken.Proven, gittoken.Write: gittoken.Proven, gittoken.Admin: gittoken.Denied,
		} {
			p := gittoken.Probe{Repository: address, Access: access}
			if r := w.inspector.Probe(t.Context(), c, gittoken.KindClassic, p, false, 0); r.Outcome != want {
				t.Errorf("%s: %s = %+v", service, access, r)
			}
		}

		if n := len(w.box.Requests(service)); n != 2 {
			t.Errorf("%s: %d requests", service, n)
		}

		for how, want := range map[sandbox.Block]gittoken.Verdict{
			sandbox.BlockSuspended:     {Standing: gittoken.Blocked, Cause: gittoken.CauseAccountBlocked},
			sandbox.BlockLoginAttempts: {Cause: gittoken.CauseLoginLockout},
		} {
			blocked := w.token(sandbox.Token{Service: service, Kind: "classic", Owner: "blocked-" + string(how)})
			if err := w.box.BlockToken(blocked.Token.Reveal(), how); err != nil {
				t.Fatal(err)
			}

			if v := w.inspector.Inspect(t.Context(), blocked, 0); v.Standing != want.Standing || v.Cause != want.Cause {
				t.Errorf("%s: %s: %+v", service, how, v)
			}
		}

		if err := w.box.RevokeToken(c.Token.Reveal()); err != nil {
			t.Fatal(err)
		}

		if v := w.inspector.Inspect(t.Context(), c, time.Nanosecond); v.Standing != gittoken.Rejected {
			t.Errorf("%s: revoked: %+v", service, v)
		}
	}
}

// TestSandboxGitHubPermissions tries the permissions of fine-grained tokens, which changes nothing.
func TestSandboxGitHubPermissions(t *testing.T) {
	t.Parallel()

	const proven, denied, open = gittoken.Proven, gittoken.Denied, gittoken.Undetermined

	for _, service := range []sandbox.Service{sandbox.GitHub, sandbox.GitHubEnterprise} {
		w := newWorld(t)
		address := w.repository(sandbox.Repository{
			Service: service, Path: "acme/app", Private: true, Roles: map[string]string{"ci-bot": "admin"},
		})
		all := map[string]string{
			"administration": "write", "statuses": "write", "contents": "write", "metadata": "read", "pull_requests": "write",
			"webhooks": "write",
		}
		readers := map[string]string{
			"administration": "read", "statuses": "read", "contents": "read", "metadata": "read", "pull_requests": "read",
			"webhooks": "read",
		}
		token := func(permissions map[string]string) gittoken.Credential {
			return w.token(sandbox.Token{
				Service:      service,
				Kind:         "fine_grained",
				Owner:        "ci-bot",
				Permissions:  permissions,
				Repositories: []string{"acme/app"},
			})
		}

		full, reader, bare := token(all), token(readers), token(map[string]string{"metadata": "read"})

		if v := w.inspector.Inspect(
			t.Context(),
			full,
			0,
		); v.Standing != gittoken.Live || v.Kind != gittoken.KindFineGrained ||
			v.ScopesKnown {
			t.Errorf("%s: %+v", service, v)
		}

		tests := map[string]struct {
			credential gittoken.Credential
			writes     bool
			want       []gittoken.Outcome
		}{
			"full, writes":   {full, true, []gittoken.Outcome{proven, proven, proven, proven, proven, proven}},
			"full":           {full, false, []gittoken.Outcome{proven, open, proven, proven, open, open}},
			"reader, writes": {reader, true, []gittoken.Outcome{denied, denied, denied, proven, denied, denied}},
			"reader":         {reader, false, []gittoken.Outcome{denied, open, denied, proven, open, open}},
			"bare":           {bare, false, []gittoken.Outcome{denied, denied, denied, proven, denied, denied}},
		}

		for name, tt := range tests {
			if diff := cmp.Diff(tt.want, w.outcomes(tt.credential, address, tt.writes, runtimePermissions...)); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", service, name, diff)
			}
		}

		if changes, err := w.box.Changes(service); err != nil || len(changes) != 0 {
			t.Errorf("%s: the probes changed something: %q, %v", service, changes, err)
		}
	}
}

func TestSandboxGitLab(t *testing.T) {
	t.Parallel()

	for _, service := range []sandbox.Service{sandbox.GitLab, sandbox.GitLabSelfManaged} {
		w := newWorld(t)
		expiry := time.Now().Add(90 * 24 * time.Hour).UTC().Truncate(24 * time.Hour)

		c := w.token(sandbox.Token{
			Service: service, Kind: "personal", Owner: "ci-bot", Scopes: []string{"api"}, ExpiresAt: expiry,
		})

		want := gittoken.Verdict{
			Standing: gittoken.Live, Kind: gittoken.KindPersonal, Owner: "ci-bot", ScopesKnown: true, ExpiresAt: expiry,
			Scopes: []gittoken.Scope{"api"},
		}
		if diff := cmp.Diff(want, unnamed(w.inspector.Inspect(t.Context(), c, 0))); diff != "" {
			t.Errorf("%s: verdict (-want +got):\n%s", service, diff)
		}

		address := w.repository(sandbox.Repository{
			Service: service, Path: "acme/team/app", Private: true, Roles: map[string]string{"ci-bot": "write"},
		})

		for access, want := range map[gittoken.Access]gittoken.Outcome{
			gittoken.Read: gittoken.Proven, gittoken.Write: gittoken.Proven, gittoken.Admin: gittoken.Denied,
		} {
			p := gittoken.Probe{Repository: address, Access: access}
			if r := w.inspector.Probe(t.Context(), c, gittoken.KindPersonal, p, false, 0); r.Outcome != want {
				t.Errorf("%s: %s = %+v", service, access, r)
			}
		}

		for _, token := range []sandbox.Token{
			{Kind: "project", Scopes: []string{"api"}, Repositories: []string{"acme/team/app"}},
			{Kind: "group", Scopes: []string{"api"}, Repositories: []string{"acme"}},
			{Kind: "oauth", Scopes: []string{"api"}, Owner: "ci-bot"},
			{Kind: "granular", Owner: "ci-bot"},
		} {
			token.Service = service
			if v := w.inspector.Inspect(
				t.Context(),
				w.token(token),
				0,
			); v.Standing != gittoken.Live ||
				string(v.Kind) != token.Kind {
				t.Errorf("%s: %s: %+v", service, token.Kind, v)
			}
		}

		steps := []struct {
			change func(text string) error
			want   gittoken.Standing
		}{
			{w.box.ExpireToken, gittoken.Expired},
			{w.box.RevokeToken, gittoken.Revoked},
			{func(text string) error { return w.box.BlockToken(text, sandbox.BlockSuspended) }, gittoken.Blocked},
		}
		for _, s := range steps {
			bad := w.token(
				sandbox.Token{Service: service, Kind: "personal", Owner: "u-" + string(s.want), Scopes: []string{"api"}},
			)
			if err := s.change(bad.Token.Reveal()); err != nil {
				t.Fatal(err)
			}

			if v := w.inspector.Inspect(t.Context(), bad, 0); v.Standing != s.want {
				t.Errorf("%s: want %s: %+v", service, s.want, v)
			}
		}
	}
}
