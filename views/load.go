package views

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/batches"
	"github.com/tidemark/tidemark/views/duplicates"
	"github.com/tidemark/tidemark/views/metrics"
	"github.com/tidemark/tidemark/views/progress"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/store"
	"github.com/tidemark/tidemark/views/topics"
)

// Where the first rows of a session come from.
const (
	fromFile      = "batch file"
	fromSnapshot  = "snapshot topic"
	fromRows      = "rows on disk"
	fromChangelog = "changelog"
)

// session returns the session to go on with: the one that readers see when it
// still belongs to the topics, else a new one.
func (v *View) session(ctx context.Context, client *topics.Client, env topics.Set) (*session, error) {
	found, err := client.Ends(ctx, env.Changelog.Name)
	if err != nil {
		return nil, err
	}
	ends := tables.Position(found[env.Changelog.Name])
	cur := v.current.Load()
	if cur == nil {
		return v.load(ctx, client, env, ends)
	}
	if err := env.Source.Since(cur.env.Source); err != nil {
		return nil, err
	}
	switch {
	case cur.spoiled.Load():
		return v.rebuilt(ctx, client, env, &rebuild{reason: "rows", err: rows.ErrCorrupt})
	case cur.env != env:
		return v.rebuilt(ctx, client, env, &rebuild{reason: "topics", err: errors.New("the changelog is another topic")})
	case !ends.Reaches(cur.place.At().Changelog):
		return v.rebuilt(ctx, client, env, &rebuild{reason: "shrunk", err: topics.ErrShrunk})
	}
	err = cur.reopen()
	if rows.IsUnusable(err) {
		return v.rebuilt(ctx, client, env, &rebuild{reason: "rows", err: err})
	}
	return cur, err
}

// load makes the first session from what is on this machine, and from Kafka
// where that cannot be used.
func (v *View) load(ctx context.Context, client *topics.Client, env topics.Set, ends tables.Position) (*session, error) {
	v.state.say("loading")
	number, err := v.gens.Current()
	if err != nil {
		return nil, err
	}
	if number == 0 {
		return v.fromKafka(ctx, client, env, 0)
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
	return v.fromKafka(ctx, client, env, 0)
}

// fromDisk makes a session from what is on this machine. It returns none when a
// batch is better read from Kafka.
func (v *View) fromDisk(ctx context.Context, env topics.Set, ends tables.Position, number uint64) (*session, error) {
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
func (v *View) rebuilt(ctx context.Context, client *topics.Client, env topics.Set, why *rebuild) (*session, error) {
	v.metrics.Rebuilds.WithLabelValues(why.reason).Inc()
	v.log.Error("rows are built again", "reason", why.reason, "batch", why.batch, "error", why.err)
	v.state.say(why.Error())
	if why.reason == reasonMismatch { // the changelog is what is right in any case
		return v.fromChangelog(env, origin{skip: why.batch - 1, again: why.batch, doubted: true})
	}
	s, err := v.fromKafka(ctx, client, env, why.batch)
	if s != nil && s.origin.from == fromSnapshot && why.compared {
		s.origin.compared = true
		s.store.Hold(s.origin.base)
	}
	return s, err
}

// identity is whose the rows on disk are.
func (v *View) identity(env topics.Set) rows.Identity {
	return rows.Identity{Changelog: env.Changelog.ID, Source: env.Source.ID, Partitions: env.Changelog.Partitions, Fingerprint: v.fingerprint}
}

func (v *View) rowsOptions(number uint64, env topics.Set) rows.Options {
	return rows.Options{Dir: v.gens.Path(number), Identity: v.identity(env), MaxAge: maxAge, Clock: v.o.Clock, Logger: v.log}
}

// openRows opens the rows on disk and checks that they belong to the topics.
func (v *View) openRows(number uint64, env topics.Set, ends tables.Position) (*rows.DB, []rows.Position, error) {
	db, err := rows.Open(v.rowsOptions(number, env))
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

// newSession returns a session without rows in memory.
func (v *View) newSession(env topics.Set, number uint64, db *rows.DB, o origin) (*session, error) {
	deferred := new(metrics.Deferred)
	st, err := store.New(store.Options{Table: v.o.Table, Logger: v.o.Logger, Registerer: deferred, CompactAfter: v.o.CompactAfter, Mismatches: v.metrics.Mismatches})
	if err != nil {
		return nil, err
	}
	if o.stored == nil {
		o.stored = make([]rows.Position, env.Changelog.Partitions)
	}
	rollups, err := v.derive()
	if err != nil {
		return nil, err
	}
	s := &session{derived: rollups, v: v, env: env, store: st, metrics: deferred, number: number, origin: o, wants: make(chan *rebuild, 1), homes: duplicates.NewKeys(v.severalHomes(env))}
	s.copies = &duplicates.Copies{Rows: s.disk, Keys: s.homes, Clock: v.o.Clock}
	s.rows.Store(db)
	s.hold = newHold(env.Changelog.Partitions)
	s.place = progress.NewTracker(o.base, o.source, env.Changelog.Partitions)
	return s, s.copies.Recall(s.hold.ask)
}

// fromRows makes a session of the rows on disk alone.
func (v *View) fromRows(ctx context.Context, env topics.Set, number uint64, db *rows.DB, stored []rows.Position, skip uint64) (*session, error) {
	o := origin{from: fromRows, stored: stored, skip: skip}
	o.base, o.source = ofRows(stored)
	s, err := v.newSession(env, number, db, o)
	if err != nil {
		return nil, err
	}
	in := filler{store: s.store}
	err = db.Scan(ctx, func(p int32, key tables.Key, row []byte) error {
		state, err := wire.ParseStateRow(row)
		if err != nil {
			return fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
		}
		whole, err := state.Row(nil)
		if err != nil {
			return fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
		}
		if err := in.add(store.Change{Partition: p, Offset: -1, Key: key, Values: whole.Values}); err != nil {
			return fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	if err := in.flush(o.source); err != nil {
		return nil, fmt.Errorf("row on disk: %w: %w", rows.ErrCorrupt, err)
	}
	return s, nil
}

// filler fills a store with rows in large groups.
type filler struct {
	store *store.Store
	group []store.Change
}

const fillLength = 8192

func (f *filler) add(c store.Change) error {
	f.group = append(f.group, c)
	if len(f.group) < fillLength {
		return nil
	}
	return f.flush(nil)
}

func (f *filler) flush(pos tables.Position) error {
	err := f.store.Apply(f.group, pos)
	clear(f.group)
	f.group = f.group[:0]
	return err
}

// fromKafka makes a session whose rows, in memory and on disk, are all read from
// Kafka: from the snapshot topic when there is a batch that is young enough, that the
// changelog is not known to differ from, and that proves to be whole, else from the
// beginning of the changelog.
func (v *View) fromKafka(ctx context.Context, client *topics.Client, env topics.Set, least uint64) (*session, error) {
	newest, any := v.batches.Newest()
	differs := false
	if any && newest.ID >= least && v.o.Clock().Sub(newest.Started) <= maxAge && !v.disputed.Has(newest.ID) {
		s, err := v.fromSnapshots(ctx, client, env, newest)
		if err == nil || !errors.Is(err, batches.ErrDiffers) {
			return s, err
		}
		differs = errors.Is(err, store.ErrChecksum)
		v.metrics.Rebuilds.WithLabelValues("snapshot").Inc()
		v.log.Error("snapshot topic does not hold the batch, the changelog is read from its beginning", "batch", newest.ID, "error", err)
	}
	o := origin{skip: newest.ID}
	if differs {
		o.again = newest.ID // the changelog tells of each key's home
		o.skip--
	}
	return v.fromChangelog(env, o)
}

// fromChangelog makes a session that begins without rows and reads the changelog from its
// beginning. Of a batch that is to be tried again the rows at its cut can be told.
func (v *View) fromChangelog(env topics.Set, o origin) (*session, error) {
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
	o.from = fromChangelog
	s, err := v.newSession(env, number, db, o)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	if b, ok := v.batches.Get(o.again); ok {
		s.store.Hold(b.Changelog)
	}
	return s, nil
}

// freshRows makes an empty generation of rows on disk.
func (v *View) freshRows(env topics.Set) (uint64, *rows.DB, error) {
	number, err := v.gens.Next()
	if err != nil {
		return 0, nil, err
	}
	db, err := rows.Open(v.rowsOptions(number, env))
	return number, db, err
}

// fromSnapshots makes a session of a batch as the snapshot topic has it.
func (v *View) fromSnapshots(ctx context.Context, client *topics.Client, env topics.Set, b Batch) (*session, error) {
	v.state.say(fmt.Sprintf("loading batch %d from the snapshot topic", b.ID))
	number, db, err := v.freshRows(env)
	if err != nil {
		return nil, err
	}
	s, err := v.newSession(env, number, db, origin{
		from: fromSnapshot, batch: b.ID, base: b.Changelog, source: b.Cut, skip: b.ID, stored: bothAt(b), taken: b.Started,
	})
	if err == nil {
		err = s.fill(ctx, client, b)
	}
	if err == nil {
		err = s.prove(ctx, b)
	}
	if err == nil {
		err = v.gens.Publish(number)
	}
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// ofRows returns the positions that rows on disk have come to.
func ofRows(stored []rows.Position) (changelog, source tables.Position) {
	for p, at := range stored {
		changelog, source = changelog.Set(int32(p), at.Changelog), source.Set(int32(p), at.Source)
	}
	return changelog, source
}

func bothAt(b Batch) []rows.Position {
	out := make([]rows.Position, len(b.Changelog))
	for p := range out {
		out[p] = rows.Position{Changelog: b.Changelog[p], Source: b.Cut.At(int32(p))}
	}
	return out
}

// snapshotRow reads the row of a record of the snapshot topic.
func (s *session) snapshotRow(it *item, r topics.Record) error {
	_, row, err := wire.ParseSnapshotRecord(r.Value)
	if err != nil {
		return err
	}
	state, err := wire.ParseStateRow(row)
	if err != nil {
		return err
	}
	if state.Fingerprint != s.v.fingerprint {
		return errors.New("the row has other columns")
	}
	whole, err := state.Row(nil)
	it.values, it.row, it.source, it.unsettled = whole.Values, row, state.Offset, state.Unsettled
	return err
}

// fill reads the snapshot topic up to a batch.
func (s *session) fill(ctx context.Context, client *topics.Client, b Batch) error {
	in, batch := filler{store: s.store}, rows.NewBatch()
	g := &gathering{copies: s.copies, read: s.snapshotRow, in: &in, batch: batch}
	err := client.Scan(ctx, s.v.names.Snapshot, b.Snapshot, func(r topics.Record) error {
		if err := g.take(r); err != nil || batch.Len() < fillLength {
			return err
		}
		return g.flush()
	})
	if err != nil {
		return fmt.Errorf("load batch %d from the snapshot topic: %w", b.ID, err)
	}
	if err := in.flush(b.Cut); err != nil {
		return errors.Join(batches.ErrDiffers, err)
	}
	for p, at := range bothAt(b) {
		batch.Move(int32(p), at)
	}
	return s.disk().Write(batch)
}
