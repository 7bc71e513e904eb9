package replica

import (
	"context"
	"fmt"
	"log/slog"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/rollup"
)

// A replica's rollups are changed by the writer together with the rows, before it
// publishes their position: at one position a rollup and a query on the rows are equal.

// Derive makes the rollups of a table, without any rows.
func Derive(table *tables.Table, log *slog.Logger) ([]*rollup.Live, error) {
	var out []*rollup.Live
	for _, def := range table.Rollups {
		l, err := rollup.NewLive(table, def, log)
		if err != nil {
			return nil, fmt.Errorf("view of %s: %w", table.Name, err)
		}
		out = append(out, l)
	}
	return out, nil
}

// count counts the rows that the replica begins with, once.
func (s *Replica) count(ctx context.Context) error {
	if s.filled.Load() {
		return nil
	}
	snap := s.store.Snapshot()
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(runtime.GOMAXPROCS(0))
	for _, d := range s.derived {
		g.Go(func() error { return d.Count(gctx, snap) })
	}
	if err := g.Wait(); err != nil {
		return err
	}
	for _, d := range s.derived {
		if err := d.Publish(snap.Position()); err != nil {
			return err
		}
		if s.anew {
			d.FollowAnew(snap.Position(), s.feedTopic(), feedBytes)
		} else {
			d.Follow(snap.Position(), s.feedTopic(), feedBytes)
		}
	}
	s.filled.Store(true)
	s.place.Nudge() // who waits for the replica to arrive waits for this, too
	return nil
}
