package acceptance_test

import (
	"fmt"
	"os"
	"strconv"
	"strings"

	"github.com/zclconf/go-cty/cty"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/acceptance/core"
)

// session is a cli for tests that ask nothing of Terraform but to plan and apply: the core of this process stands in
// for it, unless coreVariable says otherwise.
func (w *world) session() *cli {
	w.t.Helper()

	c := w.cli()
	if os.Getenv(coreVariable) != "terraform" {
		c.here = w.workspace()
	}

	return c
}

// answer is run with the core of this process.
func (c *cli) answer(args []string) said {
	c.t.Helper()
	o, planned, detailed := core.Options{Seed: c.order}, false, false
	variables := map[string]cty.Value{}

	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "-json", "-input", "-out", "-auto-approve":
		case "-detailed-exitcode":
			detailed = true
		case "-destroy":
			o.Destroy = true
		case "-refresh-only":
			o.RefreshOnly = true
		case "-refresh":
			o.SkipRefresh = value == "false"
		case "-replace":
			o.Replace = append(o.Replace, value)
		case "-parallelism":
			var err error

			o.Parallelism, err = strconv.Atoi(value)
			c.must(err)
		case "-var":
			variable, text, _ := strings.Cut(value, "=")
			variables[variable] = cty.StringVal(text)
		case "-target":
			o.Targets = append(o.Targets, value)
		case "saved":
			planned = true
		default:
			c.t.Fatalf("no session knows %s", arg)
		}
	}

	told := c.configureHere()
	if told.HasErrors() {
		return c.saidHere(1, told)
	}

	o.Variables = variables
	o.Destroy = o.Destroy || args[0] == "destroy"

	o.RefreshOnly = o.RefreshOnly || args[0] == "refresh"
	if !planned {
		c.saved = c.here.Plan(c.t.Context(), o)
		told = c.saved.Diagnostics
	}

	if !told.HasErrors() && args[0] != "plan" {
		told = append(told, c.here.Apply(c.t.Context(), c.saved, variables)...)
	}

	exit := 0

	switch {
	case told.HasErrors():
		exit = 1
	case detailed && !c.saved.Empty():
		exit = 2
	}

	s := c.saidHere(exit, told)

	count := make(map[core.Action]int)
	for _, planned := range c.saved.Changes {
		count[planned.Action]++
	}

	s.text += fmt.Sprintf(`{"changes":{"add":%d,"change":%d,"remove":%d}}`, // as in Terraform's change_summary
		count[core.Create], count[core.Update], count[core.Delete])

	return s
}

// configureHere takes the folder's configuration over.
func (c *cli) configureHere() core.Diagnostics {
	c.t.Helper()

	var all strings.Builder
	for _, file := range filesBelow(c.t, c.folder, ".tf") {
		all.WriteString(readText(c.t, file) + "\n")
	}

	return c.here.Configure(all.String())
}

// executeHere is execute with the core of this process: import and state rm are what a session knows beside plans.
func (c *cli) executeHere(args []string) (stdout, stderr string, exit int) {
	c.t.Helper()

	switch {
	case args[0] == "import":
		if told := append(c.configureHere(), c.here.Import(c.t.Context(), args[1], args[2])...); told.HasErrors() {
			return "", told.String(), 1
		}
	case args[0] == "state" && args[1] == "rm":
		for _, address := range args[2:] {
			c.here.Forget(address)
		}
	default:
		c.t.Fatalf("no session knows %v", args)
	}

	return "", "", 0
}

func (c *cli) saidHere(exit int, told core.Diagnostics) said {
	c.t.Helper()

	s := said{t: c.t, exit: exit, text: told.String()}
	for _, d := range told {
		s.diagnostics = append(s.diagnostics, diagnostic{
			Severity: d.Severity, Summary: d.Summary, Detail: d.Detail, Address: d.Address,
		})
	}

	for _, secret := range c.secrets {
		if strings.Contains(s.text, secret) {
			c.t.Error("a diagnostic has a secret in it")
		}
	}

	return s
}

// changesHere is changes with the core of this process.
func (c *cli) changesHere() map[string]change {
	all := make(map[string]change)

	for _, planned := range c.saved.Changes {
		actions := []string{string(planned.Action)}
		switch planned.Action {
		case core.DeleteThenCreate:
			actions = []string{"delete", "create"}
		case core.CreateThenDelete:
			actions = []string{"create", "delete"}
		}

		all[planned.Address] = change{Actions: actions, Before: planned.Before()}
	}

	return all
}
