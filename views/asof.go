package views

import (
	"context"
	"slices"

	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/store"
)

// Batch is a batch as its manifests describe it, and what this view has of it.
type Batch = batches.Batch

// ErrNoBatch is returned for a batch that does not exist, is no longer kept, or is
// not held by this view.
var ErrNoBatch = batches.ErrNoBatch

// AsOf returns the rows of a complete batch, ErrNoBatch when this view does not hold it.
func (v *View) AsOf(ctx context.Context, id uint64) (*store.Snapshot, error) {
	return v.parts.Files.AsOf(ctx, id)
}

// Batches returns the complete batches that this view holds, newest first.
func (v *View) Batches() []Batch {
	all := slices.DeleteFunc(v.parts.Manifests.Complete(), func(b Batch) bool { return !b.Sealed })
	for i := range all {
		all[i].Cut = v.parts.SourceMap.ToSource(all[i].Cut)
	}
	return all
}

// WaitBatch returns a batch once all of its manifests are there and this view holds
// it, the context's error when that ends first, and ErrNoBatch when it can no
// longer happen: a later one is complete and this one was passed over.
func (v *View) WaitBatch(ctx context.Context, id uint64) (Batch, error) {
	b, err := v.parts.Manifests.WaitSealed(ctx, id)
	b.Cut = v.parts.SourceMap.ToSource(b.Cut)
	return b, err
}

// BatchFile returns the path of a batch's Parquet file once it is written.
func (v *View) BatchFile(ctx context.Context, id uint64) (path string, err error) {
	if err := v.parts.Manifests.WaitWritten(ctx, id); err != nil {
		return "", err
	}
	return v.parts.Files.Path(id), nil
}
