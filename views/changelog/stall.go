package changelog

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/views/events"
)

// Reasons to build the view again.
var (
	// errMovedOn: goka waits for records that will not come.
	errMovedOn = errors.New("the end of a partition is not delivered")
	// errSilent: records are there and goka does not bring them.
	errSilent = errors.New("a partition is no longer read")
)

// silence is how many times the stall's time a partition with deliverable records may stand still.
const silence = 5

// answerGap is how many times the stall's time may lie between two calls of Ends.
// After a longer one the brokers were away, and standing still is counted anew.
const answerGap = 3

// askAtOnce bounds the partitions that one call asks the brokers about; the next
// call continues with others.
const askAtOnce = 8

// Ends gives the reader the end offsets of its topic, as they were asked for a
// moment ago. Partitions that stand still below them are looked after. It is to be
// called again and again, by one goroutine.
func (r *Reader) Ends(ctx context.Context, ends []int64) error {
	now := r.o.Clock()
	if now.Sub(r.told) > answerGap*r.o.Stall {
		r.since = now
	}
	r.told = now
	var errs []error
	asked := 0
	for i, p := range r.partitions {
		if i >= len(ends) || p.next.Load() >= ends[i] || p.busy.Load() {
			continue
		}
		from := time.Unix(0, p.moved.Load())
		if from.Before(r.since) {
			from = r.since
		}
		still := now.Sub(from)
		if still < r.o.Stall || now.Before(p.ask) || asked == askAtOnce {
			continue
		}
		asked++
		p.ask = now.Add(r.o.Stall)
		if err := r.unstall(ctx, int32(i), p, ends[i], still); err != nil {
			errs = append(errs, fmt.Errorf("partition %d of topic %s makes no progress: %w", i, r.o.Topic, err))
		}
	}
	return errors.Join(errs...)
}

// unstall finds out why a partition does not reach its end. When nothing is
// left to deliver before the end it continues there; goka, which cannot know, is
// started anew, unless it only waits for what comes next.
func (r *Reader) unstall(ctx context.Context, id int32, p *partition, end int64, still time.Duration) error {
	next := p.next.Load()
	left, err := r.o.Left(ctx, id, next, end)
	if err != nil {
		return err
	}
	if p.next.Load() != next {
		return nil // it moved meanwhile
	}
	if left {
		if still > silence*r.o.Stall {
			r.o.Events.PartitionSilent(events.PartitionSilent{Topic: r.o.Topic, Partition: id, Next: next, End: end})
			r.advance(p, next)
			r.again(errSilent)
		}
		return nil
	}
	r.o.Events.EndSkipped(events.EndSkipped{Topic: r.o.Topic, Partition: id, Next: next, End: end})
	if err := r.o.Sink.Skip(id, end); err != nil {
		return err
	}
	r.advance(p, end)
	if !p.recovered.Load() {
		r.again(errMovedOn)
	}
	return nil
}

// left asks the brokers what is left to deliver.
func (o *Options) left(ctx context.Context, partition int32, from, end int64) (bool, error) {
	client, err := o.Pool.Client()
	if err != nil {
		return false, err
	}
	return logread.Deliverable(ctx, client, kafka.Topic{Name: o.Topic}, partition, from, end)
}
