package repartition

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/cdc"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
)

// worker copies one partition of the source, from its takeover to the first failure.
type worker struct {
	*Repartitioner
	partition int32
	events    *events.Listener

	client   *kgo.Client
	splitter cdc.Splitter
	parts    []cdc.Part
	next     int64 // of the source partition
	start    int64 // the first that the source has
	before   deletion
	ends     []int64 // per partition of the topic by keys, behind what was written
	reported bool    // next has been reported
}

const (
	// transactionTimeout is how long the transaction of a process that died stays open
	// when nobody takes its partition over. Readers wait for it.
	transactionTimeout = 10 * time.Second
	// writeTimeout bounds a transaction of ours.
	writeTimeout = 8 * time.Second
	// atOnce is the most records of the source in one transaction.
	atOnce = 4096
	// retryAfter is the pause before another attempt at a record that cannot be decoded now.
	retryAfter = 500 * time.Millisecond
)

// errFenced says that another process has taken the partition over.
var errFenced = errors.New("another process repartitions this partition now")

func (w *worker) run(ctx context.Context) error {
	var err error
	if w.splitter, err = w.o.NewSplitter(); err != nil {
		return err
	}
	w.client, err = w.o.Kafka.Client(
		kgo.TransactionalID(w.names.TransactionOf(w.partition)),
		kgo.TransactionTimeout(transactionTimeout),
		kgo.RecordPartitioner(kgo.ManualPartitioner()),
		kgo.ConsumeResetOffset(kgo.NoResetOffset()),
		kgo.RecordDeliveryTimeout(writeTimeout),
		kgo.MetadataMinAge(100*time.Millisecond),
	)
	if err != nil {
		return err
	}
	defer w.client.Close()
	// From here on the owner before writes nothing more, and what it had open is over.
	producer, epoch, err := w.client.ProducerID(ctx)
	if err != nil {
		return fmt.Errorf("take over the transactions of partition %d: %w", w.partition, err)
	}
	if err := w.endLost(ctx, producer, epoch); err != nil {
		return err
	}
	if err := w.findStart(ctx); err != nil {
		return err
	}
	w.client.AddConsumePartitions(map[string]map[int32]kgo.Offset{
		w.o.Source.Name: {w.partition: kgo.NewOffset().At(max(w.start, w.next-1))}, // see deletion
	})
	w.events.SourceTaken(events.SourceTaken{From: w.next})
	return w.loop(ctx)
}

// findStart finds the offset at which the partition is continued.
func (w *worker) findStart(ctx context.Context) error {
	w.ends = make([]int64, w.o.Keyed.Partitions)
	found, err := w.last(ctx)
	if err != nil {
		return err
	}
	if found != nil {
		w.next = found.Source
		copy(w.ends, found.Keyed)
		w.reported = true
	}
	starts, err := kafka.StartOffsets(ctx, w.client, w.o.Source.Name)
	if err != nil {
		return err
	}
	ends, err := kafka.EndOffsets(ctx, w.client, w.o.Source.Name)
	if err != nil {
		return err
	}
	if int(w.partition) >= len(starts) || int(w.partition) >= len(ends) {
		return fmt.Errorf("topic %s has no partition %d", w.o.Source.Name, w.partition)
	}
	if found == nil {
		if w.next, err = w.o.Start.Offset(ctx, w.client, w.o.Source.Name, w.partition, starts[w.partition], ends[w.partition]); err != nil {
			return err
		}
	}
	switch start, end := starts[w.partition], ends[w.partition]; {
	case w.next > end:
		return fmt.Errorf("%s/%d ends at %d and was read until %d: it is shorter than it was", w.o.Source.Name, w.partition, end, w.next)
	case w.next < start:
		if found != nil {
			w.events.UncopiedLost(events.UncopiedLost{Next: w.next, Start: start})
			w.o.Lost(w.partition, w.next, start)
		}
		w.next, w.reported = start, false
	}
	w.start = starts[w.partition]
	w.report(Status{Partition: w.partition, Source: w.next})
	return nil
}

// last returns the newest record of how far the partition is, or nil. A record about
// another topic by keys says nothing, one about another source forbids to go on.
func (w *worker) last(ctx context.Context) (*wire.Repartitioned, error) {
	var found *wire.Repartitioned
	var refused error
	share := w.partition % w.o.Progress.Partitions
	_, err := logread.Back(ctx, w.client, w.o.Progress, share, func(r *kgo.Record) {
		p, err := wire.ParseRepartitioned(r.Value)
		if err != nil || p.Partition != w.partition {
			return
		}
		for _, h := range r.Headers {
			id := kafka.TopicID(h.Value)
			switch h.Key {
			case wire.SourceIDName:
				refused = w.o.Source.Since(kafka.Topic{Partitions: w.o.Source.Partitions, ID: id})
			case wire.KeyedIDName:
				if w.o.Keyed.ID != id {
					return
				}
			}
		}
		found = &p
	}, func() bool { return found != nil })
	if err == nil {
		err = refused
	}
	return found, err
}

// loop reads and writes until the context is over or something fails.
func (w *worker) loop(ctx context.Context) error {
	var left []*kgo.Record
	if !w.reported { // also where there is nothing to read: views wait for this record
		if err := w.write(ctx, nil); err != nil {
			return err
		}
	}
	for {
		if len(left) == 0 {
			fetches := w.client.PollRecords(ctx, atOnce)
			if ctx.Err() != nil {
				return nil
			}
			var failed error
			fetches.EachError(func(topic string, p int32, err error) {
				failed = errors.Join(failed, fmt.Errorf("read %s/%d: %w", topic, p, err))
			})
			if failed != nil {
				return failed
			}
			left = fetches.Records()
		}
		out, done, wait := w.route(left)
		if done > 0 {
			left = left[done:]
			if err := w.write(ctx, out); err != nil {
				return err
			}
			w.metrics.records.Add(float64(done))
		}
		w.report(Status{Partition: w.partition, Source: w.next, Err: wait})
		if wait == nil {
			continue
		}
		if retry.Pause(ctx, retryAfter) != nil {
			return nil
		}
	}
}

// fenced gives the errors that mean another owner their name.
func fenced(err error) error {
	for _, e := range []error{kerr.InvalidProducerEpoch, kerr.ProducerFenced, kerr.FencedInstanceID, kerr.InvalidTxnState} {
		if errors.Is(err, e) {
			return fmt.Errorf("%w: %w", errFenced, err)
		}
	}
	return err
}
