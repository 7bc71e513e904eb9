package views_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

// change is one of a key's, in the order in which a database has made them.
type change struct {
	id     int64
	status string // empty for a deletion
	hidden bool   // outside the table's where
	at     uint64 // its position
}

// duplicatesWorld writes what processors make of keys that are in several partitions.
type duplicatesWorld struct {
	*world
	told []map[int64][]byte // by partition, what the tombstones say
	rows []map[int64][]byte

	fingerprint uint32 // of the columns of what is written
}

func newDuplicatesWorld(t *testing.T, partitions int32) *duplicatesWorld {
	return newDuplicatesWorldOf(t, partitions, orders())
}

func newDuplicatesWorldOf(t *testing.T, partitions int32, table *tables.Table) *duplicatesWorld {
	w := &duplicatesWorld{world: newWorldOf(t, partitions, table), fingerprint: wire.Fingerprint(table)}
	for range partitions {
		w.told, w.rows = append(w.told, map[int64][]byte{}), append(w.rows, map[int64][]byte{})
	}
	return w
}

func (w *duplicatesWorld) write(p int32, c change) {
	w.t.Helper()
	offset := w.sourceEvent(p)
	source := tables.SourcePosition{Kind: tables.SourceMySQL, Epoch: 7, Minor: c.at}
	at := int64(c.at) * 1000 / 1_000_000 * 1_000_000 // of seconds, as many databases have it
	rec := &kgo.Record{Topic: w.names.Table, Partition: p, Key: []byte(key(c.id)), Headers: stamp(offset)}
	if c.status == "" {
		told := wire.AppendDeletion(nil, &wire.Deletion{Read: at, Time: at, Source: source, Logged: at + 1})
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: wire.DeletionName, Value: told})
		w.told[p][c.id] = told
		delete(w.rows[p], c.id)
	} else {
		rec.Value = wire.AppendStateRow(nil, w.fingerprint, &tables.Row{
			Values: []tables.Value{tables.Int64Value(c.id), tables.StringValue(c.status), tables.Int64Value(int64(c.at))},
			Offset: offset, Time: at, Logged: at + 1, Source: source, Hidden: c.hidden,
		})
		w.rows[p][c.id] = rec.Value
	}
	w.parts[p].dirty[c.id] = true
	w.parts[p].changelog = w.produce(rec)[0] + 1
	w.parts[p].source = offset + 1
}

// takeBatch is a batch of what the processors have, as they write it. Something may be done
// between its cut and its manifests.
func (w *duplicatesWorld) takeBatch(between ...func()) uint64 {
	w.t.Helper()
	w.batch++
	var manifests []*kgo.Record
	for p := range w.parts {
		part := w.parts[p]
		m := wire.Manifest{
			Batch: w.batch, Partition: int32(p), Partitions: int32(len(w.parts)), Source: part.source, Changelog: part.changelog,
			Started: time.Now().UnixMicro(), Finished: time.Now().UnixMicro(), Fingerprint: wire.Fingerprint(w.table), Trigger: "demand",
		}
		for id := range part.dirty {
			rec := &kgo.Record{Topic: w.names.Snapshot, Partition: int32(p), Key: []byte(key(id))}
			told := w.told[p][id]
			if b := w.rows[p][id]; b != nil {
				s, err := wire.ParseStateRow(b)
				if err != nil {
					w.t.Fatal(err)
				}
				if s.Hidden {
					told = wire.AppendDeletion(nil, &wire.Deletion{Time: s.Time, Source: s.Source, Logged: s.Logged, Hidden: true})
				} else {
					rec.Value = wire.AppendSnapshotRecord(nil, w.batch, b)
				}
			}
			if rec.Value == nil {
				rec.Headers = []kgo.RecordHeader{{Key: wire.DeletionName, Value: told}}
			}
			part.snapshot = w.produce(rec)[0] + 1
		}
		clear(part.dirty)
		for id, b := range w.rows[p] {
			if s, err := wire.ParseStateRow(b); err != nil {
				w.t.Fatal(err)
			} else if !s.Hidden {
				m.Rows++
				m.Checksum += wire.RowHash(key(id), s.ValueBytes)
			}
		}
		m.Snapshot = part.snapshot
		manifests = append(manifests, &kgo.Record{
			Topic: w.names.Batches, Key: wire.AppendManifestKey(nil, m.Batch, m.Partition), Value: wire.AppendManifest(nil, m),
			Headers: w.changelogID(),
		})
	}
	for _, f := range between {
		f()
	}
	w.produce(manifests...)
	return w.batch
}

// history makes changes of a few keys, and a partition for each.
func history(dice *rand.Rand, partitions int32) (parts [][]change, want map[int64]string) {
	parts, want = make([][]change, partitions), map[int64]string{}
	for at := range uint64(20 + dice.IntN(60)) {
		c := change{id: dice.Int64N(5), status: fmt.Sprint("v", at), at: 1000 + 300*at, hidden: dice.IntN(6) == 0}
		if dice.IntN(3) == 0 {
			c.status, c.hidden = "", false
		}
		if want[c.id] = fmt.Sprint(c.status, " ", c.at); c.status == "" || c.hidden {
			delete(want, c.id)
		}
		p := dice.Int32N(partitions)
		parts[p] = append(parts[p], c)
	}
	return parts, want
}

// TestARowThatARecordOfAnotherPartitionBringsStaysItsOwn starts a view again from a batch that is behind the rows on
// disk: an older deletion is read once more after the row of the other partition, and the row is shown for it, too. A
// deletion that is written once more must not take it for a row of its own partition. One key has its row in either
// partition: one of the two is read first.
func TestARowThatARecordOfAnotherPartitionBringsStaysItsOwn(t *testing.T) {
	w, dir := newDuplicatesWorld(t, 2), t.TempDir()
	v := w.view(dir).ready()
	v.sealed(w.takeBatch())
	old := func() {
		for p := range int32(2) {
			w.write(1-p, change{id: int64(p) + 1, at: 1000})
		}
	}
	old()
	w.shows(v, "old deletions", map[int64]string{})
	v.stop()
	want := map[int64]string{}
	for p := range int32(2) {
		id := int64(p) + 1
		w.write(p, change{id: id, at: 5000})
		w.write(p, change{id: id, status: "row", at: 9000})
		want[id] = "row 9000"
	}
	v = w.view(dir).ready()
	w.shows(v, "a view that begins again", want)
	old()
	w.shows(v, "the old deletions once more", want)
}

// TestARowThatIsStillToBeReadAgainIsNotOverwritten starts a view again from a batch that is behind the rows on disk,
// and has an older row of each key, or its deletion, come before the row is read again. One key has its row in either
// partition: one of the two is read first.
func TestARowThatIsStillToBeReadAgainIsNotOverwritten(t *testing.T) {
	for name, older := range map[string][]change{
		"a row":                  {{status: "old", at: 5000}},
		"a deletion":             {{at: 5000}},
		"a row and its deletion": {{status: "old", at: 5000}, {at: 6000}},
		"a hidden row":           {{status: "old", hidden: true, at: 5000}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w, dir, want := newDuplicatesWorld(t, 2), t.TempDir(), map[int64]string{}
			v := w.view(dir).ready()
			v.sealed(w.takeBatch())
			for p := range int32(2) {
				w.write(p, change{id: int64(p) + 1, status: "row", at: 9000})
				want[int64(p)+1] = "row 9000"
			}
			w.shows(v, "the rows", want)
			v.stop()
			for p := range int32(2) {
				for _, c := range older {
					c.id = int64(p) + 1
					w.write(1-p, c)
				}
			}
			for _, what := range []string{"a view that begins again", "once more"} {
				v = w.view(dir).ready()
				w.shows(v, what, want)
				v.stop()
			}
		})
	}
}

// TestRowsOnDiskMayBeOlderThanTheBatch starts a view with a batch and the rows on disk of a time before it, as a power cut
// can leave them. A record behind the batch that is older than the row of another partition must not take its place.
func TestRowsOnDiskMayBeOlderThanTheBatch(t *testing.T) {
	w, dir, before, want := newDuplicatesWorld(t, 2), t.TempDir(), t.TempDir(), map[int64]string{}
	w.view(dir).ready().stop()
	stored := filepath.Join(dir, "orders", "view", "rows")
	if err := os.CopyFS(before, os.DirFS(stored)); err != nil {
		t.Fatal(err)
	}
	v := w.view(dir).ready()
	for p := range int32(2) {
		w.write(p, change{id: int64(p) + 1, status: "row", at: 9000})
		want[int64(p)+1] = "row 9000"
	}
	v.sealed(w.takeBatch())
	w.shows(v, "the rows", want)
	v.stop()
	if err := errors.Join(os.RemoveAll(stored), os.CopyFS(stored, os.DirFS(before))); err != nil {
		t.Fatal(err)
	}
	for p := range int32(2) {
		w.write(1-p, change{id: int64(p) + 1, status: "old", at: 5000})
	}
	for _, what := range []string{"a view that begins again", "once more"} {
		v = w.view(dir).ready()
		w.shows(v, what, want)
		v.stop()
	}
}

// TestDuplicateKeysEndTheSame has changes of keys, deletions among them, in partitions that
// are read in any order, while batches are taken and views begin again, with and without
// their files: the end is always what the database has.
func TestDuplicateKeysEndTheSame(t *testing.T) {
	for seed := range uint64(12) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			dice := rand.New(rand.NewPCG(seed, 3))
			w := newDuplicatesWorld(t, 3)
			parts, want := history(dice, 3)
			dir := t.TempDir()
			v := w.view(dir).ready()
			left := len(parts[0]) + len(parts[1]) + len(parts[2])
			for left > 0 {
				p := dice.Int32N(3)
				for n := dice.IntN(12); n > 0 && len(parts[p]) > 0; n-- {
					w.write(p, parts[p][0])
					parts[p] = parts[p][1:]
					left--
				}
				switch dice.IntN(8) {
				case 0:
					v.sealed(w.takeBatch())
				case 1:
					w.takeBatch()
				case 2:
					v.stop()
					v = w.view(dir).ready()
				case 3:
					v.stop()
					dir = t.TempDir()
					v = w.view(dir).ready()
				}
			}
			w.shows(v, "at the end", want)
			w.shows(w.view(t.TempDir()).ready(), "without files", want)
			v.sealed(w.takeBatch())
			w.shows(v, "after a batch", want)
			v.stop()
			w.shows(w.view(dir).ready(), "again", want)
			w.shows(w.view(t.TempDir()).ready(), "from the snapshot topic", want)
		})
	}
}

// TestADeletionOfAKeyThatIsGoneCounts deletes a key in one partition, and later, by the
// database's log, in another one. What the first partition has then is between the two.
func TestADeletionOfAKeyThatIsGoneCounts(t *testing.T) {
	w := newDuplicatesWorld(t, 2)
	v := w.view(t.TempDir()).ready()
	w.write(1, change{id: 1, status: "first", at: 1000})
	w.shows(v, "a row", map[int64]string{1: "first 1000"})
	w.write(0, change{id: 1, at: 2000})
	w.shows(v, "a deletion in the other partition", map[int64]string{})
	w.write(1, change{id: 1, at: 5000})
	w.shows(v, "a later deletion in the first", map[int64]string{})
	w.write(0, change{id: 1, status: "between", at: 4000})
	w.shows(v, "a row between the two", map[int64]string{})
	w.write(0, change{id: 1, status: "last", at: 6000})
	w.shows(v, "a row behind both", map[int64]string{1: "last 6000"})
}
