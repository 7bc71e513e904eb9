package processors

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/tidemark/tidemark/processors/state"
)

// A batch is counted from the local state, and the changelog is what that was made of. When
// a view of this process has read the changelog and comes to other rows, the state is wrong:
// it is set aside, filled again from the changelog, and the next batch is written as a whole.

// doubts is the newest batch that the changelog was found to differ from.
type doubts struct{ batch atomic.Uint64 }

// Doubt says that a batch differs from the changelog. It does not wait.
func (p *Processor) Doubt(batch uint64) {
	for {
		old := p.doubts.batch.Load()
		if batch <= old || p.doubts.batch.CompareAndSwap(old, batch) {
			return
		}
	}
}

// doubtEvery bounds how often a state is filled again for batches in doubt: a cause that lies
// elsewhere must not keep the partition busy.
const doubtEvery = 10 * time.Minute

// mistrust is what the runs of a partition know of batches in doubt.
type mistrust struct {
	doubts   *doubts
	clock    func() time.Time
	doubted  uint64    // the batch for whose sake the state was last set aside
	whole    uint64    // the batch in doubt after which one is written as a whole
	refilled time.Time // when the state was last set aside
}

// answer gives up the state when a batch that was counted from it is in doubt.
func (m *mistrust) answer(s *state.Store) error {
	batch := m.doubts.batch.Load()
	if batch <= m.doubted {
		return nil
	}
	now := m.clock()
	if !m.refilled.IsZero() && now.Sub(m.refilled) < doubtEvery {
		return nil
	}
	m.doubted, m.refilled = batch, now
	return s.Doubt(&state.UnfitError{Why: fmt.Sprintf("batch %d, which was counted from it, differs from the changelog", batch)})
}

// opened has the next batch written as a whole, where the state that was opened replaces one that was
// given up.
func (m *mistrust) opened(s *state.Store) error {
	if m.doubted <= m.whole {
		return nil
	}
	if err := s.Batches.SetWhole(); err != nil {
		return err
	}
	m.whole = m.doubted
	return nil
}
