package replica

import (
	"context"
	"encoding/hex"
	"fmt"
	"runtime"

	"golang.org/x/sync/errgroup"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/store"
)

// feedBytes is about how much memory the changes of a table take that those who
// follow it can still ask for.
const feedBytes = 32 << 20

// The feed's positions are those of the rows: they name each change by the offset of the
// record that made it, in the topic that processors read. What a view reports of them outside
// (Position) does not: where records are repartitioned by keys, it moves in steps of many changes,
// and behind markers it is further than any process needs to know that has the same rows.

// feedTopic is what the feeds' positions are offsets of, empty for the source itself.
func (s *Replica) feedTopic() string {
	if !s.shared.Table.Repartitioned() {
		return ""
	}
	return hex.EncodeToString(s.set.Source.ID[:8])
}

// Follow returns the feed of the rows' changes, and a snapshot that it belongs to.
func (s *Replica) Follow(ctx context.Context) (*changes.Feed, *store.Snapshot, error) {
	feed := s.feed.Load()
	if feed == nil {
		// Nothing has changed since the table can be read. The writer holds the gate
		// while it looks for a feed, so that none of its changes is missed.
		if err := s.shared.Gate.Enter(ctx); err != nil {
			return nil, nil, err
		}
		defer s.shared.Gate.Leave()
		feed = s.makeFeed()
	}
	return feed, s.Snapshot(), nil
}

// makeFeed begins the feed at what readers see. It needs the gate.
func (s *Replica) makeFeed() *changes.Feed {
	if feed := s.feed.Load(); feed != nil {
		return feed
	}
	begin := changes.New
	if s.anew {
		begin = changes.Anew
	}
	feed := begin(s.Snapshot().Position(), feedBytes)
	feed.Topic = s.feedTopic()
	s.feed.Store(feed)
	return feed
}

// FollowAnew lets nobody who followed other rows continue with these. It needs the gate.
func (s *Replica) FollowAnew() {
	s.anew = true
	s.EndFeed()
	s.feed.Store(nil)
	if s.filled.Load() {
		at := s.Snapshot().Position()
		for _, d := range s.derived {
			d.FollowAnew(at, s.feedTopic(), feedBytes)
		}
	}
}

func (s *Replica) EndFeed() {
	if feed := s.feed.Load(); feed != nil {
		feed.End()
	}
	for _, d := range s.derived {
		d.End()
	}
}

// before takes note of the rows that the group will change, as readers still see them.
// Nobody asks when there is no rollup and the table cannot be followed yet.
func (w *writer) before() {
	if w.s.shared.View.Sees(w.s) && w.s.shared.View.Ready() {
		w.s.makeFeed()
	}
	if w.s.feed.Load() == nil && len(w.s.derived) == 0 {
		return
	}
	snap := w.s.store.Snapshot()
	w.since = snap.Position()
	w.recorder.Before(snap, w.changes, w.next)
}

// after brings the rollups to where the rows are, and notifies those who follow the table
// what the group has changed. What was held back is reported by show.
func (w *writer) after(held bool) error {
	feed := w.s.feed.Load()
	if feed == nil && len(w.s.derived) == 0 {
		return nil
	}
	snap := w.s.store.Snapshot()
	kept := w.recorder.After(snap)
	for _, d := range w.s.derived {
		for i := range kept {
			d.Change(kept[i].Old, kept[i].New)
		}
		if w.s.hold.on {
			continue
		}
		if err := d.Publish(snap.Position()); err != nil {
			return err
		}
	}
	if feed != nil && !held {
		feed.Append(changes.Group{Version: snap.Version(), Before: w.since, After: snap.Position(), Changes: kept})
	}
	return nil
}

// A replica's rollups are changed by the writer together with the rows, before it
// publishes their position: at one position a rollup and a query on the rows are equal.

// StoreOptions returns what the stores of a table and of its rollups have in common.
type StoreOptions func(of *tables.Table) store.Options

// Derive makes the rollups of a table, without any rows.
func Derive(table *tables.Table, options StoreOptions) ([]*rollup.Live, error) {
	var out []*rollup.Live
	for _, def := range table.Rollups {
		l, err := rollup.NewLive(table, def, options)
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
