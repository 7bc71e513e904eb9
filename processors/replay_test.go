package processors

import (
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/kafkatest"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// history leaves rows 1 to 4, of which 1 and 2 have events that the source no longer has.
func history(w *world) *instance {
	w.t.Helper()
	w.produce(upsert(1, "a"), upsert(2, "b"))
	ends, err := kafka.EndOffsets(w.t.Context(), w.client, sourceTopic)
	if err != nil {
		w.t.Fatal(err)
	}
	w.produce(upsert(3, "c"), upsert(4, "d"), upsert(3, "cc"))
	old := w.start(w.t.TempDir())
	w.caughtUp(old)
	to := map[int32]int64{}
	for p, end := range ends {
		to[int32(p)] = end
	}
	w.trim(to)
	return old
}

func TestReplayAdoptsRowsWhoseEventsAreGone(t *testing.T) {
	w := newWorld(t, 2)
	old := history(w)
	next := w.generation(unchanged)
	i := next.start(t.TempDir(), from(w, seed.Adopt))
	counts(t, next.filled(), 4, 0, 2, 0)
	want := map[int64]string{1: "a", 2: "b", 3: "cc", 4: "d"}
	same(t, "the new generation", want, next.changelog())
	next.staleRecords()
	w.produce(upsert(1, "newer"), remove(2))
	w.caughtUp(old)
	next.caughtUp(i)
	same(t, "afterwards", map[int64]string{1: "newer", 3: "cc", 4: "d"}, next.changelog())
	if is, was := next.row(3), w.row(3); is.Offset != was.Offset {
		t.Errorf("offset %d, was %d", is.Offset, was.Offset)
	}
}

func TestReplayWithSweepLeavesThemOutAndCountsThem(t *testing.T) {
	w := newWorld(t, 2)
	history(w)
	next := w.generation(unchanged)
	i := next.start(t.TempDir(), from(w, seed.Sweep))
	counts(t, next.filled(), 4, 0, 0, 2)
	same(t, "the new generation", map[int64]string{3: "cc", 4: "d"}, next.changelog())
	i.stop()
	next.start(t.TempDir(), from(w, seed.Sweep)) // the count is still reported by another process
	counts(t, next.filled(), 4, 0, 0, 2)
}

func TestAKeyThatWasSeenDeletedIsNotAdopted(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "b"), upsert(3, "c"))
	old := w.start(t.TempDir())
	w.caughtUp(old)
	old.stop() // it misses what follows
	w.produce(remove(1), tombstone(1), upsert(3, "gone soon"), remove(3))
	w.trim(map[int32]int64{0: 3})
	next := w.generation(unchanged)
	next.start(t.TempDir(), from(w, seed.Adopt))
	counts(t, next.filled(), 3, 0, 1, 0)
	same(t, "the new generation", map[int64]string{2: "b"}, next.changelog())
}

func TestAnUnavailableValueIsTheOlderGenerations(t *testing.T) {
	w := newWorld(t, 1)
	keepDocuments(w.table)
	w.produce(upsert(1, "a"), upsert(2, "b"), toasted(1, "aa", 2), toasted(9, "never whole", 3))
	old := w.start(t.TempDir())
	w.caughtUp(old)
	w.trim(map[int32]int64{0: 2})
	next := w.generation(unchanged)
	i := next.start(t.TempDir(), from(w, seed.Sweep))
	counts(t, next.filled(), 3, 0, 0, 1)
	same(t, "large values", map[int64]string{1: "b", 9: "unavailable"}, next.big())
	if doc := string(next.row(1).Document); !strings.Contains(doc, `"big":"b"`) {
		t.Errorf("the document is %s", doc)
	}
	w.produce(toasted(1, "aaa", 4))
	next.caughtUp(i)
	same(t, "afterwards", map[int64]string{1: "b", 9: "unavailable"}, next.big())
}

func TestAnUnavailableValueOfAMovedRowIsTheOlderGenerations(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	w.caughtUp(w.start(t.TempDir()))
	w.trim(map[int32]int64{0: 1})
	d := withHeader(&kgo.Record{Key: keyJSON(1), Value: rowJSON("d", 1, "", 7)}, "__debezium.newkey", keyJSON(2))
	next := w.generation(unchanged)
	next.start(t.TempDir(), from(w, seed.Adopt)) // what follows may be read before the replay's end, or after it
	w.produce(d, withHeader(toasted(2, "moved", 7), "__debezium.oldkey", keyJSON(1)))
	next.filled()
	until(t, "the moved row is there", func() bool { return next.row(2) != nil })
	same(t, "large values", map[int64]string{2: "b"}, next.big())
}

func TestReplayFromATimeAndFromAPosition(t *testing.T) {
	w := newWorld(t, 1)
	at := time.Now().Truncate(time.Millisecond)
	for n, r := range []*kgo.Record{upsert(1, "a"), upsert(2, "b"), upsert(1, "aa"), upsert(3, "c")} {
		r.Timestamp = at.Add(time.Duration(n) * time.Second)
		w.produce(r)
	}
	w.caughtUp(w.start(t.TempDir()))
	for _, tt := range []struct {
		name    string
		start   seed.Start
		adopted int64
		swept   int64
	}{
		{"a time", seed.Start{Time: at.Add(2 * time.Second)}, 1, 0},
		{"a position", seed.Start{Position: tables.Position{2}}, 1, 0},
		{"a position beyond the end", seed.Start{Position: tables.Position{99}}, 3, 0},
		{"a time in the future", seed.Start{Time: at.Add(time.Hour)}, 3, 0},
		{"a position, swept", seed.Start{Position: tables.Position{2}}, 0, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			next := w.generation(unchanged)
			next.t, next.table.Generation = t, 10+len(t.Name())
			next.names = w.settings.Names(next.table)
			rows, want := seed.Adopt, map[int64]string{1: "aa", 2: "b", 3: "c"}
			if tt.swept > 0 {
				rows, want = seed.Sweep, map[int64]string{1: "aa", 3: "c"}
			}
			next.start(t.TempDir(), from(w, rows, tt.start))
			counts(t, next.filled(), 3, 0, tt.adopted, tt.swept)
			same(t, "changelog", want, next.changelog())
		})
	}
}

func TestASourceThatWasLoadedAgainIsReplayed(t *testing.T) {
	w := newWorld(t, 2)
	for n := range 20 {
		w.produce(upsert(n%5, "before"), upsert(n%5, "then"))
	}
	old := w.start(t.TempDir())
	w.caughtUp(old)
	old.stop()
	w.remake(2)
	w.produce(upsert(0, "again"), upsert(1, "again"), remove(2))
	next := w.generation(unchanged)
	i := next.start(t.TempDir(), from(w, seed.Adopt))
	sum := next.filled()
	counts(t, sum, 5, 0, 2, 0)
	same(t, "changelog", map[int64]string{0: "again", 1: "again", 3: "then", 4: "then"}, next.changelog())
	w.produce(upsert(3, "newer"), remove(4)) // their offsets are lower than the rows' were
	next.caughtUp(i)
	same(t, "afterwards", map[int64]string{0: "again", 1: "again", 3: "newer"}, next.changelog())
}

func TestASourceThatWasLoadedAgainWithOtherPartitionsIsSweptOnly(t *testing.T) {
	for _, partitions := range []int32{1, 5} {
		w := newWorld(t, 3)
		var recs []*kgo.Record
		for n := range 40 {
			recs = append(recs, upsert(n, "before"))
		}
		w.produce(recs...)
		old := w.start(t.TempDir())
		w.caughtUp(old)
		old.stop()
		w.remake(partitions)
		want := map[int64]string{}
		for n := range 30 {
			w.produce(upsert(n, "again"))
			want[int64(n)] = "again"
		}
		w.produce(remove(5), remove(35)) // one of each kind
		delete(want, 5)
		next := w.generation(unchanged)
		i := next.start(t.TempDir(), from(w, seed.Adopt))
		if why := next.failed(); !strings.Contains(why, "sweep") || !strings.Contains(why, "partitions") {
			t.Errorf("adoption failed for %q", why)
		}
		i.stop()
		swept := next.generation(unchanged)
		swept.start(t.TempDir(), from(w, seed.Sweep))
		counts(t, swept.filled(), 40, 0, 0, 9) // 30 to 39 without 35, which was seen deleted
		same(t, "changelog", want, swept.changelog())
	}
}

// A database that was restored writes positions that it has written before.
func TestARestoredDatabaseIsReplayedInTheOrderOfOffsets(t *testing.T) {
	w := newWorld(t, 1)
	at := func(id int, v string, lsn int) *kgo.Record {
		value := rowJSON("u", id, v, lsn)
		if lsn < 900 { // written after the restore, so later by the clock
			value = []byte(strings.Replace(string(value), `"ts_ms":17`, `"ts_ms":18`, 1))
		}
		return &kgo.Record{Key: keyJSON(id), Value: value}
	}
	w.produce(at(1, "a", 900), at(2, "b", 901), at(1, "restored", 100), at(3, "c", 101))
	w.caughtUp(w.start(t.TempDir()))
	want := map[int64]string{1: "restored", 2: "b", 3: "c"}
	same(t, "before", want, w.changelog())
	for n, rows := range []seed.Rows{seed.Carry, seed.Adopt, seed.Sweep} {
		next := w.generation(unchanged)
		next.table.Generation += n
		next.names = w.settings.Names(next.table)
		i := next.start(t.TempDir(), from(w, rows))
		next.filled()
		same(t, string(rows), want, next.changelog())
		w.produce(at(2, "bb", 50+n))
		want[2] = "bb"
		next.caughtUp(i)
		same(t, string(rows)+", afterwards", want, next.changelog())
	}
}

func TestATruncateInTheReplayedStretchRemovesOlderRows(t *testing.T) {
	w := newWorld(t, 2)
	w.table.Source.Partitioner = tables.PartitionMurmur2
	w.produce(upsert(1, "a"), upsert(2, "b"), upsert(3, "c"))
	old := w.start(t.TempDir())
	w.caughtUp(old)
	old.stop()
	ends, err := kafka.EndOffsets(t.Context(), w.client, sourceTopic)
	if err != nil {
		t.Fatal(err)
	}
	w.trim(map[int32]int64{0: ends[0], 1: ends[1]})
	w.produceRaw(&kgo.Record{Topic: sourceTopic, Partition: 0, Value: rowJSON("t", 0, "", 5)})
	next := w.generation(unchanged)
	i := next.start(t.TempDir(), from(w, seed.Adopt))
	next.filled()
	w.produce(upsert(4, "d"))
	next.caughtUp(i)
	until(t, "only the row after the truncate is left", func() bool { return len(next.changelog()) == 1 })
	same(t, "changelog", map[int64]string{4: "d"}, next.changelog())
}

func TestAReplayWhoseEndIsATransactionsMarkerComesToAnEnd(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	c := w.newClient(kgo.TransactionalID("source"))
	if err := c.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	r := upsert(2, "b")
	r.Topic = sourceTopic
	if err := c.ProduceSync(t.Context(), r).FirstErr(); err != nil {
		t.Fatal(err)
	}
	if err := kafkatest.EndTransaction(t.Context(), c, kgo.TryCommit, sourceTopic); err != nil {
		t.Fatal(err)
	}
	old := w.start(t.TempDir())
	until(t, "both are there", func() bool { return w.exists(w.names.Table) && len(w.changelog()) == 2 })
	old.stop()
	next := w.generation(unchanged)
	next.start(t.TempDir(), from(w, seed.Adopt))
	counts(t, next.filled(), 2, 0, 0, 0)
	same(t, "changelog", map[int64]string{1: "a", 2: "b"}, next.changelog())
}

// Records of a transaction that was aborted are at the source's end and are given to nobody:
// a replay does not wait for them, also where it has nothing else to read.
func TestAReplayWhoseEndIsAnAbortedTransactionComesToAnEnd(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	c := w.newClient(kgo.TransactionalID("source"))
	for range 2 {
		if err := c.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		for id := 2; id < 5; id++ {
			r := upsert(id, "aborted")
			r.Topic = sourceTopic
			if err := c.ProduceSync(t.Context(), r).FirstErr(); err != nil {
				t.Fatal(err)
			}
		}
		if err := kafkatest.EndTransaction(t.Context(), c, kgo.TryAbort, sourceTopic); err != nil {
			t.Fatal(err)
		}
	}
	old := w.start(t.TempDir())
	until(t, "the row is there", func() bool { return w.exists(w.names.Table) && len(w.changelog()) == 1 })
	old.stop()
	next := w.generation(unchanged)
	next.start(t.TempDir(), from(w, seed.Adopt))
	counts(t, next.filled(), 1, 0, 0, 0)
	same(t, "changelog", map[int64]string{1: "a"}, next.changelog())
}

func TestAnAdoptedRowWithoutANewColumnSaysSo(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(wide(1, "a", 1), wide(2, "b", 2))
	w.caughtUp(w.start(t.TempDir()))
	w.trim(map[int32]int64{0: 1})
	next := w.generation(addAmount)
	next.start(t.TempDir(), from(w, seed.Adopt))
	sum := next.filled()
	counts(t, sum, 2, 0, 1, 0)
	if sum.Partial != 1 {
		t.Errorf("%d rows are partial, want 1", sum.Partial)
	}
	if k := next.row(1).Values[3].Kind(); k != tables.Unavailable {
		t.Errorf("the adopted row's amount is a %v, want unavailable", k)
	}
	if v := next.row(2).Values[3].Int(); v != 2 {
		t.Errorf("the replayed row's amount is %d, want 2", v)
	}
}

func TestDeadLettersOfTheOlderGenerationAreReadAgain(t *testing.T) {
	w := newWorld(t, 1)
	w.table.Columns[1].Type = tables.Type{Kind: tables.Int64} // a mistake: v is text
	w.produce(upsert(1, "5"), upsert(1, "text"), upsert(2, "text"))
	old := w.start(t.TempDir())
	w.caughtUp(old)
	next := w.generation(func(t *tables.Table) { t.Columns[1].Type = tables.Type{Kind: tables.String} })
	next.start(t.TempDir(), from(w, seed.Adopt))
	next.filled()
	same(t, "changelog", map[int64]string{1: "text", 2: "text"}, next.changelog())
}

func TestDeadLettersOfWhatIsNotReadAgainAreTakenAlong(t *testing.T) {
	t.Parallel() // it mostly waits
	bad := func(id int) *kgo.Record { return &kgo.Record{Key: keyJSON(id), Value: []byte("no event")} }
	for name, c := range map[string]struct {
		rows  seed.Rows
		start seed.Start
		trim  map[int32]int64
		want  []int64
	}{
		"all is read again":        {seed.Adopt, seed.Start{}, nil, []int64{1, 2, 4}}, // one that was dropped is tried again
		"the source has lost some": {seed.Adopt, seed.Start{}, map[int32]int64{0: 4}, []int64{1, 4}},
		"swept":                    {seed.Sweep, seed.Start{}, map[int32]int64{0: 4}, []int64{1, 4}},
		"from a place behind all":  {seed.Adopt, seed.Start{Position: tables.Position{0: 5}}, nil, []int64{1, 4}},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.produce(upsert(1, "a"), bad(1), bad(2), upsert(2, "b"), bad(3))
			old := w.start(t.TempDir())
			w.caughtUp(old)
			w.settle(wire.DropDeadLetters, w.outstanding()[1])
			if c.trim != nil {
				w.trim(c.trim)
			}
			old.stop()
			next := w.generation(unchanged)
			i := next.start(t.TempDir(), from(w, c.rows, c.start))
			next.filled()
			next.caughtUp(i)
			deadLetters := func() (out []int64) {
				for _, d := range next.outstanding() {
					if d.Error == "" || string(d.Value) != "no event" {
						t.Errorf("a letter without its reason or its record: %+v", d)
					}
					out = append(out, d.Offset)
				}
				return out
			}
			until(t, "the letters", func() bool { return slices.Equal(deadLetters(), c.want) })
			until(t, "their count", func() bool { h := next.reportedHealth()[0]; return h.Open() == int64(len(c.want)) })
			next.settle(wire.DropDeadLetters, next.outstanding()...)
			until(t, "nothing left", func() bool { h := next.reportedHealth()[0]; return h.Open() == 0 })
			i.stop()
		})
	}
}

func TestNoBatchIsTakenBeforeTheTableIsFilled(t *testing.T) {
	w := newWorld(t, 1)
	history(w)
	next := w.generation(func(t *tables.Table) { t.Batch.Schedule = "@every 1s" })
	next.start(t.TempDir(), from(w, seed.Adopt))
	next.filled()
	until(t, "a batch", func() bool { return len(next.read(next.names.Batches)) > 0 })
	m, err := wire.ParseManifest(next.read(next.names.Batches)[0].Value)
	if err != nil || m.Rows != 4 {
		t.Errorf("the first batch has %d rows, want 4: %v", m.Rows, err)
	}
}

func TestATableThatIsRepartitionedIsReplayed(t *testing.T) {
	for rows, want := range map[seed.Rows]map[int64]string{
		seed.Adopt: {1: "a", 2: "b", 3: "cc", 4: "d"}, seed.Sweep: {3: "cc", 4: "d"},
	} {
		w := newRepartitionedWorld(t, 2)
		w.produce(upsert(1, "a"), upsert(2, "b"))
		ends, err := kafka.EndOffsets(t.Context(), w.client, sourceTopic)
		if err != nil {
			t.Fatal(err)
		}
		w.produce(upsert(3, "c"), upsert(4, "d"), upsert(3, "cc"), upsert(5, "e"), remove(5))
		old := w.start(t.TempDir())
		w.awaitRepartitioned(old)
		w.settles(map[int64]string{1: "a", 2: "b", 3: "cc", 4: "d"})
		w.trim(map[int32]int64{0: ends[0], 1: ends[1]})
		next := w.generation(unchanged)
		i := next.start(t.TempDir(), from(w, rows))
		sum := next.filled()
		if left := int64(4 - len(want)); sum.Old != 4 || sum.Swept != left || sum.Adopted != 2-left {
			t.Errorf("%s: old %d, adopted %d, swept %d", rows, sum.Old, sum.Adopted, sum.Swept)
		}
		same(t, string(rows), want, next.changelog())
		w.produce(upsert(1, "newer"))
		next.awaitRepartitioned(i)
		want[1] = "newer"
		next.settles(want)
	}
}
