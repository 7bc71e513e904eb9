package processors

import (
	"fmt"
	"testing"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

const placeholder = tables.DefaultPlaceholder

func withHeader(r *kgo.Record, name string, key []byte) *kgo.Record {
	r.Headers = append(r.Headers, kgo.RecordHeader{Key: name, Value: key})
	return r
}

func toasted(id int, v string, lsn int) *kgo.Record {
	return &kgo.Record{Key: keyJSON(id), Value: fmt.Appendf(nil,
		`{"before":null,"after":{"id":%d,"v":%q,"big":%q},"source":{"connector":"postgresql","snapshot":"false","lsn":%d,"ts_ms":5},"op":"u","ts_ms":1}`,
		id, v, placeholder, lsn)}
}

// big returns the column of large values of the rows that the changelog ends in.
func (w *world) big() map[int64]string {
	w.t.Helper()
	out := map[int64]string{}
	for _, r := range w.read(w.names.Table) {
		id, err := tables.DecodeKey(tables.Key(r.Key), w.table.KeyTypes())
		if err != nil {
			w.t.Fatal(err)
		}
		delete(out, id[0].Int())
		if r.Value == nil {
			continue
		}
		s, err := wire.ParseStateRow(r.Value)
		if err != nil {
			w.t.Fatal(err)
		}
		row, err := s.Row(nil)
		if err != nil {
			w.t.Fatal(err)
		}
		v := row.Values[2]
		out[id[0].Int()] = v.Str()
		if v.Kind() == tables.Unavailable {
			out[id[0].Int()] = "unavailable"
		}
	}
	return out
}

func TestUnavailableValuesKeepTheStoredOnes(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), toasted(1, "b", 2), toasted(2, "never seen whole", 3))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "big", map[int64]string{1: "b", 2: "unavailable"}, w.big())
}

func TestAChangeOfPrimaryKeyKeepsUnavailableValues(t *testing.T) {
	t.Parallel() // it mostly waits
	moved := func() []*kgo.Record {
		return []*kgo.Record{
			withHeader(&kgo.Record{Key: keyJSON(1), Value: rowJSON("d", 1, "", 7)}, "__debezium.newkey", keyJSON(2)),
			withHeader(tombstone(1), "__debezium.newkey", keyJSON(2)),
			withHeader(toasted(2, "moved", 7), "__debezium.oldkey", keyJSON(1)),
		}
	}
	want := map[int64]string{2: "b"}
	t.Run("in one run", func(t *testing.T) {
		w := newWorld(t, 1)
		w.produce(upsert(1, "a"))
		w.produce(moved()...)
		i := w.start(t.TempDir())
		w.caughtUp(i)
		same(t, "big", want, w.big())
	})
	for name, fresh := range map[string]bool{"across a restart": false, "across a takeover": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			dir := t.TempDir()
			w.produce(upsert(1, "a"))
			all := moved()
			w.produce(all[:2]...)
			i := w.start(dir)
			w.caughtUp(i)
			i.stop()
			if fresh {
				dir = t.TempDir()
			}
			w.produce(all[2])
			i = w.start(dir)
			w.caughtUp(i)
			same(t, "big", want, w.big())
		})
	}
	t.Run("not from a deletion at another position", func(t *testing.T) {
		w := newWorld(t, 1)
		w.produce(upsert(1, "a"))
		all := moved()
		all[2] = withHeader(toasted(2, "moved", 8), "__debezium.oldkey", keyJSON(1))
		w.produce(all...)
		i := w.start(t.TempDir())
		w.caughtUp(i)
		same(t, "big", map[int64]string{2: "unavailable"}, w.big())
	})
}

func truncateAt(lsn int) []byte {
	return fmt.Appendf(nil, `{"before":null,"after":null,"source":{"connector":"postgresql","snapshot":"false","lsn":%d,"ts_ms":%d},"op":"t","ts_ms":1}`,
		lsn, 1_700_000_000_000+lsn)
}

func TestATruncateEmptiesAllPartitions(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 3)
	var recs []*kgo.Record
	for id := range 30 {
		recs = append(recs, &kgo.Record{Key: keyJSON(id), Value: rowJSON("c", id, "before", 10+id)})
	}
	w.produce(recs...)
	i := w.start(t.TempDir())
	w.caughtUp(i)
	late := &kgo.Record{Key: keyJSON(100), Value: rowJSON("c", 100, "after", 60)}
	w.produce(late) // in the database after the truncate, read before it where the partitions differ
	w.caughtUp(i)
	w.produceRaw(&kgo.Record{Topic: sourceTopic, Partition: (w.home(keyJSON(100)) + 1) % 3, Value: truncateAt(50)})
	until(t, "all rows before the truncate gone", func() bool { return len(w.changelog()) <= 1 })
	same(t, "changelog", map[int64]string{100: "after"}, w.changelog())
	w.produce(&kgo.Record{Key: keyJSON(1), Value: rowJSON("c", 1, "again", 70)})
	w.caughtUp(i)
	want := map[int64]string{100: "after", 1: "again"}
	same(t, "changelog", want, w.changelog())
	_, ms := w.batch()
	same(t, "batch", want, w.snapshot(ms))
	i.stop()
	i = w.start(t.TempDir()) // the control record is read again
	w.caughtUp(i)
	_, ms = w.batch()
	same(t, "batch after a takeover", want, w.snapshot(ms))
	same(t, "changelog after a takeover", want, w.changelog())
}

// A partition that lags reads events from before a truncate after it has been asked
// to remove them.
func TestEventsFromBeforeATruncateAreLeftOutWhenTheyAreReadLater(t *testing.T) {
	w := newWorld(t, 2)
	home := w.home(keyJSON(1))
	w.produce(&kgo.Record{Key: keyJSON(1), Value: rowJSON("c", 1, "before", 10)})
	w.produceRaw(&kgo.Record{Topic: sourceTopic, Partition: 1 - home, Value: truncateAt(50)})
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", map[int64]string{}, w.changelog())
	w.produce(&kgo.Record{Key: keyJSON(1), Value: rowJSON("c", 1, "late", 40)})
	w.caughtUp(i)
	same(t, "changelog after a late event", map[int64]string{}, w.changelog())
	i.stop()
	i = w.start(t.TempDir()) // the control record is read again, before the source
	w.produce(&kgo.Record{Key: keyJSON(1), Value: rowJSON("u", 1, "late", 45)})
	w.caughtUp(i)
	same(t, "changelog after a takeover", map[int64]string{}, w.changelog())
	w.produce(&kgo.Record{Key: keyJSON(1), Value: rowJSON("c", 1, "after", 60)})
	w.caughtUp(i)
	same(t, "changelog after the truncate", map[int64]string{1: "after"}, w.changelog())
}

func TestEventsOfNoRowMoveTheProgress(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	w.produceRaw(&kgo.Record{Topic: sourceTopic, Value: []byte(`{"op":"m","source":{"connector":"postgresql"},"message":{}}`)})
	i := w.start(t.TempDir())
	w.caughtUp(i)
	until(t, "progress", func() bool { return w.progress()[0] == 2 })
	if n := counter(t, i.metrics.deadLetters.Written); n != 0 {
		t.Errorf("%v dead letters", n)
	}
}
