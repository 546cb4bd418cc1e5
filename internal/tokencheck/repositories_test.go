package tokencheck

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken/remote"
)

// locate reads addresses as most hosts do.
func locate(h gittoken.Host, address string) (string, error) {
	segments, err := remote.Segments(h, address)

	return strings.Join(segments, "/"), err
}

func TestUsedNeeds(t *testing.T) {
	t.Parallel()

	const hub = "https://github.com/"

	shared := func(access gittoken.Access) gittoken.RepositoryNeed {
		return gittoken.RepositoryNeed{
			URL: hub + "acme/shared", Access: access, Source: gittoken.SourceSharedConfiguration,
		}
	}

	source := func(path string) gittoken.RepositoryNeed {
		return gittoken.RepositoryNeed{URL: hub + path, Access: gittoken.Read, Source: gittoken.SourceGitSource}
	}
	for name, test := range map[string]struct {
		use  gittoken.Type
		used Used
		want []gittoken.RepositoryNeed
	}{
		"none": {gittoken.Runtime, Used{}, nil},
		"a runtime's token writes the shared one": {
			gittoken.Runtime,
			Used{SharedConfiguration: hub + "acme/shared"},
			[]gittoken.RepositoryNeed{shared(gittoken.Write)},
		},
		"a user's reads it": {
			gittoken.User,
			Used{SharedConfiguration: hub + "acme/shared"},
			[]gittoken.RepositoryNeed{shared(gittoken.Read)},
		},
		"one of each owner first, then by name": {
			gittoken.User,
			Used{hub + "acme/shared", []string{hub + "acme/b", hub + "zeta/a", hub + "beta/b", hub + "beta/a"}},
			[]gittoken.RepositoryNeed{
				shared(gittoken.Read), source("beta/a"), source("zeta/a"), source("acme/b"), source("beta/b"),
			},
		},
		"each once": {
			gittoken.User,
			Used{hub + "acme/shared", []string{hub + "acme/shared.git", hub + "acme/a", hub + "acme/a"}},
			[]gittoken.RepositoryNeed{shared(gittoken.Read), source("acme/a")},
		},
		"each once, however it is spelled": {
			gittoken.User,
			Used{hub + "acme/shared", []string{
				"git@github.com:Acme/Shared.git", "http://GitHub.com:80/acme/shared/", "https://www.github.com/acme/shared.git/",
				"ssh://git@ssh.github.com:443/acme/SHARED.git", "https://ci:secret@github.com/acme%2Fshared", hub + "acme/a",
				hub + "acme/A.git/", " git@github.com:/acme/a\n",
			}},
			[]gittoken.RepositoryNeed{
				shared(gittoken.Read), {URL: " git@github.com:/acme/a\n", Access: gittoken.Read, Source: gittoken.SourceGitSource},
			},
		},
		"none elsewhere, and none that is no address": {
			gittoken.Runtime,
			Used{"https://gitlab.com/acme/shared", []string{
				"https://github.com.example/o/r", "o/r", "", "git@example.com:o/r", hub,
			}},
			nil,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, leftOut := test.used.Needs(test.use, hostOf(t, gittoken.GitHub), locate)
			if diff := cmp.Diff(test.want, got); diff != "" || leftOut != 0 {
				t.Errorf("%d left out (-want +got):\n%s", leftOut, diff)
			}
		})
	}
}

func TestUsedNeedsAreBounded(t *testing.T) {
	t.Parallel()

	used := Used{SharedConfiguration: "https://github.com/acme/shared"}
	for i := range 30 {
		used.GitSources = append(used.GitSources, fmt.Sprintf("https://github.com/acme/r%02d", i))
	}

	needs, leftOut := used.Needs(gittoken.Runtime, hostOf(t, gittoken.GitHub), locate)
	if len(needs) != MostRepositories || leftOut != 11 || needs[0].URL != used.SharedConfiguration {
		t.Errorf("%d needs, %d left out, the first %+v", len(needs), leftOut, needs[0])
	}
}

// refusing is an inspector that accepts a token and answers each probe by its repository.
type refusing map[string]gittoken.ProbeResult

func (refusing) Inspect(context.Context, gittoken.Credential, time.Duration) gittoken.Verdict {
	return live(gittoken.KindClassic, "repo", "admin:repo_hook")
}

func (refusing) Locate(h gittoken.Host, address string) (string, error) { return locate(h, address) }

func (f refusing) Probe(
	_ context.Context, _ gittoken.Credential, _ gittoken.Kind, p gittoken.Probe, _ bool, _ time.Duration,
) gittoken.ProbeResult {
	if p.Source != gittoken.SourceConfiguration { // why a repository matters is nothing to a host
		return gittoken.ProbeUndetermined(gittoken.CauseNotUnderstood, "told too much").Of(p)
	}

	return f[p.Repository].Of(p)
}

// What follows from a refusal, by the repository and the type of the token.
func TestRefusalsAtRepositories(t *testing.T) {
	t.Parallel()

	const url = "https://github.com/acme/a"

	sso := gittoken.ProbeBlocked(gittoken.CauseSSO, "", "https://github.com/orgs/acme/sso")
	hidden := gittoken.ProbeDenied(gittoken.CauseHidden, "")
	role := gittoken.ProbeDenied(gittoken.CauseRole, "")
	down := gittoken.ProbeUndetermined(gittoken.CauseTimeout, "")
	list := gittoken.ProbeBlocked(gittoken.CauseIPAllowList, "", "")
	policy := gittoken.ProbeBlocked(gittoken.CausePolicy, "", "")

	const (
		runtime, user, none = gittoken.Runtime, gittoken.User, gittoken.SourceConfiguration
		shared, source      = gittoken.SourceSharedConfiguration, gittoken.SourceGitSource
	)
	for _, test := range []struct {
		use     gittoken.Type
		source  gittoken.Source
		answer  gittoken.ProbeResult
		status  gittoken.Status
		advised bool
		result  gittoken.Outcome
	}{
		{runtime, none, hidden, gittoken.StatusUnderScoped, false, gittoken.Denied},
		{runtime, none, down, gittoken.StatusUnproven, false, gittoken.Undetermined},
		{runtime, shared, gittoken.ProbeProven(), gittoken.StatusValid, false, gittoken.Proven},
		{runtime, shared, sso, gittoken.StatusBlocked, false, gittoken.Denied},
		{runtime, shared, policy, gittoken.StatusBlocked, false, gittoken.Denied},
		{runtime, shared, list, gittoken.StatusBlocked, false, gittoken.Denied},
		{runtime, shared, hidden, gittoken.StatusUnderScoped, false, gittoken.Denied},
		{runtime, shared, role, gittoken.StatusUnderScoped, false, gittoken.Denied},
		{runtime, shared, down, gittoken.StatusValid, false, gittoken.Undetermined},
		{runtime, source, sso, gittoken.StatusBlocked, false, gittoken.Denied},
		{runtime, source, policy, gittoken.StatusBlocked, false, gittoken.Denied},
		{runtime, source, hidden, gittoken.StatusValid, true, gittoken.Denied},
		{runtime, source, role, gittoken.StatusValid, true, gittoken.Denied},
		{runtime, source, down, gittoken.StatusValid, false, gittoken.Undetermined},
		{user, shared, sso, gittoken.StatusValid, true, gittoken.Denied},
		{user, shared, hidden, gittoken.StatusValid, true, gittoken.Denied},
		{user, source, sso, gittoken.StatusValid, true, gittoken.Denied},
		{user, source, hidden, gittoken.StatusValid, true, gittoken.Denied},
		{user, source, down, gittoken.StatusValid, false, gittoken.Undetermined},
	} {
		name := fmt.Sprintf("%s, %q, %s %s", test.use, test.source, test.answer.Outcome, test.answer.Cause)
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			c := Checker{Inspector: refusing{url: test.answer}, Now: now}

			j := c.Check(t.Context(), Request{
				Type: test.use, Host: hostOf(t, gittoken.GitHub), Mode: Enforce,
				Token:        Token{Secret: gittoken.NewSecret("t"), Known: true},
				Repositories: []gittoken.RepositoryNeed{{URL: url, Access: gittoken.Read, Source: test.source}},
			}, 0)
			if j.Status != test.status || len(j.Advised) > 0 != test.advised {
				t.Errorf("%s, advised %v", j.Status, j.Advised)
			}

			// Nobody insists on what Codefresh uses.
			if test.source != none && len(j.Undecided) > 0 {
				t.Errorf("undecided %v", j.Undecided)
			}

			if len(j.Access) != 1 || j.Access[0].Outcome != test.result || j.Access[0].Need.Source != test.source {
				t.Errorf("access %+v", j.Access)
			}

			if j.Status == gittoken.StatusBlocked && test.answer.HelpURL != "" && j.HelpURL != test.answer.HelpURL {
				t.Errorf("help at %q", j.HelpURL)
			}

			if bad := j.Status.Class() == gittoken.Bad; bad != (j.HelpURL != "") {
				t.Errorf("%s, and help at %q", j.Status, j.HelpURL)
			}
		})
	}
}

// Of a repository at which several permissions are tried, the refused one tells.
func TestAccessAt(t *testing.T) {
	t.Parallel()

	needs := []gittoken.RepositoryNeed{{URL: "a", Access: gittoken.Write}, {URL: "b", Access: gittoken.Read}}
	at := func(url string, r gittoken.ProbeResult, s gittoken.Scope) gittoken.ProbeResult {
		return r.Of(gittoken.Probe{Repository: url, Permission: s})
	}
	got := accessAt(needs, []gittoken.ProbeResult{
		at("a", gittoken.ProbeProven(), "metadata:read"),
		at("a", gittoken.ProbeUndetermined(gittoken.CauseNotReadOnly, ""), "webhooks:write"),
		at("a", gittoken.ProbeDenied(gittoken.CauseNotGranted, "no"), "contents:write"),
		at("a", gittoken.ProbeUndetermined(gittoken.CauseTimeout, ""), "statuses:write"),
		at("b", gittoken.ProbeProven(), "metadata:read"),
	})

	want := []gittoken.RepositoryAccess{
		{Need: needs[0], Outcome: gittoken.Denied, Cause: gittoken.CauseNotGranted, Detail: "no"},
		{Need: needs[1], Outcome: gittoken.Proven},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}
