package changelog

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/kafka"
)

// dial opens a client with a configuration of its own.
func dial(s kafka.Settings) (sarama.Client, error) {
	c, err := s.Sarama()
	if err != nil {
		return nil, err
	}
	client, err := sarama.NewClient(s.Brokers, c)
	if err != nil {
		return nil, fmt.Errorf("open a client of the brokers: %w", err)
	}
	return client, nil
}

const (
	fetchVersion = 11
	fetchWait    = 100      // milliseconds
	fetchBytes   = 64 << 10 // a broker sends at least one whole batch
)

// Deliverable reports whether a reader of committed records that stands at from
// would get one before end. It reads the batches as they are: markers, aborted
// records and what compaction has left out deliver nothing.
func Deliverable(ctx context.Context, s kafka.Settings, topic string, partition int32, from, end int64) (bool, error) {
	client, err := dial(s)
	if err != nil {
		return false, err
	}
	defer func() { _ = client.Close() }()
	for from < end && ctx.Err() == nil {
		block, err := fetch(client, topic, partition, from)
		if err != nil {
			return false, fmt.Errorf("fetch partition %d of topic %s at %d: %w", partition, topic, from, err)
		}
		next, found := walk(block, from, end)
		if found {
			return true, nil
		}
		if next == from { // nothing there
			return block.LastStableOffset < end, nil // an open transaction may still be committed
		}
		from = next
	}
	return false, context.Cause(ctx)
}

func fetch(client sarama.Client, topic string, partition int32, at int64) (*sarama.FetchResponseBlock, error) {
	broker, err := client.Leader(topic, partition)
	if err != nil {
		return nil, err
	}
	if err := broker.Open(client.Config()); err != nil && !errors.Is(err, sarama.ErrAlreadyConnected) {
		return nil, err
	}
	req := &sarama.FetchRequest{
		Version: fetchVersion, MaxWaitTime: fetchWait, MinBytes: 1, MaxBytes: fetchBytes,
		Isolation: sarama.ReadCommitted, SessionEpoch: -1,
	}
	req.AddBlock(topic, partition, at, fetchBytes, -1)
	resp, err := broker.Fetch(req)
	if err != nil {
		return nil, err
	}
	block := resp.GetBlock(topic, partition)
	if block == nil {
		return nil, sarama.ErrIncompleteResponse
	}
	if !errors.Is(block.Err, sarama.ErrNoError) {
		return nil, block.Err
	}
	return block, nil
}

// walk looks through the batches of a response for a record in [from, end) and
// returns the offset behind them. Where it cannot tell, it has found one.
func walk(block *sarama.FetchResponseBlock, from, end int64) (next int64, found bool) {
	if block.Partial {
		return from, true
	}
	next = from
	aborted := map[int64]bool{} // producers whose open transaction will be aborted
	pending := block.AbortedTransactions
	for _, set := range block.RecordsSet {
		b := set.RecordBatch
		if b == nil || b.PartialTrailingRecord {
			return next, true // the old format has no markers: its messages are delivered
		}
		pending = slices.DeleteFunc(pending, func(t *sarama.AbortedTransaction) bool {
			begun := t.FirstOffset <= b.LastOffset()
			if begun {
				aborted[t.ProducerID] = true
			}
			return begun
		})
		switch {
		case b.Control:
			delete(aborted, b.ProducerID)
		case b.IsTransactional && aborted[b.ProducerID]:
		case holds(b, from, end):
			return next, true
		}
		next = max(next, b.LastOffset()+1)
	}
	return next, false
}

func holds(b *sarama.RecordBatch, from, end int64) bool {
	return slices.ContainsFunc(b.Records, func(r *sarama.Record) bool {
		at := b.FirstOffset + r.OffsetDelta
		return at >= from && at < end
	})
}
