package events

import (
	"log/slog"

	"github.com/tidemark/tidemark/hooks"
)

// Listener has a func for each kind of event. Nil ones ignore their kind. They are called on
// the goroutine that the event happens on, from several at once.
type Listener struct {
	// Of a view and its rows.
	ViewRestarts        hooks.On[ViewRestarts]
	EndsReached         hooks.On[EndsReached]
	RowsRebuilt         hooks.On[RowsRebuilt]
	RowsSetAside        hooks.On[RowsSetAside]
	JournalTorn         hooks.On[JournalTorn]
	RowsNotClosed       hooks.On[RowsNotClosed]
	RowsNotTouched      hooks.On[RowsNotTouched]
	RowsHeldBack        hooks.On[RowsHeldBack]
	RowsShown           hooks.On[RowsShown]
	KeyDuplicated       hooks.On[KeyDuplicated]
	DuplicatesNotNamed  hooks.On[DuplicatesNotNamed]
	TombstonesNotPruned hooks.On[TombstonesNotPruned]

	// Of batches.
	BatchSealed      hooks.On[BatchSealed]
	BatchUnproven    hooks.On[BatchUnproven]
	BatchDisputed    hooks.On[BatchDisputed]
	BatchPassedOver  hooks.On[BatchPassedOver]
	BatchNewer       hooks.On[BatchNewer]
	SnapshotRefused  hooks.On[SnapshotRefused]
	BatchWritten     hooks.On[BatchWritten]
	BatchNotWritten  hooks.On[BatchNotWritten]
	BatchSetAside    hooks.On[BatchSetAside]
	BatchesSetAside  hooks.On[BatchesSetAside]
	BatchesNotPruned hooks.On[BatchesNotPruned]

	// Of the topics that are read.
	ChangelogRestarts  hooks.On[ChangelogRestarts]
	PartitionSilent    hooks.On[PartitionSilent]
	EndSkipped         hooks.On[EndSkipped]
	RecordUnreadable   hooks.On[RecordUnreadable]
	RecordStale        hooks.On[RecordStale]
	TopicUnreadable    hooks.On[TopicUnreadable]
	PollFailed         hooks.On[PollFailed]
	StandstillNotKnown hooks.On[StandstillNotKnown]

	// Of rows in memory.
	Merged       hooks.On[Merged]
	NotCompacted hooks.On[NotCompacted]

	// Of requests.
	AnswerCutOff  hooks.On[AnswerCutOff]
	RequestFailed hooks.On[RequestFailed]
}

// EnsureDefaults gives each func that is nil one that does nothing, and returns the listener:
// a new one for nil.
func (l *Listener) EnsureDefaults() *Listener { return hooks.EnsureDefaults(l) }

// Tee returns a listener that calls several ones, in their order. Nil ones are passed over.
func Tee(all ...*Listener) *Listener { return hooks.Tee(all...) }

// Each returns a listener that calls one func for every event.
func Each(fn func(hooks.Event)) *Listener { return hooks.Each[Listener](fn) }

// Log returns a listener that writes every event to a log.
func Log(logger *slog.Logger) *Listener { return Each(hooks.Log(logger)) }
