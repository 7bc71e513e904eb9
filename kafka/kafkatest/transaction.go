// Package kafkatest has Kafka client functions that tests of several packages share.
package kafkatest

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"
)

// EndTransaction commits or aborts a client's transaction in which it has written to topics.
//
// franz-go can be done with the first record of a topic before it has noted the topic's
// partitions, once in some hundred runs on busy cores. It then takes the transaction for an
// empty one: it does not commit, and the next records have sequence numbers that the broker
// refuses. So the partitions are waited for.
func EndTransaction(ctx context.Context, c *kgo.Client, end kgo.TransactionEndTry, topics ...string) error {
	tick := time.NewTicker(time.Millisecond)
	defer tick.Stop()
	for _, topic := range topics {
		for {
			leader, _, err := c.PartitionLeader(topic, 0)
			if err == nil && leader >= 0 {
				break
			}
			select {
			case <-ctx.Done():
				return fmt.Errorf("wait for the client to know the partitions of %s: %w (last: %v)", topic, context.Cause(ctx), err)
			case <-tick.C:
			}
		}
	}
	return c.EndTransaction(ctx, end)
}
