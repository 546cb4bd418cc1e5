package gittoken_test

import (
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// TestWhatKindsCanHold holds the table to the vendors' documents, written out once more.
func TestWhatKindsCanHold(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		provider gittoken.Provider
		kind     gittoken.Kind
		can      string
		cannot   string
	}{
		{gittoken.GitHub, gittoken.KindClassic, "repo admin:repo_hook user:email brand_new", ""},
		{gittoken.GitHub, gittoken.KindFineGrained, "administration:write webhooks:write metadata:read", ""},
		{gittoken.GitLab, gittoken.KindPersonal, "api read_user sudo", "openid granular"},
		{gittoken.GitLab, gittoken.KindProject, "api read_api read_repository write_repository", "sudo"},
		{gittoken.GitLab, gittoken.KindGroup, "api write_repository", "admin_mode openid"},
		{gittoken.GitLab, gittoken.KindOAuth, "api openid", "granular"},
		{gittoken.GitLab, gittoken.KindGranular, "push_code create_project approve_merge_request", ""},
		{
			gittoken.BitbucketServer, gittoken.KindHTTPAccess, "PROJECT_ADMIN PROJECT_READ REPO_WRITE PROJECT_VIEW REPO_CREATE",
			"PROJECT_CREATE ADMIN SYS_ADMIN",
		},
		{gittoken.BitbucketCloud, gittoken.KindAPIToken, "admin:project:bitbucket read:user:bitbucket", ""},
		{
			gittoken.BitbucketCloud, gittoken.KindAccessToken, "repository:admin webhook project:admin pipeline:write",
			"account team email account:write team:write",
		},
		{gittoken.BitbucketCloud, gittoken.KindAppPassword, "account team webhook repository:admin", ""},
	} {
		for _, s := range scopes(tt.can) {
			if !gittoken.CanHold(tt.provider, tt.kind, s) {
				t.Errorf("%s %s cannot hold %s", tt.provider, tt.kind, s)
			}
		}

		for _, s := range scopes(tt.cannot) {
			if gittoken.CanHold(tt.provider, tt.kind, s) {
				t.Errorf("%s %s can hold %s", tt.provider, tt.kind, s)
			}
		}
	}
}

func TestLimits(t *testing.T) {
	t.Parallel()

	for _, r := range gittoken.Requirements() {
		lacks, source := gittoken.Limits(r.Provider, r.Kind)
		if source == "" {
			t.Errorf("no document says what a %s of %s can hold", r.Kind, r.Provider)
		}

		for _, s := range lacks {
			if !r.Vocabulary().Known(s) {
				t.Errorf("a %s of %s cannot hold %s, which is no scope", r.Kind, r.Provider, s)
			}
		}
	}

	if lacks, source := gittoken.Limits("gitea", gittoken.KindClassic); lacks != nil || source != "" {
		t.Errorf("%v by %q of a provider that does not exist", lacks, source)
	}
}

// TestNoDeadEnds goes through every host, kind and type: the token to make instead must be one that people can make,
// that works, that is fit and that can hold what is required.
func TestNoDeadEnds(t *testing.T) {
	t.Parallel()

	for _, r := range gittoken.Requirements() {
		for name, asked := range map[string]gittoken.Requirement{
			"as it is":              r,
			"with own scopes":       r.Override(r.Scopes[:1]),
			"with a scope of lords": r.Override([]gittoken.Scope{"sudo", "SYS_ADMIN", "team:write"}),
			"with an unknown scope": r.Override([]gittoken.Scope{"brand_new"}),
			"with no scope at all":  r.Override(nil),
		} {
			made, ok := asked.Replacement()
			if !ok {
				t.Errorf("%s %s %s %s: nothing to make instead", r.Provider, r.Type, r.Kind, name)

				continue
			}

			_, ended := made.Kind.Ended()
			applications := []gittoken.Kind{gittoken.KindOAuth, gittoken.KindAppInstallation, gittoken.KindAppUser}

			if made.Provider != r.Provider || made.Type != r.Type || made.Unfit || ended ||
				slices.Contains(applications, made.Kind) {
				t.Errorf("%s %s %s %s: make a %+v", r.Provider, r.Type, r.Kind, name, made)
			}

			for _, s := range made.Scopes {
				if !gittoken.CanHold(made.Provider, made.Kind, s) {
					t.Errorf("%s %s %s %s: make a %s with %s", r.Provider, r.Type, r.Kind, name, made.Kind, s)
				}
			}

			address := ""
			if r.Provider == gittoken.BitbucketServer {
				address = "https://git.example.com"
			}

			if asked.TokenURL(host(t, r.Provider, address)) == "" {
				t.Errorf("%s %s %s %s: no page to make it", r.Provider, r.Type, r.Kind, name)
			}
		}
	}
}

func TestReplacement(t *testing.T) {
	t.Parallel()

	for name, tt := range map[string]struct {
		asked  gittoken.Requirement
		kind   gittoken.Kind
		scopes string
	}{
		"the same": {
			asked: requirement(gittoken.GitHub, gittoken.User, gittoken.KindClassic),
			kind:  gittoken.KindClassic, scopes: "repo",
		},
		"OAuth": {
			asked: requirement(gittoken.GitHub, gittoken.Runtime, gittoken.KindOAuth),
			kind:  gittoken.KindClassic, scopes: "repo admin:repo_hook",
		},
		"an App's": {
			asked: requirement(gittoken.GitHub, gittoken.User, gittoken.KindAppUser),
			kind:  gittoken.KindFineGrained, scopes: "contents:write metadata:read",
		},
		"a project's": {
			asked: requirement(gittoken.GitLab, gittoken.Runtime, gittoken.KindProject),
			kind:  gittoken.KindPersonal, scopes: "api read_repository",
		},
		"access token": {
			asked: requirement(gittoken.BitbucketCloud, gittoken.User, gittoken.KindAccessToken),
			kind:  gittoken.KindAPIToken,
			scopes: "read:user:bitbucket read:workspace:bitbucket read:project:bitbucket read:repository:bitbucket " +
				"write:repository:bitbucket",
		},
		"app password with own scopes": {
			asked: requirement(gittoken.BitbucketCloud, gittoken.User, gittoken.KindAppPassword).
				Override(scopes("account repository:write")),
			kind: gittoken.KindAPIToken, scopes: "read:user:bitbucket write:repository:bitbucket",
		},
		"own scopes that nobody gets": {
			asked: requirement(gittoken.BitbucketServer, gittoken.User, gittoken.KindHTTPAccess).
				Override(scopes("SYS_ADMIN")),
			kind: gittoken.KindHTTPAccess, scopes: "PROJECT_READ REPO_WRITE",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			got, ok := tt.asked.Replacement()
			if !ok || got.Kind != tt.kind {
				t.Errorf("make a %s", got.Kind)
			}

			if diff := cmp.Diff(scopes(tt.scopes), got.Scopes); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}

	if got, ok := requirement("gitea", gittoken.User, gittoken.KindClassic).Replacement(); ok {
		t.Errorf("make a %+v of a provider that does not exist", got)
	}
}

func TestFineGrained(t *testing.T) {
	t.Parallel()

	for p, want := range map[gittoken.Provider]gittoken.Kind{
		gittoken.GitHub: gittoken.KindFineGrained, gittoken.GitLab: gittoken.KindGranular,
		gittoken.BitbucketServer: "", gittoken.BitbucketCloud: "",
	} {
		got, ok := requirement(p, gittoken.Runtime, gittoken.KindUnknown).FineGrained()
		if got.Kind != want || ok != (want != "") {
			t.Errorf("%s: %s", p, got.Kind)
		}

		if ok && (got.Type != gittoken.Runtime || got.Unfit || len(got.Scopes) == 0) {
			t.Errorf("%s: %+v", p, got)
		}
	}
}

// TestTokensBehindWhichNobodyStands covers Bitbucket Data Center's project and repository tokens, which only their
// owner's name tells from a person's.
func TestTokensBehindWhichNobodyStands(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		owner string
		use   gittoken.Type
		want  gittoken.Status
	}{
		{"access-token-user/1/7", gittoken.Runtime, gittoken.StatusUnderScoped},
		{"access-token-user/2/11754", gittoken.Runtime, gittoken.StatusUnderScoped},
		{"access-token-user/2/11754", gittoken.User, gittoken.StatusValid},
		{"ci-bot", gittoken.Runtime, gittoken.StatusValid},
		{"access-token-user", gittoken.Runtime, gittoken.StatusValid},
		{"", gittoken.Runtime, gittoken.StatusValid},
	} {
		v := told("PROJECT_ADMIN REPO_ADMIN")
		v.Owner = tt.owner

		row := requirement(gittoken.BitbucketServer, tt.use, gittoken.KindHTTPAccess)
		j := gittoken.Judge(v, row, nil, gittoken.Memory{}, now)

		unfit := tt.want == gittoken.StatusUnderScoped
		if j.Status != tt.want || j.Requirement.Unfit != unfit {
			t.Errorf("%q as %s token: %s, unfit %t", tt.owner, tt.use, j.Status, j.Requirement.Unfit)
		}

		if unfit && (j.Requirement.Reason != gittoken.UnfitNoPerson || j.Requirement.Source == row.Source) {
			t.Errorf("%q is unfit for %q by %q", tt.owner, j.Requirement.Reason, j.Requirement.Source)
		}

		// A person can make such a token: the one to make instead is of the same kind.
		if made, ok := j.Requirement.Replacement(); !ok || made.Unfit || made.Kind != gittoken.KindHTTPAccess {
			t.Errorf("instead of that of %q make a %+v", tt.owner, made)
		}
	}
}

func TestScopesThatOnlyTheValidatorAsksFor(t *testing.T) {
	t.Parallel()

	for _, r := range gittoken.Requirements() {
		want := ""

		switch {
		case r.Kind == gittoken.KindAPIToken && r.Type == gittoken.Runtime:
			want = "read:project:bitbucket admin:project:bitbucket"
		case r.Kind == gittoken.KindAPIToken:
			want = "read:project:bitbucket"
		case r.Kind == gittoken.KindGranular && r.Type == gittoken.Runtime:
			want = "create_project"
		}

		if diff := cmp.Diff(scopes(want), r.ValidatorOnly); diff != "" {
			t.Errorf("%s %s %s (-want +got):\n%s", r.Provider, r.Type, r.Kind, diff)
		}

		for _, s := range r.ValidatorOnly {
			if !slices.Contains(r.Scopes, s) {
				t.Errorf("%s %s %s does not require %s", r.Provider, r.Type, r.Kind, s)
			}
		}

		if own := r.Override(r.Scopes); own.ValidatorOnly != nil {
			t.Errorf("the user's own scopes are the validator's: %v", own.ValidatorOnly)
		}
	}
}

func TestUsernameForm(t *testing.T) {
	t.Parallel()

	forms := map[gittoken.Kind]gittoken.UsernameForm{
		gittoken.KindAPIToken: gittoken.UsernameEmail, gittoken.KindAppPassword: gittoken.UsernameName,
	}

	for _, r := range gittoken.Requirements() {
		if got := r.Kind.UsernameForm(); got != forms[r.Kind] {
			t.Errorf("%s is sent with %q", r.Kind, got)
		}
	}

	for _, tt := range []struct {
		form gittoken.UsernameForm
		name string
		fits bool
	}{
		{gittoken.UsernameEmail, "ci@acme.io", true},
		{gittoken.UsernameEmail, "ci-bot", false},
		{gittoken.UsernameEmail, "", false},
		{gittoken.UsernameName, "ci-bot", true},
		{gittoken.NoUsername, "anybody", true},
	} {
		if got := tt.form.Fits(tt.name); got != tt.fits {
			t.Errorf("%q as %q fits: %t", tt.name, tt.form, got)
		}
	}
}

func TestEndedKinds(t *testing.T) {
	t.Parallel()

	for _, r := range gittoken.Requirements() {
		date, ended := r.Kind.Ended()
		if ended != (r.Kind == gittoken.KindAppPassword) || ended && date != "2026-07-28" {
			t.Errorf("%s ended on %q", r.Kind, date)
		}
	}
}

func TestDoubtfulHosts(t *testing.T) {
	t.Parallel()

	for address, doubtful := range map[string]bool{
		"https://api.acme.ghe.com":   true,
		"https://acme.ghe.com":       true,
		"https://api.github.com":     false,
		"https://ghe.corp/api/v3":    false,
		"https://ghe.com.corp":       false,
		"https://ghe.com.corp/a/v3/": false,
	} {
		if got := host(t, gittoken.GitHub, address).IsDoubtful(); got != doubtful {
			t.Errorf("%s is doubtful: %t", address, got)
		}
	}

	if (gittoken.Host{}).IsDoubtful() || host(t, gittoken.GitLab, "https://acme.ghe.com").IsDoubtful() {
		t.Error("a host that is not GitHub's is doubtful")
	}
}
