package supervisor

import (
	"sync"
	"sync/atomic"
)

// noteReading is what a view does when all is well.
const noteReading = "reading the changelog"

// state is what a view says of itself.
type state struct {
	reached atomic.Bool // the ends that the topics had at the start
	bad     atomic.Pointer[refusal]

	mu   sync.Mutex
	note string // what it is doing or waiting for
}

// refusal is why a view does not serve the table that it was declared for.
type refusal struct{ err error }

func (s *state) say(note string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.note = note
}

func (s *state) refuse(err error) { s.bad.Store(&refusal{err: err}) }

func (s *state) accept() { s.bad.Store(nil) }

func (s *state) refused() error {
	if r := s.bad.Load(); r != nil {
		return r.err
	}
	return nil
}

func (s *state) said() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.note
}
