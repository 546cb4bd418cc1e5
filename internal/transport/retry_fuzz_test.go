package transport_test

import (
	"net/http"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

func FuzzRetryAt(f *testing.F) {
	f.Add("30", "0", "1772366400")
	f.Add("Sun, 01 Mar 2026 12:00:00 GMT", "", "")
	f.Add("-1", "17", "99999999999999999999")
	f.Add("", " 0 ", "60")

	now := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)

	f.Fuzz(func(t *testing.T, after, remaining, reset string) {
		h := http.Header{}
		h.Set("Retry-After", after)
		h.Set("X-RateLimit-Remaining", remaining)
		h.Set("X-RateLimit-Reset", reset)

		at := transport.RetryAt(h, now)
		if wait := at.Sub(now); !at.IsZero() && wait < 0 && after == "" && len(reset) < 10 {
			t.Errorf("a number of seconds from now is %s ago", -wait)
		}

		if remaining == "17" && after == "" && !at.IsZero() {
			t.Errorf("a limit that is not used up ends at %s", at)
		}
	})
}
