package changelog

import (
	"bytes"
	"context"
	"fmt"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/kafka/kafkatest"
	"github.com/tidemark/tidemark/kafka/logread"
)

const (
	topic    = "orders-table"
	patience = 20 * time.Second
)

// book is a Sink that writes down what it gets.
type book struct {
	mu      sync.Mutex
	from    map[int32]int64
	records []Record
	skips   map[int32]int64
}

func (b *book) Resume(p int32) int64 { return b.from[p] }

func (b *book) Take(r Record) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.records = append(b.records, r)
	return nil
}

func (b *book) Skip(p int32, next int64) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.skips == nil {
		b.skips = map[int32]int64{}
	}
	b.skips[p] = next
	return nil
}

func (b *book) keys() []string {
	b.mu.Lock()
	defer b.mu.Unlock()
	var out []string
	for _, r := range b.records {
		out = append(out, r.Key)
	}
	return out
}

func startBroker(t *testing.T, o broker.Options) *broker.Broker {
	t.Helper()
	b, err := broker.Start(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	return b
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

func produce(t *testing.T, c *kgo.Client, partition int32, keys ...string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	for _, k := range keys {
		r := &kgo.Record{Topic: topic, Partition: partition, Key: []byte(k), Value: []byte("value of " + k)}
		r.Headers = []kgo.RecordHeader{{Key: wire.StampName, Value: wire.AppendStamp(nil, wire.Stamp{Offset: 7})}}
		if err := c.ProduceSync(ctx, r).FirstErr(); err != nil {
			t.Fatal(err)
		}
	}
}

// read runs a reader until the test ends, with its topic's ends given to it as a view does.
func read(t *testing.T, s kafka.Settings, sink Sink, partitions int32) *Reader {
	t.Helper()
	r, err := NewReader(Options{Kafka: s, Topic: topic, Partitions: partitions, Sink: sink, Stall: 500 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var running sync.WaitGroup
	running.Add(2)
	go func() {
		defer running.Done()
		_ = r.Run(ctx)
	}()
	asker := client(t, s)
	go func() {
		defer running.Done()
		for tick := time.Tick(50 * time.Millisecond); ctx.Err() == nil; {
			if ends, err := kafka.EndOffsets(ctx, asker, topic); err == nil {
				_ = r.Ends(ctx, ends)
			}
			select {
			case <-ctx.Done():
			case <-tick:
			}
		}
	}()
	t.Cleanup(func() {
		cancel()
		running.Wait()
	})
	return r
}

func await(t *testing.T, what string, ok func() bool) {
	t.Helper()
	deadline := time.After(patience)
	tick := time.NewTicker(5 * time.Millisecond)
	defer tick.Stop()
	for !ok() {
		select {
		case <-deadline:
			t.Fatalf("waited %s for %s", patience, what)
		case <-tick.C:
		}
	}
}

// allRecovered reports whether the view that runs has come to the end that every
// partition had when it was built.
func (r *Reader) allRecovered() bool {
	return !slices.ContainsFunc(r.partitions, func(p *partition) bool { return !p.recovered.Load() })
}

func TestRecordsArriveWithStampAndOffset(t *testing.T) {
	b := startBroker(t, broker.Options{Topics: map[string]int32{topic: 2}})
	s := kafka.Settings{Brokers: b.Addrs()}
	c := client(t, s)
	produce(t, c, 0, "a", "b")
	produce(t, c, 1, "c")
	sink := &book{from: map[int32]int64{0: 1}}
	r := read(t, s, sink, 2)
	await(t, "recovery", r.allRecovered)
	produce(t, c, 0, "d")
	await(t, "a record that came later", func() bool { return slices.Contains(sink.keys(), "d") })
	got := sink.keys()
	slices.Sort(got)
	if want := []string{"b", "c", "d"}; !slices.Equal(got, want) {
		t.Errorf("keys %v, want %v: partition 0 begins at offset 1", got, want)
	}
	for _, rec := range sink.records {
		if stamp, err := wire.ParseStamp(rec.Stamp); err != nil || stamp.Offset != 7 {
			t.Errorf("stamp of %s: %v, %v", rec.Key, stamp, err)
		}
		if !bytes.Equal(rec.Value, []byte("value of "+rec.Key)) {
			t.Errorf("value of %s: %q", rec.Key, rec.Value)
		}
	}
}

// TestAMarkerAtTheEndIsReached has a transaction's marker at the end of a partition: an offset
// that no reader is ever given, and that goka waits for in its recovery.
func TestAMarkerAtTheEndIsReached(t *testing.T) {
	b := startBroker(t, broker.Options{Topics: map[string]int32{topic: 2}})
	s := kafka.Settings{Brokers: b.Addrs()}
	tx := client(t, s, kgo.TransactionalID("writer"))
	commit := func(end kgo.TransactionEndTry, keys ...string) {
		t.Helper()
		if err := tx.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		produce(t, tx, 0, keys...)
		if err := kafkatest.EndTransaction(t.Context(), tx, end, topic); err != nil {
			t.Fatal(err)
		}
	}
	commit(kgo.TryCommit, "a", "b")
	commit(kgo.TryAbort, "never")
	sink := &book{}
	r := read(t, s, sink, 2)
	await(t, "recovery past records that are never delivered", r.allRecovered)
	if got := sink.keys(); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("keys %v, want a and b", got)
	}
	sink.mu.Lock()
	skipped := sink.skips[0]
	sink.mu.Unlock()
	if skipped != 5 {
		t.Errorf("told to go on at %d, want 5: behind two records, a marker, an aborted record and a marker", skipped)
	}
	commit(kgo.TryCommit, "c")
	await(t, "the next transaction", func() bool { return slices.Contains(sink.keys(), "c") })
}

// TestWhatIsLeftBetweenTwoOffsets asks what is left between two offsets.
func TestWhatIsLeftBetweenTwoOffsets(t *testing.T) {
	b := startBroker(t, broker.Options{Topics: map[string]int32{topic: 1}})
	s := kafka.Settings{Brokers: b.Addrs()}
	tx := client(t, s, kgo.TransactionalID("writer"))
	for _, end := range []kgo.TransactionEndTry{kgo.TryCommit, kgo.TryAbort} { // 0 record 1 marker 2 aborted 3 marker
		if err := tx.BeginTransaction(); err != nil {
			t.Fatal(err)
		}
		produce(t, tx, 0, "k")
		if err := kafkatest.EndTransaction(t.Context(), tx, end, topic); err != nil {
			t.Fatal(err)
		}
	}
	produce(t, client(t, s), 0, strings.Repeat("large", 100_000)) // 4
	for _, c := range []struct {
		from, end int64
		want      bool
	}{{0, 4, true}, {0, 1, true}, {1, 4, false}, {2, 3, false}, {2, 5, true}, {4, 5, true}, {5, 5, false}} {
		t.Run(fmt.Sprintf("%d to %d", c.from, c.end), func(t *testing.T) {
			got, err := logread.Deliverable(t.Context(), client(t, s), kafka.Topic{Name: topic}, 0, c.from, c.end)
			if err != nil || got != c.want {
				t.Errorf("deliverable %v, %v; want %v", got, err, c.want)
			}
		})
	}
}

// TestReadingGoesOnAfterAnOutage takes the broker away and brings it back: the view continues within
// seconds, where it was, and leaves no client behind.
func TestReadingGoesOnAfterAnOutage(t *testing.T) {
	dir := t.TempDir()
	b := startBroker(t, broker.Options{Dir: dir, Topics: map[string]int32{topic: 1}})
	s := kafka.Settings{Brokers: b.Addrs()}
	produce(t, client(t, s), 0, "a")
	sink := &book{}
	t.Run("outage", func(t *testing.T) {
		r := read(t, s, sink, 1)
		await(t, "recovery", r.allRecovered)
		for i, c := range []struct {
			outage time.Duration
			ends   bool // the view ends while there is no broker to begin the next one with
		}{{0, false}, {3 * time.Second, false}, {0, true}} {
			restarts := r.Restarts()
			if err := b.Close(); err != nil {
				t.Fatal(err)
			}
			if c.ends {
				r.again(errSilent)
			}
			over := time.Now().Add(c.outage)
			await(t, "the end of the outage", func() bool { return time.Now().After(over) })
			b = startBroker(t, broker.Options{Dir: dir, Addr: s.Brokers[0]})
			key := fmt.Sprint("after outage ", i)
			produce(t, client(t, s), 0, key)
			begun := time.Now()
			await(t, key, func() bool { return slices.Contains(sink.keys(), key) })
			if took := time.Since(begun); took > 5*time.Second {
				t.Errorf("the record came %s after the broker was back", took)
			}
			if got := r.Restarts(); got != restarts && !c.ends {
				t.Errorf("the view was built again %d times; it reconnects by itself", got-restarts)
			}
		}
	})
	if got := sink.keys(); len(got) != 4 {
		t.Errorf("keys %q, want each once", got)
	}
	await(t, "the end of the readers' clients", func() bool {
		buf := make([]byte, 1<<20)
		return !bytes.Contains(buf[:runtime.Stack(buf, true)], []byte("IBM/sarama."))
	})
}

// TestSilentPartitionIsReadAgain has goka believe that it reads a partition
// which it does not: records are there, none comes.
func TestSilentPartitionIsReadAgain(t *testing.T) {
	b := startBroker(t, broker.Options{Topics: map[string]int32{topic: 1}})
	s := kafka.Settings{Brokers: b.Addrs()}
	produce(t, client(t, s), 0, "a")
	sink := &book{}
	r, err := NewReader(Options{Kafka: s, Topic: topic, Partitions: 1, Sink: sink, Stall: 10 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	restarted := make(chan error, 1)
	r.hold(func(cause error) { restarted <- cause })
	await(t, "a restart of the view that reads nothing", func() bool {
		if err := r.Ends(t.Context(), []int64{1}); err != nil {
			t.Fatal(err)
		}
		select {
		case cause := <-restarted:
			return cause == errSilent
		default:
			return false
		}
	})
}

func TestOptionsAreChecked(t *testing.T) {
	_, err := NewReader(Options{})
	for _, want := range []string{"Topic", "Partitions", "Sink", "brokers"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("error %v does not name %s", err, want)
		}
	}
}
