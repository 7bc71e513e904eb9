package proposal

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/tables"
)

// rows is what was seen in a sample.
type rows struct {
	format   tables.Format
	mongo    bool            // rows are extended JSON in a text
	schema   *convert.Schema // of the row, from the newest record that has one
	columns  []*column
	byName   map[string]*column
	told     map[string]string // a column's type, as a message says it
	keyNames []string          // members of the records' keys
	keys     keyValues         // of keys that are values without names
	keyless  int               // records without a key
	keySaid  bool              // the keys carry a schema
	origin   catalogue.Origin  // of the first row
	count    int
	deletes  int
	others   int
	// rewritten is true when rows say whether they are deleted: deletes would be written, too.
	rewritten bool
	table     string          // the source's table that the first envelope names
	more      map[string]bool // the other tables of the topic

	reading           // how the records were taken
	celled  int       // values that are in cells
	markers []*column // what is beside rows that are a member of the value
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
func unwrap(raw []byte) (*convert.Schema, []byte) {
	ms, ok := members(raw)
	if ok && len(ms) == 1 && ms[0].name == "payload" && len(ms[0].raw) > 0 && ms[0].raw[0] == '{' {
		return nil, ms[0].raw // without the schema, as some producers write it
	}
	if !ok || len(ms) != 2 {
		return nil, raw
	}
	s, p := find(ms, "schema"), find(ms, "payload")
	if s == nil || p == nil {
		return nil, raw
	}
	var out convert.Schema
	if isNull(s) || json.Unmarshal(s, &out) != nil {
		return nil, p
	}
	return &out, p
}

// rowSchema returns the schema of the row in the schema of a value.
func rowSchema(s *convert.Schema, format tables.Format) *convert.Schema {
	if format == tables.DebeziumJSON {
		return s.Member("after")
	}
	return s
}

func isNull(raw []byte) bool {
	raw = bytes.TrimSpace(raw)
	return len(raw) == 0 || string(raw) == "null"
}

// readRows looks at every record once, in the order of their times: the newest schema is
// today's. The first row decides on the format.
func readRows(records []*codecs.Record, how reading) (*rows, error) {
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b *codecs.Record) int { return a.Time.Compare(b.Time) })
	out := &rows{byName: map[string]*column{}, told: map[string]string{}, more: map[string]bool{}, reading: how, table: how.only}
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
	format := formatOf(r.Key, ms)
	if o.format == "" && format != "" {
		o.format = format
	}
	if format != o.format || format == "" {
		o.others++
		return
	}
	if o.elsewhere(format, ms) {
		return
	}
	row, deleted := o.image(format, ms)
	if deleted {
		o.deletes++
	}
	if row == nil {
		return
	}
	if o.count++; o.count == 1 {
		o.origin = originOf(format, ms)
	}
	o.types(format, ms)
	if s != nil {
		o.schema = rowSchema(s, format)
	}
	o.observe(row)
	o.observeKey(r.Key, row)
}

// elsewhere reports whether a record is of another table than the first one: rows of
// several make no table.
func (o *rows) elsewhere(format tables.Format, ms []member) bool {
	name := toldTable(format, ms)
	switch {
	case format.Messages() && isNull(find(ms, "data")) && isNull(find(ms, "old")):
		if format == tables.TiCDCSimple {
			o.tableSchema(find(ms, "tableSchema"))
		}
		return true // a definition, or a sign of life
	case name == "" || name == o.table:
		return false
	case o.table == "":
		o.table = name
		return false
	}
	o.more[name] = true
	return true
}

// observe looks at every member of a row.
func (o *rows) observe(row []member) {
	for _, m := range row {
		value, cell := cellOf(m.raw)
		switch {
		case cell && o.cells:
			m.raw = value
		case cell:
			o.celled++
		}
		c := o.column(m.name)
		c.plain = c.plain || !cell && !isNull(m.raw)
		l := lookOf(m.raw)
		c.seen[l]++
		c.evidence.take(m.raw, l)
		c.remember(m.raw, l)
		if o.mongo && c.told == "" {
			c.told = tagOf(m.raw)
		}
		if name := o.told[m.name]; name != "" {
			c.told = name
		}
		if o.schema != nil {
			c.schema = o.schema.Member(m.name)
		}
	}
}

// column returns the column of a name, which is a new one at its first value.
func (o *rows) column(name string) *column {
	c := o.byName[name]
	if c == nil {
		c = &column{name: name, seen: map[look]int{}}
		o.byName[name] = c
		o.columns = append(o.columns, c)
	}
	return c
}
