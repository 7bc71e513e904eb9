package processors

import "sync"

// gather waits for many acknowledgements and tells of all of them once.
type gather struct {
	mu   sync.Mutex
	left int
	err  error
	done func(error)
}

// newGather makes one that is open until ready is called.
func newGather(done func(error)) *gather { return &gather{left: 1, done: done} }

// add returns the function to be called with one more acknowledgement.
func (g *gather) add() func(error) {
	g.mu.Lock()
	g.left++
	g.mu.Unlock()
	return g.finish
}

// ready says that nothing more is added.
func (g *gather) ready() { g.finish(nil) }

func (g *gather) finish(err error) {
	g.mu.Lock()
	if g.err == nil {
		g.err = err
	}
	g.left--
	last, first := g.left == 0, g.err
	g.mu.Unlock()
	if last {
		g.done(first)
	}
}
