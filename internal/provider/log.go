package provider

import (
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/memo"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/message"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/tokencheck"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// This file is what the provider logs, for whoever reads TF_LOG_PROVIDER=DEBUG and has nothing else: where the settings
// come from, what a check came to, what a plan decided and why, what was sent. A token goes by a fingerprint of this
// process, and never by more. Every text passes the redactor, and then tflog's own masking (log_net.go).

// logSettings says which URL and key were taken from where, and which were passed over.
func (d *providerData) logSettings(ctx context.Context, s codefresh.Settings) {
	fields := map[string]any{
		"url": d.redactor.Text(s.URL), "url_source": d.redactor.Text(s.URLSource),
		"api_key_source": d.redactor.Text(s.KeySource), // a file and a name in it, as people call them
	}
	if s.KeySource == "" {
		fields["api_key_source"] = "none"
		fields["api_key_hint"] = d.redactor.Text(s.KeyHint)
	}

	for _, passed := range s.PassedOver {
		tflog.Debug(d.net.over(ctx), "Codefresh setting passed over", map[string]any{
			"source": passed.Source, "reason": d.redactor.Text(passed.Reason),
		})
	}

	tflog.Info(d.net.over(ctx), "Codefresh settings", fields)
}

// logBlock says what the provider block comes to, beyond the settings of Codefresh.
func (d *providerData) logBlock(ctx context.Context, c transport.Config) {
	names := slices.Sorted(maps.Keys(d.gitTokens.Elements()))
	for i, name := range names {
		names[i] = d.redactor.Text(name)
	}

	tflog.Info(d.net.over(ctx), "Provider settings", map[string]any{
		"user_agent": d.redactor.Text(c.UserAgent), "request_timeout": c.RequestTimeout.String(), "max_retries": c.MaxRetries,
		"allow_http": c.AllowHTTP, "own_ca_certificate": len(c.CACertificate) > 0, "validation": string(d.validation),
		"on_unreachable": string(d.onUnreachable), "check_repositories": string(d.checkRepositories),
		"git_tokens": strings.Join(names, ", "),
	})
}

// logCheck says what a check came to, and how many of the host's answers were not asked for but remembered.
func (d *providerData) logCheck(ctx context.Context, r tokencheck.Request, j gittoken.Judgement, trace *memo.Trace) {
	reused, oldest := trace.Reused()
	fields := map[string]any{
		"runtime": d.redactor.Text(r.Runtime), "token_type": string(r.Type), "host": d.redactor.Text(r.Host.String()),
		"token": d.logName(r.Token), "status": string(j.Status), "reason": d.redactor.Text(message.StatusReason(j)),
		"kind": string(j.Verdict.Kind), "required": d.logScopes(j.Requirement.Scopes), "validation": string(r.Mode),
		"repositories": len(j.Access), "answers_reused": reused,
	}
	given(fields, "granted", d.logScopes(j.Granted))
	given(fields, "missing", d.logScopes(j.Missing))
	given(fields, "unproven", d.logScopes(j.Unproven))
	given(fields, "owner", d.redactor.Text(j.Verdict.Owner))
	given(fields, "cause", string(j.Verdict.Cause))
	given(fields, "detail", d.redactor.Text(j.Verdict.Detail))
	given(fields, "request_id", j.Verdict.RequestID)

	if at := j.Verdict.ExpiresAt; !at.IsZero() {
		fields["expires_at"] = at.UTC().Format(time.RFC3339)
	}

	if reused > 0 {
		fields["answers_age_ms"] = oldest.Milliseconds()
	}

	tflog.Debug(d.net.over(ctx), "Git token checked", fields)
}

// logView says what Codefresh tells of a place, or why it does not.
func (d *providerData) logView(ctx context.Context, at place, v registration.View, err error) {
	fields := map[string]any{"registered": v.Registered, "codefresh_status": codefreshWord(v.Status).ValueString()}
	for name, value := range map[string]string{
		"missing": v.Missing, "detail": v.Detail, "app_proxy_url": v.AppProxyURL, "git_provider": string(v.Provider),
		"git_api_url": v.APIURL, "account_id": v.AccountID, "caller_id": v.Caller,
		"shared_configuration": v.SharedConfiguration,
	} {
		given(fields, name, d.redactor.Text(value))
	}

	switch {
	case v.Admin:
		fields["caller_administers"] = "yes"
	case v.NoAdmin:
		fields["caller_administers"] = "no"
	}

	text := "Codefresh read"
	if err != nil {
		text = "Codefresh could not be read"
		fields = map[string]any{"error": d.redactor.Text(err.Error())}
	}

	tflog.Debug(d.net.over(ctx), text, d.logPlace(at, fields))
}

func (d *providerData) logScopes(scopes []gittoken.Scope) string {
	texts := make([]string, len(scopes))
	for i, s := range scopes {
		texts[i] = string(s)
	}

	return d.redactor.Text(strings.Join(texts, ", "))
}

// decided is what a plan decided about a resource.
type decided struct {
	change   change
	updates  bool
	severity tokencheck.Severity
	status   gittoken.Status
	// token is where in the configuration the token stands, and host is who named its host.
	token, host string
}

// logPlan says what a plan decided, and why.
func (d *providerData) logPlan(ctx context.Context, at place, p decided) {
	decision := "nothing to do"

	switch {
	case p.severity == tokencheck.Failure:
		decision = "fails"
	case p.change.sends():
		decision = "sends"
	case p.updates:
		decision = "updates without sending"
	}

	because := p.change.reasons()
	if p.severity != tokencheck.Quiet {
		because = append(because, "its status is "+string(p.status))
	}

	fields := map[string]any{
		"decision": decision, "because": strings.Join(because, ", "), "host_from": p.host,
	}
	given(fields, "token_from", d.redactor.Text(p.token))
	tflog.Debug(d.net.over(ctx), "Git token planned", d.logPlace(at, fields))
}

// logUnchecked says why a plan did not get as far as a check. What is wrong is said in an error or a warning.
func (d *providerData) logUnchecked(ctx context.Context, at place, reason string) {
	tflog.Debug(d.net.over(ctx), "Git token planned", d.logPlace(at, map[string]any{
		"decision": "not checked", "because": reason,
	}))
}

// logWait says, once a minute, what an apply waits for.
func (d *providerData) logWait(ctx context.Context, at place, w registration.Waited) {
	tflog.Info(d.net.over(ctx), "Waiting for a runtime", d.logPlace(at, map[string]any{
		"waited": w.Time.Round(time.Second).String(), "lacks": string(w.For[len(w.For)-1]),
	}))
}

// logApply says whether a token was sent, and what Codefresh says of it now.
func (d *providerData) logApply(ctx context.Context, at place, token tokencheck.Token, sent bool, change change) {
	text := "Git token not sent"
	if sent {
		text = "Git token sent to Codefresh"
	}

	tflog.Info(d.net.over(ctx), text, d.logPlace(at, map[string]any{
		"token": d.logName(token), "because": strings.Join(change.reasons(), ", "),
	}))
}

// logDemoted says that validation makes a warning of what would be an error.
func (d *providerData) logDemoted(ctx context.Context, r tokencheck.Request, j gittoken.Judgement) {
	tflog.Info(d.net.over(ctx), "Git token let through with a warning", map[string]any{
		"runtime": d.redactor.Text(r.Runtime), "token_type": string(r.Type), "token": d.logName(r.Token),
		"status": string(j.Status), "validation": string(r.Mode),
	})
}

// logDeregister says what came of a destroy.
func (d *providerData) logDeregister(ctx context.Context, at place, outcome string) {
	tflog.Info(d.net.over(ctx), "Git user token destroyed", d.logPlace(at, map[string]any{
		"user_id": d.redactor.Text(at.user), "outcome": outcome,
	}))
}

// logRevocation says what came of a revocation.
func (d *providerData) logRevocation(ctx context.Context, r tokencheck.Request, answer gittoken.Revocation) {
	fields := map[string]any{
		"host": d.redactor.Text(r.Host.String()), "token": d.logName(r.Token), "accepted": answer.Accepted,
		"cause": string(answer.Cause), "detail": d.redactor.Text(answer.Detail),
	}
	given(fields, "request_id", answer.RequestID)
	tflog.Info(d.net.over(ctx), "Git token to be revoked", fields)
}

// logPlace adds to the fields of a line which place in Codefresh it is about.
func (d *providerData) logPlace(at place, fields map[string]any) map[string]any {
	fields["runtime"], fields["token_type"] = d.redactor.Text(at.runtime), string(at.tokenType)
	fields["integration"] = d.redactor.Text(at.integration)

	return fields
}

// logName names a token in the log of one process.
func (d *providerData) logName(t tokencheck.Token) string {
	const shown = 8

	if !t.Known || t.Secret.IsEmpty() {
		return "unknown"
	}

	return t.Secret.Fingerprint(d.salt)[:shown]
}
