package state

import (
	"errors"
	"time"

	"github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/util"
)

// LevelDB merges overwritten rows away when a level is full. Below that it keeps them,
// some 50 MiB a partition, which is more than the rows of many tables. So a state that
// has been written much and is left in peace is merged as a whole. A large one is not:
// the merge would make whoever closes it wait, and there the rest is small beside the rows.
const (
	tidyEvery   = 10 * time.Second
	tidyLargest = 128 * mib // on disk
	tidyWritten = 16 * mib  // since it was last merged, at least
	tidyQuiet   = 1 * mib   // written between two looks, at most
)

// tidyLoop looks now and then whether the state is worth merging, and at rest.
func (s *Store) tidyLoop() {
	defer close(s.tidied)
	tick := time.NewTicker(s.opts.TidyEvery)
	defer tick.Stop()
	var t tidier
	for {
		select {
		case <-s.stop:
			return
		case <-tick.C:
			t.look(s)
		}
	}
}

// tidier remembers how much had been written at the last look, and at the last merge.
type tidier struct{ seen, merged int64 }

// look merges the state if it is at rest and worth it.
func (t *tidier) look(s *Store) {
	now := s.written.Load()
	quiet := now-t.seen <= tidyQuiet
	t.seen = now
	if !quiet || now-t.merged < tidyWritten || s.diskSize() > tidyLargest {
		return
	}
	if err := s.db.CompactRange(util.Range{}); err != nil && !errors.Is(err, leveldb.ErrClosed) {
		s.opts.Logger.Warn("merge the state", "error", err)
	}
	t.merged = now
}

// diskSize is the bytes of the tables on disk, without the journal.
func (s *Store) diskSize() (n int64) {
	var stats leveldb.DBStats
	if err := s.db.Stats(&stats); err != nil {
		return 0
	}
	for _, level := range stats.LevelSizes {
		n += level
	}
	return n
}
