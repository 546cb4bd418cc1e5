package sandbox

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"

	gqlerrors "github.com/graph-gophers/graphql-go/errors"
)

// Codes that Apollo Server puts into extensions.code of what it does not execute.
const (
	codeInvalid  = "GRAPHQL_VALIDATION_FAILED"
	codeSyntax   = "GRAPHQL_PARSE_FAILED"
	codeBadInput = "BAD_USER_INPUT"
	codeNoSuchOp = "OPERATION_RESOLUTION_FAILURE"
)

// asGraphQLJS gives an error of graphql-go about a document or its variables the words and the code that Apollo Server
// and graphql-js have for it. What the two agree on stays.
func asGraphQLJS(e *gqlerrors.QueryError, q gqlRequest) {
	code := codeInvalid

	switch {
	case errors.Is(e, gqlerrors.ErrSyntax) || strings.HasPrefix(e.Message, "syntax error"):
		code = codeSyntax
		e.Message = "Syntax Error: " + strings.TrimPrefix(strings.TrimPrefix(e.Message, "syntax error"), ": ")
	case e.Rule == "VariablesOfCorrectType":
		code = codeBadInput
		e.Message = variableMessage(e.Message, q.Variables)
	case isWrongScalar(e):
		code = codeBadInput
		e.Message = fmt.Sprintf("Variables got invalid value %s; String cannot represent a non string value.",
			inspect(q.Variables))
	case e.Rule == "":
		code = codeNoSuchOp
		e.Message = fmt.Sprintf("Unknown operation named %q.", q.OperationName)
	}

	e.Extensions = map[string]any{"code": code}
}

// isWrongScalar says whether e is about a variable of the wrong scalar type, which graphql-go leaves to the moment at
// which it hands the field's arguments to the resolver.
func isWrongScalar(e *gqlerrors.QueryError) bool {
	return strings.HasPrefix(e.Message, "could not unmarshal ")
}

// variableMessage rewords graphql-go's complaint about a variable. Like graphql-js it quotes the whole value, secrets
// included: whoever logs server messages had better know.
func variableMessage(message string, variables map[string]any) string {
	if m := regexp.MustCompile(`(?s)^Variable "(\w+)" has invalid value\.\n(.*)$`).FindStringSubmatch(message); m != nil {
		return fmt.Sprintf("Variable %q got invalid value %s; %s", "$"+m[1], inspect(variables[m[1]]), m[2])
	}

	m := regexp.MustCompile(`(?s)^Variable "(\w+)" .*\nExpected type "([^"]+)", found (.*)\.$`).FindStringSubmatch(message)
	if m == nil {
		return message
	}

	name, wanted, found := m[1], m[2], m[3]
	if value, given := variables[name]; given {
		if value == nil {
			return fmt.Sprintf("Variable %q of non-null type %q must not be null.", "$"+name, wanted)
		}

		return fmt.Sprintf("Variable %q got invalid value %s; %s", "$"+name, inspect(value), mismatch(wanted, found))
	}
	// The name is not a variable's: it is that of a field in one.
	for _, variable := range slices.Sorted(maps.Keys(variables)) {
		object, ok := variables[variable].(map[string]any)
		if !ok {
			continue
		}

		value, given := object[name]
		switch {
		case !given && found == "null":
			return fmt.Sprintf("Variable %q got invalid value %s; Field %q of required type %q was not provided.",
				"$"+variable, inspect(object), name, wanted)
		case given:
			return fmt.Sprintf("Variable %q got invalid value %s at %q; %s",
				"$"+variable, inspect(value), variable+"."+name, mismatch(wanted, found))
		}
	}

	return fmt.Sprintf("Variable %q of required type %q was not provided.", "$"+name, wanted)
}

func mismatch(wanted, found string) string {
	if found == "null" {
		return fmt.Sprintf("Expected non-nullable type %q not to be null.", wanted)
	}

	if strings.HasSuffix(wanted, "Args") {
		return fmt.Sprintf("Expected type %q to be an object.", wanted)
	}

	return fmt.Sprintf("Value %q does not exist in %q enum.", found, wanted)
}

// inspect prints a value as JavaScript programs do: { key: "value" }.
func inspect(value any) string {
	switch v := value.(type) {
	case map[string]any:
		fields := make([]string, 0, len(v))
		for _, key := range slices.Sorted(maps.Keys(v)) {
			fields = append(fields, key+": "+inspect(v[key]))
		}

		if len(fields) == 0 {
			return "{}"
		}

		return "{ " + strings.Join(fields, ", ") + " }"
	default:
		text, err := json.Marshal(v)
		if err != nil {
			return fmt.Sprint(v)
		}

		return string(text)
	}
}

var gqlToken = regexp.MustCompile(`#[^\n\r]*|"""(?s:.*?)"""|"(?:\\.|[^"\\\n])*"|\.\.\.|[A-Za-z_]\w*|[{}()\[\]:$!@=|]`)

// rootFields lists the fields that the first operation of a document selects at its root, under their own names, and
// tells whether the operation is a mutation. It never fails: a document that is none has what can be seen of it.
func rootFields(document string) (fields []string, isMutation bool) {
	const root = 1

	braces, parens := 0, 0
	previous := ""

	for _, token := range gqlToken.FindAllString(document, -1) {
		if token[0] == '#' {
			continue
		}

		switch token {
		case "{":
			if parens == 0 {
				braces++
			}
		case "}":
			if parens == 0 {
				braces--
			}

			if parens == 0 && braces == 0 {
				return fields, isMutation
			}
		case "(":
			parens++
		case ")":
			parens--
		case "mutation":
			isMutation = isMutation || (braces == 0 && previous == "")
		}

		isName := token[0] == '_' || token[0] >= 'A' && token[0] <= 'z' && token[0] != '['
		if isName && braces == root && parens == 0 && previous != "@" && previous != "..." && previous != "on" {
			if previous == ":" && len(fields) > 0 {
				fields[len(fields)-1] = token // what came before was an alias
			} else {
				fields = append(fields, token)
			}
		}

		previous = token
	}

	return fields, isMutation
}
