package provider

import (
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
)

// reporter gives users the messages of one call of the plugin protocol. On their way to Terraform they pass the
// sanitizer.
type reporter struct {
	diags *diag.Diagnostics
	// resource names the resource that the call is about, empty for one that is not in the state: several calls of a
	// process come to the others, and a warning is given once.
	resource string
	given    *notices
	// wayOut adds to an error how to destroy in spite of it, where the plan may be the one that Terraform makes before a
	// destroy; nil elsewhere.
	wayOut func(message.Message) message.Message
	// runtimeless says that the block has no attribute runtime.
	runtimeless bool
}

// report returns a reporter for what is about no resource of the state.
func report(diags *diag.Diagnostics) reporter { return reporter{diags: diags} }

// reportOnAction returns a reporter for an action, which is about no runtime.
func reportOnAction(diags *diag.Diagnostics) reporter {
	return reporter{diags: diags, runtimeless: true}
}

// say gives a message at the attribute runtime, if there is one: Terraform prints the source line of what a diagnostic
// points at, and a literal token would be printed with it.
func (r reporter) say(s tokencheck.Severity, m message.Message) {
	if r.runtimeless {
		r.nowhere(s, m)

		return
	}

	switch s {
	case tokencheck.Failure:
		r.at("runtime", m)
	case tokencheck.Warning:
		if r.resource == "" || r.given.first(notice{resource: r.resource, summary: m.Summary}) {
			r.diags.AddAttributeWarning(path.Root("runtime"), m.Summary, m.Detail)
		}
	case tokencheck.Quiet:
	}
}

// nowhere gives a message without pointing at an attribute: there is none, or it may hold a secret.
func (r reporter) nowhere(s tokencheck.Severity, m message.Message) {
	switch s {
	case tokencheck.Failure:
		m = r.withWayOut(m)
		r.diags.AddError(m.Summary, m.Detail)
	case tokencheck.Warning:
		r.diags.AddWarning(m.Summary, m.Detail)
	case tokencheck.Quiet:
	}
}

// at gives an error at an attribute that holds no secret.
func (r reporter) at(attribute string, m message.Message) {
	m = r.withWayOut(m)
	r.diags.AddAttributeError(path.Root(attribute), m.Summary, m.Detail)
}

func (r reporter) withWayOut(m message.Message) message.Message {
	if r.wayOut != nil {
		return r.wayOut(m)
	}

	return m
}

// host says that the Git host cannot be told or used, at the attribute to correct. It points at no address: whoever
// writes one wrongly may have a password or a token in it.
func (r reporter) host(err error, runtime string) {
	attribute, m := message.ExplainHost(err, runtime)
	if address := (*gittoken.URLError)(nil); errors.As(err, &address) {
		r.nowhere(tokencheck.Failure, m)

		return
	}

	r.at(attribute, m)
}
