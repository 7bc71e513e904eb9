package tables

import (
	"strconv"
	"time"
)

// Format names how the records of a source topic are written.
type Format string

// The formats of source topics.
const (
	DebeziumJSON  Format = "debezium-json"
	DebeziumAvro  Format = "debezium-avro"
	FlattenedJSON Format = "flattened-json"
	FlattenedAvro Format = "flattened-avro"
	UpsertJSON    Format = "upsert-json"
	UpsertAvro    Format = "upsert-avro"
	MaxwellJSON   Format = "maxwell-json"
	CanalJSON     Format = "canal-json"
	OGGJSON       Format = "ogg-json"
	DMSJSON       Format = "dms-json"
	CockroachJSON Format = "cockroachdb-json"
	TiCDCSimple   Format = "ticdc-simple-json"
	TiCDCOpen     Format = "ticdc-open"
)

// Messages reports whether records in the format are messages about rows, of which none needs
// a key beside it: data and old hold the row's.
func (f Format) Messages() bool {
	switch f {
	case MaxwellJSON, CanalJSON, TiCDCSimple, TiCDCOpen:
		return true
	}
	return false
}

// Batches reports whether one record may hold the rows of several keys.
func (f Format) Batches() bool { return f == CanalJSON || f == TiCDCOpen }

// Avro reports whether records in the format name their schemas in a registry.
func (f Format) Avro() bool {
	return f == DebeziumAvro || f == FlattenedAvro || f == UpsertAvro
}

// Partitioner names how the source's producer chose the partition of a key.
type Partitioner string

// The partitioners that a source can declare. PartitionAny promises nothing.
const (
	PartitionMurmur2 Partitioner = "murmur2"
	PartitionFNV1a   Partitioner = "fnv1a"
	PartitionCRC32   Partitioner = "crc32"
	PartitionAny     Partitioner = "any"
)

// MissingMode says what a column is whose member an event does not have.
type MissingMode string

// The modes: null, which is the default, or what is stored.
const (
	MissingNull MissingMode = ""
	MissingKeep MissingMode = "keep"
)

// KeyFrom says where the values of a row's key are taken from.
type KeyFrom string

// Where keys are: in the record's key, which is the default, or in the row.
const (
	KeyFromRecord KeyFrom = ""
	KeyFromRow    KeyFrom = "row"
)

// KeyFormat names how a record's key is written.
type KeyFormat string

// The formats of keys. JSON, which is the default, takes a text without quotes as well, and
// eight bytes that are no JSON for an int64. Numbers are big endian, as Kafka's serializers
// write them.
const (
	KeyJSON    KeyFormat = ""
	KeyString  KeyFormat = "string"
	KeyInt32   KeyFormat = "int32"
	KeyInt64   KeyFormat = "int64"
	KeyFloat64 KeyFormat = "float64"
	KeyUUID    KeyFormat = "uuid"
	KeyBytes   KeyFormat = "bytes"
)

// ColumnsFrom says where a table's columns come from that are not declared.
type ColumnsFrom string

// Where they come from: nowhere, which is the default, or the schema of the records.
const (
	ColumnsDeclared ColumnsFrom = ""
	ColumnsSchema   ColumnsFrom = "schema"
)

// DocumentMode says whether a row keeps the raw JSON it was read from.
type DocumentMode string

// The document modes.
const (
	DocumentDrop DocumentMode = "drop"
	DocumentKeep DocumentMode = "keep"
)

// DefaultPlaceholder is the text that Debezium writes for a value that the
// database's log did not carry (unavailable.value.placeholder).
const DefaultPlaceholder = "__debezium_unavailable_value"

// Source is the CDC topic that a table is made from.
type Source struct {
	Topic       string      `json:"topic"`
	Format      Format      `json:"format"`
	Placeholder string      `json:"unavailable_placeholder,omitempty"`
	Partitioner Partitioner `json:"partitioner,omitempty"`
	Missing     MissingMode `json:"missing_columns,omitempty"`
	// Table is the source's table whose messages count, as database.table or table, where
	// a topic holds those of several; with Debezium also as schema.table or
	// database.schema.table. Empty: all of them.
	Table string `json:"table,omitempty"`
	// KeyFrom says where the key's values are: in the record's key, which the row
	// completes, or in the row alone.
	KeyFrom KeyFrom `json:"key_from,omitempty"`
	// KeyFormat is how the record's key is written, in a table whose key is one column.
	KeyFormat KeyFormat `json:"key_format,omitempty"`
	// Cells says that a value is written as {"value": ...} in a member of its column's name,
	// and that a member which is absent or null says nothing: the column keeps its value.
	Cells bool `json:"cells,omitempty"`
	// Row is the member of a record's value in which the row is; empty: the value is the row.
	Row string `json:"row,omitempty"`
	// DeleteWhen is a condition on columns and paths under which a record deletes its row.
	DeleteWhen string `json:"delete_when,omitempty"`
}

// Column is one typed column of a table.
type Column struct {
	Name string `json:"name"`
	Type Type   `json:"type"`
	Path string `json:"path,omitempty"` // where in the row, dotted; the name when empty
	// OtherPaths are where the value is in rows that have nothing at the path: the
	// first of them that is there counts.
	OtherPaths []string `json:"other_paths,omitempty"`
	// Items is the type of the items of arrays, in a column of type json; the encoding
	// is theirs then. Nil: what the records' schema says about them, or their JSON.
	Items    *Type    `json:"items,omitempty"`
	Encoding Encoding `json:"encoding,omitempty"` // how the source writes it; EncodingNone when its JSON says all
	Index    bool     `json:"index,omitempty"`
	// NullOnError serves null for a value that the type cannot hold, instead of
	// sending the whole record to the dead letters.
	NullOnError bool `json:"null_on_error,omitempty"`
	// Told says that no file declares the column: the records' schema has told it.
	Told bool `json:"told,omitempty"`
}

// Where returns the dotted path of the column's value in a row.
func (c Column) Where() string {
	if c.Path != "" {
		return c.Path
	}
	return c.Name
}

// Places returns where the value may be in a row: the first that is there counts.
func (c Column) Places() []string { return append([]string{c.Where()}, c.OtherPaths...) }

// BatchPolicy says when batches are taken and how long they are kept.
type BatchPolicy struct {
	Schedule string        `json:"schedule,omitempty"`  // cron, "@every 30m" or "@on-demand"
	MaxDelta int64         `json:"max_delta,omitempty"` // take one after so many changes; 0 = never for that reason
	KeepLast int           `json:"keep_last,omitempty"` // batches kept by count, at least 1
	KeepFor  time.Duration `json:"keep_for,omitempty"`  // and by age; in JSON as nanoseconds
}

// Keeps reports whether a complete batch of some age is kept that so many newer ones come
// before: the last ones are, young ones too, and always the newest.
func (b BatchPolicy) Keeps(newer int, age time.Duration) bool {
	return newer < max(b.KeepLast, 1) || b.KeepFor > 0 && age <= b.KeepFor
}

// Rollup is an aggregate over a table's rows that is kept exact as they change.
type Rollup struct {
	Name     string    `json:"name"`
	GroupBy  []string  `json:"group_by"`
	Measures []Measure `json:"measures"`
}

// Measure is one value of a rollup's groups: function(column), or count().
type Measure struct {
	Name     string `json:"name"`
	Function string `json:"function"`         // count, sum, avg, min, max or count_distinct
	Column   string `json:"column,omitempty"` // empty for count()
}

// OnDemand is the schedule of a table whose batches are only taken when asked for.
const OnDemand = "@on-demand"

// Table is a declared live table. Its JSON is kept in Kafka: the names of members
// stay what they are.
type Table struct {
	Name string `json:"name"`
	// Generation counts how often the table has been built anew beside itself: each
	// generation has topics and local files of its own. The first is 0.
	Generation int          `json:"generation"`
	Source     Source       `json:"source"`
	Key        []string     `json:"key"`
	Columns    []Column     `json:"columns"`
	Document   DocumentMode `json:"document,omitempty"`
	SortKey    []string     `json:"sort_key,omitempty"`
	Where      string       `json:"where,omitempty"`
	Batch      BatchPolicy  `json:"batch"`
	Rollups    []Rollup     `json:"rollups,omitempty"`
	// ColumnsFrom says that what the records' schema tells becomes columns beside those that
	// are declared. Columns are all that there are by now.
	ColumnsFrom ColumnsFrom `json:"columns_from,omitempty"`
}

// Instance names the table's generation, apart from all others of this and other
// tables: the name alone for the first one. No table's name has a hyphen.
func (t *Table) Instance() string {
	if t.Generation == 0 {
		return t.Name
	}
	return t.Name + "-" + strconv.Itoa(t.Generation)
}

// ColumnIndex returns the place of the named column, or -1.
func (t *Table) ColumnIndex(name string) int {
	for i := range t.Columns {
		if t.Columns[i].Name == name {
			return i
		}
	}
	return -1
}

// Repartitioned reports whether the source's records go through a topic of ours first, by
// their decoded keys: its producer does not place each key in one partition.
func (t *Table) Repartitioned() bool { return t.Source.Partitioner == PartitionAny }

// KeyColumns returns the places of the key's columns, in the key's order.
// The table must have been validated: every key name is a column.
func (t *Table) KeyColumns() []int { return t.indexes(t.Key) }

// SortColumns returns the places of the sort key's columns; the key's when no
// sort key is declared.
func (t *Table) SortColumns() []int {
	if len(t.SortKey) == 0 {
		return t.KeyColumns()
	}
	return t.indexes(t.SortKey)
}

func (t *Table) indexes(names []string) []int {
	out := make([]int, len(names))
	for i, n := range names {
		out[i] = t.ColumnIndex(n)
	}
	return out
}

// KeyTypes returns the types of the key's columns, in the key's order.
func (t *Table) KeyTypes() []Type {
	out := make([]Type, len(t.Key))
	for i, c := range t.KeyColumns() {
		out[i] = t.Columns[c].Type
	}
	return out
}
