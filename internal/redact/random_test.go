package redact_test

import (
	"crypto/rand"
	"encoding/base64"
	"encoding/hex"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
)

// Names, versions and addresses that people choose may be repeated.
func TestNamesAreNotSuspicious(t *testing.T) {
	t.Parallel()

	r := redact.New()

	for _, text := range []string{
		"", "prod", "ci-bot", "production", "prod-eu-west-1", "my-runtime-for-the-team-that-builds-things",
		"runtime_of_team_42", "MyRuntimeForProductionEuWest1", "GitOpsRuntime2026", "codefresh-runtime-7d9f8b6c54-x2x8z",
		"k8s-prod-v1-25-3-eu-2-a-3-b4", "gke_my-project-123456_europe-west1-b_prod", "PRODUCTION_EU_WEST_1_CLUSTER",
		"arn:aws:eks:eu-central-1:123456789012:cluster/prod", "ip-10-0-12-34.eu-west-1.compute.internal",
		"5f0c0123456789abcdef0123", // Codefresh's id of a user
		"prod/default/5f0c0123456789abcdef0123",
		"{9d3f1c2a-5b7e-4c1d-8a9b-0c1d2e3f4a5b}", "9d3f1c2a-5b7e-4c1d-8a9b-0c1d2e3f4a5b",
		"ci@example.com", "someone.with.a.long.name.2026@mail.example.com", "v1.2.3-rc.4", "2027-01-31T12:00:00Z",
		"enforce", "bitbucket-server", "repo", "admin:repo_hook", "read:repository:bitbucket", "http_access",
		"https://git.example.com:8443/bitbucket/rest/api/1.0", "https://github.com/owner/repository.git",
		"git@github.com:owner/repository.git", "^prod-(eu|us)-[0-9]+$", "30s",
		"not a token at all, and yet quite long: 0a1b2c3d4e5f6a7b8c9d",
	} {
		if r.Suspicious(text) {
			t.Errorf("%q passes for a credential", text)
		}
	}
}

// What a service gives out at random is recognised, whatever its alphabet.
func TestRandomTextsAreSuspicious(t *testing.T) {
	t.Parallel()

	r := knowing("a-known/secret?2026")
	for _, text := range []string{
		classic, key, "a-known/secret?2026", "https://bot:hunter2@git.example.com", "Bearer 0123456789abcdefghij",
		"Authorization: token 0123456789abcdefghij", "glpat-0123456789abcdefghij", "hooks." + classic,
		"xK3_abTdEf9hIjklm2oP",                         // of GitLab, before its tokens had a prefix
		"MDM0MjM5NDc2MDxxOq6UrXLQ1yOcVYQ9UY8ZxHGEvx8w", // of Bitbucket Data Center, likewise
		"-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----\n",
	} {
		if !r.Suspicious(text) {
			t.Errorf("%q passes for a name", text)
		}
	}

	missed := map[string]int{}

	for range 1000 {
		random := make([]byte, 20)

		_, _ = rand.Read(random) // which never fails
		for name, text := range map[string]string{
			"hexadecimal": hex.EncodeToString(random), "Base64": base64.RawURLEncoding.EncodeToString(random),
		} {
			if !r.Suspicious(text) {
				missed[name]++
			}
		}
	}

	for name, n := range missed {
		if n > 25 { // about 5 do
			t.Errorf("%s: %d of 1000 random texts pass for names", name, n)
		}
	}
}
