package truncate

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/state"
)

// Rows is the writer of the partition's rows.
type Rows interface {
	Delete(key string, d *rowwriter.Deletion, ack func(error)) error
	Send(rec kgo.Record, ack func(error))
}

// Options of a partition's truncates, for one run.
type Options struct {
	Topic      string // of control records
	Partition  int32
	Partitions int32
	// Repartitioned says that records are repartitioned by their keys: a truncate is in every partition.
	Repartitioned bool

	Rows  Rows
	End   func() (int64, error) // of the source partition, now
	Clock func() time.Time
	// UntilOver has done called with an error when the run is over first.
	UntilOver func(done func(error)) func(error)
	// Later runs f in the background, or calls done with the error that the run is over.
	Later func(f func(), done func(error))
	// Alive is why nothing is to be written any more.
	Alive  func() error
	Events *events.Listener
}

// Truncates are those that a partition knows of.
type Truncates struct {
	Options
	state     *state.Store
	own       *truncation // of this partition, while others have not confirmed it
	watermark watermark   // the newest one of another partition
	emptied   int64       // source offset of the newest one of this partition
}
