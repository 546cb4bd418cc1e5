package acceptance_test

import (
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestValidationWarn(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{SkipValidation: true})
	k := lifeKinds()[0]
	at, narrow := k.at(), w.mint("repo")
	it := block(k.resourceType, set("token", narrow))
	// The environment is asked last, the resource first.
	w.env["CODEFRESH_GIT_VALIDATION"] = "warn"

	w.run(
		planFails(w.provider(set("validation", "enforce"))+it, "Git token lacks 1 of 2 scopes"),
		planFails(w.provider()+block(k.resourceType, set("token", narrow), set("validation", "enforce")),
			"Git token lacks 1 of 2 scopes"),
		// What was accepted as it is leaves nothing to do, and is not sent again.
		applies(w.provider()+it, at, create, has(at, "status", "under_scoped"),
			hasSet(at, "missing_scopes", "admin:repo_hook")),
		applies(w.provider()+block(k.resourceType, set("token", narrow), set("validation", "warn")), at, update,
			has(at, "status", "under_scoped")),
		// What an apply could not check it sends all the same.
		after(func() {
			w.wantHeld(k, narrow)
			w.wantSent(1)
			w.must(w.Break(lifeHost, sandbox.Fault{Mode: "refuse"}))
		}, applies(w.provider(set("validation", "warn"))+block(k.resourceType, set("token", w.mint(k.scopes...))), at, update,
			has(at, "status", "unchecked"), hasNone(at, "token_kind"), hasNone(at, "granted_scopes"))),
	)
}

func TestValidationSkip(t *testing.T) {
	t.Parallel()

	w, k := lifeWorld(t, sandbox.Runtime{}), lifeKinds()[1]
	at, text := k.at(), w.mint(k.scopes...)
	it := block(k.resourceType, set("token", text))
	w.env["CODEFRESH_GIT_VALIDATION"] = "sometimes"

	w.run(
		planFails(w.provider()+it, "Validation mode is not known", `"sometimes"`),
		applies(w.provider(set("validation", "skip"))+it, at, create, has(at, "status", "unchecked"),
			has(at, "status_reason", "the Git host was not asked"), hasNone(at, "token_owner")),
		after(func() {
			w.wantHeld(k, text)
			w.must(w.RevokeToken(text))

			if n := len(w.Requests(lifeHost)); n != 0 {
				t.Errorf("the Git host got %d requests", n)
			}
		}, plans(w.provider(set("validation", "skip"))+it, at, noop)),
		// Nothing is known of the token that was not asked about: not even that it ever worked.
		after(func() { delete(w.env, "CODEFRESH_GIT_VALIDATION") },
			plans(w.provider()+it, at, update)),
		refreshes(at, update, has(at, "status", "invalid")),
	)
}

// A host that cannot be asked says nothing against a token, and an apply does not do without it.
func TestGitHostOutOfReach(t *testing.T) {
	t.Parallel()

	w, k := lifeWorld(t, sandbox.Runtime{}), lifeKinds()[0]
	at, text, next := k.at(), w.mint(k.scopes...), w.mint(k.scopes...)
	config, rotated := w.config(k.resourceType, set("token", text)), block(k.resourceType, set("token", next))

	w.run(
		applies(config, at, create),
		after(func() { w.must(w.Break(lifeHost, sandbox.Fault{Mode: "refuse"})) },
			refreshes(at, noop, has(at, "status", "valid"), has(at, "token_owner", "ci-bot"))),
		planFails(w.provider(set("on_unreachable", "error"))+rotated, "Git token could not be checked"),
		applyFails(w.provider()+rotated, nil, "Git token could not be checked", "Nothing was sent to Codefresh."),
		// An unchanged token is no matter of on_unreachable.
		after(func() { w.wantSent(1); w.wantHeld(k, text) },
			plans(w.provider(set("on_unreachable", "error"))+block(k.resourceType, set("token", text)), at, noop)),
		after(func() {
			w.must(w.Break(lifeHost, sandbox.Fault{Status: 403, Header: map[string]string{
				"X-RateLimit-Remaining": "0", "Content-Type": "application/json",
			}, Body: `{"message":"API rate limit exceeded"}`}))
		}, plans(config, at, noop)),
	)
}
