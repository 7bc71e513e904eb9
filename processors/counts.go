package processors

import (
	"sync"

	"github.com/tidemark/tidemark/tables"
)

// recordCounts are what the records of a topic's partition were, of those before an offset. Counts and offset are told
// together: the partition's next owner reads the last of these records again when the one before has died, and what
// was counted is not counted once more.
type recordCounts struct {
	rows, letters, skipped int64 // of the source
	settled                int64 // dead letters, by the requests of the control topic
	until                  int64 // every record before this offset is counted
}

// countsOf counts one entry that is done.
func countsOf(e *entry) recordCounts {
	c := recordCounts{settled: e.settled, until: e.offset + 1}
	switch {
	case e.action == doNothing:
		c.skipped = 1
	case e.action == doDead:
		c.letters = 1
	case e.action == doFold && e.change.Op == tables.Upsert:
		c.rows = 1
	}
	return c
}

func (c *recordCounts) add(o recordCounts, times int64) {
	c.rows += times * o.rows
	c.letters += times * o.letters
	c.skipped += times * o.skipped
	c.settled += times * o.settled
}

// maxEarly bounds what is kept until the owner's counts are known: far more than is read in the moment that it takes.
const maxEarly = 1 << 15

// recordCounter counts each record once, in the order of their offsets.
type recordCounter struct {
	mu    sync.Mutex
	sum   recordCounts
	known bool           // what the owner before has counted is in
	early []recordCounts // of each record that was counted before that
	// beforeLetter is called before a dead letter is counted; it may be nil.
	beforeLetter func()
}

// count adds an entry that is done, unless that was done before.
func (t *recordCounter) count(e *entry) {
	if t == nil {
		return
	}
	c := countsOf(e)
	if c.letters > 0 && t.beforeLetter != nil {
		t.beforeLetter()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.until <= t.sum.until {
		return
	}
	t.sum.add(c, 1)
	t.sum.until = c.until
	if !t.known && len(t.early) < maxEarly {
		t.early = append(t.early, c)
	}
}

// goOnFrom adds what the owner before has counted, and takes away what both have.
func (t *recordCounter) goOnFrom(before recordCounts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.early {
		if c.until <= before.until {
			t.sum.add(c, -1)
		}
	}
	t.sum.add(before, 1)
	t.sum.until = max(t.sum.until, before.until)
	t.known, t.early = true, nil
}

// more adds what is of no offset.
func (t *recordCounter) more(c recordCounts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.add(c, 1)
}

func (t *recordCounter) get() recordCounts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum
}
