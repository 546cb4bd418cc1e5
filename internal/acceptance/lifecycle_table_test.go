//go:build faults

package acceptance_test

import (
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// condition is what a cell of the matrix does to an attribute.
type condition string

const (
	known        condition = "known"
	unknown      condition = "unknown at plan"
	changed      condition = "changed between plan and apply" // what it is about, that is
	ignored      condition = "ignored by ignore_changes"
	unset        condition = "removed"
	otherRuntime           = "stage" // the runtime that a resource moves to
)

func conditions() []condition { return []condition{known, unknown, changed, ignored, unset} }

// operation is what Terraform does with the resource of a cell.
type operation string

const (
	creates      operation = "create"
	updates      operation = "update"
	replaces     operation = "replace"
	replacesLast operation = "create_before_destroy"
	destroysIt   operation = "destroy"
)

func operations() []operation {
	return []operation{creates, updates, replaces, replacesLast, destroysIt}
}

// Sources of the token.
const (
	inToken     = "token"
	inTokenWO   = "token_wo"
	inVersioned = "token_wo with a version"
	inTokenName = "token_name"
)

func sources() []string { return []string{inToken, inTokenWO, inVersioned, inTokenName} }

// outcome is what becomes of an apply.
type outcome int

const (
	succeeds  outcome = iota
	isRefused         // nothing is sent, and what was there is there
	either            // one of these
)

// lifeRow is an attribute of the matrix: its values, and what they mean. Unless it is said otherwise, a change of it is
// no reason to send a token.
type lifeRow struct {
	name        string
	variant     string                   // of an attribute with more than one row
	first, then func(c *lifeCell) string // expressions; "" is not set
	sends       bool                     // a change hands the token to Codefresh
	moves       bool                     // a change makes another resource
	respelled   bool                     // the second value is the first one otherwise written: nothing is planned
	required    bool
	host        sandbox.Service // of the token that goes with the second value, if that is another one
	scopes      []string        // of that token
	beside      string          // another line of the configuration

	// What happens between a plan and its apply to what the attribute is about; nil if there is nothing of that kind.
	meanwhile func(c *lifeCell)
	resends   string // the resource whose token an update has to send because of it
	then3     bool   // meanwhile the variable behind it gets the third token
	outcome   outcome
	destroy   outcome                // of a destroy
	spares    func(c *lifeCell) bool // whether an operation has nothing to do with what changed, and passes
}

func literal(text string) func(*lifeCell) string { return func(*lifeCell) string { return text } }

// lifeRows returns every attribute that a user sets. The one that holds the token stands for itself only where the
// token comes from there.
func lifeRows() []*lifeRow {
	absent, revokes := literal(""), func(c *lifeCell) { c.must(c.RevokeToken(c.text())) }
	narrows := func(c *lifeCell) { c.must(c.SetScopes(c.text(), "read:org")) }
	movesAccount := func(c *lifeCell) {
		c.must(c.SetAccountGit("GITLAB", c.URL(sandbox.GitLabSelfManaged)))
	}

	return []*lifeRow{
		{
			name: "runtime", first: literal(`"prod"`), then: literal(`"` + otherRuntime + `"`), moves: true, required: true,
			meanwhile: func(c *lifeCell) { c.must(c.MoveRuntime(c.place().runtime)) },
		},
		{
			name: "token", first: func(c *lifeCell) string { return quoted(c.tokens[0]) }, sends: true,
			then: func(c *lifeCell) string { return quoted(c.tokens[1]) }, meanwhile: revokes, outcome: isRefused,
		},
		{
			name: "token_wo", first: literal("var.first"), then: literal("var.second"), sends: true,
			meanwhile: func(*lifeCell) {}, then3: true,
		},
		{
			name: "token_name", first: literal(`"a"`), then: literal(`"b"`), sends: true,
			meanwhile: func(*lifeCell) {}, then3: true,
		},
		{
			name: "token_wo_version", first: literal(`"1"`), then: literal(`"2"`), sends: true,
			meanwhile: revokes, outcome: isRefused,
		},
		{
			name: "git_provider", first: absent, then: literal(`"github"`), meanwhile: movesAccount, outcome: either,
		},
		{
			name: "api_url", first: func(c *lifeCell) string { return quoted(c.api()) },
			then: func(c *lifeCell) string { return quoted(c.api() + "/") }, respelled: true,
			meanwhile: func(c *lifeCell) {
				c.must(c.SetAccountGit("GITHUB", c.URL(sandbox.GitHub)))
			},
		},
		{
			name: "git_provider", variant: "of another host", host: sandbox.GitLab, scopes: []string{"api"},
			first: absent, then: literal(`"gitlab"`), sends: true, meanwhile: revokes, outcome: isRefused,
		},
		{
			name: "api_url", variant: "of another host", host: sandbox.GitHub, scopes: []string{"repo", "admin:repo_hook"},
			first: absent, then: literal(`"https://api.github.com"`), sends: true, meanwhile: revokes, outcome: isRefused,
		},
		{
			name: "username", first: absent, then: literal(`"ci-bot"`), sends: true, meanwhile: revokes, outcome: isRefused,
		},
		{
			name: "required_scopes", first: absent, then: literal(`["repo", "read:org"]`), meanwhile: narrows,
			outcome: isRefused,
		},
		{
			name: "repositories", first: absent, outcome: isRefused,
			then: func(c *lifeCell) string { return `[{ url = ` + quoted(c.repository) + `, access = "write" }]` },
			meanwhile: func(c *lifeCell) {
				c.must(c.SetRole(lifeHost, "acme/infra", "ci-bot", ""))
			},
		},
		{name: "write_probes", first: absent, then: literal("true")},
		{name: "validation", first: absent, then: literal(`"warn"`), meanwhile: narrows},
		{
			name: "expires_at_hint", first: absent, then: quotedDay(50 * 365 * 24 * time.Hour), meanwhile: revokes,
			outcome: isRefused,
		},
		{
			name: "expires_at_hint", variant: "while the user is deregistered", first: absent,
			then: quotedDay(50 * 365 * 24 * time.Hour), resends: userToken, meanwhile: func(c *lifeCell) {
				if at := c.placeOf(c.before()); c.kind.resourceType == userToken && c.operation != creates {
					c.must(c.Unregister(at.runtime, at.integration, at.user))
				}
			},
		},
		{
			name: "write_probes", variant: "while Codefresh moves to another host", first: absent, then: literal("true"),
			beside: `validation = "warn"`, resends: runtimeToken,
			meanwhile: func(c *lifeCell) { c.must(c.SetAccountGit("GITHUB", c.URL(sandbox.GitHub))) },
		},
		{
			name: "app_proxy_url", first: absent, outcome: isRefused, destroy: either,
			then:      func(c *lifeCell) string { return quoted(c.URL(sandbox.AppProxy(runtimeName))) },
			meanwhile: func(c *lifeCell) { c.must(c.MoveRuntime(runtimeName)) },
			// Nothing is sent, and of a runtime's own token its app-proxy is asked nothing.
			spares: func(c *lifeCell) bool { return c.operation == updates && c.kind.resourceType == runtimeToken },
		},
		{name: "check_repositories", first: absent, then: literal(`"listed"`)},
		{name: "wait_for_runtime", first: absent, then: literal(`"1m"`)},
		{
			name: "integration", first: literal(`"default"`), then: literal(`"lab"`), moves: true, outcome: isRefused,
			meanwhile: func(c *lifeCell) { c.must(c.RemoveRuntime(runtimeName)) },
		},
		{
			name: "api_key", first: absent, then: func(c *lifeCell) string { return quoted(c.annsKey) }, sends: true,
			meanwhile: func(c *lifeCell) { c.must(c.RevokeKey(c.annsKey)) }, outcome: isRefused, destroy: either,
		},
	}
}

func quotedDay(ahead time.Duration) func(*lifeCell) string {
	return literal(quoted(time.Now().Add(ahead).Format(time.DateOnly)))
}

// impossible says why there is no such cell; empty if there is one.
func (c *lifeCell) impossible() string {
	holds := map[string]string{inToken: "token", inTokenWO: "token_wo", inVersioned: "token_wo", inTokenName: "token_name"}
	isSource := c.row.name == "token" || c.row.name == "token_wo" || c.row.name == "token_name"

	versioned := c.row.name == "token_wo_version"
	switch {
	case isSource && holds[c.source] != c.row.name:
		return "the token comes from one attribute only"
	case versioned && holds[c.source] != "token_wo":
		return "a version goes with token_wo"
	case versioned && c.source == inTokenWO && c.condition != unset:
		return "with a version it is the source of that name"
	case c.condition == unset && c.operation == creates:
		return "nothing was there to remove it from"
	case c.condition == unset && c.row.required && c.operation != destroysIt:
		return "the attribute is required"
	case c.row.host != "" && c.condition == ignored && (c.operation == replaces || c.operation == replacesLast):
		return "Terraform first plans the new token for the host that is ignored"
	case c.condition == changed && c.row.meanwhile == nil:
		return "nothing outside of Terraform is about it"
	}

	return ""
}
