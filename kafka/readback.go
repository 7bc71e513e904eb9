package kafka

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// backRecords is how many records are read from the end of a partition before all of
// it is read.
const backRecords = 2000

// stillFor is how long nothing may come before a log is looked at: what is left
// may have been compacted away.
const stillFor = 2 * time.Second

// ReadBack calls fn with the last committed records of a partition, in their order,
// and with all of them if enough then says no. It returns the offset behind them. Open
// transactions of others are waited for: what they hide may be what is looked for.
func ReadBack(ctx context.Context, s Settings, topic Topic, partition int32, fn func(*kgo.Record), enough func() bool) (next int64, err error) {
	client, err := s.Client(kgo.KeepControlRecords(), kgo.FetchMaxWait(100*time.Millisecond))
	if err != nil {
		return 0, err
	}
	defer client.Close()
	start, end, err := bounds(ctx, client, topic.Name, partition)
	if err != nil {
		return 0, err
	}
	from := max(start, end-backRecords)
	for {
		if err := readSpan(ctx, client, topic, partition, from, end, fn); err != nil {
			return 0, fmt.Errorf("read the end of %s/%d: %w", topic.Name, partition, err)
		}
		if from <= start || enough() {
			return end, nil
		}
		from = start
	}
}

// bounds returns the first offset of a partition and the one behind its last record,
// committed or not.
func bounds(ctx context.Context, client *kgo.Client, topic string, partition int32) (start, end int64, err error) {
	admin := kadm.NewClient(client)
	starts, err := admin.ListStartOffsets(ctx, topic)
	if err == nil {
		err = starts.Error()
	}
	if err != nil {
		return 0, 0, fmt.Errorf("start offsets of topic %s: %w", topic, err)
	}
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		return 0, 0, fmt.Errorf("end offsets of topic %s: %w", topic, err)
	}
	first, ok1 := starts.Lookup(topic, partition)
	last, ok2 := ends.Lookup(topic, partition)
	if !ok1 || !ok2 {
		return 0, 0, fmt.Errorf("offsets of topic %s: the brokers did not tell of partition %d", topic, partition)
	}
	return first.Offset, last.Offset, nil
}

func readSpan(ctx context.Context, client *kgo.Client, topic Topic, partition int32, from, end int64, fn func(*kgo.Record)) error {
	if from >= end {
		return nil
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{topic.Name: {partition: kgo.NewOffset().At(from)}})
	defer client.PurgeTopicsFromConsuming(topic.Name)
	for next := from; next < end; {
		wait, cancel := context.WithTimeout(ctx, stillFor)
		fetches := client.PollFetches(wait)
		cancel()
		if ctx.Err() != nil {
			return context.Cause(ctx)
		}
		before := next
		fetches.EachRecord(func(r *kgo.Record) {
			next = r.Offset + 1
			if r.Offset < end && !r.Attrs.IsControl() {
				fn(r)
			}
		})
		if next > before {
			continue
		}
		left, err := Deliverable(ctx, client, topic, partition, next, end)
		if err != nil {
			return err
		}
		if !left {
			return nil
		}
	}
	return nil
}
