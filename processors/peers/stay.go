package peers

import (
	"context"
	"io"
	"net"
	"time"
)

const (
	redialMin = 20 * time.Millisecond // after a connection that did not last
	redialMax = 5 * time.Second
	lasted    = 10 * time.Second
)

// watch keeps a connection to a member until it is proved dead, or nothing can be said.
func (p *Watch) watch(ctx context.Context, member string, name processName, addr string) {
	defer p.end(member)
	wait := redialMin
	for ctx.Err() == nil {
		conn, err := dial(ctx, addr)
		if err != nil {
			break
		}
		began := time.Now()
		if replaced := p.stay(ctx, conn, name); replaced {
			p.evict(ctx, member, addr, "another process has its address")
			return
		}
		if time.Since(began) > lasted {
			wait = redialMin
			continue // at once: it may have died
		}
		// Something accepts and closes, such as a proxy, or a port that has no room.
		select {
		case <-ctx.Done():
		case <-time.After(wait):
		}
		wait = min(2*wait, redialMax)
	}
	if ctx.Err() == nil && refused(ctx, addr) {
		p.evict(ctx, member, addr, "its address refuses connections: the process is gone")
	}
}

// stay keeps the connection until the other side ends it. It reports whether that is
// another process, which has the address of the one that is watched.
func (p *Watch) stay(ctx context.Context, conn net.Conn, name processName) (replaced bool) {
	if !p.conns.hold(conn) {
		return false
	}
	defer p.conns.drop(conn)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	beats, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(beats)
		sayAlive(conn, over)
	}()
	defer func() { <-beats }()
	defer close(over)
	answer := make([]byte, nameSize)
	if _, err := io.ReadFull(conn, answer); err != nil { // an older instance says nothing
		return false
	}
	if processName(answer).replaces(name) {
		return true
	}
	_, _ = conn.Read(answer) // it has nothing more to say
	return false
}

// sayAlive says a byte now and then, until that fails: the other side then ends it.
func sayAlive(conn net.Conn, over <-chan struct{}) {
	tick := time.NewTicker(beatEvery)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		_ = conn.SetWriteDeadline(time.Now().Add(beatEvery))
		if _, err := conn.Write([]byte{0}); err != nil {
			_ = conn.Close()
			return
		}
	}
}
