package views

import (
	"context"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/replica"
	"github.com/tidemark/tidemark/views/rows"
	"github.com/tidemark/tidemark/views/topics"
)

// onDisk makes a session of the rows on disk and the newest usable batch file. It
// returns none when a batch is better read from Kafka.
//
// Rows on disk are written before those in memory are, but a power cut can take their end
// away. Where keys can be in several partitions it is by them that a record is told from the
// row of another partition: a batch that they have not come to is not gone on from.
func (v *View) onDisk(ctx context.Context, env topics.Set, ends tables.Position, number uint64, db *rows.DB, stored []rows.Position) (*replica.Replica, error) {
	b, err := v.files.Usable(ctx, env, ends, replica.MaxAge)
	if err != nil {
		return nil, err
	}
	newest, any := v.batches.Newest()
	changelog, _ := replica.OfRows(stored)
	switch {
	case b == nil && any && v.o.Clock().Sub(newest.Started) <= replica.MaxAge:
		return nil, nil
	case b == nil:
		return replica.OfDisk(ctx, v.shared, env, number, db, stored, newest.ID)
	case v.shared.Several(env) && !changelog.Reaches(b.Changelog):
		v.log.Warn("rows on disk are older than the batch, which cannot be compared with them: the table goes on from the rows", "batch", b.Batch)
		return replica.OfDisk(ctx, v.shared, env, number, db, stored, max(newest.ID, b.Batch))
	}
	s, err := replica.OfFile(v.shared, env, number, db, b, stored)
	if err != nil {
		return nil, err
	}
	v.files.Loaded(b)
	return s, nil
}
