package system

import (
	"context"
	"net/http"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views"
	"github.com/tidemark/tidemark/views/api"
	viewchanges "github.com/tidemark/tidemark/views/changes"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/store"
)

// rollupFaces shows the rollups of a generation to the API, each as a table. Those that
// are declared and that the generation does not have, since it was made of another
// definition, cannot be read yet.
func (l *lineage) rollupFaces(g *generation) ([]*api.Table, error) {
	var out []*api.Table
	have := g.view.Rollups()
	for _, def := range l.declared.Rollups {
		f := rollupFace{Tide: tide{g.view, g, l}, view: g.view}
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
		out = append(out, &api.Table{
			Table: f.Snapshot().Table(), Reader: f, Pins: g.view, Tide: f, Batches: noBatches{}, Changes: f,
		})
	}
	return out, nil
}

// rollupFace is one rollup; place is -1 where the view does not have it.
type rollupFace struct {
	api.Tide
	view  *views.View
	place int
	none  *store.Store
}

// Snapshot implements api.Reader.
func (f rollupFace) Snapshot() *store.Snapshot {
	if f.place < 0 {
		return f.none.Snapshot()
	}
	return f.view.Rollup(f.place)
}

// AsOf implements api.Reader: a rollup is of the present.
func (rollupFace) AsOf(context.Context, uint64) (*store.Snapshot, error) { return nil, api.ErrNoBatch }

// Document implements api.Reader.
func (rollupFace) Document(*store.Snapshot, tables.Key) ([]byte, bool, error) {
	return nil, false, nil
}

// Ready implements api.Tide.
func (f rollupFace) Ready() bool { return f.place >= 0 && f.Tide.Ready() }

// Readable implements api.Tide.
func (f rollupFace) Readable() bool { return f.place >= 0 && f.view.RollupsReadable() }

// Follow implements api.Changes.
func (f rollupFace) Follow(context.Context) (*viewchanges.Feed, *store.Snapshot, error) {
	if f.place < 0 {
		return nil, nil, api.ErrUnavailable
	}
	feed, snap, err := f.view.FollowRollup(f.place)
	return feed, snap, known(err)
}

// noBatches answers for what has none.
type noBatches struct{}

func (noBatches) List() []api.Batch { return nil }

func (noBatches) Take(context.Context) (uint64, error) {
	return 0, &api.Problem{
		Kind: "no-batches", Title: "A rollup has no batches", Status: http.StatusConflict,
		Detail: "a rollup is kept current with its table's rows; batches are taken of the table",
	}
}

func (noBatches) Wait(context.Context, uint64) (api.Batch, error) { return api.Batch{}, api.ErrNoBatch }

func (noBatches) File(context.Context, uint64) (string, error) { return "", api.ErrNoBatch }
