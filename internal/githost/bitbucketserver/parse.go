package bitbucketserver

import (
	"encoding/json"
	"net/url"
	"strings"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/transport"
)

// hostError is one entry of the list in which the server reports errors (Bitbucket Data Center REST API, Errors and
// validation).
type hostError struct {
	Message       string `json:"message"`
	ExceptionName string `json:"exceptionName"`
}

// class returns the name of the exception without its package; empty if it is not one of the server's. Lists of errors
// are what many write: it is by the exception that one is the server's own.
func (e hostError) class() string {
	if !strings.HasPrefix(e.ExceptionName, "com.atlassian.") {
		return ""
	}

	return e.ExceptionName[strings.LastIndexByte(e.ExceptionName, '.')+1:]
}

// parseErrors returns the errors of a body; none if it is not the server's error document. An entry that says nothing
// is not one of the server's.
func parseErrors(body []byte) []hostError {
	var document struct {
		Errors []hostError `json:"errors"`
	}

	if err := json.Unmarshal(body, &document); err != nil {
		return nil
	}

	for _, e := range document.Errors {
		if e.Message == "" && e.ExceptionName == "" {
			return nil
		}
	}

	return document.Errors
}

// parseUser decodes the value of X-AUSERNAME, which the server URL-encodes: the service user of a repository token
// arrives as access-token-user%2F2%2F11754. Empty for nobody.
func parseUser(header string) string {
	name, err := url.QueryUnescape(header)
	if err != nil {
		name = header // not encoded after all: still somebody
	}

	name = transport.Printable(name)
	if name == "anonymous" { // what Atlassian's other servers call nobody
		return ""
	}

	return name
}

// page is the envelope of the server's lists (Bitbucket Data Center REST API, Paging).
type page[T any] struct {
	Values        []T  `json:"values"`
	IsLastPage    bool `json:"isLastPage"`
	NextPageStart *int `json:"nextPageStart"`
	// hollow says that the page is empty and others follow: the server leaves out what may not be seen, page by page.
	// Such a page does not prove that there is nothing.
	hollow bool
}

// parsePage reports false for what is not a page: the envelope has values, and beside them their number or the end.
func parsePage[T any](a answer) (page[T], bool) {
	if a.Status != 200 || !a.IsJSON() {
		return page[T]{}, false
	}

	var shape struct {
		Values     *[]json.RawMessage `json:"values"`
		Size       *int               `json:"size"`
		IsLastPage *bool              `json:"isLastPage"`
	}

	if err := json.Unmarshal(a.Body, &shape); err != nil || shape.Values == nil {
		return page[T]{}, false
	}

	if shape.Size == nil && shape.IsLastPage == nil {
		return page[T]{}, false
	}

	var p page[T]
	if err := json.Unmarshal(a.Body, &p); err != nil {
		return page[T]{}, false
	}

	p.hollow = len(p.Values) == 0 && shape.IsLastPage != nil && !*shape.IsLastPage

	return p, true
}

func (a answer) isPage() bool {
	_, ok := parsePage[json.RawMessage](a)

	return ok
}

// project is what is needed of a project.
type project struct {
	Key string `json:"key"`
}

// repository is what is needed of a repository.
type repository struct {
	Slug    string  `json:"slug"`
	Name    string  `json:"name"`
	Project project `json:"project"`
	Public  bool    `json:"public"`
	// Archived is told from 8.0 on.
	Archived bool `json:"archived"`
}

// parseProjects reports false for what is not a list of projects, or not its beginning. A key becomes part of an
// address, so that a list with an impossible one is none.
func parseProjects(a answer) ([]project, bool) {
	p, ok := parsePage[project](a)
	if !ok || p.hollow {
		return nil, false
	}

	for _, one := range p.Values {
		if !isProjectKey(one.Key) {
			return nil, false
		}
	}

	return p.Values, true
}

func parseRepositories(a answer) (page[repository], bool) {
	p, ok := parsePage[repository](a)
	if !ok {
		return page[repository]{}, false
	}

	for _, one := range p.Values {
		if !one.isComplete() {
			return page[repository]{}, false
		}
	}

	return p, true
}

func parseRepository(a answer) (repository, bool) {
	var r repository

	if a.Status != 200 || !a.IsJSON() || json.Unmarshal(a.Body, &r) != nil || !r.isComplete() {
		return repository{}, false
	}

	return r, true
}

func (r repository) isComplete() bool { return isSegment(r.Slug) && isProjectKey(r.Project.Key) }

// isProjectKey reports whether text can be a project's key: a word, or for personal projects ~ and a user name.
func isProjectKey(text string) bool { return isSegment(strings.TrimPrefix(text, "~")) }

// isSegment reports whether text can be one part of an address without changing the other parts.
func isSegment(text string) bool {
	if text == "" || text == "." || text == ".." || len(text) > 255 {
		return false
	}

	return !strings.ContainsFunc(text, func(r rune) bool {
		return r <= ' ' || r == 0x7f || r == 0xFFFD || strings.ContainsRune(`/\?#%;`, r)
	})
}
