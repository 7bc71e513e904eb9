package reads

import (
	"net/http"

	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// Rows answers GET and POST /v1/tables/{table}/rows, in every format.
func (h *Handlers) Rows(c *web.Call) (web.Answer, error) {
	t, err := h.Tables.Readable(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	q, f, err := asked(c, t)
	if err != nil {
		return web.Answer{}, err
	}
	if err := t.Await(c.R, c.W.Header(), c.Start); err != nil {
		return web.Answer{}, err
	}
	if q.Cursor == "" && q.AsOf == 0 {
		same := func(s *store.Snapshot) bool {
			return render.Matches(c.R.Header["If-None-Match"], render.SnapshotTag(s))
		}
		snap, err := h.whileSame(c, t, q.Filter, same)
		if err != nil {
			return web.Answer{}, err
		}
		if snap != nil {
			return web.Answer{Of: t, Snapshot: snap, ETag: render.SnapshotTag(snap)}, nil // 304
		}
	}
	rd, err := h.read(c, t, q)
	if err != nil {
		return web.Answer{}, err
	}
	ans := web.Answer{ContentType: f.ContentType, Of: t, Snapshot: rd.snap}
	if c.R.Method != http.MethodPost {
		ans.ETag = render.SnapshotTag(rd.snap)
	}
	if ans.ETag != "" && render.Matches(c.R.Header["If-None-Match"], ans.ETag) || c.R.Method == http.MethodHead && f.Mode == query.Stream {
		return ans, nil // the rows need not be looked for
	}
	ans.Stream, err = h.body(c, rd, f)
	return ans, err
}

// asked returns what rows a call asks for, and in which form.
func asked(c *web.Call, t *live.Served) (*query.Request, render.Format, error) {
	f, err := render.FormatOf(c.Path.Variables["format"], c.R.Header)
	if err != nil {
		return nil, f, err
	}
	raw, err := c.Parameters()
	if err != nil {
		return nil, f, err
	}
	q, err := query.Parse(raw, t.Def, f.Mode)
	if err != nil {
		return nil, f, err
	}
	if q.Explain && f.Suffix != "json" {
		return nil, f, &query.Error{
			Problem: query.BadParameter, Field: "explain", Hint: "ask for JSON",
			Detail: "only a page in JSON has room to say how its rows were found",
		}
	}
	return q, f, nil
}

// body returns what writes the rows. Pages are looked for here, so that what is
// wrong with them is still a problem; streams as they are written.
func (h *Handlers) body(c *web.Call, rd *reading, f render.Format) (func(*render.Sink) error, error) {
	if f.Stream != nil {
		return func(s *render.Sink) error { return f.Stream(s, rd.shape, rd) }, nil
	}
	pg, err := h.pageFor(c, rd)
	if err != nil {
		return nil, err
	}
	return func(s *render.Sink) error { return pg.write(s, rd) }, nil
}
