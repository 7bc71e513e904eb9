package stop

import "context"

// Signal says to the loops of a query that it is over: its client has gone, or its time is
// up. They look at it where the context's error would cost too much, and leave what they
// do half done; whoever began the query asks the context and gives nothing of it away.
type Signal <-chan struct{}

// Of returns that of a context.
func Of(ctx context.Context) Signal { return ctx.Done() }

// Asked reports whether the query is over. It takes no lock.
func (s Signal) Asked() bool {
	select {
	case <-s:
		return true
	default:
		return false
	}
}

// Step is how many cheap steps are taken between two looks.
const Step = 1 << 10

// Until returns an order for a sort that ends soon once the query is over: from then
// on all elements are equal.
func Until[T any](over Signal, compare func(a, b T) int) func(a, b T) int {
	n, done := 0, false
	return func(a, b T) int {
		if n++; n%Step == 0 && !done {
			done = over.Asked()
		}
		if done {
			return 0
		}
		return compare(a, b)
	}
}
