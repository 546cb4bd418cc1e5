package provider

import (
	"context"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/registration"
)

// defaultWait is how long a create waits for its runtime: a Helm release returns when its pods run, and the runtime
// reports to the platform some minutes later.
const defaultWait = 10 * time.Minute

// waitsFor returns how long an apply waits for the runtime of a resource. Without configuration an update does not: its
// runtime was there once, and is down now rather than not there yet.
func (m *tokenModel) waitsFor(create bool) time.Duration {
	// The schema's validator has refused what does not parse. What is not known yet is taken for the default.
	if d, err := time.ParseDuration(m.WaitForRuntime.ValueString()); err == nil {
		return d
	}

	if create {
		return defaultWait
	}

	return 0
}

// patience returns how an apply waits for its place in Codefresh.
func (d *providerData) patience(
	ctx context.Context, at place, limit time.Duration, sends bool,
) registration.Patience {
	return registration.Patience{
		Limit: limit, Sends: sends, Now: d.now, Wait: d.wait, Waits: d.waits,
		Key:    registration.WaitKey{Type: at.tokenType, Runtime: at.runtime, Integration: at.integration},
		Report: func(w registration.Waited) { d.logWait(ctx, at, w) },
	}
}
