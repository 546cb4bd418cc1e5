package sandbox

import (
	"context"
	"net"
	"sync"
)

// port is a listener that can keep its port beyond its end. As long as a connection to the port is open, the system
// gives it to nobody else, neither for listening nor for dialling, and yet lets its owner listen there again.
type port struct {
	net.Listener

	mu   sync.Mutex
	mine string        // the address from which hold dials
	near net.Conn      // what it dialled
	held chan net.Conn // the other end of it
}

// Accept implements net.Listener.
func (p *port) Accept() (net.Conn, error) {
	for {
		conn, err := p.Listener.Accept()
		if err != nil || !p.isMine(conn) {
			return conn, err
		}

		p.held <- conn
	}
}

// isMine waits while hold dials: until then nobody knows the address.
func (p *port) isMine(conn net.Conn) bool {
	p.mu.Lock()
	defer p.mu.Unlock()

	return conn.RemoteAddr().String() == p.mine
}

// hold keeps the port until release. Somebody must be accepting.
func (p *port) hold() error {
	if err := p.dial(); err != nil {
		return err
	}

	p.held <- <-p.held // it has arrived

	return nil
}

func (p *port) dial() error {
	p.mu.Lock()
	defer p.mu.Unlock()

	var d net.Dialer

	conn, err := d.DialContext(context.Background(), "tcp4", p.Addr().String())
	if err != nil {
		return err
	}

	p.near, p.mine = conn, conn.LocalAddr().String()

	return nil
}

// release gives up what hold keeps. A port that is nil or not held has nothing to release.
func (p *port) release() {
	if p == nil || p.near == nil {
		return
	}

	abort(p.near) // an orderly end would keep the port for another minute
	abort(<-p.held)
	p.near = nil
}
