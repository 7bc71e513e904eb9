package api

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// reading is a read of rows by filter, ready to run.
type reading struct {
	*query.Request
	table  *served
	snap   *store.Snapshot
	shape  *shape
	pin    string // of the snapshot, on the pages after the first
	start  int    // rows before this page, for requests whose pages go by offset
	format format
}

// rows answers GET and POST /v1/tables/{table}/rows, in every format.
func (a *API) rows(c *call) (answer, error) {
	t, err := a.table(c)
	if err != nil {
		return answer{}, err
	}
	f, err := formatOf(c.variable("format"), c.r.Header)
	if err != nil {
		return answer{}, err
	}
	raw, err := a.asked(c)
	if err != nil {
		return answer{}, err
	}
	q, err := query.Parse(raw, t.def, f.mode)
	if err != nil {
		return answer{}, err
	}
	if q.Explain && f.suffix != "json" {
		return answer{}, &query.Error{
			Problem: query.BadParameter, Field: "explain", Hint: "ask for JSON",
			Detail: "only a page in JSON has room to say how its rows were found",
		}
	}
	if err := c.wait(t); err != nil {
		return answer{}, err
	}
	if q.Cursor == "" && q.AsOf == 0 {
		same := func(s *store.Snapshot) bool { return matches(c.r.Header["If-None-Match"], etagOf(s)) }
		snap, err := a.whileSame(c, t, q.Filter, same)
		if err != nil {
			return answer{}, err
		}
		if snap != nil {
			return answer{of: t, snapshot: snap, etag: etagOf(snap)}, nil // 304
		}
	}
	rd, err := a.read(c, t, q)
	if err != nil {
		return answer{}, err
	}
	rd.format = f
	ans := answer{contentType: f.contentType, of: t, snapshot: rd.snap}
	if c.r.Method != http.MethodPost {
		ans.etag = etagOf(rd.snap)
	}
	if ans.etag != "" && matches(c.r.Header["If-None-Match"], ans.etag) || c.r.Method == http.MethodHead && f.mode == query.Stream {
		return ans, nil // the rows need not be looked for
	}
	ans.stream, err = a.body(c, rd)
	return ans, err
}

// read finds the snapshot of a request: of its cursor's first page, of a batch, or the newest.
func (a *API) read(c *call, t *served, q *query.Request) (*reading, error) {
	rd := &reading{Request: q, table: t}
	if q.Cursor != "" {
		cur, err := a.cursors.read(q.Cursor, q.Fingerprint)
		if err != nil {
			return nil, err
		}
		snap, ok := t.Pins.Pinned(cur.pin)
		if !ok {
			return nil, gone("the first page was read too long ago, or too many have been read since")
		}
		rd.snap, rd.pin, rd.start = snap, cur.pin, cur.offset
		if err := cur.resume(t.def, q); err != nil {
			return nil, err
		}
	} else {
		snap, err := t.instant(c, q)
		if err != nil {
			return nil, err
		}
		rd.snap, rd.start = snap, q.Offset
	}
	rd.shape = newShape(q)
	if q.Document {
		// the key's columns are read behind those of the answer, to find the documents
		q.Select = append([]query.Output(nil), q.Select...)
		for _, k := range t.keys {
			q.Select = append(q.Select, query.Output{Name: "key " + strconv.Itoa(k), Column: k, Type: t.def.Columns[k].Type})
		}
	}
	return rd, nil
}

// body returns what writes the rows. Pages are looked for here, so that what is
// wrong with them is still a problem; streams as they are written.
func (a *API) body(c *call, rd *reading) (func(*sink) error, error) {
	switch rd.format.suffix {
	case "csv":
		return func(s *sink) error { return a.writeCSV(s, rd) }, nil
	case "ndjson":
		return func(s *sink) error { return a.writeNDJSON(s, rd) }, nil
	case "arrow":
		return func(s *sink) error { return a.writeArrow(s, rd) }, nil
	case "parquet":
		return func(s *sink) error { return a.writeParquet(s, rd) }, nil
	}
	pg, err := a.page(c, rd)
	if err != nil {
		return nil, err
	}
	return func(s *sink) error { return a.writeJSON(s, rd, pg) }, nil
}

// each calls f with the rows of a stream, in runs. The next run may be looked for as long as
// a page may; how long the client takes for what there is does not count.
func (rd *reading) each(s *sink, f func(*store.Result) error) error {
	limit := s.api.QueryTime
	ctx, end := context.WithCancelCause(s.call.r.Context())
	defer end(nil)
	late := time.AfterFunc(limit, func() { end(tooSlow(limit)) })
	defer late.Stop()
	err := rd.snap.Admitting(s.call.ticket.enter).Stream(ctx, &rd.Query, func(rows *store.Result) error {
		late.Stop()
		defer late.Reset(limit)
		return f(rows)
	})
	var p *Problem
	if err != nil && errors.As(context.Cause(ctx), &p) {
		err = p
	}
	if err != nil {
		return fmt.Errorf("stream rows of %s: %w", rd.table.def.Name, err)
	}
	return nil
}

// documentOf returns the document of an answer's row, or that the row has changed since.
func (rd *reading) documentOf(rows *store.Result, row int) (doc []byte, changed bool, err error) {
	values := make([]tables.Value, 0, 8)
	for i := range rd.table.keys {
		values = append(values, rows.Value(row, len(rd.shape.outputs)+i))
	}
	if doc, changed, err = rd.table.Reader.Document(rd.snap, tables.EncodeKey(values...)); err != nil {
		return nil, false, fmt.Errorf("read a document of %s: %w", rd.table.def.Name, err)
	}
	if changed {
		doc = nil
	}
	return doc, changed, nil
}
