package reads

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/problem"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// reading is a read of rows by filter, ready to run. It is a render.Source.
type reading struct {
	*query.Request
	call  *web.Call
	table *live.Served
	limit time.Duration // of looking for rows
	snap  *store.Snapshot
	shape *render.Shape
	pin   string // of the snapshot, on the pages after the first
	start int    // rows before this page, for requests whose pages go by offset
}

// read finds the snapshot of a request: of its cursor's first page, of a batch, or the newest.
func (h *Handlers) read(c *web.Call, t *live.Served, q *query.Request) (*reading, error) {
	rd := &reading{Request: q, call: c, table: t, limit: h.QueryTime}
	if q.Cursor != "" {
		cur, err := h.cursors.read(q.Cursor, q.Fingerprint)
		if err != nil {
			return nil, err
		}
		snap, ok := t.Pins.Pinned(cur.pin)
		if !ok {
			return nil, gone("the first page was read too long ago, or too many have been read since")
		}
		rd.snap, rd.pin, rd.start = snap, cur.pin, cur.offset
		if err := cur.resume(t.Def, q); err != nil {
			return nil, err
		}
	} else {
		snap, err := t.Instant(c.R.Context(), q)
		if err != nil {
			return nil, err
		}
		rd.snap, rd.start = snap, q.Offset
	}
	rd.shape = render.NewShape(q)
	if q.Document {
		// the key's columns are read behind those of the answer, to find the documents
		q.Select = append([]query.Output(nil), q.Select...)
		for _, k := range t.KeyColumns {
			q.Select = append(q.Select, query.Output{Name: "key " + strconv.Itoa(k), Column: k, Type: t.Def.Columns[k].Type})
		}
	}
	return rd, nil
}

// Each calls f with the rows of a stream, in runs. The next run may be looked for as long as
// a page may; how long the client takes for what there is does not count.
func (rd *reading) Each(f func(*store.Result) error) error {
	ctx, end := context.WithCancelCause(rd.call.R.Context())
	defer end(nil)
	late := time.AfterFunc(rd.limit, func() { end(tooSlow(rd.limit)) })
	defer late.Stop()
	err := rd.snap.Admitting(rd.call.Enter).Stream(ctx, &rd.Query, func(rows *store.Result) error {
		late.Stop()
		defer late.Reset(rd.limit)
		return f(rows)
	})
	var p *problem.Details
	if err != nil && errors.As(context.Cause(ctx), &p) {
		err = p
	}
	if err != nil {
		return fmt.Errorf("stream rows of %s: %w", rd.table.Def.Name, err)
	}
	return nil
}

// Document returns the document of an answer's row, or that the row has changed since.
func (rd *reading) Document(rows *store.Result, row int) (doc []byte, changed bool, err error) {
	values := make([]tables.Value, 0, 8)
	for i := range rd.table.KeyColumns {
		values = append(values, rows.Value(row, rd.shape.Columns()+i))
	}
	if doc, changed, err = rd.table.Reader.Document(rd.snap, tables.EncodeKey(values...)); err != nil {
		return nil, false, fmt.Errorf("read a document of %s: %w", rd.table.Def.Name, err)
	}
	if changed {
		doc = nil
	}
	return doc, changed, nil
}
