package main

import (
	"context"
	"fmt"
	"sync/atomic"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
)

func (b *bench) client(opts ...kgo.Opt) (*kgo.Client, error) {
	return kgo.NewClient(append([]kgo.Opt{kgo.SeedBrokers(b.brokers...), kgo.UnknownTopicRetries(50)}, opts...)...)
}

// producer writes as a Java producer places, compressed as connectors are set up for bulk.
func (b *bench) producer() (*kgo.Client, error) {
	return b.client(kgo.ProducerBatchCompression(kgo.Lz4Compression()), kgo.ProducerLinger(0), kgo.MaxBufferedRecords(50_000))
}

func (b *bench) topic(ctx context.Context, name string) error {
	c, err := b.client()
	if err != nil {
		return err
	}
	defer c.Close()
	r, err := kadm.NewClient(c).CreateTopic(ctx, partitions, 1, nil, name)
	if err == nil {
		err = r.Err
	}
	return err
}

// send produces what next returns until it returns nothing, and waits for the last acknowledgement.
func send(ctx context.Context, c *kgo.Client, topic string, next func() []load.Event) (int, error) {
	var failed atomic.Pointer[error]
	n := 0
	for events := next(); len(events) > 0 && failed.Load() == nil; events = next() {
		for _, e := range events {
			c.Produce(ctx, &kgo.Record{Topic: topic, Key: e.Key, Value: e.Value}, func(_ *kgo.Record, err error) {
				if err != nil {
					failed.Store(&err)
				}
			})
			n++
		}
	}
	if err := c.Flush(ctx); err != nil {
		return n, err
	}
	if err := failed.Load(); err != nil {
		return n, *err
	}
	return n, nil
}

// fill creates a topic and produces the snapshot of all keys, then changes up to n events.
func (b *bench) fill(ctx context.Context, topic string, g *load.Generator, keys, n int) error {
	if err := b.topic(ctx, topic); err != nil {
		return err
	}
	c, err := b.producer()
	if err != nil {
		return err
	}
	defer c.Close()
	began, i := time.Now(), 0
	sent, err := send(ctx, c, topic, func() []load.Event {
		i++
		switch {
		case i <= keys:
			return []load.Event{g.Snapshot(i - 1)}
		case i <= n:
			return g.Next()
		}
		return nil
	})
	fmt.Fprintf(b.talk, "bench: %d events in %s in %s\n", sent, topic, time.Since(began).Round(time.Millisecond))
	return err
}

// committed reports whether a group has committed every offset that the topic has.
func (b *bench) committed(ctx context.Context, admin *kadm.Client, group, topic string) (bool, error) {
	ends, err := admin.ListEndOffsets(ctx, topic)
	if err != nil {
		return false, err
	}
	have, err := admin.FetchOffsets(ctx, group)
	if err != nil {
		return false, nil // the coordinator may not be there yet
	}
	done := true
	ends.Each(func(end kadm.ListedOffset) {
		o, ok := have.Lookup(topic, end.Partition)
		done = done && (end.Offset == 0 || ok && o.At >= end.Offset)
	})
	return done, nil
}
