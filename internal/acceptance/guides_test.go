package acceptance_test

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-framework/providerserver"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
	"gopkg.in/yaml.v3"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
)

const (
	guidePages = root + "templates/guides"
	// guidesDir has a folder for each guide that shows code, of the guide's name. Each folder in it with *.tf files is a
	// configuration: the guide's own folder, or one below for each way that the guide describes.
	guidesDir = examplesDir + "/guides"
)

// guideStage is what a configuration of a guide is tried with, beyond what every example has.
type guideStage struct {
	values  func(w *world) map[string]any // of variables, beyond exampleValues
	prepare func(c *cli)                  // what has to be there: registered tokens, files
	others  func(c *cli) []guideProvider
	status  string                  // that tokens end with; valid, if it is not said
	says    []string                // summaries of what apply and the plan after it warn of
	first   []string                // of what the apply alone warns of
	exits   map[string]int          // exit codes other than 0, by command of the page
	before  map[string]func(c *cli) // what happens outside of Terraform, by the command of the page that follows
}

// guideProvider stands in for a provider that a guide uses beside this one.
type guideProvider struct {
	local, address string
	*otherProvider
}

// guide is a page, and the folders of its configurations, by their path below guidesDir.
type guide struct {
	name, page     string
	configurations []string
}

func guides(t *testing.T) []guide {
	t.Helper()

	pages, err := filepath.Glob(guidePages + "/*.md")
	if err != nil || len(pages) < 3 {
		t.Fatalf("only %v were found: %v", pages, err)
	}

	all := make([]guide, 0, len(pages))
	for _, page := range pages {
		g := guide{name: strings.TrimSuffix(filepath.Base(page), ".md"), page: readText(t, page)}
		for _, file := range g.files(t, ".tf") {
			folder, err := filepath.Rel(guidesDir, filepath.Dir(file))
			if err != nil {
				t.Fatal(err)
			}

			if !slices.Contains(g.configurations, folder) {
				g.configurations = append(g.configurations, folder)
			}
		}

		all = append(all, g)
	}

	return all
}

// files returns the guide's files whose names end like this.
func (g guide) files(t *testing.T, endings ...string) []string {
	t.Helper()

	return filesBelow(t, filepath.Join(guidesDir, g.name), endings...)
}

func filesBelow(t *testing.T, folder string, endings ...string) []string {
	t.Helper()

	var found []string

	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err == nil && !entry.IsDir() && (len(endings) == 0 || slices.Contains(endings, filepath.Ext(path))):
			found = append(found, path)
		}

		return err
	})
	if err != nil {
		t.Fatal(err)
	}

	return found
}

// configuration returns the folder of a configuration with the world that it is tried in.
func configuration(t *testing.T, folder string) (*cli, guideStage) {
	t.Helper()
	stage, w := guideStages()[folder], exampleWorld(t)

	values := exampleValues(w)
	if stage.values != nil {
		for name, value := range stage.values(w) {
			values[name] = value
		}
	}

	files, err := filepath.Glob(filepath.Join(guidesDir, folder, "*"))
	if err != nil {
		t.Fatal(err)
	}

	var code []string

	for _, file := range files {
		if filepath.Ext(file) == ".tf" {
			code = append(code, file)
		}
	}

	c := exampleCLIGiven(w, values, code...)

	for _, file := range files {
		if info, err := os.Stat(file); err == nil && !info.IsDir() && filepath.Ext(file) != ".tf" {
			c.write(filepath.Base(file), readText(t, file))
		}
	}

	if stage.others != nil {
		c.useGuideProviders(stage.others(c))
	}

	if stage.prepare != nil {
		stage.prepare(c)
	}

	return c, stage
}

func (c *cli) useGuideProviders(others []guideProvider) {
	c.t.Helper()
	c.others = make(map[string]func() (tfprotov6.ProviderServer, error))

	var sources strings.Builder

	for _, p := range others {
		c.others[p.address] = providerserver.NewProtocol6WithError(p.otherProvider)
		fmt.Fprintf(&sources, "    %s = { source = %q }\n", p.local, p.address)
	}

	c.write("versions.tf", fmt.Sprintf("terraform {\n  required_providers {\n    codefresh = { source = %q }\n%s  }\n}\n",
		provider.Address, &sources))
}

// fence is a block of code in a page.
type fence struct {
	language, text string
	line           int
}

var fenceMark = regexp.MustCompile("^( *)```([a-z]*)$")

func fences(t *testing.T, page string) []fence {
	t.Helper()

	var (
		all  []fence
		open *fence
	)

	indent := ""

	for i, line := range strings.Split(page, "\n") {
		mark := fenceMark.FindStringSubmatch(line)
		switch {
		case mark == nil && open != nil:
			open.text += strings.TrimPrefix(line, indent) + "\n"
		case mark != nil && open == nil:
			open, indent = &fence{language: mark[2], line: i + 1}, mark[1]
		case mark != nil:
			all, open = append(all, *open), nil
		case strings.Contains(line, "```"):
			t.Fatalf("line %d: %q neither opens nor closes a block that this test understands", i+1, line)
		}
	}

	if open != nil {
		t.Fatalf("the block of line %d is not closed", open.line)
	}

	return all
}

func words(text string) string { return strings.Join(strings.Fields(text), " ") }

// What a guide shows is part of a file of its examples, if it is not a command or a message: see TestGuideCommands.
func TestGuidesShowExamples(t *testing.T) {
	t.Parallel()

	pages := guides(t)
	for _, g := range pages {
		for _, f := range fences(t, g.page) {
			switch {
			case slices.Contains([]string{"hcl", "terraform", "yaml", "json"}, f.language), f.isScript():
				if g.source(t, f) == "" {
					t.Errorf("%s.md, line %d: in no file below examples/guides/%s", g.name, f.line, g.name)
				}
			case !slices.Contains([]string{"sh", "shell", "console", "", "text"}, f.language):
				t.Errorf("%s.md, line %d: no test reads %s", g.name, f.line, f.language)
			}
		}
	}

	folders, err := filepath.Glob(guidesDir + "/*")
	if err != nil {
		t.Fatal(err)
	}

	for _, folder := range folders {
		if !slices.ContainsFunc(pages, func(g guide) bool { return g.name == filepath.Base(folder) }) {
			t.Errorf("%s is of no guide", folder)
		}
	}

	for folder := range guideStages() {
		if !slices.ContainsFunc(pages, func(g guide) bool { return slices.Contains(g.configurations, folder) }) {
			t.Errorf("there is a stage for %s and no such configuration", folder)
		}
	}
}

// source returns the file that a block is part of: one of the guide, or else any example.
func (g guide) source(t *testing.T, f fence) string {
	t.Helper()

	for _, file := range append(g.files(t), filesBelow(t, examplesDir)...) {
		if strings.Contains(words(readText(t, file)), words(f.text)) {
			return file
		}
	}

	return ""
}

// Every configuration of a guide can be applied as it stands, says no more than the guide tells, and is settled then.
func TestGuideExamples(t *testing.T) {
	t.Parallel()

	for _, g := range guides(t) {
		for _, folder := range g.configurations {
			t.Run(folder, func(t *testing.T) {
				t.Parallel()
				c, stage := configuration(t, folder)
				c.apply().wantExit(0).saysOnly(t, append(slices.Clone(stage.says), stage.first...)...)
				c.plan().wantExit(0).saysOnly(t, stage.says...)

				for address, resource := range c.state() {
					want := cmp.Or(stage.status, "valid")
					if status := resource["status"]; status != nil && status != want {
						t.Errorf("%s: status %v, not %s: %v", address, status, want, resource["status_reason"])
					}
				}
			})
		}
	}
}

// saysOnly fails the test unless these are the summaries of what Terraform warns of.
func (s said) saysOnly(t *testing.T, summaries ...string) {
	t.Helper()

	told := make(map[string]bool)
	for _, d := range s.diagnostics {
		if told[d.Summary] = true; !slices.Contains(summaries, d.Summary) {
			t.Errorf("unexpected %s", d)
		}
	}

	for _, summary := range summaries {
		if !told[summary] {
			t.Errorf("nothing says %q", summary)
		}
	}
}

// Every Terraform command of a guide runs, in the guide's order, in the configuration that the guide showed last. Other
// commands are ones that there are, and messages are ones that were printed or that the provider has.
func TestGuideCommands(t *testing.T) {
	t.Parallel()

	golden := words(boxes.Replace(readText(t, root+"internal/message/testdata/messages.golden")))
	for _, g := range guides(t) {
		// One configuration that grows: see TestGettingStarted. One that the sandbox writes: see TestReadmeCommands.
		if g.name == "getting-started" || g.name == "sandbox" {
			continue
		}

		t.Run(g.name, func(t *testing.T) {
			t.Parallel()

			folder := append(slices.Clone(g.configurations), "../many-runtimes")[0]
			opened, printed := make(map[string]*cli), golden

			for _, f := range fences(t, g.page) {
				switch f.language {
				case "hcl", "terraform":
					if shown, err := filepath.Rel(guidesDir, filepath.Dir(g.source(t, f))); err == nil &&
						slices.Contains(g.configurations, shown) {
						folder = shown
					}
				case "sh", "shell", "console":
					if opened[folder] == nil {
						opened[folder], _ = configuration(t, folder)
					}

					for _, command := range f.commands() {
						printed += " " + words(boxes.Replace(opened[folder].follow(t, command, guideStages()[folder])))
					}
				case "", "text":
					for _, paragraph := range strings.Split(boxes.Replace(f.text), "\n\n") {
						if place := messagePlace.FindStringSubmatch(paragraph); place != nil {
							wantLine(t, filepath.Join(guidesDir, folder, place[1]), place[2], place[3])
						} else if !strings.Contains(printed, message(paragraph)) {
							t.Errorf("line %d: nobody says %q", f.line, message(paragraph))
						}
					}
				}
			}
		})
	}
}

var (
	boxes        = strings.NewReplacer("│ ", "", "│", "", "╷", "", "╵", "")
	messagePlace = regexp.MustCompile(`^\s*with [\w.\[\]"-]+,\n\s*on (\S+) line (\d+), in .*:\n\s*(\d+:.*)$`)
	messageKind  = regexp.MustCompile(`^(Error|Warning): `)
)

// wantLine fails the test unless a line of a file is as a quoted message shows it.
func wantLine(t *testing.T, file, number, shown string) {
	t.Helper()
	lines := strings.Split(readText(t, file), "\n")

	n, err := strconv.Atoi(number)
	if err != nil || n < 1 || n > len(lines) || words(number+": "+lines[n-1]) != words(shown) {
		t.Errorf("%s: line %s is not %q", file, number, shown)
	}
}

func message(paragraph string) string { return messageKind.ReplaceAllString(words(paragraph), "") }

// isScript reports whether a block is a script, for TestGuideScripts, and no commands to type.
func (f fence) isScript() bool { return strings.HasPrefix(f.text, "#!") }

// commands returns the commands of a block, each on one line.
func (f fence) commands() []string {
	var all []string

	if f.isScript() {
		return nil
	}

	for line := range strings.Lines(strings.ReplaceAll(f.text, "\\\n", " ")) {
		typed, isCommand := strings.CutPrefix(line, "$ ")
		if f.language == "console" && !isCommand || words(typed) == "" || strings.HasPrefix(typed, "#") {
			continue
		}

		all = append(all, strings.TrimSpace(typed))
	}

	return all
}

var (
	commandSetting = regexp.MustCompile(`^\w+=(".*?"|'.*?'|\S*)\s+`)
	commandComment = regexp.MustCompile(`\s+# .*$`)
)

// follow does what a guide says. It returns what Terraform printed.
func (c *cli) follow(t *testing.T, command string, stage guideStage) string {
	t.Helper()

	command = commandComment.ReplaceAllString(command, "")

	bare := command
	for commandSetting.MatchString(bare) {
		bare = commandSetting.ReplaceAllString(bare, "")
	}

	program, rest, _ := strings.Cut(bare, " ")
	switch {
	case program == "terraform":
		if happens := stage.before[command]; happens != nil {
			happens(c)
		}

		printed, exit := c.sh(command, "yes\n")

		changes := exit == 2 && strings.Contains(command, "-detailed-exitcode")
		if want := stage.exits[command]; exit != want && !changes {
			t.Errorf("%s: exit code %d, not %d:\n%s", command, exit, want, printed)
		}

		return printed
	case program == "make":
		target := strings.Fields(rest)[0]
		if !regexp.MustCompile(`(?m)^` + regexp.QuoteMeta(target) + `:`).MatchString(readText(t, root+"GNUmakefile")) {
			t.Errorf("%s: there is no such target", command)
		}
	case strings.HasPrefix(program, "./"):
		if !slices.ContainsFunc(filesBelow(t, guidesDir), func(file string) bool {
			return filepath.Base(file) == strings.TrimPrefix(program, "./")
		}) {
			t.Errorf("%s: no guide has such a file", command)
		}
	case strings.HasPrefix(program, "bin/"): // built from a folder of cmd, or the provider itself
		c.mustExist(t, command, root+"cmd/"+strings.TrimPrefix(program, "bin/"))
	case program == "go":
		for _, word := range strings.Fields(rest) {
			if strings.HasPrefix(word, "./") {
				c.mustExist(t, command, root+word)
			}
		}
	case strings.Contains(program, "/"):
		c.mustExist(t, command, root+program)
	case !slices.Contains([]string{"cd", "curl", "eval", "export", "git", "mkdir", "read", "unset", "vault"}, program):
		t.Errorf("%s: no test knows %s", command, program)
	}

	return ""
}

func (c *cli) mustExist(t *testing.T, command, file string) {
	t.Helper()

	if _, err := os.Stat(file); err != nil {
		t.Errorf("%s: %v", command, err)
	}
}

// sh runs a script as a continuous integration system does: it ends with the first command that fails. Its Terraform is
// the one that is tested.
func (c *cli) sh(script, input string, settings ...string) (printed string, exit int) {
	c.t.Helper()

	reattach, stop := c.serve()
	defer stop()

	terraform, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	c.must(err)
	bin := filepath.Join(c.folder, ".bin")
	c.must(os.MkdirAll(bin, 0o700))

	if err := os.Symlink(terraform, filepath.Join(bin, "terraform")); !errors.Is(err, fs.ErrExist) {
		c.must(err)
	}

	command := exec.CommandContext(c.t.Context(), "sh", "-eu", "-c", script)
	command.Dir, command.Stdin = c.folder, strings.NewReader(input)
	command.Env = append(c.environment(reattach), settings...)
	command.Env = append(command.Env, "PATH="+bin+":"+os.Getenv("PATH"), "TF_CLI_ARGS=-no-color")

	out, err := command.CombinedOutput()
	if exited := (*exec.ExitError)(nil); err != nil && !errors.As(err, &exited) {
		c.t.Fatalf("running sh: %v", err)
	}

	for _, secret := range c.secrets {
		if strings.Contains(string(out), secret) {
			c.t.Errorf("%s printed a secret", script)
		}
	}

	return string(out), command.ProcessState.ExitCode()
}

// The scripts of a guide, those within CI configuration too, can be read by a shell and end well when all is well.
func TestGuideScripts(t *testing.T) {
	t.Parallel()

	for _, g := range guides(t) {
		for _, file := range g.files(t, ".sh", ".yml", ".yaml") {
			t.Run(strings.TrimPrefix(file, guidesDir+"/"), func(t *testing.T) {
				t.Parallel()
				scripts := guideScripts(t, file)

				folder, err := filepath.Rel(guidesDir, filepath.Dir(file))
				if err != nil {
					t.Fatal(err)
				}

				c, _ := configuration(t, folder)
				c.apply().wantExit(0)

				for _, script := range scripts {
					if printed, exit := c.sh(script, "", c.ci()...); exit != 0 {
						t.Errorf("exit code %d of\n%s\n%s", exit, script, printed)
					}
				}
			})
		}
	}
}

// ci returns what continuous integration systems set.
func (c *cli) ci() []string {
	return []string{"GITHUB_OUTPUT=" + filepath.Join(c.folder, "output"), "GITHUB_STEP_SUMMARY=" +
		filepath.Join(c.folder, "summary")}
}

// guideScripts returns the scripts of a file: a shell script itself, or what a CI configuration runs.
func guideScripts(t *testing.T, file string) []string {
	t.Helper()

	if filepath.Ext(file) == ".sh" {
		return []string{readText(t, file)}
	}

	var tree any
	if err := yaml.Unmarshal([]byte(readText(t, file)), &tree); err != nil {
		t.Fatalf("%s: %v", file, err)
	}

	scripts := yamlScripts(tree)
	if len(scripts) == 0 {
		t.Errorf("%s runs nothing", file)
	}

	return scripts
}

func yamlScripts(node any) []string {
	var all []string

	switch node := node.(type) {
	case []any:
		for _, item := range node {
			all = append(all, yamlScripts(item)...)
		}
	case map[string]any:
		for _, key := range slices.Sorted(maps.Keys(node)) {
			text, isText := node[key].(string)

			lines, isList := node[key].([]any)
			switch {
			case key == "run" && isText:
				all = append(all, text)
			case key == "script" && isList: // GitLab runs a list as one script
				script := ""
				for _, line := range lines {
					script += fmt.Sprintln(line)
				}

				all = append(all, script)
			default:
				all = append(all, yamlScripts(node[key])...)
			}
		}
	}

	return all
}
