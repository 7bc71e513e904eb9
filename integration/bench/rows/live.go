package rows

import (
	"context"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// followed is a world that can be followed. Its changes go the way of a view's: the rows
// before and after each group, and what is different to the feed.
type followed struct {
	w        *world
	recorder changes.Recorder
	feed     *changes.Feed
	next     []int64
	dice     dice
}

// hot are the rows that change while the table is followed: those with the lowest ids.
const hot = 2_000

const feedBytes = 32 << 20 // as a view has it

func newLive(w *world) *followed {
	return &followed{w: w, feed: changes.New(tables.Position{w.next}, feedBytes)}
}

// Follow implements api.Changes.
func (l *followed) Follow(context.Context) (*changes.Feed, *store.Snapshot, error) {
	return l.feed, l.w.store.Snapshot(), nil
}

// change makes so many changes a second until ctx ends, each as soon as it is due: those
// that are due at once are one group.
func (l *followed) change(ctx context.Context, rate int) error {
	tick := time.NewTicker(time.Second / time.Duration(rate))
	defer tick.Stop()
	began, done := time.Now(), 0
	for {
		select {
		case <-ctx.Done():
			return nil
		case <-tick.C:
			due := int(time.Since(began).Seconds() * float64(rate))
			if err := l.group(due - done); err != nil {
				return err
			}
			done = max(done, due)
		}
	}
}

// group makes n changes visible.
func (l *followed) group(n int) error {
	if n <= 0 {
		return nil
	}
	group := make([]store.Change, n)
	l.next = l.next[:0]
	for i := range group {
		group[i] = l.one()
		l.next = append(l.next, group[i].Offset+1)
	}
	l.recorder.Before(l.w.store.Snapshot(), group, l.next)
	at := tables.Position{l.w.next}
	if err := l.w.store.Apply(group, at); err != nil {
		return err
	}
	snap := l.w.store.Snapshot()
	l.feed.Append(changes.Group{Version: snap.Version(), After: at, Changes: l.recorder.After(snap)})
	return nil
}

// one is a change of a hot row, whose created_at is now. Most rows stay with their
// customer; one in ten goes to another, and one in ten is removed.
func (l *followed) one() store.Change {
	w := l.w
	id, what := int(l.dice.below(hot)), l.dice.below(10)
	row := Row(nil, id, w.rows, int(w.next))
	customer := int64(id) % followers
	if what == 0 {
		customer = l.dice.below(followers)
	}
	row[colCustomer] = tables.Int64Value(customer)
	row[colCreated] = tables.TimestampValue(time.Now().UnixMicro())
	c := store.Change{Offset: w.next, Key: tables.EncodeKey(row[colID]), Values: row}
	if what == 1 {
		c.Values = nil
	}
	w.next++
	return c
}
