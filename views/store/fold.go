package store

// awaitRoom holds the writer back while a fold is behind by so much that the delta
// would outgrow the base. The caller holds write.
func (s *Store) awaitRoom(n int) {
	for s.folding.Load() && s.current.Load().count+n > 4*s.foldLimit(s.current.Load()) {
		s.foldDone.Wait()
	}
}

// foldLimit is the number of delta entries that are too many.
func (s *Store) foldLimit(v *version) int { return max(s.fold, v.base.rows/2) }

func (s *Store) foldIfLarge(v *version) {}

// Batch is a sealed base.
type Batch struct{}
