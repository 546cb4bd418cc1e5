package parity_test

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// TestProviderAgreesWithValidator holds the provider against the validator's answers, as they are written down:
// TestValidator sees to it that they are the validator's.
func TestProviderAgreesWithValidator(t *testing.T) {
	t.Parallel()

	golden, err := readAnswers()
	if err != nil {
		t.Fatal(err)
	}

	rows, err := readKnown()
	if err != nil {
		t.Fatal(err)
	}

	w := begin(t)
	said := providersOpinions(t, w)
	used, disagreements, stricter := map[known]bool{}, 0, []string{}

	for _, j := range w.tokens {
		for _, use := range tokenTypes() {
			p := pair{j.id(), use}
			answer, asked := golden[p]

			i := slices.IndexFunc(rows, func(k known) bool { return k.covers(p) })
			switch o := said[p]; {
			case !asked:
				t.Errorf("%s: no answer of the validator is written down; make parity FLAGS=-update does that", p)
			case o.ok && answer != "" && i < 0:
				t.Errorf("%s: the provider takes it (%s), and the validator does not: %s", p, o.outcome(), answer)
			case o.ok && answer != "":
				disagreements++
				used[rows[i]] = true
			case !o.ok && answer == "":
				stricter = append(stricter, p.String()+": "+o.outcome())
			}
		}
	}

	if len(golden) != len(said) {
		t.Errorf("%d answers are written down, about %d pairs", len(golden), len(said))
	}

	t.Logf("%d pairs, %d known disagreements", len(said), disagreements)
	t.Logf("%d are refused by the provider alone:\n%s", len(stricter), strings.Join(stricter, "\n"))

	if !live {
		return // the rest is about the figures that a run of make parity is to give
	}

	for _, row := range rows {
		if !used[row] {
			t.Errorf("%s: no disagreement about %s is left, as %s token", knownFile, row.token, row.use)
		}
	}

	if err := tally(len(said), disagreements); err != nil {
		t.Error(err)
	}
}

// TestAppProxyAgreesWithValidator wants the sandbox's app-proxies to take and refuse what real ones do, in their words.
func TestAppProxyAgreesWithValidator(t *testing.T) {
	t.Parallel()

	golden, err := readAnswers()
	if err != nil {
		t.Fatal(err)
	}

	w := begin(t)
	for p, said := range appProxysAnswers(t, w) {
		if said != golden[p] {
			t.Errorf("%s: the app-proxy says %q, and the validator %q", p, said, golden[p])
		}
	}
}

// TestEveryKindIsJudged wants a token of every kind that a host issues, one in every state in which a host refuses it,
// and a pair for each of both uses.
func TestEveryKindIsJudged(t *testing.T) {
	t.Parallel()

	kinds := map[sandbox.Service][]string{
		sandbox.GitHub:            {"classic", "fine_grained", "oauth", "app_installation", "app_user"},
		sandbox.GitHubEnterprise:  {"classic", "fine_grained", "oauth", "app_installation", "app_user"},
		sandbox.GitLab:            {"personal", "project", "group", "oauth", "granular"},
		sandbox.GitLabSelfManaged: {"personal", "project", "group", "oauth", "granular"},
		sandbox.BitbucketServer:   {"http_access", "project_http_access", "repository_http_access"},
		sandbox.BitbucketCloud:    {"api_token", "access_token", "app_password", "oauth"},
	}
	blocks := map[sandbox.Service][]sandbox.Block{
		sandbox.GitHub: {
			sandbox.BlockSuspended, sandbox.BlockSSO, sandbox.BlockPolicy, sandbox.BlockIPAllowList, sandbox.BlockLoginAttempts,
		},
		sandbox.GitLab:            {sandbox.BlockSuspended, sandbox.BlockDPoP, sandbox.BlockGranularEnforce},
		sandbox.GitLabSelfManaged: {sandbox.BlockSuspended, sandbox.BlockDPoP},
		sandbox.BitbucketServer:   {sandbox.BlockSuspended},
		sandbox.BitbucketCloud:    {sandbox.BlockSuspended},
	}
	seen := map[string]bool{}

	all := tokens()
	for _, g := range all {
		seen[string(g.spec.Service)+g.spec.Kind] = true
		seen[string(g.spec.Service)+g.fate] = true
		seen[string(g.spec.Service)+g.spec.Kind+g.fate] = true
	}

	for service, names := range kinds {
		for _, kind := range names {
			for _, fate := range []string{"", revoked, expired} {
				if !seen[string(service)+kind+fate] {
					t.Errorf("%s: no %s token is judged that is %q", service, kind, fate)
				}
			}
		}
	}

	for service, names := range blocks {
		for _, b := range names {
			if !seen[string(service)+string(b)] {
				t.Errorf("%s: no token is judged that is blocked by %s", service, b)
			}
		}
	}

	if got := len(slices.Collect(maps.Keys(kinds))); got != len(sandbox.GitHosts()) {
		t.Errorf("%d hosts, want %d", got, len(sandbox.GitHosts()))
	}

	if pairs := 2 * len(all); pairs < 250 {
		t.Errorf("%d pairs are few", pairs)
	}
}
