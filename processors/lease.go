package processors

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"sync/atomic"
	"time"
)

// lease is the promise of the group's coordinator that this member is still one:
// it holds until a margin before the session would time out. A process that was
// paused for longer finds it expired and writes nothing, however full its buffers are.
//
// The monotonic clock stands still while a machine is suspended, so what is written to a
// connection goes by the wall clock as well: whichever says that more time has passed. A
// machine whose wall clock is wrong after it wakes up, or is set back, has only the guards
// that come after the lease.
type lease struct {
	valid time.Duration    // 0: never expires
	since atomic.Int64     // when the last heartbeat that was answered was sent, nanoseconds after epoch
	wall  atomic.Int64     // the same by the wall clock, nanoseconds since 1970
	epoch time.Time        // carries the monotonic clock
	now   func() time.Time // time.Now, unless a test says otherwise
	lost  atomic.Bool
}

// leaseFor is how long an answered heartbeat lets the member write: a sixth of the
// session's timeout, and so a second of six, is left for what is on the way. Zero
// is for ever.
func (o *Options) leaseFor() time.Duration {
	if o.NoLease {
		return 0
	}
	return o.SessionTimeout - o.SessionTimeout/6
}

func newLease(valid time.Duration) *lease {
	l := &lease{valid: valid, epoch: time.Now(), now: time.Now}
	l.renew(l.epoch)
	return l
}

// renew extends the lease: a heartbeat that was sent then has been answered.
func (l *lease) renew(sent time.Time) {
	l.since.Store(int64(sent.Sub(l.epoch)))
	l.wall.Store(sent.UnixNano())
}

// lose ends it at once.
func (l *lease) lose() { l.lost.Store(true) }

// check returns an error when nothing may be written any more.
func (l *lease) check() error {
	if l.lost.Load() {
		return errSessionOver
	}
	if l.valid > 0 && time.Since(l.epoch)-time.Duration(l.since.Load()) > l.valid {
		return errLeaseLost
	}
	return nil
}

// checkWall is check by both clocks. It is for each request, not for each record.
func (l *lease) checkWall() error {
	if err := l.check(); err != nil {
		return err
	}
	if l.valid > 0 && l.now().UnixNano()-l.wall.Load() > int64(l.valid) {
		return errLeaseLost
	}
	return nil
}

// leasedConn refuses to write once the lease is gone. What the kernel has taken by
// then was written while the member was one.
type leasedConn struct {
	net.Conn
	lease *lease
}

// Write implements net.Conn.
func (c *leasedConn) Write(b []byte) (int, error) {
	if err := c.lease.checkWall(); err != nil {
		return 0, err
	}
	return c.Conn.Write(b)
}

const dialTimeout = 10 * time.Second

// leasedDial opens connections under the lease, encrypted when config is given.
func leasedDial(l *lease, config *tls.Config) func(ctx context.Context, network, addr string) (net.Conn, error) {
	dialer := &net.Dialer{Timeout: dialTimeout}
	return func(ctx context.Context, network, addr string) (net.Conn, error) {
		conn, err := dialer.DialContext(ctx, network, addr)
		if err != nil {
			return nil, err
		}
		guarded := &leasedConn{Conn: conn, lease: l}
		if config == nil {
			return guarded, nil
		}
		return encrypt(ctx, guarded, config, addr)
	}
}

func encrypt(ctx context.Context, conn net.Conn, config *tls.Config, addr string) (net.Conn, error) {
	config = config.Clone()
	if config.ServerName == "" {
		host, _, err := net.SplitHostPort(addr)
		if err != nil {
			return nil, fmt.Errorf("server name of %s: %w", addr, err)
		}
		config.ServerName = host
	}
	secure := tls.Client(conn, config)
	if err := secure.HandshakeContext(ctx); err != nil {
		_ = conn.Close()
		return nil, err
	}
	return secure, nil
}
