package provider

import (
	"bytes"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// The log of the wire has a line for each event, with all that the transport tells and nothing that is empty.
func TestLogHTTP(t *testing.T) {
	t.Parallel()

	var out bytes.Buffer

	ctx := tflogtest.RootLogger(t.Context(), &out)
	request := transport.Request{Service: "platform", Method: "POST", URL: "https://x/y", Operation: "Overview"}
	observer := logHTTP(newSecondNet())

	observer.Attempt(ctx, transport.Attempt{
		Request: request, Number: 1, Max: 4, Status: 200, Duration: 1500 * time.Millisecond, Bytes: 7, RequestID: "id",
		RateRemaining: "9", RateReset: "10", Scopes: "repo", SSO: "required", Proxy: "proxy:1",
	})
	observer.Attempt(ctx, transport.Attempt{
		Request: transport.Request{Service: "github", Method: "GET", URL: "https://z"}, Number: 2, Max: 2,
		Duration: time.Second, Cause: gittoken.CauseTimeout, Detail: "no answer",
	})
	observer.Attempt(ctx, transport.Attempt{
		Request: transport.Request{Service: "github", Method: "GET", URL: "https://z"}, Number: 1, Max: 2,
		Unsent: true, Cause: gittoken.CauseRedirect, Detail: "elsewhere",
	})
	observer.Pause(ctx, transport.Pause{Request: request, After: 1, For: time.Second, Reason: transport.PauseBackoff})
	observer.Pause(ctx, transport.Pause{Request: request, After: 2, For: time.Second, Reason: transport.PauseRetryAfter})
	observer.Queue(ctx, transport.Queue{Request: request, For: 2 * time.Second})

	got, err := tflogtest.MultilineJSONDecode(&out)
	if err != nil {
		t.Fatal(err)
	}

	for _, line := range got {
		delete(line, "@caller")
	}

	line := func(level, text string, fields map[string]any) map[string]any {
		fields["@level"], fields["@message"], fields["@module"] = level, text, "provider.http"

		return fields
	}
	platform := func(fields map[string]any) map[string]any {
		fields["service"], fields["method"], fields["url"] = "platform", "POST", "https://x/y"
		fields["graphql_operation"] = "Overview"

		return fields
	}
	github := func(fields map[string]any) map[string]any {
		fields["service"], fields["method"], fields["url"] = "github", "GET", "https://z"

		return fields
	}

	want := []map[string]any{
		line("debug", "HTTP request", platform(map[string]any{
			"attempt": 1.0, "max_attempts": 4.0, "status": 200.0, "duration_ms": 1500.0, "bytes": 7.0, "request_id": "id",
			"rate_limit_remaining": "9", "rate_limit_reset": "10", "oauth_scopes": "repo", "sso": "required",
			"proxy": "proxy:1",
		})),
		line("debug", "HTTP request failed", github(map[string]any{
			"attempt": 2.0, "max_attempts": 2.0, "duration_ms": 1000.0, "cause": "timeout", "detail": "no answer",
		})),
		line("debug", "HTTP request held back", github(map[string]any{
			"attempt": 1.0, "max_attempts": 2.0, "cause": string(gittoken.CauseRedirect), "detail": "elsewhere",
		})),
		line("debug", "Waiting before the next attempt", platform(map[string]any{
			"after_attempt": 1.0, "wait_ms": 1000.0, "reason": "backoff",
		})),
		line("warn", "Waiting before the next attempt", platform(map[string]any{
			"after_attempt": 2.0, "wait_ms": 1000.0, "reason": "Retry-After",
		})),
		line("trace", "Waited for a place among the requests to this server", platform(map[string]any{"waited_ms": 2000.0})),
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}

	logHTTP(nil).Attempt(t.Context(), transport.Attempt{}) // without a logger nothing happens

	if strings.Contains(out.String(), "{") {
		t.Errorf("more lines: %s", out.String())
	}
}
