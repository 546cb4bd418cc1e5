//go:build faults

package acceptance_test

import (
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// lifeCell is one story of the matrix: a resource with one attribute that is something to Terraform, in one operation,
// with the token from one source.
type lifeCell struct {
	*cli

	kind      lifeKind
	row       *lifeRow
	condition condition
	operation operation
	source    string

	tokens     []string
	userID     string
	annsID     string
	annsKey    string
	repository string
	late       bool   // the variables are those of the apply
	base       string // the token that is configured where the attribute of the cell is about something else
}

func (c *lifeCell) name() string {
	return strings.ReplaceAll(strings.Join([]string{
		c.kind.name, strings.TrimSpace(c.row.name + " " + c.row.variant), string(c.condition), string(c.operation), c.source,
	}, "/"), " ", "_")
}

// lifeCells returns all cells, and for those that cannot be the reasons.
func lifeCells(t *testing.T) (cells []*lifeCell, reasons map[string]int) {
	t.Helper()

	reasons = map[string]int{}

	for _, kind := range lifeKinds() {
		for _, row := range lifeRows() {
			if !slices.Contains(settable(t, kind.resourceType), row.name) {
				continue
			}

			for _, condition := range conditions() {
				for _, operation := range operations() {
					for _, source := range sources() {
						c := &lifeCell{kind: kind, row: row, condition: condition, operation: operation, source: source}
						if why := c.impossible(); why != "" {
							reasons[why]++
						} else {
							cells = append(cells, c)
						}
					}
				}
			}
		}
	}

	return cells, reasons
}

// settable returns the attributes that a user sets, by the provider's schema.
func settable(t *testing.T, resourceType string) []string {
	t.Helper()

	server, err := (&world{t: t}).factories()["codefresh"]()
	if err != nil {
		t.Fatal(err)
	}

	told, err := server.GetProviderSchema(t.Context(), &tfprotov6.GetProviderSchemaRequest{})
	if err != nil {
		t.Fatal(err)
	}

	var names []string

	for _, a := range told.ResourceSchemas[resourceType].Block.Attributes {
		if a.Required || a.Optional {
			names = append(names, a.Name)
		}
	}

	return names
}

// Every attribute that a user sets has a row.
func TestLifeMatrixIsComplete(t *testing.T) {
	t.Parallel()

	rows := map[string]bool{}
	for _, row := range lifeRows() {
		rows[row.name] = true
	}

	for _, kind := range lifeKinds() {
		for _, name := range settable(t, kind.resourceType) {
			if !rows[name] {
				t.Errorf("%s: %s has no row in the matrix", kind.resourceType, name)
			}
		}
	}
}

var everyNth = flag.Int("every", 1, "of the cells of TestLifeMatrix: a number of 20 takes one in twenty")

// TestLifeMatrix goes through every cell, and compares their number with what README.md says.
func TestLifeMatrix(t *testing.T) {
	all, reasons := lifeCells(t)

	var cells []*lifeCell
	for i := 0; i < len(all); i += *everyNth {
		cells = append(cells, all[i])
	}

	var ran, wrong atomic.Int32

	t.Run("cells", func(t *testing.T) {
		for _, cell := range cells {
			t.Run(cell.name(), func(t *testing.T) {
				t.Parallel()
				t.Cleanup(func() {
					ran.Add(1)

					if t.Failed() {
						wrong.Add(1)
					}
				})

				c := *cell // what a story leaves is not kept
				c.cli = newWorld(t).session()
				c.run(t)
			})
		}
	})

	for _, why := range slices.Sorted(maps.Keys(reasons)) {
		fmt.Printf("%4d cases cannot be: %s\n", reasons[why], why)
	}

	fmt.Printf("%d life-cycle cases of %d, %d wrong\n", ran.Load(), len(all), wrong.Load())

	if int(ran.Load()) == len(all) {
		tallyLife(t, len(all), int(wrong.Load()))
	}
}

// tallyLife compares what README.md says of the matrix with a run, or writes it there.
func tallyLife(t *testing.T, cells, wrong int) {
	t.Helper()

	const readme = root + "README.md"

	text := readText(t, readme)
	claim := regexp.MustCompile(`[\d,]+ life-cycle cases, \d+ wrong`)

	now := fmt.Sprintf("%d,%03d life-cycle cases, %d wrong", cells/1000, cells%1000, wrong)
	switch found := claim.FindAllString(text, -1); {
	case len(found) != 1:
		t.Error("README.md does not give the number of life-cycle cases in one place")
	case found[0] == now:
	case !*rewrite:
		t.Errorf("README.md tells of %s, which is %s now; make lifecycle FLAGS=-update corrects it", found[0], now)
	default:
		if err := os.WriteFile(readme, []byte(claim.ReplaceAllString(text, now)), 0o600); err != nil {
			t.Error(err)
		}
	}
}

// lifePlace is where Codefresh holds a token.
type lifePlace struct{ runtime, integration, user string }

func (c *lifeCell) run(t *testing.T) {
	t.Helper()

	c.prepare()
	defer c.Close() // thousands of worlds are not to wait for the end of all

	if c.operation == destroysIt {
		c.destroyed()

		return
	}

	var before lifePlace
	if c.operation != creates {
		c.configure(c.configuration(c.before(), c.condition == unknown, false))
		c.walks(0, "apply", "-auto-approve")
		before = c.placeOf(c.before())
		c.wantHeldAt(before, c.textOf(c.before()))
	}

	c.ForgetRequests()
	c.configure(c.configuration(c.configured(), c.condition == unknown, c.condition == ignored))

	plan := []string{"plan", "-out=saved", "-detailed-exitcode"}
	if c.operation == replaces || c.operation == replacesLast {
		plan = append(plan, "-replace="+c.kind.at())
	}

	exit := c.walks(-1, plan...)
	if exit == 1 {
		return
	}

	if c.condition == changed {
		c.row.meanwhile(c)
		c.late = true
	}

	applied := c.walks(-1, "apply", "saved") == 0
	c.judge(applied, exit == 0, before)
}
