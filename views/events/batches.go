package events

import (
	"time"

	"github.com/tidemark/tidemark/hooks"
)

// BatchSealed says that a batch is what its manifests say, and is the base of the rows.
type BatchSealed struct {
	Batch         uint64
	Rows, Changed int64
	Took          time.Duration
}

// Line implements hooks.Event.
func (e BatchSealed) Line() hooks.Line {
	return hooks.Info("batch is sealed", "batch", e.Batch, "rows", e.Rows, "changed", e.Changed, "took", e.Took)
}

// BatchUnproven says that a batch is sealed without a proof.
type BatchUnproven struct {
	Batch uint64
	Keys  int // in several partitions
	Err   error
}

// Line implements hooks.Event.
func (e BatchUnproven) Line() hooks.Line {
	return hooks.Warn("batch cannot be proven while keys live in two partitions", "batch", e.Batch, "keys", e.Keys, "error", e.Err)
}

// BatchDisputed says that the changelog differs from a batch: the rows stay, processors are notified.
type BatchDisputed struct {
	Batch uint64
	Err   error
}

// Line implements hooks.Event.
func (e BatchDisputed) Line() hooks.Line {
	return hooks.Error("batch differs from the changelog and is left out", "batch", e.Batch, "error", e.Err)
}

// BatchPassedOver says that a batch differs from a changelog that was read from its beginning
// for the sake of it.
type BatchPassedOver struct {
	Batch uint64
	Err   error
}

// Line implements hooks.Event.
func (e BatchPassedOver) Line() hooks.Line {
	return hooks.Error("batch differs from the whole changelog and is left out", "batch", e.Batch, "error", e.Err)
}

// BatchNewer says that a start goes by the rows on disk and not by a batch that is ahead of them.
type BatchNewer struct{ Batch uint64 }

// Line implements hooks.Event.
func (e BatchNewer) Line() hooks.Line {
	return hooks.Warn("rows on disk are older than the batch, which cannot be compared with them: the table continues from the rows", "batch", e.Batch)
}

// SnapshotRefused says that the snapshot topic does not prove to be the batch.
type SnapshotRefused struct {
	Batch uint64
	Err   error
}

// Line implements hooks.Event.
func (e SnapshotRefused) Line() hooks.Line {
	return hooks.Error("snapshot topic does not hold the batch, the changelog is read from its beginning", "batch", e.Batch, "error", e.Err)
}

// BatchWritten says that a batch has a file.
type BatchWritten struct {
	Batch uint64
	Path  string
	Bytes int64
}

// Line implements hooks.Event.
func (e BatchWritten) Line() hooks.Line {
	return hooks.Info("batch is written", "batch", e.Batch, "path", e.Path, "bytes", e.Bytes)
}

// BatchNotWritten says that a batch has no file and is kept in memory alone.
type BatchNotWritten struct {
	Batch uint64
	Err   error
}

// Line implements hooks.Event.
func (e BatchNotWritten) Line() hooks.Line {
	return hooks.Error("batch could not be written", "batch", e.Batch, "error", e.Err)
}

// BatchSetAside says that a batch's file was renamed and is not used.
type BatchSetAside struct {
	Batch uint64
	Err   error // why
}

// Line implements hooks.Event.
func (e BatchSetAside) Line() hooks.Line {
	return hooks.Error("batch on disk cannot be used and is set aside", "batch", e.Batch, "error", e.Err)
}

// BatchesSetAside says that the directory of batches was renamed: it is another changelog's.
type BatchesSetAside struct{ Path string }

// Line implements hooks.Event.
func (e BatchesSetAside) Line() hooks.Line {
	return hooks.Warn("batches belong to another changelog and are set aside", "path", e.Path)
}

// BatchesNotPruned says that files are kept for longer than the table's policy says.
type BatchesNotPruned struct{ Err error }

// Line implements hooks.Event.
func (e BatchesNotPruned) Line() hooks.Line {
	return hooks.Warn("old batches could not be removed", "error", e.Err)
}
