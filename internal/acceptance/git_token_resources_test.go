package acceptance_test

import (
	"bytes"
	"encoding/json"
	"net/http"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

func TestLifeOfARuntimeToken(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	k, at := lifeKinds()[0], runtimeToken+".it"
	first, second := w.mint("repo", "admin:repo_hook"), w.mint("repo", "admin:org_hook", "admin:repo_hook")
	api, bare := w.api(), w.URL(lifeHost)

	w.run(
		planFails(w.config(runtimeToken, set("token", w.mint("repo"))),
			"Git token lacks 1 of 2 scopes", "A runtime token also needs admin:repo_hook", "/settings/tokens/new?scopes="),
		applies(w.config(runtimeToken, set("token", first)), at, create,
			has(at, "id", runtimeName), has(at, "git_provider", "github"), has(at, "api_url", api),
			has(at, "status", "valid"), has(at, "status_reason", "has every required scope"),
			has(at, "token_kind", "classic"), has(at, "token_owner", "ci-bot"),
			hasSet(at, "required_scopes", "repo", "admin:repo_hook"),
			hasSet(at, "granted_scopes", "repo", "admin:repo_hook"), hasSet(at, "missing_scopes"),
			hasSet(at, "excess_scopes"), hasNone(at, "expires_at"), has(at, "codefresh_status", "successful")),
		after(func() { w.wantHeld(k, first) },
			applies(w.config(runtimeToken, set("token", second)), at, update, has(at, "status", "valid"),
				hasSet(at, "excess_scopes", "admin:org_hook"))),
		// The same host in the user's own spelling is no change.
		after(func() { w.wantSent(2); w.wantHeld(k, second) },
			plans(w.config(runtimeToken, set("token", second), set("git_provider", "github"), set("api_url", bare)),
				at, noop)),
		destroys(w.config(runtimeToken, set("token", second), set("git_provider", "github"), set("api_url", bare))),
	)

	// Codefresh has no way to take it away.
	text, provider, apiURL, _, ok := w.RuntimeToken(runtimeName)
	if !ok || text != second || provider != "GITHUB" || apiURL != api {
		t.Errorf("Codefresh holds the token of %s at %s (present: %t, the second: %t), want that of GITHUB at %s",
			provider, apiURL, ok, text == second, api)
	}

	w.wantSent(2)
}

func TestLifeOfAUserToken(t *testing.T) {
	t.Parallel()

	w := lifeWorld(t, sandbox.Runtime{})
	w.must(w.AddIntegration(runtimeName, "lab", "GITLAB", w.URL(sandbox.GitLabSelfManaged)))

	k, at := lifeKinds()[1], userToken+".it"
	user, _ := w.DefaultUser()
	first, second := w.mint("repo"), w.mint("repo")
	lab := w.token(sandbox.Token{
		Service: sandbox.GitLabSelfManaged, Kind: "personal", Owner: "dev",
		Scopes: []string{"api"},
	}).Text

	w.run(
		planFails(w.config(userToken, set("token", w.mint("public_repo"))), "Git token lacks its only required scope",
			"A user token also needs repo"),
		applies(w.config(userToken, set("token", first)), at, create,
			has(at, "id", runtimeName+"/default"), has(at, "integration", "default"), has(at, "user_id", user),
			has(at, "git_provider", "github"), has(at, "api_url", w.api()), has(at, "status", "valid"),
			has(at, "codefresh_status", "successful"), hasSet(at, "required_scopes", "repo")),
		after(func() { w.wantHeld(k, first) },
			applies(w.config(userToken, set("token", second)), at, update, has(at, "status", "valid"))),
		// Another integration is another place: the token is taken out of the old one.
		after(func() { w.wantHeld(k, second) },
			applies(w.config(userToken, set("token", lab), set("integration", "lab")), at, replace,
				has(at, "id", runtimeName+"/lab"), has(at, "git_provider", "gitlab"),
				has(at, "api_url", w.URL(sandbox.GitLabSelfManaged)+"/api/v4"), has(at, "token_owner", "dev"),
				hasSet(at, "granted_scopes", "api"), hasSet(at, "missing_scopes"),
				hasSet(at, "required_scopes", "write_repository", "read_api"))),
		after(func() {
			w.wantHeld(k, "")

			if text, _ := w.UserToken(runtimeName, "lab", user); text != lab {
				t.Error("the integration lab does not hold the token that was applied")
			}
		}, destroys(w.config(userToken, set("token", lab), set("integration", "lab")))),
	)

	if _, ok := w.UserToken(runtimeName, "lab", user); ok {
		t.Error("a destroyed token is still registered")
	}
}

func TestRuntimeChangeReplaces(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()
		w.must(w.AddRuntime(sandbox.Runtime{Name: "stage", GitProvider: "GITLAB"}))
		at, text := k.at(), w.mint(k.scopes...)
		// Nothing of the old place has a say in the new one, which has a Git host of another make.
		api := w.URL(sandbox.GitLabSelfManaged) + "/api/v4"
		next := w.token(sandbox.Token{Service: sandbox.GitLabSelfManaged, Kind: "personal", Scopes: []string{"api"}}).Text

		moved := []string{set("runtime", "stage"), set("api_url", api), set("token", next)}
		if k.resourceType == userToken {
			w.must(w.AddIntegration("stage", "lab", "GITLAB", api))

			moved = []string{set("runtime", "stage"), set("integration", "lab"), set("token", next)}
		}

		w.run(
			applies(w.config(k.resourceType, set("token", text)), at, create),
			applies(w.provider()+custom(k.resourceType, moved...), at, replace,
				has(at, "runtime", "stage"), has(at, "api_url", api), has(at, "git_provider", "gitlab"),
				has(at, "status", "valid")),
			after(func() {
				user, _ := w.DefaultUser()

				held, _ := w.UserToken("stage", "lab", user)
				if k.resourceType == userToken {
					w.wantHeld(k, "")
				} else {
					w.wantHeld(k, text) // a runtime keeps its token
					held, _, _, _, _ = w.RuntimeToken("stage")
				}

				if held != next {
					t.Error("the second runtime does not hold the token")
				}
			}, step{config: w.provider()}),
		)
	})
}

func TestImport(t *testing.T) {
	t.Parallel()

	forEachKind(t, func(t *testing.T, w *world, k lifeKind) {
		t.Helper()

		at, text := k.at(), w.mint(k.scopes...)
		config := w.config(k.resourceType, set("token", text))
		imports := func(id string) step { return step{config: config, walk: walkImport, at: at, id: id} }
		refuses := func(id string, texts ...string) step {
			s := imports(id)
			s.fails, s.texts = importFailure, texts

			return s
		}
		taken := imports(k.importID)
		taken.persist = true

		steps := []step{refuses("nowhere", "Cannot import non-existent remote object")}
		if k.resourceType == userToken {
			steps = append(steps, refuses("/default", "Import id cannot be used", "<runtime>/<integration>"),
				refuses(runtimeName, "Cannot import non-existent remote object")) // nobody is registered there yet
			taken.before = func() { w.registerElsewhere(text) }
		}

		steps = append(steps, taken,
			// Nobody can tell which token Codefresh holds, so that any token is a new one.
			applies(config, at, update, has(at, "status", "valid"), has(at, "git_provider", "github"),
				has(at, "api_url", w.api()), has(at, "token_kind", "classic")))

		if k.resourceType == userToken {
			// The shorter id stands for the integration that every runtime has.
			short := imports(runtimeName)
			short.wantID = runtimeName + "/default"
			steps = append(steps, short)
		}

		before := w.sent()
		w.run(steps...)

		if updates := map[string]int{runtimeToken: 1, userToken: 3}[k.resourceType]; w.sent()-before != updates {
			t.Errorf("Codefresh received %d mutations, want %d", w.sent()-before, updates)
		}
	})
}

// registerElsewhere registers the default user's token as Codefresh's own pages do.
func (w *world) registerElsewhere(token string) {
	w.t.Helper()
	_, key := w.DefaultUser()
	body, err := json.Marshal(map[string]any{
		"query":     "mutation R($args: RegisterToGitIntegrationArgs!) { registerToGitIntegration(args: $args) { name } }",
		"variables": map[string]any{"args": map[string]string{"name": "default", "token": token}},
	})
	w.must(err)
	address := w.URL(sandbox.AppProxy(runtimeName)) + "/app-proxy/api/graphql"
	req, err := http.NewRequestWithContext(w.t.Context(), http.MethodPost, address, bytes.NewReader(body))
	w.must(err)
	req.Header.Set("Authorization", key)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	w.must(err)
	w.must(resp.Body.Close())
	w.wantHeld(lifeKinds()[1], token)
}
