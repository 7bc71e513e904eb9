package processors

import (
	"testing"

	"github.com/tidemark/tidemark/codecs/wire"
)

func TestEventsBecomeRowsAndBatches(t *testing.T) {
	w := newWorld(t, 3)
	want := map[int64]string{}
	for id := range 200 {
		w.produce(upsert(id, "first"))
		want[int64(id)] = "first"
	}
	i := w.start(t.TempDir())
	w.caughtUp(i)
	same(t, "changelog", want, w.changelog())

	_, ms := w.batch()
	same(t, "first batch", want, w.snapshot(ms))

	for id := 0; id < 50; id++ {
		w.produce(remove(id), tombstone(id))
		delete(want, int64(id))
	}
	for id := 40; id < 60; id++ {
		w.produce(upsert(id, "again"))
		want[int64(id)] = "again"
	}
	w.caughtUp(i)
	same(t, "changelog", want, w.changelog())
	_, ms = w.batch()
	same(t, "second batch", want, w.snapshot(ms))
	var changed int64
	for _, m := range ms {
		changed += m.Changed
	}
	if changed != 60 {
		t.Errorf("the second batch has %d records, want the 60 keys that changed", changed)
	}
}

func TestChangelogRecordsAreStampedAndStayInTheirPartition(t *testing.T) {
	w := newWorld(t, 4)
	for id := range 40 {
		w.produce(upsert(id, "v"))
	}
	i := w.start(t.TempDir())
	w.caughtUp(i)
	at := map[int32]int64{}
	for _, r := range w.read(w.names.Table) {
		if len(r.Headers) != 1 || r.Headers[0].Key != wire.StampName {
			t.Fatalf("headers are %v", r.Headers)
		}
		s, err := wire.ParseStamp(r.Headers[0].Value)
		if err != nil {
			t.Fatal(err)
		}
		if s.Offset != at[r.Partition] {
			t.Errorf("partition %d offset %d is stamped %d", r.Partition, r.Offset, s.Offset)
		}
		at[r.Partition]++
	}
	var total int64
	for _, n := range at {
		total += n
	}
	if total != 40 {
		t.Errorf("%d records, want 40", total)
	}
}
