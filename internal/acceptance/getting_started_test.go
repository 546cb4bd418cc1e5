package acceptance_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// reader types in what a guide shows, from its first line to its last, in an empty folder.
type reader struct {
	*cli

	typed   string            // settings that hold in the terminal from here on
	printed string            // by the last block of commands
	secrets map[string]string // what the reader has in the place of "...", by environment variable
}

var (
	saveAs       = regexp.MustCompile("^Save this as `([\\w.]+)`")
	requestIDs   = regexp.MustCompile(`Request id: [0-9A-F]{4}(?::[0-9A-F]{6}){3}:[0-9A-F]{8}\b`) // no two are the same
	typedSetting = regexp.MustCompile(`(?m)^export (\w+)=\.\.\.$`)
)

// follow does what one block of the page asks for. before is the paragraph in front of it.
func (r *reader) follow(t *testing.T, before string, f fence) {
	t.Helper()

	switch f.language {
	case "terraform":
		name := saveAs.FindStringSubmatch(before)
		if name == nil {
			t.Fatalf("line %d: nothing says where this goes", f.line)
		}

		r.write(name[1], f.text)

		if strings.Contains(f.text, "\nprovider \"codefresh\" {\n") {
			certificate, err := json.Marshal(string(r.CACertificate()))
			r.must(err)
			// What keeps the reader off the network goes where it moves no line of what was typed in.
			r.write("sandbox_override.tf", "provider \"codefresh\" {\n  ca_certificate = "+string(certificate)+"\n}\n")
		}
	case "sh":
		for _, found := range typedSetting.FindAllStringSubmatch(f.text, -1) {
			value, known := r.secrets[found[1]]
			if !known {
				t.Fatalf("line %d: what is %s?", f.line, found[1])
			}

			r.typed += "export " + found[1] + "='" + value + "'\n"
			r.env[found[1]] = value // the provider runs in this process
		}

		commands, exit := typedSetting.ReplaceAllString(f.text, ""), 0
		if strings.HasPrefix(commands, "make ") { // in a clone: see TestReadmeCommands and TestInstallingGuide
			return
		}

		r.printed, exit = r.sh(r.typed+commands, "yes\n")
		if want := map[bool]int{true: 2}[strings.Contains(commands, "-detailed-exitcode")]; exit != want {
			t.Fatalf("line %d: exit code %d, not %d:\n%s", f.line, exit, want, r.printed)
		}
	case "":
		printed := requestIDs.ReplaceAllString(words(boxes.Replace(r.printed)), "Request id: X")
		if !strings.Contains(printed, requestIDs.ReplaceAllString(words(f.text), "Request id: X")) {
			t.Errorf("line %d: this is not what was printed:\n%s\nbut this is:\n%s", f.line, f.text, r.printed)
		}
	default:
		t.Fatalf("line %d: nobody types in %s", f.line, f.language)
	}
}

// Whoever types in what "Getting started" says, and nothing else, sees what it shows, to the line numbers.
func TestGettingStarted(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.must(w.SetAccountGit("GITHUB", "https://api.github.com"))
	_, key := w.DefaultUser()
	classic := func() string {
		return w.token(sandbox.Token{
			Service: sandbox.GitHub, Kind: "classic", Owner: "ci-bot", Scopes: []string{"repo", "admin:repo_hook"},
		}).Text
	}
	token := classic()

	// The runtime was installed with a token of which this Terraform knows nothing.
	installer := w.cli()
	installer.configure(w.provider("ca_certificate = <<-EOT\n"+string(w.CACertificate())+"EOT\n"),
		provided(runtimeToken, "prod", set("runtime", runtimeName), set("token", classic())))
	installer.apply().wantExit(0)

	r := &reader{cli: w.cli(), secrets: map[string]string{"CODEFRESH_API_KEY": key, "TF_VAR_ci_bot_token": token}}
	r.secret(token)
	w.must(os.Remove(filepath.Join(r.folder, "versions.tf"))) // the page has its own

	if host := os.Getenv("TF_ACC_PROVIDER_HOST"); host != "" { // OpenTofu's registry
		r.others = map[string]func() (tfprotov6.ProviderServer, error){
			strings.Replace(provider.Address, "registry.terraform.io", host, 1): r.factories()["codefresh"],
		}
	}

	page := readText(t, guidePages+"/getting-started.md")
	lines := strings.Split(page, "\n")

	shown := fences(t, page)
	for i, f := range shown {
		before := strings.Split(strings.TrimSpace(strings.Join(lines[:f.line-1], "\n")), "\n\n")

		if i == len(shown)-2 {
			w.must(w.RevokeToken(token))
		}

		r.follow(t, before[len(before)-1], f)
	}

	if held, _, _, _, _ := w.RuntimeToken(runtimeName); held != token {
		t.Error("the runtime does not have the reader's token")
	}

	if !strings.Contains(page, strings.TrimPrefix(provider.Address, "registry.terraform.io/")) {
		t.Errorf("the page does not name %s", provider.Address)
	}

	if len(shown) < 7 {
		t.Errorf("only %d blocks were found", len(shown))
	}
}
