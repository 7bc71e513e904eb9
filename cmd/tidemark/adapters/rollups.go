package adapters

import (
	"context"
	"net/http"
	"slices"

	"github.com/tidemark/tidemark/cmd/tidemark/rollout"
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/problem"
	viewchanges "github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/store"
)

// rollupTables shows the rollups of a generation to the API, each as a table. Those that
// are declared and that the generation does not have, since it was made of another
// definition, cannot be read yet.
func rollupTables(c *rollout.Controller, g *rollout.Generation) ([]*live.Table, error) {
	var out []*live.Table
	have := g.View().Rollups()
	for _, def := range c.Declared().Rollups {
		f := rollupTable{Progress: progress{g.View(), g, c}, view: g.View()}
		f.place = slices.IndexFunc(have, func(t *tables.Table) bool { return t.Name == def.Name })
		if f.place < 0 {
			t, err := rollup.Describe(c.Declared(), def)
			if err != nil {
				return nil, err
			}
			if f.none, err = store.New(store.Options{Table: t}); err != nil {
				return nil, err
			}
		}
		out = append(out, &live.Table{
			Table: f.Snapshot().Table(), Reader: f, Pins: g.View(), Progress: f, Batches: noBatches{}, Changes: f,
		})
	}
	return out, nil
}

// rollupTable is one rollup; place is -1 where the view does not have it.
type rollupTable struct {
	live.Progress
	view  *views.View
	place int
	none  *store.Store
}

// Snapshot implements live.Reader.
func (f rollupTable) Snapshot() *store.Snapshot {
	if f.place < 0 {
		return f.none.Snapshot()
	}
	return f.view.Rollup(f.place)
}

// AsOf implements live.Reader: a rollup is of the present.
func (rollupTable) AsOf(context.Context, uint64) (*store.Snapshot, error) {
	return nil, live.ErrNoBatch
}

// Document implements live.Reader.
func (rollupTable) Document(*store.Snapshot, tables.Key) ([]byte, bool, error) {
	return nil, false, nil
}

// Ready implements live.Progress.
func (f rollupTable) Ready() bool { return f.place >= 0 && f.Progress.Ready() }

// Readable implements live.Progress.
func (f rollupTable) Readable() bool { return f.place >= 0 && f.view.RollupsReadable() }

// Follow implements live.Changes.
func (f rollupTable) Follow(context.Context) (*viewchanges.Feed, *store.Snapshot, error) {
	if f.place < 0 {
		return nil, nil, live.ErrUnavailable
	}
	feed, snap, err := f.view.FollowRollup(f.place)
	return feed, snap, known(err)
}

// noBatches answers for what has none.
type noBatches struct{}

func (noBatches) List() []live.Batch { return nil }

func (noBatches) Take(context.Context) (uint64, error) {
	return 0, &problem.Details{
		Kind: "no-batches", Title: "A rollup has no batches", Status: http.StatusConflict,
		Detail: "a rollup is kept current with its table's rows; batches are taken of the table",
	}
}

func (noBatches) Wait(context.Context, uint64) (live.Batch, error) {
	return live.Batch{}, live.ErrNoBatch
}

func (noBatches) File(context.Context, uint64) (string, error) { return "", live.ErrNoBatch }
