package sandbox

import (
	"context"
	"encoding/base64"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Request is one request that a service received, in order of arrival.
type Request struct {
	Service             Service
	Method, Path, Query string
	// Operation is the GraphQL operation or field, where the service is one that has them.
	Operation string
	// Authorization is the scheme and whether the credential is one of the sandbox's: "Bearer known", "Basic unknown",
	// "PRIVATE-TOKEN known", "key known" for a bare key; empty without a credential. The secret itself is never kept.
	Authorization string
	UserAgent     string
	Status        int // 0 while unanswered, and for a request that never got an answer
	At            time.Time
}

// journal has its own lock, so that handlers may write into it whether or not they hold the world's.
type journal struct {
	mu            sync.Mutex
	entries       []*Request
	waiting, most int // requests that have no answer yet: now, and at most
}

func (j *journal) change(f func()) {
	j.mu.Lock()
	defer j.mu.Unlock()

	f()
}

// Requests returns what services received, or all of it but the control API's own without an argument.
func (s *Sandbox) Requests(services ...Service) []Request {
	found := []Request{}

	s.journal.change(func() {
		for _, e := range s.journal.entries {
			if slices.Contains(services, e.Service) || (len(services) == 0 && e.Service != Control) {
				found = append(found, *e)
			}
		}
	})

	return found
}

// MostAtOnce returns how many requests were waiting for an answer at the same time, at most, since the journal was last
// emptied. The control API and the proxy's tunnels do not count.
func (s *Sandbox) MostAtOnce() (most int) {
	s.journal.change(func() { most = s.journal.most })

	return most
}

// ForgetRequests empties the journal.
func (s *Sandbox) ForgetRequests() {
	s.journal.change(func() { s.journal.entries, s.journal.most = nil, s.journal.waiting })
}

type entryKey struct{}

// entry is what a request's context carries: its line in the journal.
type entry struct {
	journal *journal
	line    *Request
}

// annotate writes the GraphQL operation of r into its line in the journal.
func annotate(r *http.Request, operation string) {
	if e, ok := r.Context().Value(entryKey{}).(entry); ok {
		e.journal.change(func() { e.line.Operation = operation })
	}
}

// forget takes the line of r out of the journal.
func forget(r *http.Request) {
	if e, ok := r.Context().Value(entryKey{}).(entry); ok {
		e.journal.change(func() {
			e.journal.entries = slices.DeleteFunc(e.journal.entries, func(line *Request) bool { return line == e.line })
		})
	}
}

// observe writes a line for each request. The status is there before the client can see the answer.
func (s *Sandbox) observe(service Service, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		line := &Request{
			Service: service, Method: r.Method, Path: r.URL.EscapedPath(), Query: r.URL.RawQuery,
			Authorization: s.describe(r.Header), UserAgent: r.UserAgent(), At: s.now(),
		}
		if r.Method == http.MethodConnect {
			line.Path = r.Host
		}

		counts := service != Control && r.Method != http.MethodConnect

		s.journal.change(func() {
			s.journal.entries = append(s.journal.entries, line)
			if counts {
				s.journal.waiting++
				s.journal.most = max(s.journal.most, s.journal.waiting)
			}
		})

		rec := &statusRecorder{ResponseWriter: w, journal: &s.journal, line: line, counts: counts}
		next.ServeHTTP(rec, r.WithContext(context.WithValue(r.Context(), entryKey{}, entry{&s.journal, line})))
		rec.finish()
	})
}

// statusRecorder notes the status of an answer in the journal.
type statusRecorder struct {
	http.ResponseWriter

	journal *journal
	line    *Request
	counts  bool // as one that waits
	cut     bool // the connection was taken away: no status follows
	noted   bool
}

func (w *statusRecorder) WriteHeader(status int) {
	if status >= http.StatusOK {
		w.note(status)
	}

	w.ResponseWriter.WriteHeader(status)
}

func (w *statusRecorder) Write(p []byte) (int, error) {
	w.note(http.StatusOK)

	return w.ResponseWriter.Write(p)
}

// Unwrap lets http.ResponseController reach Flush and Hijack.
func (w *statusRecorder) Unwrap() http.ResponseWriter { return w.ResponseWriter }

func (w *statusRecorder) note(status int) {
	if w.noted {
		return
	}

	w.noted = true
	w.journal.change(func() {
		if !w.cut {
			w.line.Status = status
		}

		if w.counts {
			w.journal.waiting--
		}
	})
}

// finish notes the 200 that net/http sends for a handler that wrote nothing.
func (w *statusRecorder) finish() { w.note(http.StatusOK) }

// describe tells which scheme a request uses and whether its credential is known here, without the credential.
func (s *Sandbox) describe(h http.Header) string {
	scheme, text := credential(h)
	if scheme == "" {
		return ""
	}

	s.mu.Lock()
	defer s.mu.Unlock()

	_, known := s.tokens[text]
	if known || (s.knownKey != nil && s.knownKey(text)) {
		return scheme + " known"
	}

	return scheme + " unknown"
}

// credential reads what a request proves itself with: the scheme as the client spelled it ("key" for a bare
// Authorization value) and the secret, for Basic the password.
func credential(h http.Header) (scheme, text string) {
	if token := h.Get("Private-Token"); token != "" {
		return "PRIVATE-TOKEN", token
	}

	value := h.Get("Authorization")
	if value == "" {
		return "", ""
	}

	scheme, text, found := strings.Cut(value, " ")
	if !found {
		return "key", value
	}

	text = strings.TrimSpace(text)
	if strings.EqualFold(scheme, "Basic") {
		_, text = basicParts(text)
	}

	return scheme, text
}

// basicParts decodes the payload of a Basic header; both parts are empty if it is none.
func basicParts(payload string) (user, password string) {
	decoded, err := base64.StdEncoding.DecodeString(payload)
	if err != nil {
		return "", ""
	}

	user, password, _ = strings.Cut(string(decoded), ":")

	return user, password
}
