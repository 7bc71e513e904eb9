package feed

import (
	"time"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/driftwatch"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/processors/pending"
)

// Options of a partition's feeder, for one claim.
type Options struct {
	Source    kafka.Topic // that is read
	Control   string      // the control topic
	Partition int32       // of both
	Committed bool        // the group had an offset for the partition

	Consumer sarama.Consumer
	Admin    *kgo.Client
	Queue    *pending.Queue // of the source's records
	Intake   *intake.Intake
	Drift    *driftwatch.Watch
	Health   *health.Tracker

	// Span returns the oldest offset that the partition of a topic has, and the one behind its end.
	Span      func(topic string) (oldest, end int64, err error)
	ImageWait time.Duration // how long a record waits for an image at most
	// Waits is called with what the partition waits for, and with nil when it goes on.
	Waits func(error)
	// Lost is called for records that the source no longer had when they were to be read.
	Lost    func(next, start int64)
	Clock   func() time.Time
	Events  *events.Listener
	Metrics Metrics
}
