package rows

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/cmd/tidemark/gcpacing"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/store"
)

// pacing is the collector's, as in the program.
var pacing gcpacing.Pacing

// world is a loaded store: a batch of its rows, and changes behind it.
type world struct {
	table *tables.Table
	store *store.Store
	batch *store.Batch
	rows  int // before the changes
	raw   int64
	next  int64 // offset
	id    uint64
	round int
	thin  bool // of the narrow table
}

// newWorld loads so many rows, takes a batch of them and makes the changes.
func newWorld(ctx context.Context, t *tables.Table, rows, changes int) (*world, error) {
	s, err := store.New(store.Options{Table: t, TwoBases: pacing.Begin})
	if err != nil {
		return nil, err
	}
	w := &world{table: t, store: s, rows: rows, thin: len(t.Columns) < 10}
	group := make([]store.Change, 0, 4096)
	values := make([]tables.Value, 0, cap(group)*10)
	for id := range rows {
		if len(group) == cap(group) {
			if err := s.Apply(group, nil); err != nil {
				return nil, err
			}
			if group, values = group[:0], values[:0]; ctx.Err() != nil {
				return nil, ctx.Err()
			}
		}
		from := len(values)
		values = w.row(values, id, 0)
		row := values[from:len(values):len(values)]
		w.raw += rawBytes(row)
		group = append(group, store.Change{Offset: -1, Key: tables.EncodeKey(row[0]), Values: row})
	}
	if err := s.Apply(group, nil); err != nil {
		return nil, err
	}
	s.Close()
	if err := w.seal(ctx); err != nil {
		return nil, err
	}
	return w, w.change(changes)
}

func (w *world) row(dst []tables.Value, id, round int) []tables.Value {
	from := len(dst)
	dst = Row(dst, id, w.rows, round)
	if w.thin {
		dst = dst[:from+len(narrow(dst[from:]))]
	}
	return dst
}

// seal takes a batch of everything.
func (w *world) seal(ctx context.Context) (err error) {
	w.id++
	w.batch, err = w.store.Seal(ctx, store.Cut{Batch: w.id, Changelog: []int64{w.next}, Source: tables.Position{w.next}, Unproven: true})
	return err
}

// change makes n changes, a hundred at a time.
func (w *world) change(n int) error {
	w.round++
	for n > 0 {
		some := min(n, 100)
		if err := w.store.Apply(w.changes(some), tables.Position{w.next}); err != nil {
			return err
		}
		n -= some
	}
	return nil
}

// changes makes the next ones: updates, one in ten a removal and one in ten a new row.
func (w *world) changes(n int) []store.Change {
	out := make([]store.Change, n)
	for i := range out {
		d := dice(w.next * 7919)
		id := int(d.below(w.rows))
		if w.next%10 == 1 {
			id = w.rows + int(w.next)
		}
		row := w.row(nil, id, 1+w.round)
		out[i] = store.Change{Offset: w.next, Key: tables.EncodeKey(row[0]), Values: row}
		if w.next%10 == 0 {
			out[i].Values = nil
		}
		w.next++
	}
	return out
}

// writing applies so many changes a second until ctx ends, and returns the longest time
// that one call took.
func (w *world) writing(ctx context.Context, rate int) (longest time.Duration, err error) {
	const ticks = 100 // a second
	tick := time.NewTicker(time.Second / ticks)
	defer tick.Stop()
	w.round++
	for {
		select {
		case <-ctx.Done():
			return longest, nil
		case <-tick.C:
			c := w.changes(rate / ticks)
			began := time.Now()
			if err := w.store.Apply(c, tables.Position{w.next}); err != nil {
				return longest, err
			}
			longest = max(longest, time.Since(began))
		}
	}
}
