package live

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/tables"
)

// Batches are the complete batches of a table.
type Batches interface {
	List() []Batch // newest first
	// Take asks for a batch now and returns its id.
	Take(ctx context.Context) (id uint64, err error)
	// Wait returns a batch when it is complete, and the context's error when that ends first.
	Wait(ctx context.Context, id uint64) (Batch, error)
	// File returns the path of a batch's Parquet file, or ErrNoBatch.
	File(ctx context.Context, id uint64) (path string, err error)
}

// Batch is a complete batch.
type Batch struct {
	ID       uint64
	Cut      tables.Position // of the source
	Rows     int64
	Changed  int64
	Checksum uint64
	Started  time.Time
	Took     time.Duration
	Bytes    int64
}
