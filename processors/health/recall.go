package health

import (
	"context"
	"sync"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/kafka/retry"
	"github.com/tidemark/tidemark/processors/events"
)

// Recall is the health of partitions as last reported, as far as this process has
// read it: the next owner goes on counting.
type Recall struct {
	mu    sync.Mutex
	at    time.Time
	known map[int32]wire.Health
}

// Put keeps the health in a progress record, if the record's rows are those of the changelog as it is.
func (c *Recall) Put(partition int32, r *kgo.Record, changelog [16]byte) {
	reported, has := wire.Health{}, false
	for _, h := range r.Headers {
		switch h.Key {
		case wire.HealthName:
			if parsed, err := wire.ParseHealth(h.Value); err == nil {
				reported, has = parsed, true
			}
		case wire.ChangelogIDName:
			if kafka.TopicID(h.Value) != changelog {
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
	c.known[partition], c.at = reported, time.Now()
}

// youngFor is how long nobody else can have reported much more of a partition: the process
// has read the topic a moment ago.
const youngFor = 5 * time.Second

func (c *Recall) get(partition int32) (reported wire.Health, young bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.known[partition], time.Since(c.at) < youngFor
}

// Topic is where partitions' health is reported.
type Topic struct {
	Client    *kgo.Client
	Name      string
	Changelog [16]byte // whose rows are counted
	Events    *events.Listener
}

// retryEvery is the pace of reading a topic that cannot be read.
const retryEvery = time.Second

// Continue lets a tracker go on counting from where the partition's last owner was.
// The topic may have to be read for it, which nothing else waits for; until then the
// health is not known. stop ends that.
func (c *Recall) Continue(ctx context.Context, topic Topic, partition int32, t *Tracker) (stop func()) {
	if reported, young := c.get(partition); young {
		t.GoOnFrom(reported)
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	done := make(chan struct{})
	go func() {
		defer close(done)
		for ctx.Err() == nil {
			reported, err := topic.read(ctx, partition)
			if err == nil {
				t.GoOnFrom(reported)
				return
			}
			topic.Events.HealthNotRead(events.HealthNotRead{Err: err})
			_ = retry.Pause(ctx, retryEvery)
		}
	}()
	return func() {
		cancel()
		<-done
	}
}

// read reads the last report of the partition.
func (t Topic) read(ctx context.Context, partition int32) (wire.Health, error) {
	var last Recall
	found := false
	_, err := logread.Back(ctx, t.Client, kafka.Topic{Name: t.Name, Partitions: 1}, 0, func(r *kgo.Record) {
		if wire.IsBootstrapKey(r.Key) {
			return
		}
		if p, err := wire.ParseProgress(r.Value); err == nil && p.Partition == partition {
			found = true
			last.Put(partition, r, t.Changelog)
		}
	}, func() bool { return found })
	reported, _ := last.get(partition)
	return reported, err
}
