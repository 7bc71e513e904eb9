package views

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/store"
)

// derived is a rollup of a session's rows. The writer changes it together with them,
// before it publishes their position: at one position a rollup and a query on the rows
// are equal.
type derived struct {
	rollup *rollup.Rollup
	store  *store.Store
	feed   *changes.Feed
}

// derive makes the rollups of the table, without any rows.
func (v *View) derive() ([]*derived, error) {
	var out []*derived
	for _, def := range v.o.Table.Rollups {
		r, err := rollup.New(v.o.Table, def)
		if err != nil {
			return nil, fmt.Errorf("view of %s: %w", v.o.Table.Name, err)
		}
		st, err := store.New(store.Options{Table: r.Table(), Logger: v.o.Logger})
		if err != nil {
			return nil, fmt.Errorf("rollup %s of %s: %w", def.Name, v.o.Table.Name, err)
		}
		out = append(out, &derived{rollup: r, store: st})
	}
	return out, nil
}

// count counts the rows that the session begins with, once.
func (s *session) count(ctx context.Context) error {
	if s.filled || len(s.derived) == 0 {
		s.filled = true
		return nil
	}
	snap := s.store.Snapshot()
	q := query.Query{Select: query.SelectAll(snap.Table()), Limit: query.NoLimit}
	row := make([]tables.Value, len(q.Select))
	err := snap.Stream(ctx, &q, func(rows *store.Result) error {
		for i := range rows.Len() {
			for c := range row {
				row[c] = rows.Value(i, c)
			}
			for _, d := range s.derived {
				d.rollup.Change(nil, row)
			}
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count the rows for rollups: %w", err)
	}
	for _, d := range s.derived {
		if err := d.publish(snap.Position(), nil); err != nil {
			return err
		}
		d.feed = changes.New(s.v.Position(snap), feedBytes)
	}
	s.filled = true
	return nil
}

// publish shows the groups that have changed, at the position of the rows; source is
// the same as readers are told it.
func (d *derived) publish(at, source tables.Position) error {
	var group []store.Change
	var told []changes.Change
	before := d.store.Snapshot()
	d.rollup.Changed(func(key tables.Key, row []tables.Value) {
		old := lookup(before, key)
		if equalRows(old, row) {
			return
		}
		group = append(group, store.Change{Offset: -1, Key: key, Values: row})
		told = append(told, changes.Change{Key: key, Old: old, New: row})
	})
	if err := d.store.Apply(group, at); err != nil {
		return fmt.Errorf("rollup %s: %w", d.rollup.Table().Name, err)
	}
	if d.feed != nil {
		d.feed.Append(changes.Group{Version: d.store.Snapshot().Version(), After: source, Changes: told})
	}
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
		return s.derived[i].store.Snapshot()
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
	return d.feed, d.store.Snapshot(), nil
}
