package demo

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/cmd/tidemark/demo/load"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// The topics of the shop and their partitions.
const (
	OrdersTopic    = "shop.public.orders"
	CustomersTopic = "shop.public.customers"
)

// Topics are the shop's topics with their partitions.
func Topics() map[string]int32 {
	return map[string]int32{OrdersTopic: 4, CustomersTopic: 2}
}

// Options say how large the shop is and how fast it changes.
type Options struct {
	Kafka     kafka.Settings
	Orders    int // rows of the first snapshot
	Customers int
	Rate      float64 // changes a second, of both tables together
	Logger    *slog.Logger
}

// Validate says what is wrong with the options.
func (o Options) Validate() error {
	var errs []error
	if o.Orders <= lasting || o.Customers <= lasting {
		errs = append(errs, fmt.Errorf("%d orders and %d customers: want more than %d of each", o.Orders, o.Customers, lasting))
	}
	if o.Rate <= 0 || o.Rate > 100_000 {
		errs = append(errs, fmt.Errorf("a rate of %g changes a second: want more than 0, at most 100000", o.Rate))
	}
	return errors.Join(errs...)
}

const (
	seed = 42
	// lasting rows, those with the lowest ids, are never deleted: the calls that the
	// demo prints always find them.
	lasting       = 100
	deletePercent = 8
	// customersEvery says which share of the changes is of a customer.
	customersEvery = 10
)

// Shop makes the events.
type Shop struct {
	o      Options
	client *kgo.Client
	orders *stream
	buyers *stream
	rng    *rand.Rand
}

// stream is one table's events on their way into its topic.
type stream struct {
	topic      string
	partitions int32
	events     *load.Generator
	rows       int
	rng        *rand.Rand
	sent       []int64 // events made so far, by partition
	there      []int64 // where the topic ended when the demo started
}

// New connects a shop. Close it.
func New(o Options) (*Shop, error) {
	if err := o.Validate(); err != nil {
		return nil, fmt.Errorf("options of the demo: %w", err)
	}
	client, err := o.Kafka.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return nil, err
	}
	s := &Shop{o: o, client: client, rng: rand.New(rand.NewPCG(seed, 3))}
	s.orders = newStream(OrdersTopic, load.NewOrders, o.Orders, o.Customers)
	s.buyers = newStream(CustomersTopic, load.NewCustomers, o.Customers, o.Customers)
	return s, nil
}

func newStream(topic string, generator func(load.Options) *load.Generator, rows, customers int) *stream {
	n := Topics()[topic]
	return &stream{
		topic: topic, partitions: n, rows: rows, sent: make([]int64, n),
		events: generator(load.Options{Seed: seed, Keys: rows, DeletePercent: deletePercent, Customers: customers}),
		rng:    rand.New(rand.NewPCG(seed, 4)),
	}
}

// Close ends the connection.
func (s *Shop) Close() { s.client.Close() }

// Run sends the first snapshot and then changes at the rate, until ctx ends.
//
// Events are made from the very first one on at every start. Each one's partition
// is known, so those that a partition has already are counted and not sent
// again: the topics continue exactly where they were, also after a kill in the middle.
func (s *Shop) Run(ctx context.Context) error {
	for _, st := range []*stream{s.orders, s.buyers} {
		ends, err := kafka.EndOffsets(ctx, s.client, st.topic)
		if err != nil {
			return err
		}
		if len(ends) != int(st.partitions) {
			return fmt.Errorf("topic %s has %d partitions, the demo makes %d: remove its directory", st.topic, len(ends), st.partitions)
		}
		st.there = ends
		if err := s.snapshot(ctx, st); err != nil {
			return err
		}
	}
	return s.changes(ctx)
}

func (s *Shop) snapshot(ctx context.Context, st *stream) error {
	var records []*kgo.Record
	for id := range st.rows {
		records = st.add(records, st.events.Snapshot(id))
	}
	return s.send(ctx, records)
}

// changes sends what is due, again and again. Without need to catch up with a
// past run, that is the rate.
func (s *Shop) changes(ctx context.Context) error {
	const tick = 20 * time.Millisecond
	ticker := time.NewTicker(tick)
	defer ticker.Stop()
	due := 0.0
	for {
		var records []*kgo.Record
		for s.behind() && len(records) == 0 {
			records = s.change(records)
		}
		for ; due >= 1; due-- {
			records = s.change(records)
		}
		if err := s.send(ctx, records); err != nil {
			return err
		}
		select {
		case <-ctx.Done():
			return ctx.Err()
		case <-ticker.C:
			due += s.o.Rate * tick.Seconds()
		}
	}
}

// behind reports whether a topic still has events that were not made again.
func (s *Shop) behind() bool { return s.orders.behind() || s.buyers.behind() }

func (st *stream) behind() bool {
	for p, n := range st.sent {
		if n < st.there[p] {
			return true
		}
	}
	return false
}

// change makes the next change of the shop.
func (s *Shop) change(records []*kgo.Record) []*kgo.Record {
	st := s.orders
	if s.rng.IntN(customersEvery) == 0 {
		st = s.buyers
	}
	for _, e := range st.events.Change(lasting + st.rng.IntN(st.rows-lasting)) {
		records = st.add(records, e)
	}
	return records
}

// add appends the record of an event, unless its partition has it.
func (st *stream) add(records []*kgo.Record, e load.Event) []*kgo.Record {
	p, _ := kafka.PartitionOf(tables.PartitionMurmur2, e.Key, st.partitions)
	st.sent[p]++
	if st.sent[p] <= st.there[p] {
		return records
	}
	return append(records, &kgo.Record{Topic: st.topic, Partition: p, Key: e.Key, Value: e.Value})
}

func (s *Shop) send(ctx context.Context, records []*kgo.Record) error {
	if len(records) == 0 {
		return nil
	}
	if err := s.client.ProduceSync(ctx, records...).FirstErr(); err != nil {
		return fmt.Errorf("send events of the demo: %w", err)
	}
	return nil
}
