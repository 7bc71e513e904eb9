package kafka

import (
	"context"
	"fmt"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// List returns the names of all topics that this client may see, sorted, those of the brokers
// themselves left out.
func List(ctx context.Context, client *kgo.Client) ([]string, error) {
	found, err := kadm.NewClient(client).ListTopics(ctx)
	if err != nil {
		return nil, fmt.Errorf("list topics: %w", err)
	}
	return found.Names(), nil
}
