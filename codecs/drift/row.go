package drift

import (
	"encoding/json"
	"strings"

	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/tables"
)

// location is where the row is in a record, with what the record says beside it.
type location struct {
	row      map[string]json.RawMessage
	schema   *convert.Schema   // of the row
	types    map[string]string // of its members, where the message lists them
	table    string
	complete bool
	added    bool // the row has members that a transform has added
	keyed    bool // the record's key has the row's key columns as members
}

// rowIn finds the row of a create, an update or a read.
func rowIn(s tables.Source, schema *convert.Schema, payload map[string]json.RawMessage) (location, bool) {
	if member := s.RowMember(); member != "" {
		p := location{row: object(payload[member]), schema: memberOfSchema(schema, member), keyed: !s.KeyInRow()}
		return p, len(p.row) > 0
	}
	switch s.Format {
	case tables.DebeziumJSON, tables.DebeziumAvro:
		return inEnvelope(schema, payload)
	case tables.FlattenedJSON, tables.FlattenedAvro:
		return location{row: payload, schema: schema, table: text(payload["__table"]), complete: true, added: true, keyed: true}, len(payload) > 0
	case tables.UpsertJSON, tables.UpsertAvro:
		return location{row: payload, schema: schema, keyed: true}, len(payload) > 0
	case tables.MaxwellJSON:
		return inMaxwell(payload)
	case tables.CanalJSON:
		return inCanal(payload)
	case tables.TiCDCSimple, tables.TiCDCOpen:
		p := location{row: object(payload["data"]), table: named(payload, "table", "database"), complete: true, types: mysqlTypes(payload)}
		return p, len(p.row) > 0
	}
	return location{}, false
}

func inEnvelope(schema *convert.Schema, payload map[string]json.RawMessage) (location, bool) {
	p := location{row: object(payload["after"]), schema: memberOfSchema(schema, "after"), complete: true, keyed: true}
	source := object(payload["source"])
	p.table = named(source, "table", "schema", "db")
	if p.table == "" {
		p.table = named(source, "collection", "db")
	}
	switch text(payload["op"]) {
	case "c", "r", "u":
		return p, len(p.row) > 0
	}
	return location{}, false
}

// named returns a table's name with that of what holds it, the first that is there.
func named(source map[string]json.RawMessage, table string, holders ...string) string {
	name := text(source[table])
	if name == "" {
		return ""
	}
	for _, h := range holders {
		if in := text(source[h]); in != "" {
			return in + "." + name
		}
	}
	return name
}

func inMaxwell(payload map[string]json.RawMessage) (location, bool) {
	p := location{row: object(payload["data"]), table: named(payload, "table", "database")}
	switch text(payload["type"]) {
	case "insert", "update", "bootstrap-insert":
		return p, len(p.row) > 0
	}
	return location{}, false
}

func inCanal(payload map[string]json.RawMessage) (location, bool) {
	var rows []json.RawMessage
	_ = json.Unmarshal(payload["data"], &rows)
	if len(rows) == 0 {
		return location{}, false
	}
	p := location{row: object(rows[0]), table: named(payload, "table", "database"), types: mysqlTypes(payload)}
	switch strings.ToUpper(text(payload["type"])) {
	case "INSERT", "UPDATE", "INIT":
		return p, len(p.row) > 0
	}
	return location{}, false
}

// mysqlTypes are the types that a message lists beside its row.
func mysqlTypes(payload map[string]json.RawMessage) map[string]string {
	out := map[string]string{}
	for name, raw := range object(payload["mysqlType"]) {
		out[name] = strings.ToLower(text(raw))
	}
	return out
}

// text returns a JSON string; empty where it is none.
func text(raw json.RawMessage) string {
	var s string
	if json.Unmarshal(raw, &s) != nil {
		return ""
	}
	return s
}
