package acceptance_test

import (
	"fmt"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/provider"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// The message that the README quotes is the one that Terraform prints.
func TestReadmeQuotesAPlan(t *testing.T) {
	t.Parallel()
	w := exampleWorld(t)
	c := exampleCLI(w, filepath.Join(examplesDir, "resources", runtimeToken, "resource.tf"))
	narrow := w.token(sandbox.Token{
		Service: sandbox.GitHub, Kind: "classic", Owner: "ci-bot", Scopes: []string{"repo"},
	})
	c.write("provider.tf", regexp.MustCompile(`ci-bot = "[^"]*"`).ReplaceAllString(
		readText(t, filepath.Join(c.folder, "provider.tf")), fmt.Sprintf("ci-bot = %q", narrow.Text)))

	found := c.plan().wantExit(1).only(t, "error", runtimeToken+".prod")

	readme := strings.Join(strings.Fields(strings.NewReplacer("│", "", "╷", "", "╵", "").Replace(
		readText(t, root+"README.md"))), " ")
	for _, text := range []string{"Error: " + found.Summary, found.Detail} {
		if !strings.Contains(readme, strings.Join(strings.Fields(text), " ")) {
			t.Errorf("README.md does not quote:\n%s", text)
		}
	}
	// So does what it says to start with.
	start := readText(t, filepath.Join(examplesDir, "provider", "provider.tf"))
	if !strings.Contains(readText(t, root+"README.md"), start) {
		t.Errorf("README.md does not hold examples/provider/provider.tf as it stands")
	}

	if address := strings.TrimPrefix(provider.Address, "registry.terraform.io/"); !strings.Contains(
		start, fmt.Sprintf("%q", address)) {
		t.Errorf("the provider example does not name %s", address)
	}
}

// The guide's table of scopes is the one that the provider judges by.
func TestGuideListsRequiredScopes(t *testing.T) {
	t.Parallel()
	guide := readText(t, root+"templates/guides/required-scopes.md")

	for _, r := range gittoken.Requirements() {
		if r.Unfit {
			if !strings.Contains(guide, "`"+string(r.Kind)+"`") {
				t.Errorf("the guide does not speak of %s tokens of %s, which are unfit", r.Kind, r.Provider)
			}

			continue
		}

		scopes := make([]string, 0, len(r.Scopes))
		for _, s := range r.Scopes {
			scopes = append(scopes, "`"+string(s)+"`")
		}

		row := regexp.MustCompile(fmt.Sprintf("(?m)^\\| `%s` .*`%s`.*\\| `%s` \\| %s \\| .+ \\|$",
			r.Provider, r.Kind, r.Type, regexp.QuoteMeta(strings.Join(scopes, ", "))))
		if !row.MatchString(guide) {
			t.Errorf("the guide has no row %s", row)
		}
	}
}

// Every example that asks for this provider says of which version it is.
func TestExamplesPinTheProvider(t *testing.T) {
	t.Parallel()

	source := regexp.MustCompile(`(?s)\{\s*source *= "codefresh-gitops/codefresh"(.*?)\}`)
	pinned := 0

	for _, file := range append(filesBelow(t, examplesDir, ".tf"), root+"README.md") {
		for _, found := range source.FindAllStringSubmatch(readText(t, file), -1) {
			if pinned++; !strings.Contains(found[1], `version = "~> 0.1"`) {
				t.Errorf("%s takes any version", file)
			}
		}
	}

	if pinned < 20 {
		t.Errorf("only %d examples ask for the provider", pinned)
	}
}

var guideTitle = regexp.MustCompile(`(?m)^page_title: "([^"]+)"$`)

// The index and the README lead to every guide, by its title: that is what the registry's sidebar shows. A guide says
// what its reader gets before it says how, and fits on a page; "Errors and warnings" is a table to search in.
func TestGuidesCanBeFoundAndRead(t *testing.T) {
	t.Parallel()

	index, readme := readText(t, root+"docs/index.md"), readText(t, root+"README.md")
	for _, g := range guides(t) {
		found := guideTitle.FindStringSubmatch(g.page)
		if found == nil {
			t.Errorf("%s.md has no title", g.name)

			continue
		}

		title := found[1]
		if !strings.Contains(g.page, "\n# "+title+"\n") {
			t.Errorf("%s.md: the heading is not the title %q", g.name, title)
		}

		for page, link := range map[string]string{
			index:  "[" + title + "](" + linkRegistry + "/guides/" + g.name + ")",
			readme: "[" + title + "](docs/guides/" + g.name + ".md)",
		} {
			if !strings.Contains(page, link) {
				t.Errorf("%s.md: there is no %s", g.name, link)
			}
		}

		if lines := strings.Count(g.page, "\n"); lines > 120 && g.name != "messages" {
			t.Errorf("%s.md has %d lines: cut or split it", g.name, lines)
		}

		_, text, _ := strings.Cut(g.page, "\n# "+title+"\n\n")
		if !regexp.MustCompile("^[A-Z`]").MatchString(text) {
			t.Errorf("%s.md does not begin with a sentence", g.name)
		}
	}
}
