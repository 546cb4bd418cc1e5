//go:build parity

package parity_test

import (
	"encoding/base64"
	"fmt"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// typed is a question to an emulated host, with the type that its vendor's description, or a client's, gives the
// answer.
type typed struct {
	host            *typedHost
	method, request string // the path, and after a space the body
	status          int
	answer          string // type of the answer
}

// typedHost is how a host is asked.
type typedHost struct {
	base, authorization string
}

// typesPreamble imports the descriptions. An Answer is what one has for a path, method and status.
const typesPreamble = `import type { paths as GitHub } from "@octokit/openapi-types";
import type { BitbucketCloud, BitbucketServer } from "@coderabbitai/bitbucket";
import type * as GitLab from "@gitbeaker/rest";

type Cloud = BitbucketCloud.OpenApi.paths;
type Server = BitbucketServer.OpenApi.paths;
type Answer<Paths, P extends keyof Paths, M extends keyof Paths[P], S extends number> = Paths[P][M] extends {
  responses: Record<S, { content: { "application/json": infer Body } }>;
}
  ? Body
  : never;

// GitHub's description has no status in the body of a refused input; its answers have.
type Refusal<T> = T & { status?: string };

// What can be null, descriptions of GitLab and Data Center do not say; and GitLab's client has what only administrators
// and owners are told as well.
type Known<T> = { [K in keyof T as string extends K ? never : K]: T[K] };
type Told<T> = T extends readonly (infer Element)[]
  ? Told<Element>[]
  : T extends object
    ? { [K in keyof Known<T>]?: Told<Known<T>[K]> | null }
    : T;

// What the client lacks, or takes for a text (GitLab's documentation of the API: Users, Personal access tokens and
// Members).
type GitLabUser = Told<
  Omit<Known<GitLab.ExpandedUserSchema>, "private_profile"> & {
    [K in "commit_email" | "discord" | "github" | "local_time" | "pronouns" | "public_email"]: string;
  } & { private_profile: boolean; bot: boolean; followers: number; following: number }
>;
type GitLabToken = Told<Known<GitLab.PersonalAccessTokenSchema> & { description: string; granular_scopes: object[] }>;
type GitLabMember = Told<
  Known<GitLab.MemberSchema> & { created_at: string; membership_state: string; locked: boolean }
>;

// Data Center's description has three fields of a token's record; recorded ones have more, and numbers for dates.
type TokenRecord = Omit<BitbucketServer.OpenApi.components["schemas"]["RestAccessToken"], "createdDate"> & {
  createdDate: number;
  lastAuthenticated?: number;
  expiryDate?: number;
  permissions: string[];
  user: BitbucketServer.OpenApi.components["schemas"]["RestApplicationUser"];
};
type TokenRecords = Omit<Answer<Server, "/access-tokens/latest/users/{userSlug}", "get", 200>, "values"> & {
  values: TokenRecord[];
};
`

// typesConfig is strict about the answers, and leaves the descriptions themselves alone.
const typesConfig = `{
  "compilerOptions": {
    "noEmit": true, "strict": true, "skipLibCheck": true, "types": [],
    "module": "esnext", "moduleResolution": "bundler", "target": "es2022"
  },
  "files": ["answers.ts"]
}
`

// TestAnswersHaveTheirVendorsTypes wants the answers of the emulated hosts to be what typed descriptions of the hosts'
// APIs say: GitHub's and Bitbucket's own, and those of a client of GitLab's.
func TestAnswersHaveTheirVendorsTypes(t *testing.T) {
	t.Parallel()

	folder := os.Getenv("VALIDATOR")
	if folder == "" {
		t.Fatal("VALIDATOR names no folder: make parity sets it")
	}

	s, err := sandbox.Start(sandbox.Options{})
	if err != nil {
		t.Fatal(err)
	}

	t.Cleanup(s.Close)

	var program strings.Builder
	program.WriteString(typesPreamble)

	questions := typedQuestions(t, s)
	for i, q := range questions {
		fmt.Fprintf(&program, "\n// %s %s: %d\nexport const answer%d: %s = %s;\n",
			q.method, q.request, q.status, i, q.answer, q.ask(t))
	}

	for name, text := range map[string]string{"answers.ts": program.String(), "tsconfig.json": typesConfig} {
		if err := os.WriteFile(filepath.Join(folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	compiler := filepath.Join(folder, "node_modules", "typescript", "bin", "tsc")

	out, err := exec.CommandContext(t.Context(), "node", compiler, "-p", folder, "--pretty", "false").CombinedOutput()
	if err != nil {
		t.Errorf("of %d answers: %v\n%s", len(questions), err, explained(string(out), program.String()))
	}

	t.Logf("%d answers have their vendors' types", len(questions))
}

// explained puts before each complaint of the compiler which answer it is about.
func explained(complaints, program string) string {
	lines := strings.Split(program, "\n")

	var b strings.Builder

	for complaint := range strings.Lines(complaints) {
		var line, column int
		if _, place, found := strings.Cut(complaint, "("); found && !strings.HasPrefix(complaint, " ") {
			_, _ = fmt.Sscanf(place, "%d,%d", &line, &column) // a complaint without a place has none to be explained
		}

		if line > 1 && line <= len(lines) {
			b.WriteString(strings.TrimPrefix(lines[line-2], "// ") + "\n")
		}

		b.WriteString("  " + complaint)
	}

	return b.String()
}

// ask returns the answer, which is JSON, as it came.
func (q typed) ask(t *testing.T) string {
	t.Helper()

	path, body, _ := strings.Cut(q.request, " ")

	r, err := http.NewRequestWithContext(t.Context(), q.method, q.host.base+path, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}

	r.Header.Set("User-Agent", "parity")

	if q.host.authorization != "" {
		r.Header.Set("Authorization", q.host.authorization)
	}

	resp, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}

	defer func() { _ = resp.Body.Close() }()

	text, err := io.ReadAll(resp.Body)
	if err != nil {
		t.Fatal(err)
	}

	if resp.StatusCode != q.status || !strings.HasPrefix(resp.Header.Get("Content-Type"), "application/json") {
		t.Fatalf("%s %s: %d %s: %s", q.method, q.request, resp.StatusCode, resp.Header.Get("Content-Type"), text)
	}

	return string(text)
}

// typedQuestions are about repositories that are there, to hosts that know who asks.
func typedQuestions(t *testing.T, s *sandbox.Sandbox) []typed {
	t.Helper()

	make := func(wanted sandbox.Token) sandbox.Token {
		made, err := s.CreateToken(wanted)
		if err != nil {
			t.Fatal(err)
		}

		return made
	}

	for _, service := range sandbox.GitHosts() {
		if service == sandbox.BitbucketServer {
			continue
		}

		if _, err := s.AddRepository(sandbox.Repository{
			Service: service, Path: place(service), Private: true, Roles: map[string]string{owner: "admin"},
		}); err != nil {
			t.Fatal(err)
		}
	}

	if err := s.SetBehaviour(sandbox.BitbucketServer, sandbox.OwnTokenRecord, true); err != nil {
		t.Fatal(err)
	}

	bearer := func(wanted sandbox.Token) *typedHost {
		return &typedHost{s.URL(wanted.Service), "Bearer " + make(wanted).Text}
	}

	github := bearer(sandbox.Token{
		Service: sandbox.GitHub, Kind: "classic", Scopes: []string{"repo", "admin:repo_hook", "user:email"},
	})
	installation := bearer(sandbox.Token{
		Service: sandbox.GitHub, Kind: "app_installation", Permissions: map[string]string{"contents": "read"},
		Repositories: []string{place(sandbox.GitHub)},
	})
	anonymous := &typedHost{base: github.base}
	gitlab := bearer(sandbox.Token{Service: sandbox.GitLab, Kind: "personal", Scopes: []string{"api"}})
	server := bearer(sandbox.Token{
		Service: sandbox.BitbucketServer, Kind: "http_access", Scopes: []string{"PROJECT_ADMIN", "REPO_ADMIN"},
	})
	server.base += "/rest"
	api := make(sandbox.Token{Service: sandbox.BitbucketCloud, Kind: "api_token", Scopes: []string{
		"read:user:bitbucket", "read:workspace:bitbucket", "read:repository:bitbucket", "admin:repository:bitbucket",
		"read:webhook:bitbucket",
	}})
	cloud := &typedHost{
		s.URL(sandbox.BitbucketCloud), "Basic " + base64.StdEncoding.EncodeToString([]byte(api.Email+":"+api.Text)),
	}
	stranger := &typedHost{base: cloud.base}

	const repo = "/repos/{owner}/{repo}"

	answer := func(host *typedHost, paths, path, method, request string, status int) typed {
		return typed{
			host, strings.ToUpper(method), request, status,
			fmt.Sprintf("Answer<%s, %q, %q, %d>", paths, path, method, status),
		}
	}
	ofGitHub := func(path, method, request string, status int) typed {
		return answer(github, "GitHub", path, method, request, status)
	}
	ofRepo := func(path, method, request string, status int) typed {
		return ofGitHub(repo+path, method, "/repos/acme/gitops"+request, status)
	}
	as := func(wrapper string, q typed) typed {
		q.answer = wrapper + "<" + q.answer + ">"

		return q
	}
	ofGitLab := func(request, kind string) typed {
		return typed{gitlab, http.MethodGet, request, http.StatusOK, kind}
	}
	ofServer := func(path, request string, status int) typed {
		return answer(server, "Server", path, "get", request, status)
	}
	ofCloud := func(path, request string) typed { return answer(cloud, "Cloud", path, "get", request, 200) }

	const project = "/projects/acme%2Fplatform%2Fgitops"

	return []typed{
		ofGitHub("/user", "get", "/user", 200),
		ofGitHub("/user/emails", "get", "/user/emails", 200),
		ofGitHub("/", "get", "/", 200),
		ofGitHub("/meta", "get", "/meta", 200),
		ofGitHub("/rate_limit", "get", "/rate_limit", 200),
		answer(anonymous, "GitHub", "/credentials/revoke", "post", `/credentials/revoke {"credentials":[]}`, 422),
		answer(installation, "GitHub", "/installation/repositories", "get", "/installation/repositories", 200),
		answer(anonymous, "GitHub", "/user", "get", "/user", 401),
		ofRepo("", "get", "", 200),
		answer(anonymous, "GitHub", repo, "get", "/repos/acme/gitops", 404),
		ofRepo("/actions/permissions", "get", "/actions/permissions", 200),
		ofRepo("/rulesets/rule-suites", "get", "/rulesets/rule-suites", 200),
		ofRepo("/hooks", "post", `/hooks {"config":{"url":"https://example.com"}}`, 201),
		ofRepo("/hooks", "get", "/hooks", 200),
		as("Refusal", ofRepo("/hooks", "post", "/hooks {}", 422)),
		ofRepo("/commits", "get", "/commits", 200),
		ofRepo("/commits/{ref}/statuses", "get", "/commits/main/statuses", 200),
		ofRepo("/commits/{ref}/status", "get", "/commits/main/status", 200),
		ofRepo("/pulls", "get", "/pulls", 200),
		as("Refusal", ofRepo("/pulls", "post", "/pulls {}", 422)),
		ofGitLab("/user", "GitLabUser"),
		ofGitLab("/personal_access_tokens/self", "GitLabToken"),
		ofGitLab("/metadata", "Told<GitLab.MetadataSchema>"),
		ofGitLab("/projects", "Told<GitLab.ProjectSchema[]>"),
		ofGitLab(project, "Told<GitLab.ProjectSchema>"),
		ofGitLab(project+"/members/all", "GitLabMember[]"),
		ofGitLab(project+"/hooks", "Told<GitLab.ProjectHookSchema[]>"),
		ofServer("/api/latest/application-properties", "/api/latest/application-properties", 200),
		ofServer("/api/latest/projects", "/api/latest/projects", 200),
		ofServer("/api/latest/projects/{projectKey}", "/api/latest/projects/PLAT", 200),
		as("Told", ofServer("/api/latest/projects/{projectKey}", "/api/latest/projects/NONE", 404)),
		ofServer("/api/latest/projects/{projectKey}/permissions/users", "/api/latest/projects/PLAT/permissions/users", 200),
		ofServer("/api/latest/projects/{projectKey}/repos", "/api/latest/projects/PLAT/repos", 200),
		ofServer("/api/latest/projects/{projectKey}/repos/{repositorySlug}", "/api/latest/projects/PLAT/repos/gitops", 200),
		ofServer("/api/latest/projects/{projectKey}/repos/{repositorySlug}/webhooks",
			"/api/latest/projects/PLAT/repos/gitops/webhooks", 200),
		ofServer("/api/latest/repos", "/api/latest/repos", 200),
		ofServer("/api/latest/users/{userSlug}", "/api/latest/users/ci-bot", 200),
		{server, http.MethodGet, "/access-tokens/latest/users/ci-bot", 200, "TokenRecords"},
		// Its path names the type that users and teams have in common.
		{cloud, http.MethodGet, "/user", 200, `BitbucketCloud.OpenApi.components["schemas"]["user"]`},
		ofCloud("/workspaces/{workspace}", "/workspaces/acme"),
		ofCloud("/repositories/{workspace}", "/repositories/acme"),
		ofCloud("/repositories/{workspace}/{repo_slug}", "/repositories/acme/gitops"),
		ofCloud("/repositories/{workspace}/{repo_slug}/hooks", "/repositories/acme/gitops/hooks"),
		ofCloud("/repositories/{workspace}/{repo_slug}/permissions-config/users",
			"/repositories/acme/gitops/permissions-config/users"),
		answer(stranger, "Cloud", "/user", "get", "/user", 401),
	}
}
