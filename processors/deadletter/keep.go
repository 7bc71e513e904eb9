package deadletter

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
)

// A new generation has dead letters of its own. Records that are read again become dead letters again, or can be used;
// those of a stretch that is not read again, since the source has lost it or the replay begins behind it, would be
// out of sight with the older generation. They are copied as they are.

// Old says which dead letters are copied.
type Old struct {
	Client    *kgo.Client
	From, To  string // topics of dead letters
	Source    string // of the records
	Partition int32  // of the source and of both topics
	Before    int64  // the source offset from which on it is read again
	Clock     func() time.Time
	Send      func(rec kgo.Record, ack func(error))
}

// atATime bounds the dead letters that are being written.
const atATime = 64

// Keep copies the previous generation's dead letters that were neither retried nor dropped, of records before
// the stretch that is read again. Another attempt writes them again: of one record the newest dead letter counts. It returns
// how many there were.
func Keep(ctx context.Context, o Old) (int, error) {
	open, err := o.open(ctx)
	if len(open) == 0 || err != nil {
		return 0, err
	}
	room, failed := make(chan struct{}, atATime), make(chan error, 1)
	err = o.each(ctx, func(r *kgo.Record) {
		if !open[r.Offset] {
			return
		}
		room <- struct{}{}
		// Its time is that of now: a client gives a record up that was under way for too long by it.
		rec := kgo.Record{Topic: o.To, Partition: o.Partition, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: o.Clock()}
		o.Send(rec, func(err error) {
			if err != nil {
				select {
				case failed <- err:
				default:
				}
			}
			<-room
		})
	})
	for range atATime { // all are written
		room <- struct{}{}
	}
	select {
	case e := <-failed:
		err = errors.Join(err, e)
	default:
	}
	return len(open), err
}

// open finds the dead letters that were not settled, of records before the stretch. It returns their
// offsets.
func (o *Old) open(ctx context.Context) (map[int64]bool, error) {
	open, newest := map[int64]bool{}, map[int64]int64{} // by source offset
	err := o.each(ctx, func(r *kgo.Record) {
		d := Parse(r)
		switch {
		case d.Resolves >= 0:
			if Settles(d.Result) {
				delete(open, d.Resolves)
			}
		case d.Topic == o.Source && d.SourcePartition == o.Partition && d.Offset < o.Before:
			if was, again := newest[d.Offset]; again {
				delete(open, was)
			}
			newest[d.Offset], open[r.Offset] = r.Offset, true
		}
	})
	return open, err
}

// each reads the partition's dead letters.
func (o *Old) each(ctx context.Context, fn func(*kgo.Record)) error {
	spans, err := logread.Spans(ctx, o.Client, o.From)
	if errors.Is(err, kafka.ErrNoSource) {
		return nil
	}
	if err == nil && int(o.Partition) < len(spans) {
		err = logread.Read(ctx, o.Client, kafka.Topic{Name: o.From}, o.Partition, spans[o.Partition], func(r *kgo.Record) error {
			fn(r)
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("read the older generation's dead letters: %w", err)
	}
	return nil
}
