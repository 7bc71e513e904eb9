// Package sample reads the newest records of a topic, to look at them.
package sample

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// Options say what is read.
type Options struct {
	Kafka   kafka.Settings
	Topic   string
	Records int           // of each partition, the newest; default 500
	Within  time.Duration // how long it may take; default 2 min
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
	if o.Within == 0 {
		o.Within = 2 * time.Minute
	}
	ctx, cancel := context.WithTimeout(ctx, o.Within)
	defer cancel()
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

// read takes each partition's newest records.
func (s *Sample) read(ctx context.Context, client *kgo.Client, o Options) error {
	spans := make([]logread.Span, len(s.Ends))
	for p := range s.Ends {
		spans[p] = logread.Span{From: max(s.Starts[p], s.Ends[p]-int64(o.Records)), End: s.Ends[p]}
	}
	return logread.ReadSpans(ctx, client, o.Topic, spans, func(r *kgo.Record) error {
		s.Records = append(s.Records, record(r))
		return nil
	})
}

func record(r *kgo.Record) *codecs.Record {
	out := &codecs.Record{Topic: r.Topic, Partition: r.Partition, Offset: r.Offset, Time: r.Timestamp, Key: r.Key, Value: r.Value}
	for _, h := range r.Headers {
		out.Headers = append(out.Headers, codecs.Header{Name: h.Key, Value: h.Value})
	}
	return out
}
