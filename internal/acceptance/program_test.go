package acceptance_test

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
)

const providerProgram = "terraform-provider-codefresh"

// programs is a folder for what several tests run.
var programs string

func TestMain(m *testing.M) {
	var err error
	if programs, err = os.MkdirTemp("", "codefresh-programs"); err != nil {
		panic(err)
	}

	code := m.Run()
	_ = os.RemoveAll(programs) // in the system's folder for what may be lost

	os.Exit(code)
}

// buildProvider builds the provider for all tests that run it as users do.
var buildProvider = sync.OnceValues(func() (program string, err error) {
	program = filepath.Join(programs, providerProgram)

	build := exec.CommandContext(context.Background(), "go", "build", "-buildvcs=false", "-o", program,
		"github.com/codefresh-gitops/terraform-provider-codefresh")
	if printed, err := build.CombinedOutput(); err != nil {
		return program, fmt.Errorf("building the provider: %w\n%s", err, printed)
	}

	return program, nil
})

// providerFolder returns a folder with the provider in it, which is the test's own: its processes can be told from
// those of other tests.
func providerFolder(t *testing.T) string {
	t.Helper()

	program, err := buildProvider()
	if err != nil {
		t.Fatal(err)
	}

	folder := t.TempDir()
	if err := os.Link(program, filepath.Join(folder, providerProgram)); err != nil {
		t.Fatal(err)
	}

	return folder
}
