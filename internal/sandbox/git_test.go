package sandbox_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// runGit runs Git without the user's settings, and returns what it printed.
func runGit(t *testing.T, folder string, args ...string) (output string, ok bool) {
	t.Helper()
	c := exec.CommandContext(t.Context(), "git", args...)
	c.Dir = folder
	c.Env = []string{
		"PATH=" + os.Getenv("PATH"), "HOME=" + t.TempDir(), "GIT_CONFIG_NOSYSTEM=1", "GIT_TERMINAL_PROMPT=0",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com",
	}
	out, err := c.CombinedOutput()

	return string(out), err == nil
}

// Git itself clones from every host, pushes what is there already, and is refused everything else.
func TestGitClonesAndPushes(t *testing.T) {
	t.Parallel()
	s := begin(t)

	for _, c := range []struct {
		token           sandbox.Token
		path, user      string
		readOnly        []string // the scopes of a token that may only clone
		readPermissions map[string]string
		refusal         string
	}{
		{
			sandbox.Token{Service: sandbox.GitHub, Kind: "fine_grained", Permissions: map[string]string{"contents": "write"}},
			"acme/gitops", "x-access-token", nil,
			map[string]string{"contents": "read"},
			"403",
		},
		{
			sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"write_repository"}},
			"acme/platform/gitops", "oauth2",
			[]string{"read_repository"},
			nil, "403",
		},
		{
			sandbox.Token{
				Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_WRITE", "REPO_WRITE"},
			},
			"PLAT/gitops", "ci-bot",
			[]string{"PROJECT_READ", "REPO_READ"},
			nil, "403",
		},
		{
			sandbox.Token{
				Service: sandbox.BitbucketCloud, Kind: "api_token",
				Scopes: []string{"read:repository:bitbucket", "write:repository:bitbucket"},
			},
			"acme/gitops", "x-bitbucket-api-token-auth",
			[]string{"read:repository:bitbucket"},
			nil, "403",
		},
	} {
		r := sandbox.Repository{
			Service: c.token.Service, Path: c.path, Private: true, Roles: map[string]string{"ci-bot": "write"},
		}

		address := s.URL(c.token.Service) + "/scm/plat/gitops.git"
		if c.path != "PLAT/gitops" { // which is there from the start
			address = repository(t, s, r)
		}

		writes := token(t, s, c.token)
		c.token.Scopes, c.token.Permissions = c.readOnly, c.readPermissions
		reads := token(t, s, c.token)

		as := func(text string) string { return strings.Replace(address, "://", "://"+c.user+":"+text+"@", 1) }

		folder := t.TempDir()
		if out, ok := runGit(t, folder, "clone", as(writes.Text), "."); !ok {
			t.Fatalf("%s: clone: %s", c.token.Service, out)
		}

		readme, err := os.ReadFile(filepath.Join(folder, "README.md"))
		do(t, err)

		if string(readme) != "# "+c.path+"\n" {
			t.Errorf("%s: README is %q", c.token.Service, readme)
		}

		for _, push := range []struct{ token, ref, wanted string }{
			{writes.Text, "main", "up-to-date"},
			{writes.Text, "main:topic", "pre-receive hook declined"},
			{reads.Text, "main:topic", c.refusal},
		} {
			if out, _ := runGit(t, folder, "push", as(push.token), push.ref); !strings.Contains(out, push.wanted) {
				t.Errorf("%s: push of %s: %q, want %q", c.token.Service, push.ref, out, push.wanted)
			}
		}

		changes, err := s.Changes(c.token.Service)
		do(t, err)

		if len(changes) > 0 {
			t.Errorf("%s: changed %v", c.token.Service, changes)
		}
	}
}

// What is nobody's request is refused, and an empty repository has nothing to clone.
func TestGitNonsense(t *testing.T) {
	t.Parallel()
	s := begin(t)
	empty := repository(t, s, sandbox.Repository{Service: sandbox.GitHub, Path: "acme/empty", Empty: true})

	full := repository(t, s, sandbox.Repository{Service: sandbox.GitHub, Path: "acme/full"})
	for _, address := range []string{empty, full} {
		ask(t, "POST 0032want "+strings.Repeat("a", 40)+"\n00000009done\n", address+"/git-upload-pack").
			check(t, 200, "not our ref")
		ask(t, "POST zzzz", address+"/git-upload-pack").check(t, 200, "not our ref")
		ask(t, "POST 0000", address+"/git-receive-pack").check(t, 401, "")
	}

	ask(t, "POST", full+"/info/refs?service=git-upload-pack").check(t, 404, "html")
	ask(t, "GET", full+"/git-upload-pack").check(t, 404, "html")
}
