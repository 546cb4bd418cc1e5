package provider

import (
	"crypto/rand"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// A key that is in no provider block is known as soon as the provider is configured: somebody else may be asked before
// Codefresh is, and repeat it. A part of a key has no shape to be told by.
func TestKeyFromElsewhereIsKnown(t *testing.T) {
	t.Parallel()

	const key = "5f0c9d501cae0000000003eb.1aef0aa73b5238d46c0e9f57"

	file := "contexts:\n  ci:\n    name: ci\n    type: APIKey\n    url: https://codefresh.example.com\n    token: " + key +
		"\ncurrent-context: ci\n"

	for name, given := range map[string]struct {
		variables map[string]string
		file      string
	}{
		"CODEFRESH_API_KEY": {variables: map[string]string{"CODEFRESH_API_KEY": key}},
		"CF_API_KEY":        {variables: map[string]string{"CF_API_KEY": " " + key + "\n"}},
		"the CLI's file":    {file: file},
	} {
		redactor := redact.New()
		s := setup{version: "1", redactor: redactor, around: Surroundings{
			Getenv: func(name string) string { return given.variables[name] },
			ReadFile: func(string) ([]byte, error) {
				if given.file == "" {
					return nil, os.ErrNotExist
				}

				return []byte(given.file), nil
			},
			Home: "/home/ci", Now: time.Now, Random: rand.Reader,
		}}

		data, diags := s.prepare(t.Context(), providerModel{}, "1.14.0")
		if diags.HasError() || data.codefresh == nil {
			t.Fatalf("%s: %v", name, diags)
		}

		if got := redactor.Text("see " + key[:len(key)*2/3] + "… there"); strings.Contains(got, key[24:30]) {
			t.Errorf("%s: a part of the key becomes %q", name, got)
		}
	}
}
