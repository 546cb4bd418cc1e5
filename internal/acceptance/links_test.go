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
	linkAddress  = regexp.MustCompile(`https://\w[^\s)>"']*`)
	linkFence    = regexp.MustCompile("(?s)```.*?```")
	linkCode     = regexp.MustCompile("`[^`\n]*`")
	linkHeading  = regexp.MustCompile(`(?m)^#+ +(.*)$`)
	linkAnchor   = regexp.MustCompile(`<a id="([^"]+)">`)
	linkNoAnchor = regexp.MustCompile(`[^\p{L}\p{N} _-]`)
)

// linkHome is where the documentation finds this repository.
const linkHome = "https://github.com/codefresh-gitops/terraform-provider-codefresh"

// linkHosts returns the hosts that the documentation may send its readers to.
func linkHosts() []string {
	return []string{
		"codefresh.io", "developer.hashicorp.com", "docs.github.com", "docs.gitlab.com", "g.codefresh.io", "github.com",
		"keepachangelog.com", "opentofu.org", "registry.terraform.io", "semver.org",
	}
}

// Every link of the documentation leads somewhere. Pages of the registry name each other without an ending.
func TestLinks(t *testing.T) {
	t.Parallel()
	pages := append(filesBelow(t, root+"docs", ".md"), root+"README.md", root+"CONTRIBUTING.md",
		root+"CHANGELOG.md", root+"SECURITY.md")
	links := 0
	for _, page := range pages {
		text := linkCode.ReplaceAllString(linkFence.ReplaceAllString(readText(t, page), ""), "")
		for _, found := range linkTarget.FindAllStringSubmatch(text, -1) {
			links++
			if problem := deadLink(t, page, found[1]); problem != "" {
				t.Errorf("%s: %s: %s", page, found[1], problem)
			}
		}
		for _, address := range linkAddress.FindAllString(linkTarget.ReplaceAllString(text, ""), -1) {
			if problem := deadLink(t, page, address); problem != "" {
				t.Errorf("%s: %s: %s", page, address, problem)
			}
		}
	}
	if links < 30 {
		t.Errorf("only %d links were found", links)
	}
}

// deadLink says what is wrong with a link of a page, if anything is.
func deadLink(t *testing.T, page, link string) string {
	t.Helper()
	if below, isHome := strings.CutPrefix(link, linkHome); isHome && !strings.HasPrefix(below, "/security/") {
		page, link = root+"README.md", strings.TrimPrefix(strings.TrimPrefix(below, "/blob/main/"), "/tree/main/")
	}
	target, err := url.Parse(link)
	switch {
	case err != nil:
		return err.Error()
	case target.IsAbs() && target.Scheme != "https":
		return "this is no https:// address"
	case target.IsAbs() && !slices.Contains(linkHosts(), target.Host):
		return "the host is not among those of the test"
	case target.IsAbs():
		return ""
	}

	file := page
	if target.Path != "" {
		file = filepath.Join(filepath.Dir(page), target.Path)
		if strings.HasPrefix(page, root+"docs/") {
			if filepath.Ext(file) != "" || !strings.HasPrefix(file, root+"docs/") {
				return "the registry has no such page"
			}
			file += ".md"
		}
	}
	if _, err := os.Stat(file); err != nil {
		return err.Error()
	}
	if target.Fragment != "" && !slices.Contains(anchors(t, file), target.Fragment) {
		return "the page has no such place"
	}

	return ""
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
