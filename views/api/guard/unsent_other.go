//go:build !linux

package guard

import "net"

// LimitUnsent does nothing: the kernel's own limits hold.
func LimitUnsent(net.Conn) {}
