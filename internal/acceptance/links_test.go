package acceptance_test

import (
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
)

var (
	linkTarget   = regexp.MustCompile(`\[[^\]]*\]\(([^)\s]+)\)`)
	linkSource   = regexp.MustCompile(`src(?:set)?="([^"]+)"`)
	linkAddress  = regexp.MustCompile(`https://\w[^\s)>"']*`)
	linkFence    = regexp.MustCompile("(?s)```.*?```")
	linkCode     = regexp.MustCompile("`[^`\n]*`")
	linkHeading  = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	linkAnchor   = regexp.MustCompile(`<a id="([^"]+)">`)
	linkNoAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// linkHome is where the documentation finds this repository.
const linkHome = "https://github.com/codefresh-gitops/terraform-provider-codefresh"

// linkPictures is where pages outside the repository find its files.
const linkPictures = "https://raw.githubusercontent.com/codefresh-gitops/terraform-provider-codefresh/main/"

// linkHosts returns the hosts that the documentation may send its readers to.
func linkHosts() []string {
	return []string{
		"codefresh.io", "developer.hashicorp.com", "docs.github.com", "docs.gitlab.com", "g.codefresh.io", "github.com",
		"keepachangelog.com", "opentofu.org", "raw.githubusercontent.com", "registry.terraform.io", "semver.org",
	}
}

// linkRegistry is where the Terraform Registry shows the documentation of the newest release.
const linkRegistry = "https://registry.terraform.io/providers/codefresh-gitops/codefresh/latest/docs"

// reading is a place in which a page is read: how its links are resolved there.
type reading struct {
	name string
	// resolve returns the file that a relative link of a page leads to, or what is wrong with the link.
	resolve func(page, link string) (file, problem string)
}

func readings() []reading {
	return []reading{
		{"GitHub", onGitHub}, {"the Terraform Registry", onTerraformRegistry}, {"the OpenTofu registry", onOpenTofuRegistry},
	}
}

// onGitHub resolves a link as a path beside the page's file.
func onGitHub(page, link string) (file, problem string) {
	return filepath.Join(filepath.Dir(page), link), ""
}

// onTerraformRegistry resolves a link as a browser does, against the address of the page: that of the overview has no
// slash at its end. The registry leaves out an ending ".md" (its own provider's documentation, hashicorp/hcp, relies on
// that) and has no other files.
func onTerraformRegistry(page, link string) (file, problem string) {
	address, err := url.Parse(linkRegistry)
	if err != nil {
		return "", err.Error()
	}

	shown := strings.TrimSuffix(strings.TrimPrefix(page, root+"docs/"), ".md")
	if shown != "index" {
		address = address.JoinPath(shown)
	}

	target, err := address.Parse(strings.TrimSuffix(link, ".md"))
	if err != nil {
		return "", err.Error()
	}

	below, isHere := strings.CutPrefix(target.String(), linkRegistry+"/")
	if !isHere {
		return "", "it leads out of the documentation, to " + target.String()
	}

	return root + "docs/" + below + ".md", ""
}

// onOpenTofuRegistry takes the ending from names of pages beside the page and from no other link (docsProcessor.ts of
// opentofu/registry-ui).
func onOpenTofuRegistry(page, link string) (file, problem string) {
	if strings.Contains(link, "/") {
		return "", "only a page beside this one can be linked by its file's name"
	}

	return onTerraformRegistry(page, link)
}

// Every link of the documentation leads somewhere, wherever it is read.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages := append(filesBelow(t, root+"docs", ".md"), root+"README.md", root+"AGENTS.md", root+"CONTRIBUTING.md",
		root+"CHANGELOG.md", root+"SECURITY.md", root+".github/ISSUE_TEMPLATE/config.yml")
	links := 0

	for _, page := range pages {
		text := linkCode.ReplaceAllString(linkFence.ReplaceAllString(readText(t, page), ""), "")
		for _, found := range linkTarget.FindAllStringSubmatch(text, -1) {
			links++

			for _, problem := range deadLink(t, page, found[1]) {
				t.Errorf("%s: %s: %s", page, found[1], problem)
			}
		}

		for _, found := range linkSource.FindAllStringSubmatch(text, -1) {
			for _, problem := range deadFile(t, filepath.Join(filepath.Dir(page), found[1]), "") {
				t.Errorf("%s: %s: %s", page, found[1], problem)
			}
		}

		for _, address := range linkAddress.FindAllString(linkTarget.ReplaceAllString(text, ""), -1) {
			for _, problem := range deadLink(t, page, address) {
				t.Errorf("%s: %s: %s", page, address, problem)
			}
		}
	}

	if links < 80 {
		t.Errorf("only %d links were found", links)
	}
}

// The readings tell links that work from those that were dead before.
func TestReadings(t *testing.T) {
	t.Parallel()

	for _, tt := range []struct {
		page, link string
		dead       int
	}{
		{"index.md", linkRegistry + "/guides/checks", 0},
		{"index.md", linkRegistry + "/guides/checks#looking-for-drift", 0},
		{"index.md", linkRegistry + "/guides/checks#nowhere", 1},
		{"index.md", linkRegistry + "/guides/nothing", 1},
		{"index.md", linkPictures + "assets/plan-light.svg", 0},
		{"index.md", linkPictures + "assets/nothing.svg", 1},
		{"index.md", "guides/checks", 3},    // no such file; no such page above docs; not beside
		{"index.md", "guides/checks.md", 2}, // as before, but for GitHub
		{"guides/limits.md", "checks.md", 0},
		{"guides/limits.md", "checks.md#looking-for-drift", 0},
		{"guides/limits.md", "checks", 1}, // no such file
		{"guides/limits.md", "../resources/git_user_token.md", 1},
		{"guides/limits.md", "#what-time-does", 0},
		{"guides/limits.md", "#nowhere", 1},
	} {
		if found := deadLink(t, root+"docs/"+tt.page, tt.link); len(found) != tt.dead {
			t.Errorf("%s in %s: %q", tt.link, tt.page, found)
		}
	}
}

// deadLink says what is wrong with a link of a page, if anything is.
func deadLink(t *testing.T, page, link string) []string {
	t.Helper()

	if below, isHere := strings.CutPrefix(link, linkRegistry+"/"); isHere {
		below, fragment, _ := strings.Cut(below, "#")

		return deadFile(t, root+"docs/"+below+".md", fragment)
	}

	if below, isPicture := strings.CutPrefix(link, linkPictures); isPicture {
		return deadFile(t, root+below, "")
	}

	if below, isHome := strings.CutPrefix(link, linkHome); isHome && !isPageOfGitHub(below) {
		page, link = root+"README.md", strings.TrimPrefix(strings.TrimPrefix(below, "/blob/main/"), "/tree/main/")
	}

	target, err := url.Parse(link)
	switch {
	case err != nil:
		return []string{err.Error()}
	case target.IsAbs() && target.Scheme != "https":
		return []string{"this is no https:// address"}
	case target.IsAbs() && !slices.Contains(linkHosts(), target.Host):
		return []string{"the host is not among those of the test"}
	case target.IsAbs():
		return nil
	case target.Path == "":
		return deadFile(t, page, target.Fragment)
	case !strings.HasPrefix(page, root+"docs/"): // on GitHub alone
		return deadFile(t, filepath.Join(filepath.Dir(page), target.Path), target.Fragment)
	}

	var all []string

	for _, r := range readings() {
		file, problem := r.resolve(page, target.Path)

		problems := []string{problem}
		if problem == "" {
			problems = deadFile(t, file, target.Fragment)
		}

		for _, p := range problems {
			all = append(all, "on "+r.name+": "+p)
		}
	}

	return all
}

// isPageOfGitHub reports whether a path below the repository's address is one that GitHub makes, and no file's.
func isPageOfGitHub(path string) bool {
	return strings.HasPrefix(path, "/security/") || strings.HasPrefix(path, "/issues") ||
		strings.HasPrefix(path, "/releases")
}

// deadFile says what is wrong with a link to a place in a file.
func deadFile(t *testing.T, file, fragment string) []string {
	t.Helper()

	if _, err := os.Stat(file); err != nil {
		return []string{err.Error()}
	}

	if fragment != "" && !slices.Contains(anchors(t, file), fragment) {
		return []string{"the page has no such place"}
	}

	return nil
}

// anchors returns the places of a page that a link can lead to.
func anchors(t *testing.T, page string) []string {
	t.Helper()
	text := linkFence.ReplaceAllString(readText(t, page), "")

	var all []string
	for _, found := range linkAnchor.FindAllStringSubmatch(text, -1) {
		all = append(all, found[1])
	}

	for _, found := range linkHeading.FindAllStringSubmatch(text, -1) {
		words := linkNoAnchor.ReplaceAllString(strings.ToLower(found[1]), "")
		all = append(all, strings.ReplaceAll(words, " ", "-"))
	}

	return all
}
