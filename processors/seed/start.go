package seed

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// Offset returns where a partition of the source is read from, within what it has now.
func (s Start) Offset(ctx context.Context, client *kgo.Client, topic string, partition int32, oldest, end int64) (int64, error) {
	from := oldest
	switch {
	case s.Position != nil:
		from = s.Position.At(partition)
	case !s.Time.IsZero():
		listed, err := kadm.NewClient(client).ListOffsetsAfterMilli(ctx, s.Time.UnixMilli(), topic)
		if err == nil {
			err = listed.Error()
		}
		if err != nil {
			return 0, fmt.Errorf("offsets of %s at %s: %w", topic, s.Time, err)
		}
		o, ok := listed.Lookup(topic, partition)
		if !ok {
			return 0, fmt.Errorf("offsets of %s at %s: nothing was told of partition %d", topic, s.Time, partition)
		}
		from = o.Offset
	}
	return min(max(from, oldest), end), nil
}
