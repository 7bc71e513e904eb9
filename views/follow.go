package views

import (
	"context"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// Follow returns the feed of the table's changes and a snapshot of the rows that it
// belongs to, or ErrUnavailable before the table can be read. The feed ends when
// readers are given other rows, built anew; then Follow again.
func (v *View) Follow(ctx context.Context) (*changes.Feed, *store.Snapshot, error) {
	s := v.runs.Current()
	if s == nil || !v.Ready() {
		return nil, nil, ErrUnavailable
	}
	return s.Follow(ctx)
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
	if s := v.runs.Current(); s != nil {
		return s.Rollup(i).Store().Snapshot()
	}
	return v.noRollups[i].Snapshot()
}

// FollowRollup is Follow for the i-th rollup.
func (v *View) FollowRollup(i int) (*changes.Feed, *store.Snapshot, error) {
	s := v.runs.Current()
	if s == nil || !v.Ready() {
		return nil, nil, ErrUnavailable
	}
	d := s.Rollup(i)
	return d.Feed(), d.Store().Snapshot(), nil
}
