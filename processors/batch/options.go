package batch

import (
	"context"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/events"
)

// Rows is the writer of the partition's rows.
type Rows interface {
	// Mark has the rows from here on kept as changed since the cut.
	Mark()
	// Boundary reports the changelog's cut, once everything written before is acknowledged.
	Boundary(tell func(next int64, err error))
}

// Producer sends records with an explicit partition, and reports each acknowledgement.
type Producer interface {
	Send(rec *kgo.Record, sent func(rec *kgo.Record, err error))
}

// Options of a partition's batches, for one run.
type Options struct {
	Names       kafka.Names
	Partition   int32
	Partitions  int32
	Fingerprint uint32   // of the table's columns
	Changelog   [16]byte // the id of its changelog
	// Several says that other partitions may have something of a key, too: deletions are then written
	// with their positions, so that readers can compare.
	Several  bool
	InFlight int // bytes of a batch on their way to the brokers

	Catalog  *Catalog
	Rows     Rows
	Producer Producer
	// Ends returns the next offsets of a topic's partitions.
	Ends   func(ctx context.Context, topic string) ([]int64, error)
	Clock  func() time.Time
	Events *events.Listener
	// CutAt is the next source offset that the state does not have, where the feeder has come to the
	// given one: a record may wait for other partitions.
	CutAt func(fed int64) int64
	// Late is called when a cut has to wait; Cutter.Due says for how long.
	Late func()
	// Fail ends the run: the state is damaged.
	Fail func(error)
}
