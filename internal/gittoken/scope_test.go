package gittoken_test

import (
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// vocabularies names one kind of token for each vocabulary.
func vocabularies() map[string]gittoken.Vocabulary {
	return map[string]gittoken.Vocabulary{
		"github scopes":          gittoken.VocabularyOf(gittoken.GitHub, gittoken.KindClassic),
		"github permissions":     gittoken.VocabularyOf(gittoken.GitHub, gittoken.KindFineGrained),
		"gitlab":                 gittoken.VocabularyOf(gittoken.GitLab, gittoken.KindPersonal),
		"gitlab permissions":     gittoken.VocabularyOf(gittoken.GitLab, gittoken.KindGranular),
		"bitbucket server":       gittoken.VocabularyOf(gittoken.BitbucketServer, gittoken.KindHTTPAccess),
		"bitbucket cloud":        gittoken.VocabularyOf(gittoken.BitbucketCloud, gittoken.KindAPIToken),
		"bitbucket cloud legacy": gittoken.VocabularyOf(gittoken.BitbucketCloud, gittoken.KindAccessToken),
	}
}

func TestVocabularyOf(t *testing.T) {
	t.Parallel()

	all := vocabularies()

	for _, test := range []struct {
		provider gittoken.Provider
		kind     gittoken.Kind
		want     string
	}{
		{gittoken.GitHub, gittoken.KindUnknown, "github scopes"},
		{gittoken.GitHub, gittoken.KindOAuth, "github scopes"},
		{gittoken.GitHub, gittoken.KindPersonal, "github scopes"},
		{gittoken.GitHub, gittoken.KindAppUser, "github permissions"},
		{gittoken.GitHub, gittoken.KindAppInstallation, "github permissions"},
		{gittoken.GitLab, gittoken.KindUnknown, "gitlab"},
		{gittoken.GitLab, gittoken.KindProject, "gitlab"},
		{gittoken.GitLab, gittoken.KindGroup, "gitlab"},
		{gittoken.GitLab, gittoken.KindOAuth, "gitlab"},
		{gittoken.GitLab, gittoken.KindGranular, "gitlab permissions"},
		{gittoken.BitbucketServer, gittoken.KindUnknown, "bitbucket server"},
		{gittoken.BitbucketCloud, gittoken.KindUnknown, "bitbucket cloud"},
		{gittoken.BitbucketCloud, gittoken.KindAppPassword, "bitbucket cloud legacy"},
	} {
		if got := gittoken.VocabularyOf(test.provider, test.kind); got != all[test.want] {
			t.Errorf("%s %s does not speak %s", test.provider, test.kind, test.want)
		}
	}

	if got := gittoken.VocabularyOf("gitea", gittoken.KindClassic); got != (gittoken.Vocabulary{}) {
		t.Errorf("an unknown provider speaks %v", got.Scopes())
	}
}

func TestZeroVocabulary(t *testing.T) {
	t.Parallel()

	var v gittoken.Vocabulary

	if v.Known("repo") || v.Scopes() != nil || v.Parse(" Repo ") != "Repo" {
		t.Error("the zero vocabulary knows words")
	}

	if diff := cmp.Diff(map[gittoken.Scope]bool{"repo": true}, v.Closure([]gittoken.Scope{"repo"})); diff != "" {
		t.Error(diff)
	}

	if diff := cmp.Diff([]gittoken.Scope{"repo"}, v.GrantedBy("repo")); diff != "" {
		t.Error(diff)
	}
}

// TestClosure lists, for scopes that imply others, all that they imply, as the hosts' documents have it.
func TestClosure(t *testing.T) {
	t.Parallel()

	for vocabulary, tests := range map[string]map[gittoken.Scope]string{
		"github scopes": {
			"repo":                      "repo:status repo_deployment public_repo repo:invite security_events",
			"admin:repo_hook":           "write:repo_hook read:repo_hook",
			"write:repo_hook":           "read:repo_hook",
			"admin:org":                 "write:org read:org manage_runners:org",
			"write:org":                 "read:org",
			"admin:public_key":          "write:public_key read:public_key",
			"write:public_key":          "read:public_key",
			"admin:gpg_key":             "write:gpg_key read:gpg_key",
			"write:gpg_key":             "read:gpg_key",
			"admin:ssh_signing_key":     "write:ssh_signing_key read:ssh_signing_key",
			"write:ssh_signing_key":     "read:ssh_signing_key",
			"user":                      "read:user user:email user:follow",
			"project":                   "read:project",
			"write:packages":            "read:packages",
			"write:discussion":          "read:discussion",
			"admin:enterprise":          "manage_runners:enterprise manage_billing:enterprise read:enterprise",
			"manage_billing:enterprise": "read:enterprise",
			"audit_log":                 "read:audit_log",
			"codespace":                 "codespace:secrets",
			"copilot":                   "manage_billing:copilot",
		},
		"gitlab": {
			"api":              "read_api read_user read_repository write_repository",
			"read_api":         "read_user",
			"write_repository": "read_repository",
		},
		"bitbucket server": {
			"SYS_ADMIN":     "ADMIN PROJECT_CREATE",
			"ADMIN":         "PROJECT_CREATE",
			"PROJECT_ADMIN": "REPO_CREATE PROJECT_WRITE PROJECT_READ PROJECT_VIEW REPO_ADMIN REPO_WRITE REPO_READ",
			"REPO_CREATE":   "PROJECT_WRITE PROJECT_READ PROJECT_VIEW REPO_WRITE REPO_READ",
			"PROJECT_WRITE": "PROJECT_READ PROJECT_VIEW REPO_WRITE REPO_READ",
			"PROJECT_READ":  "PROJECT_VIEW REPO_READ",
			"REPO_ADMIN":    "REPO_WRITE REPO_READ",
			"REPO_WRITE":    "REPO_READ",
		},
		"bitbucket cloud": {},
		"bitbucket cloud legacy": {
			"account":           "email",
			"account:write":     "account email",
			"team:write":        "team",
			"project":           "repository",
			"repository:write":  "repository",
			"pullrequest":       "repository",
			"pullrequest:write": "pullrequest repository:write repository",
			"issue:write":       "issue",
			"snippet:write":     "snippet",
			"pipeline:write":    "pipeline",
			"pipeline:variable": "pipeline:write pipeline",
			"runner:write":      "runner",
		},
	} {
		v := vocabularies()[vocabulary]

		for _, s := range v.Scopes() {
			want := map[gittoken.Scope]bool{s: true}
			for implied := range strings.FieldsSeq(tests[s]) {
				want[gittoken.Scope(implied)] = true
			}

			if diff := cmp.Diff(want, v.Closure([]gittoken.Scope{s})); diff != "" {
				t.Errorf("%s: %s implies (-want +got):\n%s", vocabulary, s, diff)
			}
		}

		for s := range tests {
			if !v.Known(s) {
				t.Errorf("%s has no %s", vocabulary, s)
			}
		}
	}
}

func TestPermissionLevels(t *testing.T) {
	t.Parallel()

	v := vocabularies()["github permissions"]
	levels := []string{"read", "write", "admin"}

	for _, s := range v.Scopes() {
		name, level, _ := strings.Cut(string(s), ":")
		want := map[gittoken.Scope]bool{}

		for _, l := range levels[:slices.Index(levels, level)+1] {
			if lower := gittoken.Scope(name + ":" + l); v.Known(lower) {
				want[lower] = true
			}
		}

		if diff := cmp.Diff(want, v.Closure([]gittoken.Scope{s})); diff != "" {
			t.Errorf("%s implies (-want +got):\n%s", s, diff)
		}
	}

	for s, want := range map[gittoken.Scope]bool{
		"contents:write": true, "metadata:read": true, "repository_projects:admin": true, "workflows:write": true,
		"metadata:write": false, "contents:admin": false, "workflows:read": false, "contents": false,
	} {
		if got := v.Known(s); got != want {
			t.Errorf("%s is known: %t", s, got)
		}
	}
}

// TestClosureProperties holds the closure to its definition, on random sets of scopes with strangers among them.
func TestClosureProperties(t *testing.T) {
	t.Parallel()

	for name, v := range vocabularies() {
		random := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // a fixed seed, for tests that can be repeated

		words := append(v.Scopes(), "stranger", "")

		for range 200 {
			var some, more []gittoken.Scope

			for range random.IntN(6) {
				some = append(some, words[random.IntN(len(words))])
			}

			more = append(slices.Clone(some), words[random.IntN(len(words))])

			closure := v.Closure(some)
			for _, s := range some {
				if !closure[s] {
					t.Fatalf("%s: the closure of %v lacks %s", name, some, s)
				}
			}

			if again := v.Closure(slices.Collect(maps.Keys(closure))); !maps.Equal(again, closure) {
				t.Fatalf("%s: the closure of %v is not closed", name, some)
			}

			larger := v.Closure(more)
			for s := range closure {
				if !larger[s] {
					t.Fatalf("%s: %v grants %s and %v does not", name, some, s, more)
				}
			}
		}

		for _, want := range words {
			var granters []gittoken.Scope

			for _, s := range words {
				if v.Closure([]gittoken.Scope{s})[want] {
					granters = append(granters, s)
				}
			}

			got := v.GrantedBy(want)
			if got[0] != want {
				t.Errorf("%s: %s is granted first by %s", name, want, got[0])
			}

			breadth := func(s gittoken.Scope) int { return len(v.Closure([]gittoken.Scope{s})) }

			if !slices.IsSortedFunc(got[1:], func(a, b gittoken.Scope) int { return breadth(a) - breadth(b) }) {
				t.Errorf("%s: %s is granted by %v, not by increasing breadth", name, want, got)
			}

			slices.Sort(granters)

			if diff := cmp.Diff(granters, slices.Sorted(slices.Values(got))); diff != "" {
				t.Errorf("%s: %s is granted by (-closure +GrantedBy):\n%s", name, want, diff)
			}
		}
	}
}

func TestGrantedBy(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		vocabulary string
		want       gittoken.Scope
		by         []gittoken.Scope
	}{
		{"github scopes", "repo", []gittoken.Scope{"repo"}},
		{"github scopes", "read:repo_hook", []gittoken.Scope{"read:repo_hook", "write:repo_hook", "admin:repo_hook"}},
		{"github permissions", "contents:read", []gittoken.Scope{"contents:read", "contents:write"}},
		{"github permissions", "metadata:read", []gittoken.Scope{"metadata:read"}},
		{"gitlab", "read_repository", []gittoken.Scope{"read_repository", "write_repository", "api"}},
		{"gitlab", "read_api", []gittoken.Scope{"read_api", "api"}},
		{
			"bitbucket server", "REPO_WRITE",
			[]gittoken.Scope{"REPO_WRITE", "REPO_ADMIN", "PROJECT_WRITE", "REPO_CREATE", "PROJECT_ADMIN"},
		},
		{"bitbucket cloud", "read:repository:bitbucket", []gittoken.Scope{"read:repository:bitbucket"}},
		{"bitbucket cloud legacy", "repository:write", []gittoken.Scope{"repository:write", "pullrequest:write"}},
	} {
		if diff := cmp.Diff(test.by, vocabularies()[test.vocabulary].GrantedBy(test.want)); diff != "" {
			t.Errorf("%s: %s is granted by (-want +got):\n%s", test.vocabulary, test.want, diff)
		}
	}
}

func TestScopesAreCopies(t *testing.T) {
	t.Parallel()

	for name, v := range vocabularies() {
		v.Scopes()[0] = "spoiled"
		v.Closure(v.Scopes()[:1])["spoiled"] = true
		v.GrantedBy(v.Scopes()[0])[0] = "spoiled"

		if v.Known("spoiled") || v.Scopes()[0] == "spoiled" || v.Closure(v.Scopes()[:1])["spoiled"] {
			t.Errorf("%s was changed from outside", name)
		}
	}
}

func TestParse(t *testing.T) {
	t.Parallel()

	for vocabulary, spellings := range map[string]map[string]gittoken.Scope{
		"github scopes": {
			" repo ":          "repo",
			"REPO":            "repo",
			"admin:repo-hook": "admin:repo_hook",
			"Admin:Repo_Hook": "admin:repo_hook",
			"admin repo hook": "admin:repo_hook",
			"user:email":      "user:email",
			"":                "",
			"  ":              "",
			" no such scope ": "no such scope",
			"repo:":           "repo:",
			"-repo":           "-repo",
			"admin:org:hook":  "admin:org_hook",
			"admin:\u212aey":  "admin:\u212aey",
			"contents:write":  "contents:write",
			"REPO\x00":        "REPO\x00",
		},
		"github permissions": {
			"contents:write":           "contents:write",
			"contents=write":           "contents:write",
			"contents: write":          "contents:write",
			"Contents: Read and write": "contents:write",
			"Contents: Read-only":      "contents:read",
			"Code: read":               "contents:read",
			"repository_hooks:write":   "webhooks:write",
			"repository_hooks=read":    "webhooks:read",
			"Webhooks: Read and write": "webhooks:write",
			"pull-requests:write":      "pull_requests:write",
			"Commit statuses: write":   "statuses:write",
			"dependabot_alerts:read":   "vulnerability_alerts:read",
			"actions_variables:write":  "variables:write",
			"projects:admin":           "repository_projects:admin",
			"Metadata: Read":           "metadata:read",
			"metadata:write":           "metadata:write",
			"contents":                 "contents",
			"repo":                     "repo",
		},
		"gitlab": {
			"api":              "api",
			"API":              "api",
			"api-read":         "read_api",
			"api_read":         "read_api",
			"Api Read":         "read_api",
			"read-repository":  "read_repository",
			"read_repository":  "read_repository",
			"Write_Repository": "write_repository",
			"repository":       "repository",
		},
		"bitbucket server": {
			"Project admin":    "PROJECT_ADMIN",
			"Project read":     "PROJECT_READ",
			"Project write":    "PROJECT_WRITE",
			"Repository write": "REPO_WRITE",
			"repository-admin": "REPO_ADMIN",
			"Repository Read":  "REPO_READ",
			"repo_write":       "REPO_WRITE",
			"REPO_WRITE":       "REPO_WRITE",
			"Repository":       "Repository",
		},
		"bitbucket cloud": {
			"read:user":                  "read:user:bitbucket",
			"delete:webhook":             "delete:webhook:bitbucket",
			"account":                    "read:user:bitbucket",
			"team":                       "read:workspace:bitbucket",
			"repository":                 "read:repository:bitbucket",
			"repository:write":           "write:repository:bitbucket",
			"repository:admin":           "admin:repository:bitbucket",
			"webhook":                    "webhook",
			"Webhooks: Read and write":   "Webhooks: Read and write",
			"Workspace membership: Read": "read:workspace:bitbucket",
			"read:ssh_key:bitbucket":     "read:ssh-key:bitbucket",
			"read:account":               "read:account",
		},
		"bitbucket cloud legacy": {
			"Account: Read":              "account",
			"Workspace membership: Read": "team",
			"Webhooks: Read and write":   "webhook",
			"Repositories: Write":        "repository:write",
			"Repositories: Admin":        "repository:admin",
			"Repository write":           "repository:write",
			"write:repository:bitbucket": "repository:write",
			"delete:webhook:bitbucket":   "webhook",
			"read:user":                  "account",
		},
	} {
		for in, want := range spellings {
			if got := vocabularies()[vocabulary].Parse(in); got != want {
				t.Errorf("%s: %q is %q, want %q", vocabulary, in, got, want)
			}
		}
	}
}

// TestEveryScopeParsesAsItself also catches two scopes whose spellings fold to the same.
func TestEveryScopeParsesAsItself(t *testing.T) {
	t.Parallel()

	for name, v := range vocabularies() {
		for _, s := range v.Scopes() {
			for _, spelling := range []string{
				string(s), " " + string(s) + "\n", strings.ToUpper(string(s)), strings.ReplaceAll(string(s), "_", "-"),
			} {
				if got := v.Parse(spelling); got != s {
					t.Errorf("%s: %q is %q, want %q", name, spelling, got, s)
				}
			}
		}
	}
}

func TestParseScope(t *testing.T) {
	t.Parallel()

	for _, test := range []struct {
		provider gittoken.Provider
		in       string
		want     gittoken.Scope
	}{
		{gittoken.GitHub, "repo", "repo"},
		{gittoken.GitHub, "contents:write", "contents:write"},
		{gittoken.GitHub, "Webhooks: Read and write", "webhooks:write"},
		{gittoken.GitHub, "security_events", "security_events"},
		{gittoken.GitHub, " nothing ", "nothing"},
		{gittoken.GitLab, "api-read", "read_api"},
		{gittoken.BitbucketServer, "Project admin", "PROJECT_ADMIN"},
		{gittoken.BitbucketCloud, "repository:write", "repository:write"},
		{gittoken.BitbucketCloud, "write:repository:bitbucket", "write:repository:bitbucket"},
		{gittoken.BitbucketCloud, "write:repository", "write:repository:bitbucket"},
		{gittoken.BitbucketCloud, "webhook", "webhook"},
		{gittoken.BitbucketCloud, "Webhooks: Read and write", "webhook"},
		{"gitea", " Repo ", "Repo"},
	} {
		if got := gittoken.ParseScope(test.provider, test.in); got != test.want {
			t.Errorf("%s: %q is %q, want %q", test.provider, test.in, got, test.want)
		}
	}
}

func FuzzParseScope(f *testing.F) {
	for _, in := range []string{
		"", "repo", "api-read", "Project admin", "Contents: Read and write", "\x00", "::", "\u212aey", "a\u00a0b",
	} {
		f.Add(in)
	}

	f.Fuzz(func(t *testing.T, in string) {
		for _, p := range gittoken.Providers() {
			got := gittoken.ParseScope(p, in)
			if again := gittoken.ParseScope(p, string(got)); again != got {
				t.Errorf("%s: %q is %q, which is %q", p, in, got, again)
			}
		}

		for name, v := range vocabularies() {
			got := v.Parse(in)
			if again := v.Parse(string(got)); again != got {
				t.Errorf("%s: %q is %q, which is %q", name, in, got, again)
			}

			if !v.Known(got) && string(got) != strings.TrimSpace(in) {
				t.Errorf("%s: %q became %q, which nobody knows", name, in, got)
			}
		}
	})
}
