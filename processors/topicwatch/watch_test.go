package topicwatch

import (
	"context"
	"errors"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/processors/events"
)

const (
	sourceTopic    = "shop.public.orders"
	changelogTopic = "orders-table"
	progressTopic  = "orders-progress"
	patience       = 30 * time.Second
)

// world is a broker with the topics that are watched.
type world struct {
	t      *testing.T
	client *kgo.Client
	watch  *Watch
	seen   chan error
}

func newWorld(t *testing.T) *world {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{sourceTopic: 2, changelogTopic: 2, progressTopic: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	settings := kafka.Settings{Brokers: b.Addrs()}
	client, err := settings.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	w := &world{t: t, client: client, seen: make(chan error, 1000)}
	w.watch = w.restart()
	return w
}

// restart is the watch of another process.
func (w *world) restart() *Watch {
	return New(Options{
		Progress: progressTopic, Every: time.Millisecond, Events: new(events.Listener).EnsureDefaults(),
		Seen: func(err error) {
			select {
			case w.seen <- err:
			default:
			}
		},
	})
}

func (w *world) topic(name string) kafka.Topic {
	w.t.Helper()
	got, err := Describe(w.t.Context(), w.client, name)
	if err != nil {
		w.t.Fatal(err)
	}
	return got
}

func (w *world) remove(topic string) {
	w.t.Helper()
	if _, err := kadm.NewClient(w.client).DeleteTopic(w.t.Context(), topic); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) create(topic string, partitions int32) {
	w.t.Helper()
	if _, err := kadm.NewClient(w.client).CreateTopic(w.t.Context(), partitions, 1, nil, topic); err != nil {
		w.t.Fatal(err)
	}
}

// tell writes a progress record about a source topic.
func (w *world) tell(partition int32, source kafka.Topic) {
	w.t.Helper()
	rec := &kgo.Record{
		Topic: progressTopic, Key: wire.AppendProgressKey(nil, partition), Value: wire.AppendProgress(nil, wire.Progress{Partition: partition}),
		Headers: []kgo.RecordHeader{{Key: wire.SourceIDName, Value: source.ID[:]}},
	}
	if err := w.client.ProduceSync(w.t.Context(), rec).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) check(by *Watch) (records []int32, err error) {
	w.t.Helper()
	err = by.Check(w.t.Context(), w.client, w.topic(sourceTopic), func(partition int32, _ *kgo.Record) { records = append(records, partition) })
	return records, err
}

// A process that saw the topic, and one that only reads what was reported of it, refuse another one alike.
func TestATopicThatWasMadeAgainIsRefused(t *testing.T) {
	w := newWorld(t)
	was := w.topic(sourceTopic)
	w.tell(0, was)
	w.tell(1, was)
	if records, err := w.check(w.watch); err != nil || len(records) != 2 {
		t.Fatalf("%v, %v", records, err)
	}
	w.remove(sourceTopic)
	w.create(sourceTopic, 2)
	for name, by := range map[string]*Watch{"the process that saw it": w.watch, "another process": w.restart()} {
		var recreated *kafka.RecreatedError
		if _, err := w.check(by); !errors.As(err, &recreated) || recreated.Was != was.ID {
			t.Errorf("%s: %v", name, err)
		}
	}
	w.tell(0, w.topic(sourceTopic)) // the table was built anew
	if _, err := w.check(w.restart()); err != nil {
		t.Errorf("what was told last does not count: %v", err)
	}
}

func TestATopicThatHasGrownIsRefused(t *testing.T) {
	w := newWorld(t)
	if _, err := w.check(w.watch); err != nil {
		t.Fatal(err)
	}
	if _, err := kadm.NewClient(w.client).CreatePartitions(t.Context(), 1, sourceTopic); err != nil {
		t.Fatal(err)
	}
	var grown *kafka.PartitionsError
	if _, err := w.check(w.watch); !errors.As(err, &grown) || !grown.Source {
		t.Errorf("%v", err)
	}
}

// Where records are repartitioned by their keys, the source may grow, and not be another one.
func TestTheOriginMayGrow(t *testing.T) {
	w := newWorld(t)
	if err := w.watch.CheckOrigin(w.topic(sourceTopic)); err != nil {
		t.Fatal(err)
	}
	grown, done := make(chan int32), make(chan error, 1)
	ctx, stop := context.WithTimeout(t.Context(), patience)
	defer stop()
	go func() {
		done <- w.watch.Grow(ctx, w.client, func(n int32) {
			select {
			case grown <- n:
			case <-ctx.Done():
			}
		})
	}()
	if n := <-grown; n != 2 {
		t.Errorf("%d partitions", n)
	}
	if _, err := kadm.NewClient(w.client).CreatePartitions(ctx, 1, sourceTopic); err != nil {
		t.Fatal(err)
	}
	for n := int32(0); n != 3; {
		select {
		case n = <-grown:
		case err := <-done:
			t.Fatalf("the watch has ended: %v", err)
		}
	}
	if err := w.watch.CheckOrigin(w.topic(sourceTopic)); err != nil {
		t.Errorf("one that has grown is refused: %v", err)
	}
	w.remove(sourceTopic)
	for {
		select {
		case <-grown:
			continue
		case err := <-done:
			if !errors.Is(err, kafka.ErrNoSource) {
				t.Errorf("without the topic: %v", err)
			}
		}
		break
	}
	w.create(sourceTopic, 2)
	var recreated *kafka.RecreatedError
	if err := w.watch.CheckOrigin(w.topic(sourceTopic)); !errors.As(err, &recreated) {
		t.Errorf("another one: %v", err)
	}
}

// follow has the topics watched until that ends.
func (w *world) follow() (done chan error) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), patience)
	w.t.Cleanup(stop)
	source, changelog := w.topic(sourceTopic), w.topic(changelogTopic)
	done = make(chan error, 1)
	go func() { done <- w.watch.Follow(ctx, w.client, source, changelog) }()
	if err := <-w.seen; err != nil {
		w.t.Fatalf("topics that are there were not seen: %v", err)
	}
	return done
}

func TestAChangelogThatIsGoneEndsTheWatch(t *testing.T) {
	w := newWorld(t)
	done := w.follow()
	w.remove(changelogTopic)
	if err := <-done; !errors.Is(err, ErrChangelogGone) {
		t.Errorf("%v", err)
	}
}

// A source that is not there may be back, and then it is looked at: only another one ends the watch.
func TestASourceThatIsAwayIsWaitedFor(t *testing.T) {
	w := newWorld(t)
	done := w.follow()
	w.remove(sourceTopic)
	for away := false; !away; {
		select {
		case err := <-w.seen:
			away = errors.Is(err, kafka.ErrNoSource)
		case err := <-done:
			t.Fatalf("the watch has ended: %v", err)
		}
	}
	w.create(sourceTopic, 2)
	var recreated *kafka.RecreatedError
	if err := <-done; !errors.As(err, &recreated) {
		t.Errorf("%v", err)
	}
}
