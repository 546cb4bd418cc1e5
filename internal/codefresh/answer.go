package codefresh

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/gittoken"
)

// lack says what a server's schema does not have, according to its validation of a request. Validation comes before
// execution (GraphQL specification, section 6), so a request that lacks something has done nothing.
type lack int

const (
	lacksNothing   lack = iota
	lacksField          // a field, argument or type that the request names
	lacksSelection      // the request asks for an object without saying which of its fields
)

// What can be told by an error's text only. GraphQL's validation has no codes of its own: the first three are
// graphql-js's wording (src/validation/rules), which other servers copy. The app-proxy hands on the text of its token
// validator, the npm package @codefresh-io/cf-git-providers, which puts "ValidationError:" before its own findings
// and speaks of a rate limit when it did not ask the Git host at all.
var (
	wordsLackField     = regexp.MustCompile(`^(Cannot query field|Unknown type|Unknown argument) "`)
	wordsLackSelection = regexp.MustCompile(`must have a selection of subfields`)
	wordsValidator     = regexp.MustCompile(`^\s*ValidationError:\s*`)
	wordsRateLimit     = regexp.MustCompile(`(?i)\brate[ _-]?limit`)
)

// codesUnauthenticated are the codes by which GraphQL errors say that the caller is unknown: Apollo Server's, and
// those of Codefresh's gateway.
func codesUnauthenticated() []string {
	return []string{"UNAUTHENTICATED", "UNAUTHORIZED", "UNAUTHORIZED_ERROR", "2401"}
}

// maxMessages is how many messages of one answer are told.
const maxMessages = 3

// graphQLError is one element of an answer's errors.
type graphQLError struct {
	message string
	code    string
}

// answer is a GraphQL response (GraphQL specification, section 7).
type answer struct {
	data   json.RawMessage
	errors []graphQLError
}

// parseAnswer reads body as a GraphQL response. It reports false for whatever else it is.
func parseAnswer(body []byte) (answer, bool) {
	var envelope struct {
		Data   json.RawMessage   `json:"data"`
		Errors []json.RawMessage `json:"errors"`
	}

	if err := json.Unmarshal(body, &envelope); err != nil || envelope.Data == nil && envelope.Errors == nil {
		return answer{}, false
	}

	a := answer{data: envelope.Data}
	for _, raw := range envelope.Errors {
		a.errors = append(a.errors, parseError(raw))
	}

	return a, true
}

func parseError(raw json.RawMessage) graphQLError {
	var e struct {
		Message    string `json:"message"`
		Extensions struct {
			Code any `json:"code"`
		} `json:"extensions"`
	}

	// What does not fit leaves its field empty: an error in an odd shape is an error nevertheless.
	_ = json.Unmarshal(raw, &e)

	parsed := graphQLError{message: strings.TrimSpace(e.Message)}
	if e.Extensions.Code != nil {
		parsed.code = fmt.Sprint(e.Extensions.Code)
	}

	if parsed.message == "" {
		parsed.message = "an error without a message"
		if parsed.code != "" {
			parsed.message += ", code " + parsed.code
		}
	}

	return parsed
}

// refusal turns the errors of a GraphQL answer into an Error's kind and detail.
func (a answer) refusal(status int) *Error {
	e := &Error{Kind: Refused, Status: status}

	var words []string

	validated := false

	for _, one := range a.errors {
		text := wordsValidator.ReplaceAllString(one.message, "")
		ofValidator := text != one.message
		validated = validated || ofValidator

		if !slices.Contains(words, text) && len(words) < maxMessages {
			words = append(words, text)
		}

		switch {
		case wordsRateLimit.MatchString(text):
			e.Kind = RateLimited
		case ofValidator: // its words are about the Git token, whatever they sound like
		case slices.Contains(codesUnauthenticated(), one.code):
			e.Kind = KeyRefused
		case wordsLackField.MatchString(text):
			e.Kind, e.lacks = NoSuchOperation, lacksField
		case wordsLackSelection.MatchString(text):
			e.lacks = lacksSelection
		}
	}

	e.Detail = strings.Join(words, "; ")

	switch status {
	case http.StatusUnauthorized:
		if e.Kind == Refused && !validated { // by a gateway that speaks GraphQL, and has no code of Codefresh's
			e.Kind, e.Cause, e.Detail = Unreachable, gittoken.CauseNotUnderstood, notCodefreshs(status, e.Detail, nil)
		}
	case http.StatusTooManyRequests:
		e.Kind = RateLimited
	case http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout:
		e.Kind, e.Cause = Unreachable, gittoken.CauseServerError
	}

	return e
}

// notGraphQL judges an answer that is no GraphQL response: that of a gateway, of a proxy, or of who knows what.
func notGraphQL(status int, body []byte) *Error {
	e := &Error{Kind: NotUnderstood, Cause: gittoken.CauseNotUnderstood, Status: status}

	var object gatewayAnswer

	isJSON := json.Valid(body)
	_ = json.Unmarshal(body, &object) // an object of another shape has no message

	e.Detail = strings.TrimSpace(object.Message)

	if e.Detail == "" && !isJSON {
		e.Detail = notCodefresh + describe(body)
	}

	switch {
	case object.refusesKey(status):
		e.Kind, e.Cause = KeyRefused, ""
	case status == http.StatusUnauthorized, status == http.StatusForbidden:
		// Proxies, firewalls and the ingress controllers of users refuse machines and people of their own, and say so with
		// the same numbers.
		e.Kind, e.Detail = Unreachable, notCodefreshs(status, strings.TrimSpace(object.Message), body)
	case status == http.StatusTooManyRequests:
		e.Kind, e.Cause = RateLimited, gittoken.CauseRateLimited
	case status >= http.StatusInternalServerError:
		e.Kind, e.Cause = Unreachable, gittoken.CauseServerError
	case status == http.StatusNotFound, !isJSON:
		e.Kind = Unreachable
	}

	return e
}

const notCodefresh = "the answer is not Codefresh's: "

// notCodefreshs says what came in place of Codefresh's answer: words, or a body without any.
func notCodefreshs(status int, words string, body []byte) string {
	says := fmt.Sprintf("it says %q", words)
	if words == "" {
		says = describe(body)
	}

	return fmt.Sprintf("HTTP %d %s, and %s%s", status, http.StatusText(status), notCodefresh, says)
}

func describe(body []byte) string {
	body = bytes.TrimSpace(body)

	switch {
	case len(body) == 0:
		return "it is empty"
	case body[0] == '<':
		return "it is a web page"
	case !json.Valid(body):
		return "it is not JSON"
	}

	return "it is JSON of another form"
}

// gatewayAnswer is what Codefresh's gateway and its REST services answer in place of what was asked for, such as
// {"status":401,"code":"2401","name":"UNAUTHORIZED_ERROR","message":"Unauthorized"} (codefresh-io/cli, issue 306) and
// {"status":403,"code":"2400","name":"FORBIDDEN_ERROR", …} (codefresh-io/terraform-provider-codefresh, issue 131).
type gatewayAnswer struct {
	Code    any    `json:"code"`
	Name    any    `json:"name"`
	Message string `json:"message"`
}

// refusesKey reports whether the answer is Codefresh's own refusal of an API key. What has no more than a status and a
// message may be anybody's.
func (g gatewayAnswer) refusesKey(status int) bool {
	if status != http.StatusUnauthorized && status != http.StatusForbidden {
		return false
	}

	name := fmt.Sprint(g.Name)
	code := fmt.Sprint(g.Code)

	return name == "UNAUTHORIZED_ERROR" || name == "FORBIDDEN_ERROR" || code == "2401" || code == "2400"
}

// check verifies that the data of an answer without errors holds every field that was asked for, and those that
// cannot be null not as null: only then do the absences in it prove anything.
func (a answer) check(fields []field) error {
	var data map[string]json.RawMessage
	if err := json.Unmarshal(a.data, &data); err != nil || data == nil {
		return errNoData
	}

	for _, f := range fields {
		value, ok := data[f.name]
		if !ok || !f.nullable && bytes.Equal(value, []byte("null")) {
			return fmt.Errorf("%w for %s", errNoData, f.name)
		}
	}

	return nil
}
