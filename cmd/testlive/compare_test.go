package main

import (
	"encoding/json"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
)

func TestCompare(t *testing.T) {
	t.Parallel()

	const scopes, expiry = "X-OAuth-Scopes", "GitHub-Authentication-Token-Expiration"

	header := func(pairs ...string) http.Header {
		h := http.Header{}
		for i := 0; i < len(pairs); i += 2 {
			h.Set(pairs[i], pairs[i+1])
		}

		return h
	}

	words := question{query: "{ me }", words: []*regexp.Regexp{regexp.MustCompile(`selection`)}, ownWords: true}
	for name, tt := range map[string]struct {
		question    question
		status      int
		want, got   string
		wantH, gotH http.Header
		differences []string
		unseen      []string
	}{
		"equal":      {want: `{"login":"a","id":1}`, got: `{"login":"b","id":2}`},
		"more":       {want: `{"a":1}`, got: `{"a":2,"b":[]}`},
		"null here":  {want: `{"a":null}`, got: `{"a":2}`},
		"null there": {want: `{"a":{"b":1}}`, got: `{"a":null}`},
		"lost key": {
			want: `{"a":{"b":1,"c":null}}`, got: `{"a":{}}`,
			differences: []string{"a.b: absent", "a.c: absent"},
		},
		"other type": {
			want: `{"a":{"b":1}}`, got: `{"a":{"b":"1"}}`,
			differences: []string{"a.b: string instead of number"},
		},
		"no object":         {want: `{"a":1}`, got: `[]`, differences: []string{"the body: array instead of object"}},
		"no JSON":           {want: `{"a":1}`, got: `<html>`, differences: []string{"the body: no JSON instead of object"}},
		"null for the body": {want: `{"a":1}`, got: `null`, differences: []string{"the body: no JSON instead of object"}},
		"any element": {
			want: `{"a":[{"b":true}]}`, got: `{"a":[{"b":false},{},{"b":1}]}`,
			differences: []string{"a[].b: absent", "a[].b: number instead of boolean"},
		},
		"no element here":  {want: `[]`, got: `[1]`},
		"no element there": {want: `{"a":[1]}`, got: `{"a":[]}`, unseen: []string{"a is empty: its elements were not seen"}},
		"other words": {
			status: 401, want: `{"error":"invalid_token","error_description":"Expired","url":"x"}`,
			got:         `{"error":"invalid_token","error_description":"secret","url":"y"}`,
			differences: []string{`error_description: another text than "Expired"`},
		},
		"words of a good answer": {status: 200, want: `{"message":"a"}`, got: `{"message":"b"}`},
		"errors": {
			question: question{query: "{ me }"}, status: 200,
			want: `{"data":{}}`, got: `{"data":null,"errors":[{}]}`,
			differences: []string{"errors: present instead of absent"},
		},
		"no errors": {
			question: question{query: "{ me }"}, status: 200,
			want: `{"errors":[{"message":"a"}]}`, got: `{"errors":[]}`,
			differences: []string{"errors: absent instead of present"},
			unseen:      []string{"errors is empty: its elements were not seen"},
		},
		"pattern": {
			question: words, status: 400,
			want: `{"errors":[{"message":"a"}]}`, got: `{"errors":[{"message":"selection"}]}`,
			differences: []string{`a text that matches "selection": present instead of absent`},
		},
		"pattern in both": {
			question: words, status: 400,
			want: `{"errors":[{"message":"a selection"}]}`, got: `{"errors":[{"message":"b"},{"message":"selection"}]}`,
		},
		"header": {
			question: question{headers: []string{scopes}}, want: `{}`, got: `{}`,
			wantH: header(scopes, "repo, user"), gotH: header(scopes, "gist"),
		},
		"lost header": {
			question: question{headers: []string{scopes}}, want: `{}`, got: `{}`,
			wantH: header(scopes, ""), gotH: header(),
			differences: []string{"header X-OAuth-Scopes: absent instead of present"},
		},
		"new header": {
			question: question{headers: []string{scopes}}, want: `{}`, got: `{}`,
			wantH: header(), gotH: header(scopes, ""),
			differences: []string{"header X-OAuth-Scopes: present instead of absent"},
		},
		"other form": {
			question: question{headers: []string{expiry}}, want: `{}`, got: `{}`,
			wantH:       header(expiry, "2030-01-02 03:04:05 UTC"),
			gotH:        header(expiry, "2030-01-02 03:04:05 -0700"),
			differences: []string{"header " + expiry + ": a time with an offset instead of a time in UTC"},
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()

			want, got := answer{status: tt.status, header: tt.wantH}, answer{status: tt.status, header: tt.gotH}
			if err := json.Unmarshal([]byte(tt.want), &want.json); err != nil {
				t.Fatal(err)
			}

			_ = json.Unmarshal([]byte(tt.got), &got.json) // what is no JSON stays nil
			c := compare(tt.question, want, got)
			slices.Sort(c.differences)

			if !slices.Equal(c.differences, tt.differences) || !slices.Equal(c.unseen, tt.unseen) {
				t.Errorf("differences %q, unseen %q", c.differences, c.unseen)
			}
		})
	}
}

func TestCompareStatusAndMediaType(t *testing.T) {
	t.Parallel()

	c := compare(question{}, answer{status: 200, media: "application/json"}, answer{status: 302, media: "secret/type"})

	want := []string{"status 302 instead of 200", "media type another instead of application/json"}
	if !slices.Equal(c.differences, want) {
		t.Errorf("got %q", c.differences)
	}
}

func TestForm(t *testing.T) {
	t.Parallel()

	for value, want := range map[string]string{
		"":                          "empty",
		"repo":                      "words, divided by comma and space",
		"repo, admin:repo_hook":     "words, divided by comma and space",
		"repo,user":                 "words, divided by commas",
		"repo user":                 "words, divided by spaces",
		"2030-01-02 03:04:05 UTC":   "a time in UTC",
		"2030-01-02 03:04:05 +0200": "a time with an offset",
		"a; b, c":                   "something else",
	} {
		if got := form(value); got != want {
			t.Errorf("%q is %s, want %s", value, got, want)
		}
	}
}

func TestReportKeepsSecrets(t *testing.T) {
	t.Parallel()

	var out strings.Builder

	r := newReport(&out)
	r.knows("", " to/ken+1\n", "to/ken+1-longer")
	r.section("to/ken+1")
	r.tell(refuted, "to%2Fken%2B1", "a to/ken+1-longer b", "dG8va2VuKzE=")
	r.finish()

	want := "\n(redacted)\n  refuted    (redacted)\n             a (redacted) b\n             (redacted)\n" +
		"\n0 confirmed, 1 refuted, 0 failed, 0 not tried.\n"
	if out.String() != want {
		t.Errorf("got\n%s", out.String())
	}
}
