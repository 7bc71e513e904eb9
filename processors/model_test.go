package processors

import (
	"math/rand/v2"
	"os"
	"path/filepath"
	"strconv"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/processors/state"
)

// model is what the table must be: a map.
type model struct {
	w    *world
	dice *rand.Rand
	rows map[int64]string
	n    int
}

// change makes a random change of one of a few hot keys.
func (m *model) change() []*kgo.Record {
	id := m.dice.IntN(60)
	m.n++
	switch roll := m.dice.IntN(100); {
	case roll < 20:
		delete(m.rows, int64(id))
		return []*kgo.Record{remove(id), tombstone(id)}
	case roll < 23:
		return []*kgo.Record{{Key: keyJSON(id), Value: []byte("this is no event")}}
	default:
		v := strconv.Itoa(m.n)
		m.rows[int64(id)] = v
		return []*kgo.Record{upsert(id, v)}
	}
}

func (m *model) load(n int) {
	var recs []*kgo.Record
	for range n {
		recs = append(recs, m.change()...)
	}
	m.w.produce(recs...)
}

// TestModel throws dice: changes of hot keys, failing produces, batches, and two to
// three processes that are killed, stopped and paused for longer than their session.
// In the end everything must equal a map. TIDEMARK_TEST_SEED repeats a run.
func TestModel(t *testing.T) {
	seed := rand.Uint64()
	if s := os.Getenv("TIDEMARK_TEST_SEED"); s != "" {
		var err error
		if seed, err = strconv.ParseUint(s, 10, 64); err != nil {
			t.Fatal(err)
		}
	}
	t.Logf("TIDEMARK_TEST_SEED=%d", seed)
	w := newWorld(t, 4)
	m := &model{w: w, dice: rand.New(rand.NewPCG(seed, 1)), rows: map[int64]string{}}
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
	w.staleRecords()
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
	switch m.dice.IntN(6) {
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
		if _, err := RequestBatch(m.w.t.Context(), m.w.settings, m.w.table, TriggerDemand); err != nil {
			m.w.t.Fatal(err)
		}
		return "batch"
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
