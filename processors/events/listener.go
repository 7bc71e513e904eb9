package events

import (
	"log/slog"

	"github.com/tidemark/tidemark/hooks"
)

// Listener has a func for each kind of event. Nil ones ignore their kind. They are called on
// the goroutine that the event happens on, from several at once.
type Listener struct {
	// Of a table in this process, its group and its peers.
	TableNotProcessed   hooks.On[TableNotProcessed]
	ClientNotClosed     hooks.On[ClientNotClosed]
	TopicNotSeen        hooks.On[TopicNotSeen]
	TopicAcceptsLess    hooks.On[TopicAcceptsLess]
	RecordUnreadable    hooks.On[RecordUnreadable]
	GroupJoined         hooks.On[GroupJoined]
	GroupLeft           hooks.On[GroupLeft]
	SessionRestarts     hooks.On[SessionRestarts]
	MembershipLost      hooks.On[MembershipLost]
	TableWaits          hooks.On[TableWaits]
	OffsetsNotCommitted hooks.On[OffsetsNotCommitted]
	StartNotKnown       hooks.On[StartNotKnown]
	MemberEvicted       hooks.On[MemberEvicted]
	MemberNotEvicted    hooks.On[MemberNotEvicted]
	PeersNotSeen        hooks.On[PeersNotSeen]
	PeerNotAccepted     hooks.On[PeerNotAccepted]

	// Of a partition.
	PartitionTaken        hooks.On[PartitionTaken]
	PartitionGivenBack    hooks.On[PartitionGivenBack]
	PartitionNotGivenBack hooks.On[PartitionNotGivenBack]
	PartitionNotProcessed hooks.On[PartitionNotProcessed]
	PartitionRefused      hooks.On[PartitionRefused]
	RunRestarts           hooks.On[RunRestarts]
	PartitionWaits        hooks.On[PartitionWaits]
	PartitionGoesOn       hooks.On[PartitionGoesOn]
	RecordsLost           hooks.On[RecordsLost]
	SourceError           hooks.On[SourceError]
	SchemaFound           hooks.On[SchemaFound]
	ColumnsTold           hooks.On[ColumnsTold]
	ProgressNotWritten    hooks.On[ProgressNotWritten]
	HealthNotRead         hooks.On[HealthNotRead]

	// Of state and changelog.
	StateSetAside       hooks.On[StateSetAside]
	JournalTorn         hooks.On[JournalTorn]
	StateNotCompacted   hooks.On[StateNotCompacted]
	ChangelogEndNotSeen hooks.On[ChangelogEndNotSeen]
	RecoveryCut         hooks.On[RecoveryCut]
	ChangelogRecreated  hooks.On[ChangelogRecreated]
	ChangelogHole       hooks.On[ChangelogHole]
	PartitionReadAgain  hooks.On[PartitionReadAgain]
	RowRepaired         hooks.On[RowRepaired]
	DeletionRepaired    hooks.On[DeletionRepaired]
	DeletionsForgotten  hooks.On[DeletionsForgotten]

	// Of changes that are not just folded.
	DeadLetter                  hooks.On[DeadLetter]
	DeadLetterSettled           hooks.On[DeadLetterSettled]
	DeadLetterRequestSkipped    hooks.On[DeadLetterRequestSkipped]
	TableTruncated              hooks.On[TableTruncated]
	TableTruncatedRepartitioned hooks.On[TableTruncatedRepartitioned]
	RowsTruncated               hooks.On[RowsTruncated]
	ImageNotUsed                hooks.On[ImageNotUsed]
	RowNotFilled                hooks.On[RowNotFilled]
	RowsUnfilled                hooks.On[RowsUnfilled]
	RowNotAnswered              hooks.On[RowNotAnswered]
	QuestionsDeclined           hooks.On[QuestionsDeclined]
	SourceEndNotKnown           hooks.On[SourceEndNotKnown]
	GiveUpNotAsked              hooks.On[GiveUpNotAsked]

	// Of batches.
	BatchBegun       hooks.On[BatchBegun]
	BatchEmitted     hooks.On[BatchEmitted]
	BatchNotEmitted  hooks.On[BatchNotEmitted]
	BatchGivenUp     hooks.On[BatchGivenUp]
	SchedulingFailed hooks.On[SchedulingFailed]
	LatenessNotKnown hooks.On[LatenessNotKnown]
	CatalogNotRead   hooks.On[CatalogNotRead]
	ManifestSkipped  hooks.On[ManifestSkipped]

	// Of partitions that are filled from an older generation.
	PartitionFilled    hooks.On[PartitionFilled]
	DeadLettersKept    hooks.On[DeadLettersKept]
	FillingNotReported hooks.On[FillingNotReported]
	FillingNotSeen     hooks.On[FillingNotSeen]
	ReplayEndNotFound  hooks.On[ReplayEndNotFound]
	ReplayEndNotSeen   hooks.On[ReplayEndNotSeen]

	// Of records that are repartitioned by key.
	SourceGrown            hooks.On[SourceGrown]
	SourceTaken            hooks.On[SourceTaken]
	RepartitioningRestarts hooks.On[RepartitioningRestarts]
	UncopiedLost           hooks.On[UncopiedLost]
	TransactionEnded       hooks.On[TransactionEnded]
	TransactionsNotKnown   hooks.On[TransactionsNotKnown]
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
