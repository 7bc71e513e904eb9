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
// partition's manifest is there. trigger is TriggerDemand, or another word for the manifests.
func RequestBatch(ctx context.Context, s kafka.Settings, t *tables.Table, trigger string) (uint64, error) {
	client, err := s.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	return requestBatch(ctx, client, s.Names(t), trigger, time.Now())
}

// requestBatch takes the next free id. Two that take the same one do no harm: a
// barrier whose batch has been taken does nothing.
func requestBatch(ctx context.Context, client *kgo.Client, n kafka.Names, trigger string, now time.Time) (uint64, error) {
	topic, err := kafka.Describe(ctx, client, n.Batch)
	if err != nil {
		return 0, err
	}
	begun, err := newestBarrier(ctx, client, n)
	if err != nil {
		return 0, err
	}
	id := begun.Batch
	if err := readAll(ctx, client, n.Batches, func(r *kgo.Record) {
		if batch, _, err := codecs.ParseManifestKey(r.Key); err == nil {
			id = max(id, batch)
		}
	}); err != nil {
		return 0, err
	}
	id++
	value := codecs.AppendControl(nil, codecs.Control{
		Kind: codecs.Barrier, Batch: id, Started: now.UnixMicro(), Trigger: trigger,
	})
	var recs []*kgo.Record
	for p := range topic.Partitions {
		recs = append(recs, &kgo.Record{Topic: n.Batch, Partition: p, Value: value})
	}
	if err := client.ProduceSync(ctx, recs...).FirstErr(); err != nil {
		return 0, fmt.Errorf("write the barriers of batch %d: %w", id, err)
	}
	return id, nil
}

// lookBack is how many control records of a partition are read to find the newest
// barrier among truncates.
const lookBack = 64

// newestBarrier returns the barrier with the highest id near the end of the control topic.
func newestBarrier(ctx context.Context, client *kgo.Client, n kafka.Names) (codecs.Control, error) {
	var newest codecs.Control
	err := readTail(ctx, client, n.Batch, lookBack, func(r *kgo.Record) {
		if c, err := codecs.ParseControl(r.Value); err == nil && c.Kind == codecs.Barrier && c.Batch > newest.Batch {
			newest = c
		}
	})
	return newest, err
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
	from, left := map[int32]kgo.Offset{}, map[int32]*span{}
	for p, end := range ends {
		at := starts[p]
		if n >= 0 {
			at = max(at, end-n)
		}
		if at < end {
			from[int32(p)] = kgo.NewOffset().At(at)
			left[int32(p)] = &span{next: at, end: end}
		}
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
