package batches

import (
	"fmt"
	"sync"
)

// A batch whose manifests differ from the changelog is wrong, whatever the snapshot topic
// says: both come from a processor's local state, and the changelog is what that was made
// of. The view keeps the rows that it has read, leaves the batch out, and says so; the
// processors of this process are notified, and count anew.

// Disputes is what is known of batches that the changelog differs from.
type Disputes struct {
	mu     sync.Mutex
	newest uint64 // 0 while the newest batch that was looked at is right
	all    map[uint64]bool
	err    error
}

// Add takes note of a batch that the changelog differs from.
func (d *Disputes) Add(id uint64, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if d.all == nil {
		d.all = map[uint64]bool{}
	}
	d.all[id] = true
	d.newest, d.err = id, err
}

// Settle says that a batch is right, and with it the processors that made it.
func (d *Disputes) Settle(id uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	if id > d.newest {
		d.newest, d.err = 0, nil
	}
}

// Reset forgets the batches of topics that are no more.
func (d *Disputes) Reset() {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.newest, d.err = 0, nil
	clear(d.all)
}

// Has reports whether a batch is, or was, in dispute.
func (d *Disputes) Has(id uint64) bool {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.all[id]
}

// Last returns the batch that is in dispute, 0 when there is none.
func (d *Disputes) Last() (uint64, error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.newest, d.err
}

// Note says what is in dispute, empty when nothing is.
func (d *Disputes) Note() string {
	id, err := d.Last()
	if id == 0 {
		return ""
	}
	return fmt.Sprintf("batch %d differs from the changelog and is left out, the rows are the changelog's: "+
		"the state of a processor was wrong when it was taken: %v", id, err)
}
