package peers

import (
	"net"
	"sync"
)

// maxServed bounds the connections from others: there is one for each other process of the group.
const maxServed = 256

// connections are those that are open, to others and from them. They end together.
type connections struct {
	mu     sync.Mutex
	closed bool
	open   map[net.Conn]struct{}
	served int // those from others
}

// hold keeps a connection to be closed with the rest. It reports whether that is not yet so.
func (s *connections) hold(c net.Conn) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.closed {
		_ = c.Close()
		return false
	}
	s.open[c] = struct{}{}
	return true
}

func (s *connections) drop(c net.Conn) {
	_ = c.Close()
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.open, c)
}

// admit takes a connection of another instance, unless there are too many.
func (s *connections) admit(c net.Conn) bool {
	s.mu.Lock()
	full := s.served >= maxServed
	if !full {
		s.served++
	}
	s.mu.Unlock()
	if full {
		_ = c.Close()
		return false
	}
	if !s.hold(c) {
		s.leave()
		return false
	}
	return true
}

// dismiss drops a connection that was admitted.
func (s *connections) dismiss(c net.Conn) {
	s.drop(c)
	s.leave()
}

func (s *connections) leave() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served--
}

// close ends all of them, and all that come later.
func (s *connections) close() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.closed = true
	for c := range s.open {
		_ = c.Close()
	}
}

func (s *connections) over() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.closed
}
