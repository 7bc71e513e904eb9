package api

import (
	"maps"
	"net/url"
	"slices"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
)

// list answers GET /v1/tables.
func (a *API) list(c *call) (answer, error) {
	if err := c.noParameters(); err != nil {
		return answer{}, err
	}
	if err := acceptsJSON(c.r.Header); err != nil {
		return answer{}, err
	}
	c.body = append(c.body, `{"data":[`...)
	for i, name := range a.names {
		if i > 0 {
			c.body = append(c.body, ',')
		}
		c.body = append(a.at(name).appendState(append(c.body, '{')), '}')
	}
	c.body = append(c.body, `],"rows":`...)
	c.body = append(appendInt(c.body, int64(len(a.names))), '}', '\n')
	return answer{contentType: typeJSON, body: c.body}, nil
}

// noParameters refuses parameters where there are none: what is asked for must not be
// left undone in silence. numbers may stand on any read; here are no values of columns.
func (c *call) noParameters() error {
	if c.r.URL.RawQuery == "" {
		return nil
	}
	values, err := url.ParseQuery(c.r.URL.RawQuery)
	if err != nil {
		return badRequest(string(query.BadParameter), "", "the parameters are not percent-encoded as a URL's are", "")
	}
	for _, name := range slices.Sorted(maps.Keys(values)) {
		if name != "numbers" {
			return badRequest(string(query.UnknownParameter), name, query.Quote(name)+" is no parameter here", "there are none")
		}
		if v := values.Get(name); v != "string" && v != "number" {
			return badRequest(string(query.BadParameter), name, "string or number was expected, not "+query.Quote(v), "")
		}
	}
	return nil
}

// describe answers GET /v1/tables/{table}.
func (a *API) describe(c *call) (answer, error) {
	t, err := a.named(c)
	if err != nil {
		return answer{}, err
	}
	if err := c.noParameters(); err != nil {
		return answer{}, err
	}
	if err := acceptsJSON(c.r.Header); err != nil {
		return answer{}, err
	}
	c.body = append(c.body, '{')
	c.body = t.appendState(c.body)
	c.body = append(c.body, `,"schema":`...)
	c.body = t.whole.appendMeta(c.body)
	c.body = appendNames(append(c.body, `,"key":`...), t.def.Key)
	sorted := t.def.SortKey
	if len(sorted) == 0 {
		sorted = t.def.Key
	}
	c.body = appendNames(append(c.body, `,"sort_key":`...), sorted)
	keep := t.def.Document
	if keep == "" {
		keep = tables.DocumentDrop
	}
	c.body = tables.AppendJSONString(append(c.body, `,"document":`...), string(keep))
	c.body = append(c.body, '}', '\n')
	return answer{contentType: typeJSON, of: t, snapshot: t.Reader.Snapshot(), body: c.body}, nil
}

// appendState appends what a table is at present, as members of an object.
func (t *served) appendState(dst []byte) []byte {
	snap, status := t.Reader.Snapshot(), t.Tide.Status()
	f := t.Tide.Freshness(snap)
	st := t.stamp.get(snap, t.Tide.Position(snap))
	dst = tables.AppendJSONString(append(dst, `"name":`...), t.def.Name)
	dst = appendInt(append(dst, `,"rows":`...), snap.Rows())
	dst = append(append(dst, `,"batch":`...), st.batch[0]...)
	dst = tables.AppendJSONString(append(dst, `,"position":`...), st.position[0])
	dst = tables.AppendJSONString(append(dst, `,"freshness":`...), string(f.State))
	dst = appendInt(append(dst, `,"age_ms":`...), f.Age.Milliseconds())
	dst = append(dst, `,"ready":`...)
	dst = appendBool(dst, t.Tide.Ready())
	dst = appendHealth(dst, &status.Health)
	dst = appendInt(append(dst, `,"memory":{"bytes":`...), status.Memory)
	if status.Pinned > 0 {
		dst = appendInt(append(dst, `,"pinned":`...), status.Pinned)
	}
	dst = append(dst, '}')
	if t.Generations != nil {
		dst = appendGeneration(dst, t.Generations.Generation())
	}
	return dst
}

func appendNames(dst []byte, names []string) []byte {
	dst = append(dst, '[')
	for i, n := range names {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = tables.AppendJSONString(dst, n)
	}
	return append(dst, ']')
}

func appendBool(dst []byte, b bool) []byte {
	if b {
		return append(dst, "true"...)
	}
	return append(dst, "false"...)
}
