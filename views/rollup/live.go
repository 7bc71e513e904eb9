package rollup

import (
	"context"
	"fmt"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// Live is a rollup with the store that its rows are read from, and the feed of those who
// follow it. Count, Change and Publish are for one goroutine, Store and Feed's feed for any.
type Live struct {
	rollup *Rollup
	store  *store.Store
	feed   *changes.Feed
	next   int64 // offset of the next change of a group, by which the store tells old from new
}

// compactAfter is how many outdated states of groups a read has to pass over at most, where
// there are fewer groups than that: a rollup of six rows is read as if nothing had changed.
const compactAfter = 1024

// NewLive returns the rollup of no rows at all. options returns those of the store of its rows.
func NewLive(from *tables.Table, def tables.Rollup, options func(of *tables.Table) store.Options) (*Live, error) {
	r, err := New(from, def)
	if err != nil {
		return nil, err
	}
	o := options(r.Table())
	o.CompactAfter = compactAfter
	st, err := store.New(o)
	if err != nil {
		return nil, fmt.Errorf("rollup %s of %s: %w", def.Name, from.Name, err)
	}
	return &Live{rollup: r, store: st}, nil
}

// Store returns the rollup's rows.
func (l *Live) Store() *store.Store { return l.store }

// Feed returns the feed of the rows' changes, nil before Follow.
func (l *Live) Feed() *changes.Feed { return l.feed }

// Follow begins the feed, which holds about so many bytes, at a position of the rows that
// were counted, in a topic as changes.Feed has it.
func (l *Live) Follow(begin tables.Position, topic string, limit int64) {
	l.feed = changes.New(begin, limit)
	l.feed.Topic = topic
}

// FollowAnew is Follow for rows that have taken the place of others: nobody who followed
// those continues with these.
func (l *Live) FollowAnew(begin tables.Position, topic string, limit int64) {
	l.feed = changes.Anew(begin, limit)
	l.feed.Topic = topic
}

// End ends the feed.
func (l *Live) End() {
	if l.feed != nil {
		l.feed.End()
	}
}

// Close waits for what the store does in the background.
func (l *Live) Close() { l.store.Close() }

// Change takes a row out and puts another in; nil stands for none.
func (l *Live) Change(before, after []tables.Value) { l.rollup.Change(before, after) }

// Count makes the rollup that of all rows of a snapshot. After an error call it again.
func (l *Live) Count(ctx context.Context, snap *store.Snapshot) error {
	l.rollup.clear()
	columns := l.rollup.columns()
	q := query.Query{Limit: query.NoLimit}
	for _, c := range columns {
		q.Select = append(q.Select, query.Output{Column: c})
	}
	row := make([]tables.Value, len(snap.Table().Columns)) // those not counted by stay null
	var values []tables.Value
	err := snap.Stream(ctx, &q, func(rows *store.Result) error {
		for i := range rows.Len() {
			values = rows.AppendValues(values[:0], i)
			for k, c := range columns {
				row[c] = values[k]
			}
			l.rollup.Change(nil, row)
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("count the rows for rollup %s: %w", l.rollup.Table().Name, err)
	}
	return nil
}

// Publish shows the groups that have changed, at the position of the rows that were
// counted.
func (l *Live) Publish(at tables.Position) error {
	var group []store.Change
	var told []changes.Change
	before := l.store.Snapshot()
	l.rollup.Changed(func(key tables.Key, row []tables.Value) {
		old := changes.Row(before, key)
		if changes.Equal(old, row) {
			return
		}
		group = append(group, store.Change{Offset: l.next, Key: key, Values: row})
		l.next++
		told = append(told, changes.Change{Key: key, Old: old, New: row})
	})
	if err := l.store.Apply(group, at); err != nil {
		return fmt.Errorf("rollup %s: %w", l.rollup.Table().Name, err)
	}
	if l.feed != nil {
		l.feed.Append(changes.Group{Version: l.store.Snapshot().Version(), After: at, Changes: told})
	}
	return nil
}
