package processors

import (
	"context"
	"log/slog"
	"sync"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/driftwatch"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/gokaglue"
	"github.com/tidemark/tidemark/processors/group"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/processors/outrun"
	"github.com/tidemark/tidemark/processors/repartition"
)

// shared is what all partitions of a running table use.
type shared struct {
	opts    *Options
	names   kafka.Names
	status  *statuses
	metrics *metrics
	catalog *batch.Catalog
	events  *events.Listener
	logger  *slog.Logger // of libraries

	admin       *kgo.Client // requests only
	sourceTopic string
	partitions  int32
	sourceID    [16]byte
	changelogID [16]byte
	doubts      *doubts
	outruns     *outrun.Named
	// toldUnreadable has the topics of which it was said that a record cannot be read.
	toldUnreadable sync.Map
	limit          recordLimit
	fingerprint    uint32
	columns        int

	// Of the process's reader, never of the group's client: a request of that may wait for a dead member,
	// and Kafka answers the requests of a connection in order.
	data     sarama.Consumer // source and control topic
	recovery sarama.Consumer // changelog
	offsets  gokaglue.Offsets

	recall *health.Recall // health of the partitions, as last reported
	drifts *driftwatch.Table
	table  *health.Tracker // of the table as a whole; the owner of partition 0 reports it

	repartitioner *repartition.Repartitioner // copies the source's records into the topic by keys; nil where they are read as they are
}

// owner processes what the group gives to this process.
type owner struct{ shared *shared }

// Assigned implements group.Handler.
func (o owner) Assigned(ctx context.Context, a *group.Assignment) {
	s, partition := o.shared, a.Partition
	if s.repartitioner != nil && partition < s.partitions {
		copying, stop := context.WithCancel(ctx)
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			s.repartitioner.Run(copying, partition)
		}()
		defer func() {
			stop()
			<-ended // the next owner begins where this one ends
		}()
	}
	s.metrics.owned.Inc()
	defer s.metrics.owned.Dec()
	defer s.status.released(partition)
	if partition >= s.partitions {
		s.status.failed(partition, &kafka.PartitionsError{Topic: s.sourceTopic, Want: s.partitions, Got: partition + 1, Source: true})
		<-ctx.Done()
		return
	}
	start, err := a.Start(ctx, func(err error) { s.status.failed(partition, err) })
	if err != nil {
		return // the partition was taken back before it began
	}
	c, err := newClaim(s, a, start)
	if err != nil {
		s.status.failed(partition, err)
		s.events.PartitionNotProcessed(events.PartitionNotProcessed{Scope: events.Scope{Partition: partition}, Err: err})
		<-ctx.Done()
		return
	}
	c.events.PartitionTaken(events.PartitionTaken{From: start, Generation: a.Generation()})
	c.supervise(ctx)
	c.events.PartitionGivenBack(events.PartitionGivenBack{At: c.queue.Watermark()})
}

// keptFrom is the time from which on a deletion is kept. Where a key may be in several
// partitions, one of them may come to an old change of it long after another has come to
// a later deletion: such deletions are kept from when they were met.
func (s *shared) keptFrom(read int64) int64 {
	if s.partitions == 1 && s.repartitioner == nil {
		return read
	}
	return max(read, s.opts.Clock().UnixMicro())
}

// noteUnreadable reports a record that is left out, and whether it is the first one.
func (s *shared) noteUnreadable(topic string, offset int64, why error) {
	_, known := s.toldUnreadable.LoadOrStore(topic, true)
	s.events.RecordUnreadable(events.RecordUnreadable{Topic: topic, Offset: offset, Err: why, Known: known})
}
