package views

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/topics"
)

// onDisk makes a session of the rows on disk and the newest usable batch file. It
// returns none when a batch is better read from Kafka.
//
// Rows on disk are written before those in memory are, but a power cut can take their end
// away. Where keys can be in several partitions it is by them that a record is told from the
// row of another partition: a batch that they have not come to is not gone on from.
func (v *View) onDisk(ctx context.Context, env topics.Set, ends tables.Position, number uint64, db *rows.DB, stored []rows.Position) (*session, error) {
	b, err := v.files.Usable(ctx, env, ends, maxAge)
	if err != nil {
		return nil, err
	}
	newest, any := v.batches.Newest()
	changelog, _ := ofRows(stored)
	switch {
	case b == nil && any && v.o.Clock().Sub(newest.Started) <= maxAge:
		return nil, nil
	case b == nil:
		return v.fromRows(ctx, env, number, db, stored, newest.ID)
	case v.severalHomes(env) && !changelog.Reaches(b.Changelog):
		v.log.Warn("rows on disk are older than the batch, which cannot be compared with them: the table goes on from the rows", "batch", b.Batch)
		return v.fromRows(ctx, env, number, db, stored, max(newest.ID, b.Batch))
	}
	s, err := v.newSession(env, number, db, origin{
		from: fromFile, batch: b.Batch, base: b.Changelog, source: b.Source, skip: b.Batch, stored: stored,
		taken: time.UnixMicro(b.Started),
	})
	if err != nil {
		return nil, err
	}
	if err := s.store.Load(b); err != nil {
		return nil, err
	}
	v.files.Loaded(b)
	return s, nil
}
