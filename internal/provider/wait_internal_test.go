package provider

import (
	"bytes"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/hashicorp/terraform-plugin-framework/types"
	"github.com/hashicorp/terraform-plugin-log/tflogtest"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
)

func TestWaitsFor(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		value          types.String
		create, update time.Duration
	}{
		"not set":   {types.StringNull(), 10 * time.Minute, 0},
		"not known": {types.StringUnknown(), 10 * time.Minute, 0},
		"off":       {types.StringValue("0s"), 0, 0},
		"set":       {types.StringValue("90s"), 90 * time.Second, 90 * time.Second},
	} {
		m := tokenModel{WaitForRuntime: test.value}
		if got := m.waitsFor(true); got != test.create {
			t.Errorf("%s: a create waits %s, want %s", name, got, test.create)
		}

		if got := m.waitsFor(false); got != test.update {
			t.Errorf("%s: an update waits %s, want %s", name, got, test.update)
		}
	}
}

// The log has a line about what is waited for, without secrets.
func TestPatienceReports(t *testing.T) {
	t.Parallel()

	d := &providerData{redactor: redact.New(), now: time.Now}
	d.redactor.Add(gittoken.NewSecret("hidden-hidden-hidden"))

	var log bytes.Buffer

	p := d.patience(tflogtest.RootLogger(t.Context(), &log), place{
		tokenType: gittoken.User, runtime: "prod", integration: "hidden-hidden-hidden",
	}, time.Minute, true)
	p.Report(registration.Waited{For: []registration.Part{registration.PartIntegration}, Time: time.Minute})

	lines, err := tflogtest.MultilineJSONDecode(&log)
	if err != nil {
		t.Fatal(err)
	}

	want := []map[string]any{{
		"@level": "info", "@module": "provider",
		"@message": "Waiting for a runtime", "runtime": "prod", "token_type": "user", "integration": "(redacted)",
		"waited": "1m0s", "lacks": "integration",
	}}
	if diff := cmp.Diff(want, lines); diff != "" {
		t.Errorf("log (-want +got):\n%s", diff)
	}

	key := registration.WaitKey{Type: gittoken.User, Runtime: "prod", Integration: "hidden-hidden-hidden"}
	if p.Limit != time.Minute || !p.Sends || p.Key != key {
		t.Errorf("patience %+v", p)
	}
}
