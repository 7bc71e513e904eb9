package proposal

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// rows is what was seen in a sample.
type rows struct {
	format   tables.Format
	schema   *schema // of the row, from the newest record that has one
	columns  []*column
	byName   map[string]*column
	keyNames []string // members of the records' keys
	bareKey  []string // columns that equalled every bare key so far; nil before the first
	sawBare  bool
	count    int
	deletes  int
	others   int
}

// member is one member of a JSON object.
type member struct {
	name string
	raw  json.RawMessage
}

// members reads an object, in its order; ok is false when it is none.
func members(raw []byte) (out []member, ok bool) {
	d := json.NewDecoder(bytes.NewReader(raw))
	if t, err := d.Token(); err != nil || t != json.Delim('{') {
		return nil, false
	}
	for d.More() {
		name, err := d.Token()
		if err != nil {
			return nil, false
		}
		m := member{name: name.(string)}
		if d.Decode(&m.raw) != nil {
			return nil, false
		}
		out = append(out, m)
	}
	return out, true
}

func find(ms []member, name string) json.RawMessage {
	for _, m := range ms {
		if m.name == name {
			return m.raw
		}
	}
	return nil
}

// unwrap takes {"schema":...,"payload":...} apart.
func unwrap(raw []byte) (*schema, []byte) {
	ms, ok := members(raw)
	if !ok || len(ms) != 2 {
		return nil, raw
	}
	s, p := find(ms, "schema"), find(ms, "payload")
	if s == nil || p == nil {
		return nil, raw
	}
	var out schema
	if isNull(s) || json.Unmarshal(s, &out) != nil {
		return nil, p
	}
	return &out, p
}

func isNull(raw []byte) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) == 0 || string(raw) == "null"
}

// readRows looks at every record once; the first row decides on the format.
func readRows(records []*codecs.Record) (*rows, error) {
	out := &rows{byName: map[string]*column{}}
	noJSON := 0
	for _, r := range records {
		if isNull(r.Value) {
			out.deletes++
			continue
		}
		if !json.Valid(r.Value) {
			noJSON++
			continue
		}
		out.take(r)
	}
	out.others += noJSON
	switch {
	case out.count == 0 && noJSON > 0:
		return nil, ErrNoJSON
	case out.count == 0:
		return nil, ErrNoRows
	}
	return out, nil
}

func (o *rows) take(r *codecs.Record) {
	s, payload := unwrap(r.Value)
	if isNull(payload) {
		o.deletes++
		return
	}
	ms, ok := members(payload)
	if !ok {
		o.others++
		return
	}
	format := formatOf(ms)
	if o.format == "" && format != "" {
		o.format = format
	}
	if format != o.format || format == "" {
		o.others++
		return
	}
	row, deleted := image(format, ms)
	if deleted {
		o.deletes++
	}
	if row == nil {
		return
	}
	o.count++
	if s != nil {
		o.schema = s.row(format)
	}
	o.observe(row)
	o.observeKey(r.Key, row)
}

// formatOf tells by the members that each format always has.
func formatOf(ms []member) tables.Format {
	has := func(name string) bool { return find(ms, name) != nil }
	switch {
	case has("op") && has("source"):
		return tables.DebeziumJSON
	case has("op") || has("databaseName") || has("data") && has("type"):
		return "" // something beside the rows, or a format of another tool
	case slices.ContainsFunc(ms, func(m member) bool { return added(m.name) }):
		return tables.FlattenedJSON
	}
	return tables.UpsertJSON
}

// added reports whether a member was put into the row by the flattening transform.
func added(name string) bool {
	return slices.Contains([]string{"__op", "__table", "__lsn", "__source_ts_ms", "__deleted", "__db", "__schema"}, name) ||
		strings.HasPrefix(name, "__source_")
}

// image returns the row in a payload, or nothing.
func image(format tables.Format, ms []member) (row []member, deleted bool) {
	switch format {
	case tables.DebeziumJSON:
		after := find(ms, "after")
		deleted = string(find(ms, "op")) == `"d"`
		if isNull(after) {
			return nil, deleted
		}
		row, _ = members(after)
		return row, deleted
	case tables.FlattenedJSON:
		for _, m := range ms {
			if m.name == "__deleted" && (string(m.raw) == "true" || string(m.raw) == `"true"`) {
				deleted = true
			}
			if !added(m.name) {
				row = append(row, m)
			}
		}
		return row, deleted
	}
	return ms, false
}

func (o *rows) observe(row []member) {
	for _, m := range row {
		c := o.byName[m.name]
		if c == nil {
			c = &column{name: m.name, seen: map[look]int{}}
			o.byName[m.name] = c
			o.columns = append(o.columns, c)
		}
		c.seen[lookOf(m.raw)]++
		if o.schema != nil {
			c.schema = o.schema.field(m.name)
		}
	}
}

func (o *rows) observeKey(key []byte, row []member) {
	if key == nil || !json.Valid(key) {
		return
	}
	_, payload := unwrap(key)
	if ms, ok := members(payload); ok {
		if o.keyNames == nil {
			for _, m := range ms {
				o.keyNames = append(o.keyNames, m.name)
			}
		}
		return
	}
	payload = bytes.TrimSpace(payload)
	equals := func(name string) bool {
		raw := bytes.TrimSpace(find(row, name))
		return bytes.Equal(raw, payload) || bytes.Equal(bytes.Trim(raw, `"`), bytes.Trim(payload, `"`))
	}
	if !o.sawBare {
		o.sawBare = true
		for _, m := range row {
			o.bareKey = append(o.bareKey, m.name)
		}
	}
	o.bareKey = slices.DeleteFunc(o.bareKey, func(name string) bool { return !equals(name) })
}
