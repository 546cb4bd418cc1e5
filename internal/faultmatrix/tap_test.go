//go:build faults

package faultmatrix_test

import (
	"bytes"
	"context"
	"errors"
	"net"
	"sync"
	"sync/atomic"
	"time"
)

// errKilled is what happens to connections of a process that is no more.
var errKilled = errors.New("the process is dead")

// tap watches the requests that a provider sends over plain HTTP. It can delay every answer, and kill the provider as
// kill -9 would: before or after a certain request.
type tap struct {
	delay time.Duration

	killAt    int  // which request; 0 is none
	killAfter bool // the request arrives, and its answer does not
	requests  atomic.Int64
	dead      atomic.Bool

	mu       sync.Mutex
	inFlight map[string]*load // by address, and for mutations by address and "mutation"; "" is all mutations
}

// load is how many requests are under way, and the most there were at a time.
type load struct{ now, most, total int }

// reset makes the tap watch a new process.
func (t *tap) reset(killAt int, killAfter bool) {
	t.killAt, t.killAfter = killAt, killAfter
	t.requests.Store(0)
	t.dead.Store(false)
	t.mu.Lock()
	defer t.mu.Unlock()

	t.inFlight = map[string]*load{}
}

func (t *tap) dial(ctx context.Context, network, address string) (net.Conn, error) {
	if t.dead.Load() {
		return nil, errKilled
	}

	var d net.Dialer

	conn, err := d.DialContext(ctx, network, address)
	if err != nil {
		return nil, err
	}

	return &tapped{Conn: conn, tap: t, address: address}, nil
}

// change counts requests that begin or end.
func (t *tap) change(keys []string, by int) {
	t.mu.Lock()
	defer t.mu.Unlock()

	for _, key := range keys {
		l := t.inFlight[key]
		if l == nil {
			l = &load{}
			t.inFlight[key] = l
		}

		l.now += by
		l.most = max(l.most, l.now)
		l.total += max(by, 0)
	}
}

// seen returns what was counted.
func (t *tap) seen(key string) load {
	t.mu.Lock()
	defer t.mu.Unlock()

	if l := t.inFlight[key]; l != nil {
		return *l
	}

	return load{}
}

// tapped is a connection with one request at a time.
type tapped struct {
	net.Conn

	tap     *tap
	address string

	mu     sync.Mutex
	keys   []string // of the request that is under way
	doomed bool     // its answer must not arrive
}

func (c *tapped) Write(p []byte) (int, error) {
	if c.tap.dead.Load() {
		return 0, errKilled
	}

	if bytes.HasPrefix(p, []byte("GET ")) || bytes.HasPrefix(p, []byte("POST ")) {
		keys := []string{c.address}
		if bytes.Contains(p, []byte("mutation ")) {
			keys = append(keys, c.address+" mutation", "")
		}

		last := int(c.tap.requests.Add(1)) == c.tap.killAt
		if last && !c.tap.killAfter {
			c.tap.dead.Store(true)

			return 0, errKilled
		}

		c.mu.Lock()
		c.keys, c.doomed = keys, last
		c.mu.Unlock()
		c.tap.change(keys, 1)
	}

	return c.Conn.Write(p)
}

func (c *tapped) Read(p []byte) (int, error) {
	n, err := c.Conn.Read(p)
	c.mu.Lock()
	keys, doomed := c.keys, c.doomed
	c.keys = nil
	c.mu.Unlock()

	if keys != nil {
		time.Sleep(c.tap.delay)
		c.tap.change(keys, -1)
	}

	if doomed {
		c.tap.dead.Store(true)
	}

	if c.tap.dead.Load() {
		return 0, errKilled
	}

	return n, err
}
