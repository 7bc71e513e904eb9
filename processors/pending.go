package processors

import (
	"sort"
	"sync"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/tables"
)

// action is what the callback has to do with an entry.
type action uint8

const (
	doFold     action = iota
	doDead            // to the dead letters
	doTruncate        // empty the table
	doNothing         // a skipped event: done as soon as it is queued
)

// entry is one source record from when it was read until it is done. Its change
// travels here, beside the message that goka carries.
type entry struct {
	offset int64
	action action
	done   bool
	change tables.Change
	raw    codecs.Record // as it was read: a dead letter loses nothing
	cut    int64         // of a control record: the source offset that it was fed before
	field  string        // why it is one
	reason string
	size   int
	behind bool // by its place in the database's log it may have been sent before
	alone  bool // of a truncate: all of the source came in this order
	// elsewhere says that another partition of the source may have had a later change.
	elsewhere bool
	// settled is how many dead letters a control record has settled.
	settled int64
}

// pending holds the entries of a partition from the low watermark on, in the order
// of their offsets: what is done out of order waits for what came before it, and a
// run that failed begins again with what is left, without reading it from Kafka anew.
type pending struct {
	mu      sync.Mutex
	ring    []*entry // a power of two
	head    uint64   // of the oldest entry not done
	tail    uint64   // where the next entry goes
	cursor  uint64   // the next entry that the run's callback will ask for
	bytes   int
	low     int64                 // the low watermark: every source offset before it is done
	seen    tables.SourcePosition // the highest position in the source's log before it
	next    int64                 // the source offset to be read next
	counter *health.Counter       // counts what is done; may be nil
	free    []*entry
	maxLen  uint64
	maxSize int
	space   chan struct{} // told when there is room again
	moved   chan struct{} // told when the low watermark has moved
	blocked bool
}

// newPending makes a queue that starts at a source offset and holds at most
// entries and bytes; one entry may always go in.
func newPending(start int64, entries, bytes int) *pending {
	n := 1024
	return &pending{
		ring: make([]*entry, n), low: start, next: start,
		maxLen: uint64(entries), maxSize: bytes,
		space: make(chan struct{}, 1), moved: make(chan struct{}, 1),
	}
}

func (p *pending) at(i uint64) *entry { return p.ring[i&uint64(len(p.ring)-1)] }

// get returns an empty entry to be filled and pushed.
func (p *pending) get() *entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := len(p.free)
	if n == 0 {
		return &entry{}
	}
	e := p.free[n-1]
	p.free = p.free[:n-1]
	return e
}

// giveBack takes an entry back that will not be pushed.
func (p *pending) giveBack(e *entry) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.recycle(e)
}

// push appends an entry. It returns false, without taking it, when the queue is
// full: the caller waits for room and tries again.
func (p *pending) push(e *entry) bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	n := p.tail - p.head
	if n > 0 && (n >= p.maxLen || p.bytes+e.size > p.maxSize) {
		p.blocked = true
		return false
	}
	if n == uint64(len(p.ring)) {
		p.grow()
	}
	p.ring[p.tail&uint64(len(p.ring)-1)] = e
	p.tail++
	p.bytes += e.size
	p.next = e.offset + 1
	if e.action == doNothing {
		e.done = true
		p.advance()
	}
	return true
}

func (p *pending) grow() {
	ring := make([]*entry, 2*len(p.ring))
	for i := p.head; i < p.tail; i++ {
		ring[i&uint64(len(ring)-1)] = p.at(i)
	}
	p.ring = ring
}

// room is told when a full queue has become emptier.
func (p *pending) room() <-chan struct{} { return p.space }

// rewind makes a new run begin at the low watermark. It returns the entries to feed again.
func (p *pending) rewind() []*entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cursor = p.head
	var out []*entry
	for i := p.head; i < p.tail; i++ {
		e := p.at(i)
		e.done = e.action == doNothing
		if !e.done {
			out = append(out, e)
		}
	}
	p.advance()
	return out
}

// take returns the entry with the offset, which is the next one that was fed.
func (p *pending) take(offset int64) *entry {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.cursor = max(p.cursor, p.head)
	for ; p.cursor < p.tail; p.cursor++ {
		e := p.at(p.cursor)
		if e.offset == offset {
			p.cursor++
			return e
		}
		if e.offset > offset {
			return nil
		}
	}
	return nil
}

// finish notes that the record at the offset is done and returns the low watermark.
func (p *pending) finish(offset int64) int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.find(offset); e != nil {
		e.done = true
		p.advance()
	}
	return p.low
}

// settle notes how many dead letters the control record at the offset has settled.
func (p *pending) settle(offset, letters int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if e := p.find(offset); e != nil {
		e.settled = letters
	}
}

// find looks at the oldest entry first: acknowledgements come in order.
func (p *pending) find(offset int64) *entry {
	n := int(p.tail - p.head)
	if n == 0 {
		return nil
	}
	if e := p.at(p.head); e.offset == offset {
		return e
	}
	i := sort.Search(n, func(i int) bool { return p.at(p.head+uint64(i)).offset >= offset })
	if i == n {
		return nil
	}
	if e := p.at(p.head + uint64(i)); e.offset == offset {
		return e
	}
	return nil
}

// advance moves the low watermark over what is done.
func (p *pending) advance() {
	before := p.low
	for p.head < p.tail {
		e := p.at(p.head)
		if !e.done {
			break
		}
		p.ring[p.head&uint64(len(p.ring)-1)] = nil
		p.head++
		p.bytes -= e.size
		p.low = e.offset + 1
		p.raise(e.change.Source)
		p.counter.Count(countsOf(e))
		p.recycle(e)
	}
	p.cursor = max(p.cursor, p.head)
	if p.head == p.tail {
		p.low = p.next
	}
	if p.blocked && p.tail-p.head <= p.maxLen/2 && p.bytes <= p.maxSize/2 {
		p.blocked = false
		tell(p.space)
	}
	if p.low != before {
		tell(p.moved)
	}
}

// tell leaves a word in a channel with room for one.
func tell(c chan struct{}) {
	select {
	case c <- struct{}{}:
	default:
	}
}

const maxFree = 4096

// recycle keeps the entry, and the room for its values, for another record.
func (p *pending) recycle(e *entry) {
	if len(p.free) >= maxFree {
		return
	}
	values := e.change.Values[:0]
	clear(values[:cap(values)]) // the strings must not be kept alive
	headers := e.raw.Headers[:0]
	clear(headers[:cap(headers)])
	*e = entry{change: tables.Change{Values: values}, raw: codecs.Record{Headers: headers}}
	p.free = append(p.free, e)
}

// watermark returns the low watermark.
func (p *pending) watermark() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.low
}

// standing returns the low watermark, and the highest position in the source's log before it.
func (p *pending) standing() (int64, tables.SourcePosition) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.low, p.seen
}

// noteSeen takes the position of rows from before the queue.
func (p *pending) noteSeen(s tables.SourcePosition) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.raise(s)
}

func (p *pending) raise(s tables.SourcePosition) {
	if !s.Known() || s.Snapshot {
		return
	}
	if order, ordered := p.seen.Order(s); !ordered || order < 0 {
		p.seen = s
	}
}

// readNext returns the source offset to be read next.
func (p *pending) readNext() int64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.next
}

// skipTo begins an empty queue further on: the records before are gone.
func (p *pending) skipTo(offset int64) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.next = max(p.next, offset)
	if p.head == p.tail {
		p.low = p.next
	}
}
