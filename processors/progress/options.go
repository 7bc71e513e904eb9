package progress

import (
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/tables"
)

// Queue is what the partition has read and not finished.
type Queue interface {
	// LowWatermark returns the low watermark, and the highest position in the source's log before it.
	LowWatermark() (int64, tables.SourcePosition)
	// ReadNext returns the source offset to be read next.
	ReadNext() int64
}

// Rows is the writer of the partition's rows.
type Rows interface {
	// Progress returns the next changelog offset after what is acknowledged, and the source
	// offset of the newest acknowledged record.
	Progress() (next, stamped int64)
}

// Producer sends records with an explicit partition, and reports each acknowledgement.
type Producer interface {
	Send(rec *kgo.Record, sent func(rec *kgo.Record, err error))
}

// Group is the consumer group that has given the partition to this process.
type Group interface {
	// Mark has an offset committed soon.
	Mark(next int64)
	// Generation is the group's, as of now.
	Generation() uint32
}

// Options of a partition's reporter, for one claim.
type Options struct {
	Topic       string // of progress records
	Partition   int32
	SourceID    [16]byte // of the topic that is read
	ChangelogID [16]byte
	From        int64 // the offset that the group has

	Queue    Queue
	Group    Group
	Producer Producer
	Health   *health.Tracker
	// Table is the health of the table, reported along; nil where the owner of another partition does so.
	Table *health.Tracker
	// Reached and Healthy are called with what is reported to others.
	Reached func(source, changelog int64)
	Healthy func(wire.Health)
	Clock   func() time.Time
	Events  *events.Listener
}
