package reads

import (
	"time"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/store"
)

// Row answers GET /v1/tables/{table}/rows/{key}. It is the call that is made most:
// without parameters it reads no more than it must.
func (h *Handlers) Row(c *web.Call) (web.Answer, error) {
	t, err := h.Tables.Readable(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	if err := render.AcceptsJSON(c.R.Header); err != nil {
		return web.Answer{}, err
	}
	if err := t.Await(c.R, c.W.Header(), c.Start); err != nil {
		return web.Answer{}, err
	}
	key, err := t.Keys.OfPath(&c.Key, c.Path.Key)
	if err != nil {
		return web.Answer{}, err
	}
	if c.R.Header["If-None-Match"] != nil && c.R.Header["Tidemark-Wait"] != nil {
		if err := h.whileRowSame(c, t, key); err != nil {
			return web.Answer{}, err
		}
	}
	snap, sh, err := chosen(c, t)
	if err != nil {
		return web.Answer{}, err
	}
	if snap, err = appendRow(c, t, snap, sh, key); err != nil {
		return web.Answer{}, err
	}
	c.Body = append(c.Body, '}', '\n')
	return web.Answer{ContentType: render.TypeJSON, ETag: render.ContentTag(c.Body), Of: t, Snapshot: snap, Body: c.Body}, nil
}

// appendRow appends a row, but for its end, to the body, and returns the snapshot that it is of.
func appendRow(c *web.Call, t *live.Served, snap *store.Snapshot, sh *render.Shape, key tables.Key) (*store.Snapshot, error) {
	for tries := documentTries; ; tries-- {
		values, found := snap.Lookup(key, c.Values[:0])
		if !found {
			t.SetHeaders(c.W.Header(), snap, c.Start)
			return nil, noRow(t.Def.Name)
		}
		c.Values = values
		c.Body = sh.AppendValues(c.Body[:0], values)
		if !sh.Document {
			return snap, nil
		}
		var changed bool
		var err error
		if c.Body, changed, err = t.AppendDocument(c.Body, snap, key); err != nil {
			return nil, err
		}
		if !changed || tries == 0 {
			return snap, nil
		}
		if err := pause(c, documentPause); err != nil {
			return nil, err
		}
		snap = t.Reader.Snapshot()
	}
}

// The document of a row that is just changing is on disk before the row is shown: the row
// is read again, for a quarter of a second at most.
const (
	documentTries = 50
	documentPause = 5 * time.Millisecond
)

// pause waits, and for no longer than the client does.
func pause(c *web.Call, d time.Duration) error {
	select {
	case <-c.R.Context().Done():
		return c.R.Context().Err()
	case <-time.After(d):
		return nil
	}
}

// whileRowSame holds the read of a present row while it is the one that the client has.
func (h *Handlers) whileRowSame(c *web.Call, t *live.Served, key tables.Key) error {
	q, err := query.ParseRow(c.R.URL.RawQuery, t.Def)
	if err != nil || q.AsOf != 0 {
		return err
	}
	sh := t.Whole
	if c.R.URL.RawQuery != "" {
		sh = render.NewShape(q)
	}
	key = tables.Key([]byte(key)) // the call's own is made again
	_, err = h.whileSame(c, t, keyFilter(t, key), func(snap *store.Snapshot) bool {
		values, found := snap.Lookup(key, nil)
		if !found {
			return false
		}
		body := sh.AppendValues(nil, values)
		if sh.Document {
			var changed bool
			if body, changed, err = t.AppendDocument(body, snap, key); err != nil || changed {
				return false
			}
		}
		return render.Matches(c.R.Header["If-None-Match"], render.ContentTag(append(body, '}', '\n')))
	})
	return err
}

// chosen returns the snapshot and the shape that a read of rows by key asks for.
func chosen(c *web.Call, t *live.Served) (*store.Snapshot, *render.Shape, error) {
	if c.R.URL.RawQuery == "" {
		return t.Reader.Snapshot(), t.Whole, nil
	}
	q, err := query.ParseRow(c.R.URL.RawQuery, t.Def)
	if err != nil {
		return nil, nil, err
	}
	snap, err := t.Instant(c.R.Context(), q)
	return snap, render.NewShape(q), err
}
