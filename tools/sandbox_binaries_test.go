package tools_test

import (
	"crypto/sha256"
	"encoding/hex"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// What a release has of the sandbox is there, runs, and is what its checksums say.
func TestSandboxBinaries(t *testing.T) {
	t.Parallel()
	folder, platform := t.TempDir(), runtime.GOOS+"_"+runtime.GOARCH
	build := exec.CommandContext(t.Context(), root+"scripts/sandbox-binaries", "0.1.0", folder, platform)

	build.Env = append(os.Environ(), "GOTOOLCHAIN=local") // a release has the toolchain of .goreleaser.yml
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}

	sums, err := os.ReadFile(filepath.Join(folder, "codefresh-sandbox_0.1.0_SHA256SUMS"))
	if err != nil {
		t.Fatal(err)
	}

	sum, name, _ := strings.Cut(strings.TrimSpace(string(sums)), "  ")
	program := filepath.Join(folder, name)

	text, err := os.ReadFile(program)
	if err != nil {
		t.Fatal(err)
	}

	if digest := sha256.Sum256(text); hex.EncodeToString(digest[:]) != sum || !strings.Contains(name, platform) {
		t.Errorf("the checksums are %q", sums)
	}

	help, _ := exec.CommandContext(t.Context(), program, "-h").CombinedOutput() // which ends with 2
	if !strings.Contains(string(help), "-json") {
		t.Errorf("the program says %q", help)
	}
}
