package supervisor

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// choose returns the replica to continue with: the one that readers see when it
// still belongs to the topics, else a new one.
func (l *loader) choose(ctx context.Context, client *topics.Client, env topics.Set) (*replica.Replica, error) {
	found, err := client.Ends(ctx, env.Changelog.Name)
	if err != nil {
		return nil, err
	}
	ends := tables.Position(found[env.Changelog.Name])
	cur := l.shown.current.Load()
	if cur == nil {
		return l.load(ctx, client, env, ends)
	}
	if err := env.Source.Since(cur.Topics().Source); err != nil {
		return nil, err
	}
	switch {
	case cur.Spoiled():
		return l.rebuilt(ctx, client, env, &replica.Rebuild{Reason: "rows", Err: rows.ErrCorrupt})
	case cur.Topics() != env:
		return l.rebuilt(ctx, client, env, &replica.Rebuild{Reason: "topics", Err: errors.New("the changelog is another topic")})
	case !ends.Reaches(cur.At().Changelog):
		return l.rebuilt(ctx, client, env, &replica.Rebuild{Reason: "shrunk", Err: topics.ErrShrunk})
	}
	err = cur.Reopen()
	if rows.IsUnusable(err) {
		return l.rebuilt(ctx, client, env, &replica.Rebuild{Reason: "rows", Err: err})
	}
	return cur, err
}

// load makes the first replica from what is on this machine, and from Kafka
// where that cannot be used.
func (l *loader) load(ctx context.Context, client *topics.Client, env topics.Set, ends tables.Position) (*replica.Replica, error) {
	l.say("loading")
	number, err := l.shared.Generations.Current()
	if err != nil {
		return nil, err
	}
	if number == 0 {
		return l.fromKafka(ctx, client, env, 0, false)
	}
	s, err := l.fromDisk(ctx, env, ends, number)
	switch {
	case rows.IsUnusable(err):
		if err := l.setRowsAside(number, err); err != nil {
			return nil, err
		}
	case s != nil || err != nil:
		return s, err
	}
	return l.fromKafka(ctx, client, env, 0, false)
}

// rebuilt makes a replica from Kafka, beside the one that readers see.
func (l *loader) rebuilt(ctx context.Context, client *topics.Client, env topics.Set, why *replica.Rebuild) (*replica.Replica, error) {
	l.shared.Events.RowsRebuilt(events.RowsRebuilt{Reason: why.Reason, Batch: why.Batch, Err: why.Err})
	l.say(why.Error())
	if why.Reason == replica.ReasonMismatch { // the changelog is what is right in any case
		return l.fromChangelog(env, replica.Origin{Skip: why.Batch - 1, Again: why.Batch, Doubted: true})
	}
	return l.fromKafka(ctx, client, env, why.Batch, why.Compared)
}

// fromKafka makes a replica whose rows, in memory and on disk, are all read from
// Kafka: from the snapshot topic when there is a batch that is young enough, that the
// changelog is not known to differ from, and that proves to be whole, else from the
// beginning of the changelog.
func (l *loader) fromKafka(ctx context.Context, client *topics.Client, env topics.Set, least uint64, compared bool) (*replica.Replica, error) {
	newest, any := l.shared.Manifests.Newest()
	differs := false
	if any && newest.ID >= least && l.shared.Clock().Sub(newest.Started) <= replica.MaxAge && !l.shared.Disputes.Has(newest.ID) {
		s, err := l.fromSnapshots(ctx, client, env, newest, compared)
		if err == nil || !errors.Is(err, batches.ErrDiffers) {
			return s, err
		}
		differs = errors.Is(err, store.ErrChecksum)
		l.shared.Events.SnapshotRefused(events.SnapshotRefused{Batch: newest.ID, Err: err})
	}
	o := replica.Origin{Skip: newest.ID}
	if differs {
		o.Again = newest.ID // the changelog has each key's partition
		o.Skip--
	}
	return l.fromChangelog(env, o)
}

// fromChangelog makes a replica that begins without rows and reads the changelog from its
// beginning. Of a batch that is to be tried again the rows at its cut are known.
func (l *loader) fromChangelog(env topics.Set, o replica.Origin) (*replica.Replica, error) {
	l.say("reading the changelog from its beginning")
	number, db, err := l.freshRows(env)
	if err != nil {
		return nil, err
	}
	if l.shown.current.Load() == nil { // nothing to lose: a crash on the way continues from here
		if err := l.shared.Generations.Publish(number); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	s, err := replica.OfChangelog(l.shared, env, number, db, o)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// freshRows makes an empty generation of rows on disk.
func (l *loader) freshRows(env topics.Set) (uint64, *rows.DB, error) {
	number, err := l.shared.Generations.Next()
	if err != nil {
		return 0, nil, err
	}
	db, err := rows.Open(l.shared.RowsOptions(number, env))
	return number, db, err
}

// fromSnapshots makes a replica of a batch as the snapshot topic has it.
func (l *loader) fromSnapshots(ctx context.Context, client *topics.Client, env topics.Set, b batches.Batch, compared bool) (*replica.Replica, error) {
	l.say(fmt.Sprintf("loading batch %d from the snapshot topic", b.ID))
	number, db, err := l.freshRows(env)
	if err != nil {
		return nil, err
	}
	s, err := replica.OfSnapshots(ctx, client, l.shared, env, number, db, b, compared)
	if err == nil {
		err = l.shared.Generations.Publish(number)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}
