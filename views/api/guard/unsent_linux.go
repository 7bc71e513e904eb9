package guard

import (
	"crypto/tls"
	"net"
	"syscall"

	"golang.org/x/sys/unix"
)

// unsent is how much of an answer waits in the kernel for a client to make room, in bytes.
const unsent = 128 << 10

// LimitUnsent bounds what the kernel holds for a slow client. Without it that grows to
// megabytes, of which a third must have left before a write continues: a client that reads
// steadily and slowly would look like one that has stopped.
func LimitUnsent(c net.Conn) {
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
	_ = raw.Control(func(fd uintptr) { _ = unix.SetsockoptInt(int(fd), unix.IPPROTO_TCP, unix.TCP_NOTSENT_LOWAT, unsent) })
}
