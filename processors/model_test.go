package processors

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/integration/oracle"
	"github.com/tidemark/tidemark/processors/batch"
	"github.com/tidemark/tidemark/processors/deadletter"
	"github.com/tidemark/tidemark/processors/state"
)

// model is what the table must be: a map.
type model struct {
	w     *world
	dice  *rand.Rand
	rows  map[int64]string
	large map[int64]string // the column that not every event carries
	n     int
	lsn   int
	sent  []*kgo.Record // by the connector, to be repeated
}

// change makes a random change of one of a few hot keys.
func (m *model) change() []*kgo.Record {
	id := m.dice.IntN(60)
	m.n++
	m.lsn += 10
	v, key := strconv.Itoa(m.n), int64(id)
	_, there := m.rows[key]
	switch roll := m.dice.IntN(100); {
	case roll < 20:
		delete(m.rows, key)
		delete(m.large, key)
		return []*kgo.Record{rowOf("d", id, m.lsn), tombstone(id)}
	case roll < 23:
		return []*kgo.Record{{Key: keyJSON(id), Value: []byte("this is no event")}}
	case roll < 35 && there:
		m.rows[key] = v
		return []*kgo.Record{full(id, v, placeholder, m.lsn)}
	case roll < 50 && there:
		to := m.free(id)
		m.rows[int64(to)], m.large[int64(to)] = v, m.large[key]
		delete(m.rows, key)
		delete(m.large, key)
		return append(leaves(id, to, m.lsn), arrives(id, to, v, m.lsn))
	}
	m.rows[key], m.large[key] = v, "large "+v
	return []*kgo.Record{full(id, v, "large "+v, m.lsn)}
}

// free is a key that has no row.
func (m *model) free(not int) int {
	for {
		if id := m.dice.IntN(120); id != not && m.rows[int64(id)] == "" {
			return id
		}
	}
}

// sameLarge checks the values that not every event carries. Where a side was dead for
// longer than an insert waits, they may be unavailable, never wrong.
func (m *model) sameLarge(got map[int64]string) {
	m.w.t.Helper()
	missing := 0
	for key, v := range got {
		if v == "unavailable" {
			missing++
			got[key] = m.large[key]
		}
	}
	m.w.t.Logf("%d of %d large values are unavailable", missing, len(got))
	same(m.w.t, "large values", m.large, got)
}

// restart is a connector that begins again some events before the last that it wrote.
func (m *model) restart() {
	m.w.produce(copies(m.sent[max(0, len(m.sent)-30):])...)
}

func copies(recs []*kgo.Record) []*kgo.Record {
	out := make([]*kgo.Record, len(recs))
	for i, r := range recs {
		out[i] = &kgo.Record{Key: r.Key, Value: r.Value, Headers: r.Headers}
	}
	return out
}

// retry asks for all dead letters to be tried again. None of them can be used.
func (m *model) retry() {
	deadLetters := m.w.outstanding()
	asked := map[int32][]int64{}
	for _, d := range deadLetters {
		asked[d.Partition] = append(asked[d.Partition], d.Place)
	}
	m.w.produceRaw(deadletter.Requests(m.w.names.Batch, "model", wire.RetryDeadLetters, asked)...)
}

func (m *model) load(n int) {
	var recs []*kgo.Record
	for range n {
		recs = append(recs, ofRun(m.change()...)...)
	}
	m.sent = append(m.sent, copies(recs)...)
	m.w.produce(recs...)
}

// TestModel throws dice: changes of hot keys and of primary keys, values that events
// leave out, repeated events, dead letters, failing produces, batches, and two to
// three processes that are killed, stopped and paused for longer than their session.
// In the end everything must equal a map. TIDEMARK_TEST_SEED repeats a run.
func TestModel(t *testing.T) {
	t.Parallel() // it mostly waits for processes
	seed := oracle.Seed(t, 1)
	w := newWorld(t, 4)
	m := &model{w: w, dice: rand.New(rand.NewPCG(seed, 1)), rows: map[int64]string{}, large: map[int64]string{}}
	var all []*child
	for range 2 {
		all = append(all, w.spawn(t.TempDir(), ""))
	}
	m.load(200)
	w.allDone()
	for step := range 12 {
		c := all[m.dice.IntN(len(all))]
		move := m.move(c)
		t.Logf("step %d: %s", step, move)
		m.load(50 + m.dice.IntN(200))
	}
	for _, c := range all {
		if !c.running() {
			c.start()
		} else {
			c.resume()
		}
	}
	w.allDone()
	same(t, "changelog", m.rows, w.changelog())
	m.sameLarge(w.big())
	w.staleRecords()
	w.neverBack()
	_, ms := w.batch()
	same(t, "batch", m.rows, w.snapshot(ms))
	for _, c := range all {
		c.stop()
	}
	same(t, "state", m.rows, w.states(all))
}

// move does one random thing to a process.
func (m *model) move(c *child) string {
	if !c.running() {
		c.start()
		return "start"
	}
	switch m.dice.IntN(8) {
	case 0:
		c.kill()
		return "kill"
	case 1:
		c.stop()
		return "stop"
	case 2:
		c.pause()
		m.load(100)
		<-time.After(testSession + 300*time.Millisecond)
		c.resume()
		return "pause"
	case 3:
		m.w.failChangelog(1 + m.dice.IntN(5))
		return "fail produces"
	case 4:
		if _, err := batch.Request(m.w.t.Context(), m.w.settings, m.w.table, batch.TriggerDemand); err != nil {
			m.w.t.Fatal(err)
		}
		return "batch"
	case 5:
		m.restart()
		return "connector begins again"
	case 6:
		m.retry()
		return "retry dead letters"
	}
	<-time.After(200 * time.Millisecond)
	return "calm"
}

// states returns the rows of the newest local state of each partition: its last owner's.
func (w *world) states(all []*child) map[int64]string {
	w.t.Helper()
	rows := map[string][]byte{}
	for p := range w.parts {
		var newest *state.Store
		for _, c := range all {
			dir := stateOf(c.dir, p)
			if _, err := os.Stat(filepath.Join(dir, "CURRENT")); err != nil {
				continue
			}
			s, err := state.Open(state.Options{Dir: dir})
			if err != nil {
				w.t.Fatal(err)
			}
			if newest == nil || s.Position() > newest.Position() {
				newest, s = s, newest
			}
			if s != nil {
				if err := s.Close(); err != nil {
					w.t.Error(err)
				}
			}
		}
		if newest == nil {
			w.t.Fatalf("partition %d has no state", p)
		}
		if err := newest.Each(func(k string, b []byte) error {
			rows[k] = append([]byte(nil), b...)
			return nil
		}); err != nil {
			w.t.Error(err)
		}
		if err := newest.Close(); err != nil {
			w.t.Error(err)
		}
	}
	return w.decode(rows)
}
