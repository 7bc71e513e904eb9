package adapters

import (
	"context"
	"errors"

	"github.com/tidemark/tidemark/cmd/tidemark/generations"
	"github.com/tidemark/tidemark/cmd/tidemark/rollout"
	"github.com/tidemark/tidemark/views/api/live"
)

// buildings are a table's generations, and how it is built anew.
type buildings struct{ controller *rollout.Controller }

// Generation implements live.Generations.
func (b buildings) Generation() live.Generation {
	s := b.controller.Status()
	out := live.Generation{Number: s.Served}
	if last := s.Last; last != nil {
		out.Last = &live.Outcome{
			Generation: last.Generation, Why: last.Why, Started: last.Asked, Ended: last.Ended,
			Rows: last.Rows, Adopted: last.Adopted, Swept: last.Swept, Failure: last.Failure,
		}
	}
	if b := s.Build; b != nil {
		out.Build = &live.Build{
			Generation: b.Table.Generation, Why: b.Why, Started: b.Asked,
			Phase: b.Phase, Done: b.Done, Total: b.Total, Note: b.Note,
		}
	}
	return out
}

// Replay implements live.Generations.
func (b buildings) Replay(ctx context.Context, r live.Replay) (int, error) {
	n, err := b.controller.Replay(ctx, rollout.Request{
		Request: generations.Request{Time: r.Time, Offsets: r.Offsets, Sweep: r.Sweep}, Restart: r.Restart, Declared: r.Declared,
	})
	if refused := new(rollout.Refusal); errors.As(err, &refused) {
		return n, &live.Conflict{Detail: refused.Detail, Hint: refused.Hint}
	}
	return n, err
}
