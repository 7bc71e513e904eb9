package feed

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"github.com/IBM/sarama"
	"github.com/google/go-cmp/cmp"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/processors/bus"
	"github.com/tidemark/tidemark/processors/driftwatch"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/health"
	"github.com/tidemark/tidemark/processors/instrument"
	"github.com/tidemark/tidemark/processors/intake"
	"github.com/tidemark/tidemark/processors/pending"
	"github.com/tidemark/tidemark/tables"
)

const (
	sourceTopic  = "source"
	controlTopic = "control"
	patience     = 30 * time.Second
)

// world is a broker with the two topics, and a feeder of them.
type world struct {
	t     *testing.T
	admin *kgo.Client
	*Feeder
	messages chan *sarama.ConsumerMessage
	away     atomic.Bool // what decoding needs
	waits    chan error
	lost     []string
	oldest   int64
}

// Decode takes the value for the kind of change.
func (w *world) Decode(rec *codecs.Record, c *tables.Change) error {
	c.Op, c.Key = tables.Upsert, tables.Key(rec.Key)
	switch string(rec.Value) {
	case "truncate":
		c.Op = tables.Truncate
	case "skip":
		c.Op = tables.Skip
	case "away":
		if w.away.Load() {
			return codecs.ErrUnavailable
		}
	}
	return nil
}

func newWorld(t *testing.T) *world {
	t.Helper()
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{sourceTopic: 1, controlTopic: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	settings := kafka.Settings{Brokers: b.Addrs()}
	w := &world{t: t, messages: make(chan *sarama.ConsumerMessage, 100), waits: make(chan error, 100)}
	if w.admin, err = settings.Client(kgo.RecordPartitioner(kgo.ManualPartitioner())); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(w.admin.Close)
	config, err := settings.Sarama()
	if err != nil {
		t.Fatal(err)
	}
	consumer, err := sarama.NewConsumer(b.Addrs(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = consumer.Close() })
	source, err := kafka.Describe(t.Context(), w.admin, sourceTopic)
	if err != nil {
		t.Fatal(err)
	}
	h, metrics := health.New(), instrument.Of("orders", nil)
	table := &tables.Table{Name: "orders"}
	w.Feeder = New(Options{
		Source: source, Control: controlTopic, Consumer: consumer, Admin: w.admin, Health: h,
		Queue:  pending.New(0, 100, 1<<20, &h.Source),
		Intake: intake.New(intake.Options{Table: table, Topic: sourceTopic, Partitions: 1, Decoder: w, Skipped: intake.NewSkipped(metrics)}),
		Drift:  new(driftwatch.Table).Watch(driftwatch.Options{Table: table, Replaying: func() bool { return true }}),
		Span: func(topic string) (int64, int64, error) {
			ends, err := kafka.EndOffsets(t.Context(), w.admin, topic)
			if err != nil {
				return 0, 0, err
			}
			if topic == sourceTopic {
				return w.oldest, ends[0], nil
			}
			return 0, ends[0], nil
		},
		ImageWait: time.Hour, Waits: func(err error) { w.waits <- err },
		Lost:  func(next, start int64) { w.lost = append(w.lost, fmt.Sprint(next, " to ", start-1)) },
		Clock: time.Now, Events: new(events.Listener).EnsureDefaults(), Metrics: NewMetrics(metrics),
	})
	t.Cleanup(w.Close)
	return w
}

func (w *world) produce(topic string, values ...string) {
	w.t.Helper()
	for _, v := range values {
		if err := w.admin.ProduceSync(w.t.Context(), &kgo.Record{Topic: topic, Key: []byte("k"), Value: []byte(v)}).FirstErr(); err != nil {
			w.t.Fatal(err)
		}
	}
}

// run feeds until stop is called, which waits for its end.
func (w *world) run(gate *Gate, repairs ...string) (stop func()) {
	w.t.Helper()
	if err := w.Open(w.t.Context()); err != nil {
		w.t.Fatal(err)
	}
	if err := w.OpenControl(0); err != nil {
		w.t.Fatal(err)
	}
	again := map[string]struct{}{}
	for _, key := range repairs {
		again[key] = struct{}{}
	}
	goesOn := func(context.Context) (bool, error) { return true, nil }
	ctx, cancel := context.WithCancel(w.t.Context())
	done := make(chan error, 1)
	go func() {
		done <- w.Feed(ctx, Run{Messages: w.messages, Gate: gate, Repairs: again, Loaded: make(chan func()), Before: goesOn, Look: goesOn})
	}()
	return func() {
		w.t.Helper()
		cancel()
		if err := <-done; err != nil {
			w.t.Error(err)
		}
	}
}

// fed checks what comes next.
func (w *world) fed(want ...string) {
	w.t.Helper()
	var got []string
	for range want {
		select {
		case m := <-w.messages:
			what := fmt.Sprint(m.Topic, " ", m.Offset)
			if bus.IsEvent(m.Offset) {
				what = fmt.Sprint("event ", bus.EventKind(-m.Offset) == bus.Repair)
			}
			got = append(got, what)
		case <-time.After(patience):
			w.t.Fatalf("after %q nothing comes, want %q", got, want)
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		w.t.Errorf("fed (-want +got):\n%s", d)
	}
}

// A run begins with repairs and what an earlier one has left; skipped events are fed to nobody.
func TestARunBeginsWithWhatIsLeft(t *testing.T) {
	w := newWorld(t)
	w.produce(sourceTopic, "a", "skip", "b")
	stop := w.run(NewGate(), "a key")
	w.fed("event true", "source 0", "source 2")
	w.produce(controlTopic, "x")
	w.fed("control 0")
	if e := w.Controls().Take(0); e == nil || e.Cut != 3 {
		t.Errorf("the control record is %+v, want it behind offset 2", e)
	}
	w.opts.Queue.Finish(0)
	stop()
	stop = w.run(NewGate())
	w.fed("source 2", "control 0")
	w.produce(sourceTopic, "c")
	w.fed("source 3")
	stop()
}

// What waits for other partitions holds the source, and not the control topic, which brings their answers.
func TestControlRecordsGoOnWhileTheSourceIsHeld(t *testing.T) {
	w := newWorld(t)
	gate := NewGate()
	stop := w.run(gate)
	w.produce(sourceTopic, "truncate", "behind it")
	w.fed("source 0")
	w.produce(controlTopic, "x")
	w.fed("control 0")
	if gate.Open() {
		t.Error("the source is read on")
	}
	gate.Release(7) // of an earlier run
	if gate.Open() {
		t.Error("another record has opened the gate")
	}
	gate.Release(0)
	w.fed("source 1")
	stop()
}

// A record that cannot be decoded now keeps its position; the partition says that it waits, and goes on by itself.
func TestTheFeedStandsAtARecordThatCannotBeDecodedNow(t *testing.T) {
	w := newWorld(t)
	w.away.Store(true)
	stop := w.run(NewGate())
	w.produce(sourceTopic, "a", "away", "b")
	w.fed("source 0")
	if err := <-w.waits; err == nil {
		t.Error("it waits for nothing")
	}
	stop()
	stop = w.run(NewGate())
	w.fed("source 0")
	w.away.Store(false)
	w.fed("source 1", "source 2")
	stop()
	var last error
	for len(w.waits) > 0 {
		last = <-w.waits
	}
	if last != nil {
		t.Errorf("it still waits: %v", last)
	}
}

// Records that are gone before they were read are lost, unless nobody has begun with the source.
func TestWhatIsGoneBeforeItWasReadIsLost(t *testing.T) {
	for name, tc := range map[string]struct {
		committed, forgiven bool
		want                []string
	}{
		"a new group":             {},
		"a group that had begun":  {committed: true, want: []string{"0 to 1"}},
		"older rows tell what is": {committed: true, forgiven: true},
	} {
		w := newWorld(t)
		w.missed = tc.committed
		if tc.forgiven {
			w.MissNothing()
		}
		w.produce(sourceTopic, "a", "b", "c")
		w.oldest = 2
		stop := w.run(NewGate())
		w.fed("source 2")
		stop()
		if d := cmp.Diff(tc.want, w.lost); d != "" {
			t.Errorf("%s: %s", name, d)
		}
	}
}
