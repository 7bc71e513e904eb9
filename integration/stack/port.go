package stack

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"syscall"
)

// Ports are taken from below the range that the kernel hands out to outgoing connections (from 32768 on).
// A port of that range can be gone when a stopped server wants it back, and a client that dials it while
// nobody listens can even end up connected to itself.
const (
	firstPort = 15000
	lastPort  = 31999
)

// ports are reserved for as long as a server exists, running or stopped, against other servers of this
// package in other processes too: go test runs packages side by side.
type ports struct {
	locks []*os.File
}

// reserve returns a port of 127.0.0.1 that nobody listens on and no other reservation holds.
func (r *ports) reserve() (int, error) {
	dir := filepath.Join(os.TempDir(), fmt.Sprintf("tidemark-ports-%d", os.Getuid()))
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return 0, fmt.Errorf("reserve a port: %w", err)
	}
	for range 1000 {
		port := firstPort + rand.IntN(lastPort-firstPort+1)
		lock, err := os.OpenFile(filepath.Join(dir, strconv.Itoa(port)), os.O_CREATE|os.O_RDWR, 0o644)
		if err != nil {
			return 0, fmt.Errorf("reserve a port: %w", err)
		}
		if syscall.Flock(int(lock.Fd()), syscall.LOCK_EX|syscall.LOCK_NB) != nil || !free(port) {
			lock.Close()
			continue
		}
		r.locks = append(r.locks, lock)
		return port, nil
	}
	return 0, errors.New("reserve a port: 1000 tries found none free")
}

// release gives the ports back. The lock files stay: removing one would let two processes hold two files of
// the same name.
func (r *ports) release() {
	for _, lock := range r.locks {
		lock.Close()
	}
	r.locks = nil
}

func free(port int) bool {
	l, err := net.Listen("tcp", loopback(port))
	if err != nil {
		return false
	}
	return l.Close() == nil
}

func loopback(port int) string {
	return net.JoinHostPort("127.0.0.1", strconv.Itoa(port))
}
