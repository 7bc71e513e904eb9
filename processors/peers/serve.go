package peers

import (
	"errors"
	"net"
	"time"

	"github.com/tidemark/tidemark/processors/events"
)

// What a peer's port grants to any client that connects. A peer says a byte now and then, and
// nothing else; there is one for each other process of the group.
const (
	servedBytes  = 1024      // then it connects again
	servedFor    = time.Hour // and then, too
	servedSilent = 30 * time.Second
	beatEvery    = 5 * time.Second
	acceptPause  = 50 * time.Millisecond // after an error, such as too many open files
)

// serve keeps the others' connections open, after it has sent the process's name.
func (p *Watch) serve() {
	for {
		conn, err := p.listener.Accept()
		if errors.Is(err, net.ErrClosed) {
			return
		}
		if err != nil {
			p.events.PeerNotAccepted(events.PeerNotAccepted{Err: err})
			time.Sleep(acceptPause)
			continue
		}
		if !p.conns.admit(conn) {
			continue
		}
		p.wg.Go(func() {
			defer p.conns.dismiss(conn)
			p.serveOne(conn)
		})
	}
}

func (p *Watch) serveOne(c net.Conn) {
	_ = c.SetWriteDeadline(time.Now().Add(dialLimit))
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
