package rollout

import (
	"sync"

	"github.com/tidemark/tidemark/processors/seed"
)

// seen is what others ask of a controller while its goroutine works.
type seen struct {
	mu       sync.Mutex
	served   *Generation
	note     string
	waits    string      // why the definition of this process is not the one that is served
	building *Generation // nil: none is being built
	progress seed.Progress
}

// current returns the generation that readers see.
func (s *seen) current() *Generation {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.served
}

func (s *seen) serve(g *Generation) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.served = g
}

// setNote sets what readers see, and reports whether it is something else.
func (s *seen) setNote(note string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	changed := s.note != note
	s.note = note
	return changed
}

func (s *seen) noted() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.note
}

func (s *seen) setWaits(note string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.waits = note
}

func (s *seen) waiting() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.waits
}

func (s *seen) setBuilding(g *Generation, p seed.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.building, s.progress = g, p
}

// build returns the generation that is being built, and how far it is.
func (s *seen) build() (*Generation, seed.Progress) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.building, s.progress
}
