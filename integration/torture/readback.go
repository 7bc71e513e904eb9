package torture

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"
)

// readBack reads the committed records of a topic up to its ends, in the order of each partition. The markers
// of transactions are asked for, too: a partition may end with one.
func readBack(ctx context.Context, addrs []string, topic string, ends position, take func(*kgo.Record) error) error {
	c, err := kgo.NewClient(kgo.SeedBrokers(addrs...), kgo.ConsumeTopics(topic), kgo.FetchIsolationLevel(kgo.ReadCommitted()),
		kgo.KeepControlRecords(), kgo.ConsumeResetOffset(kgo.NewOffset().AtStart()))
	if err != nil {
		return err
	}
	defer c.Close()
	left := position{}
	for partition, end := range ends {
		if end > 0 {
			left[partition] = end
		}
	}
	for len(left) > 0 {
		fetches := c.PollFetches(ctx)
		if err := fetches.Err0(); err != nil {
			return fmt.Errorf("read %s back: %w; not at the end: %v", topic, err, left)
		}
		for _, r := range fetches.Records() {
			if !r.Attrs.IsControl() {
				if err := take(r); err != nil {
					return fmt.Errorf("%s, partition %d, offset %d: %w", topic, r.Partition, r.Offset, err)
				}
			}
			if r.Offset+1 >= left[r.Partition] {
				delete(left, r.Partition)
			}
		}
	}
	return nil
}

// readHistory reads the source topic back.
func (p plan) readHistory(ctx context.Context, addrs []string, topic string, ends position) (*history, error) {
	h := &history{keys: map[int64][]record{}, byLSN: p.partitioner == "any", repartitioned: p.partitioner == "any", visible: p.visible}
	return h, readBack(ctx, addrs, topic, ends, func(r *kgo.Record) error {
		key, rec, err := p.parse(r)
		h.keys[key] = append(h.keys[key], rec)
		return err
	})
}
