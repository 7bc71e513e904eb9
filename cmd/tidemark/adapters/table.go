package adapters

import (
	"context"

	"github.com/tidemark/tidemark/cmd/tidemark/rollout"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api/live"
	viewchanges "github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/store"
)

// Tables shows a generation, which has a view, to the API: its table, with batches that are
// asked for at the processors, and its rollups.
func Tables(c *rollout.Controller, g *rollout.Generation, settings kafka.Settings) ([]*live.Table, error) {
	rollups, err := rollupTables(c, g)
	if err != nil {
		return nil, err
	}
	view := g.View()
	table := &live.Table{
		Table: view.Table(), Reader: reader{view}, Pins: view, Progress: progress{view, g, c},
		Batches: batches{g, settings}, Changes: changes{view}, Generations: buildings{c},
	}
	return append([]*live.Table{table}, rollups...), nil
}

// reader reads a view.
type reader struct{ *views.View }

// AsOf implements live.Reader.
func (r reader) AsOf(ctx context.Context, batch uint64) (*store.Snapshot, error) {
	s, err := r.View.AsOf(ctx, batch)
	return s, known(err)
}

// Document implements live.Reader.
func (r reader) Document(snap *store.Snapshot, key tables.Key) ([]byte, bool, error) {
	document, changed, err := r.View.DocumentOf(snap, key)
	return document, changed, known(err)
}

// changes are those of a view.
type changes struct{ view *views.View }

// Follow implements live.Changes.
func (c changes) Follow(ctx context.Context) (*viewchanges.Feed, *store.Snapshot, error) {
	feed, snap, err := c.view.Follow(ctx)
	return feed, snap, known(err)
}
