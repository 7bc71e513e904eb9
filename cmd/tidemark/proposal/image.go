package proposal

import (
	"encoding/json"
	"strings"

	"github.com/tidemark/tidemark/tables"
)

// image returns the row in a payload, or nothing.
func (o *rows) image(format tables.Format, ms []member) (row []member, deleted bool) {
	switch format {
	case tables.MaxwellJSON, tables.CanalJSON, tables.TiCDCSimple, tables.TiCDCOpen:
		return o.message(ms)
	case tables.OGGJSON, tables.CockroachJSON, tables.DMSJSON:
		return wrapped(format, ms)
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
	if o.within != "" {
		row, _ = members(find(ms, o.within))
		o.beside(ms)
		return row, false
	}
	return ms, false
}

// wrapped returns the row in an envelope that says beside it what happened.
func wrapped(format tables.Format, ms []member) (row []member, deleted bool) {
	if format != tables.DMSJSON {
		row, _ = members(find(ms, "after"))
		return row, string(find(ms, "op_type")) == `"D"` || isNull(find(ms, "after")) && find(ms, "op_type") == nil
	}
	meta, _ := members(find(ms, "metadata"))
	if string(find(meta, "record-type")) == `"control"` {
		return nil, false
	}
	row, _ = members(find(ms, "data"))
	return row, string(find(meta, "operation")) == `"delete"`
}

// message returns the row, or the first one, in a message of Maxwell or Canal.
func (o *rows) message(ms []member) (row []member, deleted bool) {
	deleted = strings.EqualFold(strings.Trim(string(find(ms, "type")), `"`), "delete")
	data := find(ms, "data")
	if data == nil && deleted {
		data = find(ms, "old") // as TiCDC writes it
	}
	var list []json.RawMessage
	if json.Unmarshal(data, &list) == nil && len(list) > 0 {
		data = list[0]
	}
	row, _ = members(data)
	return row, deleted
}

// types keeps what a message says about its columns: their types and the key.
func (o *rows) types(format tables.Format, ms []member) {
	switch format {
	case tables.OGGJSON:
		o.primaryKeys(find(ms, "primary_keys"))
	case tables.CockroachJSON:
		source, _ := members(find(ms, "source"))
		o.primaryKeys(find(source, "primary_keys"))
	case tables.CanalJSON, tables.TiCDCOpen:
		o.primaryKeys(find(ms, "pkNames"))
	default:
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
}

// primaryKeys takes the names of the key's columns, where a message has them.
func (o *rows) primaryKeys(raw []byte) {
	var keys []string
	if json.Unmarshal(raw, &keys) == nil && len(keys) > 0 {
		o.keyNames = keys
	}
}
