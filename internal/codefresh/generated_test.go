package codefresh_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// The generated clients are those of the schemas and operations beside them.
func TestGeneratedCodeIsCurrent(t *testing.T) {
	t.Parallel()

	for _, dir := range []string{"platformapi", "appproxyapi"} {
		t.Run(dir, func(t *testing.T) {
			t.Parallel()

			scratch := t.TempDir()

			sources, err := filepath.Glob(filepath.Join(dir, "*.graphql"))
			if err != nil || len(sources) < 2 {
				t.Fatalf("schema and operations: %v, %v", sources, err)
			}

			for _, source := range append(sources, filepath.Join(dir, "genqlient.yaml")) {
				copyFile(t, source, filepath.Join(scratch, filepath.Base(source)))
			}

			config := filepath.Join(scratch, "genqlient.yaml")

			generate := exec.CommandContext(t.Context(),
				"go", "tool", "-modfile=../../tools/genqlient/go.mod", "genqlient", config)
			if output, err := generate.CombinedOutput(); err != nil {
				t.Fatalf("%v\n%s", err, output)
			}

			want, err := os.ReadFile(filepath.Join(scratch, "generated.go"))
			if err != nil {
				t.Fatal(err)
			}

			got, err := os.ReadFile(filepath.Join(dir, "generated.go"))
			if err != nil {
				t.Fatal(err)
			}

			if diff := cmp.Diff(string(want), string(got)); diff != "" {
				t.Errorf("run `go generate ./internal/codefresh/...` (-want +got):\n%s", diff)
			}
		})
	}
}

func copyFile(t *testing.T, from, to string) {
	t.Helper()

	text, err := os.ReadFile(from)
	if err != nil {
		t.Fatal(err)
	}

	if err := os.WriteFile(to, text, 0o600); err != nil {
		t.Fatal(err)
	}
}
