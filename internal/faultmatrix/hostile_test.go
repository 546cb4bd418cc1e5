//go:build faults

package faultmatrix_test

import (
	"fmt"
	"net/http"
	"strings"
	"testing"
	"unicode"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// escapes are what a terminal would obey: a colour, a title, a bell, a line that overwrites itself, text that runs
// backwards, text that cannot be seen, and a line that could pass for the provider's own.
const escapes = `\u001b[31mred\u001b]0;title\u0007\rover\b\u202eback\u200bwards\u0085\u009b\nforged\r\nforged`

// TestHostileWords has every service put escape sequences into every text of its answers. None reaches a terminal.
func TestHostileWords(t *testing.T) {
	t.Parallel()

	inAnswer := func(status int, body string) sandbox.Fault {
		return sandbox.Fault{
			Status: status, Header: withHeader("application/json"), Body: strings.ReplaceAll(body, "%", escapes),
		}
	}
	runtimes := `{"data":{"me":{"id":"5f","name":"%","activeAccount":{"id":"6a","name":"%","gitProvider":"GITHUB",` +
		`"gitApiUrl":"https://%","admins":[]}},"runtimes":{"pageInfo":{"hasNextPage":false},"edges":[{"node":{"metadata":` +
		`{"name":"%"},"available":true,"managed":false,"installationType":"HELM","ingressHost":"https://%",` +
		`"status":{"runtimeGitToken":{"status":"FAILED","description":"%"},"defaultGitIntegration":{"status":"FAILED",` +
		`"description":"%"}}}}]},"runtime":null}}`
	host := func(l *lane) sandbox.Service { return l.host.service }
	platform := func(*lane) sandbox.Service { return sandbox.Codefresh }
	appProxy := func(*lane) sandbox.Service { return sandbox.AppProxy(runtimeName) }

	for name, test := range map[string]struct {
		service func(*lane) sandbox.Service
		fault   sandbox.Fault
	}{
		"host, refusal":       {host, inAnswer(http.StatusForbidden, `{"message":"%","documentation_url":"%"}`)},
		"host, error":         {host, inAnswer(http.StatusInternalServerError, `{"message":"%"}`)},
		"host, login":         {host, inAnswer(http.StatusOK, `{"login":"%","id":7,"type":"User"}`)},
		"platform, error":     {platform, inAnswer(http.StatusOK, `{"data":null,"errors":[{"message":"%"}]}`)},
		"platform, 403":       {platform, inAnswer(http.StatusForbidden, `{"message":"%"}`)},
		"platform, names":     {platform, inAnswer(http.StatusOK, runtimes)},
		"app-proxy, error":    {appProxy, inAnswer(http.StatusOK, `{"errors":[{"message":"ValidationError: %"}]}`)},
		"app-proxy, no JSON":  {appProxy, inAnswer(http.StatusOK, "%\x1b[2J%")},
		"app-proxy, two-line": {appProxy, inAnswer(http.StatusBadGateway, `{"message":"a\n\n%"}`)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			l := interrupted(t, userToken)
			if err := l.Break(test.service(l), test.fault); err != nil {
				t.Fatal(err)
			}

			told := ""

			for _, w := range walks() {
				got, err := l.walk(t.Context(), w, false)
				if err != nil {
					t.Fatal(err)
				}

				for _, d := range got.process.told {
					told += fmt.Sprintln(d.Summary, d.Detail)
				}
			}

			if told == "" {
				t.Error("nothing was told")
			}

			if i := strings.Index(told, "\nforged"); i >= 0 {
				t.Errorf("a service has a line to itself in %q", told[max(0, i-200):min(i+60, len(told))])
			}

			if i := strings.IndexFunc(told, func(r rune) bool { return r != '\n' && !unicode.IsPrint(r) }); i >= 0 {
				t.Errorf("a terminal would obey %q", told[i:min(i+60, len(told))])
			}
		})
	}
}
