package events

import (
	"log/slog"

	"github.com/tidemark/tidemark/hooks"
)

// Listener has a func for each kind of event. Nil ones ignore their kind. They are called on
// the goroutine that the event happens on, from several at once.
type Listener struct {
	// Of the process.
	Started            hooks.On[Started]
	Ready              hooks.On[Ready]
	Stopped            hooks.On[Stopped]
	BrokersAway        hooks.On[BrokersAway]
	BrokersBack        hooks.On[BrokersBack]
	RegistryAway       hooks.On[RegistryAway]
	RegistryAnswers    hooks.On[RegistryAnswers]
	CertificateRenewed hooks.On[CertificateRenewed]
	CertificateNotRead hooks.On[CertificateNotRead]
	RequestsCutOff     hooks.On[RequestsCutOff]
	TopicUnwise        hooks.On[TopicUnwise]
	TopicsNotInspected hooks.On[TopicsNotInspected]

	// Of the generations of a table.
	DefinitionChanged  hooks.On[DefinitionChanged]
	DefinitionOther    hooks.On[DefinitionOther]
	ColumnsTaken       hooks.On[ColumnsTaken]
	ColumnsAwaited     hooks.On[ColumnsAwaited]
	ReplayAsked        hooks.On[ReplayAsked]
	GenerationBegun    hooks.On[GenerationBegun]
	GenerationComplete hooks.On[GenerationComplete]
	GenerationGivenUp  hooks.On[GenerationGivenUp]
	GenerationShown    hooks.On[GenerationShown]
	GenerationEnded    hooks.On[GenerationEnded]
	TopicsDeleted      hooks.On[TopicsDeleted]
	FilesRemoved       hooks.On[FilesRemoved]
	KeysCountedTwice   hooks.On[KeysCountedTwice]
	StepNotTaken       hooks.On[StepNotTaken]
	RecordNotFollowed  hooks.On[RecordNotFollowed]
	RecordNotUsed      hooks.On[RecordNotUsed]
	RecordNotPruned    hooks.On[RecordNotPruned]
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
