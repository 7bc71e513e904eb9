package adapters

import (
	"context"

	"github.com/tidemark/tidemark/cmd/tidemark/rollout"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/store"
)

// progress is how far the view of a generation is.
type progress struct {
	*views.View
	generation *rollout.Generation
	controller *rollout.Controller
}

// WaitPosition implements live.Progress.
func (t progress) WaitPosition(ctx context.Context, p tables.Position) error {
	return replaced(t.generation.While(ctx, func(ctx context.Context) error { return t.View.WaitPosition(ctx, p) }))
}

// WaitSource implements live.Progress.
func (t progress) WaitSource(ctx context.Context, p tables.SourcePosition) error {
	return replaced(t.generation.While(ctx, func(ctx context.Context) error { return t.View.WaitSource(ctx, p) }))
}

// WaitPlace implements live.Progress.
func (t progress) WaitPlace(ctx context.Context, p tables.Position) error {
	return replaced(t.generation.While(ctx, func(ctx context.Context) error { return t.View.WaitPlace(ctx, p) }))
}

// ToSource implements live.Progress.
func (t progress) ToSource(at tables.Position) tables.Position { return t.View.ToSource(at) }

// Freshness implements live.Progress.
func (t progress) Freshness(s *store.Snapshot) live.Freshness {
	f := t.View.FreshnessOf(s)
	return live.Freshness{State: live.State(f.State), Age: f.Age}
}

// Status implements live.Progress. What keeps the processor of this process from
// working is of more use to a reader than that the view waits for it.
func (t progress) Status() live.Status {
	s := t.View.Status()
	out := live.Status{Done: s.Done, Total: s.Total, Memory: s.Memory, Pinned: s.Pinned, Note: s.Note, Refused: s.Refused, Health: t.controller.HealthOf(t.generation)}
	if note := t.generation.Trouble(); note != "" {
		out.Note = note
	}
	if note := t.controller.Note(); note != "" && out.Note != "" {
		out.Note += "; " + note
	} else if note != "" {
		out.Note = note
	}
	return out
}
