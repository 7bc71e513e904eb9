//go:build !linux

package api

import "net"

// limitUnsent does nothing: the kernel's own limits hold.
func limitUnsent(net.Conn) {}
