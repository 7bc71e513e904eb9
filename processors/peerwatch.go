package processors

import (
	"context"
	"errors"
	"io"
	"net"
	"syscall"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kmsg"
)

const (
	probeEvery = 50 * time.Millisecond
	probes     = 3 // refusals in a row that prove a death
	probeFor   = 3 * time.Second

	redialMin = 20 * time.Millisecond // after a connection that did not last
	redialMax = 5 * time.Second
	lasted    = 10 * time.Second
)

// watch keeps a connection to a member until it is proved dead, or nothing can be said.
func (p *peers) watch(ctx context.Context, member string, name peerName, addr string) {
	defer p.end(member)
	wait := redialMin
	for ctx.Err() == nil {
		conn, err := p.dial(ctx, addr)
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
	if ctx.Err() == nil && p.refused(ctx, addr) {
		p.evict(ctx, member, addr, "its address refuses connections: the process is gone")
	}
}

// stay keeps the connection until the other side ends it. It reports whether that is
// another process, which has the address of the one that is watched.
func (p *peers) stay(ctx context.Context, conn net.Conn, name peerName) (replaced bool) {
	if !p.hold(conn) {
		return false
	}
	defer p.drop(conn)
	stop := context.AfterFunc(ctx, func() { _ = conn.Close() })
	defer stop()
	beats, over := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(beats)
		sayAlive(conn, over)
	}()
	defer func() { <-beats }()
	defer close(over)
	told := make([]byte, peerNameSize)
	if _, err := io.ReadFull(conn, told); err != nil { // an older instance says nothing
		return false
	}
	if peerName(told).replaces(name) {
		return true
	}
	_, _ = conn.Read(told) // it has nothing more to say
	return false
}

// sayAlive says a byte now and then, until that fails: the other side then ends it.
func sayAlive(conn net.Conn, over <-chan struct{}) {
	tick := time.NewTicker(peerBeat)
	defer tick.Stop()
	for {
		select {
		case <-over:
			return
		case <-tick.C:
		}
		_ = conn.SetWriteDeadline(time.Now().Add(peerBeat))
		if _, err := conn.Write([]byte{0}); err != nil {
			_ = conn.Close()
			return
		}
	}
}

func (p *peers) dial(ctx context.Context, addr string) (net.Conn, error) {
	d := net.Dialer{Timeout: peerDialLimit}
	return d.DialContext(ctx, "tcp", addr)
}

// refused reports whether connections are refused several times in a row. A dying
// process may still accept one.
func (p *peers) refused(ctx context.Context, addr string) bool {
	tick := time.NewTicker(probeEvery)
	defer tick.Stop()
	n := 0
	for end := time.Now().Add(probeFor); time.Now().Before(end); {
		conn, err := p.dial(ctx, addr)
		switch {
		case err == nil:
			_ = conn.Close()
			n = 0
		case errors.Is(err, syscall.ECONNREFUSED):
			n++
		default:
			return false // not reachable is no evidence
		}
		if n == probes {
			return true
		}
		select {
		case <-ctx.Done():
			return false
		case <-tick.C:
		}
	}
	return false
}

// evict makes the member leave the group.
func (p *peers) evict(ctx context.Context, member, addr, why string) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	reason := addr + ": " + why
	req := kmsg.NewPtrLeaveGroupRequest()
	req.Group = p.group
	m := kmsg.NewLeaveGroupRequestMember()
	m.MemberID, m.Reason = member, &reason
	req.Members = append(req.Members, m)
	resp, err := req.RequestWith(ctx, p.admin)
	if err == nil {
		err = kerr.ErrorForCode(resp.ErrorCode)
	}
	if err == nil && len(resp.Members) == 1 {
		err = kerr.ErrorForCode(resp.Members[0].ErrorCode)
	}
	if err != nil && !errors.Is(err, kerr.UnknownMemberID) {
		p.logger.Warn("dead member not evicted", "member", member, "error", err)
		return
	}
	p.logger.Info("dead member evicted", "member", member, "address", addr, "reason", why)
}
