package main

import (
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"
)

// comparison is how the real answer differs from the sandbox's. It holds the sandbox's values and the real answer's
// shape, never the real answer's values.
type comparison struct {
	differences []string
	unseen      []string // what the answers did not show, so that it is neither equal nor different
}

func (c *comparison) differs(format string, args ...any) {
	if text := fmt.Sprintf(format, args...); !slices.Contains(c.differences, text) {
		c.differences = append(c.differences, text)
	}
}

// compare holds the real answer got against want, the sandbox's. Whatever want has, got must have in the same form;
// what else got has does not matter. Bodies are compared if the statuses are equal.
func compare(q question, want, got answer) comparison {
	var c comparison
	if got.status != want.status {
		c.differs("status %d instead of %d", got.status, want.status)
	}

	if got.media != want.media {
		c.differs("media type %s instead of %s", mediaName(got.media), mediaName(want.media))
	}

	for _, name := range q.headers {
		c.header(name, want.header, got.header)
	}

	if want.json == nil || got.status != want.status { // the body of another answer is another
		return c
	}

	c.value("", want.json, got.json)

	if q.query != "" && hasErrors(got.json) != hasErrors(want.json) {
		c.differs("errors: %s instead of %s", presence(hasErrors(got.json)), presence(hasErrors(want.json)))
	}

	if want.status >= http.StatusBadRequest || hasErrors(want.json) {
		c.refusal(q, textsOf(want.json), textsOf(got.json))
	}

	return c
}

// mediaName prints the media types of web APIs, and no other text of a server.
func mediaName(media string) string {
	if slices.Contains([]string{"application/json", "text/html", "text/plain", "application/xml"}, media) {
		return media
	}

	if media == "" {
		return "none"
	}

	return "another"
}

func (c *comparison) header(name string, want, got http.Header) {
	wanted, wants := want[http.CanonicalHeaderKey(name)]

	found, has := got[http.CanonicalHeaderKey(name)]
	switch {
	case wants != has:
		c.differs("header %s: %s instead of %s", name, presence(has), presence(wants))
	case wants && form(found[0]) != form(wanted[0]):
		c.differs("header %s: %s instead of %s", name, form(found[0]), form(wanted[0]))
	}
}

func presence(there bool) string {
	if there {
		return "present"
	}

	return "absent"
}

// form names the form of a header's value.
func form(value string) string {
	for _, f := range []struct{ name, pattern string }{
		{"empty", `^$`},
		{"a time in UTC", `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC$`},
		{"a time with an offset", `^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d [+-]\d{4}$`},
		{"words, divided by comma and space", `^[^\s,]+(, [^\s,]+)*$`},
		{"words, divided by commas", `^[^\s,]+(,[^\s,]+)*$`},
		{"words, divided by spaces", `^[^\s,]+( [^\s,]+)*$`},
	} {
		if regexp.MustCompile(f.pattern).MatchString(value) {
			return f.name
		}
	}

	return "something else"
}

// value compares JSON: every key of want must be in got, with the same type. A null tells nothing of the type. path is
// empty at the top.
func (c *comparison) value(path string, want, got any) {
	if want == nil || got == nil && path != "" {
		return
	}

	if typeOf(want) != typeOf(got) {
		c.differs("%s: %s instead of %s", at(path), typeOf(got), typeOf(want))

		return
	}

	switch want := want.(type) {
	case map[string]any:
		found, _ := got.(map[string]any)

		for _, key := range slices.Sorted(maps.Keys(want)) {
			below := strings.TrimPrefix(path+"."+key, ".")
			if inner, ok := found[key]; ok {
				c.value(below, want[key], inner)
			} else {
				c.differs("%s: absent", below)
			}
		}
	case []any:
		found, _ := got.([]any)
		switch {
		case len(want) == 0:
		case len(found) == 0:
			c.unseen = append(c.unseen, fmt.Sprintf("%s is empty: its elements were not seen", at(path)))
		default:
			for _, element := range found {
				c.value(path+"[]", want[0], element)
			}
		}
	}
}

func at(path string) string {
	if path == "" {
		return "the body"
	}

	return path
}

// typeOf names the JSON type of a decoded value.
func typeOf(value any) string {
	switch value.(type) {
	case map[string]any:
		return "object"
	case []any:
		return "array"
	case string:
		return "string"
	case float64:
		return "number"
	case bool:
		return "boolean"
	}

	return "no JSON"
}

func hasErrors(body any) bool {
	object, _ := body.(map[string]any)
	list, _ := object["errors"].([]any)

	return len(list) > 0
}

// textsOf returns the texts of a refusal, by path: those keys under which servers say what is wrong.
func textsOf(body any) map[string][]string {
	texts := map[string][]string{}

	var walk func(path string, value any)

	walk = func(path string, value any) {
		switch value := value.(type) {
		case map[string]any:
			for key, inner := range value {
				walk(strings.TrimPrefix(path+"."+key, "."), inner)
			}
		case []any:
			for _, inner := range value {
				walk(path+"[]", inner)
			}
		case string:
			key := path[strings.LastIndex(path, ".")+1:]
			if slices.Contains([]string{"message", "error", "error_description", "exceptionName", "code"}, key) &&
				!slices.Contains(texts[path], value) {
				texts[path] = append(texts[path], value)
			}
		}
	}
	walk("", body)

	return texts
}

// refusal compares what the two say is wrong. Of the real answer's texts it tells only that they are others.
func (c *comparison) refusal(q question, want, got map[string][]string) {
	for _, pattern := range q.words {
		if says(got, pattern) != says(want, pattern) {
			c.differs("a text that matches %q: %s instead of %s", pattern,
				presence(says(got, pattern)), presence(says(want, pattern)))
		}
	}

	if q.ownWords {
		return
	}

	for _, path := range slices.Sorted(maps.Keys(want)) {
		for _, text := range want[path] {
			if found, ok := got[path]; ok && !slices.Contains(found, text) {
				c.differs("%s: another text than %q", path, text)
			}
		}
	}
}

func says(texts map[string][]string, pattern *regexp.Regexp) bool {
	for _, list := range texts {
		if slices.ContainsFunc(list, pattern.MatchString) {
			return true
		}
	}

	return false
}
