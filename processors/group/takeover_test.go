package group

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kfake"
	"github.com/twmb/franz-go/pkg/kgo"
	"github.com/twmb/franz-go/pkg/kmsg"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/processors/lease"
	"github.com/tidemark/tidemark/tables"
)

const (
	patience    = 90 * time.Second
	sourceTopic = "shop.public.orders"
)

// world is a broker with the topics of one table.
type world struct {
	t       *testing.T
	broker  *broker.Broker
	client  *kgo.Client
	options Options
	table   TableOptions
}

func newWorld(t *testing.T, partitions int32) *world {
	t.Helper()
	names := kafka.Settings{}.Names(&tables.Table{Name: "orders"})
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{
		sourceTopic: partitions, names.Table: partitions, names.Progress: 1,
	}})
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
	ignore := new(events.Listener).EnsureDefaults()
	w := &world{
		t: t, broker: b, client: client, options: Options{Kafka: settings, SessionTimeout: kafka.SessionTimeout, Events: ignore},
		table: TableOptions{Names: names, Admin: client, Events: ignore},
	}
	w.table.Source, w.table.Changelog = w.describe(sourceTopic), w.describe(names.Table)
	return w
}

func (w *world) describe(topic string) kafka.Topic {
	w.t.Helper()
	d, err := kafka.Describe(w.t.Context(), w.client, topic)
	if err != nil {
		w.t.Fatal(err)
	}
	return d
}

// processed leaves what an owner of partition 0 leaves: its offset and its progress.
func (w *world) processed(next int64, changelog [16]byte) {
	w.t.Helper()
	var at kadm.Offsets
	at.Add(kadm.Offset{Topic: sourceTopic, At: next, LeaderEpoch: -1})
	if err := kadm.NewClient(w.client).CommitAllOffsets(w.t.Context(), w.table.Names.Group, at); err != nil {
		w.t.Fatal(err)
	}
	record := &kgo.Record{
		Topic: w.table.Names.Progress, Key: wire.AppendProgressKey(nil, 0), Value: wire.AppendProgress(nil, wire.Progress{Source: next}),
		Headers: []kgo.RecordHeader{{Key: wire.ChangelogIDName, Value: changelog[:]}},
	}
	if err := w.client.ProduceSync(w.t.Context(), record).FirstErr(); err != nil {
		w.t.Fatal(err)
	}
}

// assigned is partition 0 in the hands of a member that has not joined.
func (w *world) assigned() *Assignment {
	w.t.Helper()
	m, err := Open(w.options)
	if err != nil {
		w.t.Fatal(err)
	}
	w.t.Cleanup(m.Close)
	s := &session{lease: lease.New(0)}
	s.lost, s.lose = context.WithCancelCause(w.t.Context())
	return &Assignment{table: m.Table(w.table, nil), session: s}
}

// A lookup that fails says nothing: the partition is not begun with until it is known
// where, or whether records were lost could not be determined.
func TestAStartThatCannotBeLookedUpIsAskedAgain(t *testing.T) {
	for name, fault := range map[string]kfake.Fault{
		"the committed offset": {Keys: []kmsg.Key{kmsg.OffsetFetch}, Err: kerr.UnknownServerError, Count: 3},
		"the topic":            {Keys: []kmsg.Key{kmsg.Metadata}, Err: kerr.UnknownServerError, Count: 3},
		"the last changelog":   {Keys: []kmsg.Key{kmsg.ListOffsets}, Err: kerr.UnknownServerError, Count: 3},
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t, 1)
			w.processed(3, w.table.Changelog.ID)
			failures := 0
			f := w.broker.Faults().Fault(fault)
			ctx, cancel := context.WithTimeout(t.Context(), patience)
			defer cancel()
			start, err := w.assigned().Start(ctx, func(error) { failures++ })
			if err != nil || start != 3 || f.Hits() < 3 || failures == 0 {
				t.Errorf("the start is %d, %v, after %d refusals, %d of them told; want 3", start, err, f.Hits(), failures)
			}
		})
	}
}

// A changelog that is not the one that this process works on is nothing to decide by.
func TestAStartIsNotTakenFromAnotherChangelog(t *testing.T) {
	w := newWorld(t, 1)
	w.processed(1, w.table.Changelog.ID)
	w.table.Changelog.ID[0]++
	if start, err := w.assigned().startOf(t.Context()); err == nil {
		t.Errorf("the start is %d", start)
	}
}
