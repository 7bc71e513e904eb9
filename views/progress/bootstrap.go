package progress

import (
	"cmp"
	"fmt"
	"slices"
	"sync"

	"github.com/tidemark/tidemark/codecs/wire"
)

// Bootstrap is what the processors say about the filling of this generation of the table.
type Bootstrap struct {
	mu         sync.Mutex
	partitions int32
	newest     map[int32]wire.Bootstrap
}

// Reset forgets everything, for a table of so many partitions.
func (s *Bootstrap) Reset(partitions int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.partitions, s.newest = partitions, map[int32]wire.Bootstrap{}
}

// Put takes what a processor says about a partition.
func (s *Bootstrap) Put(p wire.Bootstrap) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if p.Partition >= 0 && p.Partition < s.partitions {
		s.newest[p.Partition] = p
	}
}

// Live reports whether every partition is filled.
func (s *Bootstrap) Live() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range s.newest {
		if !p.Live() {
			return false
		}
	}
	return s.partitions > 0 && len(s.newest) == int(s.partitions)
}

// All returns what is known, in the order of the partitions.
func (s *Bootstrap) All() []wire.Bootstrap {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []wire.Bootstrap
	for _, p := range s.newest {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b wire.Bootstrap) int { return cmp.Compare(a.Partition, b.Partition) })
	return out
}

// Note says what the filling waits for.
func (s *Bootstrap) Note() string {
	live, of := 0, 0
	for _, p := range s.All() {
		if p.Failed != "" {
			return fmt.Sprintf("the table cannot be filled: partition %d: %s", p.Partition, p.Failed)
		}
		if p.Live() {
			live++
		}
	}
	s.mu.Lock()
	of = int(s.partitions)
	s.mu.Unlock()
	return fmt.Sprintf("the table is filled from its older generation: %d of %d partitions are", live, of)
}
