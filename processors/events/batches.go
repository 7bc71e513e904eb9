package events

import (
	"time"

	"github.com/tidemark/tidemark/hooks"
)

// BatchBegun says that a batch's barriers are written.
type BatchBegun struct {
	Batch   uint64
	Trigger string // schedule, delta or demand
}

// Line implements hooks.Event.
func (e BatchBegun) Line() hooks.Line {
	return hooks.Info("batch begun", "batch", e.Batch, "trigger", e.Trigger)
}

// BatchEmitted says that a partition's share of a batch is in its topics.
type BatchEmitted struct {
	Scope
	Batch         uint64
	Rows, Changed int64
	Took          time.Duration
}

// Line implements hooks.Event.
func (e BatchEmitted) Line() hooks.Line {
	return hooks.Info("batch emitted", e.attrs("batch", e.Batch, "rows", e.Rows, "changed", e.Changed, "took", e.Took)...)
}

// BatchNotEmitted says that an attempt at a batch failed.
type BatchNotEmitted struct {
	Scope
	Err   error
	After time.Duration // until the next one
}

// Line implements hooks.Event.
func (e BatchNotEmitted) Line() hooks.Line {
	return hooks.Warn("batch not emitted, it is tried again", e.attrs("error", e.Err, "after", e.After)...)
}

// BatchGivenUp says that a batch that could not be emitted is no longer wanted.
type BatchGivenUp struct {
	Scope
	Batch uint64
}

// Line implements hooks.Event.
func (e BatchGivenUp) Line() hooks.Line {
	return hooks.Warn("batch given up for a newer one", e.attrs("batch", e.Batch)...)
}

// SchedulingFailed says that it could not be looked whether a batch is due.
type SchedulingFailed struct{ Err error }

// Line implements hooks.Event.
func (e SchedulingFailed) Line() hooks.Line { return hooks.Warn("scheduling batches", "error", e.Err) }

// LatenessNotKnown says that it could not be looked whether batches come.
type LatenessNotKnown struct{ Err error }

// Line implements hooks.Event.
func (e LatenessNotKnown) Line() hooks.Line {
	return hooks.Debug("batches not looked at", "error", e.Err)
}

// CatalogNotRead says that the manifests of batches cannot be read for now.
type CatalogNotRead struct {
	Topic string
	Err   error
}

// Line implements hooks.Event.
func (e CatalogNotRead) Line() hooks.Line {
	return hooks.Warn("reading the batches topic", "topic", e.Topic, "error", e.Err)
}

// ManifestSkipped says that a manifest cannot be read.
type ManifestSkipped struct {
	Offset int64
	Err    error
}

// Line implements hooks.Event.
func (e ManifestSkipped) Line() hooks.Line {
	return hooks.Warn("manifest skipped", "offset", e.Offset, "error", e.Err)
}
