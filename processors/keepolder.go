package processors

import (
	"context"
	"errors"
	"fmt"

	"github.com/IBM/sarama"

	"github.com/tidemark/tidemark/codecs/evolve"
	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/processors/seed"
	"github.com/tidemark/tidemark/processors/state"
	"github.com/tidemark/tidemark/tables"
)

// A replay keeps the older generation's rows beside the table's own: to fill what events
// leave out, and to be looked at when the source has been read again. They are those of
// one cut; the replay goes on at least to that cut's source offset.

// keepOlder makes ready to read the source again.
func (r *run) keepOlder(ctx context.Context) error {
	if ok, err := r.resumeReplay(); ok || err != nil {
		return err
	}
	if err := r.store.Previous.Clear(); err != nil { // what was left by a kill
		return err
	}
	oldest, end, err := r.sourceSpan()
	if err != nil {
		return err
	}
	if err := r.decideStart(ctx, oldest, end); err != nil {
		return err
	}
	r.filling.change(func(s *wire.Bootstrap) { s.Old, s.Kept = 0, 0 })
	k := &keeping{run: r, offsets: r.filling.get().From}
	if err := k.keep(ctx); err != nil {
		return err
	}
	from := max(r.filling.get().From, oldest)
	r.filling.change(func(s *wire.Bootstrap) { s.Phase, s.Source = wire.BootstrapReplaying, from })
	if err := r.keepSeed(); err != nil {
		return err
	}
	r.filling.placed = false // older rows that were read anew take the whole stretch anew
	r.place(from)
	return r.writeSeed(ctx)
}

// resumeReplay goes on with the older rows that this process has, where it left.
func (r *run) resumeReplay() (bool, error) {
	b, err := r.store.Previous.Seed()
	if err != nil || b == nil {
		return false, err
	}
	s, err := wire.ParseBootstrap(b)
	if err != nil {
		return false, err
	}
	s.Phase = wire.BootstrapReplaying // it may have been noted while the older rows were looked at
	r.filling.change(func(rec *wire.Bootstrap) { *rec = s })
	r.place(s.Source)
	return true, nil
}

// keepSeed notes locally how far the replay is, behind every row before.
func (r *run) keepSeed() error {
	s := r.filling.get()
	return r.store.Previous.SetSeed(wire.AppendBootstrap(nil, s))
}

func (r *run) sourceSpan() (oldest, end int64, err error) {
	oldest, err1 := r.offsets.GetOffset(r.sourceTopic, r.partition, sarama.OffsetOldest)
	end, err2 := r.offsets.GetOffset(r.sourceTopic, r.partition, sarama.OffsetNewest)
	if err := errors.Join(err1, err2); err != nil {
		return 0, 0, fmt.Errorf("offsets of %s/%d: %w", r.sourceTopic, r.partition, err)
	}
	return oldest, end, nil
}

// decideStart fixes which stretch of the source is read again, unless that was done
// before: a restart does not chase the topic's end.
func (r *run) decideStart(ctx context.Context, oldest, end int64) error {
	rec := r.filling.get()
	if rec.Until != state.Unknown {
		return nil
	}
	if r.opts.Table.Rekeyed() { // the stage that places records begins at the plan's start
		r.filling.change(func(s *wire.Bootstrap) { s.From, s.Source, s.Until = oldest, oldest, noEnd })
		return nil
	}
	from, err := r.filling.plan.Start.Offset(ctx, r.admin, r.sourceTopic, r.partition, oldest, end)
	if err != nil {
		return err
	}
	r.filling.change(func(s *wire.Bootstrap) { s.From, s.Source, s.Until = from, from, end })
	return nil
}

// keeping reads the older generation's rows into the store.
type keeping struct {
	*run
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
	adopt := k.filling.plan.Rows == seed.Adopt
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
	k.doubles = len(read) > 1 && !k.filling.plan.From.Rekeyed()
	if k.rewriter, err = evolve.NewRewriter(k.filling.plan.From, k.opts.Table); err != nil {
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
		return k.keepLetters(ctx)
	}
	return nil
}

// count notes how many rows there are now. Where all partitions count everything, each
// answers for those of a share of the older partitions.
func (k *keeping) count(p int32) error {
	n, err := k.store.Previous.Count()
	if err != nil {
		return err
	}
	k.filling.change(func(s *wire.Bootstrap) {
		if !k.bare || p%k.partitions == k.partition {
			s.Old += n - s.Kept
		}
		s.Kept = n
	})
	return nil
}

// partitionsOf returns the partitions of the older changelog to be read. The reason says
// why its rows have no place of their own here: then all are read, to be counted.
func (k *keeping) partitionsOf(topic kafka.Topic) ([]int32, string) {
	from, to := k.filling.plan.From, k.opts.Table
	all := make([]int32, topic.Partitions)
	for p := range all {
		all[p] = int32(p)
	}
	k.mine = func(tables.Key) bool { return true }
	switch {
	case !seed.SameKey(from, to):
		return all, "the key is another"
	case from.Source.Partitioner == to.Source.Partitioner && topic.Partitions == k.partitions:
		return []int32{k.partition}, ""
	case to.Rekeyed():
		k.mine = func(key tables.Key) bool {
			p, _ := kafka.PartitionOf(tables.PartitionMurmur2, []byte(key), k.partitions)
			return p == k.partition
		}
		return all, ""
	case from.Source.Partitioner != to.Source.Partitioner:
		return all, "the partitioner is another"
	}
	return all, fmt.Sprintf("%s has %d partitions and the older generation has %d", k.sourceTopic, k.partitions, topic.Partitions)
}

func (k *keeping) partitionFrom(ctx context.Context, old *seed.Changelog, p int32) error {
	at, err := old.Standing(ctx, p)
	if err != nil {
		return err
	}
	k.foreign = k.filling.plan.From.Rekeyed() || k.opts.Table.Rekeyed() || p != k.partition || k.bare ||
		k.filling.plan.From.Source.Topic != k.opts.Table.Source.Topic || !sameTopic(at.SourceID, k.sourceID)
	k.same = k.same || p == k.partition && !k.filling.plan.From.Rekeyed() && !k.opts.Table.Rekeyed() &&
		k.filling.plan.From.Source.Topic == k.opts.Table.Source.Topic && sameTopic(at.SourceID, k.sourceID)
	k.newest, k.reading = state.Unknown, p
	cut, err := old.Read(ctx, p, 0, state.Unknown, k.entry, func(next, end int64) {
		k.filling.change(func(s *wire.Bootstrap) { s.Read, s.ReadEnd = next, end })
	})
	if err != nil {
		return err
	}
	if !k.foreign {
		k.filling.change(func(s *wire.Bootstrap) { s.Until = max(s.Until, cut.Source) })
	}
	return nil
}

func (k *keeping) entry(e seed.Entry) error {
	if err := k.ctx.Err(); err != nil {
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
		return k.store.Previous.Put(string(e.Key), []byte{})
	}
	s, err := wire.ParseStateRow(e.Value)
	if err != nil {
		k.noteUnreadable(k.filling.plan.From.Name, e.Offset, err)
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
		if later, err := k.isOutrun(e.Key, row.Standing()); later || err != nil {
			return err
		}
		row.Home = k.reading + 1
	}
	return k.store.Previous.Put(string(e.Key), wire.AppendStateRow(nil, k.fingerprint, &row))
}

// yield gives a row of another topic a place in front of all that is read. Keys of another topic may have
// other bytes, and so other partitions: where the new topic tells of the key in any of them, that counts,
// a deletion too, whatever the database's log or clock said of the older row.
func (k *keeping) yield(row *tables.Row) {
	row.Offset = k.offsets - 1
	if !k.opts.Table.Rekeyed() { // there each key has one place
		row.Source, row.Streamed = tables.SourcePosition{}, tables.SourcePosition{}
		row.Time, row.StreamedTime, row.Logged = 0, 0, 0
	}
}

// stale reports whether an older row of the key is newer than a record of the changelog.
func (k *keeping) stale(e seed.Entry) (bool, error) {
	b, err := k.store.Previous.Get(string(e.Key))
	if len(b) == 0 || err != nil || k.foreign {
		return false, err
	}
	s, err := wire.ParseStateRow(b)
	return err == nil && s.Offset > e.Stamp, err
}
