package views

import (
	"fmt"
	"sync"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// A key has one home, the partition that its bytes in the source topic lead to.
// When the source's converter or the key's type changes, so do the bytes: the key's
// changes then come from another partition, while its old row stays where it was,
// for ever. The view serves one of the two: that of the later source position, else
// of the later time, else the record that comes later.

// doubledKept bounds the memory for keys that were seen in two partitions.
const doubledKept = 100_000

// doubled are the keys that a session has seen in two partitions. The writer adds,
// others count.
type doubled struct {
	mu   sync.Mutex
	keys map[tables.Key]struct{}
}

func newDoubled() *doubled { return &doubled{keys: map[tables.Key]struct{}{}} }

// note returns whether the key is the first.
func (d *doubled) note(key tables.Key) (first bool) {
	d.mu.Lock()
	defer d.mu.Unlock()
	first = len(d.keys) == 0
	if len(d.keys) < doubledKept {
		d.keys[key] = struct{}{}
	}
	return first
}

func (d *doubled) count() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.keys)
}

// doubledKeys is how many keys readers' rows were seen to have in two partitions.
func (v *View) doubledKeys() int {
	if s := v.current.Load(); s != nil {
		return s.doubled.count()
	}
	return 0
}

// yields reports whether a record gives way to what another partition has of its key.
func (w *writer) yields(it *item) (bool, error) {
	home, there, err := w.home(it.key)
	if err != nil || !there || home == it.partition {
		return false, err
	}
	if w.s.doubled.note(it.key) {
		w.s.v.log.Warn("key lives in two partitions: the source wrote its bytes in two ways; the later row is served",
			"partition", it.partition, "offset", it.offset, "other_partition", home, "remedy", "declare source.partitioner: any")
	}
	if it.row == nil {
		return false, nil
	}
	if err := w.flush(); err != nil {
		return false, err
	}
	other, _, err := w.s.disk().Row(it.key)
	if err != nil || other == nil {
		return false, err
	}
	return earlier(it.row, other)
}

// home returns the partition of a key's newest row or deletion, where there is one:
// of the group that is being written, of the rows in memory, or of those on disk.
func (w *writer) home(key tables.Key) (partition int32, there bool, err error) {
	if p, ok := w.homes[key]; ok {
		return p, true, nil
	}
	p, home := w.s.store.Home(key)
	if home != store.InBase {
		return p, home == store.InDelta, nil
	}
	row, p, err := w.s.disk().Row(key)
	return p, row != nil, err
}

// earlier reports whether state row a was written before b.
func earlier(a, b []byte) (bool, error) {
	x, err := codecs.ParseStateRow(a)
	if err != nil {
		return false, fmt.Errorf("compare the rows of a key: %w", err)
	}
	y, err := codecs.ParseStateRow(b)
	if err != nil {
		return false, fmt.Errorf("compare the rows of a key: %w", err)
	}
	if x.Source.Known() && x.Source.Kind == y.Source.Kind && !x.Source.Snapshot && !y.Source.Snapshot && x.Source != y.Source {
		return x.Source.Compare(y.Source) < 0, nil
	}
	return x.Time < y.Time, nil
}
