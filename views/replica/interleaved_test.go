package replica

import (
	"fmt"
	"iter"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/integration/oracle"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// interleavedView reads an interleaved history, as a view whose partitions are read side by side.
type interleavedView struct {
	*interleaved
	t      *testing.T
	shared *Shared
	env    topics.Set
	db     *rows.DB
	w      *writer
}

// TestAnyInterleavingEndsTheSame has the changes of one key come in any partition, rows that
// are behind given up, and views read the partitions in any order: from the beginning of the
// changelog or from a batch, and again from the rows on disk or from the batch's file. The
// end is always the last change.
func TestAnyInterleavingEndsTheSame(t *testing.T) {
	for _, seed := range oracle.Seeds(t, 300) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			v := newInterleavedView(t, newInterleaved(seed))
			v.begin()
			v.read()
			if got := v.text(); got != v.want {
				t.Fatalf("the row is %q, want %q\n%s", got, v.want, strings.Join(v.steps, "\n"))
			}
		})
	}
}

// TestARowOfTheSnapshotTopicThatIsGivenUpLeavesTheOther fills a view from a batch whose key
// has its last row in one partition, while another one had a deletion, gave a row up, and got
// an older row of the key again.
func TestARowOfTheSnapshotTopicThatIsGivenUpLeavesTheOther(t *testing.T) {
	h := &interleaved{dice: rand.New(rand.NewPCG(1, 1)), cut: tables.Position{1, 1, 1}, cutAt: tables.Position{1, 1, 1}}
	record := func(p int32, value, deletion []byte) {
		h.snaps[p] = append(h.snaps[p], topics.Record{Partition: p, Key: []byte(interleavedKey), Value: value, Deletion: deletion})
	}
	record(0, nil, wire.AppendDeletion(nil, &wire.Deletion{Read: 1, Time: 1, Source: (&changed{at: 100}).log(), Logged: 2}))
	record(0, nil, wire.AppendDeletion(nil, &wire.Deletion{GivenUp: true}))
	record(0, wire.AppendSnapshotRecord(nil, 1, (&changed{at: 107, text: "behind"}).stateRow()), nil)
	record(2, wire.AppendSnapshotRecord(nil, 1, (&changed{at: 108, text: "last"}).stateRow()), nil)
	for _, order := range [][]int{{2, 0, 0, 0}, {0, 2, 0, 0}, {0, 0, 2, 0}, {0, 0, 0, 2}} {
		v := newInterleavedView(t, h)
		s, err := New(v.shared, v.env, 1, v.db, Origin{From: fromSnapshot, base: v.cut, source: v.cutAt})
		v.must(err)
		v.fill(s, slices.Values(order))
		v.write(s)
		if got := v.text(); got != "last" {
			t.Errorf("partitions read as %v: the row is %q", order, got)
		}
	}
}

func newInterleavedView(t *testing.T, h *interleaved) *interleavedView {
	table := &tables.Table{
		Name: "t", Key: []string{"id"},
		Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.String}}},
	}
	db, err := rows.Open(rows.Options{Dir: t.TempDir(), Identity: rows.Identity{Partitions: interleavedPartitions}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	return &interleavedView{
		interleaved: h, t: t, db: db,
		env: topics.Set{Source: kafka.Topic{Partitions: interleavedPartitions}, Changelog: kafka.Topic{Partitions: interleavedPartitions}},
		shared: &Shared{
			Table: table, Events: new(events.Listener).EnsureDefaults(), StoreOptions: func(of *tables.Table) store.Options { return store.Options{Table: of} }, Clock: time.Now,
			Counters: metrics.NewCounters(table.Name), Manifests: batches.New(0), Disputes: &batches.Disputes{}, OtherSchema: NewOtherSchema(),
			Ends: progress.NewEnds(time.Now()), Unreadable: func(e events.RecordUnreadable) { t.Error(e.Line()) }, Gate: NewGate(), View: &viewed{},
		},
	}
}

func (v *interleavedView) must(err error) {
	v.t.Helper()
	if err != nil {
		v.t.Fatalf("%v\n%s", err, strings.Join(v.steps, "\n"))
	}
}

// begin begins without rows on disk: with the batch, or with the changelog alone.
func (v *interleavedView) begin() {
	o := Origin{From: fromChangelog}
	if v.cut != nil && v.dice.IntN(2) == 0 {
		o = Origin{From: fromSnapshot, base: v.cut, source: v.cutAt, stored: v.stored()}
		for p := range o.stored {
			o.stored[p] = rows.Position{Changelog: v.cut.At(int32(p)), Source: v.cutAt.At(int32(p))}
		}
	}
	s, err := New(v.shared, v.env, 1, v.db, o)
	v.must(err)
	if o.From == fromSnapshot {
		v.fill(s, v.anyOrder())
		_, err := s.store.Seal(v.t.Context(), v.manifest())
		v.must(err)
	}
	v.write(s)
}

// anyOrder yields the partitions of the snapshot topic's records.
func (v *interleavedView) anyOrder() iter.Seq[int] {
	return merged(v.dice, len(v.snaps[0]), len(v.snaps[1]), len(v.snaps[2]))
}

// fill reads the snapshot topic, whose partitions come in an order.
func (v *interleavedView) fill(s *Replica, order iter.Seq[int]) {
	in, batch := filler{store: s.store}, rows.NewBatch()
	g, from := &gathering{copies: s.copies, in: &in, batch: batch}, [interleavedPartitions]int{}
	for p := range order {
		v.say("snapshot %d:%d", p, from[p])
		v.must(g.take(v.snaps[p][from[p]]))
		from[p]++
	}
	v.must(in.flush(v.cutAt))
	for p := range v.env.Changelog.Partitions {
		batch.Move(p, rows.Position{Changelog: v.cut.At(p), Source: v.cutAt.At(p)})
	}
	v.must(v.db.Write(batch))
}

func (v *interleavedView) manifest() store.Cut {
	return store.Cut{Batch: 1, Changelog: v.cut, Source: v.cutAt, Unproven: true}
}

func (v *interleavedView) write(s *Replica) {
	v.t.Cleanup(s.store.Close)
	w, err := newWriter(s, nil)
	v.must(err)
	v.w = w
}

func (v *interleavedView) stored() []rows.Position {
	stored, _, err := v.db.Positions()
	v.must(err)
	if stored == nil {
		stored = make([]rows.Position, interleavedPartitions)
	}
	return stored
}

// again begins with the rows on disk: alone, or behind the batch's file, which may be older.
func (v *interleavedView) again() {
	stored := v.stored()
	if at, _ := OfRows(stored); v.cut == nil || !at.Reaches(v.cut) || v.dice.IntN(2) == 0 {
		v.say("again, with the rows on disk")
		s, err := OfDisk(v.t.Context(), v.shared, v.env, 1, v.db, stored, 0)
		v.must(err)
		v.write(s)
		return
	}
	v.say("again, with the batch's file")
	s, err := OfFile(v.shared, v.env, 1, v.db, v.file(), stored)
	v.must(err)
	v.write(s)
}

// file is the batch as a view that has read the snapshot topic has it.
func (v *interleavedView) file() *store.Batch {
	other := newInterleavedView(v.t, v.interleaved)
	s, err := New(other.shared, other.env, 1, other.db, Origin{From: fromSnapshot, base: v.cut, source: v.cutAt})
	v.must(err)
	v.t.Cleanup(s.store.Close)
	other.fill(s, v.anyOrder())
	b, err := s.store.Seal(v.t.Context(), v.manifest())
	v.must(err)
	return b
}

// read reads the changelog to its end, and begins again now and then.
func (v *interleavedView) read() {
	for more := true; more; {
		more = v.readSome()
		if more {
			v.again()
		}
	}
	for range 2 { // a row that is left waits for an end that is asked for behind it
		v.tell()
		v.take([]item{{offset: -1, source: -1}})
	}
}

// readSome reads until the view is to begin again, or to the end.
func (v *interleavedView) readSome() (more bool) {
	var counts []int
	from := [interleavedPartitions]int64{}
	for p := range v.log {
		from[p] = v.w.s.begin(int32(p))
		counts = append(counts, len(v.log[p])-int(from[p]))
	}
	var group []item
	for p := range merged(v.dice, counts...) {
		group = append(group, v.log[p][from[p]])
		from[p]++
		switch v.dice.IntN(12) {
		case 0, 1, 2, 3:
			v.take(group)
			group = nil
		case 4, 5:
			v.tell()
		case 6:
			return true
		}
	}
	v.take(group)
	return false
}

func (v *interleavedView) take(group []item) {
	for _, it := range group {
		v.say("read %d:%d", it.partition, it.offset)
	}
	v.must(v.w.take(v.t.Context(), group))
	v.say("shown %q", v.text())
}

// tell passes on the ends of the changelog.
func (v *interleavedView) tell() {
	holes, _ := v.w.s.hold.Waits()
	var ends tables.Position
	for p := range v.log {
		ends = ends.Set(int32(p), int64(len(v.log[p])))
	}
	v.w.s.hold.Tell(holes, ends)
}

func (v *interleavedView) text() string {
	values, _ := v.w.s.Snapshot().Lookup(interleavedKey, nil)
	if len(values) < 2 {
		return ""
	}
	return values[1].Str()
}
