package provider

import (
	"context"

	"github.com/hashicorp/terraform-plugin-log/tflog"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// httpLog is the subsystem of what goes over the wire. TF_LOG_PROVIDER_CODEFRESH_HTTP sets its level, which otherwise
// is that of the provider.
const httpLog = "http"

// logHTTP returns what turns the transport's events into lines of the log. Their texts have passed the redactor.
func logHTTP(n secondNet) transport.Observer {
	l := httpLogger{n}

	return transport.Observer{Attempt: l.attempt, Pause: l.pause, Queue: l.queue}
}

type httpLogger struct{ net secondNet }

// context returns ctx with the subsystem.
func (l httpLogger) context(ctx context.Context) context.Context {
	ctx = tflog.NewSubsystem(ctx, httpLog,
		tflog.WithRootFields(), tflog.WithLevelFromEnv("TF_LOG_PROVIDER_CODEFRESH", "HTTP"))

	return l.net.overSubsystem(ctx, httpLog)
}

// attempt writes one line for each request on the wire, and one for each that was held back.
func (l httpLogger) attempt(ctx context.Context, a transport.Attempt) {
	fields := requestFields(a.Request)
	fields["attempt"], fields["max_attempts"] = a.Number, a.Max
	given(fields, "proxy", a.Proxy)
	given(fields, "cause", string(a.Cause))
	given(fields, "detail", a.Detail)

	text := "HTTP request"

	switch {
	case a.Unsent:
		text = "HTTP request held back"
	case a.Status == 0:
		text = "HTTP request failed"
	}

	if !a.Unsent {
		fields["duration_ms"] = a.Duration.Milliseconds()
	}

	if a.Status != 0 {
		fields["status"], fields["bytes"] = a.Status, a.Bytes
		given(fields, "request_id", a.RequestID)
		given(fields, "rate_limit_remaining", a.RateRemaining)
		given(fields, "rate_limit_reset", a.RateReset)
		given(fields, "oauth_scopes", a.Scopes)
		given(fields, "sso", a.SSO)
	}

	tflog.SubsystemDebug(l.context(ctx), httpLog, text, fields)
}

// pause writes why nothing happens for a while. Who waits a second time has a reason to look.
func (l httpLogger) pause(ctx context.Context, p transport.Pause) {
	fields := requestFields(p.Request)
	fields["after_attempt"], fields["wait_ms"], fields["reason"] = p.After, p.For.Milliseconds(), p.Reason

	write := tflog.SubsystemDebug
	if p.After > 1 {
		write = tflog.SubsystemWarn
	}

	write(l.context(ctx), httpLog, "Waiting before the next attempt", fields)
}

func (l httpLogger) queue(ctx context.Context, q transport.Queue) {
	fields := requestFields(q.Request)
	fields["waited_ms"] = q.For.Milliseconds()
	tflog.SubsystemTrace(l.context(ctx), httpLog, "Waited for a place among the requests to this server", fields)
}

func requestFields(r transport.Request) map[string]any {
	fields := map[string]any{"service": r.Service, "method": r.Method, "url": r.URL}
	given(fields, "graphql_operation", r.Operation)

	return fields
}

// given adds a field that has a value.
func given(fields map[string]any, name, value string) {
	if value != "" {
		fields[name] = value
	}
}
