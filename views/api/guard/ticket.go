package guard

import (
	"context"
	"io"
)

// Ticket is a request's place in a gate, if it has one. It is the request's goroutine's.
type Ticket struct {
	gate     *Gate
	held     bool
	admitted bool // it had a place before
}

// Ticket returns the ticket of a request that has no place yet.
func (g *Gate) Ticket() Ticket { return Ticket{gate: g} }

// Enter takes a place, once for a whole request.
func (t *Ticket) Enter(ctx context.Context) error {
	if t.held {
		return nil
	}
	if err := t.gate.enter(ctx, t.admitted); err != nil {
		return err
	}
	t.held, t.admitted = true, true
	return nil
}

// Leave gives the place up.
func (t *Ticket) Leave() {
	if t.held {
		t.held = false
		t.gate.leave()
	}
}

// Write writes to a client, and gives the place up while it takes what it is sent.
func (t *Ticket) Write(ctx context.Context, w io.Writer, b []byte) (int, error) {
	if !t.held {
		return w.Write(b)
	}
	t.Leave()
	n, err := w.Write(b)
	if err != nil {
		return n, err
	}
	return n, t.Enter(ctx)
}
