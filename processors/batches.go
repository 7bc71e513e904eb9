package processors

import (
	"context"

	"github.com/IBM/sarama"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/gokaglue"
	"github.com/tidemark/tidemark/tables"
)

// Here package batch is given what it needs of a table, and of a run.

// newCatalog makes what is known of the table's batches.
func (p *Processor) newCatalog(client *kgo.Client, offsets gokaglue.Offsets, changelog kafka.Topic) *batch.Catalog {
	return batch.NewCatalog(batch.CatalogOptions{
		Topic: p.names.Batches, Changelog: changelog.ID, Events: p.events,
		End: func() (int64, error) { return offsets.GetOffset(p.names.Batches, 0, sarama.OffsetNewest) },
		Empty: func(ctx context.Context, from, end int64) (bool, error) {
			left, err := logread.Deliverable(ctx, client, kafka.Topic{Name: p.names.Batches}, 0, from, end)
			return err == nil && !left, err
		},
	})
}

// lookAfterBatches begins and ends the table's batches, on the process that owns partition 0.
func (p *Processor) lookAfterBatches(ctx context.Context, s *shared) error {
	a, err := batch.NewScheduler(batch.SchedulerOptions{
		Policy: p.opts.Table.Batch, Names: p.names, Client: s.admin, Catalog: s.catalog, Clock: p.opts.Clock, Events: p.events,
		Mine: func(ctx context.Context) bool { return p.status.owns(0) && p.filled.Filled(ctx) },
		Overdue: func(why string) {
			if why == "" {
				s.table.Clear(tables.BatchOverdue)
				return
			}
			s.table.Tell(tables.Trouble{Reason: tables.BatchOverdue, Text: why})
		},
	})
	if err == nil {
		a.Run(ctx)
	}
	return err
}

// newBatches makes what cuts and emits the partition's batches.
func (r *run) newBatches() (*batch.Cutter, *batch.Emitter) {
	return batch.New(batch.Options{
		Names: r.names, Partition: r.partition, Partitions: r.partitions, Fingerprint: r.fingerprint, Changelog: r.changelogID,
		Several: r.several(), InFlight: r.opts.EmitBytes, Catalog: r.catalog, Rows: r.rows, Producer: r.writer,
		Ends: func(ctx context.Context, topic string) ([]int64, error) {
			return kafka.EndOffsets(ctx, r.admin, topic)
		},
		Clock: r.opts.Clock, Events: r.events,
		CutAt: r.cutAt, Late: func() { r.gate.Look() }, Fail: r.stop,
	})
}

// cutAt is the next source offset that the state does not have: the record that waits
// for other partitions, when there is one.
func (r *run) cutAt(fed int64) int64 {
	if offset, waits := r.asker.Waits(); waits {
		return offset
	}
	if offset, waits := r.truncates.Waits(); waits {
		return offset
	}
	return fed
}
