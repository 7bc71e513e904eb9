package supervisor

import (
	"context"
	"errors"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/events"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/topics"
)

// fromDisk makes a replica from what is on this machine. It returns none when a
// batch is better read from Kafka.
func (l *loader) fromDisk(ctx context.Context, env topics.Set, ends tables.Position, number uint64) (*replica.Replica, error) {
	db, stored, err := l.openRows(number, env, ends)
	if err != nil {
		return nil, err
	}
	s, err := l.onDisk(ctx, env, ends, number, db, stored)
	if s == nil || err != nil {
		return nil, errors.Join(err, db.Close())
	}
	return s, nil
}

// openRows opens the rows on disk and checks that they belong to the topics.
func (l *loader) openRows(number uint64, env topics.Set, ends tables.Position) (*rows.DB, []rows.Position, error) {
	db, err := rows.Open(l.shared.RowsOptions(number, env))
	if err != nil {
		return nil, nil, err
	}
	stored, err := l.admit(db, env, ends)
	if err != nil {
		return nil, nil, errors.Join(err, db.Close())
	}
	return db, stored, nil
}

func (l *loader) admit(db *rows.DB, env topics.Set, ends tables.Position) ([]rows.Position, error) {
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

func (l *loader) setRowsAside(number uint64, why error) error {
	to, err := l.shared.Generations.SetAside(number)
	l.shared.Events.RowsSetAside(events.RowsSetAside{Path: to, Err: why})
	return err
}

// onDisk makes a replica of the rows on disk and the newest usable batch file. It
// returns none when a batch is better read from Kafka.
//
// Rows on disk are written before those in memory are, but a power cut can take their end
// away. Where keys can be in several partitions it is by them that a record is distinguished from the
// row of another partition: a batch that they have not come to is not gone on from.
func (l *loader) onDisk(ctx context.Context, env topics.Set, ends tables.Position, number uint64, db *rows.DB, stored []rows.Position) (*replica.Replica, error) {
	b, err := l.files.Usable(ctx, env, ends, replica.MaxAge)
	if err != nil {
		return nil, err
	}
	newest, any := l.shared.Manifests.Newest()
	changelog, _ := replica.OfRows(stored)
	switch {
	case b == nil && any && l.shared.Clock().Sub(newest.Started) <= replica.MaxAge:
		return nil, nil
	case b == nil:
		return replica.OfDisk(ctx, l.shared, env, number, db, stored, newest.ID)
	case l.shared.Several(env) && !changelog.Reaches(b.Changelog):
		l.shared.Events.BatchNewer(events.BatchNewer{Batch: b.Batch})
		return replica.OfDisk(ctx, l.shared, env, number, db, stored, max(newest.ID, b.Batch))
	}
	s, err := replica.OfFile(l.shared, env, number, db, b, stored)
	if err != nil {
		return nil, err
	}
	l.files.Loaded(b)
	return s, nil
}
