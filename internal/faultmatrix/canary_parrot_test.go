//go:build faults

package faultmatrix_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"net"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// parrot stands between the provider and every service of a sandbox. It passes requests on, and weaves words into the
// answers.
type parrot struct {
	world  *world
	client *http.Client

	mu       sync.Mutex
	servers  map[string]*http.Server // by the address that they stand in for
	fronts   map[string]string       // and where they listen
	services map[string]sandbox.Service
	weave    *weave // nil: answers are passed on as they are
	woven    int
	seen     map[question]*seen
}

// question is a kind of request: to whom, and what.
type question struct {
	service sandbox.Service
	what    string // the name of a GraphQL operation, or method and path without what differs from one to the next
}

// seen is what an answer holds that words can be woven into.
type seen struct {
	fields map[string]string // texts by their place in the JSON; empty for null
}

// weave is what is said back, and where.
type weave struct {
	answers func(question) bool // which answers it is woven into
	change  func(question, *reply)
}

// reply is an answer on its way.
type reply struct {
	status int
	header http.Header
	body   []byte
}

func newParrot(w *world) *parrot {
	return &parrot{
		world: w, client: &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error {
			return http.ErrUseLastResponse
		}},
		servers: map[string]*http.Server{}, fronts: map[string]string{}, services: map[string]sandbox.Service{},
		seen: map[question]*seen{},
	}
}

// dial leads the provider to the parrot, whichever service it wants.
func (p *parrot) dial(ctx context.Context, network, address string) (net.Conn, error) {
	front, err := p.frontOf(ctx, address)
	if err != nil {
		return nil, err
	}

	var d net.Dialer

	return d.DialContext(ctx, network, front)
}

func (p *parrot) frontOf(ctx context.Context, address string) (string, error) {
	p.mu.Lock()
	defer p.mu.Unlock()

	if front := p.fronts[address]; front != "" {
		return front, nil
	}

	service := p.serviceAt(address)
	if service == "" {
		return "", fmt.Errorf("nobody is at %s", address)
	}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return "", err
	}

	server := &http.Server{Handler: p.handler(service, "http://"+address), ReadHeaderTimeout: readLimit}
	go func() { _ = server.Serve(listener) }() // until close

	p.servers[address], p.fronts[address], p.services[address] = server, listener.Addr().String(), service

	return p.fronts[address], nil
}

func (p *parrot) serviceAt(address string) sandbox.Service {
	all := append(sandbox.GitHosts(), sandbox.Codefresh, sandbox.AppProxy(runtimeName), sandbox.AppProxy(secondRuntime))
	for _, service := range all {
		if root, _, _ := strings.Cut(strings.TrimPrefix(p.world.URL(service), "http://"), "/"); root == address {
			return service
		}
	}

	return ""
}

func (p *parrot) close() {
	p.mu.Lock()
	defer p.mu.Unlock()

	for _, server := range p.servers {
		_ = server.Close()
	}

	p.client.CloseIdleConnections()
}

// says sets what is woven in from now on, and returns how often it was before.
func (p *parrot) says(w *weave) (woven int) {
	p.mu.Lock()
	defer p.mu.Unlock()

	woven, p.weave, p.woven = p.woven, w, 0

	return woven
}

func (p *parrot) handler(service sandbox.Service, upstream string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		asked, err := io.ReadAll(r.Body)
		if err != nil {
			return // the provider is gone
		}

		got, err := p.ask(r, upstream, asked)
		if err != nil {
			http.Error(w, "the sandbox is gone", http.StatusBadGateway)

			return
		}

		p.pass(questionOf(service, r, asked), got)
		got.header.Del("Content-Length")
		maps.Copy(w.Header(), got.header)
		w.WriteHeader(got.status)
		_, _ = w.Write(got.body) // the provider may be gone
	})
}

func (p *parrot) ask(r *http.Request, upstream string, body []byte) (*reply, error) {
	to := upstream + r.URL.RequestURI()

	req, err := http.NewRequestWithContext(r.Context(), r.Method, to, bytes.NewReader(body)) //nolint:gosec // the sandbox
	if err != nil {
		return nil, err
	}

	req.Header = r.Header.Clone()
	req.Header.Del("Accept-Encoding")

	resp, err := p.client.Do(req) //nolint:gosec // to the sandbox
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close() //nolint:errcheck // it is read

	text, err := io.ReadAll(resp.Body)

	return &reply{resp.StatusCode, resp.Header, text}, err
}

// pass notes what an answer is made of, and changes it if that is what is to be done.
func (p *parrot) pass(q question, got *reply) {
	p.mu.Lock()
	defer p.mu.Unlock()

	if p.seen[q] == nil {
		p.seen[q] = &seen{fields: map[string]string{}}
	}

	var content any
	if json.Unmarshal(got.body, &content) == nil {
		collect(content, "", p.seen[q].fields)
	}

	if p.weave != nil && p.weave.answers(q) {
		p.woven++
		p.weave.change(q, got)
	}
}

// collect lists the places of texts and nulls. The elements of a list are one place, "*".
func collect(content any, at string, fields map[string]string) {
	switch v := content.(type) {
	case map[string]any:
		for key, inner := range v {
			collect(inner, at+"/"+key, fields)
		}
	case []any:
		for _, inner := range v {
			collect(inner, at+"/*", fields)
		}
	case string:
		if fields[at] == "" {
			fields[at] = v
		}
	case nil:
		if _, known := fields[at]; !known {
			fields[at] = ""
		}
	}
}

// standIn stands for words until the document around them is encoded.
const standIn = "@@words@@"

// weaveInto changes the texts at a place of a JSON document. literal is what stands between quotes there.
func weaveInto(body []byte, at string, change func(text string) string, literal string) ([]byte, error) {
	var content any

	decoder := json.NewDecoder(bytes.NewReader(body))
	decoder.UseNumber()

	if err := decoder.Decode(&content); err != nil {
		return nil, err
	}

	content = replaceAt(content, strings.Split(strings.TrimPrefix(at, "/"), "/"), change)

	var b bytes.Buffer

	encoder := json.NewEncoder(&b)
	encoder.SetEscapeHTML(false)

	if err := encoder.Encode(content); err != nil {
		return nil, err
	}

	if !bytes.Contains(b.Bytes(), []byte(standIn)) {
		return nil, errors.New("nothing is there")
	}

	return bytes.ReplaceAll(b.Bytes(), []byte(standIn), []byte(literal)), nil
}

func replaceAt(content any, steps []string, change func(text string) string) any {
	if len(steps) == 0 || len(steps) == 1 && steps[0] == "" {
		text, isText := content.(string)
		if isText || content == nil {
			return change(text)
		}

		return content
	}

	switch v := content.(type) {
	case map[string]any:
		if inner, exists := v[steps[0]]; exists {
			v[steps[0]] = replaceAt(inner, steps[1:], change)
		}
	case []any:
		for i := range v {
			if steps[0] == "*" || steps[0] == strconv.Itoa(i) {
				v[i] = replaceAt(v[i], steps[1:], change)
			}
		}
	}

	return content
}

var (
	operationNames = regexp.MustCompile(`^\s*(?:query|mutation)\s+(\w+)`)
	identifiers    = regexp.MustCompile(`^(?:\d+|[0-9a-f]{12,}|[A-Za-z0-9]{20,})$`)
)

// questionOf tells what a request asks.
func questionOf(service sandbox.Service, r *http.Request, body []byte) question {
	if strings.HasSuffix(r.URL.Path, "/graphql") {
		var asked struct {
			Query string `json:"query"`
		}

		_ = json.Unmarshal(body, &asked) // what is not JSON has no name
		if name := operationNames.FindStringSubmatch(asked.Query); name != nil {
			return question{service, name[1]}
		}
	}

	steps := strings.Split(r.URL.Path, "/")
	for i, step := range steps {
		if identifiers.MatchString(step) {
			steps[i] = "*"
		}
	}

	return question{service, r.Method + " " + strings.Join(steps, "/")}
}

// questions returns what was asked so far, in order.
func (p *parrot) questions() []question {
	p.mu.Lock()
	defer p.mu.Unlock()

	return slices.SortedFunc(maps.Keys(p.seen), func(a, b question) int {
		return strings.Compare(string(a.service)+a.what, string(b.service)+b.what)
	})
}
