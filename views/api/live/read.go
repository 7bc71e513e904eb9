package live

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// Instant returns the state that a request reads: a batch's, or the newest.
func (t *Served) Instant(ctx context.Context, q *query.Request) (*store.Snapshot, error) {
	if q.AsOf == 0 {
		return t.Reader.Snapshot(), nil
	}
	if q.Document {
		return nil, problem.BadRequest(string(query.BadParameter), "document", "documents are kept of the present rows only, and as_of asks for older ones", "")
	}
	snap, err := t.Reader.AsOf(ctx, q.AsOf)
	if errors.Is(err, ErrNoBatch) {
		p := NoBatch()
		p.Field = "as_of"
		return nil, p
	}
	if err != nil {
		return nil, fmt.Errorf("read batch %d of %s: %w", q.AsOf, t.Def.Name, err)
	}
	return snap, nil
}

// AppendDocument appends the kept document of a row of a state, or that the row has changed since.
func (t *Served) AppendDocument(dst []byte, snap *store.Snapshot, key tables.Key) (out []byte, changed bool, err error) {
	doc, changed, err := t.Reader.Document(snap, key)
	if err != nil {
		return dst, false, fmt.Errorf("read a document of %s: %w", t.Def.Name, err)
	}
	if changed {
		return render.AppendChanged(dst), true, nil
	}
	return render.AppendDocument(dst, doc), false, nil
}

// NoBatch is the answer to a request for a batch that is not there.
func NoBatch() *problem.Details {
	return &problem.Details{
		Kind: "no-such-batch", Title: "There is no such batch", Status: http.StatusNotFound,
		Detail: "the batch is not complete yet, or it is no longer kept", Hint: "GET the table's batches for a list",
	}
}
