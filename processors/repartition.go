package processors

import (
	"context"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/repartition"
	"github.com/tidemark/tidemark/processors/seed"
)

// Where a source's own partitions do not determine the partition of a key, its records are
// copied first into a topic by decoded keys, and read from the topic where they then are. The
// changes keep the offsets of that topic; positions that are reported to the outside are those of the source.

// openRepartitioner makes what copies the source's records, or nil where nothing has to.
func (p *Processor) openRepartitioner(ctx context.Context, s *shared, input kafka.Topic) (*repartition.Repartitioner, error) {
	if !p.opts.Table.Repartitioned() {
		return nil, nil //nolint:nilnil // none is needed
	}
	source, err := kafka.Describe(ctx, s.admin, p.opts.Table.Source.Topic)
	if err != nil {
		return nil, err
	}
	if err := p.watch.CheckOrigin(source); err != nil {
		return nil, err
	}
	progress, err := kafka.Describe(ctx, s.admin, p.names.Repartitioned)
	if err != nil {
		return nil, err
	}
	var start seed.Start
	if p.opts.Seed != nil {
		start = p.opts.Seed.Start
	}
	return repartition.New(repartition.Options{
		Start: start,
		Table: p.opts.Table, Kafka: p.opts.Kafka, Source: source, Keyed: input, Progress: progress,
		NewSplitter: p.opts.NewSplitter, Skipped: p.metrics.skipped.Count,
		Lost: func(partition int32, next, start int64) {
			p.status.lost(partition%input.Partitions, &LostRecordsError{Topic: source.Name, Partition: partition, Next: next, Start: start})
		},
		Events: p.events, Registerer: p.opts.Registerer, Clock: p.opts.Clock,
	})
}
