package processors

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/integration/oracle"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// historyModel is one run: a history, and processors that come and go.
type historyModel struct {
	*world
	s    *oracle.Source
	dice *rand.Rand
	// Processors of this process, or of others, which can be killed and paused.
	own      []*instance
	dirs     []string
	children []*child

	differing []int64 // keys, as they were compared last
}

// TestHistoryModel throws dice for what a connector writes (package oracle) and for what
// happens to two processors meanwhile: they are started, stopped, killed, paused and robbed
// of their files, and produces fail. What they come to must be what the oracle says: rows and
// deletions by partition with their places in the order, dead letters, batches, and states.
func TestHistoryModel(t *testing.T) {
	for _, seed := range oracle.Seeds(t, 6) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			t.Parallel()
			runHistory(t, seed)
		})
	}
}

// historyTable has every column of package oracle, and documents.
func historyTable(partitioner tables.Partitioner) *tables.Table {
	t := ordersTable()
	t.Columns = append(t.Columns[:2:2],
		tables.Column{Name: "amount", Type: tables.Type{Kind: tables.Int64}},
		tables.Column{Name: "big", Type: tables.Type{Kind: tables.String}})
	t.Document, t.Source.Partitioner = tables.DocumentKeep, partitioner
	return t
}

// historySource writes a history to the world's source.
func (w *world) historySource(seed uint64, keys int64) *oracle.Source {
	o := oracle.Options{Seed: seed, Partitions: w.parts, Keys: keys, Start: time.Now().Add(-time.Hour).UnixMilli()}
	if !w.table.Rekeyed() {
		o.Home = w.home
	}
	return &oracle.Source{
		History: oracle.New(o), Topic: sourceTopic, Plain: w.newClient(), InTx: w.newClient(kgo.TransactionalID("connector"), kgo.TransactionTimeout(10*time.Minute)),
	}
}

func runHistory(t *testing.T, seed uint64) {
	dice := rand.New(rand.NewPCG(seed, 13))
	w := newWorld(t, 1+dice.Int32N(3))
	w.table = historyTable([]tables.Partitioner{tables.PartitionMurmur2, tables.PartitionAny}[dice.IntN(2)])
	w.names = w.settings.Names(w.table)
	m := &historyModel{world: w, dice: dice, dirs: []string{t.TempDir(), t.TempDir()}, own: make([]*instance, 2)}
	m.s = w.historySource(seed, 5+dice.Int64N(20))
	w.settings.RowBytes = kafka.LeastRowBytes
	killed := dice.IntN(6) == 0
	if killed {
		flags := "history"
		if w.table.Rekeyed() {
			flags = "history any"
		}
		for range 2 {
			m.children = append(m.children, w.spawn(t.TempDir(), flags))
		}
	} else {
		m.own[0] = w.start(m.dirs[0])
	}
	t.Logf("%s, partitioner %s, %d partitions, processes of their own: %v", m.s.History.Name(), w.table.Source.Partitioner, w.parts, killed)
	for step := range 5 + dice.IntN(6) {
		turn := m.s.History.Turn()
		how := m.write(1 + dice.IntN(30))
		t.Logf("step %d: %s, %s, %s", step, turn, how, m.move())
	}
	m.finish()
}

func (m *historyModel) write(n int) string {
	m.t.Helper()
	how, err := m.s.Write(m.t.Context(), n)
	if err != nil {
		m.t.Fatal(err)
	}
	return how
}

func (m *historyModel) end() {
	m.t.Helper()
	if err := m.s.End(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
}

// reached reports whether everything that can be read is done, as the progress topic tells.
// Where records are placed by their keys, only the rows tell.
func (m *historyModel) reached(ends map[int32]int64) bool {
	if !m.exists(m.names.Table) || !m.exists(m.names.DeadLetters) {
		return false
	}
	if m.table.Rekeyed() {
		return true
	}
	at := m.progress()
	for p, end := range ends {
		if at[p] < end {
			return false
		}
	}
	return true
}

// move does one random thing to the processors, or to what they write to.
func (m *historyModel) move() string {
	switch m.dice.IntN(6) {
	case 0:
		m.end()
		return "the transaction ends"
	case 1:
		m.failChangelog(1 + m.dice.IntN(3))
		return "fail produces"
	case 2:
		if !m.exists(m.names.Batch) {
			return "calm"
		}
		if _, err := RequestBatch(m.t.Context(), m.settings, m.table, TriggerDemand); err != nil {
			m.t.Fatal(err)
		}
		return "batch"
	}
	i := m.dice.IntN(2)
	if m.children != nil {
		return m.moveChild(m.children[i])
	}
	return m.moveOwn(i)
}

func (m *historyModel) moveOwn(i int) string {
	if m.own[i] == nil {
		m.own[i] = m.start(m.dirs[i])
		return "start"
	}
	switch m.dice.IntN(3) {
	case 0:
		m.own[i].stop()
		m.own[i] = nil
		return "stop"
	case 1:
		m.own[i].stop()
		m.own[i], m.dirs[i] = nil, m.t.TempDir()
		return "stop, and the files are lost"
	}
	return "calm"
}

func (m *historyModel) moveChild(c *child) string {
	if !c.running() {
		c.start()
		return "start"
	}
	switch m.dice.IntN(3) {
	case 0:
		c.kill()
		return "kill"
	case 1:
		c.stop()
		return "stop"
	}
	c.pause()
	m.write(10)
	<-time.After(testSession + 300*time.Millisecond)
	c.resume()
	return "pause"
}

// finish compares, with the open transaction if there is one, and after it.
func (m *historyModel) finish() {
	m.t.Helper()
	for _, c := range m.children {
		if !c.running() {
			c.start()
		}
	}
	if m.children == nil && m.own[0] == nil && m.own[1] == nil {
		m.own[0] = m.start(m.dirs[0])
	}
	if m.s.Open() {
		m.equal("with an open transaction")
		m.end()
	}
	if err := m.s.Mark(m.t.Context()); err != nil {
		m.t.Fatal(err)
	}
	o := m.equal("at the end")
	m.staleRecords()
	_, ms := m.batch()
	m.sameRows("batch", o, m.batchRows(ms))
	m.stopAll()
	m.sameRows("state", o, m.stateRows())
}

func (m *historyModel) stopAll() {
	for _, c := range m.children {
		c.stop()
		m.dirs = append(m.dirs, c.dir)
	}
	for _, i := range m.own {
		if i != nil {
			i.stop()
		}
	}
}

// equal waits until what can be read is processed and compares the changelog with it.
func (m *historyModel) equal(what string) *oracle.Fold {
	m.t.Helper()
	o, ends := m.s.Fold()
	diff := "nothing was compared"
	deadline := time.Now().Add(patience)
	for time.Now().Before(deadline) {
		done := m.reached(ends)
		if done {
			if diff = m.differ(o); diff == "" {
				return o
			}
		}
		if done && !m.table.Rekeyed() {
			break // it does not become right later
		}
		<-time.After(20 * time.Millisecond)
	}
	m.story()
	m.t.Fatalf("%s: %s; progress %v, want %v", what, diff, m.progress(), ends)
	return o
}

// differ compares the changelog and the dead letters with the oracle.
func (m *historyModel) differ(o *oracle.Fold) string {
	rows, gone := map[spot][]byte{}, map[spot]*codecs.Deletion{}
	for _, r := range m.read(m.names.Table) {
		at := m.placeOf(r)
		delete(rows, at)
		delete(gone, at)
		if r.Value != nil {
			rows[at] = r.Value
			continue
		}
		d, err := codecs.ParseDeletion([]byte(headers(r)[codecs.DeletionName]))
		if err != nil {
			return fmt.Sprintf("tombstone of %v: %v", at, err)
		}
		gone[at] = &d
	}
	if diff := m.compare(o, rows, gone); diff != "" {
		return "changelog: " + diff
	}
	// A row that is too large is not met where another partition has had a later change.
	least, most := o.Refused+o.TooLarge, o.Refused+o.TooLarge
	if m.table.Rekeyed() {
		least = o.Refused
	}
	if n := len(m.outstanding()); n < least || n > most {
		return fmt.Sprintf("%d dead letters, want %d to %d", n, least, most)
	}
	return ""
}

// story logs what was read and written of the keys that differ.
func (m *historyModel) story() {
	for _, id := range m.differing {
		for p := range m.parts {
			for _, r := range m.s.Readable(p) {
				if r.ID == id {
					m.t.Logf("key %d, %d:%d: kind %d, v %q, %+v", id, p, r.Offset, r.Kind, r.Row.V, r.Place)
				}
			}
		}
		for _, r := range m.read(m.names.Table) {
			if string(r.Key) == string(m.canonical(int(id))) {
				m.t.Logf("key %d, changelog %d:%d: %d bytes, %v", id, r.Partition, r.Offset, len(r.Value), r.Headers)
			}
		}
	}
}

// spot is a key in a partition; where each key has one home the partition does not count.
type spot struct {
	partition int32
	id        int64
}

func (m *historyModel) placeOf(r *kgo.Record) spot {
	return m.placeIn(r.Partition, r.Key)
}

func (m *historyModel) placeIn(partition int32, key []byte) spot {
	if m.table.Rekeyed() {
		partition = -1
	}
	return spot{partition, int64(m.idOf(key))}
}

// wanted are the copies that the oracle has.
func (m *historyModel) wanted(o *oracle.Fold) map[spot]oracle.Copy {
	out := map[spot]oracle.Copy{}
	for p := range m.parts {
		for id := range o.Part(p) {
			if m.table.Rekeyed() {
				out[spot{-1, id}] = o.Latest(id)
			} else {
				out[spot{p, id}] = o.Part(p)[id]
			}
		}
	}
	return out
}

func (m *historyModel) sameRows(what string, o *oracle.Fold, rows map[spot][]byte) {
	m.t.Helper()
	if diff := m.compare(o, rows, nil); diff != "" {
		m.t.Fatalf("%s: %s", what, diff)
	}
}

// compare returns the first difference; deletions are compared where they are given.
func (m *historyModel) compare(o *oracle.Fold, rows map[spot][]byte, gone map[spot]*codecs.Deletion) string {
	wanted := m.wanted(o)
	for at := range rows {
		if wanted[at].Row == nil {
			m.differing = []int64{at.id}
			return fmt.Sprintf("%v is there, and must not be", at)
		}
	}
	for _, at := range slices.SortedFunc(maps.Keys(wanted), func(a, b spot) int { return int(a.id-b.id)*100 + int(a.partition-b.partition) }) {
		c := wanted[at]
		m.differing = []int64{at.id}
		if c.Row == nil {
			if d := gone[at]; gone != nil && (d == nil || !m.standsAt(d.Standing(), c.Place)) {
				return fmt.Sprintf("deletion of %v is %+v, want %+v", at, d, c.Place)
			}
			continue
		}
		b, ok := rows[at]
		if !ok {
			return fmt.Sprintf("%v is not there, want %s", at, c.Row)
		}
		s, err := codecs.ParseStateRow(b)
		if err != nil {
			return err.Error()
		}
		row, err := s.Row(nil)
		if err != nil {
			return err.Error()
		}
		if got := shown(&row); got != *c.Row {
			return fmt.Sprintf("%v is %s, want %s", at, got, c.Row)
		}
		if !m.standsAt(row.Standing(), c.Place) {
			return fmt.Sprintf("%v stands at %+v, want %+v", at, row.Standing(), c.Place)
		}
	}
	return ""
}

// standsAt compares what other partitions are told of a change's place.
func (m *historyModel) standsAt(got tables.Standing, want oracle.Place) bool {
	if m.parts == 1 {
		return true // nobody asks
	}
	return got.Time == want.Time*1000 && got.Logged == want.Logged*1000 && (!got.Source.Known() || got.Source.Snapshot == want.Snapshot)
}

func shown(r *tables.Row) oracle.Row {
	out := oracle.Row{V: r.Values[1].Str(), Big: r.Values[3].Str(), Document: string(r.Document)}
	if r.Values[3].Kind() == tables.Unavailable {
		out.Big = "unavailable"
	}
	if r.Values[2].Kind() == tables.Int64 {
		out.HasAmount, out.Amount = true, r.Values[2].Int()
	}
	return out
}

// batchRows are the rows that the snapshot topic has at a batch.
func (m *historyModel) batchRows(ms []codecs.Manifest) map[spot][]byte {
	m.t.Helper()
	rows := map[spot][]byte{}
	for _, r := range m.read(m.names.Snapshot) {
		if r.Offset >= ms[r.Partition].Snapshot {
			continue
		}
		delete(rows, m.placeOf(r))
		if r.Value == nil {
			continue
		}
		_, row, err := codecs.ParseSnapshotRecord(r.Value)
		if err != nil {
			m.t.Fatal(err)
		}
		rows[m.placeOf(r)] = row
	}
	return rows
}

// stateRows are the rows of the newest local state of each partition.
func (m *historyModel) stateRows() map[spot][]byte {
	m.t.Helper()
	rows := map[spot][]byte{}
	for p := range m.parts {
		newest := int64(state.Unknown) - 1
		for _, dir := range m.dirs {
			if _, err := os.Stat(stateOf(dir, p) + "/CURRENT"); err != nil {
				continue
			}
			s, err := state.Open(state.Options{Dir: stateOf(dir, p)})
			if err != nil {
				m.t.Fatal(err)
			}
			if s.Position() > newest {
				newest = s.Position()
				maps.DeleteFunc(rows, func(at spot, _ []byte) bool { return m.homeOf(at) == p })
				if err := s.Each(func(k string, b []byte) error {
					rows[m.placeIn(p, []byte(k))] = slices.Clone(b)
					return nil
				}); err != nil {
					m.t.Error(err)
				}
			}
			if err := s.Close(); err != nil {
				m.t.Error(err)
			}
		}
	}
	return rows
}

// homeOf is the partition whose state has a key.
func (m *historyModel) homeOf(at spot) int32 {
	if at.partition >= 0 {
		return at.partition
	}
	p, _ := kafka.PartitionOf(tables.PartitionMurmur2, []byte(m.canonical(int(at.id))), m.parts)
	return p
}
