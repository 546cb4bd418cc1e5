package gittoken_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// scopes splits a list of scopes at its blanks.
func scopes(list string) []gittoken.Scope {
	var all []gittoken.Scope
	for s := range strings.FieldsSeq(list) {
		all = append(all, gittoken.Scope(s))
	}

	return all
}

func host(t *testing.T, p gittoken.Provider, apiURL string) gittoken.Host {
	t.Helper()

	h, err := gittoken.NewHost(p, apiURL)
	if err != nil {
		t.Fatal(err)
	}

	return h
}

// TestRequirementTable holds the table to Codefresh's documentation, written out once more.
func TestRequirementTable(t *testing.T) {
	t.Parallel()

	const (
		fineRuntime = "administration:write statuses:write contents:write metadata:read pull_requests:write " +
			"webhooks:write"
		fineUser   = "contents:write metadata:read"
		legacyAll  = "account team webhook repository:write repository:admin"
		legacyUser = "account team repository:write repository:admin"
		apiUser    = "read:user:bitbucket read:workspace:bitbucket read:project:bitbucket read:repository:bitbucket " +
			"write:repository:bitbucket"
		apiRuntime = apiUser + " admin:project:bitbucket admin:repository:bitbucket read:webhook:bitbucket " +
			"write:webhook:bitbucket " +
			"delete:webhook:bitbucket"
		granularUser    = "download_code push_code read_project read_user"
		granularRuntime = "download_code push_code read_project read_webhook create_webhook update_webhook " +
			"delete_webhook create_project"
	)

	type expected struct{ runtime, user string }

	want := map[gittoken.Provider]map[gittoken.Kind]expected{
		gittoken.GitHub: {
			gittoken.KindClassic:         {"repo admin:repo_hook", "repo"},
			gittoken.KindOAuth:           {"repo admin:repo_hook", "repo"},
			gittoken.KindFineGrained:     {fineRuntime, fineUser},
			gittoken.KindAppUser:         {fineRuntime, fineUser},
			gittoken.KindAppInstallation: {fineRuntime, fineUser},
			gittoken.KindUnknown:         {"repo admin:repo_hook", "repo"},
			gittoken.KindPersonal:        {"repo admin:repo_hook", "repo"},
		},
		gittoken.GitLab: {
			gittoken.KindPersonal: {"api read_repository", "write_repository read_api"},
			gittoken.KindProject:  {"api read_repository", "write_repository read_api"},
			gittoken.KindGroup:    {"api read_repository", "write_repository read_api"},
			gittoken.KindOAuth:    {"api read_repository", "write_repository read_api"},
			gittoken.KindGranular: {granularRuntime, granularUser},
			gittoken.KindUnknown:  {"api read_repository", "write_repository read_api"},
		},
		gittoken.BitbucketServer: {
			gittoken.KindHTTPAccess: {"PROJECT_ADMIN REPO_WRITE PROJECT_READ", "PROJECT_READ REPO_WRITE"},
			gittoken.KindUnknown:    {"PROJECT_ADMIN REPO_WRITE PROJECT_READ", "PROJECT_READ REPO_WRITE"},
		},
		gittoken.BitbucketCloud: {
			gittoken.KindAccessToken: {legacyAll, legacyUser},
			gittoken.KindAppPassword: {legacyAll, legacyUser},
			gittoken.KindAPIToken:    {apiRuntime, apiUser},
			gittoken.KindUnknown:     {apiRuntime, apiUser},
		},
	}

	type place struct {
		use  gittoken.Type
		kind gittoken.Kind
	}

	unfit := map[place]gittoken.Unfitness{
		{gittoken.Runtime, gittoken.KindProject}:         gittoken.UnfitOneProject,
		{gittoken.Runtime, gittoken.KindAppInstallation}: gittoken.UnfitShortLived,
		{gittoken.User, gittoken.KindAppInstallation}:    gittoken.UnfitShortLived,
		{gittoken.Runtime, gittoken.KindAppUser}:         gittoken.UnfitShortLived,
		{gittoken.User, gittoken.KindAppUser}:            gittoken.UnfitShortLived,
		{gittoken.Runtime, gittoken.KindAccessToken}:     gittoken.UnfitNoAccount,
		{gittoken.User, gittoken.KindAccessToken}:        gittoken.UnfitNoAccount,
	}

	for p, kinds := range want {
		for k, expect := range kinds {
			lists := map[gittoken.Type]string{gittoken.Runtime: expect.runtime, gittoken.User: expect.user}
			for use, list := range lists {
				r := gittoken.RequirementFor(p, use, k)

				sorted := func(s []gittoken.Scope) []gittoken.Scope { return slices.Sorted(slices.Values(s)) }
				if diff := cmp.Diff(sorted(scopes(list)), sorted(r.Scopes)); diff != "" {
					t.Errorf("%s %s %s requires (-want +got):\n%s", p, use, k, diff)
				}

				if reason := unfit[place{use, k}]; r.Unfit != (reason != "") || r.Reason != reason {
					t.Errorf("%s %s %s is unfit: %t (%s)", p, use, k, r.Unfit, r.Reason)
				}

				if r.Provider != p || r.Type != use || r.Source == "" || r.Overridden ||
					!slices.Contains(gittoken.Kinds(p), r.Kind) {
					t.Errorf("%+v", r)
				}
			}
		}
	}
}

func TestRequirementOrder(t *testing.T) {
	t.Parallel()

	got := gittoken.RequirementFor(gittoken.BitbucketCloud, gittoken.Runtime, gittoken.KindAPIToken).Scopes
	want := scopes("read:user:bitbucket read:workspace:bitbucket read:project:bitbucket admin:project:bitbucket " +
		"read:repository:bitbucket write:repository:bitbucket admin:repository:bitbucket " +
		"read:webhook:bitbucket write:webhook:bitbucket delete:webhook:bitbucket")

	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestAdvisedScopes(t *testing.T) {
	t.Parallel()

	for _, r := range gittoken.Requirements() {
		want := ""

		if r.Provider == gittoken.GitHub && r.Type == gittoken.Runtime && r.Kind.TellsScopes() {
			want = "user:email"
		}

		if diff := cmp.Diff(scopes(want), r.Advised); diff != "" {
			t.Errorf("%s %s %s advises (-want +got):\n%s", r.Provider, r.Type, r.Kind, diff)
		}
	}
}

func TestRequirementsAreTheWholeTable(t *testing.T) {
	t.Parallel()

	var want int
	for _, p := range gittoken.Providers() {
		want += len(gittoken.Kinds(p)) * len(gittoken.Types())
	}

	all := gittoken.Requirements()
	if len(all) != want {
		t.Errorf("%d rows, want %d", len(all), want)
	}

	for _, r := range all {
		if r.Source == "" || len(r.Scopes) == 0 {
			t.Errorf("a row without scopes or source: %+v", r)
		}

		for _, s := range slices.Concat(r.Scopes, r.Advised) {
			if !r.Vocabulary().Known(s) {
				t.Errorf("%s %s: %s is no scope of such tokens", r.Provider, r.Kind, s)
			}
		}

		if diff := cmp.Diff(gittoken.RequirementFor(r.Provider, r.Type, r.Kind), r); diff != "" {
			t.Error(diff)
		}
	}
}

func TestRequirementsAreCopies(t *testing.T) {
	t.Parallel()

	gittoken.RequirementFor(gittoken.GitHub, gittoken.User, gittoken.KindClassic).Scopes[0] = "spoiled"

	if got := gittoken.RequirementFor(gittoken.GitHub, gittoken.User, gittoken.KindClassic).Scopes[0]; got != "repo" {
		t.Errorf("the table was changed from outside: %s", got)
	}
}

func TestNothingIsFitForWhatDoesNotExist(t *testing.T) {
	t.Parallel()

	for _, r := range []gittoken.Requirement{
		gittoken.RequirementFor("gitea", gittoken.Runtime, gittoken.KindUnknown),
		gittoken.RequirementFor(gittoken.GitHub, "robot", gittoken.KindClassic),
	} {
		if !r.Unfit || len(r.Scopes) != 0 {
			t.Errorf("%+v", r)
		}

		if r.Provider == "gitea" && r.TokenURL(gittoken.Host{}) != "" {
			t.Errorf("%+v has a page", r)
		}
	}
}

func TestOverride(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		provider gittoken.Provider
		kind     gittoken.Kind
		in       []gittoken.Scope
		want     []gittoken.Scope
	}{
		{
			gittoken.GitHub, gittoken.KindClassic,
			[]gittoken.Scope{"Repo", " repo ", "", "read:org"},
			scopes("repo read:org"),
		},
		{
			gittoken.GitHub, gittoken.KindFineGrained,
			[]gittoken.Scope{"repository_hooks:write"},
			scopes("webhooks:write"),
		},
		{gittoken.GitLab, gittoken.KindPersonal, []gittoken.Scope{"api-read", "api_read"}, scopes("read_api")},
		{
			gittoken.BitbucketServer, gittoken.KindHTTPAccess,
			[]gittoken.Scope{"Project admin", "Repository write"},
			scopes("PROJECT_ADMIN REPO_WRITE"),
		},
		{
			gittoken.BitbucketCloud, gittoken.KindAPIToken,
			[]gittoken.Scope{"repository:write"},
			scopes("write:repository:bitbucket"),
		},
		{
			gittoken.BitbucketCloud, gittoken.KindAccessToken,
			[]gittoken.Scope{"write:repository:bitbucket"},
			scopes("repository:write"),
		},
		{gittoken.GitHub, gittoken.KindClassic, []gittoken.Scope{"no such"}, []gittoken.Scope{"no such"}},
		{gittoken.GitHub, gittoken.KindClassic, nil, []gittoken.Scope{}},
	} {
		row := gittoken.RequirementFor(test.provider, gittoken.Runtime, test.kind)
		before := slices.Clone(row.Scopes)
		got := row.Override(test.in)

		if diff := cmp.Diff(test.want, got.Scopes); diff != "" {
			t.Errorf("%s %s %v (-want +got):\n%s", test.provider, test.kind, test.in, diff)
		}

		if !got.Overridden || got.Source == row.Source || got.Kind != row.Kind {
			t.Errorf("%+v", got)
		}

		if row.Overridden || !slices.Equal(before, row.Scopes) {
			t.Errorf("the row itself was changed: %+v", row)
		}
	}

	project := gittoken.RequirementFor(gittoken.GitLab, gittoken.Runtime, gittoken.KindProject)
	if !project.Override(scopes("read_api")).Unfit {
		t.Error("other scopes make a project token fit for a runtime")
	}
}

func TestTokenURL(t *testing.T) {
	t.Parallel()

	const (
		classic  = "/settings/tokens/new?scopes=repo,admin:repo_hook&description=Codefresh+GitOps+runtime+token"
		personal = "/-/user_settings/personal_access_tokens?scopes=api,read_repository" +
			"&name=Codefresh+GitOps+runtime+token"
		granular = "/-/user_settings/personal_access_tokens"
		fine     = "/settings/personal-access-tokens/new"
		manage   = "/plugins/servlet/access-tokens/manage"
		apiPage  = "https://id.atlassian.com/manage-profile/security/api-tokens"
	)

	for _, test := range []struct {
		provider gittoken.Provider
		kind     gittoken.Kind
		api      string
		want     string
	}{
		{gittoken.GitHub, gittoken.KindClassic, "", "https://github.com" + classic},
		{gittoken.GitHub, gittoken.KindUnknown, "", "https://github.com" + classic},
		{gittoken.GitHub, gittoken.KindOAuth, "https://ghe.corp/api/v3", "https://ghe.corp" + classic},
		{gittoken.GitHub, gittoken.KindClassic, "https://api.acme.ghe.com", "https://acme.ghe.com" + classic},
		{gittoken.GitHub, gittoken.KindFineGrained, "", "https://github.com" + fine},
		{gittoken.GitHub, gittoken.KindAppUser, "https://ghe.corp", "https://ghe.corp" + fine},
		{gittoken.GitHub, gittoken.KindAppInstallation, "", "https://github.com" + fine},
		{gittoken.GitLab, gittoken.KindPersonal, "", "https://gitlab.com" + personal},
		{gittoken.GitLab, gittoken.KindProject, "https://gitlab.corp", "https://gitlab.corp" + personal},
		{gittoken.GitLab, gittoken.KindGroup, "https://corp.example/gitlab", "https://corp.example/gitlab" + personal},
		{gittoken.GitLab, gittoken.KindGranular, "https://corp.example/gitlab", "https://corp.example/gitlab" + granular},
		{gittoken.BitbucketServer, gittoken.KindHTTPAccess, "https://corp.io/stash", "https://corp.io/stash" + manage},
		{gittoken.BitbucketCloud, gittoken.KindAPIToken, "", apiPage},
		{gittoken.BitbucketCloud, gittoken.KindAppPassword, "", apiPage},
		{gittoken.BitbucketCloud, gittoken.KindUnknown, "", apiPage},
		{gittoken.BitbucketCloud, gittoken.KindAccessToken, "", apiPage},
	} {
		r := gittoken.RequirementFor(test.provider, gittoken.Runtime, test.kind)

		if got := r.TokenURL(host(t, test.provider, test.api)); got != test.want {
			t.Errorf("%s %s at %q: %s, want %s", test.provider, test.kind, test.api, got, test.want)
		}

		if test.api == "" {
			if got := r.TokenURL(gittoken.Host{}); got != test.want {
				t.Errorf("%s %s without a host: %s, want %s", test.provider, test.kind, got, test.want)
			}
		}
	}
}

func TestTokenURLWithoutPage(t *testing.T) {
	t.Parallel()

	r := gittoken.RequirementFor(gittoken.BitbucketServer, gittoken.User, gittoken.KindHTTPAccess)

	if got := r.TokenURL(gittoken.Host{}); got != "" {
		t.Errorf("a server without an address has the page %s", got)
	}

	if got := r.TokenURL(host(t, gittoken.GitHub, "")); got != "" {
		t.Errorf("another provider's host has the page %s", got)
	}
}

func TestTokenURLOfOwnScopes(t *testing.T) {
	t.Parallel()

	r := gittoken.RequirementFor(gittoken.GitHub, gittoken.User, gittoken.KindClassic).
		Override([]gittoken.Scope{"public_repo", "read:org", "a&b=c d#,"})
	page := r.TokenURL(gittoken.Host{})

	if want := "?scopes=public_repo,read:org,a%26b%3Dc+d%23%2C&description="; !strings.Contains(page, want) {
		t.Errorf("%s lacks %s", page, want)
	}

	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}

	if got := u.Query().Get("scopes"); got != "public_repo,read:org,a&b=c d#," {
		t.Errorf("the host reads %q", got)
	}

	if got := u.Query().Get("description"); got != "Codefresh GitOps user token" {
		t.Errorf("the host reads %q", got)
	}
}

func TestProbes(t *testing.T) {
	t.Parallel()

	const a, b = "https://github.com/acme/a", "https://github.com/acme/b"

	access := func(repository string, level gittoken.Access) gittoken.Probe {
		return gittoken.Probe{Repository: repository, Access: level}
	}
	permissions := func(repository, list string) []gittoken.Probe {
		var all []gittoken.Probe
		for _, s := range scopes(list) {
			all = append(all, gittoken.Probe{Repository: repository, Permission: s})
		}

		return all
	}

	need := func(url string, level gittoken.Access) gittoken.RepositoryNeed {
		return gittoken.RepositoryNeed{URL: url, Access: level}
	}

	const runtime = "administration:write statuses:write contents:write metadata:read pull_requests:write " +
		"webhooks:write"

	for _, test := range []struct {
		name        string
		requirement gittoken.Requirement
		needs       []gittoken.RepositoryNeed
		want        []gittoken.Probe
	}{
		{
			"no needs", gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, gittoken.KindFineGrained), nil, nil,
		},
		{
			"classic", gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, gittoken.KindClassic),
			[]gittoken.RepositoryNeed{
				need(b, gittoken.Admin), need(a, ""), need(b, gittoken.Admin), need(b, gittoken.Read),
			},
			[]gittoken.Probe{access(b, gittoken.Admin), access(a, gittoken.Read), access(b, gittoken.Read)},
		},
		{
			"granular", gittoken.RequirementFor(gittoken.GitLab, gittoken.User, gittoken.KindGranular),
			[]gittoken.RepositoryNeed{need(a, gittoken.Write)},
			[]gittoken.Probe{access(a, gittoken.Write)},
		},
		{
			"unknown kind", gittoken.RequirementFor(gittoken.GitHub, gittoken.User, gittoken.KindUnknown),
			[]gittoken.RepositoryNeed{need(a, gittoken.Write)},
			[]gittoken.Probe{access(a, gittoken.Write)},
		},
		{
			"fine-grained read", gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, gittoken.KindFineGrained),
			[]gittoken.RepositoryNeed{need(a, gittoken.Read), need(b, "")},
			slices.Concat(permissions(a, "metadata:read contents:read"), permissions(b, "metadata:read contents:read")),
		},
		{
			"fine-grained write", gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, gittoken.KindFineGrained),
			[]gittoken.RepositoryNeed{need(a, gittoken.Write)},
			permissions(a, runtime),
		},
		{
			"app user admin", gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, gittoken.KindAppUser),
			[]gittoken.RepositoryNeed{need(a, gittoken.Admin)},
			permissions(a, runtime),
		},
		{
			"installation, user, admin",
			gittoken.RequirementFor(gittoken.GitHub, gittoken.User, gittoken.KindAppInstallation),
			[]gittoken.RepositoryNeed{need(a, gittoken.Admin)},
			permissions(a, "contents:write metadata:read administration:write"),
		},
		{
			"overridden without contents",
			gittoken.RequirementFor(gittoken.GitHub, gittoken.User, gittoken.KindFineGrained).
				Override(scopes("issues:read")),
			[]gittoken.RepositoryNeed{need(a, gittoken.Write)},
			permissions(a, "issues:read contents:write"),
		},
		{
			"read and write of one repository",
			gittoken.RequirementFor(gittoken.GitHub, gittoken.User, gittoken.KindFineGrained),
			[]gittoken.RepositoryNeed{need(a, gittoken.Read), need(a, gittoken.Write)},
			permissions(a, "metadata:read contents:read contents:write"),
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			if diff := cmp.Diff(test.want, gittoken.Probes(test.requirement, test.needs)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}
