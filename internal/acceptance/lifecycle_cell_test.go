//go:build faults

package acceptance_test

import (
	"fmt"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// ephemeralVariables hold tokens that are in no plan.
const ephemeralVariables = "variable \"first\" {\n  type = string\n  ephemeral = true\n}\n" +
	"variable \"second\" {\n  type = string\n  ephemeral = true\n}\n"

// prepare makes the cell's world.
func (c *lifeCell) prepare() {
	c.t.Helper()
	c.must(c.RemoveRuntime(runtimeName))
	c.must(c.SetAccountGit("GITHUB", c.URL(lifeHost)))

	for _, name := range []string{runtimeName, otherRuntime} {
		c.must(c.AddRuntime(sandbox.Runtime{Name: name, SkipValidation: true}))
		c.must(c.AddIntegration(name, "lab", "GITHUB", c.api()))
	}

	for range 3 {
		c.tokens = append(c.tokens, c.secret(c.mint("repo", "admin:repo_hook", "read:org")))
	}

	if c.row.host != "" {
		kind := map[sandbox.Service]string{sandbox.GitHub: "classic", sandbox.GitLab: "personal"}[c.row.host]
		c.tokens = append(c.tokens, c.secret(c.token(sandbox.Token{
			Service: c.row.host, Kind: kind, Owner: "ci-bot", Scopes: c.row.scopes,
		}).Text))
	}

	c.userID, _ = c.DefaultUser()

	var err error

	c.annsID, c.annsKey, err = c.AddUser("ann", true)
	c.must(err)
	c.repository, err = c.AddRepository(sandbox.Repository{
		Service: lifeHost, Path: "acme/infra", Private: true, Roles: map[string]string{"ci-bot": "admin"},
	})
	c.must(err)
}

// value is one of those that the attribute of a cell has.
type value int

const (
	none value = iota
	first
	then
)

// before is the value that was applied before, and configured the one that is configured for the operation.
func (c *lifeCell) before() value {
	if c.condition == unset || c.operation == destroysIt {
		return then
	}

	return first
}

func (c *lifeCell) configured() value {
	if c.condition == unset {
		return none
	}

	return then
}

// after is the value that the operation leads to.
func (c *lifeCell) after() value {
	if c.condition == ignored && c.operation == updates {
		return first
	}

	return c.configured()
}

// expression returns the attribute's value; "" if it is not set.
func (c *lifeCell) expression(v value) string {
	switch v {
	case first:
		return c.row.first(c)
	case then:
		return c.row.then(c)
	case none:
	}

	return ""
}

// configuration returns a configuration in which the attribute has a value.
func (c *lifeCell) configuration(v value, isLater, isIgnored bool) string {
	var all, lines []string

	attribute := c.row.name

	expression := c.expression(v)
	if isLater && expression != "" {
		// Another trigger makes it unknown where the value is as it was.
		all = append(all, fmt.Sprintf("resource \"terraform_data\" \"later\" {\n  input = %s\n  triggers_replace = %d\n}\n",
			c.outside(expression), v))
		expression = "terraform_data.later.output"
	}

	if c.operation == destroysIt && isLater && v == then && c.late {
		all[0] = strings.Replace(all[0], "= 2\n", "= 3\n", 1)
	}

	c.base = c.tokenBeside(v, isIgnored)

	source, sourceLine := c.sourceLine()
	switch {
	case attribute == source && expression != "":
		lines = append(lines, attribute+" = "+expression)
	case attribute == source: // another one takes its place
		lines = append(lines, c.otherSource())
	default:
		lines = append(lines, sourceLine)
		if expression != "" {
			lines = append(lines, attribute+" = "+expression)
		}
	}

	if attribute != "runtime" {
		lines = append(lines, set("runtime", runtimeName))
	}

	if c.source == inVersioned && attribute != "token_wo_version" && (attribute != "token_wo" || expression != "") {
		lines = append(lines, `token_wo_version = "1"`)
	}

	lines = append(lines, c.row.beside, c.nudge(isIgnored), c.lifecycle(isIgnored))

	settings := []string{"git_tokens = { a = var.first, b = var.second }"}
	if c.row.host != "" {
		settings = append(settings, set("ca_certificate", string(c.CACertificate())))
	}

	return strings.Join(append(all, c.provider(settings...), ephemeralVariables,
		custom(c.kind.resourceType, lines...)), "\n")
}

// outside is an expression for where no ephemeral value may be.
func (c *lifeCell) outside(expression string) string {
	return strings.NewReplacer("var.first", quoted(c.tokens[0]), "var.second", quoted(c.tokens[1])).Replace(expression)
}

// tokenBeside returns the token that is configured beside a value of an attribute which is about something else.
func (c *lifeCell) tokenBeside(v value, isIgnored bool) string {
	switch {
	case isIgnored && c.operation == updates:
		v = first // the host stays
	case isIgnored && c.operation == destroysIt:
		v = then
	}

	if c.row.host != "" && v == then {
		return c.tokens[3]
	}

	return c.tokens[0]
}

// sourceLine returns the attribute that holds the token, and the line that sets it.
func (c *lifeCell) sourceLine() (attribute, line string) {
	switch c.source {
	case inToken:
		return "token", "token = " + quoted(c.base)
	case inTokenName:
		return "token_name", `token_name = "a"`
	}

	return "token_wo", "token_wo = var.first"
}

// otherSource is where the second token comes from once its attribute is removed.
func (c *lifeCell) otherSource() string {
	if c.source == inTokenName {
		return "token = " + quoted(c.tokens[1])
	}

	return `token_name = "b"`
}

// nudge changes something else, so that there is something to plan beside what is ignored.
func (c *lifeCell) nudge(isIgnored bool) string {
	switch {
	case !isIgnored:
		return ""
	case c.row.name == "write_probes":
		return "expires_at_hint = \"2099-01-31\""
	}

	return "write_probes = true"
}

func (c *lifeCell) lifecycle(isIgnored bool) string {
	var lines []string
	if isIgnored {
		lines = append(lines, "ignore_changes = ["+c.row.name+"]")
	}

	if c.operation == replacesLast {
		lines = append(lines, "create_before_destroy = true")
	}

	if len(lines) == 0 {
		return ""
	}

	return "lifecycle {\n    " + strings.Join(lines, "\n    ") + "\n  }"
}
