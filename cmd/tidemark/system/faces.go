package system

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api"
	"github.com/tidemark/tidemark/views/store"
)

// face shows a view to the API, with batches that are asked for at the processors.
// p is nil where another process has them.
func face(v *views.View, p *processors.Processor, settings kafka.Settings) *api.Table {
	return &api.Table{
		Table: v.Table(), Reader: reader{v}, Pins: v, Tide: tide{v, p},
		Batches: batches{v, settings},
	}
}

type reader struct{ *views.View }

// AsOf implements api.Reader.
func (r reader) AsOf(ctx context.Context, batch uint64) (*store.Snapshot, error) {
	s, err := r.View.AsOf(ctx, batch)
	return s, known(err)
}

// Document implements api.Reader.
func (r reader) Document(key tables.Key) ([]byte, bool, error) {
	document, found, err := r.View.Document(key)
	return document, found, known(err)
}

// known gives an error of the view the name that the API answers by.
func known(err error) error {
	switch {
	case errors.Is(err, views.ErrNoBatch):
		return fmt.Errorf("%w: %w", api.ErrNoBatch, err)
	case errors.Is(err, views.ErrUnavailable):
		return fmt.Errorf("%w: %w", api.ErrUnavailable, err)
	}
	return err
}

type tide struct {
	*views.View
	processor *processors.Processor
}

// Freshness implements api.Tide.
func (t tide) Freshness() api.Freshness {
	f := t.View.Freshness()
	return api.Freshness{State: api.State(f.State), Age: f.Age}
}

// Status implements api.Tide. What keeps the processor of this process from
// working is of more use to a reader than that the view waits for it.
func (t tide) Status() api.Status {
	s := t.View.Status()
	out := api.Status{Done: s.Done, Total: s.Total, Memory: s.Memory, Note: s.Note, Refused: s.Refused}
	if t.processor == nil {
		return out
	}
	status := t.processor.Status()
	if status.Err != nil {
		out.Note = status.Err.Error()
		return out
	}
	for _, p := range status.Partitions {
		if p.Err != nil {
			out.Note = fmt.Sprintf("partition %d: %v", p.Partition, p.Err)
			return out
		}
	}
	return out
}

type batches struct {
	view     *views.View
	settings kafka.Settings
}

// Take implements api.Batches.
func (b batches) Take(ctx context.Context) (uint64, error) {
	return processors.RequestBatch(ctx, b.settings, b.view.Table(), processors.TriggerDemand)
}

// List implements api.Batches.
func (b batches) List() []api.Batch {
	list := b.view.Batches()
	out := make([]api.Batch, len(list))
	for i, batch := range list {
		out[i] = told(batch)
	}
	return out
}

// Wait implements api.Batches.
func (b batches) Wait(ctx context.Context, id uint64) (api.Batch, error) {
	batch, err := b.view.WaitBatch(ctx, id)
	return told(batch), known(err)
}

// File implements api.Batches.
func (b batches) File(ctx context.Context, id uint64) (string, error) {
	path, err := b.view.BatchFile(ctx, id)
	return path, known(err)
}

func told(b views.Batch) api.Batch {
	return api.Batch{
		ID: b.ID, Cut: b.Cut, Rows: b.Rows, Changed: b.Changed, Checksum: b.Checksum,
		Started: b.Started, Took: b.Took, Bytes: b.Bytes,
	}
}
