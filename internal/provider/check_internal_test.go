package provider

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

func TestResolveHost(t *testing.T) {
	t.Parallel()

	unknown, null, value := types.StringUnknown(), types.StringNull(), types.StringValue
	hub, own := value("github"), value("https://h")
	server, lab := value("bitbucket-server"), value("gitlab")
	const enterprise = "https://ghe.example.com/api/v3"
	account := slotView{provider: gittoken.GitHub, apiURL: enterprise}

	for name, test := range map[string]struct {
		provider, planned types.String // git_provider, in the configuration and in the plan
		apiURL, address   types.String // api_url, likewise
		view              slotView
		untold            bool
		host              string // its address; empty for none
		err               error
	}{
		"all from Codefresh":    {null, unknown, null, unknown, account, false, enterprise, nil},
		"all from the user":     {hub, hub, own, own, account, false, "https://h/api/v3", nil},
		"the provider":          {hub, hub, null, unknown, account, false, enterprise, nil},
		"another provider":      {lab, lab, null, unknown, account, false, "https://gitlab.com/api/v4", nil},
		"the address":           {null, unknown, own, own, account, false, "https://h/api/v3", nil},
		"as the state has it":   {null, hub, null, own, slotView{}, true, "https://h/api/v3", nil},
		"a provider without":    {server, server, null, unknown, account, false, "", gittoken.ErrNoAPIURL},
		"nobody says":           {null, unknown, null, unknown, slotView{}, false, "", errNoGitProvider},
		"no Codefresh to ask":   {null, unknown, null, unknown, slotView{}, true, "", errNoGitProvider},
		"no such provider":      {value("svn"), value("svn"), null, unknown, account, false, "", gittoken.ErrUnknownProvider},
		"provider not known":    {unknown, unknown, null, unknown, account, false, "", nil},
		"address not known":     {hub, hub, unknown, unknown, account, false, "", nil},
		"told nothing, public":  {hub, hub, null, unknown, slotView{}, false, "https://api.github.com", nil},
		"not told, not public":  {hub, hub, null, unknown, slotView{}, true, "", nil},
		"not told, but address": {hub, hub, own, own, slotView{}, true, "https://h/api/v3", nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			plan := &tokenModel{GitProvider: test.planned, APIURL: test.address}
			config := &tokenModel{GitProvider: test.provider, APIURL: test.apiURL}
			got, err := resolveHost(plan, config, test.view, !test.untold)
			if !errors.Is(err, test.err) || got.APIURL() != test.host {
				t.Errorf("%q, %v; want %q, %v", got.APIURL(), err, test.host, test.err)
			}
		})
	}
}

func TestSubjectRequirement(t *testing.T) {
	t.Parallel()

	host := hostOf(t, gittoken.GitHub, "")
	row := gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, gittoken.KindClassic)
	for name, test := range map[string]struct {
		required []string
		want     gittoken.Requirement
	}{
		"the table's":                  {nil, row},
		"the table's in another order": {[]string{"admin:repo_hook", "repo"}, row},
		"fewer":                        {[]string{"repo"}, row.Override([]gittoken.Scope{"repo"})},
		"none":                         {[]string{}, row.Override(nil)},
	} {
		s := subject{tokenType: gittoken.Runtime, host: host, required: test.required}
		if diff := cmp.Diff(test.want, s.requirement(gittoken.KindClassic)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
	}
}

// fakeInspector gives one verdict, proves every probe, and writes down what it is asked.
type fakeInspector struct {
	verdict gittoken.Verdict
	asked   []string
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
		change     func(*subject)
		validation validation
		verdict    gittoken.Verdict
		memory     gittoken.Memory
		status     gittoken.Status
		cause      gittoken.Cause
		asked      []string
	}{
		"a good token": {
			verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook"), status: gittoken.StatusValid,
			asked: []string{inspect},
		},
		"nobody is asked about a token that is skipped": {
			validation: skip, status: gittoken.StatusUnchecked, cause: gittoken.CauseSkipped,
		},
		"nor about one that is not known": {
			change: func(s *subject) { s.token.known = false }, status: gittoken.StatusUnchecked,
			cause: gittoken.CauseTokenUnknown,
		},
		"nor where the host is not": {
			change: func(s *subject) { s.host = gittoken.Host{} }, status: gittoken.StatusUnchecked,
			cause: gittoken.CauseHostUnknown,
		},
		"repositories": {
			change: func(s *subject) { s.needs = needs }, verdict: live(gittoken.KindClassic, "repo", "admin:repo_hook"),
			status: gittoken.StatusValid, asked: []string{inspect, "probe classic read, 30s"},
		},
		"permissions, with write probes": {
			change:  func(s *subject) { s.needs, s.probes = needs, true },
			verdict: live(gittoken.KindFineGrained), status: gittoken.StatusUnproven,
			asked: []string{
				inspect, "probe fine_grained metadata:read, 30s, writing",
				"probe fine_grained contents:read, 30s, writing",
			},
		},
		"no repository is asked about a token that the host rejects": {
			change: func(s *subject) { s.needs = needs }, verdict: rejected, status: gittoken.StatusInvalid,
			asked: []string{inspect},
		},
		"a rejected token that worked": {
			verdict: rejected, memory: gittoken.Memory{Accepted: true}, status: gittoken.StatusRevoked,
			asked: []string{inspect},
		},
		"a rejected token past the user's hint": {
			change:  func(s *subject) { s.hint = messageNow().Add(-time.Minute) },
			verdict: rejected, memory: gittoken.Memory{Accepted: true}, status: gittoken.StatusExpired,
			asked: []string{inspect},
		},
		"a rejected token past the user's hint, and not past what the host told": {
			change:  func(s *subject) { s.hint = messageNow().Add(-time.Minute) },
			verdict: rejected, memory: gittoken.Memory{Accepted: true, ExpiresAt: messageNow().Add(time.Minute)},
			status: gittoken.StatusRevoked, asked: []string{inspect},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			f := &fakeInspector{verdict: test.verdict}
			d := &providerData{inspector: f, now: messageNow}
			s := subject{
				tokenType: gittoken.Runtime, runtime: "prod", host: hostOf(t, gittoken.GitHub, ""), username: "ci",
				token: tokenValue{secret: gittoken.NewSecret("t"), known: true},
			}
			if test.change != nil {
				test.change(&s)
			}
			if test.validation == "" {
				test.validation = enforce
			}
			j := d.check(t.Context(), s, test.validation, test.memory, applyMaxAge)
			if j.Status != test.status || j.Verdict.Cause != test.cause {
				t.Errorf("%s (%q), want %s (%q)", j.Status, j.Verdict.Cause, test.status, test.cause)
			}
			if diff := cmp.Diff(test.asked, f.asked); diff != "" {
				t.Errorf("asked (-want +got):\n%s", diff)
			}
		})
	}
}
