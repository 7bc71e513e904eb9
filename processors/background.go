package processors

import "sync"

// background is the goroutines of a run. The producer acknowledges every record, some after
// the run has ended. Nothing is begun for such an acknowledgement, for
// the store may be closed.
type background struct {
	mu   sync.Mutex
	over bool
	all  sync.WaitGroup
}

// begin runs f, unless the run is over.
func (b *background) begin(f func()) bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.over {
		return false
	}
	b.all.Go(f)
	return true
}

// end lets nothing more begin, and joins what runs.
func (b *background) end() {
	b.mu.Lock()
	b.over = true
	b.mu.Unlock()
	b.all.Wait()
}

// goBackground runs f while the run lasts. What is not run is begun again by the next one.
func (r *run) goBackground(f func()) bool { return r.background.begin(f) }

// later runs f in the background, or calls done with the error that the run is over.
func (r *run) later(f func(), done func(error)) {
	if !r.goBackground(f) {
		done(errRunOver)
	}
}

// stopBackground ends and joins what recovered began, and releases the cut that is not
// taken any more. The store may be closed after it.
func (r *run) stopBackground() {
	r.stopOnce.Do(func() {
		r.stopWork()
		r.background.end()
		r.emitter.End()
	})
}
