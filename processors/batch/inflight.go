package batch

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// recordRoom is what a record needs around its key and value, headers included.
const recordRoom = 256

// inflight sends the records of a batch with a bound on what is on the way, so that the
// producer's buffer stays free for changes.
type inflight struct {
	producer Producer
	max      int // bytes on the way

	mu     sync.Mutex
	bytes  int
	err    error
	last   int64 // the highest acknowledged offset of the last topic sent to
	change chan struct{}
}

func newInflight(p Producer, maxBytes int) *inflight {
	return &inflight{producer: p, max: maxBytes, last: -1, change: make(chan struct{}, 1)}
}

// send hands a record over; it waits while too much is on the way.
func (f *inflight) send(ctx context.Context, rec *kgo.Record) error {
	size := len(rec.Key) + len(rec.Value) + recordRoom
	if err := f.until(ctx, func() bool { return f.bytes == 0 || f.bytes+size <= f.max }); err != nil {
		return err
	}
	f.mu.Lock()
	f.bytes += size
	f.mu.Unlock()
	f.producer.Send(rec, func(rec *kgo.Record, err error) {
		f.mu.Lock()
		f.bytes -= size
		switch {
		case err == nil:
			f.last = max(f.last, rec.Offset)
		case f.err == nil:
			f.err = fmt.Errorf("write to %s/%d: %w", rec.Topic, rec.Partition, err)
		}
		f.mu.Unlock()
		select {
		case f.change <- struct{}{}:
		default:
		}
	})
	return nil
}

// wait returns when everything is acknowledged, with the first error.
func (f *inflight) wait(ctx context.Context) error {
	return f.until(ctx, func() bool { return f.bytes == 0 })
}

// until waits for a condition on what is on the way. There is one waiter at a time.
func (f *inflight) until(ctx context.Context, met func() bool) error {
	for {
		f.mu.Lock()
		ok, err := met(), f.err
		f.mu.Unlock()
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-f.change:
		}
	}
}
