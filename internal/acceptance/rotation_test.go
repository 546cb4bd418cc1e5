package acceptance_test

import (
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// A secret never replaces a resource: Terraform would take the old token away before it looks at the new one.
func TestRotationBetweenSources(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[0]
	at, a, b := k.at(), w.mint(k.scopes...), w.mint(k.scopes...)
	named := func(x string) string {
		return w.provider(namedTokens(map[string]string{"x": x})) + block(k.resourceType, set("token_name", "x"))
	}

	w.run(
		applies(w.config(k.resourceType, set("token", a)), at, create, has(at, "token", a)),
		// The same token from elsewhere: the state changes, and Codefresh has nothing to learn.
		applies(w.config(k.resourceType, set("token_wo", a)), at, update, hasNone(at, "token"), has(at, "status", "valid")),
		after(func() { w.wantSent(1) },
			applies(w.config(k.resourceType, set("token_wo", b)), at, update, hasNone(at, "token_wo"))),
		after(func() { w.wantSent(2); w.wantHeld(k, b) },
			applies(named(b), at, update, has(at, "token_name", "x"), hasNone(at, "token"))),
		after(func() { w.wantSent(2) }, applies(named(a), at, update)),
		after(func() { w.wantSent(3); w.wantHeld(k, a) },
			planFails(w.provider(namedTokens(map[string]string{"x": a}))+block(k.resourceType, set("token_name", "z")),
				`git_tokens has no value for token_name "z"`)),
	)
}

// With a version, the version says what is new, and the value means nothing.
func TestRotationByVersion(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[1]
	at, a, b := k.at(), w.mint(k.scopes...), w.mint(k.scopes...)
	version := func(text, number string) string {
		return w.config(k.resourceType, set("token_wo", text), set("token_wo_version", number))
	}

	w.run(
		applies(version(a, "1"), at, create, hasNone(at, "token_wo"), has(at, "token_wo_version", "1")),
		plans(version(b, "1"), at, noop),
		// Something else changes: the new value stays at home.
		applies(version(b, "1")[:len(version(b, "1"))-2]+"  expires_at_hint = \"2099-01-31\"\n}\n", at, update,
			has(at, "status", "valid")),
		after(func() { w.wantSent(1); w.wantHeld(k, a) }, applies(version(b, "2"), at, update)),
		after(func() { w.wantSent(2); w.wantHeld(k, b) }, destroys(version(b, "2"))),
	)
	w.wantHeld(k, "")
}

// A value that nobody sends says nothing about the token that Codefresh holds.
func TestValueWithoutItsVersion(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[0]
	c := w.session()
	a, narrow, good := c.secret(w.mint(k.scopes...)), c.secret(w.mint("repo:status")), c.secret(w.mint(k.scopes...))
	configure := func(text, number string, more ...string) {
		c.configure(w.config(k.resourceType, append([]string{set("token_wo", text), set("token_wo_version", number)},
			more...)...))
	}

	configure(a, "1")
	c.apply().wantExit(0)
	configure(narrow, "1")
	c.plan().wantExit(0).only(t, "warning", k.at()).wants(t, "not the registered one", "Change token_wo_version")
	configure(narrow, "1", `expires_at_hint = "2099-01-31"`)

	if told := c.apply().wantExit(0).of("warning", k.at()); len(told) != 2 { // at the plan, and at the apply
		t.Errorf("an apply that sends something else tells %v", told)
	}

	w.wantHeld(k, a)

	if status := c.state()[k.at()]["status"]; status != "valid" {
		t.Errorf("the registered token is called %v", status)
	}

	// Once its version says that it is meant, it is judged.
	configure(narrow, "2")
	c.plan().wantExit(1).only(t, "error", k.at()).wants(t, "Git token lacks")
	configure(good, "2")
	c.apply().wantExit(0)
	w.wantSent(2)
	w.wantHeld(k, good)
}

// Between plan and apply a token may lose what it had: the apply asks again, and then changes nothing at all.
func TestApplyAsksAgain(t *testing.T) {
	t.Parallel()

	w, k := lifeWorld(t, sandbox.Runtime{}), lifeKinds()[1]
	at, good, next, gone := k.at(), w.mint(k.scopes...), w.mint(k.scopes...), w.mint(k.scopes...)
	with := func(text string) string { return w.config(k.resourceType, set("token", text)) }

	w.run(
		applyFails(with(gone), func() { w.must(w.RevokeToken(gone)) },
			"Git token is not valid", "Bad credentials"),
		after(func() { w.wantSent(0) }, applies(with(good), at, create)),
		applyFails(with(next), func() { w.must(w.SetScopes(next, "repo:status")) },
			"Git token lacks", "has repo:status"),
		// The state still describes the first one.
		after(func() { w.wantSent(1); w.wantHeld(k, good) }, plans(with(good), at, noop)),
	)
}

// Codefresh itself may refuse what its documentation asks for, and then nothing is in the state.
func TestCodefreshRefusesTheToken(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k := lifeKinds()[0]
	narrow := w.mint("repo")
	config := w.config(k.resourceType, set("token", narrow), `required_scopes = ["repo"]`)

	w.run(
		applyFails(config, nil, "Codefresh refuses the Git token", "got scopes repo while expected"),
		plans(config, k.at(), create),
	)
	w.wantHeld(k, "")
}

// What the mutation returns is not documented. Both forms work, and its absence is told.
func TestShapesOfUpdateRuntimeGitToken(t *testing.T) {
	t.Parallel()

	for _, shape := range []string{"object", "absent"} {
		t.Run(shape, func(t *testing.T) {
			t.Parallel()
			w := lifeWorld(t, sandbox.Runtime{UpdateAnswers: shape})
			k := lifeKinds()[0]
			text := w.mint(k.scopes...)

			config := w.config(k.resourceType, set("token", text))
			if shape == "absent" {
				w.run(applyFails(config, nil, "Runtime is too old for this", "updateRuntimeGitToken", "Upgrade the runtime"))
				w.wantHeld(k, "")

				return
			}

			w.run(applies(config, k.at(), create, has(k.at(), "codefresh_status", "successful")))
			w.wantHeld(k, text)
		})
	}
}
