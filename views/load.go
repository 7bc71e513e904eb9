package views

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// session returns the session to go on with: the one that readers see when it
// still belongs to the topics, else a new one.
func (v *View) session(ctx context.Context, client *topics.Client, env topics.Set) (*replica.Replica, error) {
	found, err := client.Ends(ctx, env.Changelog.Name)
	if err != nil {
		return nil, err
	}
	ends := tables.Position(found[env.Changelog.Name])
	cur := v.current.Load()
	if cur == nil {
		return v.load(ctx, client, env, ends)
	}
	if err := env.Source.Since(cur.Topics().Source); err != nil {
		return nil, err
	}
	switch {
	case cur.Spoiled():
		return v.rebuilt(ctx, client, env, &replica.Rebuild{Reason: "rows", Err: rows.ErrCorrupt})
	case cur.Topics() != env:
		return v.rebuilt(ctx, client, env, &replica.Rebuild{Reason: "topics", Err: errors.New("the changelog is another topic")})
	case !ends.Reaches(cur.At().Changelog):
		return v.rebuilt(ctx, client, env, &replica.Rebuild{Reason: "shrunk", Err: topics.ErrShrunk})
	}
	err = cur.Reopen()
	if rows.IsUnusable(err) {
		return v.rebuilt(ctx, client, env, &replica.Rebuild{Reason: "rows", Err: err})
	}
	return cur, err
}

// load makes the first session from what is on this machine, and from Kafka
// where that cannot be used.
func (v *View) load(ctx context.Context, client *topics.Client, env topics.Set, ends tables.Position) (*replica.Replica, error) {
	v.state.say("loading")
	number, err := v.gens.Current()
	if err != nil {
		return nil, err
	}
	if number == 0 {
		return v.fromKafka(ctx, client, env, 0, false)
	}
	s, err := v.fromDisk(ctx, env, ends, number)
	switch {
	case rows.IsUnusable(err):
		if err := v.setRowsAside(number, err); err != nil {
			return nil, err
		}
	case s != nil || err != nil:
		return s, err
	}
	return v.fromKafka(ctx, client, env, 0, false)
}

// fromDisk makes a session from what is on this machine. It returns none when a
// batch is better read from Kafka.
func (v *View) fromDisk(ctx context.Context, env topics.Set, ends tables.Position, number uint64) (*replica.Replica, error) {
	db, stored, err := v.openRows(number, env, ends)
	if err != nil {
		return nil, err
	}
	s, err := v.onDisk(ctx, env, ends, number, db, stored)
	if s == nil || err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// rebuilt makes a session from Kafka, beside the one that readers see.
func (v *View) rebuilt(ctx context.Context, client *topics.Client, env topics.Set, why *replica.Rebuild) (*replica.Replica, error) {
	v.metrics.Rebuilds.WithLabelValues(why.Reason).Inc()
	v.log.Error("rows are built again", "reason", why.Reason, "batch", why.Batch, "error", why.Err)
	v.state.say(why.Error())
	if why.Reason == replica.ReasonMismatch { // the changelog is what is right in any case
		return v.fromChangelog(env, replica.Origin{Skip: why.Batch - 1, Again: why.Batch, Doubted: true})
	}
	return v.fromKafka(ctx, client, env, why.Batch, why.Compared)
}

// openRows opens the rows on disk and checks that they belong to the topics.
func (v *View) openRows(number uint64, env topics.Set, ends tables.Position) (*rows.DB, []rows.Position, error) {
	db, err := rows.Open(v.shared.RowsOptions(number, env))
	if err != nil {
		return nil, nil, err
	}
	stored, err := v.admit(db, env, ends)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, stored, nil
}

func (v *View) admit(db *rows.DB, env topics.Set, ends tables.Position) ([]rows.Position, error) {
	before := env.Source
	before.ID = db.Identity().Source
	if err := env.Source.Since(before); err != nil {
		return nil, err // refused: the changelog's rows come from a topic that is no more
	}
	stored, _, err := db.Positions()
	if err != nil {
		return nil, err
	}
	for p, at := range stored {
		if end := ends.At(int32(p)); at.Changelog > end {
			return nil, fmt.Errorf("partition %d was read until %d and ends at %d: %w: %w", p, at.Changelog, end, topics.ErrShrunk, rows.ErrIdentity)
		}
	}
	return stored, nil
}

func (v *View) setRowsAside(number uint64, why error) error {
	v.metrics.Aside.WithLabelValues("rows").Inc()
	to, err := v.gens.SetAside(number)
	v.log.Error("rows on disk cannot be used and are set aside", "path", to, "error", why)
	return err
}

// fromKafka makes a session whose rows, in memory and on disk, are all read from
// Kafka: from the snapshot topic when there is a batch that is young enough, that the
// changelog is not known to differ from, and that proves to be whole, else from the
// beginning of the changelog.
func (v *View) fromKafka(ctx context.Context, client *topics.Client, env topics.Set, least uint64, compared bool) (*replica.Replica, error) {
	newest, any := v.batches.Newest()
	differs := false
	if any && newest.ID >= least && v.o.Clock().Sub(newest.Started) <= replica.MaxAge && !v.disputed.Has(newest.ID) {
		s, err := v.fromSnapshots(ctx, client, env, newest, compared)
		if err == nil || !errors.Is(err, batches.ErrDiffers) {
			return s, err
		}
		differs = errors.Is(err, store.ErrChecksum)
		v.metrics.Rebuilds.WithLabelValues("snapshot").Inc()
		v.log.Error("snapshot topic does not hold the batch, the changelog is read from its beginning", "batch", newest.ID, "error", err)
	}
	o := replica.Origin{Skip: newest.ID}
	if differs {
		o.Again = newest.ID // the changelog tells of each key's home
		o.Skip--
	}
	return v.fromChangelog(env, o)
}

// fromChangelog makes a session that begins without rows and reads the changelog from its
// beginning. Of a batch that is to be tried again the rows at its cut can be told.
func (v *View) fromChangelog(env topics.Set, o replica.Origin) (*replica.Replica, error) {
	v.state.say("reading the changelog from its beginning")
	number, db, err := v.freshRows(env)
	if err != nil {
		return nil, err
	}
	if v.current.Load() == nil { // nothing to lose: a crash on the way goes on from here
		if err := v.gens.Publish(number); err != nil {
			return nil, errors.Join(err, db.Close())
		}
	}
	s, err := replica.OfChangelog(v.shared, env, number, db, o)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// freshRows makes an empty generation of rows on disk.
func (v *View) freshRows(env topics.Set) (uint64, *rows.DB, error) {
	number, err := v.gens.Next()
	if err != nil {
		return 0, nil, err
	}
	db, err := rows.Open(v.shared.RowsOptions(number, env))
	return number, db, err
}

// fromSnapshots makes a session of a batch as the snapshot topic has it.
func (v *View) fromSnapshots(ctx context.Context, client *topics.Client, env topics.Set, b batches.Batch, compared bool) (*replica.Replica, error) {
	v.state.say(fmt.Sprintf("loading batch %d from the snapshot topic", b.ID))
	number, db, err := v.freshRows(env)
	if err != nil {
		return nil, err
	}
	s, err := replica.OfSnapshots(ctx, client, v.shared, env, number, db, b, compared)
	if err == nil {
		err = v.gens.Publish(number)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}
