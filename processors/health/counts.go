package health

import "sync"

// Counts are what the records of a topic's partition were, of those before an offset. Counts and offset are written
// together: the partition's next owner reads the last of these records again when the one before has died, and what
// was counted is not counted once more.
type Counts struct {
	Rows, DeadLetters, Skipped int64 // of the source
	Settled                    int64 // dead letters, by the requests of the control topic
	Until                      int64 // every record before this offset is counted
}

func (c *Counts) add(o Counts, times int64) {
	c.Rows += times * o.Rows
	c.DeadLetters += times * o.DeadLetters
	c.Skipped += times * o.Skipped
	c.Settled += times * o.Settled
}

// maxEarly bounds what is kept until the owner's counts are known: far more than is read in the moment that it takes.
const maxEarly = 1 << 15

// Counter counts each record once, in the order of their offsets.
type Counter struct {
	mu    sync.Mutex
	sum   Counts
	known bool     // what the owner before has counted is in
	early []Counts // of each record that was counted before that
	// beforeDeadLetter is called before a dead letter is counted; it may be nil.
	beforeDeadLetter func()
}

// Count adds a record that is done, unless that was done before.
func (t *Counter) Count(c Counts) {
	if t == nil {
		return
	}
	if c.DeadLetters > 0 && t.beforeDeadLetter != nil {
		t.beforeDeadLetter()
	}
	t.mu.Lock()
	defer t.mu.Unlock()
	if c.Until <= t.sum.Until {
		return
	}
	t.sum.add(c, 1)
	t.sum.Until = c.Until
	if !t.known && len(t.early) < maxEarly {
		t.early = append(t.early, c)
	}
}

// GoOnFrom adds what the owner before has counted, and takes away what both have.
func (t *Counter) GoOnFrom(before Counts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for _, c := range t.early {
		if c.Until <= before.Until {
			t.sum.add(c, -1)
		}
	}
	t.sum.add(before, 1)
	t.sum.Until = max(t.sum.Until, before.Until)
	t.known, t.early = true, nil
}

// More adds what is of no offset.
func (t *Counter) More(c Counts) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.sum.add(c, 1)
}

// Get returns what is counted.
func (t *Counter) Get() Counts {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.sum
}
