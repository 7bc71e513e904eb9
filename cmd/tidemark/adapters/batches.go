package adapters

import (
	"context"
	"errors"

	"github.com/tidemark/tidemark/cmd/tidemark/rollout"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api/live"
)

// batches are those of a generation.
type batches struct {
	generation *rollout.Generation
	settings   kafka.Settings
}

// Take implements live.Batches.
func (b batches) Take(ctx context.Context) (uint64, error) {
	return batch.Request(ctx, b.settings, b.generation.Table(), batch.TriggerDemand)
}

// List implements live.Batches.
func (b batches) List() []live.Batch {
	list := b.generation.View().Batches()
	out := make([]live.Batch, len(list))
	for i, batch := range list {
		out[i] = batchOf(batch)
	}
	return out
}

// Wait implements live.Batches. Where a batch was passed over, the next one has all that it
// would have.
func (b batches) Wait(ctx context.Context, id uint64) (live.Batch, error) {
	var batch views.Batch
	err := b.generation.While(ctx, func(ctx context.Context) (err error) {
		batch, err = b.generation.View().WaitBatch(ctx, id)
		if errors.Is(err, views.ErrNoBatch) {
			for _, later := range b.generation.View().Batches() { // newest first
				if later.ID > id {
					batch, err = later, nil
				}
			}
		}
		return err
	})
	return batchOf(batch), known(err)
}

// File implements live.Batches.
func (b batches) File(ctx context.Context, id uint64) (string, error) {
	path, err := b.generation.View().BatchFile(ctx, id)
	return path, known(err)
}

func batchOf(b views.Batch) live.Batch {
	return live.Batch{
		ID: b.ID, Cut: b.Cut, Rows: b.Rows, Changed: b.Changed, Checksum: b.Checksum,
		Started: b.Started, Took: b.Took, Bytes: b.Bytes,
	}
}
