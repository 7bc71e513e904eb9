package logread

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kerr"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
)

// Spans returns what each partition of a topic has now, for a reader of committed records.
func Spans(ctx context.Context, client *kgo.Client, topic string) ([]Span, error) {
	ends, err := kafka.EndOffsets(ctx, client, topic)
	if err != nil {
		return nil, err
	}
	starts, err := kafka.StartOffsets(ctx, client, topic)
	if err != nil {
		return nil, err
	}
	if len(starts) != len(ends) {
		return nil, fmt.Errorf("offsets of topic %s: the brokers returned %d partitions, then %d", topic, len(ends), len(starts))
	}
	spans := make([]Span, len(ends))
	for p := range spans {
		spans[p] = Span{From: starts[p], End: ends[p]}
	}
	return spans, nil
}

// All calls fn with everything that a topic has now, each partition's records in their order.
func All(ctx context.Context, client *kgo.Client, topic string, fn func(*kgo.Record) error) error {
	spans, err := Spans(ctx, client, topic)
	if err != nil {
		return err
	}
	return ReadSpans(ctx, client, topic, spans, fn)
}

// ReadSpans is Read for a span of each partition, by partition. Partitions are read at the
// same time; fn is called by one goroutine, with each partition's records in their order.
func ReadSpans(ctx context.Context, client *kgo.Client, topic string, spans []Span, fn func(*kgo.Record) error) error {
	var logs []*log
	var wanted []Span
	for p, s := range spans {
		if s.From < s.End {
			logs = append(logs, &log{client: client, topic: kafka.Topic{Name: topic}, partition: int32(p)})
			wanted = append(wanted, s)
		}
	}
	return readAll(ctx, logs, wanted, fn)
}

// backRecords is how many offsets are read from the end of a partition before all of it is read.
const backRecords = 2000

// Back calls fn with the last committed records of a partition, in their order, and with
// all of them if enough then says no. It returns the offset behind them. Open
// transactions of others are waited for: what they hide may be what is looked for.
func Back(ctx context.Context, client *kgo.Client, topic kafka.Topic, partition int32, fn func(*kgo.Record), enough func() bool) (next int64, err error) {
	all, err := logged(ctx, client, topic.Name, partition)
	if err != nil {
		return 0, err
	}
	take := func(r *kgo.Record) error { fn(r); return nil }
	for from := max(all.From, all.End-backRecords); ; from = all.From {
		if err := Read(ctx, client, topic, partition, Span{From: from, End: all.End}, take); err != nil {
			return 0, fmt.Errorf("read the end of %s/%d: %w", topic.Name, partition, err)
		}
		if from <= all.From || enough() {
			return all.End, nil
		}
	}
}

// logged returns what a partition has, committed or not.
func logged(ctx context.Context, client *kgo.Client, topic string, partition int32) (Span, error) {
	starts, err := kafka.StartOffsets(ctx, client, topic)
	if err != nil {
		return Span{}, err
	}
	ends, err := kafka.Watermarks(ctx, client, topic)
	if err != nil {
		return Span{}, err
	}
	if p := int(partition); p >= len(starts) || p >= len(ends[topic]) {
		return Span{}, fmt.Errorf("offsets of topic %s: the brokers did not return partition %d", topic, partition)
	}
	return Span{From: starts[partition], End: ends[topic][partition]}, nil
}

// GoneError says that a topic no longer has a record.
type GoneError struct {
	Topic     string
	Partition int32
	Offset    int64
}

// Error says which record is missing.
func (e *GoneError) Error() string {
	return fmt.Sprintf("topic %s, partition %d: the record at offset %d is not there any more", e.Topic, e.Partition, e.Offset)
}

// One returns the record at an offset, or a *GoneError when there is none that is committed.
// Brokers that are away are waited for, for as long as the context lasts.
func One(ctx context.Context, client *kgo.Client, topic string, partition int32, offset int64) (*kgo.Record, error) {
	gone := &GoneError{Topic: topic, Partition: partition, Offset: offset}
	l := &log{client: client, topic: kafka.Topic{Name: topic}, partition: partition}
	for at := offset; at <= offset; {
		c, err := l.fetchPatiently(ctx, at, lookBytes)
		if errors.Is(err, kerr.OffsetOutOfRange) {
			return nil, gone
		}
		if err != nil {
			return nil, err
		}
		if records := c.until(offset + 1); len(records) > 0 {
			return records[0], nil
		}
		if c.next <= at {
			return nil, gone
		}
		at = c.next
	}
	return nil, gone
}
