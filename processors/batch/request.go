package batch

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
)

// Request asks for a batch of a table: it writes a barrier into every partition
// of the control topic and returns the batch's id. The batch is complete when every
// partition's manifest is there. While a batch is being made and another one waits, it
// writes nothing and returns the one that waits. trigger is TriggerDemand, or another
// word for the manifests.
func Request(ctx context.Context, s kafka.Settings, t *tables.Table, trigger string) (uint64, error) {
	client, err := s.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	n, now := s.Names(t), time.Now()
	known := &barriers{topic: n.Batch}
	if err := known.look(ctx, client); err != nil {
		return 0, err
	}
	all, highest, err := readManifests(ctx, client, n.Batches)
	if err != nil {
		return 0, err
	}
	begun := known.begun()
	if begun.Batch > completeBatch(all)+onTheWay-1 && !overdue(begun, now) {
		return begun.Batch, nil
	}
	return begin(ctx, client, n.Batch, max(highest, known.highest())+1, int32(len(known.newest)), trigger, now)
}

// onTheWay bounds the batches that are not complete yet: more could not be made any
// faster, and partitions that each take the newest one would never agree on one.
const onTheWay = 2

// begin writes the barriers. Two that take the same id do no harm: a barrier whose
// batch has been taken does nothing.
func begin(ctx context.Context, client *kgo.Client, topic string, id uint64, partitions int32, trigger string, now time.Time) (uint64, error) {
	value := wire.AppendControl(nil, wire.Control{
		Kind: wire.Barrier, Batch: id, Started: now.UnixMicro(), Trigger: trigger,
	})
	var recs []*kgo.Record
	for p := range partitions {
		recs = append(recs, &kgo.Record{Topic: topic, Partition: p, Value: value})
	}
	if err := client.ProduceSync(ctx, recs...).FirstErr(); err != nil {
		return 0, fmt.Errorf("write the barriers of batch %d: %w", id, err)
	}
	return id, nil
}

// readManifests reads the manifests that there are, and the highest batch of which there
// ever was one, as far as the log shows.
func readManifests(ctx context.Context, client *kgo.Client, topic string) (all map[uint64][]wire.Manifest, highest uint64, err error) {
	type manifestKey struct {
		batch     uint64
		partition int32
	}
	found := map[manifestKey]wire.Manifest{}
	err = logread.All(ctx, client, topic, func(r *kgo.Record) error {
		batch, partition, err := wire.ParseManifestKey(r.Key)
		if err != nil {
			return nil //nolint:nilerr // a record of somebody else
		}
		highest = max(highest, batch)
		delete(found, manifestKey{batch, partition})
		if m, err := wire.ParseManifest(r.Value); err == nil {
			found[manifestKey{batch, partition}] = m
		}
		return nil
	})
	all = map[uint64][]wire.Manifest{}
	for at, m := range found {
		all[at.batch] = append(all[at.batch], m)
	}
	return all, highest, err
}
