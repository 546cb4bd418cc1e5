package codefresh

import (
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/redact"
	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// FuzzAnswer reads whatever a server may send in place of a GraphQL answer.
func FuzzAnswer(f *testing.F) {
	f.Add(http.StatusOK, `{"data":{"me":null}}`)
	f.Add(http.StatusOK, `{"data":{},"errors":[{"message":"\u001b[31mValidationError: x\n","extensions":{"code":2401}}]}`)
	f.Add(http.StatusOK, `{"errors":[null,7,{"message":["a"]}]}`)
	f.Add(http.StatusBadGateway, "<html>")
	f.Add(http.StatusForbidden, `{"message":"no\u202e"}`)
	f.Add(http.StatusUnauthorized, "")

	f.Fuzz(func(t *testing.T, status int, body string) {
		const key = "a-key-that-must-not-be-shown"

		redactor := redact.New()
		redactor.Add(gittoken.NewSecret(key))

		stack, err := transport.New(transport.Config{Redactor: redactor})
		if err != nil {
			t.Fatal(err)
		}

		call := &call{service: Platform, fields: []field{{name: "me"}}, transport: stack}
		body = strings.ReplaceAll(body, "%KEY%", key)

		var e *Error

		got, ok := parseAnswer([]byte(body))
		switch {
		case !ok:
			e = notGraphQL(status, []byte(body))
		case len(got.errors) > 0:
			e = got.refusal(status)
		default:
			if got.check(call.fields) == nil && !strings.Contains(body, "me") && !strings.Contains(body, `\u`) {
				t.Error("a field was found that is not there")
			}

			return
		}

		text := call.fail(e).Detail
		if !utf8.ValidString(text) || strings.ContainsFunc(text, func(r rune) bool { return !unicode.IsPrint(r) }) {
			t.Errorf("the detail is not printable: %q", text)
		}

		if strings.Contains(text, key) {
			t.Error("the detail has the key in it")
		}

		if e.Kind == RuntimeNotFound {
			t.Error("an answer that is none proves that a runtime is gone")
		}
	})
}
