package rowwriter

import "sync"

// Acks waits for many acknowledgements and reports all of them once, with the first error.
type Acks struct {
	mu   sync.Mutex
	left int
	err  error
	done func(error)
}

// NewAcks makes one that is open until Close is called.
func NewAcks(done func(error)) *Acks { return &Acks{left: 1, done: done} }

// DeferCommit returns the function to be called once with one more acknowledgement. It has
// the name that goka's context has for the same.
func (a *Acks) DeferCommit() func(error) {
	a.mu.Lock()
	a.left++
	a.mu.Unlock()
	return a.finish
}

// Close says that nothing more is added, and the error for which that is not all.
func (a *Acks) Close(err error) { a.finish(err) }

func (a *Acks) finish(err error) {
	a.mu.Lock()
	if a.err == nil {
		a.err = err
	}
	a.left--
	last, first := a.left == 0, a.err
	a.mu.Unlock()
	if last {
		a.done(first)
	}
}
