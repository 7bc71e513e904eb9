package api

import (
	"crypto/tls"
	"net"
	"syscall"
)

const (
	// unsent is how much of an answer waits in the kernel for a client to make room, in bytes.
	unsent = 128 << 10
	// tcpNotSentLowAt is TCP_NOTSENT_LOWAT of linux/tcp.h.
	tcpNotSentLowAt = 25
)

// limitUnsent bounds what the kernel holds for a slow client. Without it that grows to
// megabytes, of which a third must have left before a write goes on: a client that reads
// steadily and slowly would look like one that has stopped.
func limitUnsent(c net.Conn) {
	if t, ok := c.(*tls.Conn); ok {
		c = t.NetConn()
	}
	sc, ok := c.(syscall.Conn)
	if !ok {
		return
	}
	raw, err := sc.SyscallConn()
	if err != nil {
		return // closed already
	}
	// A kernel that does not know the option leaves the connection as it is.
	_ = raw.Control(func(fd uintptr) { _ = syscall.SetsockoptInt(int(fd), syscall.IPPROTO_TCP, tcpNotSentLowAt, unsent) })
}
