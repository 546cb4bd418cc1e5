package acceptance_test

import (
	"sync/atomic"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// A token that goes bad is drift: an update in place of its own resource, which holds up nothing else.
func TestDriftAtTheGitHost(t *testing.T) {
	t.Parallel()

	w, k := lifeWorld(t, sandbox.Runtime{}), lifeKinds()[0]

	const other = "terraform_data.other"

	var ahead atomic.Int64

	w.clock = func() time.Time { return time.Now().Add(time.Duration(ahead.Load())) }
	at, text := k.at(), w.mint(k.scopes...)
	expiry := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	w.must(w.SetExpiry(text, expiry))

	with := func(input string) string {
		return w.config(k.resourceType, set("token", text)) + later("other", input)
	}

	w.run(
		applies(with("1"), at, create, has(at, "expires_at", expiry.Format(time.RFC3339))),
		after(func() { w.must(w.SetScopes(text, "repo")) },
			refreshes(at, update, has(at, "status", "under_scoped"), has(at, "status_reason", "lacks admin:repo_hook"),
				has(at, "missing_scopes.0", "admin:repo_hook"), has(at, "granted_scopes.0", "repo"))),
		// What was taken away comes back: there is nothing left to do.
		after(func() { w.must(w.SetScopes(text, k.scopes...)) },
			refreshes(at, noop, has(at, "status", "valid"), has(at, "missing_scopes.#", "0"))),
		after(func() { ahead.Store(int64(2 * time.Hour)); w.must(w.ExpireToken(text)) },
			refreshes(at, update, has(at, "status", "expired"), has(at, "token_owner", "ci-bot"),
				has(at, "token_kind", "classic"), has(at, "expires_at", expiry.Format(time.RFC3339)))),
		// The rest of the configuration is planned and applied all the same.
		step{
			config: with("2"), fails: applyFailure, texts: []string{"Git token expired on " + expiry.Format(time.DateOnly)},
			actions: map[string]action{other: update, at: update},
		},
		step{config: with("2"), walk: walkPlan, leaves: true, actions: map[string]action{other: noop, at: update}},
		// And it can be destroyed.
		after(func() { w.wantSent(1) }, destroys(with("2"))),
	)
	w.wantHeld(k, text)
}

// A refresh does not see a write-only token, so that the plan looks for itself.
func TestDriftOfAWriteOnlyToken(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[0]
	at, text, next := k.at(), w.mint(k.scopes...), w.mint(k.scopes...)
	with := func(text string) string { return w.config(k.resourceType, set("token_wo", text)) }

	w.run(
		applies(with(text), at, create),
		// Codefresh's own word keeps out of it.
		after(func() { w.must(w.SetRuntimeTokenStatus(runtimeName, "SUCCESSFUL")); w.must(w.RevokeToken(text)) },
			refreshes(at, update, has(at, "status", "valid"), has(at, "codefresh_status", "successful"))),
		applies(with(next), at, update, has(at, "status", "valid")),
	)
	w.wantHeld(k, next)
}

// A token that only the provider block holds is seen on every walk.
func TestDriftOfANamedToken(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[1]
	at, text := k.at(), w.mint(k.scopes...)
	config := w.provider(namedTokens(map[string]string{"ci": text})) + block(k.resourceType, set("token_name", "ci"))

	w.run(
		applies(config, at, create),
		after(func() { w.must(w.RevokeToken(text)) },
			refreshes(at, update, has(at, "status", "revoked"), has(at, "token_owner", "ci-bot"))),
		destroys(config),
	)
	w.wantHeld(k, "")
}

func TestDriftInCodefresh(t *testing.T) {
	t.Parallel()

	t.Run("runtime", func(t *testing.T) {
		t.Parallel()
		w := lifeWorld(t, sandbox.Runtime{})
		k := lifeKinds()[0]
		at, text := k.at(), w.mint(k.scopes...)
		config := w.config(k.resourceType, set("token", text))

		w.run(
			applies(config, at, create),
			// Codefresh calls it invalid and its host good: sending it again may help.
			after(func() { w.must(w.SetRuntimeTokenStatus(runtimeName, "FAILED")) },
				refreshes(at, update, has(at, "status", "valid"), has(at, "codefresh_status", "failed"))),
			step{
				config: config, actions: map[string]action{at: update},
				between: func() { w.must(w.SetRuntimeTokenStatus(runtimeName, "")) },
			},
			after(func() { w.wantSent(2); w.must(w.RemoveRuntime(runtimeName)) }, refreshesToNothing(at)),
		)
	})

	t.Run("user", func(t *testing.T) {
		t.Parallel()
		w := lifeWorld(t, sandbox.Runtime{})
		k := lifeKinds()[1]
		user, _ := w.DefaultUser()
		at, text, no := k.at(), w.mint(k.scopes...), false
		config := w.config(k.resourceType, set("token", text))

		w.run(
			applies(config, at, create),
			after(func() { w.must(w.Unregister(runtimeName, "default", user)) },
				applies(config, at, create, has(at, "status", "valid"))),
			// Registering it anew ends what the sandbox was told to say.
			after(func() { w.wantHeld(k, text); w.must(w.SetUserTokenValid(runtimeName, "default", user, &no)) },
				applies(config, at, update, has(at, "codefresh_status", "successful"))),
			after(func() { w.wantSent(3); w.must(w.RemoveRuntime(runtimeName)) }, refreshesToNothing(at)),
		)
		w.wantSent(3)
	})
}

// refreshesToNothing is a step whose refresh takes the resource out of the state, so that the plan creates it anew.
func refreshesToNothing(at string) step { return refreshes(at, create) }
