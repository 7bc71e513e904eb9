package topics_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/kafka/kafkatest"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/views/topics"
)

const (
	topic    = "orders-snapshot"
	patience = 20 * time.Second
)

func start(t *testing.T) kafka.Settings {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{topic: 3, "orders-progress": 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return kafka.Settings{Brokers: b.Addrs()}
}

func client(t *testing.T, s kafka.Settings, opts ...kgo.Opt) *kgo.Client {
	t.Helper()
	c, err := s.Client(append(opts, kgo.RecordPartitioner(kgo.ManualPartitioner()))...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(c.Close)
	return c
}

func produce(t *testing.T, c *kgo.Client, recs ...*kgo.Record) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	if err := c.ProduceSync(ctx, recs...).FirstErr(); err != nil {
		t.Fatal(err)
	}
}

func record(p int32, key string) *kgo.Record {
	return &kgo.Record{Topic: topic, Partition: p, Key: []byte(key), Value: []byte("v")}
}

func pool(t *testing.T, s kafka.Settings) *logread.Pool {
	p := logread.NewPool(s)
	t.Cleanup(p.Close)
	return p
}

func open(t *testing.T, s kafka.Settings) *topics.Client {
	t.Helper()
	c, err := topics.Open(pool(t, s), s)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestScanStopsAtTheOffsets(t *testing.T) {
	s := start(t)
	c := client(t, s)
	for i := range 5 {
		produce(t, c, record(0, fmt.Sprint("a", i)), record(1, fmt.Sprint("b", i)), record(2, fmt.Sprint("c", i)))
	}
	var got []string
	err := open(t, s).Scan(t.Context(), topic, []int64{3, 0, 5}, func(r topics.Record) error {
		got = append(got, string(r.Key))
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{"a0", "a1", "a2", "c0", "c1", "c2", "c3", "c4"}, got); diff != "" {
		t.Error(diff)
	}
}

// TestScanPassesAnEndThatIsNotDelivered has a marker where the scan must end.
func TestScanPassesAnEndThatIsNotDelivered(t *testing.T) {
	s := start(t)
	tx := client(t, s, kgo.TransactionalID("t"))
	if err := tx.BeginTransaction(); err != nil {
		t.Fatal(err)
	}
	produce(t, tx, record(0, "a"))
	if err := kafkatest.EndTransaction(t.Context(), tx, kgo.TryCommit, topic); err != nil {
		t.Fatal(err)
	}
	n := 0
	err := open(t, s).Scan(t.Context(), topic, []int64{2}, func(topics.Record) error {
		n++
		return nil
	})
	if err != nil || n != 1 {
		t.Errorf("%d records, %v; want 1", n, err)
	}
}

func TestScanEndsWithAnError(t *testing.T) {
	s := start(t)
	produce(t, client(t, s), record(0, "a"))
	bad := errors.New("bad")
	err := open(t, s).Scan(t.Context(), topic, []int64{1}, func(topics.Record) error { return bad })
	if !errors.Is(err, bad) {
		t.Errorf("error %v, want %v", err, bad)
	}
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := open(t, s).Scan(ctx, topic, []int64{1}, func(topics.Record) error { return nil }); !errors.Is(err, context.Canceled) {
		t.Errorf("error %v of a context that is over", err)
	}
}

func TestFollow(t *testing.T) {
	s := start(t)
	c := client(t, s)
	put := func(key string, headers ...kgo.RecordHeader) {
		t.Helper()
		produce(t, c, &kgo.Record{Topic: "orders-progress", Key: []byte(key), Value: []byte("v"), Headers: headers})
	}
	put("a")
	put("b", kgo.RecordHeader{Key: wire.ChangelogIDName, Value: []byte("id")})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	var mu sync.Mutex
	var got []string
	var over sync.WaitGroup
	over.Go(func() {
		err := topics.Follow(ctx, pool(t, s), map[string]int64{"orders-progress": 1}, func(r topics.Record) {
			mu.Lock()
			defer mu.Unlock()
			got = append(got, fmt.Sprintf("%s %d %s", r.Key, r.Offset, r.Changelog))
		}, func(topic string, err error) {
			if ctx.Err() == nil {
				t.Errorf("topic %s: %v", topic, err)
			}
		})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("tail ended with %v", err)
		}
	})
	put("c")
	want := []string{"b 1 id", "c 2 "}
	deadline := time.After(patience)
	for tick := time.Tick(5 * time.Millisecond); ; {
		mu.Lock()
		done := slices.Equal(got, want)
		mu.Unlock()
		if done {
			break
		}
		select {
		case <-deadline:
			t.Fatalf("records %q, want %q", got, want)
		case <-tick:
		}
	}
	cancel()
	over.Wait()
}

func TestEnds(t *testing.T) {
	s := start(t)
	produce(t, client(t, s), record(1, "a"), record(1, "b"), record(2, "c"))
	c := open(t, s)
	got, err := c.Ends(t.Context(), topic, "orders-progress")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string][]int64{topic: {0, 2, 1}, "orders-progress": {0}}, got); diff != "" {
		t.Error(diff)
	}
	if _, err := c.Ends(t.Context(), topic, "no-such-topic"); err == nil {
		t.Error("ends of a topic that is not there")
	}
}
