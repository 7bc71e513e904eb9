package harness

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
)

// ReadTopic returns all records that a topic holds now, in the order of each partition.
func (c *Cluster) ReadTopic(t testing.TB, topic string) []*kgo.Record {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
	defer cancel()
	ends, err := c.admin.ListEndOffsets(ctx, topic)
	if err == nil {
		err = ends.Error()
	}
	if err != nil {
		t.Fatal(err)
	}
	left := map[int32]int64{}
	for _, o := range ends[topic] {
		if o.Offset > 0 {
			left[o.Partition] = o.Offset
		}
	}
	cl, err := kgo.NewClient(
		kgo.SeedBrokers(c.Addrs...), kgo.ConsumeTopics(topic), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()),
		kgo.KeepControlRecords(),
	)
	if err != nil {
		t.Fatal(err)
	}
	defer cl.Close()
	var out []*kgo.Record
	for len(left) > 0 {
		fetches := cl.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			t.Fatalf("read %s: %v; %d partitions are not at their end", topic, err, len(left))
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if !r.Attrs.IsControl() {
				out = append(out, r)
			}
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		})
	}
	return out
}

// StaleRecords describes the records of a changelog that come after a record of
// the same key with a later source offset. There must be none.
func StaleRecords(records []*kgo.Record) ([]string, error) {
	type id struct {
		partition int32
		key       string
	}
	newest := map[id]int64{}
	var stale []string
	for _, r := range records {
		stamp, err := stampOf(r)
		if err != nil {
			return nil, err
		}
		k := id{r.Partition, string(r.Key)}
		if seen, ok := newest[k]; ok && stamp.Offset < seen {
			stale = append(stale, fmt.Sprintf("partition %d, offset %d: source offset %d after %d", r.Partition, r.Offset, stamp.Offset, seen))
		}
		newest[k] = max(newest[k], stamp.Offset)
	}
	return stale, nil
}

func stampOf(r *kgo.Record) (wire.Stamp, error) {
	for _, h := range r.Headers {
		if h.Key == wire.StampName {
			return wire.ParseStamp(h.Value)
		}
	}
	return wire.Stamp{}, fmt.Errorf("the changelog record at partition %d, offset %d has no stamp", r.Partition, r.Offset)
}
