package processors

import (
	"context"
	"errors"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/rekey"
	"github.com/tidemark/tidemark/processors/rowwriter"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// Where a source's own partitions do not tell the home of a key, its records are
// placed by their decoded keys first, and read from the topic where they then are. The
// changes keep the offsets of that topic; what is told to the outside is restored.

// openStage makes what places the source's records, or nil where nothing has to.
func (p *Processor) openStage(ctx context.Context, s *shared, input kafka.Topic) (*rekey.Stage, error) {
	if !p.opts.Table.Rekeyed() {
		return nil, nil //nolint:nilnil // none is needed
	}
	source, err := kafka.Describe(ctx, s.admin, p.opts.Table.Source.Topic)
	if err != nil {
		return nil, err
	}
	if p.origin != nil {
		if err := sameOrigin(source, *p.origin); err != nil {
			return nil, err
		}
	}
	p.origin = &source
	placed, err := kafka.Describe(ctx, s.admin, p.names.Rekeyed)
	if err != nil {
		return nil, err
	}
	var start seed.Start
	if p.opts.Seed != nil {
		start = p.opts.Seed.Start
	}
	return rekey.New(rekey.Options{
		Start: start,
		Table: p.opts.Table, Kafka: p.opts.Kafka, Source: source, Keyed: input, Placed: placed,
		NewSplitter: p.opts.NewSplitter, Skipped: p.metrics.skip,
		Lost: func(partition int32, next, start int64) {
			p.metrics.lost.Add(float64(start - next))
			p.status.lost(partition%input.Partitions, &LostRecordsError{Topic: source.Name, Partition: partition, Next: next, Start: start})
		},
		Logger: p.opts.Logger, Registerer: p.opts.Registerer, Clock: p.opts.Clock,
	})
}

// sameOrigin compares a source whose number of partitions may change.
func sameOrigin(now, before kafka.Topic) error {
	before.Partitions = now.Partitions
	return now.Since(before)
}

// watchOrigin looks after the source topic of records that are placed by their keys:
// it may get more partitions, but not be another topic.
func (p *Processor) watchOrigin(ctx context.Context, s *shared) error {
	if s.stage == nil {
		return nil
	}
	tick := time.NewTicker(p.opts.WatchEvery)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
		}
		now, err := describe(ctx, s.admin, p.origin.Name)
		switch {
		case ctx.Err() != nil:
			return nil
		case errors.Is(err, kafka.ErrNoSource):
			return err
		case err != nil:
			p.opts.Logger.Warn("topic not seen", "error", err)
			continue
		}
		if err := sameOrigin(now, *p.origin); err != nil {
			return err
		}
		s.stage.Grow(now.Partitions)
	}
}

// truncatePlaced empties this partition of the topic by keys: each has the truncate at
// its own place among the changes. What stands before it goes, but for what the
// database has put behind it, where the source has several partitions: these may be
// read in any order. What comes later from another of them and is older goes as well.
func (r *run) truncatePlaced(e *entry, done func(error)) error {
	if r.partition == 0 {
		r.metrics.truncates.Inc()
	}
	r.logger.Info("table truncated by the source", "source_partition", e.raw.Partition, "source_offset", e.raw.Offset)
	at, alone := e.offset, e.alone
	r.emptied = at
	if err := r.store.Truncates.SetHere(at); err != nil {
		return err
	}
	c := wire.Control{
		Kind: wire.TruncateControl, Partition: e.raw.Partition, Offset: e.raw.Offset, Time: e.change.Time, Source: e.change.Source,
	}
	if !alone {
		r.watermark = watermark{control: c, until: at + 1}
		if err := r.store.Truncates.SetElsewhere(r.watermark.until, wire.AppendControl(nil, c)); err != nil {
			return err
		}
	}
	all := rowwriter.NewAcks(done)
	// A successor without local state must know of the truncate.
	value := wire.AppendControl(nil, wire.Control{
		Kind: wire.TruncateControl, Started: r.opts.Clock().UnixMicro(), Partition: r.partition, Offset: at, Time: c.Time, Source: c.Source,
	})
	r.rows.Send(kgo.Record{Topic: r.names.Batch, Partition: r.partition, Value: value}, all.DeferCommit())
	d := wire.Deletion{
		Read: e.raw.Time.UnixMicro(), Time: c.Time, Source: c.Source, Truncate: true, Partition: r.partition, Offset: at,
	}
	err := r.removeRows(d, all, func(row *wire.StateRow) bool {
		return row.Offset < at && (alone || !after(row.Source, row.Time, c))
	})
	all.Close(err)
	return err
}

// after reports whether a row is newer than a truncate of another partition.
func after(source tables.SourcePosition, time int64, c wire.Control) bool {
	if ordered(source, c.Source) {
		return source.Compare(c.Source) > 0
	}
	return time > c.Time
}

// outlived reports whether a change is from before a truncate that was met already.
func (r *run) outlived(e *entry) bool {
	if r.stage != nil {
		return r.truncatedElsewhere(e)
	}
	return r.truncated(&e.change)
}

// truncatedElsewhere reports whether a change that was placed by its key is from
// before a truncate that another partition of the source had.
func (r *run) truncatedElsewhere(e *entry) bool {
	w, c := &r.watermark, &e.change
	if w.until == 0 || c.Op != tables.Upsert || e.raw.Partition == w.control.Partition {
		return false
	}
	if ordered(c.Source, w.control.Source) {
		return c.Source.Compare(w.control.Source) < 0 && c.Time <= w.control.Time
	}
	return c.Time < w.control.Time
}
