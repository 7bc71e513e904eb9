package views_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/integration/oracle"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
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
	for _, seed := range oracle.Seeds(t, 10) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			runHistory(t, seed)
		})
	}
}

// historyModel is one run.
type historyModel struct {
	*doubledWorld
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
	w := newDoubledWorldOf(t, partitions, historyTable())
	h := oracle.New(oracle.Options{Seed: seed, Partitions: partitions, Keys: 3 + dice.Int64N(12), Start: time.Now().Add(-time.Hour).UnixMilli()})
	m := &historyModel{
		doubledWorld: w, dice: dice, done: make([]int, partitions), folded: oracle.NewFold(partitions), ids: map[int64]bool{}, dir: t.TempDir(),
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
	place := placed(m.s.History.Name(), c.Place)
	rec := &kgo.Record{Topic: m.names.Table, Partition: p, Key: []byte(key(r.ID)), Headers: stamp(r.Offset)}
	if c.Row == nil {
		told := codecs.AppendDeletion(nil, &codecs.Deletion{Read: c.Place.Logged * 1000, Time: place.Time, Source: place.Source, Logged: place.Logged})
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: codecs.DeletionName, Value: told})
		return rec
	}
	values := []tables.Value{tables.Int64Value(r.ID), tables.StringValue(c.Row.V), tables.Value{}, tables.StringValue(c.Row.Big)}
	if c.Row.HasAmount {
		values[2] = tables.Int64Value(c.Row.Amount)
	}
	rec.Value = codecs.AppendStateRow(nil, codecs.Fingerprint(m.table), &tables.Row{
		Values: values, Document: []byte(c.Row.Document), Offset: r.Offset,
		Time: place.Time, Logged: place.Logged, Source: place.Source, Hidden: outside(c.Row),
	})
	return rec
}

// placed is what a processor tells of a place.
func placed(log string, p oracle.Place) tables.Standing {
	s := tables.Standing{Time: p.Time * 1000, Logged: p.Logged * 1000}
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
		rec.Headers = append(rec.Headers, kgo.RecordHeader{Key: codecs.WholeName, Value: codecs.AppendWhole(nil, m.parts[p].source)})
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

// equal compares every kind of answer with the oracle at the position that they name.
func (m *historyModel) equal(v *running, what string) {
	m.t.Helper()
	if !v.Readable() {
		return
	}
	snap := v.Snapshot()
	pos := v.Position(snap)
	want, bare := map[int64]oracle.Row{}, map[int64]oracle.Row{}
	groups := map[string]string{}
	count, sum := map[string]int64{}, map[string]int64{}
	for id, r := range m.at(pos).Rows() {
		if outside(&r) {
			continue
		}
		want[id] = r
		bare[id] = r.Bare()
		g := "null"
		if r.HasAmount {
			g = fmt.Sprint(r.Amount)
		}
		count[g]++
		sum[g] += r.Amount
		groups[g] = fmt.Sprint(count[g], " ", sum[g])
		if !r.HasAmount {
			groups[g] = fmt.Sprint(count[g], " null")
		}
	}
	m.compare(what+", rows at "+pos.String(), want, m.lookups(v, snap, want))
	m.compare(what+", list at "+pos.String(), bare, m.list(snap))
	m.compare(what+", groups at "+pos.String(), groups, m.groups(snap))
	if n := snap.Rows(); n != int64(len(want)) {
		m.t.Fatalf("%s: %d rows at %s, want %d", what, n, pos, len(want))
	}
}

func (m *historyModel) compare(what string, want, got any) {
	m.t.Helper()
	diff := cmp.Diff(want, got)
	if diff == "" {
		return
	}
	wanted, _ := want.(map[int64]oracle.Row)
	rows, _ := got.(map[int64]oracle.Row)
	for id := range m.ids {
		if wanted[id] != rows[id] {
			m.story(id)
		}
	}
	m.t.Fatalf("%s differ (-want +got):\n%.4000s", what, diff)
}

// lookups reads row by row, with documents. One that has changed since says so: it is taken
// for what is wanted.
func (m *historyModel) lookups(v *running, snap *store.Snapshot, want map[int64]oracle.Row) map[int64]oracle.Row {
	m.t.Helper()
	out := map[int64]oracle.Row{}
	for id := range m.ids {
		values, ok := snap.Lookup(key(id), nil)
		if !ok {
			continue
		}
		row := shown(values)
		document, changed, err := v.DocumentOf(snap, key(id))
		if err != nil {
			m.t.Fatal(err)
		}
		row.Document = string(document)
		if changed {
			row.Document = want[id].Document
		}
		out[id] = row
	}
	return out
}

func shown(values []tables.Value) oracle.Row {
	r := oracle.Row{V: values[1].Str(), Big: values[3].Str()}
	if values[2].Kind() == tables.Int64 {
		r.HasAmount, r.Amount = true, values[2].Int()
	}
	return r
}

// list reads the whole table in pages, in the order of its sort key.
func (m *historyModel) list(snap *store.Snapshot) map[int64]oracle.Row {
	m.t.Helper()
	out := map[int64]oracle.Row{}
	q := &query.Query{Limit: 3, Select: []query.Output{{Column: 0}, {Column: 1}, {Column: 2}, {Column: 3}}}
	last := ""
	for {
		r, err := snap.Query(m.t.Context(), q)
		if err != nil {
			m.t.Fatal(err)
		}
		for i := range r.Len() {
			values := r.AppendValues(nil, i)
			id, row := values[0].Int(), shown(values)
			if _, twice := out[id]; twice || row.V < last {
				m.t.Fatalf("row %d with v %s follows %s, twice: %v", id, row.V, last, twice)
			}
			out[id], last = row, row.V
		}
		if !r.More {
			return out
		}
		q.After = r.Bookmark(r.Len() - 1)
	}
}

// groups counts and adds up in the columns.
func (m *historyModel) groups(snap *store.Snapshot) map[string]string {
	m.t.Helper()
	r, err := snap.Query(m.t.Context(), &query.Query{Limit: -1, Select: []query.Output{
		{Column: 2}, {Column: -1, Aggregate: query.Count}, {Column: 2, Aggregate: query.Sum},
	}})
	if err != nil {
		m.t.Fatal(err)
	}
	text := func(v tables.Value, k tables.Kind) string {
		return string(tables.AppendText(nil, tables.Type{Kind: k}, v))
	}
	out := map[string]string{}
	for i := range r.Len() {
		group, sum := "null", "null"
		if v := r.Value(i, 0); v.Kind() == tables.Int64 {
			group, sum = text(v, tables.Int64), text(r.Value(i, 2), r.Outputs[2].Type.Kind)
		}
		out[group] = fmt.Sprint(r.Value(i, 1).Int(), " ", sum)
	}
	return out
}

// story logs what the source has of a key.
func (m *historyModel) story(id int64) {
	for p := range m.parts {
		for _, r := range m.s.Readable(int32(p)) {
			if r.ID == id {
				m.t.Logf("key %d, %d:%d: kind %d, v %q, %+v", id, p, r.Offset, r.Kind, r.Row.V, r.Place)
			}
		}
	}
	for _, r := range m.changelogOf(id) {
		m.t.Logf("key %d, changelog %d:%d: %d bytes, %v", id, r.Partition, r.Offset, len(r.Value), r.Headers)
	}
}

// changelogOf reads the changelog's records of a key.
func (m *historyModel) changelogOf(id int64) (out []*kgo.Record) {
	ctx, cancel := context.WithTimeout(m.t.Context(), time.Second)
	defer cancel()
	c := m.newClient(kgo.ConsumeTopics(m.names.Table))
	for {
		fetches := c.PollFetches(ctx)
		if ctx.Err() != nil {
			return out
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if string(r.Key) == string(key(id)) {
				out = append(out, r)
			}
		})
	}
}
