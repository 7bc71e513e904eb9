// Package sample reads the newest records of a topic, to look at them.
package sample

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/kafka"
)

// Options say what is read.
type Options struct {
	Kafka    kafka.Settings
	Topic    string
	Records  int           // of each partition, the newest; default 500
	Patience time.Duration // how long to wait for a next record; default 3 s
}

// Sample is a part of a topic.
type Sample struct {
	Topic   kafka.Topic
	Starts  []int64 // the first offset there is, by partition
	Ends    []int64 // the next offset to come, by partition
	Records []*codecs.Record
}

// Take reads a sample. The error holds kafka.ErrNoSource when there is no such topic.
func Take(ctx context.Context, o Options) (*Sample, error) {
	if o.Records == 0 {
		o.Records = 500
	}
	if o.Patience == 0 {
		o.Patience = 3 * time.Second
	}
	client, err := o.Kafka.Client()
	if err != nil {
		return nil, err
	}
	defer client.Close()
	s := &Sample{}
	if s.Topic, err = kafka.Describe(ctx, client, o.Topic); err != nil {
		return nil, err
	}
	if s.Starts, err = kafka.StartOffsets(ctx, client, o.Topic); err != nil {
		return nil, err
	}
	if s.Ends, err = kafka.EndOffsets(ctx, client, o.Topic); err != nil {
		return nil, err
	}
	if err := s.read(ctx, client, o); err != nil {
		return nil, fmt.Errorf("read a sample of topic %s: %w", o.Topic, err)
	}
	return s, nil
}

// read consumes each partition's newest records. The last offsets of a partition
// may never be delivered (compacted records, transaction markers): then the
// patience ends it.
func (s *Sample) read(ctx context.Context, client *kgo.Client, o Options) error {
	from := map[int32]kgo.Offset{}
	for p := range s.Ends {
		if at := max(s.Starts[p], s.Ends[p]-int64(o.Records)); at < s.Ends[p] {
			from[int32(p)] = kgo.NewOffset().At(at)
		}
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{o.Topic: from})
	for len(from) > 0 {
		wait, cancel := context.WithTimeout(ctx, o.Patience)
		fetches := client.PollFetches(wait)
		cancel()
		if err := fetches.Err(); errors.Is(err, context.DeadlineExceeded) && ctx.Err() == nil {
			return nil
		} else if err != nil {
			return err
		}
		fetches.EachRecord(func(r *kgo.Record) {
			if r.Offset < s.Ends[r.Partition] {
				s.Records = append(s.Records, record(r))
			}
			if r.Offset+1 >= s.Ends[r.Partition] {
				delete(from, r.Partition)
			}
		})
	}
	return nil
}

func record(r *kgo.Record) *codecs.Record {
	out := &codecs.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Time: r.Timestamp, Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, codecs.Header{Name: h.Key, Value: h.Value})
	}
	return out
}
