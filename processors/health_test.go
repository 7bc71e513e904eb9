package processors

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// reportedHealth is what the progress topic says of each partition, by its newest records.
func (w *world) reportedHealth() map[int32]wire.Health {
	w.t.Helper()
	out := map[int32]wire.Health{}
	if !w.exists(w.names.Progress) {
		return out
	}
	for _, r := range w.read(w.names.Progress) {
		p, err := wire.ParseProgress(r.Value)
		if err != nil {
			continue
		}
		for _, h := range r.Headers {
			if h.Key != wire.HealthName {
				continue
			}
			reported, err := wire.ParseHealth(h.Value)
			if err != nil {
				w.t.Fatal(err)
			}
			out[p.Partition] = reported
		}
	}
	return out
}

func hasTrouble(h wire.Health, r tables.Reason) (string, bool) {
	for _, t := range h.Troubles {
		if t.Reason == r {
			return t.Text, true
		}
	}
	return "", false
}

func TestARefusedPartitionIsToldWithItsCure(t *testing.T) {
	w := newWorld(t, 3)
	for id := range 60 {
		r := upsert(id, "a")
		at, _ := kafka.PartitionOf(tables.PartitionCRC32, r.Key, 3)
		r.Topic, r.Partition = sourceTopic, at
		w.produceRaw(r)
	}
	i := w.start(t.TempDir())
	cure := "declare source.partitioner: crc32, which fits all of them"
	until(t, "all partitions told as refused, with the cure", func() bool {
		reported := w.reportedHealth()
		for p := range int32(3) {
			if text, is := hasTrouble(reported[p], tables.PartitionRefused); !is || !strings.Contains(text, cure) {
				return false
			}
		}
		return true
	})
	if err := partition(i, 0).Err; err == nil || !strings.Contains(err.Error(), cure) {
		t.Errorf("the status says %v", err)
	}
}

func TestCountsGoOnWithTheNextOwner(t *testing.T) {
	w := newWorld(t, 1)
	bad := func() *kgo.Record { return &kgo.Record{Key: keyJSON(7), Value: []byte("no event")} }
	w.produce(upsert(1, "a"), bad(), upsert(2, "b"), tombstone(3))
	counted := func(rows, deadLetters, settled int64) func() bool {
		return func() bool {
			reported := w.reportedHealth()[0]
			return reported.Rows == rows && reported.DeadLetters == deadLetters && reported.Settled == settled
		}
	}
	i := w.start(t.TempDir())
	until(t, "the records counted", counted(2, 1, 0))
	i.stop()
	w.produce(bad())
	i = w.start(t.TempDir())
	until(t, "the next owner going on", counted(2, 2, 0))
	w.settle(wire.DropDeadLetters, w.outstanding()...)
	until(t, "the dropped ones settled", counted(2, 2, 2))
	i.stop()
}

// TestWhatIsReadAgainIsCountedOnce has owners that die: the next reads records again, without local files the control
// records too, and counts them as what they are.
func TestWhatIsReadAgainIsCountedOnce(t *testing.T) {
	w := newWorld(t, 1)
	bad := func() *kgo.Record { return &kgo.Record{Key: keyJSON(7), Value: []byte("no event")} }
	big := upsert(4, strings.Repeat("x", kafka.LeastRowBytes)) // a dead letter only where its row is to be written
	w.settings.RowBytes = kafka.LeastRowBytes
	counted := func(want wire.Health) func() bool {
		return func() bool {
			h := w.reportedHealth()[0]
			h.CountedUntil, h.SettledUntil, h.BestRows, h.BestDeadLetters, h.Troubles = 0, 0, 0, 0, nil
			return cmp.Equal(h, want)
		}
	}
	w.produce(upsert(1, "a"), bad(), upsert(2, "b"), tombstone(3), big)
	i := w.start(t.TempDir())
	until(t, "the records counted", counted(wire.Health{Rows: 2, DeadLetters: 2}))
	w.settle(wire.DropDeadLetters, w.outstanding()...)
	until(t, "the dropped ones settled", counted(wire.Health{Rows: 2, DeadLetters: 2, Settled: 2}))
	for n := range int64(2) {
		i.stop()
		w.readAgain()
		w.produce(bad(), upsert(2, "c"))
		i = w.start(t.TempDir())
		until(t, "the next owner going on", counted(wire.Health{Rows: 3 + n, DeadLetters: 3 + n, Settled: 2}))
	}
	i.stop()
}

func TestThatATableCouldBeReadIsHandedOn(t *testing.T) {
	w := newWorld(t, 1)
	bad := func(n int) []*kgo.Record {
		var out []*kgo.Record
		for range n {
			out = append(out, &kgo.Record{Key: keyJSON(7), Value: []byte("no event")})
		}
		return out
	}
	reported := func(deadLetters, bestRows, bestLetters int64) func() bool {
		return func() bool {
			h := w.reportedHealth()[0]
			return h.DeadLetters == deadLetters && h.BestRows == bestRows && h.BestDeadLetters == bestLetters
		}
	}
	w.produce(append(bad(1), upsert(1, "a"), upsert(2, "b"))...)
	i := w.start(t.TempDir())
	until(t, "the first records counted", reported(1, 2, 1))
	w.produce(bad(30)...)
	until(t, "the letters told, and what was before them", reported(31, 2, 1))
	i.stop()
	i = w.start(t.TempDir())
	w.produce(bad(1)...)
	until(t, "the next owner telling it, too", reported(32, 2, 1))
	w.settle(wire.DropDeadLetters, w.outstanding()...)
	until(t, "the dropped ones not counted", reported(32, 2, 0))
	i.stop()
}

func TestThatATableCouldBeReadIsNotedBeforeItsFirstLetter(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "b"))
	i := w.start(t.TempDir())
	w.caughtUp(i)
	for range 20 { // at once: nobody looks at what was before
		w.produce(&kgo.Record{Key: keyJSON(7), Value: []byte("no event")})
	}
	until(t, "told", func() bool {
		h := w.reportedHealth()[0]
		return h.DeadLetters == 20 && h.BestRows == 2 && h.BestDeadLetters == 0
	})
	i.stop()
}

func TestATableThatCannotBeReadIsHandedOn(t *testing.T) {
	w := newWorld(t, 1)
	for range 30 {
		w.produce(&kgo.Record{Key: keyJSON(7), Value: []byte("no event")})
	}
	w.produce(upsert(1, "a"))
	for range 2 {
		i := w.start(t.TempDir())
		until(t, "told", func() bool {
			h := w.reportedHealth()[0]
			return h.DeadLetters == 30 && h.BestRows == 1 && h.BestDeadLetters == 30
		})
		i.stop()
	}
}

func TestASchemaThatChangesInEveryPartitionIsToldOnce(t *testing.T) {
	w := newWorld(t, 4)
	row := func(id int, members string) *kgo.Record {
		return &kgo.Record{Key: keyJSON(id), Value: fmt.Appendf(nil, `{"op":"c","after":{"id":%d,%s},"source":{"lsn":%d}}`, id, members, id)}
	}
	for id := range 40 {
		w.produce(row(id, `"v":"a","big":"b"`))
	}
	i := w.start(t.TempDir())
	until(t, "all partitions looked at", func() bool {
		return i.drifts.Looked() == 4
	})
	for id := range 40 {
		w.produce(row(100+id, `"v":"a","big":"b","priority":3`))
	}
	until(t, "the change told by each partition", func() bool {
		for _, reported := range w.reportedHealth() {
			if text, is := hasTrouble(reported, tables.SchemaDrift); !is || !strings.Contains(text, "member priority is new") {
				return false
			}
		}
		return len(w.reportedHealth()) == 4
	})
	if n := counter(t, i.metrics.drifts); n != 1 {
		t.Errorf("one change of the schema is counted %v times", n)
	}
}

func TestASchemaThatChangesIsToldWhileRunning(t *testing.T) {
	for name, any := range map[string]bool{"read as it is": false, "repartitioned": true} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			if any {
				w.table.Source.Partitioner = tables.PartitionAny
				w.names = w.settings.Names(w.table)
			}
			row := func(id int, members string) *kgo.Record {
				return &kgo.Record{Key: keyJSON(id), Value: fmt.Appendf(nil, `{"op":"c","after":{"id":%d,%s},"source":{"lsn":%d}}`, id, members, id)}
			}
			for id := range 5 {
				w.produce(row(id, `"v":"a","big":"b"`))
			}
			i := w.start(t.TempDir())
			until(t, "the records looked at", func() bool {
				return i.drifts.Looked() > 0
			})
			if text, is := hasTrouble(w.reportedHealth()[0], tables.SchemaDrift); is {
				t.Fatalf("told before anything has changed: %s", text)
			}
			w.produce(row(7, `"v":"a","priority":3`))
			until(t, "the change told to views", func() bool {
				text, is := hasTrouble(w.reportedHealth()[0], tables.SchemaDrift)
				return is && strings.Contains(text, "member priority is new") && strings.Contains(text, "column big: the newest records have no member big")
			})
			w.produce(row(8, `"v":"a","big":"b"`))
			until(t, "the column that is back", func() bool {
				text, is := hasTrouble(w.reportedHealth()[0], tables.SchemaDrift)
				return is && !strings.Contains(text, "column big")
			})
		})
	}
}

func TestWhatIsReadAgainIsNotComparedWithWhatCameLater(t *testing.T) {
	w := newWorld(t, 1)
	row := func(id int, members string) *kgo.Record {
		return &kgo.Record{Key: keyJSON(id), Value: fmt.Appendf(nil, `{"op":"c","after":{"id":%d,%s},"source":{"lsn":%d}}`, id, members, id)}
	}
	for id := range 5 {
		w.produce(row(id, `"v":1,"big":"b","old":1`))
	}
	w.produce(row(5, `"v":"a","big":"b","priority":1`))
	old := w.start(t.TempDir())
	until(t, "the older generation told of it", func() bool {
		_, is := hasTrouble(w.reportedHealth()[0], tables.SchemaDrift)
		return is
	})
	next := w.generation(unchanged)
	i := next.start(t.TempDir(), from(w, seed.Adopt))
	next.filled()
	old.stop()
	next.produce(row(6, `"v":"a","big":"b","priority":1`))
	until(t, "one more looked at", func() bool {
		return i.drifts.Looked() > 0 && next.reportedHealth()[0].Rows == 7
	})
	if text, is := hasTrouble(next.reportedHealth()[0], tables.SchemaDrift); is {
		t.Errorf("told: %s", text)
	}
	next.produce(row(7, `"v":"a","big":"b","priority":1,"later":2`))
	until(t, "a later change told", func() bool {
		text, is := hasTrouble(next.reportedHealth()[0], tables.SchemaDrift)
		return is && strings.Contains(text, "member later is new") && !strings.Contains(text, "priority")
	})
	i.stop()
}
