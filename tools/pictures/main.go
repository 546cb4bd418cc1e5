// Command pictures writes the pictures of README.md and of the registry's overview, dark and light, for wide screens
// and for telephones: a terminal with what the demo printed, and whom a plan asks what. Each is a scalable picture of
// text, which a browser can search and a screen reader can read, without scripts, fonts or anything else from outside.
package main

import (
	"fmt"
	"os"
	"path/filepath"
)

// recording is what the demo printed, of one scene; the demo's test keeps it up to date.
const recording = "cmd/demo/testdata/revoked.ansi"

// assets is where the pictures are.
const assets = "assets"

func main() {
	if err := write("."); err != nil {
		fmt.Fprintln(os.Stderr, "pictures:", err)
		os.Exit(1)
	}
}

// pictures returns the pictures by file name, for the repository in a folder.
func pictures(root string) (map[string]string, error) {
	//nolint:gosec // The folder is the repository's.
	printed, err := os.ReadFile(filepath.Join(root, filepath.FromSlash(recording)))
	if err != nil {
		return nil, fmt.Errorf("reading what the demo printed: %w", err)
	}

	all := make(map[string]string)
	for name, t := range themes() {
		all["plan-"+name+".svg"] = drawTerminal(parse(string(printed)), 80, t)
		all["plan-narrow-"+name+".svg"] = drawTerminal(parse(string(printed)), 46, t)
		all["asks-"+name+".svg"] = drawAsked(3, 263, t)
		all["asks-narrow-"+name+".svg"] = drawAsked(1, 318, t)
	}

	return all, nil
}

func write(root string) error {
	all, err := pictures(root)
	if err != nil {
		return err
	}

	for name, svg := range all {
		//nolint:gosec // Everybody may see them.
		if err := os.WriteFile(filepath.Join(root, assets, name), []byte(svg), 0o644); err != nil {
			return fmt.Errorf("writing a picture: %w", err)
		}
	}

	return nil
}
