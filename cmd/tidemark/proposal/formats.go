package proposal

import (
	"cmp"
	"encoding/json"
	"slices"
	"strings"

	"github.com/tidemark/tidemark/cmd/tidemark/catalogue"
	"github.com/tidemark/tidemark/tables"
)

// formatOf recognises a format by the members that each format always has, and by the record's key.
// What is beside the rows has none.
func formatOf(key []byte, ms []member) tables.Format {
	has := func(name string) bool { return find(ms, name) != nil }
	switch {
	case changefeed(key, ms):
		return tables.CockroachJSON
	case goldenGate(ms):
		return tables.OGGJSON
	case migration(ms):
		return tables.DMSJSON
	case len(ms) == 1 && has("resolved"):
		return "" // a sign of life of a changefeed
	case envelope(ms):
		return tables.DebeziumJSON
	case has("commitTs") && has("type") && has("version") && has("batched"):
		return tables.TiCDCOpen
	case has("commitTs") && has("buildTs") && has("type") && has("version"):
		return tables.TiCDCSimple
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

// changefeed reports whether the members are those of a changefeed of CockroachDB: a row in after,
// with its clock or under a key that is a list; or the enriched envelope, whose source is of no connector.
func changefeed(key []byte, ms []member) bool {
	after := find(ms, "after")
	if after == nil || after[0] != '{' && !isNull(after) {
		return false
	}
	if source, ok := members(find(ms, "source")); ok {
		return find(source, "connector") == nil && slices.ContainsFunc(source, func(m member) bool {
			return slices.Contains([]string{"db_version", "changefeed_sink", "ts_hlc", "cluster_id"}, m.name)
		})
	}
	own := []string{"after", "before", "key", "updated", "mvcc_timestamp", "topic"}
	if slices.ContainsFunc(ms, func(m member) bool { return !slices.Contains(own, m.name) }) {
		return false
	}
	_, listed := listOf(key)
	return listed || find(ms, "updated") != nil || find(ms, "mvcc_timestamp") != nil
}

// goldenGate reports whether the members are those of GoldenGate's JSON.
func goldenGate(ms []member) bool {
	switch string(find(ms, "op_type")) {
	case `"I"`, `"U"`, `"D"`:
		return find(ms, "table") != nil && (objectOf(find(ms, "after")) || objectOf(find(ms, "before")))
	case `"T"`:
		return find(ms, "table") != nil
	}
	return false
}

// migration reports whether the members are those of AWS DMS.
func migration(ms []member) bool {
	meta, ok := members(find(ms, "metadata"))
	return ok && find(meta, "record-type") != nil && find(meta, "operation") != nil
}

func objectOf(raw []byte) bool { return len(raw) > 0 && raw[0] == '{' }

// toldTable returns the source's table that a record names, or nothing.
func toldTable(format tables.Format, ms []member) string {
	var in []member
	var names []string
	switch format {
	case tables.DebeziumJSON:
		in, _ = members(find(ms, "source"))
		names = []string{"schema", "table"}
	case tables.DMSJSON:
		in, _ = members(find(ms, "metadata"))
		names = []string{"schema-name", "table-name"}
	case tables.OGGJSON:
		in, names = ms, []string{"table"}
	case tables.MaxwellJSON, tables.CanalJSON, tables.TiCDCSimple, tables.TiCDCOpen:
		in, names = ms, []string{"database", "table"}
	default:
		return ""
	}
	if find(in, names[len(names)-1]) == nil {
		return ""
	}
	var parts []string
	for _, name := range names {
		if part := textOf(find(in, name)); part != "" {
			parts = append(parts, part)
		}
	}
	return strings.Join(parts, ".")
}

// originOf returns what a record of a format says of where it comes from.
func originOf(format tables.Format, ms []member) catalogue.Origin {
	text := func(ms []member, name string) string { return textOf(find(ms, name)) }
	switch format {
	case tables.DebeziumJSON:
		source, _ := members(find(ms, "source"))
		return catalogue.Origin{Connector: text(source, "name"), Database: text(source, "db"), Schema: text(source, "schema"), Table: text(source, "table")}
	case tables.FlattenedJSON:
		added := func(name string) string { return cmp.Or(text(ms, "__"+name), text(ms, "__source_"+name)) }
		return catalogue.Origin{Connector: added("name"), Database: added("db"), Schema: added("schema"), Table: added("table")}
	case tables.MaxwellJSON, tables.CanalJSON, tables.TiCDCSimple, tables.TiCDCOpen:
		return catalogue.Origin{Database: text(ms, "database"), Table: text(ms, "table")}
	}
	return catalogue.Origin{}
}
