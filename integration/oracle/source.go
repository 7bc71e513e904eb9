package oracle

import (
	"context"
	"errors"
	"math/rand/v2"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka/kafkatest"
)

// Source writes a history to a topic, some of it in transactions.
type Source struct {
	History *History
	Topic   string
	Plain   *kgo.Client // both choose partitions by hand
	InTx    *kgo.Client // with a transactional id
	// Value makes the bytes that are written; nil writes the event.
	Value func(*Event) []byte

	dice *rand.Rand
	open *ending // of the transaction that was left open
	log  [][]Written
}

// Written is a record that the topic has.
type Written struct {
	*Event
	Offset int64
	in     *ending // nil outside of transactions
}

// ending is what a transaction ends in.
type ending struct{ over, commit, wrote bool }

// Write writes n changes, in one way or another, and says in which.
func (s *Source) Write(ctx context.Context, n int) (how string, err error) {
	if s.dice == nil {
		s.dice = rand.New(rand.NewPCG(s.History.o.Seed, 12))
	}
	h, roll := s.History, s.dice.IntN(10)
	switch {
	case roll < 6 && s.open != nil:
		return "plain, beside an open transaction", s.produce(ctx, s.Plain, h.Changes(n), nil)
	case roll < 2:
		return "committed", errors.Join(s.begin(ctx, h.Changes(n), true), s.End(ctx))
	case roll < 4:
		return "aborted", errors.Join(s.begin(ctx, h.Undone(n), false), s.End(ctx))
	case roll < 5:
		return "left open, to be committed", s.begin(ctx, h.Changes(n), true)
	case roll < 6:
		return "left open, to be aborted", s.begin(ctx, h.Undone(n), false)
	case roll < 7:
		return "a snapshot", s.produce(ctx, s.Plain, h.Snapshot(), nil)
	}
	return "plain", s.produce(ctx, s.Plain, h.Changes(n), nil)
}

// Mark writes a record to each partition: what is before them is done when they are.
func (s *Source) Mark(ctx context.Context) error {
	return s.produce(ctx, s.Plain, s.History.Marks(), nil)
}

func (s *Source) produce(ctx context.Context, c *kgo.Client, events []*Event, in *ending) error {
	recs := make([]*kgo.Record, len(events))
	for i, e := range events {
		value := e.Value
		if s.Value != nil {
			value = s.Value(e)
		}
		recs[i] = &kgo.Record{Topic: s.Topic, Partition: e.Partition, Key: e.Key, Value: value, Timestamp: time.UnixMilli(e.Logged)}
	}
	if err := c.ProduceSync(ctx, recs...).FirstErr(); err != nil {
		return err
	}
	for s.log == nil || len(s.log) < int(s.History.o.Partitions) {
		s.log = append(s.log, nil)
	}
	for i, e := range events {
		s.log[e.Partition] = append(s.log[e.Partition], Written{e, recs[i].Offset, in})
	}
	return nil
}

func (s *Source) begin(ctx context.Context, events []*Event, commit bool) error {
	if err := s.InTx.BeginTransaction(); err != nil {
		return err
	}
	s.open = &ending{commit: commit, wrote: len(events) > 0}
	return s.produce(ctx, s.InTx, events, s.open)
}

// Open reports whether a transaction is open.
func (s *Source) Open() bool { return s.open != nil }

// End ends the transaction that is open, if there is one.
func (s *Source) End(ctx context.Context) error {
	if s.open == nil {
		return nil
	}
	var written []string
	if s.open.wrote {
		written = append(written, s.Topic)
	}
	if err := kafkatest.EndTransaction(ctx, s.InTx, kgo.TransactionEndTry(s.open.commit), written...); err != nil {
		return err
	}
	s.open.over, s.open = true, nil
	return nil
}

// Readable returns the records of a partition that can be read: those that are committed and
// have no open transaction in front of them.
func (s *Source) Readable(p int32) []Written {
	var out []Written
	if int(p) >= len(s.log) {
		return nil
	}
	for _, r := range s.log[p] {
		if r.in != nil && !r.in.over {
			break
		}
		if r.in == nil || r.in.commit {
			out = append(out, r)
		}
	}
	return out
}

// Fold folds what can be read, and says where that ends in each partition.
func (s *Source) Fold() (*Fold, map[int32]int64) {
	o, ends := NewFold(s.History.o.Partitions), map[int32]int64{}
	for p := range s.History.o.Partitions {
		for _, r := range s.Readable(p) {
			o.Take(r.Event)
			ends[p] = r.Offset + 1
		}
	}
	return o, ends
}
