package processors

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
)

// TestNoBatchMissesARowThatIsGivenUp takes batches while rows are given up: a batch has the
// row that is given up, or the later change, or both.
func TestNoBatchMissesARowThatIsGivenUp(t *testing.T) {
	w := newWorld(t, 2)
	i := w.start(t.TempDir())
	const keys = 30
	for id := range keys {
		w.set(1, id, "old", 10+id)
	}
	w.caughtUp(i)
	w.batch()
	for id := range keys {
		w.set(0, id, "new", 100+id)
		if id%10 != 0 {
			continue
		}
		w.caughtUp(i)
		var names []wire.DuplicateKey
		for _, r := range w.copies(0) {
			names = append(names, w.namedBy(r, 1))
		}
		i.Outrun(names)
		_, ms := w.batch()
		there, last := map[int64]bool{}, [2]map[string]bool{{}, {}} // whether a partition's last record is a row
		for _, r := range w.read(w.names.Table) {
			if r.Offset < ms[r.Partition].Changelog {
				last[r.Partition][string(r.Key)] = r.Value != nil
			}
		}
		for key, row := range last[1] {
			if !row && !last[0][key] {
				t.Errorf("batch %d: row %d is given up, and its later change is not in the batch", ms[0].Batch, w.idOf([]byte(key)))
			}
		}
		for p := range last {
			for key, row := range last[p] {
				if row {
					there[int64(w.idOf([]byte(key)))] = true
				}
			}
		}
		if len(there) != keys {
			t.Errorf("%d rows, want %d", len(there), keys)
		}
	}
	w.caughtUp(i)
	w.giveUpAll(i, 0, 1)
	_, ms := w.batch()
	if ms[0].Rows != keys || ms[1].Rows != 0 {
		t.Errorf("the last batch has %d and %d rows, want %d and none", ms[0].Rows, ms[1].Rows, keys)
	}
	if got := w.snapshotOf(ms, 0); len(got) != keys || got[0] != "new" {
		t.Errorf("the snapshot has %d rows", len(got))
	}
	same(t, "snapshot", map[int64]string{}, w.snapshotOf(ms, 1))
	for _, r := range w.read(w.names.Snapshot) {
		if deletion := headers(r)[wire.DeletionName]; r.Value == nil && r.Partition == 1 {
			if d, err := wire.ParseDeletion([]byte(deletion)); err != nil || d != (wire.Deletion{GivenUp: true}) {
				t.Errorf("the batch says %+v of a row that is given up (%v)", d, err)
			}
		}
	}
}

// snapshotOf is what the snapshot topic has of a partition's rows.
func (w *world) snapshotOf(ms []wire.Manifest, partition int32) map[int64]string {
	w.t.Helper()
	rows := map[string][]byte{}
	for _, r := range w.read(w.names.Snapshot) {
		if r.Partition != partition || r.Offset >= ms[partition].Snapshot {
			continue
		}
		delete(rows, string(r.Key))
		if r.Value == nil {
			continue
		}
		_, row, err := wire.ParseSnapshotRecord(r.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		rows[string(r.Key)] = row
	}
	return w.decode(rows)
}

// giveUpAll is giveUp for all keys that the partition with the later changes has.
func (w *world) giveUpAll(i *instance, winner, loser int32) {
	w.t.Helper()
	var all []wire.DuplicateKey
	for _, r := range w.copies(winner) {
		all = append(all, w.namedBy(r, loser))
	}
	until(w.t, "all rows are given up", func() bool {
		i.Outrun(all)
		given := 0
		for _, r := range w.copies(loser) {
			if givesUp(r) {
				given++
			}
		}
		return given == len(all)
	})
}
