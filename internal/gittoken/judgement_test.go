package gittoken_test

import (
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

var now = time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

func requirement(p gittoken.Provider, use gittoken.Type, k gittoken.Kind) gittoken.Requirement {
	return gittoken.RequirementFor(p, use, k)
}

func told(list string) gittoken.Verdict {
	return gittoken.Verdict{Standing: gittoken.Live, Scopes: scopes(list), ScopesKnown: true}
}

// TestJudgeStanding covers every standing, with every memory that could matter.
func TestJudgeStanding(t *testing.T) {
	t.Parallel()

	past, future := now.Add(-time.Hour), now.Add(time.Hour)

	for _, test := range []struct {
		name     string
		standing gittoken.Standing
		memory   gittoken.Memory
		want     gittoken.Status
	}{
		{"expired", gittoken.Expired, gittoken.Memory{}, gittoken.StatusExpired},
		{"expired though it was to last", gittoken.Expired, gittoken.Memory{ExpiresAt: future}, gittoken.StatusExpired},
		{"revoked", gittoken.Revoked, gittoken.Memory{}, gittoken.StatusRevoked},
		{"revoked, and past its expiry", gittoken.Revoked, gittoken.Memory{ExpiresAt: past}, gittoken.StatusRevoked},
		{"blocked", gittoken.Blocked, gittoken.Memory{Accepted: true, ExpiresAt: past}, gittoken.StatusBlocked},
		{"rejected, never seen", gittoken.Rejected, gittoken.Memory{}, gittoken.StatusInvalid},
		{
			"rejected, never seen, to last", gittoken.Rejected,
			gittoken.Memory{ExpiresAt: future},
			gittoken.StatusInvalid,
		},
		{"rejected, once accepted", gittoken.Rejected, gittoken.Memory{Accepted: true}, gittoken.StatusRevoked},
		{
			"rejected, once accepted, to last", gittoken.Rejected,
			gittoken.Memory{Accepted: true, ExpiresAt: future},
			gittoken.StatusRevoked,
		},
		{
			"rejected, past its expiry", gittoken.Rejected,
			gittoken.Memory{Accepted: true, ExpiresAt: past},
			gittoken.StatusExpired,
		},
		{"rejected, past a hint", gittoken.Rejected, gittoken.Memory{ExpiresAt: past}, gittoken.StatusExpired},
		{"rejected at its expiry", gittoken.Rejected, gittoken.Memory{ExpiresAt: now}, gittoken.StatusExpired},
		{"unchecked", gittoken.Unchecked, gittoken.Memory{Accepted: true, ExpiresAt: past}, gittoken.StatusUnchecked},
		{"a standing that does not exist", "dozing", gittoken.Memory{Accepted: true}, gittoken.StatusUnchecked},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			v := gittoken.Verdict{Standing: test.standing, Detail: "said so"}
			r := requirement(gittoken.GitHub, gittoken.Runtime, gittoken.KindClassic)
			answers := []gittoken.ProbeResult{{Probe: gittoken.Probe{Repository: "r", Access: gittoken.Read}}}
			got := gittoken.Judge(v, r, answers, test.memory, now)

			// Nothing is known of the scopes of a token that could not be asked.
			want := gittoken.Judgement{Status: test.want, Verdict: v, Requirement: r}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestJudgeLiveTokenPastItsExpiry(t *testing.T) {
	t.Parallel()

	v := told("repo")
	v.ExpiresAt = now.Add(-time.Hour)

	got := gittoken.Judge(v, requirement(gittoken.GitHub, gittoken.User, gittoken.KindClassic), nil,
		gittoken.Memory{ExpiresAt: now.Add(-time.Hour)}, now)
	if got.Status != gittoken.StatusValid {
		t.Errorf("a token that its host accepts is %s", got.Status)
	}
}

func TestJudgeBlockedTokenTellsItsScopes(t *testing.T) {
	t.Parallel()

	v := told("repo")
	v.Standing, v.Cause = gittoken.Blocked, gittoken.CauseSSO

	r := requirement(gittoken.GitHub, gittoken.Runtime, gittoken.KindClassic)
	got := gittoken.Judge(v, r, nil, gittoken.Memory{}, now)

	if got.Status != gittoken.StatusBlocked {
		t.Errorf("status %s", got.Status)
	}

	if diff := cmp.Diff(scopes("admin:repo_hook"), got.Missing); diff != "" {
		t.Error(diff)
	}
}

// A token that one repository refuses for its kind or for want of a single sign-on is not what Codefresh can use there.
func TestJudgeBlockedAtARepository(t *testing.T) {
	t.Parallel()

	for cause, want := range map[gittoken.Cause]gittoken.Status{
		gittoken.CauseSSO:             gittoken.StatusBlocked,
		gittoken.CausePolicy:          gittoken.StatusBlocked,
		gittoken.CauseFineGrainedOnly: gittoken.StatusBlocked,
		"":                            gittoken.StatusUnderScoped,
	} {
		v := told("repo")
		v.Kind = gittoken.KindClassic

		refused := gittoken.ProbeBlocked(cause, "no", "https://github.com/orgs/acme/sso").
			Of(gittoken.Probe{Repository: "https://github.com/acme/gitops", Access: gittoken.Write})
		r := requirement(gittoken.GitHub, gittoken.User, gittoken.KindClassic)

		j := gittoken.Judge(v, r, []gittoken.ProbeResult{refused}, gittoken.Memory{}, now)
		if j.Status != want {
			t.Errorf("refused for %q: %s, want %s", cause, j.Status, want)
		}

		blocked := want == gittoken.StatusBlocked
		if (j.Verdict.Cause == cause) != blocked && cause != "" || (j.Verdict.HelpURL == refused.HelpURL) != blocked {
			t.Errorf("refused for %q: the verdict says %q and %q", cause, j.Verdict.Cause, j.Verdict.HelpURL)
		}

		if j.Verdict.Kind != gittoken.KindClassic || len(j.Missing) > 0 {
			t.Errorf("refused for %q: %+v", cause, j)
		}
	}
}

// TestJudgeScopes covers tokens whose host tells their scopes.
func TestJudgeScopes(t *testing.T) {
	t.Parallel()

	const (
		hub   = gittoken.GitHub
		lab   = gittoken.GitLab
		stash = gittoken.BitbucketServer
		cloud = gittoken.BitbucketCloud

		apiUser = "read:user:bitbucket read:workspace:bitbucket read:project:bitbucket read:repository:bitbucket " +
			"write:repository:bitbucket"
	)

	for _, test := range []struct {
		provider gittoken.Provider
		use      gittoken.Type
		kind     gittoken.Kind
		granted  string
		missing  string
		excess   string
	}{
		{hub, gittoken.Runtime, gittoken.KindClassic, "repo admin:repo_hook", "", ""},
		{hub, gittoken.Runtime, gittoken.KindClassic, "admin:repo_hook repo user:email", "", ""},
		{hub, gittoken.Runtime, gittoken.KindOAuth, "repo write:repo_hook", "admin:repo_hook", ""},
		{hub, gittoken.Runtime, gittoken.KindClassic, "repo admin:repo_hook user", "", "user"},
		{hub, gittoken.Runtime, gittoken.KindClassic, "repo", "admin:repo_hook", ""},
		{hub, gittoken.Runtime, gittoken.KindClassic, "public_repo", "repo admin:repo_hook", ""},
		{hub, gittoken.Runtime, gittoken.KindClassic, "", "repo admin:repo_hook", ""},
		{hub, gittoken.Runtime, gittoken.KindClassic, "gist repo new_scope admin:repo_hook", "", "gist new_scope"},
		{hub, gittoken.User, gittoken.KindClassic, "repo", "", ""},
		{hub, gittoken.User, gittoken.KindClassic, "repo user:email read:repo_hook", "", "user:email read:repo_hook"},

		{lab, gittoken.Runtime, gittoken.KindPersonal, "api", "", ""},
		{lab, gittoken.Runtime, gittoken.KindGroup, "api read_repository", "", ""},
		{lab, gittoken.Runtime, gittoken.KindPersonal, "read_api read_repository", "api", ""},
		{lab, gittoken.Runtime, gittoken.KindPersonal, "api sudo", "", "sudo"},
		{lab, gittoken.User, gittoken.KindPersonal, "write_repository read_api", "", ""},
		{lab, gittoken.User, gittoken.KindPersonal, "read_user write_repository read_api", "", ""},
		{lab, gittoken.User, gittoken.KindProject, "api", "", "api"},
		{lab, gittoken.User, gittoken.KindPersonal, "read_repository read_api", "write_repository", ""},
		{lab, gittoken.User, gittoken.KindPersonal, "write_repository", "read_api", ""},
		{lab, gittoken.User, gittoken.KindPersonal, "self_rotate", "write_repository read_api", "self_rotate"},

		{stash, gittoken.Runtime, gittoken.KindHTTPAccess, "PROJECT_ADMIN", "", ""},
		{stash, gittoken.Runtime, gittoken.KindHTTPAccess, "PROJECT_ADMIN REPO_ADMIN", "", ""},
		{stash, gittoken.Runtime, gittoken.KindHTTPAccess, "PROJECT_READ REPO_WRITE", "PROJECT_ADMIN", ""},
		{stash, gittoken.Runtime, gittoken.KindHTTPAccess, "PROJECT_READ", "PROJECT_ADMIN REPO_WRITE", ""},
		{stash, gittoken.User, gittoken.KindHTTPAccess, "PROJECT_READ REPO_ADMIN", "", "REPO_ADMIN"},
		{stash, gittoken.User, gittoken.KindHTTPAccess, "PROJECT_WRITE", "", "PROJECT_WRITE"},
		{stash, gittoken.User, gittoken.KindHTTPAccess, "REPO_WRITE", "PROJECT_READ", ""},

		{cloud, gittoken.User, gittoken.KindAPIToken, apiUser, "", ""},
		{
			cloud, gittoken.User, gittoken.KindAPIToken, "write:repository:bitbucket admin:repository:bitbucket",
			"read:user:bitbucket read:workspace:bitbucket read:project:bitbucket read:repository:bitbucket",
			"admin:repository:bitbucket",
		},
		{
			cloud, gittoken.User, gittoken.KindAPIToken,
			"read:user:bitbucket read:workspace:bitbucket read:repository:bitbucket write:repository:bitbucket",
			"read:project:bitbucket", "",
		},
		{
			cloud, gittoken.Runtime, gittoken.KindAppPassword,
			"account team:write pullrequest:write repository:admin webhook", "", "team:write pullrequest:write",
		},
		{
			cloud, gittoken.Runtime, gittoken.KindAppPassword, "account team webhook repository:admin",
			"repository:write", "",
		},
		{
			cloud, gittoken.User, gittoken.KindAppPassword,
			"account email team repository repository:write repository:admin", "", "",
		},
	} {
		t.Run(string(test.provider)+" "+string(test.use)+" "+test.granted, func(t *testing.T) {
			t.Parallel()

			v, r := told(test.granted), requirement(test.provider, test.use, test.kind)
			want := gittoken.Judgement{
				Status: gittoken.StatusValid, Verdict: v, Requirement: r,
				Granted: scopes(test.granted), Missing: scopes(test.missing), Excess: scopes(test.excess),
			}

			if test.missing != "" {
				want.Status = gittoken.StatusUnderScoped
			}

			if diff := cmp.Diff(want, gittoken.Judge(v, r, nil, gittoken.Memory{}, now)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

func TestJudgeUnfitKinds(t *testing.T) {
	t.Parallel()

	for _, r := range []gittoken.Requirement{
		requirement(gittoken.GitLab, gittoken.Runtime, gittoken.KindProject),
		requirement("gitea", gittoken.User, gittoken.KindUnknown),
	} {
		got := gittoken.Judge(told("api"), r, nil, gittoken.Memory{}, now)
		if got.Status != gittoken.StatusUnderScoped {
			t.Errorf("%s %s is %s", r.Provider, r.Kind, got.Status)
		}
	}

	app := requirement(gittoken.GitHub, gittoken.Runtime, gittoken.KindAppInstallation)

	got := gittoken.Judge(gittoken.Verdict{Standing: gittoken.Live}, app, nil, gittoken.Memory{}, now)
	if got.Status != gittoken.StatusUnderScoped {
		t.Errorf("an installation token is %s", got.Status)
	}
}

func TestJudgeOwnScopes(t *testing.T) {
	t.Parallel()

	r := requirement(gittoken.GitHub, gittoken.Runtime, gittoken.KindClassic)

	got := gittoken.Judge(told("public_repo gist"), r.Override(scopes("public_repo")), nil, gittoken.Memory{}, now)
	if got.Status != gittoken.StatusValid || !cmp.Equal(got.Excess, scopes("gist")) {
		t.Errorf("%+v", got)
	}

	got = gittoken.Judge(told("public_repo"), r.Override(scopes("workflow public_repo")), nil, gittoken.Memory{}, now)
	if got.Status != gittoken.StatusUnderScoped || !cmp.Equal(got.Missing, scopes("workflow")) {
		t.Errorf("%+v", got)
	}

	got = gittoken.Judge(told(""), r.Override(nil), nil, gittoken.Memory{}, now)
	if got.Status != gittoken.StatusValid {
		t.Errorf("a live token of which nothing is required is %s", got.Status)
	}
}

func answered(
	repository string, access gittoken.Access, permission gittoken.Scope, o gittoken.Outcome,
) gittoken.ProbeResult {
	return gittoken.ProbeResult{
		Probe:   gittoken.Probe{Repository: repository, Access: access, Permission: permission},
		Outcome: o,
	}
}

// TestJudgeAccess covers repositories that are asked for with a token whose host tells its scopes.
func TestJudgeAccess(t *testing.T) {
	t.Parallel()

	read := func(o gittoken.Outcome) gittoken.ProbeResult { return answered("a", gittoken.Read, "", o) }
	write := func(o gittoken.Outcome) gittoken.ProbeResult { return answered("a", gittoken.Write, "", o) }
	elsewhere := func(o gittoken.Outcome) gittoken.ProbeResult { return answered("b", gittoken.Admin, "", o) }

	for _, test := range []struct {
		name      string
		granted   string
		answers   []gittoken.ProbeResult
		status    gittoken.Status
		refused   []gittoken.ProbeResult
		undecided []gittoken.ProbeResult
	}{
		{"proven", "repo", []gittoken.ProbeResult{write(gittoken.Proven)}, gittoken.StatusValid, nil, nil},
		{
			"denied", "repo",
			[]gittoken.ProbeResult{read(gittoken.Proven), write(gittoken.Denied)},
			gittoken.StatusUnderScoped,
			[]gittoken.ProbeResult{write(gittoken.Denied)},
			nil,
		},
		{
			"no answer", "repo",
			[]gittoken.ProbeResult{write(gittoken.Undetermined)},
			gittoken.StatusUnproven, nil,
			[]gittoken.ProbeResult{write(gittoken.Undetermined)},
		},
		{
			"an outcome that does not exist", "repo",
			[]gittoken.ProbeResult{write("maybe")},
			gittoken.StatusUnproven, nil,
			[]gittoken.ProbeResult{write("maybe")},
		},
		{
			"no answer, but a wider proof", "repo",
			[]gittoken.ProbeResult{read(gittoken.Undetermined), write(gittoken.Proven)},
			gittoken.StatusValid, nil, nil,
		},
		{
			"no answer, and a narrower proof", "repo",
			[]gittoken.ProbeResult{read(gittoken.Proven), write(gittoken.Undetermined)},
			gittoken.StatusUnproven, nil,
			[]gittoken.ProbeResult{write(gittoken.Undetermined)},
		},
		{
			"no answer, and a proof elsewhere", "repo",
			[]gittoken.ProbeResult{write(gittoken.Undetermined), elsewhere(gittoken.Proven)},
			gittoken.StatusUnproven, nil,
			[]gittoken.ProbeResult{write(gittoken.Undetermined)},
		},
		{
			"denied here, no answer there", "repo",
			[]gittoken.ProbeResult{elsewhere(gittoken.Undetermined), write(gittoken.Denied)},
			gittoken.StatusUnderScoped,
			[]gittoken.ProbeResult{write(gittoken.Denied)},
			[]gittoken.ProbeResult{elsewhere(gittoken.Undetermined)},
		},
		{
			"proven, but a scope is missing", "gist",
			[]gittoken.ProbeResult{write(gittoken.Proven)},
			gittoken.StatusUnderScoped, nil, nil,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			r := requirement(gittoken.GitHub, gittoken.User, gittoken.KindClassic)
			got := gittoken.Judge(told(test.granted), r, test.answers, gittoken.Memory{}, now)

			if got.Status != test.status {
				t.Errorf("status %s, want %s", got.Status, test.status)
			}

			if diff := cmp.Diff(test.refused, got.Refused); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff(test.undecided, got.Undecided); diff != "" {
				t.Errorf("undecided (-want +got):\n%s", diff)
			}
		})
	}
}

// TestJudgePermissions covers tokens whose permissions can only be tried. Answers are written as "repository permission
// outcome", with + for proven, - for denied and ? for no answer.
func TestJudgePermissions(t *testing.T) {
	t.Parallel()

	const userRow = "contents:write metadata:read"

	for _, test := range []struct {
		name      string
		use       gittoken.Type
		answers   [][3]string
		status    gittoken.Status
		granted   string
		missing   string
		unproven  string
		refused   int
		undecided int
	}{
		{"nothing tried", gittoken.User, nil, gittoken.StatusUnproven, "", "", userRow, 0, 0},
		{
			"all proven", gittoken.User,
			[][3]string{{"a", "contents:write", "+"}, {"a", "metadata:read", "+"}},
			gittoken.StatusValid, userRow, "", "", 0, 0,
		},
		{
			"metadata comes with any other permission", gittoken.User,
			[][3]string{{"a", "metadata:read", "?"}, {"a", "contents:write", "+"}},
			gittoken.StatusValid, "contents:write", "", "", 0, 0,
		},
		{
			"reading is not writing", gittoken.User,
			[][3]string{{"a", "metadata:read", "+"}, {"a", "contents:read", "+"}},
			gittoken.StatusUnproven, "metadata:read contents:read", "", "contents:write", 0, 0,
		},
		{
			"a proof of writing is one of reading", gittoken.User,
			[][3]string{{"a", "contents:read", "?"}, {"a", "contents:write", "+"}},
			gittoken.StatusValid, "contents:write", "", "", 0, 0,
		},
		{
			"writing denied", gittoken.User,
			[][3]string{{"a", "contents:read", "+"}, {"a", "contents:write", "-"}},
			gittoken.StatusUnderScoped, "contents:read", "contents:write", "", 1, 0,
		},
		{
			"reading denied, so writing too", gittoken.User,
			[][3]string{{"a", "metadata:read", "+"}, {"a", "contents:read", "-"}},
			gittoken.StatusUnderScoped, "metadata:read", "contents:write", "", 1, 0,
		},
		{
			"proven here, denied there", gittoken.User,
			[][3]string{{"a", "contents:write", "+"}, {"b", "contents:write", "-"}},
			gittoken.StatusUnderScoped, "", "contents:write", "", 1, 0,
		},
		{
			"proven here, no answer there", gittoken.User,
			[][3]string{{"a", "contents:write", "+"}, {"b", "contents:write", "?"}, {"b", "metadata:read", "+"}},
			gittoken.StatusUnproven, "contents:write metadata:read", "", "", 0, 1,
		},
		{
			"proven at both", gittoken.User,
			[][3]string{{"a", "contents:write", "+"}, {"b", "contents:write", "+"}},
			gittoken.StatusValid, "contents:write", "", "", 0, 0,
		},
		{
			"something else denied", gittoken.User,
			[][3]string{{"a", "contents:write", "+"}, {"a", "administration:write", "-"}},
			gittoken.StatusUnderScoped, "contents:write", "", "", 1, 0,
		},
		{
			"a runtime, in table order", gittoken.Runtime,
			[][3]string{
				{"a", "webhooks:write", "-"},
				{"a", "contents:write", "+"},
				{"a", "statuses:write", "?"},
				{"a", "administration:write", "-"},
			},
			gittoken.StatusUnderScoped, "contents:write", "administration:write webhooks:write",
			"statuses:write pull_requests:write", 2, 1,
		},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel()

			outcomes := map[string]gittoken.Outcome{
				"+": gittoken.Proven, "-": gittoken.Denied, "?": gittoken.Undetermined,
			}

			var answers []gittoken.ProbeResult
			for _, a := range test.answers {
				answers = append(answers, answered(a[0], "", gittoken.Scope(a[1]), outcomes[a[2]]))
			}

			r := requirement(gittoken.GitHub, test.use, gittoken.KindFineGrained)
			got := gittoken.Judge(gittoken.Verdict{Standing: gittoken.Live}, r, answers, gittoken.Memory{}, now)

			if got.Status != test.status {
				t.Errorf("status %s, want %s", got.Status, test.status)
			}

			for what, lists := range map[string][2][]gittoken.Scope{
				"granted":  {scopes(test.granted), got.Granted},
				"missing":  {scopes(test.missing), got.Missing},
				"unproven": {scopes(test.unproven), got.Unproven},
				"excess":   {nil, got.Excess},
			} {
				if diff := cmp.Diff(lists[0], lists[1]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", what, diff)
				}
			}

			if len(got.Refused) != test.refused || len(got.Undecided) != test.undecided {
				t.Errorf("refused %v, undecided %v", got.Refused, got.Undecided)
			}
		})
	}
}

// TestJudgeRefusedRepository refuses a repository as a whole to a token whose permissions are tried there. That proves
// nothing of the permissions, and is said once.
func TestJudgeRefusedRepository(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		cause   gittoken.Cause
		status  gittoken.Status
		missing bool
		refused int // how many of the answers are told apart
	}{
		{gittoken.CauseHidden, gittoken.StatusUnderScoped, false, 1},
		{gittoken.CauseSSO, gittoken.StatusBlocked, false, 1},
		{gittoken.CausePolicy, gittoken.StatusBlocked, false, 1},
		{gittoken.CauseFineGrainedOnly, gittoken.StatusBlocked, false, 1},
		{gittoken.CauseRole, gittoken.StatusUnderScoped, false, 6},
		{gittoken.CauseNotGranted, gittoken.StatusUnderScoped, true, 6},
	} {
		t.Run(string(test.cause), func(t *testing.T) {
			t.Parallel()

			r := requirement(gittoken.GitHub, gittoken.Runtime, gittoken.KindFineGrained)

			var answers []gittoken.ProbeResult

			for _, s := range r.Scopes {
				answers = append(answers, gittoken.ProbeDenied(test.cause, "no").Of(
					gittoken.Probe{Repository: "a", Permission: s}))
			}

			v := gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindFineGrained}

			got := gittoken.Judge(v, r, answers, gittoken.Memory{}, now)
			if got.Status != test.status {
				t.Errorf("status %s, want %s", got.Status, test.status)
			}

			missing, unproven := []gittoken.Scope(nil), r.Scopes
			if test.missing {
				missing, unproven = unproven, missing
			}

			if diff := cmp.Diff(missing, got.Missing); diff != "" {
				t.Errorf("missing (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff(unproven, got.Unproven); diff != "" {
				t.Errorf("unproven (-want +got):\n%s", diff)
			}

			if diff := cmp.Diff(answers[:test.refused], got.Refused); diff != "" {
				t.Errorf("refused (-want +got):\n%s", diff)
			}
		})
	}
}

// TestJudgeProvedAtARepository settles by probes what a host leaves open: what a push proves the token holds.
func TestJudgeProvedAtARepository(t *testing.T) {
	t.Parallel()

	scopes := func(names ...gittoken.Scope) []gittoken.Scope { return names }
	open := gittoken.Verdict{
		Standing: gittoken.Live, Kind: gittoken.KindHTTPAccess, ScopesKnown: true,
		Scopes: scopes("PROJECT_READ", "REPO_READ"), Unsettled: scopes("REPO_WRITE", "REPO_ADMIN", "PROJECT_WRITE"),
	}
	granular := gittoken.Verdict{Standing: gittoken.Live, Kind: gittoken.KindGranular}

	for name, test := range map[string]struct {
		verdict  gittoken.Verdict
		provider gittoken.Provider
		answers  []gittoken.ProbeResult
		status   gittoken.Status
		unproven []gittoken.Scope
	}{
		"nothing asked": {open, gittoken.BitbucketServer, nil, gittoken.StatusUnproven, scopes("REPO_WRITE")},
		"pushes": {
			open, gittoken.BitbucketServer,
			[]gittoken.ProbeResult{answered("a", gittoken.Write, "", gittoken.Proven)},
			gittoken.StatusValid, nil,
		},
		"administers": {
			open, gittoken.BitbucketServer,
			[]gittoken.ProbeResult{answered("a", gittoken.Admin, "", gittoken.Proven)},
			gittoken.StatusValid, nil,
		},
		"reads only": {
			open, gittoken.BitbucketServer,
			[]gittoken.ProbeResult{answered("a", gittoken.Read, "", gittoken.Proven)},
			gittoken.StatusUnproven, scopes("REPO_WRITE"),
		},
		"pushes to one, and is refused by another": {
			open, gittoken.BitbucketServer,
			[]gittoken.ProbeResult{
				answered("a", gittoken.Write, "", gittoken.Proven), answered("b", gittoken.Write, "", gittoken.Denied),
			},
			gittoken.StatusUnderScoped, nil,
		},
		"granular, pulls and pushes": {
			granular, gittoken.GitLab,
			[]gittoken.ProbeResult{
				answered("a", gittoken.Read, "", gittoken.Proven), answered("a", gittoken.Write, "", gittoken.Proven),
			},
			gittoken.StatusUnproven, scopes("read_project", "read_user"),
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			r := requirement(test.provider, gittoken.User, test.verdict.Kind)

			got := gittoken.Judge(test.verdict, r, test.answers, gittoken.Memory{}, now)
			if got.Status != test.status {
				t.Errorf("status %s, want %s", got.Status, test.status)
			}

			if diff := cmp.Diff(test.unproven, got.Unproven); diff != "" {
				t.Errorf("unproven (-want +got):\n%s", diff)
			}
		})
	}
}

func TestJudgeTokensOfWhichNothingIsTold(t *testing.T) {
	t.Parallel()

	for _, r := range []gittoken.Requirement{
		requirement(gittoken.GitLab, gittoken.Runtime, gittoken.KindGranular),
		requirement(gittoken.GitHub, gittoken.Runtime, gittoken.KindUnknown),
	} {
		proof := []gittoken.ProbeResult{answered("a", gittoken.Admin, "", gittoken.Proven)}

		got := gittoken.Judge(gittoken.Verdict{Standing: gittoken.Live}, r, proof, gittoken.Memory{}, now)
		if got.Status != gittoken.StatusUnproven {
			t.Errorf("%s %s is %s", r.Provider, r.Kind, got.Status)
		}

		if diff := cmp.Diff(r.Scopes, got.Unproven); diff != "" {
			t.Error(diff)
		}

		denial := []gittoken.ProbeResult{answered("a", gittoken.Read, "", gittoken.Denied)}

		got = gittoken.Judge(gittoken.Verdict{Standing: gittoken.Live}, r, denial, gittoken.Memory{}, now)
		if got.Status != gittoken.StatusUnderScoped {
			t.Errorf("%s %s, denied, is %s", r.Provider, r.Kind, got.Status)
		}
	}
}

func TestJudgeKeepsTheVerdictApart(t *testing.T) {
	t.Parallel()

	v := told("repo")
	r := requirement(gittoken.GitHub, gittoken.User, gittoken.KindClassic)
	got := gittoken.Judge(v, r, nil, gittoken.Memory{}, now)
	got.Granted[0] = "spoiled"

	if v.Scopes[0] != "repo" {
		t.Error("the judgement shares its lists with the verdict")
	}
}

// TestJudgeUnsettledScopes covers hosts that tell some of a token's scopes and leave others open.
func TestJudgeUnsettledScopes(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		use       gittoken.Type
		override  string // in place of the table's row
		granted   string
		unsettled string
		missing   string
		unproven  string
		status    gittoken.Status
	}{
		"nothing open": {
			use: gittoken.User, granted: "PROJECT_READ REPO_READ", missing: "REPO_WRITE",
			status: gittoken.StatusUnderScoped,
		},
		"open itself": {
			use: gittoken.User, granted: "PROJECT_READ REPO_READ", unsettled: "REPO_WRITE", unproven: "REPO_WRITE",
			status: gittoken.StatusUnproven,
		},
		"granted by what is open": {
			use: gittoken.User, granted: "REPO_READ", unsettled: "PROJECT_WRITE", unproven: "PROJECT_READ REPO_WRITE",
			status: gittoken.StatusUnproven,
		},
		"wider than what is open": {
			use: gittoken.User, override: "REPO_ADMIN", granted: "REPO_READ", unsettled: "REPO_WRITE",
			missing: "REPO_ADMIN", status: gittoken.StatusUnderScoped,
		},
		"open, and another one missing": {
			use: gittoken.Runtime, granted: "PROJECT_READ", unsettled: "REPO_WRITE",
			missing: "PROJECT_ADMIN", unproven: "REPO_WRITE", status: gittoken.StatusUnderScoped,
		},
		"held, whatever is open": {
			use: gittoken.Runtime, granted: "PROJECT_ADMIN", unsettled: "REPO_WRITE SYS_ADMIN",
			status: gittoken.StatusValid,
		},
		"no scope of this host": {
			use: gittoken.User, granted: "PROJECT_READ", unsettled: "repo", missing: "REPO_WRITE",
			status: gittoken.StatusUnderScoped,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			v, r := told(test.granted), requirement(gittoken.BitbucketServer, test.use, gittoken.KindHTTPAccess)
			v.Unsettled = scopes(test.unsettled)

			if test.override != "" {
				r = r.Override(scopes(test.override))
			}

			want := gittoken.Judgement{
				Status: test.status, Verdict: v, Requirement: r, Granted: scopes(test.granted),
				Missing: scopes(test.missing), Unproven: scopes(test.unproven),
			}

			if diff := cmp.Diff(want, gittoken.Judge(v, r, nil, gittoken.Memory{}, now)); diff != "" {
				t.Errorf("-want +got:\n%s", diff)
			}
		})
	}
}

// What a verdict leaves open says nothing as long as it does not know the scopes at all.
func TestJudgeUnsettledWithoutScopes(t *testing.T) {
	t.Parallel()

	v := gittoken.Verdict{Standing: gittoken.Live, Unsettled: scopes("REPO_WRITE")}
	r := requirement(gittoken.BitbucketServer, gittoken.User, gittoken.KindHTTPAccess)

	got := gittoken.Judge(v, r, nil, gittoken.Memory{}, now)
	if diff := cmp.Diff(r.Scopes, got.Unproven); diff != "" || got.Missing != nil {
		t.Errorf("unproven (-want +got):\n%s", diff)
	}
}

// TestJudgeAddressesThatAreKeptOut: an IP allow list that keeps this machine out of a repository that the user named
// proves nothing of the token; at one that Codefresh uses it is a rule to look after before a runtime works there.
func TestJudgeAddressesThatAreKeptOut(t *testing.T) {
	t.Parallel()

	verdict := gittoken.Verdict{
		Standing: gittoken.Live, Kind: gittoken.KindClassic, ScopesKnown: true,
		Scopes: []gittoken.Scope{"repo", "admin:repo_hook"},
	}
	r := requirement(gittoken.GitHub, gittoken.Runtime, gittoken.KindClassic)

	for source, want := range map[gittoken.Source]gittoken.Status{
		gittoken.SourceConfiguration:       gittoken.StatusUnproven,
		gittoken.SourceSharedConfiguration: gittoken.StatusBlocked,
		gittoken.SourceGitSource:           gittoken.StatusBlocked,
	} {
		p := gittoken.Probe{Repository: "a", Access: gittoken.Read, Source: source}
		answer := gittoken.ProbeUndetermined(gittoken.CauseIPAllowList, "").Of(p)

		if got := gittoken.Judge(verdict, r, []gittoken.ProbeResult{answer}, gittoken.Memory{}, now); got.Status != want {
			t.Errorf("%q: %s, want %s", source, got.Status, want)
		}
	}
}

// TestJudgeWhatAnybodySees: a fine-grained token that Codefresh's repository refuses a permission was not chosen for it
// if anybody may read there, so that the refusal proves nothing of what it may do elsewhere.
func TestJudgeWhatAnybodySees(t *testing.T) {
	t.Parallel()

	r := requirement(gittoken.GitHub, gittoken.User, gittoken.KindFineGrained)

	for public, want := range map[bool]gittoken.Status{
		true: gittoken.StatusUnproven, false: gittoken.StatusUnderScoped,
	} {
		p := gittoken.Probe{Repository: "a", Permission: "contents:write", Source: gittoken.SourceGitSource}
		answer := gittoken.ProbeDenied(gittoken.CauseNotGranted, "").Of(p)
		answer.Public = public

		got := gittoken.Judge(gittoken.Verdict{Standing: gittoken.Live}, r, []gittoken.ProbeResult{answer},
			gittoken.Memory{}, now)
		if got.Status != want {
			t.Errorf("public %t: %s, want %s", public, got.Status, want)
		}
	}
}
