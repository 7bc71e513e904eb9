package batch

import (
	"context"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/broker"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/events"
	"github.com/tidemark/tidemark/tables"
)

// A schedule that knows nothing yet of a batch that was begun does not begin it again.
func TestAScheduledBatchIsNotBegunTwice(t *testing.T) {
	b, err := broker.Start(t.Context(), broker.Options{Topics: map[string]int32{names.Batch: 2, names.Batches: 1}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = b.Close() })
	client, err := kafka.Settings{Brokers: b.Addrs()}.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(client.Close)
	catalog := NewCatalog(CatalogOptions{End: func() (int64, error) { return 0, nil }})
	now := time.Now()
	s, err := NewScheduler(SchedulerOptions{
		Policy: tables.BatchPolicy{Schedule: "@every 24h"}, Names: names, Client: client, Catalog: catalog,
		Clock: func() time.Time { return now }, Events: new(events.Listener).EnsureDefaults(),
	})
	if err != nil {
		t.Fatal(err)
	}
	barriers := func() (ids []uint64) {
		t.Helper()
		err := logread.All(t.Context(), client, names.Batch, func(r *kgo.Record) error {
			c, err := wire.ParseControl(r.Value)
			ids = append(ids, c.Batch)
			return err
		})
		if err != nil {
			t.Fatal(err)
		}
		return ids
	}
	ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
	defer cancel()
	now = now.Add(25 * time.Hour)
	for _, want := range []int{2, 2} { // one for each partition
		if err := s.begin(ctx); err != nil {
			t.Fatal(err)
		}
		if ids := barriers(); len(ids) != want {
			t.Errorf("the barriers are %v, want %d", ids, want)
		}
	}
	for p := range int32(2) {
		catalog.Add(wire.Manifest{Batch: 1, Partition: p, Partitions: 2, Started: now.UnixMicro()})
	}
	now = now.Add(25 * time.Hour)
	if err := s.begin(ctx); err != nil {
		t.Fatal(err)
	}
	if ids := barriers(); len(ids) != 4 {
		t.Errorf("the barriers are %v, want one more for each partition", ids)
	}
}
