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
	mongo    bool    // rows are extended JSON in a text
	schema   *schema // of the row, from the newest record that has one
	columns  []*column
	byName   map[string]*column
	told     map[string]string // a column's type, as a message says it
	keyNames []string          // members of the records' keys
	bareKey  []string          // columns that equalled every bare key so far; nil before the first
	sawBare  bool
	count    int
	deletes  int
	others   int
	// rewritten is true when rows tell whether they are deleted: deletes would be written, too.
	rewritten bool
	table     string          // the source's table that the first envelope tells
	more      map[string]bool // the other tables of the topic
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

// readRows looks at every record once, in the order of their times: the newest schema is
// today's. The first row decides on the format.
func readRows(records []*codecs.Record) (*rows, error) {
	records = slices.Clone(records)
	slices.SortStableFunc(records, func(a, b *codecs.Record) int { return a.Time.Compare(b.Time) })
	out := &rows{byName: map[string]*column{}, told: map[string]string{}, more: map[string]bool{}}
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
	o.count++
	o.types(format, ms)
	if s != nil {
		o.schema = s.row(format)
	}
	o.observe(row)
	o.observeKey(r.Key, row)
}

// elsewhere reports whether an envelope is of another table than the first one: rows of
// several make no table.
func (o *rows) elsewhere(format tables.Format, ms []member) bool {
	if format != tables.DebeziumJSON {
		return false
	}
	source, _ := members(find(ms, "source"))
	name := ""
	for _, part := range []string{"schema", "table"} {
		var s string
		if json.Unmarshal(find(source, part), &s) == nil && s != "" {
			name = strings.TrimPrefix(name+"."+s, ".")
		}
	}
	switch {
	case find(source, "table") == nil || name == o.table:
		return false
	case o.table == "":
		o.table = name
		return false
	}
	o.more[name] = true
	return true
}

// formatOf tells by the members that each format always has.
func formatOf(ms []member) tables.Format {
	has := func(name string) bool { return find(ms, name) != nil }
	switch {
	case envelope(ms):
		return tables.DebeziumJSON
	case has("data") && has("database") && has("table") && has("type") && has("isDdl"):
		return tables.CanalJSON
	case has("data") && has("database") && has("table") && has("type"):
		return tables.MaxwellJSON
	case string(find(ms, "op")) == `"m"` && has("message") || has("databaseName") && has("ddl") || has("data") && has("type"):
		return "" // something beside the rows, or a format of another tool
	case slices.ContainsFunc(ms, func(m member) bool { return added(m.name) }):
		return tables.FlattenedJSON
	}
	return tables.UpsertJSON
}

// envelope reports whether the members are those of Debezium's envelope. A row may have
// columns of the same names, which hold something else.
func envelope(ms []member) bool {
	source, after, before := find(ms, "source"), find(ms, "after"), find(ms, "before")
	switch string(find(ms, "op")) {
	case `"c"`, `"r"`, `"u"`, `"d"`, `"t"`:
		return len(source) > 0 && source[0] == '{' && (after != nil || before != nil || string(find(ms, "op")) == `"t"`)
	}
	return images(ms, before, after)
}

// images reports whether the members are before and after alone, without op.
func images(ms []member, before, after json.RawMessage) bool {
	object := false
	for _, raw := range []json.RawMessage{before, after} {
		if raw == nil || raw[0] != '{' && raw[0] != 'n' {
			return false
		}
		object = object || raw[0] == '{'
	}
	return object && !slices.ContainsFunc(ms, func(m member) bool {
		return !slices.Contains([]string{"before", "after", "source", "ts_ms", "transaction"}, m.name)
	})
}

// added reports whether a member was put into the row by the flattening transform.
func added(name string) bool {
	return slices.Contains([]string{"__op", "__table", "__lsn", "__source_ts_ms", "__deleted", "__db", "__schema"}, name) ||
		strings.HasPrefix(name, "__source_")
}

// image returns the row in a payload, or nothing.
func (o *rows) image(format tables.Format, ms []member) (row []member, deleted bool) {
	switch format {
	case tables.MaxwellJSON, tables.CanalJSON:
		return o.message(ms)
	case tables.DebeziumJSON:
		after := find(ms, "after")
		var text string
		if len(after) > 0 && after[0] == '"' && json.Unmarshal(after, &text) == nil {
			after, o.mongo = json.RawMessage(text), true
		}
		deleted = string(find(ms, "op")) == `"d"` || find(ms, "op") == nil && isNull(after)
		if isNull(after) {
			return nil, deleted
		}
		row, _ = members(after)
		return row, deleted
	case tables.FlattenedJSON:
		for _, m := range ms {
			o.rewritten = o.rewritten || m.name == "__deleted"
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

// message returns the row, or the first one, in a message of Maxwell or Canal.
func (o *rows) message(ms []member) (row []member, deleted bool) {
	deleted = strings.EqualFold(strings.Trim(string(find(ms, "type")), `"`), "delete")
	data := find(ms, "data")
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil && len(list) > 0 {
		data = list[0]
	}
	row, _ = members(data)
	return row, deleted
}

// types keeps what a message of Canal tells of its columns: their types and the key.
func (o *rows) types(format tables.Format, ms []member) {
	if format != tables.CanalJSON {
		return
	}
	if named, ok := members(find(ms, "mysqlType")); ok {
		for _, m := range named {
			var name string
			if json.Unmarshal(m.raw, &name) == nil {
				o.told[m.name] = name
			}
		}
	}
	var keys []string
	if json.Unmarshal(find(ms, "pkNames"), &keys) == nil && len(keys) > 0 {
		o.keyNames = keys
	}
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
		if o.mongo && c.told == "" {
			c.told = tagOf(m.raw)
		}
		if name := o.told[m.name]; name != "" {
			c.told = name
		}
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
				if o.format == tables.MaxwellJSON { // {"database":"shop","table":"orders","pk.id":1}
					name, part := strings.CutPrefix(m.name, "pk.")
					if !part {
						continue
					}
					m.name = name
				}
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
