package system

import (
	"context"
	"net/http"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/problem"
	viewchanges "github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/store"
)

// rollupFaces shows the rollups of a generation to the API, each as a table. Those that
// are declared and that the generation does not have, since it was made of another
// definition, cannot be read yet.
func (l *lineage) rollupFaces(g *generation) ([]*live.Table, error) {
	var out []*live.Table
	have := g.view.Rollups()
	for _, def := range l.declared.Rollups {
		f := rollupFace{Progress: progress{g.view, g, l}, view: g.view}
		f.place = slices.IndexFunc(have, func(t *tables.Table) bool { return t.Name == def.Name })
		if f.place < 0 {
			t, err := rollup.Describe(l.declared, def)
			if err != nil {
				return nil, err
			}
			if f.none, err = store.New(store.Options{Table: t}); err != nil {
				return nil, err
			}
		}
		out = append(out, &live.Table{
			Table: f.Snapshot().Table(), Reader: f, Pins: g.view, Progress: f, Batches: noBatches{}, Changes: f,
		})
	}
	return out, nil
}

// rollupFace is one rollup; place is -1 where the view does not have it.
type rollupFace struct {
	live.Progress
	view  *views.View
	place int
	none  *store.Store
}

// Snapshot implements live.Reader.
func (f rollupFace) Snapshot() *store.Snapshot {
	if f.place < 0 {
		return f.none.Snapshot()
	}
	return f.view.Rollup(f.place)
}

// AsOf implements live.Reader: a rollup is of the present.
func (rollupFace) AsOf(context.Context, uint64) (*store.Snapshot, error) { return nil, live.ErrNoBatch }

// Document implements live.Reader.
func (rollupFace) Document(*store.Snapshot, tables.Key) ([]byte, bool, error) {
	return nil, false, nil
}

// Ready implements live.Progress.
func (f rollupFace) Ready() bool { return f.place >= 0 && f.Progress.Ready() }

// Readable implements live.Progress.
func (f rollupFace) Readable() bool { return f.place >= 0 && f.view.RollupsReadable() }

// Follow implements live.Changes.
func (f rollupFace) Follow(context.Context) (*viewchanges.Feed, *store.Snapshot, error) {
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
