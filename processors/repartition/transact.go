package repartition

import (
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
)

// write commits records to the topic by keys, together with the record that says how
// far the partition is then. A worker that is to stop finishes what it has begun: that takes
// milliseconds.
func (w *worker) write(ctx context.Context, out []*kgo.Record) error {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if err := w.client.BeginTransaction(); err != nil {
		return fmt.Errorf("begin a transaction: %w", fenced(err))
	}
	err := w.produce(ctx, out)
	if err == nil {
		err = w.client.ProduceSync(ctx, w.mark()).FirstErr()
	}
	if err != nil {
		// The client is closed next: an abort that fails, too, is left to the next owner.
		return errors.Join(fmt.Errorf("write to %s: %w", w.names.Keyed, fenced(err)), w.client.EndTransaction(ctx, kgo.TryAbort))
	}
	if err := w.client.EndTransaction(ctx, kgo.TryCommit); err != nil {
		return fmt.Errorf("commit a transaction: %w", fenced(err))
	}
	w.reported = true
	w.metrics.transactions.Inc()
	w.metrics.changes.Add(float64(len(out)))
	return nil
}

// produce sends the records, waits for all of them, and notes where they ended.
func (w *worker) produce(ctx context.Context, out []*kgo.Record) error {
	var (
		mu     sync.Mutex
		failed error
		acks   sync.WaitGroup
	)
	acks.Add(len(out))
	for _, r := range out {
		w.client.Produce(ctx, r, func(r *kgo.Record, err error) {
			defer acks.Done()
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				failed = errors.Join(failed, err)
				return
			}
			w.ends[r.Partition] = max(w.ends[r.Partition], r.Offset+1)
		})
	}
	acks.Wait()
	if failed != nil {
		return fmt.Errorf("%d records: %w", len(out), first(failed))
	}
	return nil
}

// first returns the first of joined errors: a failed request fails all its records alike.
func first(err error) error {
	if joined, ok := err.(interface{ Unwrap() []error }); ok && len(joined.Unwrap()) > 0 {
		return first(joined.Unwrap()[0])
	}
	return err
}

// mark is the record of how far the partition is.
func (w *worker) mark() *kgo.Record {
	return &kgo.Record{
		Topic: w.o.Progress.Name, Partition: w.partition % w.o.Progress.Partitions, Key: wire.AppendProgressKey(nil, w.partition),
		Value: wire.AppendRepartitioned(nil, wire.Repartitioned{
			Partition: w.partition, Source: w.next, Keyed: w.ends, Clock: w.o.Clock().UnixMicro(),
		}),
		Headers: []kgo.RecordHeader{
			{Key: wire.SourceIDName, Value: w.o.Source.ID[:]}, {Key: wire.KeyedIDName, Value: w.o.Keyed.ID[:]},
		},
	}
}
