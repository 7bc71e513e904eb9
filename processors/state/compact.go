package state

import (
	"errors"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/util"

	"github.com/tidemark/tidemark/processors/events"
)

// LevelDB merges overwritten rows away when a level is full. Below that it keeps them,
// some 50 MiB a partition, which is more than the rows of many tables. So a state that
// has been written much and is left in peace is merged as a whole. A large one is not:
// the merge would delay its close, and there the rest is small beside the rows.
const (
	compactEvery   = 10 * time.Second
	compactLargest = 128 * mib // on disk
	compactWritten = 16 * mib  // since it was last merged, at least
	compactQuiet   = 1 * mib   // written between two looks, at most
)

// compactLoop looks now and then whether the state is worth merging, and at rest.
func (d *disk) compactLoop(stop <-chan struct{}) {
	tick := time.NewTicker(d.opts.CompactEvery)
	defer tick.Stop()
	var c compactor
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
			c.look(d)
		}
	}
}

// compactor remembers how much had been written at the last look, and at the last merge.
type compactor struct{ seen, merged int64 }

// look merges the state if it is at rest and worth it.
func (c *compactor) look(d *disk) {
	now := d.written.Load()
	quiet := now-c.seen <= compactQuiet
	c.seen = now
	if !quiet || now-c.merged < compactWritten || d.tableBytes() > compactLargest {
		return
	}
	if err := d.db.CompactRange(util.Range{}); err != nil && !errors.Is(err, leveldb.ErrClosed) {
		d.opts.Events.StateNotCompacted(events.StateNotCompacted{Err: err})
	}
	c.merged = now
}

// tableBytes is the bytes of the tables on disk, without the journal.
func (d *disk) tableBytes() (n int64) {
	var stats leveldb.DBStats
	if err := d.db.Stats(&stats); err != nil {
		return 0
	}
	for _, level := range stats.LevelSizes {
		n += level
	}
	return n
}
