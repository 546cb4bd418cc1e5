package acceptance_test

import (
	"fmt"
	"maps"
	"sync/atomic"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// repositories returns the attribute with one repository.
func repositories(address, access string) string {
	return fmt.Sprintf("repositories = [{ url = %q, access = %q }]", address, access)
}

// A requirement that grows makes a token that was good enough a new one: it may fail the plan.
func TestRequirementGrows(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[1]
	at, text := k.at(), w.mint("repo")
	address, err := w.AddRepository(sandbox.Repository{
		Service: lifeHost, Path: "acme/infra", Private: true,
		Roles: map[string]string{"ci-bot": "read"},
	})
	w.must(err)

	with := func(attributes ...string) string {
		return w.config(k.resourceType, append(attributes, set("token", text))...)
	}

	w.run(
		// The user's own list is the requirement, whatever the table says.
		applies(with(`required_scopes = ["repo:status"]`), at, create, has(at, "status", "valid"),
			hasSet(at, "required_scopes", "repo:status"), hasSet(at, "granted_scopes", "repo"),
			hasSet(at, "excess_scopes", "repo")),
		planFails(with(`required_scopes = ["repo", "read:org"]`), "Git token lacks 1 of 2 scopes", "read:org"),
		planFails(with(repositories(address, "write")), "Git token is refused access to 1 repository",
			"write access to", address),
		after(func() { w.must(w.SetRole(lifeHost, "acme/infra", "ci-bot", "write")) },
			applies(with(repositories(address, "write")), at, update, has(at, "status", "valid"),
				hasSet(at, "required_scopes", "repo"))),
		// What was proved may be lost, as scopes may.
		after(func() { w.must(w.SetRole(lifeHost, "acme/infra", "ci-bot", "")) },
			refreshes(at, update, has(at, "status", "under_scoped"),
				has(at, "status_reason", "is refused access at "+address))),
	)
}

// Whoever follows Codefresh's documentation writes scopes as it does.
func TestScopesAsCodefreshSpellsThem(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.must(w.AddIntegration(runtimeName, "lab", "GITLAB", w.URL(sandbox.GitLabSelfManaged)))

	at := userToken + ".it"
	text := w.token(sandbox.Token{
		Service: sandbox.GitLabSelfManaged, Kind: "personal", Owner: "dev",
		Scopes: []string{"read_api", "write_repository"},
	}).Text
	with := func(scopes string) string {
		return w.config(userToken, set("integration", "lab"), set("token", text), "required_scopes = ["+scopes+"]")
	}

	w.run(
		planFails(with(`"api-read", "sudo"`), "Git token lacks 1 of 2 scopes", "sudo"),
		applies(with(`"api_read", "read-repository"`), at, create, has(at, "status", "valid"),
			hasSet(at, "required_scopes", "api_read", "read-repository"), hasSet(at, "missing_scopes"),
			hasSet(at, "granted_scopes", "read_api", "write_repository")),
		// The host's own spelling of the same scopes asks for nothing else, and nothing is sent.
		applies(with(`"read_api", "read_repository"`), at, update,
			hasSet(at, "required_scopes", "read_api", "read_repository")),
	)
}

func TestFineGrainedToken(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[0]
	at := k.at()
	address, err := w.AddRepository(sandbox.Repository{
		Service: lifeHost, Path: "acme/infra", Private: true,
		Roles: map[string]string{"ci-bot": "admin"},
	})
	w.must(err)

	permissions := map[string]string{
		"administration": "write", "statuses": "write", "contents": "write",
		"metadata": "read", "pull_requests": "write", "webhooks": "write",
	}
	fine := func(without string) string {
		held := maps.Clone(permissions)
		delete(held, without)

		return w.token(sandbox.Token{Service: lifeHost, Kind: "fine_grained", Owner: "ci-bot", Permissions: held}).Text
	}
	whole, lacking := fine(""), fine("webhooks")
	with := func(text string, attributes ...string) string {
		return w.config(k.resourceType, append(attributes, set("token", text))...)
	}

	const probes = "write_probes = true"

	all := []string{
		"administration:write", "statuses:write", "contents:write", "metadata:read", "pull_requests:write",
		"webhooks:write",
	}

	w.run(
		planFails(with(lacking, repositories(address, "admin"), probes), "Git token lacks 1 of 6 scopes", "webhooks:write"),
		// Without repositories nothing tells the one from the other.
		applies(with(whole), at, create, has(at, "status", "unproven"), has(at, "token_kind", "fine_grained"),
			hasSet(at, "required_scopes", all...), hasNone(at, "granted_scopes")),
		applies(with(whole, repositories(address, "admin")), at, update, has(at, "status", "unproven"),
			hasSet(at, "granted_scopes", "administration:write", "contents:write", "metadata:read")),
		applies(with(whole, repositories(address, "admin"), probes), at, update, has(at, "status", "valid"),
			hasSet(at, "granted_scopes", all...), hasSet(at, "missing_scopes")),
		after(func() { w.must(w.SetPermissions(whole, map[string]string{"contents": "read", "metadata": "read"})) },
			refreshes(at, update, has(at, "status", "under_scoped"), has(at, "missing_scopes.#", "5"))),
	)

	changes, err := w.Changes(lifeHost)
	if w.must(err); len(changes) != 0 {
		t.Errorf("asking changed something: %v", changes)
	}
}

// A host that does not tell an expiry leaves open whether a rejected token expired or was revoked. The user may know.
func TestExpiryHint(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[0]
	at, text, gone := k.at(), w.mint(k.scopes...), w.mint(k.scopes...)
	w.must(w.RevokeToken(gone))

	var ahead atomic.Int64

	w.clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	inTwoDays := time.Now().Add(48 * time.Hour).UTC()
	config := w.config(k.resourceType, set("token", text), set("expires_at_hint", inTwoDays.Format(time.DateOnly)))

	w.run(
		planFails(w.config(k.resourceType, set("token", text), set("expires_at_hint", "soon")),
			"expires_at_hint is not a date"),
		planFails(w.config(k.resourceType, set("token", gone), set("expires_at_hint", "2020-01-31")),
			"Git token expired on 2020-01-31"),
		applies(config, at, create, has(at, "status", "valid"), hasNone(at, "expires_at")),
		after(func() { w.must(w.RevokeToken(text)) }, refreshes(at, update, has(at, "status", "revoked"))),
		after(func() { ahead.Store(int64(72 * time.Hour)) }, refreshes(at, update, has(at, "status", "expired"))),
	)
}
