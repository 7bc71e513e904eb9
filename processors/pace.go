package processors

import (
	"context"
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"
)

// pace sends the records of a batch with a bound on what is on the way, so that the
// producer's buffer stays free for changes.
type pace struct {
	writer *writer
	max    int // bytes on the way

	mu     sync.Mutex
	bytes  int
	err    error
	last   int64 // the highest acknowledged offset of the last topic sent to
	change chan struct{}
}

func newPace(w *writer, maxBytes int) *pace {
	return &pace{writer: w, max: maxBytes, last: -1, change: make(chan struct{}, 1)}
}

// send hands a record over; it waits while too much is on the way.
func (p *pace) send(ctx context.Context, rec kgo.Record) error {
	size := len(rec.Key) + len(rec.Value) + recordRoom
	if err := p.until(ctx, func() bool { return p.bytes == 0 || p.bytes+size <= p.max }); err != nil {
		return err
	}
	p.mu.Lock()
	p.bytes += size
	p.mu.Unlock()
	topic, partition := rec.Topic, rec.Partition
	p.writer.send(&outgoing{rec: rec}, func(offset int64, err error) {
		p.mu.Lock()
		p.bytes -= size
		if err != nil && p.err == nil {
			p.err = fmt.Errorf("write to %s/%d: %w", topic, partition, err)
		}
		p.last = max(p.last, offset)
		p.mu.Unlock()
		select {
		case p.change <- struct{}{}:
		default:
		}
	})
	return nil
}

// wait returns when everything is acknowledged, with the first error.
func (p *pace) wait(ctx context.Context) error {
	return p.until(ctx, func() bool { return p.bytes == 0 })
}

// until waits for a condition on what is on the way. There is one waiter at a time.
func (p *pace) until(ctx context.Context, met func() bool) error {
	for {
		p.mu.Lock()
		ok, err := met(), p.err
		p.mu.Unlock()
		if err != nil {
			return err
		}
		if ok {
			return nil
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-p.change:
		}
	}
}
