package processors

import (
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/integration/oracle"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/batch"
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
// deletions by partition with their positions in the order, dead letters, batches, and states.
func TestHistoryModel(t *testing.T) {
	for _, seed := range oracle.Seeds(t, 3) {
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
	if !w.table.Repartitioned() {
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
		if w.table.Repartitioned() {
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

// reached reports whether everything that can be read is done, as the progress topic says.
// Where records are repartitioned by their keys, only the rows tell.
func (m *historyModel) reached(ends map[int32]int64) bool {
	if !m.exists(m.names.Table) || !m.exists(m.names.DeadLetters) {
		return false
	}
	if m.table.Repartitioned() {
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
		if _, err := batch.Request(m.t.Context(), m.settings, m.table, batch.TriggerDemand); err != nil {
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
