package gittoken

import (
	"regexp"
	"strings"
)

// maxTokenLength is far beyond any host's tokens, in bytes. Shorter bounds would be guesses: GitHub's installation
// tokens grew from 40 characters to more than 500 (GitHub changelog, April 2026).
const maxTokenLength = 8192

// ShapeProblem says why a text cannot be a token of its provider.
type ShapeProblem string

// The problems.
const (
	ShapeEmpty           ShapeProblem = "empty"            // nothing, or white space only
	ShapeTrailingNewline ShapeProblem = "trailing_newline" // ends with a line break, as a file's content does
	ShapeSpaceAround     ShapeProblem = "space_around"     // starts or ends with other white space
	ShapeSpaceInside     ShapeProblem = "space_inside"
	ShapeControl         ShapeProblem = "control_character"
	ShapeNonASCII        ShapeProblem = "non_ascii"
	ShapeTooLong         ShapeProblem = "too_long"
	ShapeQuoted          ShapeProblem = "quoted"      // in quotation marks, as a file of variables may have it
	ShapeJSON            ShapeProblem = "json"        // a document, as secret stores hand out, in place of a field of it
	ShapeMasked          ShapeProblem = "masked"      // what logs and pages show in a secret's place
	ShapePlaceholder     ShapeProblem = "placeholder" // the name of a variable, or words to be replaced
	ShapeAssigned        ShapeProblem = "assigned"    // behind a variable's name, as a file of variables has it
	ShapeHeader          ShapeProblem = "header"      // behind the words that it has before it in an HTTP header
	ShapePair            ShapeProblem = "pair"        // behind a user name and a colon
	ShapeURL             ShapeProblem = "url"         // an address, which may have a token in it
	// ShapeOtherProvider and ShapeNoCredential go by the prefix: that of another provider's tokens, or of something
	// that opens no API.
	ShapeOtherProvider ShapeProblem = "other_provider"
	ShapeNoCredential  ShapeProblem = "no_credential"
)

// ShapeError says why a text cannot be a token of its provider. It holds no part of the text.
type ShapeError struct {
	Problem ShapeProblem
	// Belongs names what the text is instead: a provider ("GitLab") for ShapeOtherProvider, a thing ("a GitLab deploy
	// token") for ShapeNoCredential. Empty otherwise.
	Belongs string
}

// Error implements error.
func (e *ShapeError) Error() string {
	switch e.Problem {
	case ShapeEmpty:
		return "the token is empty"
	case ShapeTrailingNewline:
		return "the token ends with a line break"
	case ShapeSpaceAround:
		return "the token starts or ends with white space"
	case ShapeSpaceInside:
		return "the token has white space in it"
	case ShapeControl:
		return "the token has a control character in it"
	case ShapeNonASCII:
		return "the token has a character in it that is not ASCII"
	case ShapeTooLong:
		return "the token is longer than any token"
	case ShapeQuoted:
		return "the token is in quotation marks"
	case ShapeJSON:
		return "the token is a JSON document"
	case ShapeMasked:
		return "the token is what is shown in place of a secret"
	case ShapePlaceholder:
		return "the token is the name of a variable, or another placeholder"
	case ShapeAssigned:
		return "the token has the name of a variable before it"
	case ShapeHeader:
		return "the token has before it what an HTTP header has there"
	case ShapePair:
		return "the token has a name and a colon before it"
	case ShapeURL:
		return "the token is an address"
	case ShapeOtherProvider:
		return "the token is one of " + e.Belongs
	case ShapeNoCredential:
		return "the token is " + e.Belongs + ", which opens no API"
	}

	return "the token has no usable shape"
}

// In what else than quotation marks a token may come. Names of variables count only if they speak of a secret, and user
// names only before what begins as tokens do: prefixes that a GitLab may give its tokens can have "=" and ":" in them.
var (
	inURL        = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9+.-]*://`)
	inHeader     = regexp.MustCompile(`(?i)^((private-token|authorization)\s*:|(bearer|basic|token)\s+[^\s=:])`)
	inAssignment = regexp.MustCompile(`^(?:(?:export|set|setx|env)\s+)?(?:\$env:)?([A-Za-z_][A-Za-z0-9_]*)\s*:?=\s*[^\s=]`)
	secretsName  = regexp.MustCompile(`(?i)token|secret|passw|pat$|_pat_|key$|credential`)
)

// embedded tells what stands before a token that does not begin the text. None of it can be part of one.
func embedded(text string) ShapeProblem {
	if _, _, begins := prefixOf(NewSecret(text)); begins {
		return ""
	}

	assigned := inAssignment.FindStringSubmatch(text)

	switch {
	case inURL.MatchString(text):
		return ShapeURL
	case inHeader.MatchString(text):
		return ShapeHeader
	case assigned != nil && (secretsName.MatchString(assigned[1]) || prefixBehind(text, '=')):
		return ShapeAssigned
	case prefixBehind(text, ':'):
		return ShapePair
	}

	return ""
}

// prefixBehind reports whether what follows the first separator begins as tokens of some provider do.
func prefixBehind(text string, separator rune) bool {
	_, behind, found := strings.Cut(text, string(separator))
	if !found {
		return false
	}

	_, _, begins := prefixOf(NewSecret(strings.TrimLeft(behind, " \t\"'")))

	return begins
}

// prefixOf returns what the beginning of a token tells, and of which provider.
func prefixOf(token Secret) (Provider, prefix, bool) {
	for _, h := range hosts {
		for _, known := range h.prefixes {
			if strings.HasPrefix(token.Reveal(), known.text) {
				return h.provider, known, true
			}
		}
	}

	return "", prefix{}, false
}

// TokenPrefixes returns what the tokens of every provider start with, and what else opens doors there.
func TokenPrefixes() []string {
	var texts []string

	for _, h := range hosts {
		for _, known := range h.prefixes {
			texts = append(texts, known.text)
		}
	}

	return texts
}

// KindByPrefix tells a token's kind from its beginning. It is a hint, to be used before the host was asked: KindUnknown
// if the beginning says nothing or is that of another provider.
func KindByPrefix(p Provider, token Secret) Kind {
	owner, known, ok := prefixOf(token)
	if !ok || owner != p {
		return KindUnknown
	}

	return known.kind
}

// CheckShape reports, as a *ShapeError, why a text cannot be a token of p. It asks nobody, and passes whatever might be
// one. An empty p stands for none of the Git providers: then a token of any of them belongs elsewhere.
func CheckShape(p Provider, token Secret) error {
	text := token.Reveal()

	if problem := shapeOf(text); problem != "" {
		return &ShapeError{Problem: problem}
	}

	owner, known, ok := prefixOf(token)
	if !ok {
		return nil
	}

	if owner != p {
		return &ShapeError{Problem: ShapeOtherProvider, Belongs: owner.DisplayName()}
	}

	if known.thing != "" {
		return &ShapeError{Problem: ShapeNoCredential, Belongs: known.thing}
	}

	return nil
}

// wrapped tells what a token may come in, or what may come in its place. None of it can be part of one.
func wrapped(text string) ShapeProblem {
	within := func(open, closed string) bool {
		return len(text) >= len(open)+len(closed) && strings.HasPrefix(text, open) && strings.HasSuffix(text, closed)
	}
	stars := strings.Trim(text, "*•●") == ""

	switch {
	case text == "":
		return ""
	case IsQuoted(text):
		return ShapeQuoted
	case stars, isMask(strings.ToLower(strings.Trim(text, "()[]<>"))):
		return ShapeMasked
	case strings.HasPrefix(text, "$"), within("%", "%"), within("{{", "}}"), within("<", ">"):
		return ShapePlaceholder
	case within("{", "}"), within("[", "]"):
		return ShapeJSON
	}

	return ""
}

// IsQuoted reports whether text begins or ends with a quotation mark, as a file of variables may have a value.
func IsQuoted(text string) bool { return strings.Trim(text, "\"'`“”‘’") != text }

// isMask reports whether programs show a word where a secret is: GitLab's logs, Terraform, and this provider itself.
func isMask(word string) bool {
	return word == "masked" || word == "sensitive value" || word == "redacted" || word == "hidden"
}

func shapeOf(text string) ShapeProblem {
	trimmed := strings.TrimSpace(text)

	for _, problem := range []ShapeProblem{wrapped(trimmed), embedded(trimmed)} {
		if problem != "" {
			return problem
		}
	}

	switch {
	case trimmed == "":
		return ShapeEmpty
	case trimmed != text:
		if strings.TrimRight(text, "\r\n") == trimmed {
			return ShapeTrailingNewline
		}

		return ShapeSpaceAround
	case len(text) > maxTokenLength:
		return ShapeTooLong
	}

	for _, r := range text {
		switch {
		case r == ' ', r == '\t', r == '\n', r == '\v', r == '\f', r == '\r':
			return ShapeSpaceInside
		case r < ' ' || r == 0x7f:
			return ShapeControl
		case r > 0x7f:
			return ShapeNonASCII
		}
	}

	return ""
}
