package core

import (
	"fmt"
	"slices"
	"strings"

	"github.com/hashicorp/hcl/v2"
	"github.com/hashicorp/terraform-plugin-go/tfprotov6"
)

// Severities of diagnostics.
const (
	Error   = "error"
	Warning = "warning"
)

// Diagnostic is what Terraform tells a person.
type Diagnostic struct {
	Severity string
	Summary  string
	Detail   string
	Address  string // of the resource instance that it is about; empty if it is about none
	// Own says that it comes from Terraform itself and not from the provider.
	Own bool
}

func (d Diagnostic) String() string {
	where := ""
	if d.Address != "" {
		where = " (" + d.Address + ")"
	}

	return d.Severity + where + ": " + d.Summary + "\n" + d.Detail
}

// Diagnostics are what one run told, in that order.
type Diagnostics []Diagnostic

// HasErrors reports whether the run failed.
func (all Diagnostics) HasErrors() bool {
	return slices.ContainsFunc(all, func(d Diagnostic) bool { return d.Severity == Error })
}

// Of returns the diagnostics of one severity.
func (all Diagnostics) Of(severity string) Diagnostics {
	return slices.DeleteFunc(slices.Clone(all), func(d Diagnostic) bool { return d.Severity != severity })
}

func (all Diagnostics) String() string {
	var b strings.Builder
	for _, d := range all {
		b.WriteString(d.String() + "\n")
	}

	return b.String()
}

// own is an error of Terraform's own.
func own(address, summary, format string, args ...any) Diagnostic {
	return Diagnostic{Severity: Error, Summary: summary, Detail: fmt.Sprintf(format, args...), Address: address, Own: true}
}

// fromProvider takes over what a provider told about an address.
func fromProvider(address string, told []*tfprotov6.Diagnostic) Diagnostics {
	var all Diagnostics

	for _, d := range told {
		severity := Warning
		if d.Severity == tfprotov6.DiagnosticSeverityError {
			severity = Error
		}

		all = append(all, Diagnostic{Severity: severity, Summary: d.Summary, Detail: d.Detail, Address: address})
	}

	return all
}

// fromHCL takes over what is wrong with a configuration.
func fromHCL(address string, found hcl.Diagnostics) Diagnostics {
	var all Diagnostics

	for _, d := range found {
		severity := Warning
		if d.Severity == hcl.DiagError {
			severity = Error
		}

		all = append(all, Diagnostic{Severity: severity, Summary: d.Summary, Detail: d.Detail, Address: address, Own: true})
	}

	return all
}
