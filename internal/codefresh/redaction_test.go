package codefresh_test

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/codefresh"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// Servers quote what they got: GraphQL servers the variables that they refuse, gateways the header that they do not
// know. No spelling of the token or of the key comes through.
func TestErrorsShowNoSecret(t *testing.T) {
	t.Parallel()

	const token, key = `tok/en+0123"456<789>é=`, `abcdef0123.ghi+jkl/456=`

	spellings := func(text string) map[string]string {
		quoted, _ := json.Marshal(text)          // a string always marshals
		twice, _ := json.Marshal(string(quoted)) // likewise

		return map[string]string{
			"as it is":       text,
			"JSON":           string(quoted),
			"JSON, twice":    string(twice),
			"query":          url.QueryEscape(text),
			"path":           url.PathEscape(text),
			"lower escapes":  strings.ReplaceAll(strings.ReplaceAll(url.QueryEscape(text), "%2F", "%2f"), "%3D", "%3d"),
			"Base64":         base64.StdEncoding.EncodeToString([]byte(text)),
			"Base64 for URL": base64.URLEncoding.EncodeToString([]byte(text)),
			"Basic":          base64.StdEncoding.EncodeToString([]byte("someone:" + text)),
		}
	}
	shapes := map[string]func(string) reply{
		"GraphQL": func(quote string) reply {
			return gqlErrors(200, `Variable "$args" got invalid value `+quote+`; no such field.`)
		},
		"ValidationError": func(quote string) reply { return gqlErrors(200, "ValidationError: bad "+quote) },
		"gateway": func(quote string) reply {
			body, _ := json.Marshal(map[string]string{"message": "unknown key " + quote}) // strings always marshal

			return reply{401, "application/json", string(body)}
		},
		"cut off": func(quote string) reply { return gqlErrors(200, strings.Repeat("x", 290)+" "+quote) },
		"page":    func(quote string) reply { return reply{404, "text/html", "<html>" + quote + "</html>"} },
	}

	for _, secret := range []string{token, key} {
		for spelling, quote := range spellings(secret) {
			for shape, answer := range shapes {
				t.Run(strings.Join([]string{secret[:3], spelling, shape}, "/"), func(t *testing.T) {
					t.Parallel()

					proxy := newAppProxy(t, always(answer(quote)))
					err := newClient(t, nil).RegisterUserToken(t.Context(), "prod", proxy.URL, gittoken.NewSecret(key),
						codefresh.UserToken{Integration: "default", Token: gittoken.NewSecret(token)})
					e := asError(t, err)

					// A piece of the quotation is as bad as the whole.
					for _, piece := range []string{quote, quote[:min(10, len(quote))], quote[len(quote)/3 : len(quote)*2/3]} {
						if spelling == "Basic" {
							piece = quote[len(quote)/3 : len(quote)*2/3] // the user name may stay
						}

						for _, text := range []string{err.Error(), e.Detail, fmt.Sprintf("%+v %#v", e, e)} {
							if strings.Contains(text, piece) {
								t.Errorf("%q shows %q", text, piece)
							}
						}
					}
				})
			}
		}
	}
}

// The platform's own words on a runtime are printed too.
func TestDescriptionsShowNoSecret(t *testing.T) {
	t.Parallel()

	runtime := strings.Replace(prodJSON, `token\nexpired`, `key `+keyText+`\u001b[0m`, 1)
	platform := newPlatform(t, always(data(overviewJSON("false", runtime))))

	overview, err := newClient(t, platform).Overview(t.Context())
	if err != nil {
		t.Fatal(err)
	}

	if got, want := overview.Runtimes[0].GitTokenDetail, "key (redacted) [0m"; got != want {
		t.Errorf("detail is %q, want %q", got, want)
	}
}

// A token in the arguments of a call is out of reach of whatever prints structs.
func TestArgumentsShowNoSecret(t *testing.T) {
	t.Parallel()

	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x"} {
		settings := codefresh.Settings{APIKey: gittoken.NewSecret(keyText)}

		text := fmt.Sprintf(verb+verb+verb, userToken(), runtimeToken(), settings)
		if strings.Contains(text, tokenText) || strings.Contains(text, keyText) ||
			strings.Contains(text, fmt.Sprintf("%x", tokenText)) {
			t.Errorf("%s shows a secret: %s", verb, text)
		}
	}
}

// A key with a line break in it cannot be a header, and the message does not show it.
func TestUnsendableKey(t *testing.T) {
	t.Parallel()

	proxy := newAppProxy(t, func(context.Context, request) reply { return data(integrationsJSON) })
	err := newClient(t, nil).RegisterUserToken(
		t.Context(), "prod", proxy.URL, gittoken.NewSecret("a-key\nwith-more"), userToken())

	if e := asError(t, err); strings.Contains(e.Error(), "a-key") || len(proxy.requests()) != 0 {
		t.Errorf("%d requests, error %v", len(proxy.requests()), e)
	}
}

// What no answer holds is told without secrets too: the address of a service, and what the network says of it.
func TestFailuresShowNoSecret(t *testing.T) {
	t.Parallel()

	stack, err := transport.New(transport.Config{
		DialContext: func(context.Context, string, string) (net.Conn, error) {
			return nil, &net.DNSError{Name: keyText + ".example.com", Err: "no such host", IsNotFound: true}
		},
	})
	if err != nil {
		t.Fatal(err)
	}

	client, err := codefresh.NewClient(
		codefresh.Settings{URL: "https://g.codefresh.io", APIKey: gittoken.NewSecret(keyText)}, stack, time.Now, nil)
	if err != nil {
		t.Fatal(err)
	}

	_, err = client.Integrations(t.Context(), "prod", "https://"+keyText+".example.com")

	e := errorOf(t, err, codefresh.Unreachable)
	if want := "https://(redacted).example.com"; e.Address != want {
		t.Errorf("address %q, want %q", e.Address, want)
	}

	if !strings.Contains(e.Detail, "(redacted).example.com") || strings.Contains(e.Error(), keyText) {
		t.Errorf("detail %q, error %q", e.Detail, e)
	}
}
