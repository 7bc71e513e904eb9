package harness

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/broker"
)

// KafkaVariable names a real broker to run the suite against; without it each
// test has an embedded one.
const KafkaVariable = "TIDEMARK_KAFKA"

// Cluster is the broker of one test, and a producer of its source topics. Topics
// and groups carry a prefix of their own, so tests can share a real broker.
type Cluster struct {
	Addrs  []string
	Prefix string
	client *kgo.Client
	admin  *kadm.Client
	mu     sync.Mutex
	ends   map[string]map[int32]int64
}

// NewCluster starts an embedded broker, or connects to the given one.
func NewCluster(t testing.TB) *Cluster {
	t.Helper()
	if addrs := os.Getenv(KafkaVariable); addrs != "" {
		return Connect(t, strings.Split(addrs, ","))
	}
	b, err := broker.Start(context.Background(), broker.Options{Dir: t.TempDir()})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { b.Close() })
	return Connect(t, b.Addrs())
}

// Connect uses a running broker.
func Connect(t testing.TB, addrs []string) *Cluster {
	t.Helper()
	cl, err := kgo.NewClient(
		kgo.SeedBrokers(addrs...), kgo.RecordPartitioner(asJava()), kgo.ProducerBatchMaxBytes(64<<20),
		kgo.UnknownTopicRetries(50),
	)
	if err != nil {
		t.Fatal(err)
	}
	var id [4]byte
	_, _ = rand.Read(id[:])
	c := &Cluster{
		Addrs: addrs, Prefix: "t" + hex.EncodeToString(id[:]) + "-", client: cl, admin: kadm.NewClient(cl),
		ends: map[string]map[int32]int64{},
	}
	t.Cleanup(cl.Close)
	return c
}

// asJava places records as a Java producer does, unless a partition is set.
func asJava() kgo.Partitioner {
	hash := kgo.StickyKeyPartitioner(nil)
	return kgo.BasicConsistentPartitioner(func(topic string) func(*kgo.Record, int) int {
		p := hash.ForTopic(topic)
		return func(r *kgo.Record, n int) int {
			switch {
			case r.Partition >= 0:
				return int(r.Partition)
			case r.Key == nil:
				return 0
			}
			return p.Partition(r, n)
		}
	})
}

// Topic creates a source topic and returns its name, which carries the prefix.
func (c *Cluster) Topic(t testing.TB, name string, partitions int32) string {
	t.Helper()
	name = c.Prefix + name
	if err := c.Create(name, partitions, nil); err != nil {
		t.Fatal(err)
	}
	return name
}

// Create creates a topic of exactly that name.
func (c *Cluster) Create(name string, partitions int32, settings map[string]*string) error {
	ctx, cancel := context.WithTimeout(context.Background(), 30*time.Second)
	defer cancel()
	r, err := c.admin.CreateTopic(ctx, partitions, 1, settings, name)
	if err == nil {
		err = r.Err
	}
	return err
}

// Admin returns an administration client.
func (c *Cluster) Admin() *kadm.Client { return c.admin }

// Produce sends the events in order and waits for the acknowledgements.
func (c *Cluster) Produce(t testing.TB, topic string, events ...Event) {
	t.Helper()
	if err := c.Send(topic, events...); err != nil {
		t.Fatal(err)
	}
}

// Send is Produce for other goroutines than the test's.
func (c *Cluster) Send(topic string, events ...Event) error {
	records := make([]*kgo.Record, 0, len(events))
	for i, e := range events {
		r, err := e.record(topic)
		if err != nil {
			return fmt.Errorf("event %d: %w", i+1, err)
		}
		records = append(records, r)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	results := c.client.ProduceSync(ctx, records...)
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, r := range results {
		if r.Err != nil {
			return r.Err
		}
		if c.ends[topic] == nil {
			c.ends[topic] = map[int32]int64{}
		}
		if end := r.Record.Offset + 1; end > c.ends[topic][r.Record.Partition] {
			c.ends[topic][r.Record.Partition] = end
		}
	}
	return nil
}

// Position returns the ends of what was produced to a topic, as the
// Tidemark-Min-Position header is written.
func (c *Cluster) Position(topic string) string {
	c.mu.Lock()
	defer c.mu.Unlock()
	var parts []string
	for p, o := range c.ends[topic] {
		parts = append(parts, fmt.Sprintf("%d:%d", p, o))
	}
	return strings.Join(parts, ",")
}
