package processors

import (
	"cmp"
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
)

// LetterQuery selects among the dead letters of a table that are not settled.
type LetterQuery struct {
	Partition *int32 // of the source topic; nil for all
	Offset    *int64 // in the source topic; nil for all
	Field     string // that could not be decoded; empty for all
	// Clip is how many bytes of key and value are kept of each; 0 for all of them.
	Clip int
}

func (q *LetterQuery) takes(d *DeadLetter) bool {
	return (q.Partition == nil || *q.Partition == d.SourcePartition) && (q.Offset == nil || *q.Offset == d.Offset) &&
		(q.Field == "" || q.Field == d.Field)
}

// place is where a record stands in the dead letters' topic.
type place struct {
	partition int32
	offset    int64
}

// DeadLetters returns the dead letters of a table that are not settled, the oldest
// first. One that was tried again in vain has the newer error. A record that was read
// and refused more than once is told once, as it was last. The error holds
// kafka.ErrNoSource when there is no topic of dead letters yet.
func DeadLetters(ctx context.Context, s kafka.Settings, t *tables.Table, q LetterQuery) ([]DeadLetter, error) {
	open, _, err := AllLetters(ctx, s, t, q)
	return open, err
}

// AllLetters is DeadLetters, with those that are settled apart from them.
func AllLetters(ctx context.Context, s kafka.Settings, t *tables.Table, q LetterQuery) (left, done []DeadLetter, err error) {
	client, err := s.Client()
	if err != nil {
		return nil, nil, err
	}
	defer client.Close()
	if _, err := describe(ctx, client, s.Names(t).DeadLetters); err != nil {
		return nil, nil, err
	}
	open, settled := map[place]*DeadLetter{}, map[place]*DeadLetter{}
	newest := map[sourcePlace]place{}
	err = logread.All(ctx, client, s.Names(t).DeadLetters, func(r *kgo.Record) error {
		d := parseLetter(r)
		at := place{d.Partition, d.Place}
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
		case settles(d.Result):
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

func oldestFirst(letters map[place]*DeadLetter) []DeadLetter {
	out := make([]DeadLetter, 0, len(letters))
	for _, d := range letters {
		out = append(out, *d)
	}
	slices.SortFunc(out, func(a, b DeadLetter) int {
		return cmp.Or(a.Written.Compare(b.Written), cmp.Compare(a.Partition, b.Partition), cmp.Compare(a.Place, b.Place))
	})
	return out
}

// sourcePlace is where a record stands in the source.
type sourcePlace struct {
	topic     string
	partition int32
	offset    int64
}

func (d *DeadLetter) source() sourcePlace { return sourcePlace{d.Topic, d.SourcePartition, d.Offset} }

// clipped returns a copy that keeps no more memory alive than it shows.
func (d *DeadLetter) clipped(n int) *DeadLetter {
	if n > 0 {
		d.Key, d.Value = slices.Clone(d.Key[:min(n, len(d.Key))]), slices.Clone(d.Value[:min(n, len(d.Value))])
		d.Headers = nil
	}
	return d
}

// LetterAnswer is what has become of a dead letter.
type LetterAnswer struct {
	DeadLetter
	Result string // LetterApplied or another of those words
	Error  string // of what failed or was refused
}

// lettersAtOnce is how many dead letters one request may be about.
const lettersAtOnce = 500

// ErrUnanswered is returned when not every dead letter was dealt with in time: no
// process owns the partition, or it is busy. The request stands.
var ErrUnanswered = errors.New("not every dead letter was answered for")

// SettleLetters asks the owners of the partitions to retry or drop dead letters and
// waits for their answers, as long as the context lasts. tell is called for each, in
// the order in which they come.
func SettleLetters(ctx context.Context, s kafka.Settings, t *tables.Table, action wire.DeadLetterAction, letters []DeadLetter, tell func(LetterAnswer)) error {
	names := s.Names(t)
	client, err := s.Client(kgo.RecordPartitioner(kgo.ManualPartitioner()))
	if err != nil {
		return err
	}
	defer client.Close()
	ends, err := kafka.EndOffsets(ctx, client, names.DeadLetters)
	if err != nil {
		return err
	}
	var id [8]byte
	_, _ = rand.Read(id[:]) // never returns an error
	request := hex.EncodeToString(id[:])
	waiting, from := map[place]DeadLetter{}, map[int32]kgo.Offset{}
	asked := map[int32][]int64{}
	for _, d := range letters {
		waiting[place{d.Partition, d.Place}] = d
		asked[d.Partition] = append(asked[d.Partition], d.Place)
		from[d.Partition] = kgo.NewOffset().At(ends[d.Partition])
	}
	if err := client.ProduceSync(ctx, letterRequests(names.Batch, request, action, asked)...).FirstErr(); err != nil {
		return fmt.Errorf("ask for dead letters: %w", err)
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{names.DeadLetters: from})
	for len(waiting) > 0 {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %d of %d are left", ErrUnanswered, len(waiting), len(letters))
		}
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("read the answers: %w", err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			a := parseLetter(r)
			at := place{a.Partition, a.Resolves}
			if d, ok := waiting[at]; ok && a.Request == request {
				delete(waiting, at)
				tell(LetterAnswer{DeadLetter: d, Result: a.Result, Error: a.Error})
			}
		})
	}
	return nil
}

func letterRequests(topic, id string, action wire.DeadLetterAction, asked map[int32][]int64) (out []*kgo.Record) {
	for p, offsets := range asked {
		slices.Sort(offsets)
		for piece := range slices.Chunk(offsets, lettersAtOnce) {
			body := wire.AppendDeadLetterRequest(nil, wire.DeadLetterRequest{ID: id, Action: action, Offsets: piece})
			c := wire.Control{Kind: wire.DeadLetters, Started: time.Now().UnixMicro(), Body: string(body)}
			out = append(out, &kgo.Record{Topic: topic, Partition: p, Value: wire.AppendControl(nil, c)})
		}
	}
	return out
}
