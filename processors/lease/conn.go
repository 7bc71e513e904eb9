package lease

import (
	"context"
	"crypto/tls"
	"fmt"
	"net"
	"time"
)

// leasedConn refuses to write once the lease is gone. What the kernel has taken by
// then was written while the member was one.
type leasedConn struct {
	net.Conn
	lease *Lease
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
func leasedDial(l *Lease, config *tls.Config) func(ctx context.Context, network, addr string) (net.Conn, error) {
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
