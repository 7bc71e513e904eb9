package store

import "context"

// stop tells the loops of a query that it is over: its client has gone, or its time is
// up. They look at it where the context's error would cost too much, and leave what they
// do half done; whoever began the query asks the context and gives nothing of it away.
type stop <-chan struct{}

func stopOf(ctx context.Context) stop { return ctx.Done() }

// asked reports whether the query is over. It takes no lock.
func (s stop) asked() bool {
	select {
	case <-s:
		return true
	default:
		return false
	}
}

// stopStep is how many cheap steps are taken between two looks.
const stopStep = 1 << 10

// untilAsked returns an order for a sort that ends soon once the query is over: from then
// on all elements are equal.
func untilAsked[T any](over stop, compare func(a, b T) int) func(a, b T) int {
	n, done := 0, false
	return func(a, b T) int {
		if n++; n%stopStep == 0 && !done {
			done = over.asked()
		}
		if done {
			return 0
		}
		return compare(a, b)
	}
}
