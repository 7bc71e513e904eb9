package progress

import (
	"context"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/kafka/logread"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/topics"
)

// MapFollower fills a map by what processors say about the topic by decoded keys.
type MapFollower struct {
	Map   *SourceMap // nil: there is nothing to follow
	Pool  *logread.Pool
	Topic string // where they report it
	Set   topics.Set

	ReadersAt  func() tables.Position        // how far readers are, in the topic by keys
	Moved      func()                        // called after each record: positions may stand for more
	Unreadable func(events.RecordUnreadable) // is called with records that are left out
	Faults     *Faults
}

// Follow reads first the newest of each partition of the source, then all that comes.
func (f *MapFollower) Follow(ctx context.Context, client *topics.Client) error {
	if f.Map == nil {
		return nil
	}
	topic, err := client.Describe(ctx, f.Topic)
	if err != nil {
		return err
	}
	source, err := client.Describe(ctx, f.Set.Origin.Name)
	if err != nil {
		return err
	}
	next := make([]int64, topic.Partitions)
	g, inner := errgroup.WithContext(ctx)
	g.SetLimit(8)
	for p := range topic.Partitions {
		g.Go(func() (err error) {
			next[p], err = f.back(inner, client, topic, source, p)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		return err
	}
	return topics.FollowAll(ctx, f.Pool, topic.Name, next, func(r topics.Record) {
		f.Faults.clear(r.Topic)
		f.take(r)
	}, f.Faults.Report)
}

// back reads a partition of the topic from its end, until something is known of each partition
// of the source that is reported there. It returns the offset to continue from.
func (f *MapFollower) back(ctx context.Context, client *topics.Client, topic, source kafka.Topic, p int32) (next int64, err error) {
	missing := map[int32]bool{}
	for s := p; s < source.Partitions; s += topic.Partitions {
		missing[s] = true
	}
	var other error
	next, err = client.Back(ctx, topic, p, func(r topics.Record) {
		if at, ok := f.take(r); ok {
			delete(missing, at.Partition)
			other = nil
		} else if len(r.Source) == 16 {
			other = source.Since(kafka.Topic{Partitions: source.Partitions, ID: [16]byte(r.Source)})
		}
	}, func() bool { return len(missing) == 0 })
	if err == nil {
		err = other
	}
	return next, err
}

// take takes a record of how far the source is in the topic by keys, if it is
// about the topics as they are.
func (f *MapFollower) take(r topics.Record) (wire.Repartitioned, bool) {
	if len(r.Source) != 16 || len(r.Keyed) != 16 || [16]byte(r.Source) != f.Set.Origin.ID || [16]byte(r.Keyed) != f.Set.Source.ID {
		return wire.Repartitioned{}, false
	}
	at, err := wire.ParseRepartitioned(r.Value)
	if err != nil || at.Partition >= tables.MaxPartitions {
		f.Unreadable(events.RecordUnreadable{What: "record of what is repartitioned", Partition: events.NoPlace, Offset: r.Offset, Err: err})
		return wire.Repartitioned{}, false
	}
	f.Map.add(at, f.ReadersAt())
	f.Moved()
	return at, true
}
