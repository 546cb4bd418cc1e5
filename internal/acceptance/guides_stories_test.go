package acceptance_test

import (
	"encoding/json"
	"maps"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// The scheduled checks end as their guide says.
func TestScheduledChecks(t *testing.T) {
	t.Parallel()

	const folder = "scheduled-checks"

	for name, tt := range map[string]struct {
		happens    func(c *cli)
		plan, tell int // exit codes of the plans in CI, and of check.sh
	}{
		"a token was revoked": {revokeRuntimeToken, 2, 2},
		"something else is to be done": {func(c *cli) {
			c.write("more.tf", "output \"more\" {\n  value = 1\n}\n")
		}, 2, 3},
		"the Git host is down": {func(c *cli) { c.must(c.Break(sandbox.GitHub, sandbox.Fault{Status: 500})) }, 0, 1},
		"Codefresh is down":    {func(c *cli) { c.must(c.Break(sandbox.Codefresh, sandbox.Fault{Status: 500})) }, 1, 1},
		"the API key was revoked": {func(c *cli) {
			_, key := c.DefaultUser()
			c.must(c.RevokeKey(key))
		}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			c, _ := configuration(t, folder)
			c.apply().wantExit(0)
			tt.happens(c)

			for file, want := range map[string]int{
				"github-actions.yml": tt.plan, "gitlab-ci.yml": tt.plan, "check.sh": tt.tell,
			} {
				scripts := guideScripts(t, filepath.Join(guidesDir, folder, file))

				last := scripts[len(scripts)-1]
				if printed, exit := c.sh(last, "", c.ci()...); exit != want || !strings.Contains(last, "terraform plan") {
					t.Errorf("%s: exit code %d, not %d:\n%s", file, exit, want, printed)
				}
			}
		})
	}
}

// One way of rotating a token of GitLab leaves no gap, the other one does.
func TestRotationOfGitLabTokens(t *testing.T) {
	t.Parallel()

	for folder, gaps := range map[string]int{
		"rotation-gitlab/create-before-destroy": 0, "rotation-gitlab/rotation-configuration": 1,
	} {
		t.Run(folder, func(t *testing.T) {
			t.Parallel()
			c, stage := configuration(t, folder)
			tokens, due := &groupTokens{world: c.world}, &rotating{since: time.Now()}
			c.useGuideProviders([]guideProvider{tokens.provider(), due.provider()}[:len(stage.others(c))])
			c.apply().wantExit(0)
			before, _, _, _, _ := c.RuntimeToken("emea")
			c.plan().wantExit(0)

			tokens.rotate, due.since = true, due.since.AddDate(0, 0, 60)

			c.plan().wantExit(2)
			c.must(c.SetReach("emea", sandbox.ReachTunnelDown))
			c.apply().wantExit(1)

			if tokens.gaps != gaps {
				t.Errorf("%d times a token went that the runtime still has, not %d", tokens.gaps, gaps)
			}

			c.must(c.SetReach("emea", sandbox.ReachUp))
			c.apply().wantExit(0)

			after, _, _, _, _ := c.RuntimeToken("emea")
			if after == before {
				t.Error("the runtime still has the old token")
			}

			if status := c.state()[runtimeToken+".emea"]["status"]; status != "valid" {
				t.Errorf("status %v", status)
			}

			if tokens.gaps != gaps {
				t.Errorf("%d times a token went that the runtime still had, not %d", tokens.gaps, gaps)
			}

			c.plan().wantExit(0)
		})
	}
}

// A write-only token with a version: the version alone says that there is another token.
func TestRotationOfWriteOnlyTokens(t *testing.T) {
	t.Parallel()
	c, _ := configuration(t, "rotation/write-only")
	c.apply().wantExit(0)
	next := c.token(sandbox.Token{Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo", "admin:repo_hook"}})
	c.tokens(next.Text)

	c.plan().wantExit(0).saysOnly(t, "Git token in token_wo is not the registered one")

	file := "example0.tf"
	c.write(file, strings.Replace(readText(t, filepath.Join(c.folder, file)), "2026-11", "2027-02", 1))
	c.plan().wantExit(2).saysOnly(t)
	c.apply().wantExit(0)

	if held, _, _, _, _ := c.RuntimeToken(runtimeName); held != next.Text {
		t.Error("the runtime has another token")
	}
}

// Runtimes come and go.
func TestManyUsersOfRuntimes(t *testing.T) {
	t.Parallel()
	c, _ := configuration(t, "many-users")
	c.apply().wantExit(0)
	c.must(c.AddRuntime(sandbox.Runtime{Name: "preview"}))

	if s := c.plan().wantExit(2); !strings.Contains(s.text, "Plan: 3 to add, 0 to change, 0 to destroy.") {
		t.Errorf("the plan is not one of a runtime token and two user tokens:\n%s", s.text)
	}

	c.apply().wantExit(0)

	c.must(c.RemoveRuntime("preview"))
	c.plan().wantExit(0).saysOnly(t, `Runtime "preview" is gone`)
}

// Two names with the API key of one user are two resources for one place.
func TestManyUsersOfOneKey(t *testing.T) {
	t.Parallel()
	c, _ := configuration(t, "many-users")

	var values map[string]any

	file := filepath.Join(c.folder, "terraform.tfvars.json")
	c.must(json.Unmarshal([]byte(readText(t, file)), &values))
	_, key := c.DefaultUser()
	values["api_keys"] = map[string]string{"deploy-bot": key, "night-bot": key}
	text, err := json.Marshal(values)
	c.must(err)
	c.write(filepath.Base(file), string(text))
	c.plan().wantExit(1).saysOnly(t, "Git user token is managed twice")
}

var repositoriesBlock = regexp.MustCompile(`(?s)\n  repositories = \[.*?\n  \]`)

// What the guide's table says of fine-grained tokens.
func TestFineGrainedTokens(t *testing.T) {
	t.Parallel()

	complete := map[string]map[string]string{
		"runtime": {
			"administration": "write", "statuses": "write", "contents": "write", "metadata": "read",
			"pull_requests": "write", "webhooks": "write",
		},
		"user": {"contents": "write", "metadata": "read"},
	}

	for _, tt := range []struct {
		folder string // with "bare " before it: without its repositories
		token  string // user or runtime, and what it lacks of that
		status string
		names  string // permissions that the message or the reason names
	}{
		{"bare user", "user", "unproven", "contents:write"},
		{"bare user", "user contents:read", "unproven", "contents:write"},
		{"user", "user", "valid", ""},
		{"user", "user contents:read", "under_scoped", "contents:write"},
		{"bare runtime-read-only", "runtime", "unproven", "contents:write webhooks:write"},
		{"bare runtime-read-only", "runtime webhooks:", "unproven", "webhooks:write"},
		{"runtime-read-only", "runtime", "unproven", "statuses:write pull_requests:write webhooks:write"},
		{"runtime-read-only", "runtime statuses:", "under_scoped", "statuses:write"},
		{"runtime-read-only", "runtime pull_requests:", "under_scoped", "pull_requests:write"},
		{"runtime-read-only", "runtime webhooks:", "under_scoped", "webhooks:write"},
		{"runtime-read-only", "runtime administration:", "under_scoped", "administration:write"},
		{"runtime-read-only", "runtime administration:read", "under_scoped", "administration:write"},
		{"runtime-read-only", "runtime contents:read", "under_scoped", "contents:write"},
		{"runtime-read-only", "runtime statuses:read", "unproven", "statuses:write"},
		{"runtime-read-only", "runtime pull_requests:read", "unproven", "pull_requests:write"},
		{"runtime-read-only", "runtime webhooks:read", "unproven", "webhooks:write"},
		{"runtime", "runtime", "valid", ""},
		{"runtime", "runtime statuses:read", "under_scoped", "statuses:write"},
		{"runtime", "runtime pull_requests:read", "under_scoped", "pull_requests:write"},
		{"runtime", "runtime webhooks:read", "under_scoped", "webhooks:write"},
	} {
		t.Run(tt.folder+", "+tt.token, func(t *testing.T) {
			t.Parallel()

			folder, bare := strings.CutPrefix(tt.folder, "bare ")

			c, _ := configuration(t, "fine-grained-tokens/"+folder)
			if bare {
				c.write("example0.tf", repositoriesBlock.ReplaceAllString(readText(t, filepath.Join(c.folder, "example0.tf")), ""))
			}

			of, lacks, _ := strings.Cut(tt.token, " ")

			permissions := maps.Clone(complete[of])
			if name, level, _ := strings.Cut(lacks, ":"); level == "" {
				delete(permissions, name)
			} else {
				permissions[name] = level
			}

			c.write("terraform.tfvars.json", `{"fine_grained_token": "`+c.secret(c.token(sandbox.Token{
				Service: sandbox.GitHub, Kind: "fine_grained", Owner: "ci-bot", Repositories: []string{"acme/gitops"},
				Permissions: permissions,
			}).Text)+`"}`)
			c.hasStatus(t, tt.status, strings.Fields(tt.names))

			for _, r := range c.Requests(sandbox.GitHub) {
				if r.Method != "GET" && folder != "runtime" {
					t.Errorf("%s %s was sent", r.Method, r.Path)
				}
			}
		})
	}
}

// hasStatus applies a configuration of one token, or has the plan fail if that is what becomes of such a token.
func (c *cli) hasStatus(t *testing.T, status string, names []string) {
	t.Helper()

	if status == "under_scoped" {
		got := c.plan().wantExit(1)
		if len(got.diagnostics) != 1 {
			t.Fatalf("diagnostics are %v", got.diagnostics)
		}

		got.diagnostics[0].wants(t, append([]string{"Git token lacks"}, names...)...)

		return
	}

	c.apply().wantExit(0)

	for address, resource := range c.state() {
		reason, _ := resource["status_reason"].(string)
		if resource["status"] != status {
			t.Errorf("%s: status %v: %s", address, resource["status"], reason)
		}

		for _, name := range names {
			if !strings.Contains(reason, name) {
				t.Errorf("%s: the reason does not name %s: %s", address, name, reason)
			}
		}
	}
}
