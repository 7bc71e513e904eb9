package pending

import (
	"sync"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/tables"
)

// Queue holds the entries of a partition from the low watermark on, in the order
// of their offsets: what is done out of order waits for what came before it, and a
// run that failed begins again with what is left, without reading it from Kafka anew.
type Queue struct {
	mu      sync.Mutex
	ring    []*Entry // a power of two
	head    uint64   // of the oldest entry not done
	tail    uint64   // where the next entry goes
	cursor  uint64   // the next entry that the run's callback will ask for
	bytes   int
	low     int64                 // the low watermark: every source offset before it is done
	seen    tables.SourcePosition // the highest position in the source's log before it
	next    int64                 // the source offset to be read next
	counter *health.Counter       // counts what is done; may be nil
	free    []*Entry
	maxLen  uint64
	maxSize int
	space   chan struct{} // signalled when there is room again
	moved   chan struct{} // signalled when the low watermark has moved
	blocked bool
}

// New makes a queue that starts at a source offset and holds at most
// entries and bytes; one entry may always go in. What is done is counted.
func New(start int64, entries, bytes int, done *health.Counter) *Queue {
	const n = 64 // it grows
	return &Queue{
		ring: make([]*Entry, n), low: start, next: start, counter: done,
		maxLen: uint64(entries), maxSize: bytes,
		space: make(chan struct{}, 1), moved: make(chan struct{}, 1),
	}
}

// Reset empties the queue, and lets it start at another source offset.
func (q *Queue) Reset(start int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	clear(q.ring)
	q.head, q.tail, q.cursor, q.bytes = 0, 0, 0, 0
	q.low, q.next, q.seen, q.blocked = start, start, tables.SourcePosition{}, false
}

func (q *Queue) at(i uint64) *Entry { return q.ring[i&uint64(len(q.ring)-1)] }

// Get returns an empty entry to be filled and pushed.
func (q *Queue) Get() *Entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := len(q.free)
	if n == 0 {
		return &Entry{}
	}
	e := q.free[n-1]
	q.free = q.free[:n-1]
	return e
}

// GiveBack takes an entry back that will not be pushed.
func (q *Queue) GiveBack(e *Entry) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.recycle(e)
}

// Push appends an entry. It returns false, without taking it, when the queue is
// full: the caller waits for room and tries again.
func (q *Queue) Push(e *Entry) bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	n := q.tail - q.head
	if n > 0 && (n >= q.maxLen || q.bytes+e.Size > q.maxSize) {
		q.blocked = true
		return false
	}
	if n == uint64(len(q.ring)) {
		q.grow()
	}
	q.ring[q.tail&uint64(len(q.ring)-1)] = e
	q.tail++
	q.bytes += e.Size
	q.next = e.Offset + 1
	if e.Action == Skip {
		e.done = true
		q.advance()
	}
	return true
}

func (q *Queue) grow() {
	ring := make([]*Entry, 2*len(q.ring))
	for i := q.head; i < q.tail; i++ {
		ring[i&uint64(len(ring)-1)] = q.at(i)
	}
	q.ring = ring
}

// Moved is signalled when the low watermark has moved.
func (q *Queue) Moved() <-chan struct{} { return q.moved }

// Room is signalled when a full queue has become emptier.
func (q *Queue) Room() <-chan struct{} { return q.space }

// Rewind makes a new run begin at the low watermark. It returns the entries to feed again.
func (q *Queue) Rewind() []*Entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cursor = q.head
	var out []*Entry
	for i := q.head; i < q.tail; i++ {
		e := q.at(i)
		e.done = e.Action == Skip
		if !e.done {
			out = append(out, e)
		}
	}
	q.advance()
	return out
}

// Take returns the entry with the offset, which is the next one that was fed.
func (q *Queue) Take(offset int64) *Entry {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.cursor = max(q.cursor, q.head)
	for ; q.cursor < q.tail; q.cursor++ {
		e := q.at(q.cursor)
		if e.Offset == offset {
			q.cursor++
			return e
		}
		if e.Offset > offset {
			return nil
		}
	}
	return nil
}

// tell signals a channel that holds one signal.
func tell(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

const maxFree = 4096

// recycle keeps the entry, and the room for its values, for another record.
func (q *Queue) recycle(e *Entry) {
	if len(q.free) >= maxFree {
		return
	}
	values := e.Change.Values[:0]
	clear(values[:cap(values)]) // the strings must not be kept alive
	headers := e.Raw.Headers[:0]
	clear(headers[:cap(headers)])
	*e = Entry{Change: tables.Change{Values: values}, Raw: codecs.Record{Headers: headers}}
	q.free = append(q.free, e)
}

// ReadNext returns the source offset to be read next.
func (q *Queue) ReadNext() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.next
}

// SkipTo begins an empty queue further on: the records before are gone.
func (q *Queue) SkipTo(offset int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.next = max(q.next, offset)
	if q.head == q.tail {
		q.low = q.next
	}
}
