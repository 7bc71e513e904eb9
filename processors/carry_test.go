package processors

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

func (w *world) deleteRecords(topic string, to map[int32]int64) {
	w.t.Helper()
	offsets := kadm.Offsets{}
	for p, o := range to {
		offsets.AddOffset(topic, p, o, -1)
	}
	if _, err := kadm.NewClient(w.client).DeleteRecords(w.t.Context(), offsets); err != nil {
		w.t.Fatal(err)
	}
}

func TestAColumnIsFilledFromDocumentsWithoutReadingTheSource(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 2)
	keepDocuments(w.table)
	w.produce(wide(1, "a", 10), wide(2, "b", 20), wide(3, "c", 30), remove(3), tombstone(3), wide(4, "d", 40))
	old := w.start(t.TempDir())
	w.caughtUp(old)
	w.trim(map[int32]int64{0: -1, 1: -1}) // the source holds nothing any more
	next := w.generation(addAmount)
	i := next.start(t.TempDir(), from(w, seed.Carry))
	counts(t, next.filled(), 3, 3, 0, 0)
	same(t, "changelog", map[int64]string{1: "a", 2: "b", 4: "d"}, next.changelog())
	for id, want := range map[int]int64{1: 10, 2: 20, 4: 40} {
		was, is := w.row(id), next.row(id)
		if got := is.Values[3].Int(); got != want {
			t.Errorf("the amount of %d is %d, want %d", id, got, want)
		}
		if is.Offset != was.Offset || is.Time != was.Time || is.Source != was.Source || string(is.Document) != string(was.Document) {
			t.Errorf("row %d stands at %+v, and stood at %+v", id, is, was)
		}
	}
	w.produce(wide(1, "aa", 11), remove(2))
	w.caughtUp(old)
	next.caughtUp(i)
	same(t, "the older generation", map[int64]string{1: "aa", 4: "d"}, w.changelog())
	same(t, "the new generation", map[int64]string{1: "aa", 4: "d"}, next.changelog())
	if n := counter(t, i.metrics.lost); n != 0 {
		t.Errorf("%v records are called lost", n)
	}
}

func TestDeletionsDoNotComeBackWhenRowsAreCarried(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"), upsert(2, "b"), remove(1), tombstone(1))
	old := w.start(t.TempDir())
	w.caughtUp(old)
	next := w.generation(func(t *tables.Table) { t.Columns = t.Columns[:2] })
	i := next.start(t.TempDir(), from(w, seed.Carry))
	counts(t, next.filled(), 1, 1, 0, 0)
	next.caughtUp(i)
	same(t, "changelog", map[int64]string{2: "b"}, next.changelog())
	for _, r := range next.read(next.names.Table) {
		if r.Value != nil && next.idOf(r.Key) == 1 && !deletedLater(next, r.Offset) {
			t.Error("a deleted row is there")
		}
	}
	if at := partition(i, 0).Source; at != 4 {
		t.Errorf("the source is read from %d, want 4", at)
	}
}

func deletedLater(w *world, offset int64) bool {
	for _, r := range w.read(w.names.Table) {
		if r.Offset > offset && r.Value == nil && w.idOf(r.Key) == 1 {
			return true
		}
	}
	return false
}

func TestWhereIsEvaluatedAnewOnCarriedRows(t *testing.T) {
	w := newWorld(t, 1)
	w.table.Where = "v <> 'draft'"
	w.produce(upsert(1, "a"), upsert(2, "draft"), upsert(3, "x"))
	w.caughtUp(w.start(t.TempDir()))
	same(t, "before", map[int64]string{1: "a", 3: "x"}, w.changelog())
	next := w.generation(func(t *tables.Table) { t.Where = "v <> 'x'" })
	next.start(t.TempDir(), from(w, seed.Carry))
	counts(t, next.filled(), 3, 3, 0, 0) // those outside of where are carried, too
	same(t, "after", map[int64]string{1: "a", 2: "draft"}, next.changelog())
}

func TestAValueThatADocumentDoesNotTellFailsTheFilling(t *testing.T) {
	w := newWorld(t, 1)
	keepDocuments(w.table)
	w.produce(wide(1, "a", 10), wide(2, "b", 20))
	w.caughtUp(w.start(t.TempDir()))
	next := w.generation(func(t *tables.Table) {
		t.Columns = append(t.Columns, tables.Column{Name: "city", Type: tables.Type{Kind: tables.Int64}})
	})
	i := next.start(t.TempDir(), from(w, seed.Carry))
	why := next.failed()
	for _, part := range []string{"column city", "key 1", "Rome", "from its source"} {
		if !strings.Contains(why, part) {
			t.Errorf("%q does not name %q", why, part)
		}
	}
	var value *seed.ValueError
	until(t, "the status has the error", func() bool { return errors.As(partition(i, 0).Err, &value) })
	if value.Column != "city" || value.Others != 1 {
		t.Errorf("%+v", value)
	}
}

func TestOnErrorNullIsFollowedInDocuments(t *testing.T) {
	w := newWorld(t, 1)
	keepDocuments(w.table)
	w.produce(wide(1, "a", 10))
	w.caughtUp(w.start(t.TempDir()))
	next := w.generation(func(t *tables.Table) {
		t.Columns = append(t.Columns, tables.Column{Name: "city", Type: tables.Type{Kind: tables.Int64}, NullOnError: true})
	})
	next.start(t.TempDir(), from(w, seed.Carry))
	counts(t, next.filled(), 1, 1, 0, 0)
	if v := next.row(1).Values[3]; v.Kind() != tables.Null {
		t.Errorf("the value is %v, want null", v)
	}
}

// A row that could not be made is no matter when a later one of its key can.
func TestALaterRowCuresAnEarlierOneThatCannotBeCarried(t *testing.T) {
	w := newWorld(t, 1)
	keepDocuments(w.table)
	bad := wide(1, "a", 10)
	bad.Value = []byte(strings.Replace(string(bad.Value), `"Rome"`, `"5"`, 1))
	w.produce(wide(1, "a", 10), wide(2, "b", 1), bad, remove(2))
	w.caughtUp(w.start(t.TempDir()))
	next := w.generation(func(t *tables.Table) {
		t.Columns = append(t.Columns, tables.Column{Name: "city", Type: tables.Type{Kind: tables.Int64}})
	})
	next.start(t.TempDir(), from(w, seed.Carry))
	counts(t, next.filled(), 1, 1, 0, 0)
	if v := next.row(1).Values[3]; v.Int() != 5 {
		t.Errorf("the value is %v, want 5", v)
	}
}

func TestACarryThatCannotBeIsRefusedBeforeItBegins(t *testing.T) {
	w := newWorld(t, 1)
	next := w.generation(addAmount) // no documents are kept
	o := Options{Table: next.table, Kafka: w.settings, Dir: t.TempDir()}
	from(w, seed.Carry)(&o)
	var unfit *seed.UnfitError
	if err := o.Validate(); !errors.As(err, &unfit) || !strings.Contains(err.Error(), "amount") {
		t.Errorf("validate: %v", err)
	}
	same := w.generation(unchanged)
	same.table.Generation = w.table.Generation
	o = Options{Table: same.table, Kafka: w.settings, Dir: t.TempDir()}
	from(w, seed.Carry)(&o)
	if err := o.Validate(); err == nil {
		t.Error("a generation is filled from itself")
	}
}

func TestRowsOfASourceThatWasMadeAgainAreNotCarried(t *testing.T) {
	w := newWorld(t, 1)
	w.produce(upsert(1, "a"))
	old := w.start(t.TempDir())
	w.caughtUp(old)
	old.stop()
	w.remake(1)
	next := w.generation(unchanged)
	next.start(t.TempDir(), from(w, seed.Carry))
	if why := next.failed(); !strings.Contains(why, "made again") {
		t.Errorf("it failed for %q", why)
	}
}

// remake deletes the source topic and makes it again.
func (w *world) remake(partitions int32) {
	w.t.Helper()
	a := kadm.NewClient(w.client)
	if _, err := a.DeleteTopics(w.t.Context(), sourceTopic); err != nil {
		w.t.Fatal(err)
	}
	until(w.t, "the topic is gone", func() bool { return !w.exists(sourceTopic) })
	if _, err := a.CreateTopic(context.Background(), partitions, 1, nil, sourceTopic); err != nil {
		w.t.Fatal(err)
	}
	w.parts, w.client = partitions, w.newClient() // the other one knows the old topic's id
}

func TestAPrimaryKeyChangeAcrossTheCutKeepsItsImage(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 1)
	d := withHeader(&kgo.Record{Key: keyJSON(1), Value: rowJSON("d", 1, "", 7)}, "__debezium.newkey", keyJSON(2))
	w.produce(upsert(1, "a"), d)
	old := w.start(t.TempDir())
	w.caughtUp(old)
	next := w.generation(func(t *tables.Table) { t.Where = "v <> 'x'" })
	i := next.start(t.TempDir(), from(w, seed.Carry))
	counts(t, next.filled(), 0, 0, 0, 0)
	w.produce(withHeader(toasted(2, "moved", 7), "__debezium.oldkey", keyJSON(1)))
	next.caughtUp(i)
	same(t, "large values", map[int64]string{2: "b"}, next.big())
}

func TestSeedProgressTellsOfAFillingThatIsOver(t *testing.T) {
	t.Parallel() // it mostly waits
	w := newWorld(t, 2)
	w.produce(upsert(1, "a"), upsert(2, "b"), upsert(3, "c"))
	w.caughtUp(w.start(t.TempDir()))
	next := w.generation(func(t *tables.Table) { t.Where = "v <> 'x'" })
	i := next.start(t.TempDir(), from(w, seed.Carry))
	next.filled()
	i.stop()
	i = next.start(t.TempDir(), from(w, seed.Carry)) // with nothing on disk
	next.caughtUp(i)
	counts(t, next.filled(), 3, 3, 0, 0)
	until(t, "the status tells", func() bool {
		s := partition(i, 0).Seed
		return s != nil && s.Phase == wire.BootstrapLive
	})
	same(t, "changelog", map[int64]string{1: "a", 2: "b", 3: "c"}, next.changelog())
}
