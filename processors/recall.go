package processors

import (
	"context"
	"slices"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/drift"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// recall is what was last told of the health of partitions, as far as this process has
// read it: whoever takes one over goes on counting.
type recall struct {
	mu    sync.Mutex
	at    time.Time
	known map[int32]wire.Health
	// drifts outlive a claim: a partition that comes back is compared with what it was.
	drifts map[int32]*drift.Tracker
	// lines are what was different in each partition when it was last looked at.
	lines map[int32][]drift.Line
}

// drift returns the partition's tracker. One claim at a time uses it.
func (c *recall) drift(partition int32, o *Options) *drift.Tracker {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.drifts == nil {
		c.drifts = map[int32]*drift.Tracker{}
	}
	d := c.drifts[partition]
	if d == nil {
		d = drift.NewTracker(o.Table, o.Schemas)
		c.drifts[partition] = d
	}
	return d
}

// firstToTell returns of what is new in a partition what no other one has told: a schema
// changes once, and in the partitions one after the other.
func (c *recall) firstToTell(partition int32, fresh []drift.Line) []drift.Line {
	if len(fresh) == 0 {
		return nil
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.lines == nil {
		c.lines = map[int32][]drift.Line{}
	}
	c.lines[partition] = slices.Concat(c.lines[partition], fresh)
	return slices.DeleteFunc(fresh, func(l drift.Line) bool {
		for p, lines := range c.lines {
			if p != partition && slices.ContainsFunc(lines, func(o drift.Line) bool { return o.Kind == l.Kind && o.What == l.What }) {
				return true
			}
		}
		return false
	})
}

// toldDrifts keeps what is different in a partition.
func (c *recall) toldDrifts(partition int32, lines []drift.Line) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if len(lines) == 0 {
		delete(c.lines, partition)
		return
	}
	if c.lines == nil {
		c.lines = map[int32][]drift.Line{}
	}
	c.lines[partition] = lines
}

// put keeps what a progress record tells, if its rows are those of the changelog as it is.
func (c *recall) put(partition int32, r *kgo.Record, changelog [16]byte) {
	told, has := wire.Health{}, false
	for _, h := range r.Headers {
		switch h.Key {
		case wire.HealthName:
			if parsed, err := wire.ParseHealth(h.Value); err == nil {
				told, has = parsed, true
			}
		case changelogName:
			if topicID(h.Value) != changelog {
				return
			}
		}
	}
	if !has {
		return
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.known == nil {
		c.known = map[int32]wire.Health{}
	}
	c.known[partition], c.at = told, time.Now()
}

// youngFor is how long nobody else can have told much more of a partition: the process
// has read the topic a moment ago.
const youngFor = 5 * time.Second

func (c *recall) get(partition int32) (told wire.Health, young bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[partition], time.Since(c.at) < youngFor
}

// recallHealth lets the claim go on counting from where the partition's last owner was.
// The topic may have to be read for it, which nothing else waits for; until then the
// health is not told.
func (c *claim) recallHealth(ctx context.Context) (stop func()) {
	if told, young := c.recall.get(c.partition); young {
		c.health.goOnFrom(told)
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			told, err := c.readHealth(ctx)
			if err == nil {
				c.health.goOnFrom(told)
				return
			}
			c.logger.Debug("health of the partition not read; it is tried again", "error", err)
			select {
			case <-ctx.Done():
			case <-time.After(retryEvery):
			}
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// readHealth reads what was last told of the partition.
func (c *claim) readHealth(ctx context.Context) (wire.Health, error) {
	var last recall
	found := false
	_, err := logread.Back(ctx, c.admin, kafka.Topic{Name: c.names.Progress, Partitions: 1}, 0, func(r *kgo.Record) {
		if wire.IsBootstrapKey(r.Key) {
			return
		}
		if p, err := wire.ParseProgress(r.Value); err == nil && p.Partition == c.partition {
			found = true
			last.put(c.partition, r, c.changelogID)
		}
	}, func() bool { return found })
	told, _ := last.get(c.partition)
	return told, err
}
