// Command changelog keeps CHANGELOG.md from fragments: a file in changelog.d for each change that users notice, so that
// two changes never meet in one place of one file.
//
//	changelog                     prints what the next release will say
//	changelog release VERSION     moves the fragments under a heading in CHANGELOG.md
//	changelog notes VERSION       prints what CHANGELOG.md says of a release
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"
)

var (
	errUsage = errors.New("usage: changelog [release VERSION | notes VERSION]")
	semantic = regexp.MustCompile(`^\d+\.\d+\.\d+(-[0-9A-Za-z.-]+)?$`)
)

// kinds returns those of Keep a Changelog, in its order. The name of a fragment begins with one of them.
func kinds() []string {
	return []string{"added", "changed", "deprecated", "removed", "fixed", "security"}
}

func main() {
	if err := run(".", os.Args[1:], time.Now(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "changelog:", err)
		os.Exit(1)
	}
}

func run(root string, args []string, now time.Time, out io.Writer) error {
	var text string
	var err error
	switch {
	case len(args) == 0:
		text, _, err = collect(root)
	case len(args) != 2 || args[0] != "release" && args[0] != "notes":
		err = errUsage
	case !semantic.MatchString(args[1]):
		err = fmt.Errorf("%q is no version such as 1.2.3", args[1])
	case args[0] == "notes":
		text, err = notes(root, args[1])
	default:
		err = release(root, args[1], now)
	}
	if err != nil {
		return err
	}
	_, err = io.WriteString(out, text)

	return err
}

// collect returns the fragments as a section without its heading, and their files.
func collect(root string) (text string, files []string, err error) {
	all, err := filepath.Glob(filepath.Join(root, "changelog.d", "*.md"))
	if err != nil {
		return "", nil, fmt.Errorf("looking for fragments: %w", err)
	}
	items := make(map[string][]string)
	for _, file := range all {
		if filepath.Base(file) == "README.md" {
			continue
		}
		kind, _, _ := strings.Cut(filepath.Base(file), "-")
		if !slices.Contains(kinds(), kind) {
			return "", nil, fmt.Errorf("%s: its name begins with none of %q and a dash", file, kinds())
		}
		content, err := os.ReadFile(file) //nolint:gosec // A fragment of this repository.
		if err != nil {
			return "", nil, fmt.Errorf("reading a fragment: %w", err)
		}
		item := strings.TrimSpace(string(content))
		if item == "" || strings.HasPrefix(item, "- ") {
			return "", nil, fmt.Errorf("%s: a fragment is a sentence or more, without a list's dash", file)
		}
		items[kind] = append(items[kind], "- "+strings.ReplaceAll(item, "\n", "\n  "))
		files = append(files, file)
	}

	var b strings.Builder
	for _, kind := range kinds() {
		if len(items[kind]) > 0 {
			fmt.Fprintf(&b, "\n### %s%s\n\n%s\n", strings.ToUpper(kind[:1]), kind[1:], strings.Join(items[kind], "\n"))
		}
	}

	return strings.TrimPrefix(b.String(), "\n"), files, nil
}

// release writes the fragments into CHANGELOG.md, above the releases that are there, and removes them.
func release(root, version string, now time.Time) error {
	text, files, err := collect(root)
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return errors.New("there are no fragments in changelog.d: nothing to release")
	}
	path := filepath.Join(root, "CHANGELOG.md")
	old, err := os.ReadFile(path) //nolint:gosec // The changelog of this repository.
	if err != nil {
		return fmt.Errorf("reading the changelog: %w", err)
	}
	if section(string(old), version) != "" {
		return fmt.Errorf("CHANGELOG.md has a release %s already", version)
	}
	head, rest, found := strings.Cut(string(old), "\n## ")
	if found {
		rest = "\n## " + rest
	}
	fresh := strings.TrimRight(head, "\n") + "\n\n## " + version + " - " + now.Format(time.DateOnly) + "\n\n" + text + rest
	if err := os.WriteFile(path, []byte(fresh), 0o644); err != nil { //nolint:gosec // For everybody to read.
		return fmt.Errorf("writing the changelog: %w", err)
	}
	for _, file := range files {
		if err := os.Remove(file); err != nil {
			return fmt.Errorf("removing a fragment that was moved: %w", err)
		}
	}

	return nil
}

func notes(root, version string) (string, error) {
	all, err := os.ReadFile(filepath.Join(root, "CHANGELOG.md")) //nolint:gosec // The changelog of this repository.
	if err != nil {
		return "", fmt.Errorf("reading the changelog: %w", err)
	}
	text := section(string(all), version)
	if text == "" {
		return "", fmt.Errorf("CHANGELOG.md has no release %s: run `go run ./tools/changelog release %[1]s`", version)
	}

	return text, nil
}

// section returns what a changelog says of a version, without its heading.
func section(changelog, version string) string {
	_, rest, found := strings.Cut(changelog, "\n## "+version+" - ")
	if !found {
		return ""
	}
	_, body, _ := strings.Cut(rest, "\n") // the date
	body, _, _ = strings.Cut(body, "\n## ")

	return strings.TrimSpace(body) + "\n"
}
