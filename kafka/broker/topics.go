package broker

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"
)

// makeTopics creates topics over the wire, as anyone would: kfake's own seeding
// would forget that they exist when it starts from a directory.
func (b *Broker) makeTopics(ctx context.Context, topics map[string]int32) error {
	if len(topics) == 0 {
		return nil
	}
	client, err := kgo.NewClient(kgo.SeedBrokers(b.addrs...), kgo.DisableClientMetrics())
	if err != nil {
		return fmt.Errorf("connect to the embedded broker: %w", err)
	}
	defer client.Close()
	admin := kadm.NewClient(client)
	for name, partitions := range topics {
		_, err := admin.CreateTopic(ctx, partitions, 1, nil, name)
		if err != nil && !errors.Is(err, kerr.TopicAlreadyExists) {
			return fmt.Errorf("make topic %s in the embedded broker: %w", name, err)
		}
	}
	return nil
}
