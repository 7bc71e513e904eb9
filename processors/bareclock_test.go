package processors

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
)

// bare is an event of a connector that says when the database has made it, and not where.
func bare(op string, id int, at int64) *kgo.Record {
	after := "null"
	if op != "d" {
		after = fmt.Sprintf(`{"id":%d,"v":"v","big":"b"}`, id)
	}
	return &kgo.Record{Key: keyJSON(id), Value: fmt.Appendf(nil, `{"before":null,"after":%s,"source":{"connector":"another","ts_ms":%d},"op":%q,"ts_ms":1}`, after, at, op)}
}

// deletions returns what the tombstones of the changelog say of a key, in their order.
func (w *world) deletions(id int) (out []wire.Deletion) {
	w.t.Helper()
	for _, r := range w.read(w.names.Table) {
		if r.Value != nil || string(r.Key) != string(w.canonical(id)) {
			continue
		}
		d, err := wire.ParseDeletion([]byte(headers(r)[wire.DeletionName]))
		if err != nil {
			w.t.Fatal(err)
		}
		out = append(out, d)
	}
	return out
}

// TestDeletionsWithoutAPositionKeepTheirClock deletes a row twice, since another partition had
// it in between. Where there is no position, the clock orders the deletions among the rows of
// the key that stand in other partitions.
func TestDeletionsWithoutAPositionKeepTheirClock(t *testing.T) {
	w := newWorld(t, 2)
	i := w.start(t.TempDir())
	w.produce(bare("c", 1, 1000), bare("d", 1, 2000), tombstone(1), bare("d", 1, 4000), tombstone(1))
	w.caughtUp(i)
	var times []int64
	for _, d := range w.deletions(1) {
		times = append(times, d.Time)
	}
	if got, want := fmt.Sprint(times), "[2000000 2000000 4000000 4000000]"; got != want {
		t.Errorf("deletions at %s, want %s", got, want)
	}
}

// TestATombstoneBehindARestartKeepsTheDeletionsClock stops the processor between a deletion
// and the connector's tombstone of it, and lets another one go on, with the files and without.
func TestATombstoneBehindARestartKeepsTheDeletionsClock(t *testing.T) {
	for name, lost := range map[string]bool{"with the files": false, "without the files": true} {
		t.Run(name, func(t *testing.T) {
			w, dir := newWorld(t, 2), t.TempDir()
			i := w.start(dir)
			w.produce(bare("c", 1, 1000), bare("d", 1, 2000))
			w.caughtUp(i)
			i.stop()
			if lost {
				dir = t.TempDir()
			}
			i = w.start(dir)
			w.produce(tombstone(1))
			w.caughtUp(i)
			all := w.deletions(1)
			if last := all[len(all)-1]; last.Time != 2000_000 {
				t.Errorf("the tombstone is of %d, want the deletion's clock", last.Time)
			}
		})
	}
}

// TestADeletionBehindOneThatWasOutrunCounts has a connector that writes no tombstones delete a
// key twice, once before another partition's row of it and once after.
func TestADeletionBehindOneThatWasOutrunCounts(t *testing.T) {
	w := newRepartitionedWorld(t, 3)
	i := w.start(t.TempDir())
	at := func(partition int32, r *kgo.Record) *kgo.Record {
		r.Topic, r.Partition = sourceTopic, partition
		return r
	}
	w.produceRaw(at(2, bare("c", 1, 3000)))
	w.awaitRepartitioned(i)
	w.settles(map[int64]string{1: "v"})
	w.produceRaw(at(1, bare("d", 1, 2000)), at(1, bare("d", 1, 4000)))
	w.awaitRepartitioned(i)
	w.settles(map[int64]string{})
}
