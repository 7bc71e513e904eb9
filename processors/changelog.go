package processors

import (
	"fmt"
	"sync"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
)

// changelog is what one run writes: the records of its partition of the group
// table, and whatever else must be acknowledged before a source record is done.
//
// Its first failure makes everything later fail, so that the changelog never has a
// change without the ones before it. Acknowledged offsets must follow each other
// from the end that recovery reached; a hole means that another writer is at work,
// and that its records have not been recovered.
type changelog struct {
	writer    *writer
	topic     string
	partition int32
	stamp     wire.Stamp         // of the next record; the callback's goroutine sets it
	told      []byte             // of the next tombstone, as stamp
	image     []byte             // of the next tombstone, as stamp
	whole     int64              // records of earlier source offsets are written again, and not all of them
	applied   func(offset int64) // told of each acknowledged changelog offset, in order
	broken    func(error)        // told of the first failure

	pieces arena // the callback's goroutine only

	mu      sync.Mutex
	failed  error
	sent    int64
	acked   int64
	next    int64 // the offset that the next acknowledgement must have
	stamped int64 // the source offset of the newest acknowledged record
	waiting []boundary
}

// boundary waits for the acknowledgement of everything sent before it.
type boundary struct {
	sent int64
	tell func(next int64, err error)
}

// startAt notes the end that recovery reached.
func (c *changelog) startAt(end int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.next = end
}

// put sends one changelog record; a nil value is a tombstone. done is told of its acknowledgement.
func (c *changelog) put(key string, value []byte, done func(error)) {
	if err := c.begin(); err != nil {
		done(err)
		return
	}
	buf := append(c.pieces.begin(len(key)+stampBytes), key...)
	buf = wire.AppendStamp(buf, c.stamp)
	buf = c.pieces.keep(buf)
	o := &outgoing{}
	o.hdrs[0] = kgo.RecordHeader{Key: wire.StampName, Value: buf[len(key):]}
	o.rec = kgo.Record{Topic: c.topic, Partition: c.partition, Key: buf[:len(key):len(key)], Value: value, Headers: o.hdrs[:]}
	if value == nil && c.told != nil {
		o.rec.Headers = append(o.rec.Headers, kgo.RecordHeader{Key: wire.DeletionName, Value: c.told})
		if c.image != nil {
			o.rec.Headers = append(o.rec.Headers, kgo.RecordHeader{Key: wire.ImageName, Value: c.image})
		}
	}
	source := c.stamp.Offset
	if source < c.whole {
		o.rec.Headers = append(o.rec.Headers, kgo.RecordHeader{Key: wire.WholeName, Value: wire.AppendWhole(nil, c.whole)})
	}
	c.writer.send(o, func(offset int64, err error) { done(c.ack(offset, source, err)) })
}

const stampBytes = 13

// begin counts a record that is about to be sent.
func (c *changelog) begin() error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.failed != nil {
		return c.failed
	}
	c.sent++
	return nil
}

// ack checks an acknowledgement and moves the position.
func (c *changelog) ack(offset, source int64, err error) error {
	c.mu.Lock()
	var due []boundary
	before := c.failed
	defer func() {
		next, failed := c.next, c.failed
		c.mu.Unlock()
		if before == nil && failed != nil {
			c.broken(failed)
		}
		for _, b := range due {
			b.tell(next, failed)
		}
	}()
	c.acked++
	switch {
	case c.failed != nil:
	case err != nil:
		c.failed = fmt.Errorf("write to %s/%d: %w", c.topic, c.partition, err)
	case offset != c.next:
		c.failed = fmt.Errorf("%w: %s/%d acknowledged offset %d, expected %d", errHole, c.topic, c.partition, offset, c.next)
	default:
		c.next++
		c.stamped = source
		c.applied(offset)
	}
	due = c.due()
	return c.failed
}

// due takes the boundaries that are reached, or that never will be.
func (c *changelog) due() []boundary {
	n := 0
	for n < len(c.waiting) && (c.failed != nil || c.waiting[n].sent <= c.acked) {
		n++
	}
	out := c.waiting[:n:n]
	c.waiting = c.waiting[n:]
	return out
}

// boundary calls tell once everything sent so far is acknowledged, with the next
// changelog offset at that point. Later records do not count: acknowledgements
// come in order, and tell is called before the next one is taken.
func (c *changelog) boundary(tell func(next int64, err error)) {
	c.mu.Lock()
	if c.failed == nil && c.sent > c.acked {
		c.waiting = append(c.waiting, boundary{sent: c.sent, tell: tell})
		c.mu.Unlock()
		return
	}
	next, failed := c.next, c.failed
	c.mu.Unlock()
	tell(next, failed)
}

// other sends a record to another topic of ours, under the same rule of the first failure.
func (c *changelog) other(rec kgo.Record, done func(error)) {
	c.mu.Lock()
	failed := c.failed
	c.mu.Unlock()
	if failed != nil {
		done(failed)
		return
	}
	c.writer.send(&outgoing{rec: rec}, func(_ int64, err error) {
		if err != nil {
			err = fmt.Errorf("write to %s/%d: %w", rec.Topic, rec.Partition, err)
			c.fail(err)
		}
		done(err)
	})
}

// fail makes everything later fail.
func (c *changelog) fail(err error) {
	c.mu.Lock()
	first := c.failed == nil
	if first {
		c.failed = err
	}
	c.mu.Unlock()
	if first {
		c.broken(err)
	}
}

// progress returns the next changelog offset after what is acknowledged, and the
// source offset of the newest acknowledged record, or -1.
func (c *changelog) progress() (next, stamped int64) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.next, c.stamped
}
