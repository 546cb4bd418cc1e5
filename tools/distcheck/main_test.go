package main

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
)

const prefix = project + "_1.2.3_"

// archiveOf is a ZIP archive of files, which are executable.
func archiveOf(t *testing.T, names ...string) string {
	t.Helper()

	var b bytes.Buffer

	w := zip.NewWriter(&b)

	for _, name := range names {
		h := &zip.FileHeader{Name: name}
		h.SetMode(0o755)

		f, err := w.CreateHeader(h)
		if err == nil {
			_, err = f.Write([]byte("program"))
		}

		if err != nil {
			t.Fatal(err)
		}
	}

	if err := w.Close(); err != nil {
		t.Fatal(err)
	}

	return b.String()
}

// files are those of a small release without a fault, for Linux and Windows.
func files(t *testing.T) map[string]string {
	t.Helper()

	bill := `{"bomFormat": "CycloneDX", "metadata": {"component": {"version": "v1.2.3"}},
		"components": [{"name": "github.com/hashicorp/terraform-plugin-go"}, {"name": "std"}]}`

	return map[string]string{
		"manifest":                        `{"version": 1, "metadata": {"protocol_versions": ["6.0"]}}`,
		prefix + "linux_amd64.zip":        archiveOf(t, project+"_v1.2.3", "LICENSE"),
		prefix + "windows_amd64.zip":      archiveOf(t, project+"_v1.2.3.exe", "LICENSE"),
		prefix + "linux_amd64.cdx.json":   bill,
		prefix + "windows_amd64.cdx.json": bill,
	}
}

// lay writes a release into a folder, with its checksums, and returns it as the check takes it.
func lay(t *testing.T, files map[string]string) release {
	t.Helper()
	r := release{folder: t.TempDir(), platforms: []string{"linux_amd64", "windows_amd64"}}
	r.manifest = filepath.Join(r.folder, "manifest")
	next := r.platforms
	r.built = func([]byte) (build, error) {
		b := build{platform: next[0], settings: map[string]string{"CGO_ENABLED": "0", "-trimpath": "true"}}
		next = next[1:]

		return b, nil
	}

	if files[prefix+"SHA256SUMS"] == "" {
		var sums strings.Builder

		for _, name := range slices.Sorted(maps.Keys(files)) {
			published := strings.Replace(name, "manifest", prefix+"manifest.json", 1)
			fmt.Fprintf(&sums, "%x  %s\n", sha256.Sum256([]byte(files[name])), published)
		}

		files[prefix+"SHA256SUMS"] = sums.String()
	}

	for name, text := range files {
		if err := os.WriteFile(filepath.Join(r.folder, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}

	return r
}

func TestGoodRelease(t *testing.T) {
	t.Parallel()

	version, err := lay(t, files(t)).check()
	if version != "1.2.3" || err != nil {
		t.Errorf("version %q, error %v", version, err)
	}
}

// Each fault is found, and says what it is about.
func TestFaults(t *testing.T) {
	t.Parallel()

	tests := map[string]struct {
		spoil func(t *testing.T, files map[string]string)
		want  string
	}{
		"no archive": {func(_ *testing.T, f map[string]string) {
			delete(f, prefix+"linux_amd64.zip")
		}, "linux_amd64.zip"},
		"no archive at all": {func(_ *testing.T, f map[string]string) {
			f[prefix+"linux_amd64.zip"] = "no ZIP"
		}, "not a valid zip file"},
		"another program": {func(t *testing.T, f map[string]string) {
			t.Helper()
			f[prefix+"linux_amd64.zip"] = archiveOf(t, project, "LICENSE")
		}, "does not hold"},
		"no licence": {func(t *testing.T, f map[string]string) {
			t.Helper()
			f[prefix+"windows_amd64.zip"] = archiveOf(t, project+"_v1.2.3.exe")
		}, "does not hold"},
		"a platform too many": {func(_ *testing.T, f map[string]string) {
			f[prefix+"plan9_amd64.zip"] = f[prefix+"linux_amd64.zip"]
		}, "plan9_amd64.zip is of no platform"},
		"no bill of materials": {func(_ *testing.T, f map[string]string) {
			f[prefix+"linux_amd64.cdx.json"] = "{}"
		}, "no bill of materials"},
		"another protocol": {func(_ *testing.T, f map[string]string) {
			f["manifest"] = `{"version": 1, "metadata": {"protocol_versions": ["5.0"]}}`
		}, `["5.0"]`},
		"no checksums": {func(_ *testing.T, f map[string]string) {
			f[prefix+"SHA256SUMS"] = "nothing\n"
		}, "no line of sha256sum"},
		"a wrong checksum": {func(_ *testing.T, f map[string]string) {
			f[prefix+"SHA256SUMS"] = strings.Repeat("0", 64) + "  " + prefix + "linux_amd64.zip\n"
		}, "is of another file"},
	}
	for name, tt := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			all := files(t)
			tt.spoil(t, all)

			if _, err := lay(t, all).check(); err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("error %v, not one with %q", err, tt.want)
			}
		})
	}
}

func TestFaultsOfABuild(t *testing.T) {
	t.Parallel()

	good := map[string]string{"CGO_ENABLED": "0", "-trimpath": "true"}
	if err := (build{"linux_amd64", good}).check("it", "linux_amd64"); err != nil {
		t.Error(err)
	}

	for name, b := range map[string]build{
		"another platform": {"linux_arm64", good},
		"cgo":              {"linux_amd64", map[string]string{"CGO_ENABLED": "1", "-trimpath": "true"}},
		"paths":            {"linux_amd64", map[string]string{"CGO_ENABLED": "0"}},
		"vcs":              {"linux_amd64", map[string]string{"CGO_ENABLED": "0", "-trimpath": "true", "vcs.time": "x"}},
	} {
		if b.check("it", "linux_amd64") == nil {
			t.Errorf("%s: no fault found", name)
		}
	}
}

// What Go says of a program is read from the program at hand, which is this test.
func TestBuildOf(t *testing.T) {
	t.Parallel()

	path, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}

	program, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}

	b, err := buildOf(program)
	if want := runtime.GOOS + "_" + runtime.GOARCH; b.platform != want || err != nil {
		t.Errorf("platform %q, not %q; error %v", b.platform, want, err)
	}

	if _, err := buildOf([]byte("no program")); err == nil {
		t.Error("a text is taken for a program")
	}
}

func TestManifestOfTheRepository(t *testing.T) {
	t.Parallel()

	r := release{manifest: "../../terraform-registry-manifest.json"}
	if err := r.checkManifest(); err != nil {
		t.Error(err)
	}

	r.manifest = "main.go"
	if syntax := (*json.SyntaxError)(nil); !errors.As(r.checkManifest(), &syntax) {
		t.Error("a source file is taken for a manifest")
	}
}
