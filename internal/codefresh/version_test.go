package codefresh_test

import (
	"errors"
	"testing"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
)

func TestAppProxyVersion(t *testing.T) {
	t.Parallel()

	proxy := newAppProxy(t, always(data(`{"versionInfo":{"version":"1.3700.0"}}`)))
	client := newClient(t, nil)

	for range 2 { // which is asked each time
		got, err := client.AppProxyVersion(t.Context(), "prod", proxy.URL)
		if err != nil || got != "1.3700.0" {
			t.Errorf("version %q, %v", got, err)
		}
	}

	requests := proxy.requests()
	if len(requests) != 2 || requests[0].Authorization != keyText {
		t.Errorf("%d requests, the first with %q", len(requests), requests[0].Authorization)
	}
}

func TestAppProxyVersionErrors(t *testing.T) {
	t.Parallel()

	for name, test := range map[string]struct {
		answer reply
		want   codefresh.ErrorKind
	}{
		"no tunnel":      {page(404, "Not Found"), codefresh.Unreachable},
		"no pod":         {page(502, "502 Bad Gateway"), codefresh.Unreachable},
		"another server": {jsonReply(200, `{"ok":true}`), codefresh.NotUnderstood},
		"null":           {data(`{"versionInfo":null}`), codefresh.NotUnderstood},
		"refused key":    {jsonReply(401, gateway401), codefresh.KeyRefused},
		"old":            {gqlErrors(400, `Cannot query field "versionInfo" on type "Query".`), codefresh.NoSuchOperation},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			proxy := newAppProxy(t, always(test.answer))
			_, err := newClient(t, nil).AppProxyVersion(t.Context(), "prod", proxy.URL)

			var e *codefresh.Error
			if !errors.As(err, &e) || e.Kind != test.want || e.Service != codefresh.AppProxy || e.Op != "versionInfo" {
				t.Errorf("error %v, want of kind %s", err, test.want)
			}
		})
	}

	var e *codefresh.Error
	if _, err := newClient(t, nil).AppProxyVersion(t.Context(), "prod", ""); !errors.As(err, &e) ||
		e.Kind != codefresh.NoAppProxy {
		t.Errorf("without an address: %v", err)
	}
}
