package processors

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"testing"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/processors/fold"
)

// A connector writes what a database does. It is killed now and then, and begins
// again some events before the last one that it wrote.
type connector struct {
	dice  *rand.Rand
	log   []logged // what the database has done
	rows  map[int]int
	epoch int // LSNs of a restored database begin lower
	clock int
	out   []*kgo.Record
	from  int // of the log, to be written next
	fresh bool
}

type logged struct{ id, v, lsn, at int } // v 0 is a deletion

func (c *connector) commit(n int) {
	for range n {
		c.clock++
		e := logged{id: c.dice.IntN(25), v: c.clock, lsn: 1000*c.clock - c.epoch, at: c.clock}
		if c.dice.IntN(5) == 0 {
			e.v = 0
			delete(c.rows, e.id)
		} else {
			c.rows[e.id] = e.v
		}
		c.log = append(c.log, e)
	}
}

// record writes an event. The tempting rule, to compare the pair in sequence, is a trap:
// its first member is null again after every start, and real events would be dropped.
func (c *connector) record(e logged, snapshot string) []*kgo.Record {
	sequence := fmt.Sprintf(`[\"%d\",\"%d\"]`, e.lsn-500, e.lsn)
	if c.fresh || snapshot != "false" {
		sequence = fmt.Sprintf(`[null,\"%d\"]`, e.lsn)
	}
	c.fresh = false
	op, after := "u", fmt.Sprintf(`{"id":%d,"v":"%d","big":"b"}`, e.id, e.v)
	if snapshot != "false" {
		op = "r"
	}
	if e.v == 0 {
		op, after = "d", "null"
	}
	rec := &kgo.Record{Key: keyJSON(e.id), Value: fmt.Appendf(nil,
		`{"before":null,"after":%s,"source":{"connector":"postgresql","snapshot":%q,"sequence":"%s","lsn":%d,"ts_ms":%d},"op":%q,"ts_ms":1}`,
		after, snapshot, sequence, e.lsn, 1_700_000_000_000+e.at, op)}
	all := []*kgo.Record{rec}
	if e.v == 0 {
		all = append(all, tombstone(e.id))
	}
	return ofRun(all...)
}

// ofRun gives records the header in which Debezium names a run of its connector.
func ofRun(all ...*kgo.Record) []*kgo.Record {
	for _, r := range all {
		r.Headers = append(r.Headers, kgo.RecordHeader{Key: "__debezium.context.runId", Value: []byte("c2f1")})
	}
	return all
}

func (c *connector) stream() {
	for ; c.from < len(c.log); c.from++ {
		c.out = append(c.out, c.record(c.log[c.from], "false")...)
	}
}

// kill begins again with events that were written before.
func (c *connector) kill(repeat int) {
	c.from, c.fresh = max(0, c.from-repeat), true
}

// snapshot writes all rows, as of now, at one position above everything before.
func (c *connector) snapshot() {
	at := c.log[len(c.log)-1]
	for id, v := range c.rows {
		c.out = append(c.out, c.record(logged{id: id, v: v, lsn: at.lsn + 300, at: at.at + 50}, "true")...)
	}
}

func (c *connector) want() map[int64]string {
	out := map[int64]string{}
	for id, v := range c.rows {
		out[int64(id)] = strconv.Itoa(v)
	}
	return out
}

// neverBack checks that nobody can have seen a row go back in time: neither to an
// older version, nor to one from before its deletion.
func (w *world) neverBack() {
	w.t.Helper()
	newest, gone := map[int]int{}, map[int]bool{}
	for _, r := range w.read(w.names.Table) {
		id := w.idOf(r.Key)
		if r.Value == nil {
			gone[id] = true
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
		v, _ := strconv.Atoi(row.Values[1].Str())
		if v < newest[id] {
			w.t.Errorf("key %d goes back from version %d to %d", id, newest[id], v)
		}
		if v == newest[id] && gone[id] {
			w.t.Errorf("key %d was gone and came back as version %d", id, v)
		}
		gone[id] = false
		newest[id] = v
	}
}

func TestAConnectorThatWasKilledTakesNoReaderBackInTime(t *testing.T) {
	for name, restart := range map[string]func(w *world, i *instance, dir string) *instance{
		"in one run":        func(_ *world, i *instance, _ string) *instance { return i },
		"across a restart":  func(w *world, i *instance, dir string) *instance { i.stop(); return w.start(dir) },
		"across a takeover": func(w *world, i *instance, _ string) *instance { i.stop(); return w.start(w.t.TempDir()) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 2)
			c := &connector{dice: rand.New(rand.NewPCG(7, 7)), rows: map[int]int{}}
			dir := t.TempDir()
			i := w.start(dir)
			send := func() {
				w.produce(c.out...)
				c.out = nil
				w.caughtUp(i)
			}
			c.commit(150)
			c.snapshot()
			c.from = len(c.log)
			c.commit(100)
			c.stream()
			send()
			i = restart(w, i, dir)
			c.kill(35) // a repeated suffix
			c.commit(100)
			c.stream()
			send()
			i = restart(w, i, dir)
			c.snapshot() // no offset was written: all rows, and then a suffix again
			c.kill(35)
			c.commit(100)
			c.stream()
			send()
			same(t, "rows", c.want(), w.changelog())
			w.neverBack()
			if n := counter(t, i.metrics.folding.Verdicts[fold.Repeated]); n < 20 {
				t.Errorf("%v repetitions were left out in the last stretch", n)
			}
		})
	}
}

func TestARestoredDatabaseIsNotIgnored(t *testing.T) {
	w := newWorld(t, 1)
	c := &connector{dice: rand.New(rand.NewPCG(3, 3)), rows: map[int]int{}}
	dir := t.TempDir()
	i := w.start(dir)
	c.commit(200)
	c.stream()
	w.produce(c.out...)
	w.caughtUp(i)
	c.epoch, c.out = 150_000, nil // positions begin lower, times go on
	c.commit(200)
	c.stream()
	w.produce(c.out[:100]...)
	w.caughtUp(i)
	i.stop()
	i = w.start(t.TempDir())
	w.produce(c.out[100:]...)
	w.caughtUp(i)
	same(t, "rows", c.want(), w.changelog())
	if n := counter(t, i.metrics.folding.Verdicts[fold.Repeated]); n > 0 {
		t.Errorf("%v events of the restored database were taken for repetitions", n)
	}
}

// Deletions that say nothing of their position, as flattened ones do, have that of the row.
func TestADeletionWithoutAPlaceStaysOne(t *testing.T) {
	w := newWorld(t, 1)
	i := w.start(t.TempDir())
	w.produce(ofRun(full(1, "a", "b", 10), full(1, "b", "b", 20), full(2, "other", "b", 30), tombstone(1))...)
	w.caughtUp(i)
	w.produce(ofRun(full(1, "a", "b", 10), full(1, "b", "b", 20))...)
	w.caughtUp(i)
	same(t, "rows", map[int64]string{2: "other"}, w.changelog())
	w.produce(full(1, "again", "b", 40))
	w.caughtUp(i)
	same(t, "rows", map[int64]string{1: "again", 2: "other"}, w.changelog())
}

func TestReplayedRowsWithPositionsAreWrittenAgain(t *testing.T) {
	w := newWorld(t, 1)
	dir := t.TempDir()
	w.produce(full(1, "a", "b", 10), full(2, "a", "b", 20), full(1, "b", "b", 30))
	i := w.start(dir)
	w.caughtUp(i)
	i.stop()
	offsets := kadm.Offsets{}
	offsets.Add(kadm.Offset{Topic: sourceTopic, Partition: 0, At: 0, LeaderEpoch: -1})
	if err := kadm.NewClient(w.client).CommitAllOffsets(t.Context(), w.names.Group, offsets); err != nil {
		t.Fatal(err)
	}
	before := len(w.read(w.names.Table))
	i = w.start(dir)
	w.caughtUp(i)
	if n := len(w.read(w.names.Table)) - before; n != 2 {
		t.Errorf("%d records were written again, want the newest of each key", n)
	}
}

func TestARepeatedDeletionsTombstoneIsNoDeletion(t *testing.T) {
	w := newWorld(t, 1)
	i := w.start(t.TempDir())
	w.produce(ofRun(full(1, "a", "b", 10), rowOf("d", 1, 20), tombstone(1), full(1, "b", "b", 30))...)
	w.caughtUp(i)
	before := len(w.read(w.names.Table))
	w.produce(ofRun(full(1, "a", "b", 10), rowOf("d", 1, 20), tombstone(1))...)
	w.caughtUp(i)
	same(t, "rows", map[int64]string{1: "b"}, w.changelog())
	if n := len(w.read(w.names.Table)) - before; n > 0 {
		t.Errorf("%d records were written", n)
	}
	w.produce(tombstone(1)) // which nothing is before
	w.caughtUp(i)
	w.produce(full(2, "b", "b", 40), tombstone(1))
	w.caughtUp(i)
	same(t, "rows", map[int64]string{2: "b"}, w.changelog())
}
