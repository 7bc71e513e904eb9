package bootstrap

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/recovery"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// Source is the source partition, as it is being read.
type Source interface {
	// Span returns the oldest offset that it has and the one behind its end.
	Span() (oldest, end int64, err error)
	// Done is the offset that everything before is done.
	Done() int64
	// Next is the offset of what is read next.
	Next() int64
	// Idle reports whether all that has come of it was taken.
	Idle() bool
	// SkipTo has it read from a later offset on: nothing before is there.
	SkipTo(offset int64)
	// ReadFrom has it read from an offset on, and forgets what was read before.
	ReadFrom(offset int64)
}

// Producer sends records with an explicit partition, and reports each acknowledgement.
type Producer interface {
	Send(rec *kgo.Record, sent func(rec *kgo.Record, err error))
}

// Options of a partition, for as long as this process owns it.
type Options struct {
	Plan  *seed.Plan // nil fills nothing
	Table *tables.Table
	Kafka kafka.Settings
	Names kafka.Names
	Admin *kgo.Client // requests only

	Input       kafka.Topic // that is read: the source, or its records repartitioned by their keys
	Changelog   [16]byte    // id of the table's changelog
	Partition   int32
	Fingerprint uint32 // of the table's columns

	Source   Source
	Producer Producer
	// MaxAge is the age from which a filling that was not finished cannot be gone on with.
	MaxAge time.Duration
	// Note is called with how far the partition is, before others can read it.
	Note func(wire.Bootstrap)
	// Exceeds says why a row of so many bytes of key and value cannot be held, or "".
	Exceeds func(key, value int) string
	// DeadLetters copies dead letters of the previous generation, of records before a source offset.
	DeadLetters func(ctx context.Context, older kafka.Names, before int64, send func(kgo.Record, func(error))) error
	// Unreadable is called for a record of the older changelog that is left out.
	Unreadable func(topic string, offset int64, err error)
	Clock      func() time.Time
	Events     *events.Listener
	Metrics    Metrics
}

// Rows is the writer of the partition's rows.
type Rows interface {
	Put(key string, row []byte, from state.Origin, ack func(error)) error
	Append(r rowwriter.Record, ack func(error))
	Send(rec kgo.Record, ack func(error))
	Boundary(tell func(next int64, err error))
	Room(atLeast int) []byte
	Keep(b []byte) []byte
}

// Run is what a run of the partition has for its filling.
type Run struct {
	Rows     Rows
	Recovery *recovery.Recovery
	// Event sends the goroutine that folds an event. It reports whether the run goes on.
	Event func(ctx context.Context, e bus.Event) bool
	// Alive is why nothing is to be written any more.
	Alive func() error
}
