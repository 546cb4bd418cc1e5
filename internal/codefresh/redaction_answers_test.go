package codefresh_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// woven returns a JSON text in which suffix is at the end of every string but those of keep.
func woven(t *testing.T, text, suffix string, keep ...string) string {
	t.Helper()

	var weave func(v any) any

	weave = func(v any) any {
		switch v := v.(type) {
		case map[string]any:
			for name, value := range v {
				v[name] = weave(value)
			}
		case []any:
			for i, value := range v {
				v[i] = weave(value)
			}
		case string:
			for _, one := range keep {
				if v == one {
					return v
				}
			}

			return v + suffix
		}

		return v
	}

	var v any
	if err := json.Unmarshal([]byte(text), &v); err != nil {
		t.Fatal(err)
	}

	body, err := json.Marshal(weave(v))
	if err != nil {
		t.Fatal(err)
	}

	return string(body)
}

// Everything that Codefresh tells may be shown or stored. It may quote any secret of this process, and any credential
// of somebody else, in any field, with any escapes.
func TestAnswersShowNoSecret(t *testing.T) {
	t.Parallel()

	const (
		known   = "glpat-Zz9_known-elsewhere"                // of another resource
		unknown = "ghp_9876543210zyxwvutsrqponmlkjihgfedcba" // of nobody here
	)

	for name, quote := range map[string]string{
		"the key":              keyText,
		"another's token":      known,
		"percent-encoded":      url.QueryEscape(url.QueryEscape(strings.ReplaceAll(known, "_", "%5f"))),
		"Base64":               base64.StdEncoding.EncodeToString([]byte("x-access-token:" + known)),
		"a stranger's token":   unknown,
		"in an address":        " https://user:hunter2@git.example.com/x",
		"an authorization":     " Authorization: Basic aHVudGVyMjpodW50ZXIy",
		"escaped in the text":  ` "glpat-Zz9\u005fknown-elsewhere"`,
		"escaped twice":        ` \"glpat-Zz9\\u005fknown-elsewhere\"`,
		"with something on it": known + "0123",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			// The escapes of JSON that a server may or may not use.
			escape := strings.NewReplacer("known", `kn\u006fwn`, "://", `:\/\/`, "ghp_", `ghp\u005f`, "hunter2", `\u0068unter2`)

			platform := newPlatform(t, func(_ context.Context, r request) reply {
				text := overviewJSON("false", prodJSON)
				if r.Op == "RuntimeByName" {
					text = `{"runtime":` + prodJSON + `}`
				}

				return data(escape.Replace(woven(t, text, quote)))
			})
			proxy := newAppProxy(t, always(data(escape.Replace(woven(t, integrationsJSON, quote)))))

			redactor := redact.New()
			redactor.Add(gittoken.NewSecret(known))

			stack, err := transport.New(transport.Config{Redactor: redactor})
			if err != nil {
				t.Fatal(err)
			}

			client, err := codefresh.NewClient(
				codefresh.Settings{URL: platform.URL, APIKey: gittoken.NewSecret(keyText)}, stack, time.Now, nil)
			if err != nil {
				t.Fatal(err)
			}

			overview, err := client.Overview(t.Context())
			if err != nil {
				t.Fatal(err)
			}

			runtime, err := client.FreshRuntime(t.Context(), "prod")
			if err != nil {
				t.Fatal(err)
			}

			integrations, err := client.Integrations(t.Context(), "prod", proxy.URL)
			if err != nil {
				t.Fatal(err)
			}

			shown := fmt.Sprintf("%+v %+v %+v", overview, runtime, integrations)
			for _, secret := range []string{quote, keyText, known, "known-elsewhere", unknown, "hunter2", "aHVudGVy"} {
				if strings.Contains(shown, secret) {
					t.Errorf("%q is in %s", secret, shown)
				}
			}

			if n := strings.Count(shown, "(redacted)"); n < 15 {
				t.Errorf("only %d texts are redacted in %s", n, shown)
			}
		})
	}
}
