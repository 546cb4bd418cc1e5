package provider

import (
	"errors"

	"github.com/hashicorp/terraform-plugin-framework/diag"
	"github.com/hashicorp/terraform-plugin-framework/path"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// report adds a finding to diags. It points at the attribute runtime: Terraform prints the source line of what a
// diagnostic points at, and a literal token would be printed with it.
func report(diags *diag.Diagnostics, s severity, m message) {
	m = m.printable()
	switch s {
	case failure:
		diags.AddAttributeError(path.Root("runtime"), m.summary, m.detail)
	case warning:
		diags.AddAttributeWarning(path.Root("runtime"), m.summary, m.detail)
	case quiet:
	}
}

// tell is report, except that a warning about a resource that several walks of this process come to is given once. id
// names the resource; it is empty for one that is not in the state, which one walk alone comes to.
func (d *providerData) tell(diags *diag.Diagnostics, id string, s severity, m message) {
	if s == warning && id != "" && !d.told.first(id+"\x00"+m.summary+"\x00"+m.detail) {
		return
	}
	report(diags, s, m)
}

// tellJudgement tells what a judgement means on a walk, and of an expiry that is near.
func (d *providerData) tellJudgement(
	diags *diag.Diagnostics, id string, s subject, j gittoken.Judgement, w walk, v validation,
) {
	if loud := decide(w, j, v, d.onUnreachable); loud != quiet {
		d.tell(diags, id, loud, explain(s, j, w, loud))
	}
	expiry := j.Verdict.ExpiresAt
	if expiry.IsZero() {
		expiry = s.hint
	}
	if j.Verdict.Standing == gittoken.Live && !expiry.IsZero() && d.expiryWarning > 0 &&
		expiry.Sub(d.now()) <= d.expiryWarning {
		d.tell(diags, id, warning, expiryNotice(s, j.Verdict, expiry, d.now()))
	}
}

// tellCodefresh tells that Codefresh could not be asked, on a walk that only reads. Without a key that Codefresh
// accepts that is an error: nothing that it says can be trusted then, not even that something is missing.
func (d *providerData) tellCodefresh(diags *diag.Diagnostics, id, runtime string, err error) {
	if errors.Is(err, errSettingsUnknown) {
		return
	}
	loud := warning
	problem := (*codefresh.Error)(nil)
	fatal := errors.As(err, &problem) && (problem.Kind == codefresh.KeyRefused || problem.Kind == codefresh.KeyMissing)
	fatal = fatal || errors.Is(err, errKeyMissing)
	if fatal || d.onUnreachable == unreachableError {
		loud = failure
	}
	m := explainCodefresh(err, runtime)
	if !fatal && id != "" {
		m.detail += stateKept
	}
	d.tell(diags, id, loud, m)
}

// tellGeneral reports a finding without pointing at an attribute: there is none, or it may hold a secret.
func tellGeneral(diags *diag.Diagnostics, s severity, m message) {
	m = m.printable()
	if s == warning {
		diags.AddWarning(m.summary, m.detail)

		return
	}
	diags.AddError(m.summary, m.detail)
}

// tellAt reports an error at an attribute that holds no secret.
func tellAt(diags *diag.Diagnostics, attribute string, m message) {
	m = m.printable()
	diags.AddAttributeError(path.Root(attribute), m.summary, m.detail)
}

// tellHost reports that the Git host cannot be told or used, at the attribute to correct. It points at no address:
// whoever writes one wrongly may have a password or a token in it.
func tellHost(diags *diag.Diagnostics, err error, runtime string) {
	attribute, m := explainHost(err, runtime)
	if address := (*gittoken.URLError)(nil); errors.As(err, &address) {
		tellGeneral(diags, failure, m)

		return
	}
	tellAt(diags, attribute, m)
}
