package sandbox

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
	"strconv"
	"strings"
	"time"
)

// Fault is a way in which a service misbehaves. With a Status the service answers that and is not asked at all. Without
// one, slow, reset, drip and truncate spoil the true answer, which means that the request has had its effect.
type Fault struct {
	Status int
	Header map[string]string
	Body   string
	// Mode is "" (answer Status), "slow" (the answer takes a while), "hang" (no answer until the client leaves or the
	// sandbox closes), "reset" (TCP reset in the middle of the body), "refuse" (nobody listens), "drip" (the body a byte
	// at a time) or "truncate" (the connection ends before Content-Length is reached).
	Mode string
	// Times is how many requests it hits; 0 means all until Heal.
	Times int
	// Match limits it to requests whose path contains it, and to GraphQL requests whose operation or field has this name.
	Match string
	// Null makes a part of the true answer null, whatever its schema says: a path such as "data.runtimes.edges.node",
	// through all elements of lists. It goes with no status and no mode.
	Null string
	// Pause is how long slow waits (50 ms if 0), how long drip rests after each byte (10 ms if 0), and after which hang
	// ends the connection, as load balancers do (never if 0).
	Pause time.Duration
}

type activeFault struct {
	Fault

	left  int
	field *regexp.Regexp // Match as a whole word of a GraphQL document
}

const (
	dripInterval = 10 * time.Millisecond
	slowPause    = 50 * time.Millisecond
)

// Break makes service misbehave until it is healed or the fault's times are used up. It replaces an earlier fault.
func (s *Sandbox) Break(service Service, f Fault) error {
	if err := f.check(); err != nil {
		return err
	}

	s.net.mu.Lock()
	defer s.net.mu.Unlock()

	r := s.net.services[service]
	if r == nil {
		return fmt.Errorf("service %q does not run", service)
	}

	if err := s.reopen(r); err != nil {
		return err
	}

	r.fault = &activeFault{Fault: f, left: f.Times, field: regexp.MustCompile(`\b` + regexp.QuoteMeta(f.Match) + `\b`)}
	if f.Mode == "refuse" {
		for _, e := range r.endpoints {
			if err := e.refuse(); err != nil {
				return fmt.Errorf("refuse connections: %w", err)
			}
		}
	}

	return nil
}

func (f Fault) check() error {
	if f.Null != "" && (f.Status != 0 || f.Mode != "") {
		return errors.New("null goes with no status and no mode")
	}

	switch f.Mode {
	case "":
		if f.Status == 0 && f.Null == "" {
			return errors.New("a fault needs a status, a mode or null")
		}
	case "slow", "reset", "drip", "truncate":
	case "hang", "refuse":
		if f.Status != 0 || f.Body != "" || len(f.Header) > 0 {
			return fmt.Errorf("mode %q sends no answer, so it takes no status, header or body", f.Mode)
		}
	default:
		return fmt.Errorf("unknown mode %q: use slow, hang, reset, refuse, drip, truncate or none", f.Mode)
	}

	if f.Mode == "refuse" && (f.Times != 0 || f.Match != "") {
		return errors.New(`mode "refuse" closes the port, so it takes no times and no match`)
	}

	if f.Times < 0 || f.Pause < 0 {
		return errors.New("times and pause must not be negative")
	}

	if f.Pause != 0 && f.Mode != "slow" && f.Mode != "drip" && f.Mode != "hang" {
		return errors.New("a pause is for slow, drip and hang")
	}

	if f.Status != 0 && (f.Status < 200 || f.Status > 599) {
		return fmt.Errorf("status %d is not between 200 and 599", f.Status)
	}

	if f.Status == 0 && (f.Body != "" || len(f.Header) > 0) {
		return errors.New("a fault with a header or body needs a status")
	}

	return nil
}

// Heal ends the fault of service. It is no error if there is none.
func (s *Sandbox) Heal(service Service) {
	s.net.mu.Lock()
	defer s.net.mu.Unlock()

	if r := s.net.services[service]; r != nil {
		r.fault = nil
		_ = s.reopen(r) // the port is still the service's own; only a sandbox that was closed stays so
	}
}

// reopen listens again on every closed endpoint. net.mu must be held.
func (s *Sandbox) reopen(r *running) error {
	if s.net.closed {
		return errors.New("the sandbox is closed")
	}

	for _, e := range r.endpoints {
		if e.server == nil {
			if err := s.open(e); err != nil {
				return fmt.Errorf("listen again: %w", err)
			}
		}
	}

	return nil
}

// takeFault returns the fault that hits r, and counts it.
func (s *Sandbox) takeFault(service Service, r *http.Request, body []byte) (Fault, bool) {
	s.net.mu.Lock()
	defer s.net.mu.Unlock()

	run := s.net.services[service]
	if run == nil || run.fault == nil || !run.fault.hits(r, body) {
		return Fault{}, false
	}

	f := run.fault
	if f.Times > 0 {
		f.left--
		if f.left == 0 {
			run.fault = nil
		}
	}

	return f.Fault, true
}

func (f *activeFault) hits(r *http.Request, body []byte) bool {
	if f.Match == "" || strings.Contains(r.URL.Path, f.Match) {
		return true
	}

	var document struct {
		OperationName string `json:"operationName"`
		Query         string `json:"query"`
	}
	if json.Unmarshal(body, &document) != nil {
		return false
	}

	return document.OperationName == f.Match || f.field.MatchString(document.Query)
}

// faulty puts the service's fault before next.
func (s *Sandbox) faulty(service Service, next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.Method == http.MethodConnect {
			next.ServeHTTP(w, r)

			return
		}
		// Reading the whole body first also lets net/http notice a client that leaves.
		body, err := io.ReadAll(http.MaxBytesReader(w, r.Body, 8<<20))
		if err != nil {
			http.Error(w, "unreadable request body", http.StatusBadRequest)

			return
		}

		r.Body = io.NopCloser(bytes.NewReader(body))

		if f, ok := s.takeFault(service, r, body); ok {
			s.misbehave(f, w, r, next)

			return
		}

		next.ServeHTTP(w, r)
	})
}

func (s *Sandbox) misbehave(f Fault, w http.ResponseWriter, r *http.Request, next http.Handler) {
	if f.Mode == "hang" {
		var over <-chan time.Time

		if f.Pause > 0 {
			timer := time.NewTimer(f.Pause)
			defer timer.Stop()

			over = timer.C
		}

		select {
		case <-over:
		case <-r.Context().Done():
		case <-s.closing:
		}

		cut(w)

		return
	}

	a := answer{status: f.Status, header: http.Header{}, body: f.Body}
	for name, value := range f.Header {
		a.header.Set(name, value)
	}

	if f.Status == 0 {
		kept := &keptAnswer{answer{status: http.StatusOK, header: a.header}}
		next.ServeHTTP(kept, r)
		a = kept.answer
	}

	if f.Null != "" {
		a.body = nullified(a.body, strings.Split(f.Null, "."))
	}

	if f.Mode == "slow" {
		s.pause(r, cmp.Or(f.Pause, slowPause))
	}

	if f.Mode == "" || f.Mode == "slow" {
		a.writeTo(w)

		return
	}

	if a.header.Get("Content-Type") == "" {
		a.header.Set("Content-Type", "application/json")
	}

	if len(a.body) < 2 {
		a.body = "{}" // there must be something to break off
	}

	a.header.Set("Content-Length", strconv.Itoa(len(a.body)))

	if f.Mode == "drip" {
		s.drip(a, cmp.Or(f.Pause, dripInterval), w, r)

		return
	}

	half := answer{status: a.status, header: a.header, body: a.body[:len(a.body)/2]}
	half.writeTo(w)
	control := http.NewResponseController(w)

	_ = control.Flush()
	if conn, _, err := control.Hijack(); err == nil {
		if f.Mode == "reset" {
			abort(conn)
		}

		_ = conn.Close()
	}
}

// nullified is a JSON text with null at the end of a path. A text without such a place is as it was.
func nullified(body string, path []string) string {
	var value any

	d := json.NewDecoder(strings.NewReader(body))
	d.UseNumber()

	if d.Decode(&value) != nil || !setNull(value, path) {
		return body
	}

	changed, err := json.Marshal(value)
	if err != nil {
		return body
	}

	return string(changed)
}

// setNull reports whether there was anything to set.
func setNull(value any, path []string) (found bool) {
	switch v := value.(type) {
	case []any:
		for _, element := range v {
			found = setNull(element, path) || found
		}
	case map[string]any:
		if len(path) > 1 {
			return setNull(v[path[0]], path[1:])
		}

		if _, found = v[path[0]]; found {
			v[path[0]] = nil
		}
	}

	return found
}

// pause waits, unless the client leaves or the sandbox closes.
func (s *Sandbox) pause(r *http.Request, d time.Duration) {
	timer := time.NewTimer(d)
	defer timer.Stop()

	select {
	case <-timer.C:
	case <-r.Context().Done():
	case <-s.closing:
	}
}

// drip sends a byte at a time, until all is sent or the client leaves.
func (s *Sandbox) drip(a answer, interval time.Duration, w http.ResponseWriter, r *http.Request) {
	whole := a.body
	a.body = ""
	a.writeTo(w)
	control := http.NewResponseController(w)

	tick := time.NewTicker(interval)
	defer tick.Stop()

	for i := range len(whole) {
		if _, err := io.WriteString(w, whole[i:i+1]); err != nil {
			return
		}

		_ = control.Flush()

		select {
		case <-tick.C:
		case <-r.Context().Done():
			return
		case <-s.closing:
			return
		}
	}
}

// keptAnswer is a ResponseWriter that keeps the answer.
type keptAnswer struct{ answer }

func (k *keptAnswer) Header() http.Header { return k.header }

func (k *keptAnswer) WriteHeader(status int) { k.status = status }

func (k *keptAnswer) Write(p []byte) (int, error) {
	k.body += string(p)

	return len(p), nil
}

// cut ends the connection of w without an answer.
func cut(w http.ResponseWriter) {
	if rec, ok := w.(*statusRecorder); ok {
		rec.cut = true
	}

	if conn, _, err := http.NewResponseController(w).Hijack(); err == nil {
		_ = conn.Close()
	}
}

// abort closes conn so that the other side sees a TCP reset rather than an orderly end.
func abort(conn net.Conn) {
	if wrapped, ok := conn.(interface{ NetConn() net.Conn }); ok {
		conn = wrapped.NetConn()
	}

	if tcp, ok := conn.(*net.TCPConn); ok {
		_ = tcp.SetLinger(0)
	}

	_ = conn.Close()
}
