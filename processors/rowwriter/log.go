package rowwriter

import (
	"errors"
	"fmt"
	"sync"
)

// ErrHole says that the changelog has records that this writer has not written, and that were not recovered.
var ErrHole = errors.New("another writer has written to the changelog")

// log follows what is sent to the changelog of a partition, and what is acknowledged.
//
// Its first failure makes everything later fail, so that the changelog never has a
// change without the ones before it. Acknowledged offsets must follow each other
// from the end that recovery reached; a hole means that another writer is at work,
// and that its records have not been recovered.
type log struct {
	topic     string
	partition int32
	applied   func(offset int64) // called with each acknowledged changelog offset, in order
	broken    func(error)        // called with the first failure

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
func (l *log) startAt(end int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.next = end
}

// begin counts a record that is about to be sent.
func (l *log) begin() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	if l.failed != nil {
		return l.failed
	}
	l.sent++
	return nil
}

// ack checks an acknowledgement and moves the position.
func (l *log) ack(offset, source int64, err error) error {
	l.mu.Lock()
	var due []boundary
	before := l.failed
	defer func() {
		next, failed := l.next, l.failed
		l.mu.Unlock()
		if before == nil && failed != nil {
			l.broken(failed)
		}
		for _, b := range due {
			b.tell(next, failed)
		}
	}()
	l.acked++
	switch {
	case l.failed != nil:
	case err != nil:
		l.failed = fmt.Errorf("write to %s/%d: %w", l.topic, l.partition, err)
	case offset != l.next:
		l.failed = fmt.Errorf("%w: %s/%d acknowledged offset %d, expected %d", ErrHole, l.topic, l.partition, offset, l.next)
	default:
		l.next++
		l.stamped = source
		l.applied(offset)
	}
	due = l.due()
	return l.failed
}

// due takes the boundaries that are reached, or that never will be.
func (l *log) due() []boundary {
	n := 0
	for n < len(l.waiting) && (l.failed != nil || l.waiting[n].sent <= l.acked) {
		n++
	}
	out := l.waiting[:n:n]
	l.waiting = l.waiting[n:]
	return out
}

// boundary calls tell once everything sent so far is acknowledged, with the next
// changelog offset at that point. Later records do not count: acknowledgements
// come in order, and tell is called before the next one is taken.
func (l *log) boundary(tell func(next int64, err error)) {
	l.mu.Lock()
	if l.failed == nil && l.sent > l.acked {
		l.waiting = append(l.waiting, boundary{sent: l.sent, tell: tell})
		l.mu.Unlock()
		return
	}
	next, failed := l.next, l.failed
	l.mu.Unlock()
	tell(next, failed)
}

// failure returns the first failure, if there was one.
func (l *log) failure() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failed
}

// fail makes everything later fail.
func (l *log) fail(err error) {
	l.mu.Lock()
	first := l.failed == nil
	if first {
		l.failed = err
	}
	l.mu.Unlock()
	if first {
		l.broken(err)
	}
}

// progress returns the next changelog offset after what is acknowledged, and the
// source offset of the newest acknowledged record, or -1.
func (l *log) progress() (next, stamped int64) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.next, l.stamped
}
