package processors

import (
	"errors"
	"net"
	"time"
)

// What a peer's port grants to whoever connects. A peer says a byte now and then, and
// nothing else; there is one for each instance of the table.
const (
	maxServed    = 256
	servedBytes  = 1024      // then it connects again
	servedFor    = time.Hour // and then, too
	servedSilent = 30 * time.Second
	peerBeat     = 5 * time.Second
	acceptPause  = 50 * time.Millisecond // after an error, such as too many open files
)

// serve keeps the others' connections open, after it has told the process's name.
func (p *peers) serve() {
	for {
		conn, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			p.logger.Debug("connection of a peer not accepted", "error", err)
			time.Sleep(acceptPause)
			continue
		}
		if !p.admit(conn) {
			continue
		}
		p.wg.Go(func() {
			defer p.dismiss(conn)
			p.serveOne(conn)
		})
	}
}

// admit takes a connection, unless there are too many.
func (p *peers) admit(c net.Conn) bool {
	p.mu.Lock()
	full := p.served >= maxServed
	if !full {
		p.served++
	}
	p.mu.Unlock()
	if full {
		_ = c.Close()
		return false
	}
	if !p.hold(c) {
		p.mu.Lock()
		p.served--
		p.mu.Unlock()
		return false
	}
	return true
}

func (p *peers) dismiss(c net.Conn) {
	p.drop(c)
	p.mu.Lock()
	defer p.mu.Unlock()
	p.served--
}

func (p *peers) serveOne(c net.Conn) {
	_ = c.SetWriteDeadline(time.Now().Add(peerDialLimit))
	if _, err := c.Write([]byte(p.self)); err != nil {
		return
	}
	end := time.Now().Add(servedFor)
	buf := make([]byte, 16)
	for total := 0; total < servedBytes; {
		silent := time.Now().Add(p.silent)
		if end.Before(silent) {
			silent = end
		}
		_ = c.SetReadDeadline(silent)
		n, err := c.Read(buf)
		if err != nil {
			return
		}
		total += n
	}
}
