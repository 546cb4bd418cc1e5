//go:build faults

package faultmatrix_test

import (
	"bufio"
	"context"
	"crypto/tls"
	"encoding/json"
	"errors"
	"hash/fnv"
	"maps"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"

	"github.com/codefresh-gitops/terraform-provider-codefresh/internal/sandbox"
)

// chorus has every service repeat secrets at once, each text in a spelling of its own, so that a real Terraform gets to
// hear all of them in few runs.
type chorus struct {
	known []canary
	turn  uint32    // differs from one run of Terraform to the next
	only  *spelling // nil for all of them
	// answer is what happens to the answers of a service: they stay as they are, but for texts that anybody may put
	// there; or they are errors.
	answer func(c *chorus, q question, by speaker, r *reply)
}

// freeTexts end the names of fields that people write, or that only people read.
func freeTexts() []string {
	return []string{
		"/description", "/displayName", "/display_name", "/nickname", "/emailAddress", "/email", "/runtimeVersion",
		"/chartVersion", "/installationType", "/login", "/username", "/me/name", "/user/name", "/html_url", "/bio",
	}
}

// words returns what is said back at a place.
func (c *chorus) words(place string) said {
	h := fnv.New32a()
	_, _ = h.Write([]byte(place)) // which never fails

	n := int((h.Sum32() + c.turn) % (1 << 20))
	if c.only != nil {
		return wordsOf(c.known, n, *c.only)
	}

	all := spellings()

	return wordsOf(c.known, n, all[n%len(all)])
}

// texts weaves into what is only read, and into headers.
func texts(c *chorus, q question, _ speaker, r *reply) {
	fields := map[string]string{}

	var content any
	if json.Unmarshal(r.body, &content) == nil {
		collect(content, "", fields)
	}

	for _, field := range slices.Sorted(maps.Keys(fields)) {
		if !slices.ContainsFunc(freeTexts(), func(end string) bool { return strings.HasSuffix(field, end) }) {
			continue
		}

		ways := inField(field, fields[field]).ways
		ways[min(1, len(ways)-1)](r, c.words(string(q.service)+q.what+field))
	}

	scopes := r.header.Get("X-Oauth-Scopes")
	before := r.header.Clone()
	addHeaders(r.header, c.words(string(q.service)+q.what).text)

	for _, name := range []string{"Github-Authentication-Token-Expiration", "Retry-After", "X-Ratelimit-Reset"} {
		r.header.Del(name)
	}

	maps.Copy(r.header, before)

	if scopes != "" && c.turn%2 == 0 { // with a text among them they are no list of scopes, and nothing is granted
		r.header.Set("X-Oauth-Scopes", scopes+", "+c.words("scopes").text)
	}
}

// failures answers everything with an error, of another kind at each question.
func failures(c *chorus, q question, by speaker, r *reply) {
	all := append(errorsOf(by), pages()...)
	h := fnv.New32a()
	_, _ = h.Write([]byte(string(q.service) + q.what)) // which never fails
	n := int((h.Sum32() + 7*c.turn) % (1 << 20))
	ways := all[n%len(all)].ways
	ways[n/len(all)%len(ways)](r, c.words(string(q.service)+q.what))
}

// refusals lets nobody change anything, and says why.
func refusals(c *chorus, q question, by speaker, r *reply) {
	if by == speakerCodefresh && strings.Contains(q.what, "Git") && !strings.Contains(q.what, "GitIntegrations") &&
		!strings.Contains(q.what, "GitSources") {
		words := c.words(q.what)
		r.body = []byte(`{"errors":[{"message":"` + words.literal + `"}],"data":null}`)

		return
	}

	texts(c, q, by, r)
}

// chapel is a CONNECT proxy with a parrot in it: the way to the services for a provider that is a program of its own.
type chapel struct {
	*parrot

	config   *tls.Config
	speakers map[sandbox.Service]speaker

	door    sync.Mutex
	chorus  *chorus
	refuses bool // to connect anybody
	inside  chan net.Conn
	address string
}

// openChapel starts a proxy, which serves until ctx ends.
func openChapel(ctx context.Context, w *world, config *tls.Config) (*chapel, error) {
	c := &chapel{parrot: newParrot(w), config: config, inside: make(chan net.Conn), speakers: map[sandbox.Service]speaker{
		sandbox.Codefresh: speakerCodefresh, sandbox.AppProxy(runtimeName): speakerCodefresh,
	}}
	services := map[string]http.Handler{}

	for _, h := range gitHosts() {
		c.speakers[h.service] = h.speaker
	}

	for _, name := range allNames() {
		service := serviceAt(name)
		scheme, rest, _ := strings.Cut(w.URL(service), "://")
		root, _, _ := strings.Cut(rest, "/")
		services[name] = c.handler(service, scheme+"://"+root)
	}

	inner := &http.Server{ReadHeaderTimeout: readLimit, Handler: http.HandlerFunc(
		func(w http.ResponseWriter, r *http.Request) {
			services[strings.TrimSuffix(r.Host, ":443")].ServeHTTP(w, r)
		})}

	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp4", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}

	c.address = listener.Addr().String()

	outer := &http.Server{ReadHeaderTimeout: readLimit, Handler: http.HandlerFunc(c.connect)}
	go func() { _ = outer.Serve(listener) }() // until ctx ends, like the next
	go func() { _ = inner.Serve(inlet{ctx, c.inside, listener.Addr()}) }()

	context.AfterFunc(ctx, func() {
		_ = outer.Close()
		_ = inner.Close()
	})
	c.sing(&chorus{})

	return c, nil
}

// sing has the services answer as a chorus from now on.
func (c *chapel) sing(all *chorus) {
	c.door.Lock()
	defer c.door.Unlock()

	c.chorus = all
	c.says(&weave{
		answers: func(question) bool { return all.answer != nil },
		change:  func(q question, r *reply) { all.answer(all, q, c.speakers[q.service], r) },
	})
}

func (c *chapel) connect(w http.ResponseWriter, r *http.Request) {
	c.door.Lock()

	refuses, words := c.refuses, said{}
	if refuses {
		words = c.chorus.words(r.Host)
	}
	c.door.Unlock()

	if r.Method != http.MethodConnect || refuses || serviceAt(strings.TrimSuffix(r.Host, ":443")) == "" {
		addHeaders(w.Header(), words.text)
		w.Header().Set("Content-Type", "text/html")
		http.Error(w, "<html><title>"+words.text+"</title></html>", http.StatusProxyAuthRequired)

		return
	}

	conn, buffered, err := http.NewResponseController(w).Hijack()
	if err != nil {
		return
	}

	if _, err := conn.Write([]byte("HTTP/1.1 200 Connection established\r\n\r\n")); err != nil {
		_ = conn.Close()

		return
	}

	c.inside <- tls.Server(&unread{conn, buffered.Reader}, c.config)
}

// unread is a connection of which something was read already.
type unread struct {
	net.Conn

	reader *bufio.Reader
}

func (u *unread) Read(p []byte) (int, error) { return u.reader.Read(p) }

// inlet is a listener that accepts what comes out of a tunnel.
type inlet struct {
	ctx   context.Context //nolint:containedctx // Accept has none
	conns chan net.Conn
	at    net.Addr
}

func (i inlet) Accept() (net.Conn, error) {
	select {
	case conn := <-i.conns:
		return conn, nil
	case <-i.ctx.Done():
		return nil, errors.New("it is over")
	}
}

func (i inlet) Close() error { return nil }

func (i inlet) Addr() net.Addr { return i.at }
