package config

import (
	"slices"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

var (
	formats = []tables.Format{
		tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON,
		tables.DebeziumAvro, tables.FlattenedAvro, tables.UpsertAvro, tables.MaxwellJSON, tables.CanalJSON,
		tables.OGGJSON, tables.DMSJSON, tables.CockroachJSON, tables.TiCDCSimple, tables.TiCDCOpen,
	}
	keyFormats = []tables.KeyFormat{
		tables.KeyString, tables.KeyInt32, tables.KeyInt64, tables.KeyFloat64, tables.KeyUUID, tables.KeyBytes,
	}
	// schemaFormats are those whose records may say what their columns are.
	schemaFormats = []tables.Format{
		tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON, tables.DebeziumAvro, tables.FlattenedAvro, tables.UpsertAvro,
	}
	cellFormats  = []tables.Format{tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON}
	partitioners = []tables.Partitioner{
		tables.PartitionMurmur2, tables.PartitionFNV1a, tables.PartitionCRC32, tables.PartitionAny,
	}
)

func (o tableObject) source() tables.Source {
	out := tables.Source{Placeholder: tables.DefaultPlaceholder, Partitioner: tables.PartitionMurmur2}
	if !o.need("source", "want {topic: ..., format: debezium-json}") {
		return out
	}
	s := sourceObject{o.mapping("source", keysOf("tables[].source")...)}
	if s.need("topic", "the CDC topic that the table is made from") {
		out.Topic = s.text("topic", "")
		if err := kafka.ValidTopic(out.Topic); err != nil && !s.failed("topic") {
			s.fault("topic", "%v", err)
		}
	}
	if s.need("format", "one of "+words(formats)) {
		out.Format = tables.Format(s.choice("format", "", texts(formats)...))
		if out.Format.Avro() && !o.r.registry {
			s.fault("format", "%s needs kafka.schema_registry, where the schemas are: {url: http://localhost:8081}", out.Format)
		}
	}
	out.Placeholder = s.text("unavailable_placeholder", out.Placeholder)
	if out.Placeholder == "" && !s.failed("unavailable_placeholder") {
		s.fault("unavailable_placeholder", "want a text, such as the default %s", tables.DefaultPlaceholder)
	}
	out.Missing = s.missing()
	if out.Format.Messages() {
		out.Partitioner = tables.PartitionAny // their own is never Java's of the key
	}
	out.Partitioner = tables.Partitioner(s.choice("partitioner", string(out.Partitioner), texts(partitioners)...))
	if out.Format.Batches() && out.Partitioner != tables.PartitionAny && !s.failed("partitioner") {
		s.fault("partitioner", "want any: one record of %s may hold the rows of several keys", out.Format)
	}
	out.Table = s.oneTable(out.Format)
	out.KeyFrom = s.keyFrom(out.Format)
	out.KeyFormat = s.keyFormat(out)
	if out.Cells = s.flag("cells", false); out.Cells && !slices.Contains(cellFormats, out.Format) {
		s.fault("cells", "values are in cells with %s: leave it out with format %s", words(cellFormats), out.Format)
	}
	if out.Row = s.text("row", ""); s.values["row"] != nil && !s.failed("row") {
		s.rowMember(out)
	}
	out.DeleteWhen = s.text("delete_when", "")
	if out.DeleteWhen != "" && (out.Format.Avro() || out.Format.Messages()) {
		s.fault("delete_when", "records of %s say themselves what they delete, or are Avro: leave it out", out.Format)
	}
	return out
}

// sourceObject is the mapping of a table's source.
type sourceObject struct{ object }

// rowMember checks row: the member of the value in which the row is.
func (o sourceObject) rowMember(s tables.Source) {
	switch {
	case s.Format != tables.UpsertJSON && s.Format != tables.FlattenedJSON:
		o.fault("row", "only rows of %s and %s may be in a member of the value: leave it out with format %s", tables.UpsertJSON, tables.FlattenedJSON, s.Format)
	case s.Row == "" || strings.Contains(s.Row, "."):
		o.fault("row", "want the name of a member of the value, such as data")
	}
}

// keyFrom reads where keys are. Where messages have the row's key alone, both are the same.
func (o sourceObject) keyFrom(f tables.Format) tables.KeyFrom {
	const record, row = "record", "row"
	if o.choice("key_from", record, record, row) == record || f.Messages() {
		return tables.KeyFromRecord
	}
	return tables.KeyFromRow
}

// keyFormat reads how records' keys are written.
func (o sourceObject) keyFormat(s tables.Source) tables.KeyFormat {
	const json = "json"
	format := o.choice("key_format", json, append([]string{json}, texts(keyFormats)...)...)
	switch {
	case format == json:
		return tables.KeyJSON
	case s.KeyInRow():
		o.fault("key_format", "the row gives the key here, and records' keys are not read: leave it out")
	case s.Format.Avro():
		o.fault("key_format", "records' keys are Avro with format %s: leave it out", s.Format)
	}
	return tables.KeyFormat(format)
}

// oneTable reads table: which of the tables counts whose messages a topic holds.
func (o sourceObject) oneTable(f tables.Format) string {
	name := o.text("table", "")
	switch {
	case o.values["table"] == nil || o.failed("table"):
	case f.Messages() || f == tables.DebeziumJSON || f == tables.DebeziumAvro:
		most := 1
		if f == tables.DebeziumJSON || f == tables.DebeziumAvro {
			most = 2 // database, schema and table
		}
		if name == "" || strings.Count(name, ".") > most || strings.HasPrefix(name, ".") || strings.HasSuffix(name, ".") {
			o.fault("table", "want the source's table, such as shop.orders or orders")
		}
	default:
		o.fault("table", "only envelopes of Debezium and messages of Maxwell, Canal and TiCDC name their table: leave it out with format %s", f)
	}
	return name
}

// missing reads missing_columns: null, with or without quotes, or keep.
func (o sourceObject) missing() tables.MissingMode {
	n := o.values["missing_columns"]
	switch {
	case n == nil:
	case n.Kind == yaml.ScalarNode && n.Value == string(tables.MissingKeep):
		return tables.MissingKeep
	case n.Kind == yaml.ScalarNode && (n.ShortTag() == "!!null" || n.Value == "null"):
	default:
		o.fault("missing_columns", "want null or keep, found %s", describe(n))
	}
	return tables.MissingNull
}

func texts[T ~string](list []T) []string {
	out := make([]string, len(list))
	for i, v := range list {
		out[i] = string(v)
	}
	return out
}

// words joins names for a message.
func words[T ~string](list []T) string {
	out := ""
	for i, v := range list {
		switch {
		case i > 0 && i == len(list)-1:
			out += " or "
		case i > 0:
			out += ", "
		}
		out += string(v)
	}
	return out
}
