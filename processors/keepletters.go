package processors

import (
	"context"
	"errors"
	"fmt"

	"github.com/twmb/franz-go/pkg/kgo"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/processors/health"
)

// A new generation has dead letters of its own. Records that are read again become letters again, or can be used;
// those of a stretch that is not read again, since the source has lost it or the replay begins behind it, would be
// out of sight with the older generation. They are taken along as they are.

// lettersAtATime bounds the letters that are being written.
const lettersAtATime = 64

// keepLetters takes the older generation's letters along that were neither retried nor dropped, of records before
// the stretch that is read again. Another attempt writes them again: of one record the newest letter counts.
func (k *keeping) keepLetters(ctx context.Context) error {
	client, err := k.opts.Kafka.Client()
	if err != nil {
		return err
	}
	defer client.Close()
	topic := k.opts.Kafka.Names(k.filling.plan.From).DeadLetters
	open, err := k.lettersBefore(ctx, client, topic, k.filling.get().From)
	if len(open) == 0 || err != nil {
		return err
	}
	room, failed := make(chan struct{}, lettersAtATime), make(chan error, 1)
	err = k.eachLetter(ctx, client, topic, func(r *kgo.Record) {
		if !open[r.Offset] {
			return
		}
		room <- struct{}{}
		// Its time is that of now: a client gives a record up that was under way for too long by it.
		rec := kgo.Record{Topic: k.names.DeadLetters, Partition: k.partition, Key: r.Key, Value: r.Value, Headers: r.Headers, Timestamp: k.opts.Clock()}
		k.rows.Send(rec, func(err error) {
			if err != nil {
				select {
				case failed <- err:
				default:
				}
			}
			<-room
		})
	})
	for range lettersAtATime { // all are written
		room <- struct{}{}
	}
	select {
	case e := <-failed:
		err = errors.Join(err, e)
	default:
	}
	if err == nil { // once, however often it was tried
		k.health.Source.More(health.Counts{Letters: int64(len(open))})
		k.logger.Info("dead letters of the older generation taken along", "count", len(open))
	}
	return err
}

// lettersBefore finds the letters that nobody has dealt with, of records before a source offset. It returns their
// places.
func (k *keeping) lettersBefore(ctx context.Context, client *kgo.Client, topic string, before int64) (map[int64]bool, error) {
	open, newest := map[int64]bool{}, map[int64]int64{} // by source offset
	err := k.eachLetter(ctx, client, topic, func(r *kgo.Record) {
		d := parseLetter(r)
		switch {
		case d.Resolves >= 0:
			if settles(d.Result) {
				delete(open, d.Resolves)
			}
		case d.Topic == k.sourceTopic && d.SourcePartition == k.partition && d.Offset < before:
			if was, again := newest[d.Offset]; again {
				delete(open, was)
			}
			newest[d.Offset], open[r.Offset] = r.Offset, true
		}
	})
	return open, err
}

// eachLetter reads the partition's letters.
func (k *keeping) eachLetter(ctx context.Context, client *kgo.Client, topic string, fn func(*kgo.Record)) error {
	spans, err := logread.Spans(ctx, client, topic)
	if errors.Is(err, kafka.ErrNoSource) {
		return nil
	}
	if err == nil && int(k.partition) < len(spans) {
		err = logread.Read(ctx, client, kafka.Topic{Name: topic}, k.partition, spans[k.partition], func(r *kgo.Record) error {
			fn(r)
			return nil
		})
	}
	if err != nil {
		return fmt.Errorf("read the older generation's dead letters: %w", err)
	}
	return nil
}
