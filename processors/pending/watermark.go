package pending

import (
	"sort"

	"github.com/tidemark/tidemark/tables"
)

// Finish notes that the record at the offset is done and returns the low watermark.
func (q *Queue) Finish(offset int64) int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	if e := q.find(offset); e != nil {
		e.done = true
		q.advance()
	}
	return q.low
}

// Settle notes how many dead letters the control record at the offset has settled.
func (q *Queue) Settle(offset, deadLetters int64) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if e := q.find(offset); e != nil {
		e.settled = deadLetters
	}
}

// find looks at the oldest entry first: acknowledgements come in order.
func (q *Queue) find(offset int64) *Entry {
	n := int(q.tail - q.head)
	if n == 0 {
		return nil
	}
	if e := q.at(q.head); e.Offset == offset {
		return e
	}
	i := sort.Search(n, func(i int) bool { return q.at(q.head+uint64(i)).Offset >= offset })
	if i == n {
		return nil
	}
	if e := q.at(q.head + uint64(i)); e.Offset == offset {
		return e
	}
	return nil
}

// advance moves the low watermark over what is done.
func (q *Queue) advance() {
	before := q.low
	for q.head < q.tail {
		e := q.at(q.head)
		if !e.done {
			break
		}
		q.ring[q.head&uint64(len(q.ring)-1)] = nil
		q.head++
		q.bytes -= e.Size
		q.low = e.Offset + 1
		q.raise(e.Change.Source)
		q.counter.Count(e.counts())
		q.recycle(e)
	}
	q.cursor = max(q.cursor, q.head)
	if q.head == q.tail {
		q.low = q.next
	}
	if q.blocked && q.tail-q.head <= q.maxLen/2 && q.bytes <= q.maxSize/2 {
		q.blocked = false
		tell(q.space)
	}
	if q.low != before {
		tell(q.moved)
	}
}

// Watermark returns the low watermark.
func (q *Queue) Watermark() int64 {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.low
}

// LowWatermark returns the low watermark, and the highest position in the source's log before it.
func (q *Queue) LowWatermark() (int64, tables.SourcePosition) {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.low, q.seen
}

// NoteSeen takes the position of rows from before the queue.
func (q *Queue) NoteSeen(s tables.SourcePosition) {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.raise(s)
}

func (q *Queue) raise(s tables.SourcePosition) {
	if !s.Known() || s.Snapshot {
		return
	}
	if order, ordered := q.seen.Order(s); !ordered || order < 0 {
		q.seen = s
	}
}
