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

// answerDoubt gives up the state when a batch that was counted from it is in doubt.
func (r *run) answerDoubt() error {
	batch := r.doubts.batch.Load()
	if batch <= r.doubted || r.boot.Needed() {
		return nil
	}
	now := r.opts.Clock()
	if !r.refilled.IsZero() && now.Sub(r.refilled) < doubtEvery {
		return nil
	}
	r.doubted, r.refilled = batch, now
	return r.store.Doubt(&state.UnfitError{Why: fmt.Sprintf("batch %d, which was counted from it, differs from the changelog", batch)})
}
