package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"flag"
	"io"
	"net/http"
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// begin runs the command until stop is called, and returns its first output up to a line that begins with last.
func begin(t *testing.T, last string, args ...string) (output string, stop func() error) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	r, w := io.Pipe()
	done := make(chan error, 1)

	go func() {
		err := run(ctx, args, w, io.Discard)
		_ = w.Close()

		done <- err
	}()

	var b strings.Builder

	scanner := bufio.NewScanner(r)
	for scanner.Scan() {
		b.WriteString(scanner.Text() + "\n")

		if strings.HasPrefix(scanner.Text(), last) {
			break
		}
	}

	go func() { _, _ = io.Copy(io.Discard, r) }()

	return b.String(), func() error {
		cancel()

		return <-done
	}
}

func send(t *testing.T, method, address, body string, headers map[string]string) (int, string) {
	t.Helper()

	r, err := http.NewRequestWithContext(t.Context(), method, address, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}

	for name, value := range headers {
		r.Header.Set(name, value)
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

	return resp.StatusCode, string(text)
}

// What the starting world claims about its tokens, Codefresh agrees with.
func TestWorldAsJSON(t *testing.T) {
	t.Parallel()
	output, stop := begin(t, "}", "-json")

	var w world
	if err := json.Unmarshal([]byte(output), &w); err != nil {
		t.Fatalf("%v in\n%s", err, output)
	}

	if len(w.Hosts) != len(sandbox.GitHosts()) {
		t.Errorf("%d hosts, want %d", len(w.Hosts), len(sandbox.GitHosts()))
	}

	names := map[string]string{
		"github": "GITHUB", "gitlab": "GITLAB", "bitbucket-server": "BITBUCKET_SERVER", "bitbucket": "BITBUCKET",
	}

	for _, h := range w.Hosts {
		// As the provider sends it: a GitLab below a path is only found with its API's path.
		apiURL := h.APIURL
		if h.Name == sandbox.GitLabSelfManaged {
			apiURL += "/api/v4"
		}

		update := func(name string) string {
			body, err := json.Marshal(map[string]any{
				"query": `mutation($a: UpdateRuntimeGitTokenArgs!) { updateRuntimeGitToken(args: $a) }`,
				"variables": map[string]any{"a": map[string]any{
					"token": h.token(name), "provider": names[h.GitProvider], "apiUrl": apiURL, "username": h.Username,
				}},
			})
			if err != nil {
				t.Fatal(err)
			}

			address := w.Services[sandbox.AppProxy(h.Runtime)] + "/app-proxy/api/graphql"
			_, answer := send(t, http.MethodPost, address, string(body),
				map[string]string{"Content-Type": "application/json", "Authorization": w.DefaultKey})

			return answer
		}
		for name, good := range map[string]bool{"runtime": true, "expiring": true, "user": false} {
			if answer := update(name); strings.Contains(answer, `"errors"`) == good {
				t.Errorf("%s: the %s token as runtime token: %s", h.Name, name, answer)
			}
		}

		if h.Tokens[2].ExpiresAt == nil || !strings.HasPrefix(h.Repository, "http://127.0.0.1:") {
			t.Errorf("%s: %+v", h.Name, h)
		}
	}

	if err := stop(); err != nil {
		t.Error(err)
	}

	r, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.Services[sandbox.Control]+"/settings", nil)
	if err != nil {
		t.Fatal(err)
	}

	if resp, err := http.DefaultClient.Do(r); err == nil {
		_ = resp.Body.Close()

		t.Error("the sandbox still runs")
	}
}

// The curl lines on the page are called as they stand.
func TestPage(t *testing.T) {
	t.Parallel()

	output, stop := begin(t, "# sandbox also answers")
	defer func() { _ = stop() }()

	calls := regexp.MustCompile(`(?m)^#   curl (?:-d '(.*)' |-X (\w+) )?(\S+)$`).FindAllStringSubmatch(output, -1)
	if len(calls) != 11 {
		t.Errorf("%d curl lines, want 11 in\n%s", len(calls), output)
	}

	for _, c := range calls {
		method := c[2]
		if method == "" {
			method = http.MethodGet
		}

		if c[1] != "" {
			method = http.MethodPost
		}

		status, answer := send(t, method, c[3], c[1], nil)

		nobody := strings.HasSuffix(c[3], "/unregister") // until the configuration was applied
		if status >= 300 && !nobody {
			t.Errorf("%s: %d %s", c[0], status, answer)
		}
	}

	for _, want := range []string{
		`resource "codefresh_git_runtime_token" "gitlab-self-managed" {`, `git_provider = "bitbucket-server"`,
		`username     = "ci-bot@example.com"`, `resource "codefresh_git_user_token" "bitbucket" {`,
	} {
		if !strings.Contains(output, want) {
			t.Errorf("the page lacks %s", want)
		}
	}

	for line := range strings.SplitSeq(output, "\n") {
		if !regexp.MustCompile(`^(#.*|\w+ ("[\w-]+" ){0,2}\{|  \w+ +=? ?("[^"]*"|\{)|    .*|  \}|\}|)$`).MatchString(line) {
			t.Errorf("neither comment nor configuration: %q", line)
		}
	}

	checkFormat(t, output)
}

// checkFormat lets Terraform read the page, where there is a Terraform.
func checkFormat(t *testing.T, page string) {
	t.Helper()

	terraform, err := exec.LookPath("terraform")
	if err != nil {
		t.Log("no terraform on the PATH: not parsed")

		return
	}

	c := exec.CommandContext(t.Context(), terraform, "fmt", "-check", "-diff", "-")

	c.Stdin = strings.NewReader(page)
	if out, err := c.CombinedOutput(); err != nil {
		t.Errorf("terraform fmt: %v\n%s", err, out)
	}
}

func TestQuote(t *testing.T) {
	t.Parallel()

	for text, want := range map[string]string{
		`plain`: `"plain"`, `a"b\c`: `"a\"b\\c"`, "${x} %{y}": `"$${x} %%{y}"`, "a\nb": `"a\nb"`,
	} {
		if got := quote(text); got != want {
			t.Errorf("%q is %s, want %s", text, got, want)
		}
	}
}

func TestArguments(t *testing.T) {
	t.Parallel()

	problems := &bytes.Buffer{}

	err := run(t.Context(), []string{"-h"}, io.Discard, problems)
	if !errors.Is(err, flag.ErrHelp) || !strings.Contains(problems.String(), "-json") {
		t.Errorf("help: %v %s", err, problems)
	}

	err = run(t.Context(), []string{"now"}, io.Discard, io.Discard)
	if err == nil || !strings.Contains(err.Error(), `"now"`) {
		t.Errorf("argument: %v", err)
	}

	broken, w := io.Pipe()
	_ = broken.Close()

	if err := run(t.Context(), nil, w, io.Discard); !errors.Is(err, io.ErrClosedPipe) {
		t.Errorf("closed output: %v", err)
	}
}
