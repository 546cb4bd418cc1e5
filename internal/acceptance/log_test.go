package acceptance_test

import (
	"fmt"
	"regexp"
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
