package seed

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// log is one partition of a topic.
type log struct {
	topic     string
	partition int32
}

// span is what is left to be read of it.
type span struct{ next, end int64 }

// quiet is how long nothing may come before it is asked whether anything is left: the
// last records may have been compacted away, or be the markers of a transaction.
const quiet = 500 * time.Millisecond

// readPartition calls fn with every record that the partition holds now.
func readPartition(ctx context.Context, client *kgo.Client, l log, fn func(*kgo.Record) error) error {
	at, err := spanOf(ctx, client, l)
	if err != nil {
		return err
	}
	return readSpan(ctx, client, l, &at, fn, func() {})
}

// spanOf returns what the partition holds now.
func spanOf(ctx context.Context, client *kgo.Client, l log) (span, error) {
	starts, err := kafka.StartOffsets(ctx, client, l.topic)
	if err != nil {
		return span{}, err
	}
	ends, err := kafka.EndOffsets(ctx, client, l.topic)
	if err != nil {
		return span{}, err
	}
	if int(l.partition) >= len(starts) || int(l.partition) >= len(ends) {
		return span{}, fmt.Errorf("topic %s has no partition %d", l.topic, l.partition)
	}
	return span{next: starts[l.partition], end: ends[l.partition]}, nil
}

// readSpan calls fn with the records of s, moves its next offset on, and calls moved
// after each fetch.
func readSpan(ctx context.Context, client *kgo.Client, l log, s *span, fn func(*kgo.Record) error, moved func()) error {
	if s.next >= s.end {
		return nil
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{l.topic: {l.partition: kgo.NewOffset().At(s.next)}})
	defer client.RemoveConsumePartitions(map[string][]int32{l.topic: {l.partition}})
	for s.next < s.end {
		poll, cancel := context.WithTimeout(ctx, quiet)
		fetches := client.PollFetches(poll)
		cancel()
		if ctx.Err() != nil {
			return fmt.Errorf("read %s/%d: %w", l.topic, l.partition, context.Cause(ctx))
		}
		if err := fetches.Err(); errors.Is(err, context.DeadlineExceeded) {
			if err := s.skipEmpty(ctx, client, l); err != nil {
				return err
			}
			continue
		} else if err != nil {
			return fmt.Errorf("read %s/%d at %d: %w", l.topic, l.partition, s.next, err)
		}
		if err := s.take(fetches, fn); err != nil {
			return err
		}
		moved()
	}
	return nil
}

func (s *span) take(fetches kgo.Fetches, fn func(*kgo.Record) error) error {
	for it := fetches.RecordIter(); !it.Done(); {
		r := it.Next()
		if r.Offset < s.next || r.Offset >= s.end {
			continue
		}
		if err := fn(r); err != nil {
			return err
		}
		s.next = r.Offset + 1
	}
	return nil
}

// skipEmpty ends the reading where nothing is left.
func (s *span) skipEmpty(ctx context.Context, client *kgo.Client, l log) error {
	topic, err := kafka.Describe(ctx, client, l.topic)
	if err != nil {
		return err
	}
	left, err := kafka.Deliverable(ctx, client, topic, l.partition, s.next, s.end)
	if err == nil && !left {
		s.next = s.end
	}
	return err
}
