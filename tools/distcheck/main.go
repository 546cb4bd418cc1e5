// Command distcheck holds a folder of release files against what the Terraform registry and Terraform itself expect of
// them (HashiCorp, "Publish providers to the Terraform registry"): which files there are and how they are named, what
// is in each archive, the manifest and the checksums.
package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"debug/buildinfo"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

const project = "terraform-provider-codefresh"

// platforms returns those of HashiCorp's own providers, so that a module for many machines finds all of them here. Go
// builds for no 32-bit Darwin and, since 1.26, for no 32-bit Windows on ARM.
func platforms() []string {
	return []string{
		"darwin_amd64", "darwin_arm64", "freebsd_386", "freebsd_amd64", "freebsd_arm", "freebsd_arm64", "linux_386",
		"linux_amd64", "linux_arm", "linux_arm64", "windows_386", "windows_amd64", "windows_arm64",
	}
}

func main() {
	if len(os.Args) != 2 {
		fmt.Fprintln(os.Stderr, "usage: distcheck FOLDER")
		os.Exit(2)
	}

	version, err := release{
		folder: os.Args[1], manifest: "terraform-registry-manifest.json", platforms: platforms(), built: buildOf,
	}.check()
	if err != nil {
		fmt.Fprintf(os.Stderr, "distcheck: %v\n", err)
		os.Exit(1)
	}

	fmt.Printf("%s is a release as the registry wants it: version %s for %d platforms.\n", os.Args[1], version,
		len(platforms()))
}

// release is a folder of files that are to be published.
type release struct {
	folder    string
	manifest  string // in the repository; it is published under another name
	platforms []string
	built     func(program []byte) (build, error)
}

// build is what a program says of itself.
type build struct {
	platform string
	settings map[string]string // by Go's names for them
}

// check returns the version, and every fault at once.
func (r release) check() (version string, err error) {
	found, err := filepath.Glob(filepath.Join(r.folder, project+"_*_SHA256SUMS"))
	if err != nil {
		return "", fmt.Errorf("looking for the checksums: %w", err)
	}

	if len(found) != 1 {
		return "", fmt.Errorf("%d files of checksums instead of one", len(found))
	}

	prefix, _ := strings.CutSuffix(filepath.Base(found[0]), "SHA256SUMS")
	version = strings.Trim(strings.TrimPrefix(prefix, project), "_")

	wanted := []string{prefix + "manifest.json"}

	var faults []error

	for _, platform := range r.platforms {
		archive := prefix + platform + ".zip"
		wanted = append(wanted, archive, prefix+platform+".cdx.json")
		faults = append(faults, r.checkArchive(archive, version, platform), r.checkBill(prefix+platform+".cdx.json", version))
	}

	faults = append(faults, r.checkSums(found[0], wanted), r.checkManifest(), r.checkOthers(wanted))

	return version, errors.Join(faults...)
}

func (r release) read(name string) ([]byte, error) {
	return os.ReadFile(filepath.Join(r.folder, name)) //nolint:gosec // The folder that the caller names.
}

// checkSums wants a line for each file and no other, in the form of sha256sum.
func (r release) checkSums(file string, wanted []string) error {
	text, err := os.ReadFile(file) //nolint:gosec // In the folder that the caller names.
	if err != nil {
		return fmt.Errorf("reading the checksums: %w", err)
	}

	var (
		named  []string
		faults []error
	)

	for line := range strings.Lines(string(text)) {
		sum, name, ok := strings.Cut(strings.TrimSuffix(line, "\n"), "  ")
		if !ok {
			faults = append(faults, fmt.Errorf("%q is no line of sha256sum", line))

			continue
		}

		named = append(named, name)

		content, err := r.content(name)
		if err != nil {
			faults = append(faults, err)

			continue
		}

		if digest := sha256.Sum256(content); hex.EncodeToString(digest[:]) != sum {
			faults = append(faults, fmt.Errorf("%s: the checksum is of another file", name))
		}
	}

	slices.Sort(named)
	slices.Sort(wanted)

	if !slices.Equal(named, wanted) {
		faults = append(faults, fmt.Errorf("there are checksums of %q and not of %q", named, wanted))
	}

	return errors.Join(faults...)
}

// content returns a published file.
func (r release) content(name string) ([]byte, error) {
	if strings.HasSuffix(name, "_manifest.json") {
		return os.ReadFile(r.manifest)
	}

	return r.read(filepath.Base(name))
}

// checkManifest wants the protocol that main.go serves.
func (r release) checkManifest() error {
	text, err := os.ReadFile(r.manifest)
	if err != nil {
		return fmt.Errorf("reading the manifest: %w", err)
	}

	var m struct {
		Version  int `json:"version"`
		Metadata struct {
			Protocols []string `json:"protocol_versions"`
		} `json:"metadata"`
	}
	if err := json.Unmarshal(text, &m); err != nil {
		return fmt.Errorf("%s: %w", r.manifest, err)
	}

	if m.Version != 1 || !slices.Equal(m.Metadata.Protocols, []string{"6.0"}) {
		return fmt.Errorf("%s: version %d for protocols %q", r.manifest, m.Version, m.Metadata.Protocols)
	}

	return nil
}

// checkArchive wants the program for the platform, executable, and the licence.
func (r release) checkArchive(name, version, platform string) error {
	text, err := r.read(name)
	if err != nil {
		return fmt.Errorf("reading an archive: %w", err)
	}

	archive, err := zip.NewReader(bytes.NewReader(text), int64(len(text)))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	program := project + "_v" + version
	if strings.HasPrefix(platform, "windows_") {
		program += ".exe"
	}

	held := make(map[string]*zip.File)
	for _, f := range archive.File {
		held[f.Name] = f
	}

	if len(archive.File) != 2 || held["LICENSE"] == nil || held[program] == nil {
		return fmt.Errorf("%s does not hold %s and LICENSE alone", name, program)
	}

	if mode := held[program].Mode(); mode.Perm()&0o111 != 0o111 {
		return fmt.Errorf("%s: %s is not executable: %s", name, program, mode)
	}

	opened, err := held[program].Open()
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	binary, err := io.ReadAll(opened) // which checks the archive's own sum of it
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	b, err := r.built(binary)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	return b.check(name, platform)
}

func (b build) check(name, platform string) error {
	var faults []error
	if b.platform != platform {
		faults = append(faults, fmt.Errorf("%s: the program is for %s", name, b.platform))
	}

	for setting, want := range map[string]string{"CGO_ENABLED": "0", "-trimpath": "true"} {
		if got := b.settings[setting]; got != want {
			faults = append(faults, fmt.Errorf("%s: built with %s=%s", name, setting, got))
		}
	}

	for setting := range b.settings {
		if strings.HasPrefix(setting, "vcs") {
			faults = append(faults, fmt.Errorf("%s: has %s in it, which another build may not", name, setting))
		}
	}

	return errors.Join(faults...)
}

// buildOf reads what Go writes into each program.
func buildOf(program []byte) (build, error) {
	info, err := buildinfo.Read(bytes.NewReader(program))
	if err != nil {
		return build{}, fmt.Errorf("what Go says of the program: %w", err)
	}

	b := build{settings: make(map[string]string)}
	for _, s := range info.Settings {
		b.settings[s.Key] = s.Value
	}

	b.platform = b.settings["GOOS"] + "_" + b.settings["GOARCH"]

	return b, nil
}

// checkBill wants a bill of materials of this version that names Terraform's protocol among the parts.
func (r release) checkBill(name, version string) error {
	text, err := r.read(name)
	if err != nil {
		return fmt.Errorf("reading a bill of materials: %w", err)
	}

	var bill struct {
		Format   string `json:"bomFormat"`
		Metadata struct {
			Component struct {
				Version string `json:"version"`
			} `json:"component"`
		} `json:"metadata"`
		Components []struct {
			Name string `json:"name"`
		} `json:"components"`
	}
	if err := json.Unmarshal(text, &bill); err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}

	names := make([]string, 0, len(bill.Components))
	for _, c := range bill.Components {
		names = append(names, c.Name)
	}

	if bill.Format != "CycloneDX" || bill.Metadata.Component.Version != "v"+version ||
		!slices.Contains(names, "github.com/hashicorp/terraform-plugin-go") || !slices.Contains(names, "std") {
		return fmt.Errorf("%s is no bill of materials of version %s: format %q, version %q, %d components", name, version,
			bill.Format, bill.Metadata.Component.Version, len(names))
	}

	return nil
}

// checkOthers wants no archive beside those of the platforms: the registry would take it for one more.
func (r release) checkOthers(wanted []string) error {
	archives, err := filepath.Glob(filepath.Join(r.folder, "*.zip"))
	if err != nil {
		return fmt.Errorf("looking for archives: %w", err)
	}

	var faults []error

	for _, archive := range archives {
		if name := filepath.Base(archive); !slices.Contains(wanted, name) {
			faults = append(faults, fmt.Errorf("%s is of no platform that is expected", name))
		}
	}

	return errors.Join(faults...)
}
