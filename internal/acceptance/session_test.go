package acceptance_test

import (
	"fmt"
	"os"
	"strings"

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
	o, planned := core.Options{}, false
	for _, arg := range args[1:] {
		name, value, _ := strings.Cut(arg, "=")
		switch name {
		case "-json", "-input", "-out", "-detailed-exitcode", "-auto-approve":
		case "-destroy":
			o.Destroy = true
		case "-refresh-only":
			o.RefreshOnly = true
		case "-refresh":
			o.SkipRefresh = value == "false"
		case "-replace":
			o.Replace = append(o.Replace, value)
		case "-target":
			o.Targets = append(o.Targets, value)
		case "saved":
			planned = true
		default:
			c.t.Fatalf("no session knows %s", arg)
		}
	}
	told := c.here.Configure(c.configuration)
	if told.HasErrors() {
		return c.saidHere(1, told)
	}
	o.Destroy = o.Destroy || args[0] == "destroy"
	o.RefreshOnly = o.RefreshOnly || args[0] == "refresh"
	if !planned {
		c.saved = c.here.Plan(c.t.Context(), o)
		told = c.saved.Diagnostics
	}
	if !told.HasErrors() && args[0] != "plan" {
		told = append(told, c.here.Apply(c.t.Context(), c.saved, nil)...)
	}
	exit := 0
	switch {
	case told.HasErrors():
		exit = 1
	case args[0] == "plan" && !c.saved.Empty():
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
