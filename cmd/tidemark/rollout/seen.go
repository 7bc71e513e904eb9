package rollout

import (
	"slices"
	"sync"

	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// seen is what others ask of a controller while its goroutine works.
type seen struct {
	mu       sync.Mutex
	served   *Generation
	note     string
	waits    string // why the definition of this process is not the one that is served
	declared *tables.Table
	told     []tables.Column // by the schema of records that processors have read
	building *Generation     // nil: none is being built
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

// define sets the definition that this process has of the table.
func (s *seen) define(t *tables.Table) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.declared = t
}

func (s *seen) definition() *tables.Table {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.declared
}

// tell adds columns that the schema has told.
func (s *seen) tell(columns []tables.Column) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, c := range columns {
		if !slices.ContainsFunc(s.told, func(o tables.Column) bool { return o.Name == c.Name }) {
			s.told = append(s.told, c)
		}
	}
}

// tellsOf returns what the schema has told, and forgets what a table has by now.
func (s *seen) tellsOf(have []tables.Column) []tables.Column {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.told = slices.DeleteFunc(s.told, func(c tables.Column) bool {
		return slices.ContainsFunc(have, func(h tables.Column) bool { return h.Name == c.Name })
	})
	return slices.Clone(s.told)
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
