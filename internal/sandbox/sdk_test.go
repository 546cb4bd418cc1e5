package sandbox_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// The types of the sandbox's schemas are those of Codefresh's: what can be null there can be null here, and nothing
// else.
func TestSchemasAreCodefreshs(t *testing.T) {
	t.Parallel()

	for schema, models := range map[string]string{
		"platform.graphql": "testdata/platform-models.txt", "appproxy.graphql": "testdata/appproxy-models.txt",
	} {
		sdl, err := os.ReadFile(schema)
		do(t, err)
		told, err := os.ReadFile(models)
		do(t, err)

		want := map[string]string{}

		for _, line := range strings.Split(strings.TrimSpace(string(told)), "\n") {
			if strings.HasPrefix(line, "#") {
				continue
			}

			words := strings.SplitN(line, " ", 2)
			if words[0] == "enum" {
				name, values, _ := strings.Cut(words[1], " ")
				want["enum "+name] = values
			} else {
				want[words[0]] = words[1]
			}
		}

		got := fieldsOf(string(sdl))
		for name, kind := range got {
			if want[name] != kind {
				t.Errorf("%s: %s is %s; Codefresh's is %q", schema, name, kind, want[name])
			}
		}

		if len(got) != len(want) {
			t.Errorf("%s has %d fields and enums, and there are %d in %s", schema, len(got), len(want), models)
		}
	}
}

// fieldsOf lists a schema's fields with their types, without what the models cannot tell, and its enums.
func fieldsOf(sdl string) map[string]string {
	found := map[string]string{}

	for _, m := range regexp.MustCompile(`(?ms)^(type|input|enum) (\w+) \{\n(.*?)^\}`).FindAllStringSubmatch(sdl, -1) {
		kind, name, body := m[1], m[2], strings.TrimSpace(m[3])
		if name == "Query" || name == "Mutation" {
			continue
		}

		if kind == "enum" {
			values := strings.Fields(body)
			slices.Sort(values)
			found["enum "+name] = strings.Join(values, " ")

			continue
		}

		for _, field := range regexp.MustCompile(`(?m)^ *(\w+): (\S+)$`).FindAllStringSubmatch(body, -1) {
			found[name+"."+field[1]] = strings.ReplaceAll(field[2], "!]", "]")
		}
	}

	return found
}

// sdkWorld is an account with all that the operations of Codefresh's SDK ask about.
func sdkWorld(t *testing.T) *sandbox.Sandbox {
	t.Helper()
	s := cfStart(t, sandbox.Runtime{Name: "prod", GitProvider: "GITHUB", Repo: "https://github.com/acme/gitops.git"})
	s.SetSharedConfigRepo("https://github.com/acme/config.git")
	do(t, s.AddGitSource(sandbox.GitSource{
		Runtime: "prod", Name: "apps", RepoURL: "https://github.com/acme/apps.git", Path: "prod",
	}))

	return s
}

// Every operation of Codefresh's own Go SDK about accounts, runtimes, Git Sources and integrations is answered, on its
// side of the two APIs, whole and without an error. testdata/sdk has them: a document, the variables in a comment, and
// what the answer begins with.
func TestSDKIsAnswered(t *testing.T) {
	t.Parallel()

	files, err := filepath.Glob("testdata/sdk/*.graphql")
	do(t, err)

	if len(files) < 18 {
		t.Errorf("only %d operations", len(files))
	}

	header := regexp.MustCompile(`^# (platform|app-proxy) (\{.*\})\n`)

	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			s := sdkWorld(t)
			_, key := s.DefaultUser()
			text, err := os.ReadFile(file)
			do(t, err)
			document := strings.NewReplacer(
				"TOKEN", cfToken(t, s, sandbox.GitHub, "classic", "repo", "admin:repo_hook"),
			).Replace(string(text))

			m := header.FindStringSubmatch(document)
			if m == nil {
				t.Fatal("no first line that says where it goes, and with which variables")
			}

			var variables map[string]any
			do(t, json.Unmarshal([]byte(m[2]), &variables))

			address := s.URL(sandbox.Codefresh) + "/2.0/api/graphql"
			if m[1] == "app-proxy" {
				address = s.URL(sandbox.AppProxy("prod")) + "/app-proxy/api/graphql"
			}

			if strings.Contains(file, "deregister") {
				do(t, s.Register("prod", "default", map[string]string{first(s.DefaultUser()): "a token"}))
			}

			reply := cfQuery(t, address, key, document, variables)
			if p := reply.problem(t); reply.Status != 200 || p != "" {
				t.Fatalf("%d: %s", reply.Status, p)
			}
			// The SDK takes the first field of the data for its answer.
			if len(reply.Data) != 1 {
				t.Errorf("the data has %d fields", len(reply.Data))
			}

			for _, name := range regexp.MustCompile(`(?m)^\s+(\w+)$`).FindAllStringSubmatch(document, -1) {
				// There are no components.
				if !strings.Contains(reply.Body, `"`+name[1]+`"`) && !strings.Contains(file, "components") {
					t.Errorf("the answer has no %s: %s", name[1], reply.Body)
				}
			}
		})
	}
}

func first[A, B any](a A, _ B) A { return a }
