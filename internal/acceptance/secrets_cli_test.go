package acceptance_test

import (
	"archive/zip"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

// shipped is a folder with the provider as users get it: a program of its own, with Terraform's log at its most
// talkative. After each run it looks for secrets in whatever was printed or written.
type shipped struct {
	*world

	folder, terraform string
	program           string // the provider
	env               []string
	secrets           []hidden
}

// hidden is a text that must not be found.
type hidden struct {
	name      string
	text      string
	usernames []string // that it goes with in HTTP Basic authentication
	stored    bool     // whether the state and saved plans hold it, as their documentation says
}

// printed is what one run of Terraform said.
type printed struct {
	what string
	text string // standard output and standard error
	log  string
	exit int
}

func newShipped(w *world) *shipped {
	w.t.Helper()
	s := &shipped{world: w, folder: w.t.TempDir(), terraform: cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform")}
	bin := providerFolder(w.t)
	s.program = filepath.Join(bin, providerProgram)
	s.write("terraformrc", fmt.Sprintf("provider_installation {\n  dev_overrides {\n    %q = %q\n  }\n}\n",
		provider.Address, bin))
	s.write("versions.tf", fmt.Sprintf("terraform {\n  required_providers {\n    codefresh = { source = %q }\n  }\n}\n",
		provider.Address))

	for _, variable := range os.Environ() {
		name, _, _ := strings.Cut(variable, "=")
		if !strings.HasPrefix(name, "TF_") && !strings.HasPrefix(name, "CODEFRESH_") && !strings.HasPrefix(name, "CF") {
			s.env = append(s.env, variable)
		}
	}

	s.env = append(s.env, "CHECKPOINT_DISABLE=1", "TF_IN_AUTOMATION=1", "TF_LOG=TRACE", "TF_LOG_PROVIDER=TRACE",
		"TF_LOG_PATH="+s.path("trace.log"), "TF_CLI_CONFIG_FILE="+s.path("terraformrc"))

	return s
}

func (s *shipped) path(name string) string { return filepath.Join(s.folder, name) }

func (s *shipped) write(name, text string) {
	s.t.Helper()
	s.must(os.WriteFile(s.path(name), []byte(text), 0o600))
}

// run runs Terraform, looks for every secret, and fails the test unless it ends as expected.
func (s *shipped) run(what string, exit int, args ...string) printed {
	s.t.Helper()
	p := s.execute(what, args...)
	s.search(p.what+": terminal", p.text, false)
	p.log = s.read("trace.log")
	s.search(p.what+": log", p.log, false)
	s.searchOthers(p.what)

	if err := os.Remove(s.path("trace.log")); err != nil {
		s.t.Errorf("%s: Terraform wrote no log: %v", what, err)
	}
	// Terraform prints the line that a diagnostic points at, and with it what a user wrote there.
	if line := regexp.MustCompile(`(?m)^.*\d+:\s*(?:token\w*|api_key|git_tokens)\s*=.*$`).FindString(p.text); line != "" {
		s.t.Errorf("%s: Terraform prints the source line %q", what, line)
	}

	if p.exit != exit {
		s.t.Fatalf("%s: exit code %d instead of %d:\n%s", what, p.exit, exit, p.text)
	}

	return p
}

// plan plans into a file, of which every part is searched, and its JSON form.
func (s *shipped) plan(what string) printed {
	s.t.Helper()
	p := s.run(what, planChanges, "plan", "-input=false", "-no-color", "-detailed-exitcode", "-out=saved")
	s.search(what+": saved plan, as it is", s.read("saved"), true)
	archive, err := zip.OpenReader(s.path("saved"))
	s.must(err)

	defer func() { _ = archive.Close() }()

	for _, file := range archive.File {
		content, err := file.Open()
		s.must(err)
		text, err := io.ReadAll(io.LimitReader(content, 16<<20))
		s.must(err)
		s.search(what+": saved plan, "+file.Name, string(text), true)
	}

	s.search(what+": terraform show -json", s.execute(what, "show", "-json", "saved").text, true)

	return p
}

func (s *shipped) execute(what string, args ...string) printed {
	s.t.Helper()
	command := exec.CommandContext(s.t.Context(), s.terraform, args...)
	command.Dir, command.Env = s.folder, s.env

	text, err := command.CombinedOutput()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		s.t.Fatalf("%s: running terraform: %v", what, err)
	}

	return printed{what: what, text: string(text), exit: command.ProcessState.ExitCode()}
}

// read returns a file's content; nothing if there is no such file.
func (s *shipped) read(name string) string {
	s.t.Helper()

	text, err := os.ReadFile(s.path(name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		s.t.Fatal(err)
	}

	return string(text)
}

// search fails the test for each secret in text, in any form. stored says that text may hold what is kept on purpose.
func (s *shipped) search(where, text string, stored bool) {
	s.t.Helper()

	for _, h := range s.secrets {
		if stored && h.stored {
			continue
		}

		for form, spelled := range h.forms() {
			if at := strings.Index(text, spelled); at >= 0 {
				around := text[max(0, at-120):min(len(text), at+len(spelled)+40)]
				s.t.Errorf("%s: %s is there, %s, in %q", where, h.name, form,
					strings.ReplaceAll(around, spelled, "<SECRET>"))

				break
			}
		}
	}
}

// searchOthers looks into all that Terraform left in the folder beyond what run and plan know, such as states and crash
// logs.
func (s *shipped) searchOthers(what string) {
	s.t.Helper()

	known := []string{"main.tf", "versions.tf", "terraformrc", "trace.log", "saved"}
	files := os.DirFS(s.folder)
	s.must(fs.WalkDir(files, ".", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || slices.Contains(known, entry.Name()) {
			return err
		}

		text, err := fs.ReadFile(files, path)
		s.search(what+": "+entry.Name(), string(text), strings.HasPrefix(entry.Name(), "terraform.tfstate"))

		return err
	}))
}

// forms returns what a secret looks like on its way.
func (h hidden) forms() map[string]string {
	all := map[string]string{
		"as it is":                  h.text,
		"escaped for a URL's query": url.QueryEscape(h.text),
		"escaped for a URL's path":  url.PathEscape(h.text),
		"reversed":                  reversed(h.text),
		"escaped for JSON":          inJSON(h.text, true),
		"escaped for JSON alone":    inJSON(h.text, false),
	}
	for _, username := range append([]string{""}, h.usernames...) {
		whole := h.text
		if username != "" {
			whole = username + ":" + h.text
		}

		all["in base64 with "+username] = base64.StdEncoding.EncodeToString([]byte(whole))
		all["in base64 without padding with "+username] = base64.RawStdEncoding.EncodeToString([]byte(whole))
		all["in base64 for URLs with "+username] = base64.URLEncoding.EncodeToString([]byte(whole))
		all["in base64 for URLs without padding with "+username] = base64.RawURLEncoding.EncodeToString([]byte(whole))
	}
	// Any part of it that is long enough to be used: half of it opens nothing, yet nothing should print that either.
	all["in part"] = h.text[:len(h.text)*2/3]

	return all
}

// inJSON returns a text as it stands between the quotes of a JSON string. For HTML's sake some of JSON's encoders
// escape <, > and &, too.
func inJSON(text string, html bool) string {
	var b strings.Builder

	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(html)
	_ = encoder.Encode(text) // a string always encodes

	return strings.TrimSuffix(strings.TrimPrefix(strings.TrimSpace(b.String()), `"`), `"`)
}

func reversed(text string) string {
	runes := []rune(text)
	for i, k := 0, len(runes)-1; i < k; i, k = i+1, k-1 {
		runes[i], runes[k] = runes[k], runes[i]
	}

	return string(runes)
}

// The search itself finds what it is to find.
func TestSecretsSearchFinds(t *testing.T) {
	t.Parallel()

	h := hidden{name: "it", text: `ghp_a+b/c="d&e f0123456789`, usernames: []string{"ci@example.com"}}
	for form, text := range map[string]string{
		"as it is":  "x" + h.text + "y",
		"in a URL":  "https://h/?t=ghp_a%2Bb%2Fc%3D%22d%26e+f0123456789",
		"in a path": "https://h/ghp_a+b%2Fc=%22d&e%20f0123456789/x",
		"Basic":     "Basic " + base64.StdEncoding.EncodeToString([]byte("ci@example.com:"+h.text)),
		"in base64": base64.RawURLEncoding.EncodeToString([]byte(h.text)),
		"truncated": h.text[:len(h.text)-5],
		"in JSON":   `{"token":"ghp_a+b/c=\"d&e f0123456789"}`,
		"by Go":     `{"token":"ghp_a+b/c=\"d\u0026e f0123456789"}`,
	} {
		found := false
		for _, spelled := range h.forms() {
			found = found || strings.Contains(text, spelled)
		}

		if !found {
			t.Errorf("%s: %q hides it", form, text)
		}
	}
}
