package deadletter

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
)

// Count counts the dead letters of a table that are neither retried nor dropped. The count is approximate: it is
// what the table's processors have last reported. The dead letters are not read.
func Count(ctx context.Context, s kafka.Settings, t *tables.Table) (int64, error) {
	client, err := s.Client()
	if err != nil {
		return 0, err
	}
	defer client.Close()
	return CountBy(ctx, client, s, t)
}

// CountBy is Count by a client that others use, too.
func CountBy(ctx context.Context, client *kgo.Client, s kafka.Settings, t *tables.Table) (int64, error) {
	names := s.Names(t)
	table, err := describe(ctx, client, names.Table)
	if errors.Is(err, kafka.ErrNoSource) {
		return 0, nil // it was never begun
	}
	if err != nil {
		return 0, err
	}
	reported := map[int32]int64{}
	_, err = logread.Back(ctx, client, kafka.Topic{Name: names.Progress, Partitions: 1}, 0, func(r *kgo.Record) {
		if p, err := wire.ParseProgress(r.Value); err == nil && !wire.IsBootstrapKey(r.Key) {
			reported[p.Partition] = openIn(r)
		}
	}, func() bool { return len(reported) == int(table.Partitions) })
	if err != nil {
		return 0, fmt.Errorf("read what is told of %s: %w", t.Name, err)
	}
	sum := int64(0)
	for _, n := range reported {
		sum += n
	}
	return sum, nil
}

// openIn is the count of dead letters in a progress record; records of older processors have none.
func openIn(r *kgo.Record) int64 {
	for _, h := range r.Headers {
		if h.Key == wire.HealthName {
			if reported, err := wire.ParseHealth(h.Value); err == nil {
				return reported.Open()
			}
		}
	}
	return 0
}
