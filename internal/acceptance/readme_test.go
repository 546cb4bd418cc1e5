package acceptance_test

import (
	"cmp"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// newcomer is somebody who follows the README and the guide to the sandbox with nothing set up, and to whom git gives
// this work tree in the place of the public repository.
type newcomer struct {
	t                  *testing.T
	folder, clone, try string
	environment        []string
	blocks             map[string]string // of the README and the sandbox's guide, by language, heading and number
}

func newNewcomer(t *testing.T) *newcomer {
	t.Helper()
	folder := t.TempDir()
	n := &newcomer{
		t: t, folder: folder, clone: filepath.Join(folder, "terraform-provider-codefresh"),
		try: filepath.Join(folder, "try"), blocks: make(map[string]string),
	}

	sandboxGuide := readText(t, guidePages+"/sandbox.md")
	for _, section := range strings.Split(readText(t, root+"README.md")+sandboxGuide, "\n## ") {
		heading, text, _ := strings.Cut(section, "\n")

		count := make(map[string]int)
		for _, f := range fences(t, text) {
			count[f.language]++
			switch f.language {
			case "sh", "hcl":
				n.blocks[fmt.Sprintf("%s: %s %d", f.language, heading, count[f.language])] = f.text
			case "": // a message: see TestReadmeQuotesAPlan
			default:
				t.Errorf("README.md, %q: no test reads %s", heading, f.language)
			}
		}
	}

	bin, public := filepath.Join(folder, "bin"), filepath.Join(folder, "public.git")
	terraform, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	n.must(err)
	n.must(os.MkdirAll(bin, 0o700))
	n.must(os.Symlink(terraform, filepath.Join(bin, "terraform")))

	kept := []string{"GOCACHE", "GOMODCACHE", "GOPATH", "GOENV"} // what is downloaded and built is not asked for anew
	out, err := exec.CommandContext(t.Context(), "go", append([]string{"env"}, kept...)...).Output()
	n.must(err)

	for i, value := range strings.Split(strings.TrimSpace(string(out)), "\n") {
		kept[i] += "=" + value
	}

	for _, variable := range os.Environ() {
		if !regexp.MustCompile(`^(TF_|CODEFRESH_|CF_|CFCONFIG=|GIT_|MAKE|MFLAGS=)`).MatchString(variable) {
			n.environment = append(n.environment, variable)
		}
	}

	n.environment = append(append(n.environment, kept...), "HOME="+folder, "PATH="+bin+":"+os.Getenv("PATH"),
		"CHECKPOINT_DISABLE=1", "TF_CLI_ARGS=-no-color",
		"GIT_CONFIG_COUNT=1", "GIT_CONFIG_KEY_0=url."+public+".insteadOf", "GIT_CONFIG_VALUE_0="+linkHome)
	n.follow(root, `git init --quiet --bare "$public"
export GIT_DIR="$public" GIT_WORK_TREE="$PWD"
git add --all
git -c user.name=tests -c user.email=tests@example.com commit --quiet --message 'The work tree'
`, "public="+public)

	return n
}

func (n *newcomer) must(err error) {
	n.t.Helper()

	if err != nil {
		n.t.Fatal(err)
	}
}

// block returns a block of the two pages. Each is to be tried, once.
func (n *newcomer) block(name string) string {
	n.t.Helper()

	text, ok := n.blocks[name]
	if !ok {
		n.t.Fatalf("README.md has no block %q", name)
	}

	delete(n.blocks, name)

	return strings.ReplaceAll(text, "/tmp/try-codefresh", n.try)
}

func (n *newcomer) shell(folder, commands string, settings ...string) *exec.Cmd {
	command := exec.CommandContext(n.t.Context(), "sh", "-eu", "-c", commands)
	command.Dir, command.Env = folder, append(slices.Clone(n.environment), settings...)

	return command
}

// follow runs commands that end well.
func (n *newcomer) follow(folder, commands string, settings ...string) string {
	n.t.Helper()

	printed, err := n.shell(folder, commands, settings...).CombinedOutput()
	if err != nil {
		n.t.Fatalf("%s%v:\n%s", commands, err, printed)
	}

	return string(printed)
}

// open runs commands on a terminal of their own until ready says that they have come far enough. It returns what
// presses Ctrl-C there.
func (n *newcomer) open(folder, commands string, ready func() bool) (interrupt func()) {
	n.t.Helper()
	command := n.shell(folder, commands)
	terminal, err := pty.Start(command)
	n.must(err)
	n.t.Cleanup(func() { _ = terminal.Close() }) // which ends what still runs there

	var screen []byte

	ended := make(chan struct{})
	go func() {
		defer close(ended)

		screen, _ = io.ReadAll(terminal) // fails when the last process has let go of the terminal
		_ = command.Wait()
	}()

	for late := time.After(time.Hour); !ready(); {
		select {
		case <-ended:
			n.t.Fatalf("%sended:\n%s", commands, screen)
		case <-late:
			n.t.Fatalf("%sdid not get ready", commands)
		case <-time.After(20 * time.Millisecond):
		}
	}

	return func() {
		n.t.Helper()

		_, err := terminal.Write([]byte{'C' - '@'})
		n.must(err)

		select {
		case <-ended:
		case <-time.After(time.Hour):
			n.t.Errorf("%sgoes on after Ctrl-C", commands)
		}
	}
}

// Whoever types what the README and the guide to the sandbox say sees what they promise. (`make install` is tried by
// TestInstallingGuide, and what `make demo` runs by the test of cmd/demo.)
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	n := newNewcomer(t)
	n.getStarted()
	n.tryInFiveMinutes()
	n.firstRealToken()

	for name := range n.blocks {
		t.Errorf("nobody tried block %q", name)
	}
}

// getStarted clones. Of what make would run it has that printed: the tests, which this one is among, and the demo.
func (n *newcomer) getStarted() {
	n.t.Helper()
	recipes := n.follow(n.folder, n.block("sh: See it work 1"), "MAKEFLAGS=-n")

	const all = `gotestsum .* \./\.\.\.\n`
	for _, want := range []string{`go run \./cmd/demo\n`, all} {
		if !regexp.MustCompile(want).MatchString(recipes) {
			n.t.Errorf("make would not run %s but\n%s", want, recipes)
		}
	}
	// The same tests by way of a real Terraform, among others.
	clone := filepath.Join(n.folder, "terraform-provider-codefresh")

	recipes = n.follow(clone, "make cover\n", "MAKEFLAGS=-n")
	if !regexp.MustCompile(all).MatchString(recipes) {
		n.t.Errorf("make cover would not run %s but\n%s", all, recipes)
	}

	for _, target := range []string{"cover", "race", "opentofu"} {
		if !strings.Contains(readText(n.t, root+".github/workflows/test.yml"), "run: make "+target+"\n") {
			n.t.Errorf("the workflow does not make %s", target)
		}
	}
}

// tryInFiveMinutes has a sandbox on one terminal and Terraform on another one.
func (n *newcomer) tryInFiveMinutes() {
	n.t.Helper()
	n.must(os.MkdirAll(n.try, 0o700))
	n.must(os.WriteFile(filepath.Join(n.try, "terraform.tfstate"), []byte("of an earlier sandbox"), 0o600))

	page := ""

	interrupt := n.open(n.clone, n.block("sh: 1. Start the sandbox 1"), func() bool {
		text, err := os.ReadFile(filepath.Join(n.try, "main.tf"))
		page = string(text)

		return err == nil && strings.Contains(page, "/tokens/revoke\n")
	})
	defer interrupt()

	tokens, hosts := strings.Count(page, "\nresource "), strings.Count(page, ", with the repository ")
	if guide := words(readText(n.t, guidePages+"/sandbox.md")); tokens != 12 || hosts != 6 ||
		!strings.Contains(guide, "a configuration with twelve tokens at six hosts") {
		n.t.Errorf("there are %d tokens at %d hosts", tokens, hosts)
	}

	const between = "-- between apply and plan --"

	apply, revoke := n.block("sh: 2. Apply 1"), n.block("sh: 3. Revoke a token 1")

	applied, planned, _ := strings.Cut(n.follow(n.folder, apply+"echo '"+between+"'\n"+revoke), between)
	if !strings.Contains(applied, "Apply complete! Resources: 12 added, 0 changed, 0 destroyed.") {
		n.t.Errorf("the apply comes to\n%s", applied)
	}

	for _, want := range []string{
		"Warning: Git token was revoked\n", "  # " + runtimeToken + ".github will be updated in-place\n",
		"Plan: 0 to add, 1 to change, 0 to destroy.\n",
	} {
		if !strings.Contains(planned, want) {
			n.t.Errorf("the plan after the revocation lacks %q:\n%s", want, planned)
		}
	}
}

// firstRealToken plans what the README takes for a real account, with the provider that tryInFiveMinutes built.
func (n *newcomer) firstRealToken() {
	n.t.Helper()
	w := newWorld(n.t)
	w.must(w.SetAccountGit("GITHUB", w.URL(sandbox.GitHub)))
	_, key := w.DefaultUser()
	token := w.token(sandbox.Token{
		Service: sandbox.GitHub, Kind: "classic", Owner: "ci-bot", Scopes: []string{"repo", "admin:repo_hook"},
	}).Text
	folder := n.t.TempDir()
	n.must(os.WriteFile(filepath.Join(folder, "main.tf"), []byte(n.block("hcl: A first real token 1")), 0o600))

	commands := n.block("sh: A first real token 1")
	for _, name := range []string{"KEY", "TOKEN"} {
		commands = strings.Replace(commands, "=…", `="$`+name+`"`, 1)
	}

	printed := n.follow(folder, commands, "KEY="+key, "TOKEN="+token,
		"CODEFRESH_URL="+w.URL(sandbox.Codefresh), "TF_CLI_CONFIG_FILE="+filepath.Join(n.try, "terraformrc"))
	if !strings.Contains(printed, "Plan: 1 to add, 0 to change, 0 to destroy.\n") ||
		strings.Count(printed, "Warning: ") != 1 { // of dev_overrides
		n.t.Errorf("the plan for a good token comes to\n%s", printed)
	}

	if strings.Contains(printed, key) || strings.Contains(printed, token) {
		n.t.Error("the plan shows a secret")
	}

	w.wantSent(0)
}

var shownComment = regexp.MustCompile(`(?m) # .*$`)

// What the README and the reference show is part of examples, which have tests. (The guides: TestGuidesShowExamples.)
func TestDocumentationShowsExamples(t *testing.T) {
	t.Parallel()

	var examples []string
	for _, file := range filesBelow(t, examplesDir) {
		examples = append(examples, words(shownComment.ReplaceAllString(readText(t, file), "")))
	}

	shown := 0

	for _, page := range append(filesBelow(t, root+"docs", ".md"), root+"README.md") {
		if strings.HasPrefix(page, root+"docs/guides/") {
			continue
		}

		for _, f := range fences(t, readText(t, page)) {
			if !slices.Contains([]string{"hcl", "terraform", "shell"}, f.language) {
				continue
			}

			for _, part := range strings.Split(strings.TrimSpace(f.text), "\n\n") {
				shown++

				part = words(shownComment.ReplaceAllString(part, ""))
				if !slices.ContainsFunc(examples, func(example string) bool { return strings.Contains(example, part) }) {
					t.Errorf("%s: the block of line %d has what no example has: %s", page, f.line, part)
				}
			}
		}
	}

	if shown < 40 {
		t.Errorf("only %d parts were found", shown)
	}
}

var (
	namedPath = regexp.MustCompile(`^(\./)?(` +
		`(internal|cmd|tools|scripts|templates|examples|docs|\.changes|\.ci|\.github)(/[\w.*/-]*)?|` +
		`\.\w+\.ya?ml|main\.go|go\.mod|[A-Z]+\.md|GNUmakefile|LICENSE)$`)
	namedTarget = regexp.MustCompile(`^[a-z][a-z-]*$`)
	namedTest   = regexp.MustCompile(`^(Test|Fuzz)[A-Z]\w*$`)
	namedFunc   = regexp.MustCompile(`(?m)^func ((?:Test|Fuzz)\w+)\(`)
	namedFlag   = regexp.MustCompile(`flag\.\w+\("([\w-]+)"`)
)

// Files, targets of make, tests and their flags that the documentation names, in commands or in sentences, are there.
func TestDocumentationNamesWhatThereIs(t *testing.T) {
	t.Parallel()
	pages := append(filesBelow(t, root+"docs", ".md"), root+"README.md", root+"AGENTS.md", root+"CONTRIBUTING.md",
		root+"SECURITY.md")
	named := 0

	for _, page := range pages {
		text := readText(t, page)

		var all []string
		for _, span := range regexp.MustCompile("`[^`]+`").FindAllString(linkFence.ReplaceAllString(text, ""), -1) {
			all = append(all, strings.Trim(span, "`"))
		}

		for _, f := range fences(t, text) {
			if slices.Contains([]string{"sh", "shell", "console"}, f.language) {
				all = append(all, f.commands()...)
			}
		}

		for _, code := range all {
			found, missing := lookUp(t, code)
			named += found

			for _, what := range missing {
				t.Errorf("%s: `%s`: there is no %s", page, code, what)
			}
		}
	}

	if named < 120 {
		t.Errorf("only %d things were looked up", named)
	}
}

// lookUp counts what a piece of code names of the repository, and returns what of that is not there.
func lookUp(t *testing.T, code string) (found int, missing []string) {
	t.Helper()

	code, _, _ = strings.Cut(code, " # ")
	// Flags of go test itself.
	given := []string{"-run", "-v", "-count", "-tags", "-bench", "-benchmem", "-cpuprofile", "-memprofile"}
	testing, making, before := strings.Contains(code, "go test "), false, ""
	folders := []string{root + "internal", root + "cmd", root + "tools"}

	for _, word := range strings.Fields(code) {
		if _, value, isSetting := strings.Cut(word, "=$("); isSetting {
			word = value
		}

		word = strings.Trim(strings.TrimSuffix(word, "..."), `"'$();,`)
		isNamed, isThere := true, false

		switch {
		case namedPath.MatchString(word):
			path := strings.ReplaceAll(strings.TrimPrefix(word, "./"), "NAME", "*")
			files, err := filepath.Glob(root + path)

			isThere = err == nil && len(files) > 0
			if isThere && testing && strings.HasPrefix(path, "internal/") {
				folders = files[:1]
			}
		case making && namedTarget.MatchString(word):
			isThere = strings.Contains(readText(t, root+"GNUmakefile"), "\n"+word+":")
		case namedTest.MatchString(word):
			isThere = slices.ContainsFunc(inTests(t, folders, namedFunc), func(name string) bool {
				return name == word || before == "-run" && strings.HasPrefix(name, word)
			})
		case testing && strings.HasPrefix(word, "-") && !slices.Contains(given, word):
			isThere = slices.Contains(inTests(t, folders, namedFlag), strings.TrimPrefix(word, "-"))
		default:
			isNamed = false
			making = making || word == "make"
		}

		before = word

		if isNamed {
			found++
		}

		if isNamed && !isThere {
			missing = append(missing, word)
		}
	}

	return found, missing
}

// inTests returns what a pattern finds in the tests below a folder.
func inTests(t *testing.T, folders []string, pattern *regexp.Regexp) []string {
	t.Helper()

	var files, all []string
	for _, folder := range folders {
		files = append(files, filesBelow(t, folder, ".go")...)
	}

	for _, file := range files {
		if strings.HasSuffix(file, "_test.go") {
			for _, found := range pattern.FindAllStringSubmatch(readText(t, file), -1) {
				all = append(all, found[1])
			}
		}
	}

	return all
}

// The README names the releases that CI tests with.
func TestReadmeNamesTestedReleases(t *testing.T) {
	t.Parallel()
	readme := words(readText(t, root+"README.md"))

	workflow := readText(t, root+".github/workflows/test.yml")
	for key, program := range map[string]string{"terraform": "Terraform", "tofu": "OpenTofu"} {
		matrix := regexp.MustCompile(`(?m)^ +` + key + `: \[(.*)\]$`).FindStringSubmatch(workflow)
		if matrix == nil {
			t.Fatalf("the workflow has no list of releases of %s", program)
		}

		releases := strings.Split(strings.NewReplacer(`"`, "", ".*", "").Replace(matrix[1]), ", ")
		last := len(releases) - 1

		want := program + " " + strings.Join(releases[:last], ", ") + " and " + releases[last]
		if !strings.Contains(readme, want) {
			t.Errorf("README.md does not say that CI tests with %s", want)
		}
	}
}
