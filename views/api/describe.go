package api

import (
	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/api/ask"
	"github.com/tidemark/tidemark/views/api/live"
	"github.com/tidemark/tidemark/views/api/render"
	"github.com/tidemark/tidemark/views/api/web"
)

// list answers GET /v1/tables.
func (a *API) list(c *web.Call) (web.Answer, error) {
	if err := ask.None(c.R.URL.RawQuery); err != nil {
		return web.Answer{}, err
	}
	if err := render.AcceptsJSON(c.R.Header); err != nil {
		return web.Answer{}, err
	}
	c.Body = append(c.Body, `{"data":[`...)
	for i, name := range a.tables.Names() {
		if i > 0 {
			c.Body = append(c.Body, ',')
		}
		c.Body = append(appendState(append(c.Body, '{'), a.tables.At(name)), '}')
	}
	c.Body = append(c.Body, `],"rows":`...)
	c.Body = append(render.AppendInt(c.Body, int64(len(a.tables.Names()))), '}', '\n')
	return web.Answer{ContentType: render.TypeJSON, Body: c.Body}, nil
}

// describe answers GET /v1/tables/{table}.
func (a *API) describe(c *web.Call) (web.Answer, error) {
	t, err := a.tables.Named(c.Path.Table)
	if err != nil {
		return web.Answer{}, err
	}
	if err := ask.None(c.R.URL.RawQuery); err != nil {
		return web.Answer{}, err
	}
	if err := render.AcceptsJSON(c.R.Header); err != nil {
		return web.Answer{}, err
	}
	c.Body = append(c.Body, '{')
	c.Body = appendState(c.Body, t)
	c.Body = append(c.Body, `,"schema":`...)
	c.Body = t.Whole.AppendMeta(c.Body)
	c.Body = render.AppendNames(append(c.Body, `,"key":`...), t.Def.Key)
	sorted := t.Def.SortKey
	if len(sorted) == 0 {
		sorted = t.Def.Key
	}
	c.Body = render.AppendNames(append(c.Body, `,"sort_key":`...), sorted)
	keep := t.Def.Document
	if keep == "" {
		keep = tables.DocumentDrop
	}
	c.Body = tables.AppendJSONString(append(c.Body, `,"document":`...), string(keep))
	c.Body = append(c.Body, '}', '\n')
	return web.Answer{ContentType: render.TypeJSON, Of: t, Snapshot: t.Reader.Snapshot(), Body: c.Body}, nil
}

// appendState appends what a table is at present, as members of an object.
func appendState(dst []byte, t *live.Served) []byte {
	snap, status := t.Reader.Snapshot(), t.Progress.Status()
	f := t.Progress.Freshness(snap)
	batch, position := t.Origin(snap)
	dst = tables.AppendJSONString(append(dst, `"name":`...), t.Def.Name)
	dst = render.AppendInt(append(dst, `,"rows":`...), snap.Rows())
	dst = append(append(dst, `,"batch":`...), batch...)
	dst = tables.AppendJSONString(append(dst, `,"position":`...), position)
	dst = tables.AppendJSONString(append(dst, `,"freshness":`...), string(f.State))
	dst = render.AppendInt(append(dst, `,"age_ms":`...), f.Age.Milliseconds())
	dst = append(dst, `,"ready":`...)
	dst = render.AppendBool(dst, t.Progress.Ready())
	dst = appendHealth(dst, &status.Health)
	dst = render.AppendInt(append(dst, `,"memory":{"bytes":`...), status.Memory)
	if status.Pinned > 0 {
		dst = render.AppendInt(append(dst, `,"pinned":`...), status.Pinned)
	}
	dst = append(dst, '}')
	if t.Generations != nil {
		dst = appendGeneration(dst, t.Generations.Generation())
	}
	return dst
}
