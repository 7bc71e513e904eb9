package processors

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/integration/oracle"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/tables"
)

// modelKeys is how many keys there are: enough for the filling to take some time.
const modelKeys = 2000

// modelTable is the definition of a generation in the model: odd ones have another
// column, one of them less, and another where.
func modelTable(generation int) *tables.Table {
	t := ordersTable()
	t.Generation, t.Document = generation, tables.DocumentKeep
	if generation%2 == 1 {
		t.Columns = append(t.Columns, tables.Column{Name: "again", Path: "v", Type: tables.Type{Kind: tables.String}})
		t.Where = "v <> ''"
	}
	return t
}

// generationModel is what all generations must be: maps.
type generationModel struct {
	w    *world
	dice *rand.Rand
	rows map[int64]string
	big  map[int64]string
	n    int
}

func (m *generationModel) change() []*kgo.Record {
	id := m.dice.IntN(modelKeys)
	at := int64(id)
	m.n++
	v := strconv.Itoa(m.n)
	switch roll := m.dice.IntN(100); {
	case roll < 20:
		delete(m.rows, at)
		delete(m.big, at)
		return []*kgo.Record{remove(id), tombstone(id)}
	case roll < 22:
		return []*kgo.Record{{Key: keyJSON(id), Value: []byte("this is no event")}}
	case roll < 45:
		if m.rows[at] == "" {
			m.big[at] = "unavailable"
		}
		m.rows[at] = v
		return []*kgo.Record{toasted(id, v, 1)}
	default:
		m.rows[at], m.big[at] = v, "b"
		return []*kgo.Record{upsert(id, v)}
	}
}

func (m *generationModel) load(n int) {
	var recs []*kgo.Record
	for range n {
		recs = append(recs, m.change()...)
	}
	m.w.produce(recs...)
}

// trim removes about half of what the source has, as retention does.
func (m *generationModel) trim() {
	m.w.t.Helper()
	ends, err := kafka.EndOffsets(m.w.t.Context(), m.w.client, sourceTopic)
	if err != nil {
		m.w.t.Fatal(err)
	}
	to := map[int32]int64{}
	for p, end := range ends {
		to[int32(p)] = end / 2
	}
	m.w.trim(to)
}

// TestGenerationModel throws dice: generations are filled from the first one in every
// way, while changes go on, produces fail, and their processes are killed, stopped and
// paused. Each must come to equal the maps, and so must the first one all the time.
// TIDEMARK_TEST_SEED is the seed of the dice.
func TestGenerationModel(t *testing.T) {
	t.Parallel() // it mostly waits for processes
	dice := oracle.Seed(t, 1)
	w := newWorld(t, 4)
	w.table = modelTable(0)
	m := &generationModel{w: w, dice: rand.New(rand.NewPCG(dice, 1)), rows: map[int64]string{}, big: map[int64]string{}}
	m.load(6 * modelKeys)
	old := w.start(t.TempDir())
	for g, rows := range []seed.Rows{seed.Sweep, seed.Carry, seed.Adopt, seed.Carry, seed.Adopt} {
		if g == 2 { // from here on a sweep would lose rows
			w.caughtUp(old)
			m.trim()
		}
		m.round(g+1, rows)
		w.caughtUp(old)
		same(t, "the first generation", m.rows, w.changelog())
	}
}

func (m *generationModel) round(g int, rows seed.Rows) {
	t := m.w.t
	t.Helper()
	next := *m.w
	next.table = modelTable(g)
	next.names = m.w.settings.Names(next.table)
	flags := strconv.Itoa(g) + "=" + string(rows)
	all := []*child{next.spawn(t.TempDir(), flags), next.spawn(t.TempDir(), flags)}
	for step := range 4 {
		next.settled(all)
		c := all[m.dice.IntN(len(all))]
		move := m.move(&next, c)
		t.Logf("generation %d, %s, step %d: %s", g, rows, step, move)
		m.load(30 + m.dice.IntN(100))
	}
	for _, c := range all {
		if !c.running() {
			c.start()
		} else {
			c.resume()
		}
	}
	sum := next.filled()
	next.allDone()
	t.Logf("generation %d, %s: old %d, carried %d, adopted %d, swept %d", g, rows, sum.Old, sum.Carried, sum.Adopted, sum.Swept)
	same(t, next.names.Table, m.rows, next.changelog())
	same(t, next.names.Table+", large values", m.big, next.big())
	next.staleRecords()
	if g%2 == 1 {
		for id, v := range m.rows {
			if got := next.row(int(id)); got == nil || got.Values[3].Str() != v {
				t.Errorf("%s: the column made from documents is not %q in row %d", next.names.Table, v, id)
			}
			break
		}
	}
	for _, c := range all {
		c.stop()
	}
}

// settled waits until the processes that run are members of the group, and no others:
// the embedded broker does not give up one that was killed while it joined.
func (w *world) settled(all []*child) {
	w.t.Helper()
	running := 0
	for _, c := range all {
		if c.running() {
			running++
		}
	}
	admin := kadm.NewClient(w.client)
	within(w.t, afterKills, fmt.Sprintf("%d members", running), func() bool {
		groups, err := admin.DescribeGroups(w.t.Context(), w.settings.MembersGroup())
		g := groups[w.settings.MembersGroup()]
		return err == nil && (running == 0 || g.State == "Stable") && len(w.askers(&g)) == running
	})
}

// askers are the members of the group that ask for the table's partitions.
func (w *world) askers(g *kadm.DescribedGroup) (ids []string) {
	for i := range g.Members {
		if c, ok := g.Members[i].Join.AsConsumer(); ok && slices.Contains(c.Topics, w.names.Table) {
			ids = append(ids, g.Members[i].MemberID)
		}
	}
	return ids
}

// move does one random thing to a process of a generation that is being filled.
func (m *generationModel) move(next *world, c *child) string {
	if !c.running() {
		c.start()
		return "start"
	}
	<-time.After(time.Duration(m.dice.IntN(200)) * time.Millisecond) // about as long as the filling takes
	switch m.dice.IntN(5) {
	case 0, 1:
		c.kill()
		return "kill"
	case 2:
		c.stop()
		return "stop"
	case 3:
		next.failChangelog(1 + m.dice.IntN(3))
		return "fail produces"
	}
	c.pause()
	<-time.After(testSession + 300*time.Millisecond)
	c.resume()
	return "pause"
}
