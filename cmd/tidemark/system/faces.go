package system

import (
	"cmp"
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api/live"
	viewchanges "github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// face shows a generation to the API, with batches that are asked for at the
// processors.
func (l *lineage) face(g *generation) *live.Table {
	return &live.Table{
		Table: g.view.Table(), Reader: reader{g.view}, Pins: g.view, Progress: progress{g.view, g, l},
		Batches: batches{g, l.settings}, Changes: changes{g.view}, Generations: l,
	}
}

type reader struct{ *views.View }

// AsOf implements live.Reader.
func (r reader) AsOf(ctx context.Context, batch uint64) (*store.Snapshot, error) {
	s, err := r.View.AsOf(ctx, batch)
	return s, known(err)
}

// Document implements live.Reader.
func (r reader) Document(snap *store.Snapshot, key tables.Key) ([]byte, bool, error) {
	document, changed, err := r.View.DocumentOf(snap, key)
	return document, changed, known(err)
}

// known gives an error of the view the name that the API answers by.
func known(err error) error {
	switch {
	case errors.Is(err, views.ErrNoBatch):
		return fmt.Errorf("%w: %w", live.ErrNoBatch, err)
	case errors.Is(err, views.ErrUnavailable):
		return fmt.Errorf("%w: %w", live.ErrUnavailable, err)
	}
	return err
}

type changes struct{ view *views.View }

// Follow implements live.Changes.
func (c changes) Follow(ctx context.Context) (*viewchanges.Feed, *store.Snapshot, error) {
	feed, snap, err := c.view.Follow(ctx)
	return feed, snap, known(err)
}

type progress struct {
	*views.View
	generation *generation
	lineage    *lineage
}

// WaitPosition implements live.Progress.
func (t progress) WaitPosition(ctx context.Context, p tables.Position) error {
	return t.generation.wait(ctx, func(ctx context.Context) error { return t.View.WaitPosition(ctx, p) })
}

// WaitSource implements live.Progress.
func (t progress) WaitSource(ctx context.Context, p tables.SourcePosition) error {
	return t.generation.wait(ctx, func(ctx context.Context) error { return t.View.WaitSource(ctx, p) })
}

// WaitPlace implements live.Progress.
func (t progress) WaitPlace(ctx context.Context, p tables.Position) error {
	return t.generation.wait(ctx, func(ctx context.Context) error { return t.View.WaitPlace(ctx, p) })
}

// wait waits for something of a generation for as long as readers see that one.
func (g *generation) wait(ctx context.Context, f func(context.Context) error) error {
	inner, cancel := context.WithCancel(ctx)
	defer cancel()
	defer context.AfterFunc(g.over, cancel)()
	err := f(inner)
	if err != nil && g.over.Err() != nil && ctx.Err() == nil {
		return fmt.Errorf("%w: %w", live.ErrReplaced, err)
	}
	return err
}

// ToSource implements live.Progress.
func (t progress) ToSource(at tables.Position) tables.Position { return t.View.Outward(at) }

// Freshness implements live.Progress.
func (t progress) Freshness(s *store.Snapshot) live.Freshness {
	f := t.View.FreshnessOf(s)
	return live.Freshness{State: live.State(f.State), Age: f.Age}
}

// Status implements live.Progress. What keeps the processor of this process from
// working is of more use to a reader than that the view waits for it.
func (t progress) Status() live.Status {
	s := t.View.Status()
	out := live.Status{Done: s.Done, Total: s.Total, Memory: s.Memory, Pinned: s.Pinned, Note: s.Note, Refused: s.Refused, Health: t.health()}
	if note := t.generation.trouble(); note != "" {
		out.Note = note
	}
	if note := t.lineage.noted(); note != "" && out.Note != "" {
		out.Note += "; " + note
	} else if note != "" {
		out.Note = note
	}
	return out
}

// trouble is what keeps the processor of this process from working.
func (g *generation) trouble() string {
	if g.processor == nil {
		return ""
	}
	status := g.processor.Status()
	if status.Err != nil {
		return status.Err.Error()
	}
	for _, p := range status.Placed {
		if p.Err != nil {
			return fmt.Sprintf("partition %d of the source: %v", p.Partition, p.Err)
		}
	}
	for _, p := range status.Partitions {
		if err := cmp.Or(p.Err, p.Waiting); err != nil {
			return fmt.Sprintf("partition %d: %v", p.Partition, err)
		}
	}
	return ""
}

type batches struct {
	generation *generation
	settings   kafka.Settings
}

// Take implements live.Batches.
func (b batches) Take(ctx context.Context) (uint64, error) {
	return batch.Request(ctx, b.settings, b.generation.table, batch.TriggerDemand)
}

// List implements live.Batches.
func (b batches) List() []live.Batch {
	list := b.generation.view.Batches()
	out := make([]live.Batch, len(list))
	for i, batch := range list {
		out[i] = told(batch)
	}
	return out
}

// Wait implements live.Batches. Where a batch was passed over, the next one has all that it
// would have.
func (b batches) Wait(ctx context.Context, id uint64) (live.Batch, error) {
	var batch views.Batch
	err := b.generation.wait(ctx, func(ctx context.Context) (err error) {
		batch, err = b.generation.view.WaitBatch(ctx, id)
		if errors.Is(err, views.ErrNoBatch) {
			for _, later := range b.generation.view.Batches() { // newest first
				if later.ID > id {
					batch, err = later, nil
				}
			}
		}
		return err
	})
	return told(batch), known(err)
}

// File implements live.Batches.
func (b batches) File(ctx context.Context, id uint64) (string, error) {
	path, err := b.generation.view.BatchFile(ctx, id)
	return path, known(err)
}

func told(b views.Batch) live.Batch {
	return live.Batch{
		ID: b.ID, Cut: b.Cut, Rows: b.Rows, Changed: b.Changed, Checksum: b.Checksum,
		Started: b.Started, Took: b.Took, Bytes: b.Bytes,
	}
}
