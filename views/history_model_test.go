package views_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/integration/oracle"
	"github.com/tidemark/tidemark/tables"
)

// unlucky is the amount of rows outside the table's where.
const unlucky = 13

// historyTable has every column of package oracle, and documents.
func historyTable() *tables.Table {
	t := orders()
	t.Columns = []tables.Column{
		{Name: "id", Type: tables.Type{Kind: tables.Int64}},
		{Name: "v", Type: tables.Type{Kind: tables.String}},
		{Name: "amount", Type: tables.Type{Kind: tables.Int64}, Index: true},
		{Name: "big", Type: tables.Type{Kind: tables.String}},
	}
	t.SortKey, t.Document = []string{"v"}, tables.DocumentKeep
	t.Source.Partitioner = tables.PartitionMurmur2
	return t
}

// TestHistoryModel throws dice for what a connector writes (package oracle), writes what
// processors make of it, partition by partition in any order, and takes batches. Views follow,
// and are started again with their files and without. Each answer of theirs is what the oracle
// has at the position that the answer names.
func TestHistoryModel(t *testing.T) {
	for _, seed := range oracle.Seeds(t, 5) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			runHistory(t, seed)
		})
	}
}

// historyModel is one run.
type historyModel struct {
	*duplicatesWorld
	s      *oracle.Source
	dice   *rand.Rand
	done   []int        // records of each partition that are processed
	folded *oracle.Fold // what processors have made of them
	ids    map[int64]bool
	dir    string
	v      *running
}

func runHistory(t *testing.T, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 14))
	partitions := 1 + dice.Int32N(3)
	w := newDuplicatesWorldOf(t, partitions, historyTable())
	h := oracle.New(oracle.Options{Seed: seed, Partitions: partitions, Keys: 3 + dice.Int64N(12), Start: time.Now().Add(-time.Hour).UnixMilli()})
	m := &historyModel{
		duplicatesWorld: w, dice: dice, done: make([]int, partitions), folded: oracle.NewFold(partitions), ids: map[int64]bool{}, dir: t.TempDir(),
		s: &oracle.Source{
			History: h, Topic: sourceName, Plain: w.client, InTx: w.newClient(kgo.TransactionalID("connector"), kgo.TransactionTimeout(10*time.Minute)),
			Value: func(*oracle.Event) []byte { return []byte("{}") },
		},
	}
	t.Logf("%s, %d partitions", h.Name(), partitions)
	m.v = w.view(m.dir).ready()
	for step := range 6 + dice.IntN(8) {
		turn := h.Turn()
		how, err := m.s.Write(t.Context(), 1+dice.IntN(20))
		if err != nil {
			t.Fatal(err)
		}
		for range 1 + dice.IntN(4) {
			m.process(dice.Int32N(partitions), dice.IntN(30))
			m.equal(m.v, fmt.Sprintf("in step %d", step))
		}
		t.Logf("step %d: %s, %s, %s", step, turn, how, m.move())
	}
	m.finish()
}

// move does one random thing to the view, or to what it reads.
func (m *historyModel) move() string {
	switch m.dice.IntN(9) {
	case 0:
		m.v.sealed(m.takeBatch())
		return "batch"
	case 1:
		m.takeBatch()
		return "batch that nobody waits for"
	case 2:
		m.v.stop()
		m.v = m.view(m.dir)
		return "start again"
	case 3:
		m.v.stop()
		m.dir = m.t.(*testing.T).TempDir()
		m.v = m.view(m.dir)
		return "start again without files"
	case 4:
		if err := m.s.End(m.t.Context()); err != nil {
			m.t.Fatal(err)
		}
		return "the transaction ends"
	case 5:
		m.again()
		return "processors begin again"
	}
	return "calm"
}

// process writes what a processor makes of the next records of a partition.
func (m *historyModel) process(p int32, n int) {
	m.t.Helper()
	part := m.parts[p]
	for _, r := range m.s.Readable(p)[m.done[p]:] {
		if n--; n < 0 {
			break
		}
		m.done[p]++
		m.folded.Take(r.Event)
		m.ids[r.ID] = true
		part.source = r.Offset + 1
		if r.Kind == oracle.Unusable || r.Kind == oracle.TooLarge {
			continue
		}
		rec := m.record(p, r)
		m.rows[p][r.ID], m.told[p][r.ID] = rec.Value, nil
		if rec.Value == nil {
			delete(m.rows[p], r.ID)
			m.told[p][r.ID] = rec.Headers[1].Value
		}
		part.dirty[r.ID] = true
		part.changelog = m.produce(rec)[0] + 1
	}
	m.tellProgress(p)
}

// record is the changelog's record of a change that is the newest of its key.
func (m *historyModel) record(p int32, r oracle.Written) *kgo.Record {
	c := m.folded.Part(p)[r.ID]
	place := SourceMap(m.s.History.Name(), c.Place)
	rec := &kgo.Record{Topic: m.names.Table, Partition: p, Key: []byte(key(r.ID)), Headers: stamp(r.Offset)}
	if c.Row == nil {
		told := wire.AppendDeletion(nil, &wire.Deletion{Read: c.Place.Logged * 1000, Time: place.Time, Source: place.Source, Logged: place.Logged})
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: wire.DeletionName, Value: told})
		return rec
	}
	values := []tables.Value{tables.Int64Value(r.ID), tables.StringValue(c.Row.V), tables.Value{}, tables.StringValue(c.Row.Big)}
	if c.Row.HasAmount {
		values[2] = tables.Int64Value(c.Row.Amount)
	}
	rec.Value = wire.AppendStateRow(nil, wire.Fingerprint(m.table), &tables.Row{
		Values: values, Document: []byte(c.Row.Document), Offset: r.Offset,
		Time: place.Time, Logged: place.Logged, Source: place.Source, Hidden: outside(c.Row),
	})
	return rec
}

// SourceMap is what a processor says about a place.
func SourceMap(log string, p oracle.Place) tables.Precedence {
	s := tables.Precedence{Time: p.Time * 1000, Logged: p.Logged * 1000}
	if p.Epoch == 0 {
		return s
	}
	s.Source = tables.SourcePosition{Kind: tables.SourceMySQL, Epoch: uint32(p.Epoch), Minor: p.At, Snapshot: p.Snapshot}
	switch log {
	case "postgres":
		s.Source.Kind = tables.SourcePostgres
	case "mysql with gtids":
		s.Source.Serial = p.At
	}
	return s
}

func outside(r *oracle.Row) bool { return r.HasAmount && r.Amount == unlucky }

// again has a processor write its last records once more, as one does that does not know
// whether they were acknowledged: of each key the newest.
func (m *historyModel) again() {
	m.t.Helper()
	p := m.dice.Int32N(int32(len(m.parts)))
	all := m.s.Readable(p)[:m.done[p]]
	newest := map[int64]int64{}
	for _, r := range all {
		if r.Kind != oracle.Unusable && r.Kind != oracle.TooLarge {
			newest[r.ID] = r.Offset
		}
	}
	for _, r := range all[max(0, len(all)-20):] {
		if newest[r.ID] != r.Offset {
			continue
		}
		rec := m.record(p, r)
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: wire.WholeName, Value: wire.AppendWhole(nil, m.parts[p].source)})
		m.parts[p].changelog = m.produce(rec)[0] + 1
	}
	m.tellProgress(p)
}

// finish processes everything and looks at views of all kinds.
func (m *historyModel) finish() {
	t := m.t.(*testing.T)
	t.Helper()
	if err := m.s.End(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := m.s.Mark(t.Context()); err != nil {
		t.Fatal(err)
	}
	for p := range m.parts {
		m.process(int32(p), 1<<30)
	}
	m.end(m.v, "at the end")
	m.end(m.view(t.TempDir()), "without files")
	m.v.sealed(m.takeBatch())
	m.end(m.v, "after a batch")
	m.v.stop()
	m.end(m.view(m.dir), "again")
	m.end(m.view(t.TempDir()), "from the snapshot topic")
}

func (m *historyModel) end(v *running, what string) {
	m.t.Helper()
	ctx, cancel := context.WithTimeout(m.t.Context(), patience)
	defer cancel()
	if err := v.WaitPosition(ctx, m.position()); err != nil {
		m.t.Fatalf("%s: position %s: %v; status %+v", what, m.position(), err, v.Status())
	}
	v.ready()
	m.equal(v, what)
}

// at is what the oracle has at a position.
func (m *historyModel) at(pos tables.Position) *oracle.Fold {
	o := oracle.NewFold(int32(len(m.parts)))
	for p := range m.parts {
		for _, r := range m.s.Readable(int32(p)) {
			if r.Offset < pos.At(int32(p)) {
				o.Take(r.Event)
			}
		}
	}
	return o
}
