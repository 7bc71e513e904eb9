package main

import (
	"context"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kadm"
	"github.com/twmb/franz-go/pkg/kgo"
)

// fillFleet makes the topics of tables and produces the snapshot of each.
func (b *bench) fillFleet(ctx context.Context, f *fleet) error {
	c, err := b.producer()
	if err != nil {
		return err
	}
	defer c.Close()
	var names []string
	for _, t := range f.tables {
		names = append(names, t.Source.Topic)
	}
	made, err := kadm.NewClient(c).CreateTopics(ctx, tablePartitions, 1, nil, names...)
	if err == nil {
		err = made.Error()
	}
	if err != nil {
		return fmt.Errorf("make topics: %w", err)
	}
	var failed error
	records := 0
	for i, g := range f.events {
		for id := range f.rows {
			e := g.Snapshot(id)
			records++
			c.Produce(ctx, &kgo.Record{Topic: names[i], Key: e.Key, Value: e.Value}, func(_ *kgo.Record, err error) {
				if err != nil {
					failed = err // of the client's one goroutine for promises, which Flush waits for
				}
			})
		}
	}
	if err := c.Flush(ctx); err != nil {
		return err
	}
	fmt.Fprintf(b.talk, "bench: %d events in %d topics\n", records, len(names))
	return failed
}

// steady produces changes, to one table after the other, until ctx ends.
func (f *fleet) steady(ctx context.Context, c *kgo.Client) {
	tick := time.NewTicker(time.Second / tablesRate)
	defer tick.Stop()
	for at := 0; ; at = (at + 1) % len(f.tables) {
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
			for _, e := range f.events[at].Next() {
				c.Produce(ctx, &kgo.Record{Topic: f.tables[at].Source.Topic, Key: e.Key, Value: e.Value}, nil)
			}
		}
	}
}
