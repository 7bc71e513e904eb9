package integration

import (
	"context"
	"math/rand/v2"
	"strconv"
	"sync"
	"time"

	"github.com/tidemark/tidemark/integration/harness"
)

// steadyLoad produces random inserts, updates, deletes and re-inserts of a few
// keys at a steady rate, and knows the rows that they end in.
type steadyLoad struct {
	cluster *harness.Cluster
	topic   string
	rng     *rand.Rand
	events  *harness.Debezium
	mu      sync.Mutex
	rows    map[int]row
	sent    int
}

func newLoad(c *harness.Cluster, topic string, seed uint64) *steadyLoad {
	return &steadyLoad{
		cluster: c, topic: topic, rng: rand.New(rand.NewPCG(seed, 7)),
		events: &harness.Debezium{Key: []string{"id"}}, rows: map[int]row{},
	}
}

// run produces about rate events a second over so many keys until ctx ends.
func (l *steadyLoad) run(ctx context.Context, keys, rate int) error {
	const ticks = 50 // a second
	tick := time.NewTicker(time.Second / ticks)
	defer tick.Stop()
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			if err := l.some(keys, max(1, rate/ticks)); err != nil {
				return err
			}
		}
	}
}

// some produces n events in one go.
func (l *steadyLoad) some(keys, n int) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	var batch []harness.Event
	for range n {
		id := l.rng.IntN(keys)
		r := order(id, strconv.Itoa(l.sent))
		switch _, alive := l.rows[id]; {
		case alive && l.rng.IntN(5) == 0:
			batch = append(batch, l.events.Delete(r)...)
			delete(l.rows, id)
		case alive:
			batch = append(batch, l.events.Update(r))
			l.rows[id] = r
		default:
			batch = append(batch, l.events.Create(r))
			l.rows[id] = r
		}
		l.sent++
	}
	return l.cluster.Send(l.topic, batch...)
}

// want is the rows that the events so far end in.
func (l *steadyLoad) want() []row {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := make([]row, 0, len(l.rows))
	for _, r := range l.rows {
		out = append(out, r)
	}
	return out
}
