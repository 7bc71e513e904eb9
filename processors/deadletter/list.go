package deadletter

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
)

// Query selects among the dead letters of a table that are not settled.
type Query struct {
	Partition *int32 // of the source topic; nil for all
	Offset    *int64 // in the source topic; nil for all
	Field     string // that could not be decoded; empty for all
	// Clip is how many bytes of key and value are kept of each; 0 for all of them.
	Clip int
}

func (q *Query) takes(d *Entry) bool {
	return (q.Partition == nil || *q.Partition == d.SourcePartition) && (q.Offset == nil || *q.Offset == d.Offset) &&
		(q.Field == "" || q.Field == d.Field)
}

// position is the position of a record in the dead letters' topic.
type position struct {
	partition int32
	offset    int64
}

// List returns the dead letters of a table that are not settled, the oldest
// first. One that was tried again in vain has the newer error. A record that was read
// and refused more than once is listed once, as it was last. The error holds
// kafka.ErrNoSource when there is no topic of dead letters yet.
func List(ctx context.Context, s kafka.Settings, t *tables.Table, q Query) ([]Entry, error) {
	open, _, err := All(ctx, s, t, q)
	return open, err
}

// All is List, with those that are settled apart from them.
func All(ctx context.Context, s kafka.Settings, t *tables.Table, q Query) (left, done []Entry, err error) {
	client, err := s.Client()
	if err != nil {
		return nil, nil, err
	}
	defer client.Close()
	if _, err := describe(ctx, client, s.Names(t).DeadLetters); err != nil {
		return nil, nil, err
	}
	open, settled := map[position]*Entry{}, map[position]*Entry{}
	newest := map[sourcePosition]position{}
	err = logread.All(ctx, client, s.Names(t).DeadLetters, func(r *kgo.Record) error {
		d := Parse(r)
		at := position{d.Partition, d.Place}
		if d.Resolves < 0 {
			if before, ok := newest[d.source()]; ok {
				delete(open, before)
				delete(settled, before)
			}
			newest[d.source()] = at
			if q.takes(&d) {
				open[at] = d.clipped(q.Clip)
			}
			return nil
		}
		at.offset = d.Resolves
		switch was := open[at]; {
		case was == nil:
		case Settles(d.Result):
			delete(open, at)
			settled[at] = was
		default:
			was.Error, was.Result = d.Error, d.Result
		}
		return nil
	})
	if err != nil {
		return nil, nil, err
	}
	return oldestFirst(open), oldestFirst(settled), nil
}

func oldestFirst(deadLetters map[position]*Entry) []Entry {
	out := make([]Entry, 0, len(deadLetters))
	for _, d := range deadLetters {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b Entry) int {
		return cmp.Or(a.Written.Compare(b.Written), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Place, b.Place))
	})
	return out
}

// sourcePosition is the position of a record in the source.
type sourcePosition struct {
	topic     string
	partition int32
	offset    int64
}

func (d *Entry) source() sourcePosition { return sourcePosition{d.Topic, d.SourcePartition, d.Offset} }

// clipped returns a copy that keeps no more memory alive than it shows.
func (d *Entry) clipped(n int) *Entry {
	if n > 0 {
		d.Key, d.Value = slices.Clone(d.Key[:min(n, len(d.Key))]), slices.Clone(d.Value[:min(n, len(d.Value))])
		d.Headers = nil
	}
	return d
}

// describe bounds how long a topic is asked for that may not be there.
func describe(ctx context.Context, client *kgo.Client, topic string) (kafka.Topic, error) {
	ctx, cancel := context.WithTimeout(ctx, describeTimeout)
	defer cancel()
	return kafka.Describe(ctx, client, topic)
}

const describeTimeout = 5 * time.Second
