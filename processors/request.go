package processors

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// RequestBatch asks for a batch of a table: it writes a barrier into every partition
// of the control topic and returns the batch's id. The batch is complete when every
// partition's manifest is there. While a batch is being made and another one waits, it
// writes nothing and returns the one that waits. trigger is TriggerDemand, or another
// word for the manifests.
func RequestBatch(ctx context.Context, s kafka.Settings, t *tables.Table, trigger string) (uint64, error) {
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
	return beginBatch(ctx, client, n.Batch, max(highest, known.highest())+1, int32(len(known.newest)), trigger, now)
}

// onTheWay bounds the batches that are not complete yet: more could not be made any
// faster, and partitions that each take the newest one would never agree on one.
const onTheWay = 2

// beginBatch writes the barriers. Two that take the same id do no harm: a barrier whose
// batch has been taken does nothing.
func beginBatch(ctx context.Context, client *kgo.Client, topic string, id uint64, partitions int32, trigger string, now time.Time) (uint64, error) {
	value := codecs.AppendControl(nil, codecs.Control{
		Kind: codecs.Barrier, Batch: id, Started: now.UnixMicro(), Trigger: trigger,
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
// ever was one, as far as the log tells.
func readManifests(ctx context.Context, client *kgo.Client, topic string) (all map[uint64][]codecs.Manifest, highest uint64, err error) {
	type place struct {
		batch     uint64
		partition int32
	}
	found := map[place]codecs.Manifest{}
	err = readAll(ctx, client, topic, func(r *kgo.Record) {
		batch, partition, err := codecs.ParseManifestKey(r.Key)
		if err != nil {
			return
		}
		highest = max(highest, batch)
		delete(found, place{batch, partition})
		if m, err := codecs.ParseManifest(r.Value); err == nil {
			found[place{batch, partition}] = m
		}
	})
	all = map[uint64][]codecs.Manifest{}
	for at, m := range found {
		all[at.batch] = append(all[at.batch], m)
	}
	return all, highest, err
}

// readAll reads everything that a topic holds now.
func readAll(ctx context.Context, client *kgo.Client, topic string, fn func(*kgo.Record)) error {
	return readTail(ctx, client, topic, -1, fn)
}

// readTail reads the last records of each partition as it is now; all when n is negative.
func readTail(ctx context.Context, client *kgo.Client, topic string, n int64, fn func(*kgo.Record)) error {
	ends, err := kafka.EndOffsets(ctx, client, topic)
	if err != nil {
		return err
	}
	starts, err := kafka.StartOffsets(ctx, client, topic)
	if err != nil {
		return err
	}
	left := map[int32]*span{}
	for p, end := range ends {
		at := starts[p]
		if n >= 0 {
			at = max(at, end-n)
		}
		if at < end {
			left[int32(p)] = &span{next: at, end: end}
		}
	}
	return readSpans(ctx, client, topic, left, fn)
}

// readSpans reads a stretch of each partition.
func readSpans(ctx context.Context, client *kgo.Client, topic string, left map[int32]*span, fn func(*kgo.Record)) error {
	from := map[int32]kgo.Offset{}
	for p, s := range left {
		from[p] = kgo.NewOffset().At(s.next)
	}
	if len(from) == 0 {
		return nil
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic: from})
	defer client.PurgeTopicsFromConsuming(topic)
	return drain(ctx, client, topic, left, fn)
}

// span is what is left to be read of a partition.
type span struct{ next, end int64 }

// quiet is how long nothing may come before the log is looked at: what is left may
// have been compacted away.
const quiet = 2 * time.Second

// drain reads until nothing is left. A slow broker is waited for, as long as the context lasts.
func drain(ctx context.Context, client *kgo.Client, topic string, left map[int32]*span, fn func(*kgo.Record)) error {
	for len(left) > 0 {
		poll, cancel := context.WithTimeout(ctx, quiet)
		fetches := client.PollFetches(poll)
		cancel()
		err := fetches.Err()
		switch {
		case ctx.Err() != nil:
			return fmt.Errorf("read topic %s: %w", topic, ctx.Err())
		case errors.Is(err, context.DeadlineExceeded):
			if err := dropEmpty(ctx, client, topic, left); err != nil {
				return err
			}
			continue
		case err != nil:
			return fmt.Errorf("read topic %s: %w", topic, err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			s := left[r.Partition]
			if s == nil {
				return
			}
			if r.Offset < s.end {
				fn(r)
			}
			if s.next = r.Offset + 1; s.next >= s.end {
				delete(left, r.Partition)
			}
		})
	}
	return nil
}

// dropEmpty forgets the partitions in which nothing more stands.
func dropEmpty(ctx context.Context, client *kgo.Client, topic string, left map[int32]*span) error {
	described, err := describe(ctx, client, topic)
	if err != nil {
		return err
	}
	for p, s := range left {
		more, err := kafka.Deliverable(ctx, client, described, p, s.next, s.end)
		if err != nil {
			return err
		}
		if !more {
			delete(left, p)
		}
	}
	return nil
}
