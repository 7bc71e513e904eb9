package views

import (
	"context"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/store"
)

// A session's rollups are changed by the writer together with the rows, before it
// publishes their position: at one position a rollup and a query on the rows are equal.

// derive makes the rollups of the table, without any rows.
func (v *View) derive() ([]*rollup.Live, error) {
	var out []*rollup.Live
	for _, def := range v.o.Table.Rollups {
		l, err := rollup.NewLive(v.o.Table, def, v.o.Logger)
		if err != nil {
			return nil, fmt.Errorf("view of %s: %w", v.o.Table.Name, err)
		}
		out = append(out, l)
	}
	return out, nil
}

// count counts the rows that the session begins with, once.
func (s *session) count(ctx context.Context) error {
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
	s.place.Nudge() // who waits for the session to arrive waits for this, too
	return nil
}

// Rollups returns the rollups as tables, in the order of their declaration.
func (v *View) Rollups() []*tables.Table {
	out := make([]*tables.Table, len(v.noRollups))
	for i, s := range v.noRollups {
		out[i] = s.Snapshot().Table()
	}
	return out
}

// Rollup returns the newest state of the i-th rollup.
func (v *View) Rollup(i int) *store.Snapshot {
	if s := v.current.Load(); s != nil {
		return s.derived[i].Store().Snapshot()
	}
	return v.noRollups[i].Snapshot()
}

// FollowRollup is Follow for the i-th rollup.
func (v *View) FollowRollup(i int) (*changes.Feed, *store.Snapshot, error) {
	s := v.current.Load()
	if s == nil || !v.Ready() {
		return nil, nil, ErrUnavailable
	}
	d := s.derived[i]
	return d.Feed(), d.Store().Snapshot(), nil
}
