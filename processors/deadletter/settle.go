package deadletter

import (
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
	"github.com/tidemark/tidemark/tables"
)

// Answer is what has become of a dead letter.
type Answer struct {
	Entry
	Result string // Applied or another of those words
	Error  string // of what failed or was refused
}

// atOnce is how many dead letters one request may be about.
const atOnce = 500

// ErrUnanswered is returned when not every dead letter was dealt with in time: no
// process owns the partition, or it is busy. The request stays in force.
var ErrUnanswered = errors.New("not every dead letter was answered for")

// Settle asks the owners of the partitions to retry or drop dead letters and
// waits for their answers, as long as the context lasts. tell is called for each, in
// the order in which they come.
func Settle(ctx context.Context, s kafka.Settings, t *tables.Table, action wire.DeadLetterAction, deadLetters []Entry, tell func(Answer)) error {
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
	waiting, from := map[position]Entry{}, map[int32]kgo.Offset{}
	asked := map[int32][]int64{}
	for _, d := range deadLetters {
		waiting[position{d.Partition, d.Place}] = d
		asked[d.Partition] = append(asked[d.Partition], d.Place)
		from[d.Partition] = kgo.NewOffset().At(ends[d.Partition])
	}
	if err := client.ProduceSync(ctx, Requests(names.Batch, request, action, asked)...).FirstErr(); err != nil {
		return fmt.Errorf("ask for dead letters: %w", err)
	}
	client.AddConsumePartitions(map[string]map[int32]kgo.Offset{names.DeadLetters: from})
	for len(waiting) > 0 {
		fetches := client.PollFetches(ctx)
		if ctx.Err() != nil {
			return fmt.Errorf("%w: %d of %d are left", ErrUnanswered, len(waiting), len(deadLetters))
		}
		if err := fetches.Err(); err != nil {
			return fmt.Errorf("read the answers: %w", err)
		}
		fetches.EachRecord(func(r *kgo.Record) {
			a := Parse(r)
			at := position{a.Partition, a.Resolves}
			if d, ok := waiting[at]; ok && a.Request == request {
				delete(waiting, at)
				tell(Answer{Entry: d, Result: a.Result, Error: a.Error})
			}
		})
	}
	return nil
}

// Requests are the control records that ask for dead letters to be retried or dropped, by partition.
func Requests(topic, id string, action wire.DeadLetterAction, asked map[int32][]int64) (out []*kgo.Record) {
	for p, offsets := range asked {
		slices.Sort(offsets)
		for piece := range slices.Chunk(offsets, atOnce) {
			body := wire.AppendDeadLetterRequest(nil, wire.DeadLetterRequest{ID: id, Action: action, Offsets: piece})
			c := wire.Control{Kind: wire.DeadLetters, Started: time.Now().UnixMicro(), Body: string(body)}
			out = append(out, &kgo.Record{Topic: topic, Partition: p, Value: wire.AppendControl(nil, c)})
		}
	}
	return out
}
