package batch

import "sync"

// waiting is the cut that is to be emitted next. Only the newest waits: a batch has all
// that an older one would have.
type waiting struct {
	mu   sync.Mutex
	next *cut
	over bool
	wake chan struct{}
}

func newWaiting() *waiting { return &waiting{wake: make(chan struct{}, 1)} }

// put lets a cut wait, and gives back the one that it supersedes.
func (w *waiting) put(q *cut) {
	w.mu.Lock()
	old := w.next
	if w.over {
		old = q
	} else {
		w.next = q
	}
	w.mu.Unlock()
	if old != nil {
		old.snapshot.Release()
	}
	select {
	case w.wake <- struct{}{}:
	default:
	}
}

// take returns the cut that waits, or nil.
func (w *waiting) take() *cut {
	w.mu.Lock()
	defer w.mu.Unlock()
	q := w.next
	w.next = nil
	return q
}

// superseded reports whether a newer cut waits.
func (w *waiting) superseded() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.next != nil
}

// end releases the cuts that are not taken any more.
func (w *waiting) end() {
	w.mu.Lock()
	w.over = true
	w.mu.Unlock()
	if q := w.take(); q != nil {
		q.snapshot.Release()
	}
}
