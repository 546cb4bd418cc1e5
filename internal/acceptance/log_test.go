package acceptance_test

import (
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// The log of a plan has one line for each request on the wire and one decision for each resource, and says which
// answers were asked for and which were remembered.
func TestLogTellsEachRequestOnce(t *testing.T) {
	t.Parallel()

	const resources = 50

	w := newWorld(t)
	s := newShipped(w)
	token := w.token(sandbox.Token{
		Service: sandbox.GitHubEnterprise, Kind: "classic", Scopes: []string{"repo", "admin:repo_hook"}, Owner: "ci-bot",
	})
	s.secrets = append(s.secrets, hidden{name: "the token", text: token.Text})
	blocks := w.provider()

	for i := range resources {
		name := fmt.Sprintf("i%d", i)
		w.must(w.AddIntegration(runtimeName, name, "GITHUB", w.URL(sandbox.GitHubEnterprise)))
		blocks += provided(userToken, name, set("runtime", runtimeName), set("integration", name), set("token", token.Text),
			set("git_provider", "github"), set("api_url", w.URL(sandbox.GitHubEnterprise)))
	}

	s.write("main.tf", blocks)
	w.ForgetRequests()

	log := s.run("a plan", 0, "plan", "-input=false", "-no-color").log

	onTheWire := len(w.Requests())

	lines := regexp.MustCompile(`\[DEBUG\] provider\.\S+: HTTP request( \w[\w ]*)?: `).FindAllString(log, -1)
	if len(lines) != onTheWire || onTheWire == 0 {
		t.Errorf("%d lines on HTTP requests, and %d requests", len(lines), onTheWire)
	}

	for _, text := range []string{
		`service=platform`, `graphql_operation=Overview`, `service=github`, `request_id=`, `status=200`, `duration_ms=`,
		`answers_reused=1`, `answers_reused=0`,
	} {
		if !strings.Contains(log, text) {
			t.Errorf("the log does not have %s", text)
		}
	}

	if n := strings.Count(log, ": Git token planned: "); n != resources {
		t.Errorf("%d decisions, and %d resources", n, resources)
	}

	if n := strings.Count(log, ": Git token checked: "); n != resources {
		t.Errorf("%d checks, and %d resources", n, resources)
	}

	if t.Failed() {
		for line := range strings.Lines(log) {
			if strings.Contains(line, "HTTP request") || strings.Contains(line, "Git token") {
				t.Log(line)
			}
		}
	}
}

// Somebody who has nothing but the log of a failed plan finds in it which settings, key and host were used and where
// they came from, what each token lacks, and why the plan decided as it did.
func TestLogSaysWhyAPlanFails(t *testing.T) {
	t.Parallel()

	w := newWorld(t)
	s := newShipped(w)
	token := w.token(sandbox.Token{
		Service: sandbox.GitHubEnterprise, Kind: "classic", Scopes: []string{"repo"}, Owner: "ci-bot",
	})
	s.secrets = append(s.secrets, hidden{name: "the token", text: token.Text})

	w.must(w.SetAccountGit("GITHUB", w.URL(sandbox.GitHubEnterprise)))
	w.must(w.Break(sandbox.GitLabSelfManaged, sandbox.Fault{Status: 503}))
	s.write("main.tf", w.provider("max_retries = 0", "git_tokens = { narrow = "+fmt.Sprintf("%q", token.Text)+" }")+
		provided(runtimeToken, "narrow", set("runtime", runtimeName), set("token_name", "narrow"))+
		provided(userToken, "away", set("runtime", runtimeName), set("token", "glpat-aaaaaaaaaaaaaaaaaaaa"),
			set("git_provider", "gitlab"), set("api_url", w.URL(sandbox.GitLabSelfManaged)))+
		provided(runtimeToken, "hostless", set("runtime", "other"), set("token_name", "narrow"),
			set("git_provider", "bitbucket-server")))
	lines := strings.Split(s.run("a plan", 1, "plan", "-input=false", "-no-color").log, "\n")

	for _, want := range [][]string{
		{": Provider settings: ", "git_tokens=narrow", "max_retries=0", "on_unreachable=warn", "user_agent=\"Terraform/"},
		{": Codefresh settings: ", "api_key_source=api_key", "url_source=url"},
		{
			": Git token checked: ", "status=under_scoped", `reason="lacks admin:repo_hook"`, "granted=repo",
			`required="repo, admin:repo_hook"`, "owner=ci-bot", "host=" + w.URL(sandbox.GitHubEnterprise),
		},
		{
			": Codefresh read: ", "token_type=runtime", "git_provider=github", "git_api_url=" + w.URL(sandbox.GitHubEnterprise),
			"caller_administers=yes", "app_proxy_url=" + w.URL(sandbox.AppProxy(runtimeName)),
		},
		{
			": Git token planned: ", "decision=fails", `because="it is new, its status is under_scoped"`,
			"host_from=Codefresh", `token_from="git_tokens[\"narrow\"]"`,
		},
		{": Git token planned: ", `decision="not checked"`, "runtime=other", `because="the token, its host or a repository`},
		{": HTTP request: ", "service=gitlab", "status=503", "attempt=1", "max_attempts=1", "duration_ms="},
		{": Git token checked: ", "status=unchecked", "reason=", "host=" + w.URL(sandbox.GitLabSelfManaged)},
		{
			": Git token planned: ", "decision=sends", `because="it is new, its status is unchecked"`, "host_from=api_url",
			"token_from=token",
		},
	} {
		if !slices.ContainsFunc(lines, func(line string) bool {
			return !slices.ContainsFunc(want, func(text string) bool { return !strings.Contains(line, text) })
		}) {
			t.Errorf("no line of the log has all of %q", want)
		}
	}
}
