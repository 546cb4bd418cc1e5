package main

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

const page = "../../templates/guides/required-scopes.md"

// What is committed is what the provider judges by. The page in docs/ is a copy of the template.
func TestCommittedPage(t *testing.T) {
	t.Parallel()

	committed, err := os.ReadFile(page)
	if err != nil {
		t.Fatal(err)
	}

	fresh, err := renew(committed, tables(gittoken.Requirements()))
	if err != nil {
		t.Fatal(err)
	}

	if string(fresh) != string(committed) {
		t.Errorf("%s is not up to date: run 'make generate'", page)
	}
}

// Every kind of every provider and type is in the table, with its source, and what cannot do the job is said.
func TestTablesHaveEveryRequirement(t *testing.T) {
	t.Parallel()

	lines := strings.Split(tables(gittoken.Requirements()), "\n")
	for _, r := range gittoken.Requirements() {
		found := 0

		for _, line := range lines {
			cells := strings.Split(line, " | ")
			if len(cells) == 5 && cells[0] == "| `"+string(r.Provider)+"`" && cells[2] == "`"+string(r.Type)+"`" &&
				strings.Contains(cells[1], "`"+string(r.Kind)+"`") {
				found++

				if unfit := strings.HasPrefix(cells[3], "cannot"); unfit != r.Unfit || !unfit && cells[3] != quoted(r.Scopes) {
					t.Errorf("%s %s %s needs %s", r.Provider, r.Type, r.Kind, cells[3])
				}

				if cells[4] != r.Source+" |" {
					t.Errorf("%s %s %s: source %s", r.Provider, r.Type, r.Kind, cells[4])
				}
			}
		}

		if found != 1 {
			t.Errorf("%s %s %s is in %d rows", r.Provider, r.Type, r.Kind, found)
		}
	}
}

func TestTables(t *testing.T) {
	t.Parallel()

	got := tables([]gittoken.Requirement{
		gittoken.RequirementFor(gittoken.GitLab, gittoken.User, gittoken.KindPersonal),
		gittoken.RequirementFor(gittoken.GitLab, gittoken.User, gittoken.KindGroup),
		gittoken.RequirementFor(gittoken.GitLab, gittoken.Runtime, gittoken.KindProject),
		gittoken.RequirementFor(gittoken.GitHub, gittoken.Runtime, gittoken.KindClassic),
		gittoken.RequirementFor(gittoken.BitbucketCloud, gittoken.User, gittoken.KindAPIToken),
	})

	want := "| Git provider | Kind of token | Type | Required scopes | Source |\n" +
		"|---|---|---|---|---|\n" +
		"| `gitlab` | `personal`, `group` | `user` | `write_repository`, `read_api` | Codefresh docs, Git tokens |\n" +
		"| `gitlab` | `project` | `runtime` | cannot be a runtime token: reaches one project only | Codefresh CLI, " +
		"internal/git/provider_gitlab.go: project tokens are refused for runtimes |\n" +
		"| `github` | `classic` | `runtime` | `repo`, `admin:repo_hook` | Codefresh docs, Git tokens |\n" +
		"| `bitbucket` | `api_token` | `user` | `read:user:bitbucket`, `read:workspace:bitbucket`, " +
		"`read:project:bitbucket`, `read:repository:bitbucket`, `write:repository:bitbucket` | Codefresh docs, Git " +
		"tokens, in the names of Atlassian Support, API token permissions; project scopes: npm " +
		"@codefresh-io/cf-git-providers 0.18.1, Codefresh's validator |\n" +
		"\nA token also satisfies a required scope with one of these:\n\n" +
		"| Git provider | Required scope | Granted by |\n" +
		"|---|---|---|\n" +
		"| `gitlab` | `write_repository` | `api` |\n" +
		"| `gitlab` | `read_api` | `api` |\n" +
		"| `gitlab` | `read_repository` | `write_repository`, `api` |\n" +
		"\nCodefresh's own validator requires `read:project:bitbucket` of a `user` token of `bitbucket` (`api_token`); " +
		"no document says so.\n" +
		"\nUseful for a `runtime` token of `github` (`classic`), and not required: `user:email`.\n" +
		"\nScopes that a kind of token cannot have. Where one is required, use another kind:\n\n" +
		"| Git provider | Kind of token | Scopes out of reach | Source |\n" +
		"|---|---|---|---|\n" +
		"| `gitlab` | `personal` | `openid`, `profile`, `email`, `granular` | GitLab docs, Access token scopes |\n" +
		"| `gitlab` | `group`, `project` | `read_user`, `sudo`, `admin_mode`, `read_service_ping`, `openid`, `profile`, " +
		"`email`, `granular` | GitLab docs, Access token scopes |\n" +
		"| `github` | `classic` | none | GitHub docs, Scopes for OAuth apps |\n" +
		"| `bitbucket` | `api_token` | none | Atlassian Support, API token permissions |\n"
	if got != want {
		t.Errorf("tables are\n%s\nwant\n%s", got, want)
	}
}

func TestUpdate(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "page.md")
	write := func(text string) {
		if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write("before\n" + begin + "\nold\n" + end + "\nafter\n")

	for range 2 { // the second time there is nothing to do
		if err := update(file); err != nil {
			t.Fatal(err)
		}

		got, err := os.ReadFile(file)

		want := "before\n" + begin + "\n\n" + tables(gittoken.Requirements()) + "\n" + end + "\nafter\n"
		if err != nil || string(got) != want {
			t.Errorf("the page is %s, %v", got, err)
		}
	}

	for name, text := range map[string]string{
		"no mark": "text", "no end": begin, "no begin": end, "other order": end + begin, "twice": begin + end + begin + end,
	} {
		write(text)

		if err := update(file); !errors.Is(err, errMarks) {
			t.Errorf("%s: %v", name, err)
		}

		if got, _ := os.ReadFile(file); string(got) != text {
			t.Errorf("%s: the page became %s", name, got)
		}
	}

	if err := update(filepath.Join(t.TempDir(), "none.md")); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("no file: %v", err)
	}
}
