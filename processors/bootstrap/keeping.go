package bootstrap

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// keeping reads the older generation's rows into the store.
type keeping struct {
	*Filling
	rewriter *evolve.Rewriter
	offsets  int64 // where the stretch of the source begins
	foreign  bool  // the older rows' offsets are of another topic
	same     bool  // the older generation has read this very partition
	mine     func(tables.Key) bool
	bare     bool  // only the keys are kept, to be counted
	doubles  bool  // a key may have been in several of the partitions that are read
	reading  int32 // the partition that is read
	newest   int64 // stamp
}

// keep reads the partitions of the older changelog whose keys may live here.
func (k *keeping) keep(ctx context.Context) error {
	old, topic, err := k.older(ctx)
	adopt := k.opts.Plan.Rows == seed.Adopt
	if errors.Is(err, kafka.ErrNoSource) && !adopt {
		return nil
	}
	if errors.Is(err, kafka.ErrNoSource) {
		return k.unfit("the topic %s, which holds the older generation's rows, is gone: sweep them instead", topic.Name)
	}
	if err != nil {
		return err
	}
	defer old.Close()
	read, why := k.partitionsOf(topic)
	if why != "" && adopt {
		return k.unfit("%s: rows cannot be taken over, sweep them instead", why)
	}
	k.bare = why != ""
	k.doubles = len(read) > 1 && !k.opts.Plan.From.Repartitioned()
	if k.rewriter, err = evolve.NewRewriter(k.opts.Plan.From, k.opts.Table); err != nil {
		return err
	}
	for _, p := range read {
		if err := k.partitionFrom(ctx, old, p); err != nil {
			return err
		}
		if err := k.count(p); err != nil {
			return err
		}
	}
	if k.same {
		return k.opts.DeadLetters(ctx, k.opts.Kafka.Names(k.opts.Plan.From), k.get().From, k.run.Rows.Send)
	}
	return nil
}

// count notes how many rows there are now. Where all partitions count everything, each
// answers for those of a share of the older partitions.
func (k *keeping) count(p int32) error {
	n, err := k.state.Previous.Count()
	if err != nil {
		return err
	}
	k.change(func(s *wire.Bootstrap) {
		if !k.bare || p%k.opts.Input.Partitions == k.opts.Partition {
			s.Old += n - s.Kept
		}
		s.Kept = n
	})
	return nil
}

// partitionsOf returns the partitions of the older changelog to be read. The reason says
// why its rows have no partition of their own here: then all are read, to be counted.
func (k *keeping) partitionsOf(topic kafka.Topic) ([]int32, string) {
	from, to := k.opts.Plan.From, k.opts.Table
	all := make([]int32, topic.Partitions)
	for p := range all {
		all[p] = int32(p)
	}
	k.mine = func(tables.Key) bool { return true }
	switch {
	case !seed.SameKey(from, to):
		return all, "the key is another"
	case from.Source.Partitioner == to.Source.Partitioner && topic.Partitions == k.opts.Input.Partitions:
		return []int32{k.opts.Partition}, ""
	case to.Repartitioned():
		k.mine = func(key tables.Key) bool {
			p, _ := kafka.PartitionOf(tables.PartitionMurmur2, []byte(key), k.opts.Input.Partitions)
			return p == k.opts.Partition
		}
		return all, ""
	case from.Source.Partitioner != to.Source.Partitioner:
		return all, "the partitioner is another"
	}
	return all, fmt.Sprintf("%s has %d partitions and the older generation has %d", k.opts.Input.Name, k.opts.Input.Partitions, topic.Partitions)
}

// partitionFrom keeps the rows of one partition of the older changelog.
func (k *keeping) partitionFrom(ctx context.Context, old *seed.Changelog, p int32) error {
	at, err := old.LastReported(ctx, p)
	if err != nil {
		return err
	}
	from, to := k.opts.Plan.From, k.opts.Table
	here := p == k.opts.Partition && !from.Repartitioned() && !to.Repartitioned() && from.Source.Topic == to.Source.Topic && sameTopic(at.SourceID, k.opts.Input.ID)
	k.foreign, k.same = !here || k.bare, k.same || here
	k.newest, k.reading = state.Unknown, p
	cut, err := old.Read(ctx, p, 0, state.Unknown, k.entry, func(next, end int64) {
		k.change(func(s *wire.Bootstrap) { s.Read, s.ReadEnd = next, end })
	})
	if err != nil {
		return err
	}
	if !k.foreign {
		k.change(func(s *wire.Bootstrap) { s.Until = max(s.Until, cut.Source) })
	}
	return nil
}

func (k *keeping) entry(e seed.Entry) error {
	if err := k.run.Alive(); err != nil {
		return err
	}
	if !k.mine(e.Key) {
		return nil
	}
	if e.Stamp < k.newest {
		if stale, err := k.stale(e); stale || err != nil {
			return err
		}
	}
	k.newest = max(k.newest, e.Stamp)
	switch {
	case e.Value == nil:
		return k.drop(&e)
	case k.bare:
		return k.state.Previous.Put(string(e.Key), []byte{})
	}
	s, err := wire.ParseStateRow(e.Value)
	if err != nil {
		k.opts.Unreadable(k.opts.Plan.From.Name, e.Offset, err)
		return nil
	}
	row, err := k.rewriter.Rewrite(e.Key, &s)
	if unread := (*evolve.UnreadError)(nil); err != nil && !errors.As(err, &unread) {
		return fmt.Errorf("older generation's changelog, offset %d: %w", e.Offset, err)
	}
	if k.foreign {
		k.yield(&row)
	}
	if k.doubles {
		if later, err := k.isOutrun(e.Key, row.Precedence()); later || err != nil {
			return err
		}
		row.SourcePartition = k.reading + 1
	}
	return k.state.Previous.Put(string(e.Key), wire.AppendStateRow(nil, k.opts.Fingerprint, &row))
}

// yield gives a row of another topic a position before all that is read. Keys of another topic may have
// other bytes, and so other partitions: where the new topic has the key in any of them, that counts,
// a deletion too, whatever the database's log or clock said of the older row.
func (k *keeping) yield(row *tables.Row) {
	row.Offset = k.offsets - 1
	if !k.opts.Table.Repartitioned() { // there each key has one partition
		row.Source, row.Streamed = tables.SourcePosition{}, tables.SourcePosition{}
		row.Time, row.StreamedTime, row.Logged = 0, 0, 0
	}
}

// stale reports whether an older row of the key is newer than a record of the changelog.
func (k *keeping) stale(e seed.Entry) (bool, error) {
	b, err := k.state.Previous.Get(string(e.Key))
	if len(b) == 0 || err != nil || k.foreign {
		return false, err
	}
	s, err := wire.ParseStateRow(b)
	return err == nil && s.Offset > e.Stamp, err
}
