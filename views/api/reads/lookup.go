package reads

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
	"github.com/tidemark/tidemark/views/store"
)

// Lookup answers POST /v1/tables/{table}/lookup.
func (h *Handlers) Lookup(c *web.Call) (web.Answer, error) {
	t, err := h.Tables.Readable(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	if err := render.AcceptsJSON(c.R.Header); err != nil {
		return web.Answer{}, err
	}
	body, err := c.Sent(ask.LookupExample)
	if err != nil {
		return web.Answer{}, err
	}
	keys, err := t.Keys.OfLookup(&c.Key, body)
	if err != nil {
		return web.Answer{}, err
	}
	if err := t.Await(c.R, c.W.Header(), c.Start); err != nil {
		return web.Answer{}, err
	}
	snap, sh, err := chosen(c, t)
	if err != nil {
		return web.Answer{}, err
	}
	return web.Answer{ContentType: render.TypeJSON, Of: t, Snapshot: snap, Stream: func(s *render.Sink) error {
		s.Buf = sh.BeginList(s.Buf)
		for i, key := range keys {
			if i > 0 {
				s.Buf = append(s.Buf, ',')
			}
			if err := appendFound(t, s, sh, snap, key); err != nil {
				return err
			}
			if err := s.Grown(); err != nil {
				return err
			}
		}
		s.Buf = render.EndList(s.Buf, len(keys), "", c.Elapsed(), int64(len(keys)))
		return nil
	}}, nil
}

// appendFound writes the row of a key, or null.
func appendFound(t *live.Served, s *render.Sink, sh *render.Shape, snap *store.Snapshot, key tables.Key) (err error) {
	values, found := snap.Lookup(key, s.Values[:0])
	if !found {
		s.Buf = append(s.Buf, "null"...)
		return nil
	}
	s.Values = values
	s.Buf = sh.AppendValues(s.Buf, values)
	if sh.Document {
		if s.Buf, _, err = t.AppendDocument(s.Buf, snap, key); err != nil {
			return err
		}
	}
	s.Buf = append(s.Buf, '}')
	return nil
}
