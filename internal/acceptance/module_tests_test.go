package acceptance_test

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

var testSummary = regexp.MustCompile(`Success! [1-9]\d* passed, 0 failed`)

// The tests of the example module pass as its guide says to run them: with a sandbox and a provider that were built.
func TestModuleTests(t *testing.T) {
	t.Parallel()

	must := func(err error) {
		t.Helper()

		if err != nil {
			t.Fatal(err)
		}
	}
	terraform, err := exec.LookPath(cmp.Or(os.Getenv("TF_ACC_TERRAFORM_PATH"), "terraform"))
	must(err)

	folder, bin := t.TempDir(), providerFolder(t)
	must(os.CopyFS(folder, os.DirFS(filepath.Join(guidesDir, "testing"))))
	must(os.WriteFile(filepath.Join(bin, "terraformrc"), fmt.Appendf(nil, `provider_installation {
  dev_overrides {
    "codefresh-gitops/codefresh" = %q
  }
  direct {}
}
`, bin), 0o600))

	run := func(folder, program string, args ...string) (printed string, err error) {
		command := exec.CommandContext(t.Context(), program, args...)
		command.Dir = folder

		command.Env = append(os.Environ(), "PATH="+bin+":"+os.Getenv("PATH"), "TERRAFORM="+terraform,
			"TF_CLI_CONFIG_FILE="+filepath.Join(bin, "terraformrc"), "CHECKPOINT_DISABLE=1")
		text, err := command.CombinedOutput()

		return string(text), err
	}
	follow := func(folder, program string, args ...string) string {
		t.Helper()

		printed, err := run(folder, program, args...)
		if err != nil {
			t.Fatalf("%s %v: %v\n%s", program, args, err, printed)
		}

		return printed
	}
	follow(root, "go", "build", "-buildvcs=false", "-o", bin, "./cmd/codefresh-sandbox")

	units := follow(folder, terraform, "test", "-no-color")
	if testSummary.FindString(units) == "" {
		t.Errorf("the tests with a mock come to\n%s", units)
	}

	follow(filepath.Join(folder, "sandbox"), terraform, "get")

	printed := follow(folder, "./run-tests", "-no-color")
	if testSummary.FindString(printed) == "" {
		t.Errorf("the tests come to\n%s", printed)
	}

	for _, name := range []string{"revoked", "expired", "under_scoped", "unreachable"} {
		want := name + ".tftest.hcl"
		if !strings.Contains(printed, want+"... pass") {
			t.Errorf("%s does not pass:\n%s", want, printed)
		}
	}

	// They can fail: here nobody revokes the token.
	file := filepath.Join(folder, "sandbox", "revoked.tftest.hcl")
	must(os.WriteFile(file, []byte(strings.Replace(readText(t, file), "/tokens/revoke", "/tokens/unblock", 1)), 0o600))

	printed, err = run(folder, "./run-tests", "-no-color", "-filter=revoked.tftest.hcl")
	if err == nil || !strings.Contains(printed, "must be called revoked") {
		t.Errorf("a token that nobody revoked passes for a revoked one:\n%s", printed)
	}
}
