package cdc

import (
	"errors"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// split does to records what the topic by keys does: each part becomes a record.
func split(t testing.TB, table *tables.Table, records []*codecs.Record) []*codecs.Record {
	t.Helper()
	s, err := NewSplitter(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var out []*codecs.Record
	for _, r := range records {
		parts, err := s.Split(r, nil)
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range parts {
			one := *r
			one.Value = p.Value
			one.Headers = append(one.Headers[:len(one.Headers):len(one.Headers)], p.Header()...)
			out = append(out, &one)
		}
	}
	return out
}

func repartitionedTable(t testing.TB, format tables.Format, key string, columns ...tables.Column) *tables.Table {
	table := codectest.Table(format, key, columns...)
	table.Source.Partitioner = tables.PartitionAny
	return table
}

// changes folds records as they are when they have been split.
func changes(t *testing.T, table *tables.Table, values ...string) *folded {
	t.Helper()
	var records []*codecs.Record
	for _, v := range values {
		records = append(records, record("-", v))
	}
	return fold(t, table, split(t, table, records))
}

func canal(kind, data, old string) string {
	return `{"data":` + data + `,"database":"shop","es":1668673394000,"id":5,"isDdl":false,"mysqlType":{"id":"bigint"},"old":` + old +
		`,"pkNames":["id"],"sql":"","table":"t","ts":1668673394788,"type":"` + kind + `"}`
}

func maxwell(kind, data, more string) string {
	return `{"database":"shop","table":"t","type":"` + kind + `","ts":1596684883,"xid":7125,"commit":true,"data":` + data + more + `}`
}

func TestCanalRows(t *testing.T) {
	table := repartitionedTable(t, tables.CanalJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"), codectest.Column(t, "n", "decimal(20,2)"),
		codectest.Column(t, "ok", "bool"), codectest.Column(t, "at", "timestamp"), codectest.Column(t, "j", "json"), codectest.Column(t, "b", "bytes"), codectest.Column(t, "f", "float64"))
	f := changes(t, table,
		canal("INSERT", `[{"id":"9007199254740993","v":"1","n":"12345678901234567.89","ok":"1","at":"2018-01-01 00:00:01","j":"{\"a\": [1]}","b":"\u0000\u00ff","f":"0.65"},
			{"id":"2","v":null,"n":null,"ok":"0","at":null,"j":null,"b":null,"f":null},{"id":"3","v":"x"}]`, "null"),
		canal("UPDATE", `[{"id":"4","v":"moved"},{"id":"2","v":"two"}]`, `[{"id":"3","v":"x"},{"v":null}]`),
	)
	if len(f.bad) > 0 {
		t.Fatal(f.bad)
	}
	expectRows(t, f, map[string]map[string]string{
		"9007199254740993": {"id": "9007199254740993", "v": `"1"`, "n": "12345678901234567.89", "ok": "true", "at": `"2018-01-01T00:00:01.000000Z"`, "j": `{"a": [1]}`, "b": `"AP8="`, "f": "0.65"},
		"2":                {"id": "2", "v": `"two"`, "n": "null", "ok": "null", "at": "null", "j": "null", "b": "null", "f": "null"},
		"4":                {"id": "4", "v": `"moved"`, "n": "null", "ok": "null", "at": "null", "j": "null", "b": "null", "f": "null"},
	})
	f = changes(t, table, canal("INSERT", `[{"id":"1"},{"id":"2"},{"id":"3"}]`, "null"), canal("DELETE", `[{"id":"1"},{"id":"3"}]`, "null"))
	if len(f.rows) != 1 {
		t.Errorf("%d rows after a delete of two, want 1", len(f.rows))
	}
	f = changes(t, table, canal("INSERT", `[{"id":"1"},{"id":"2"}]`, "null"), canal("TRUNCATE", "null", "null"), canal("INSERT", `[{"id":"7"}]`, "null"))
	if len(f.rows) != 1 {
		t.Errorf("%d rows after a truncate and an insert, want 1", len(f.rows))
	}
}

func TestOneBadRowOfSeveral(t *testing.T) {
	table := repartitionedTable(t, tables.CanalJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "n", "int64"))
	f := changes(t, table, canal("INSERT", `[{"id":"1","n":"1"},{"n":"2"},{"id":"x","n":"3"},{"id":"4","n":"y"},{"id":"5","n":"5"}]`, "null"))
	if len(f.rows) != 2 || len(f.bad) != 3 {
		t.Errorf("%d rows and %d dead letters, want 2 and 3: %v", len(f.rows), len(f.bad), f.bad)
	}
}

func TestCanalSkips(t *testing.T) {
	table := repartitionedTable(t, tables.CanalJSON, "id", codectest.Column(t, "id", "int64"))
	table.Source.Table = "shop.t"
	other := strings.Replace(canal("INSERT", `[{"id":"1"},{"id":"2"}]`, "null"), `"table":"t"`, `"table":"u"`, 1)
	f := changes(t, table,
		canal("CREATE", "null", "null"), canal("ERASE", "null", "null"), canal("QUERY", "null", "null"), canal("INSERT", "null", "null"),
		canal("UPDATE", "[]", "[]"), canal("MHEARTBEAT", "null", "null"), canal("NEW", "null", "null"), other,
		strings.Replace(canal("TRUNCATE", "null", "null"), `"shop"`, `"sho"`, 1))
	expectSkips(t, f, map[string]int{
		SkipSchemaChange: 3, SkipNoRow: 2, SkipHeartbeat: 1, SkipUnknownOp: 1, SkipOtherTable: 2,
	})
	if len(f.bad) > 0 {
		t.Error(f.bad)
	}
}

func TestMaxwellRows(t *testing.T) {
	table := repartitionedTable(t, tables.MaxwellJSON, "id,sub", codectest.Column(t, "id", "int64"), codectest.Column(t, "sub", "string"), codectest.Column(t, "v", "string"))
	f := changes(t, table,
		maxwell("bootstrap-start", "{}", ""),
		maxwell("bootstrap-insert", `{"id":1,"sub":"a","v":"one"}`, ""),
		maxwell("bootstrap-complete", "{}", ""),
		maxwell("insert", `{"id":9007199254740993,"sub":"a","v":"big"}`, ""),
		maxwell("update", `{"id":2,"sub":"a","v":"one"}`, `,"old":{"id":1}`),
		maxwell("insert", `{"id":3,"sub":"a","v":"three"}`, ""),
		maxwell("update", `{"id":3,"sub":"a","v":"drei"}`, `,"old":{"v":"three"}`),
		maxwell("insert", `{"id":4,"sub":"a","v":"four"}`, ""),
		maxwell("delete", `{"id":4,"sub":"a","v":"four"}`, ""),
		`{"type":"table-create","database":"shop","table":"t","def":{},"ts":1,"sql":"create table"}`,
		`{"type":"table-alter","database":"shop","table":"t","old":{},"def":{},"ts":1,"sql":"alter"}`,
		`{"type":"table-drop","database":"shop","table":"t","ts":1,"sql":"drop"}`,
	)
	if len(f.bad) > 0 {
		t.Fatal(f.bad)
	}
	expectRows(t, f, map[string]map[string]string{
		"2,a":                {"id": "2", "sub": `"a"`, "v": `"one"`},
		"3,a":                {"id": "3", "sub": `"a"`, "v": `"drei"`},
		"9007199254740993,a": {"id": "9007199254740993", "sub": `"a"`, "v": `"big"`},
	})
	expectSkips(t, f, map[string]int{SkipBootstrap: 2, SkipSchemaChange: 3})
}

func TestMaxwellKeyChange(t *testing.T) {
	table := repartitionedTable(t, tables.MaxwellJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "v", "string"))
	s, err := NewSplitter(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	r := record(`{"database":"shop","table":"t","pk.id":2}`, maxwell("update", `{"id":2,"v":"x"}`, `,"old":{"id":1,"v":"w"}`))
	parts, err := s.Split(r, nil)
	if err != nil || len(parts) != 2 || parts[0].Op != tables.Delete || parts[1].Op != tables.Upsert || string(parts[1].Value) != string(r.Value) {
		t.Fatalf("%+v, %v", parts, err)
	}
	records := split(t, table, []*codecs.Record{r})
	var gone, came tables.Change
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(records[0], &gone); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(records[1], &came); err != nil {
		t.Fatal(err)
	}
	if gone.Key != parts[0].Key || gone.NewKey != came.Key || came.OldKey != gone.Key || came.Key != parts[1].Key {
		t.Errorf("deleted %q for %q, came %q for %q", gone.Key, gone.NewKey, came.Key, came.OldKey)
	}

	table.Source.Partitioner = tables.PartitionMurmur2
	if d, err = NewDecoder(table, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(r, &came); err == nil || !strings.Contains(err.Error(), "partitioner: any") {
		t.Errorf("a key change that nobody splits is %v", err)
	}
}

func TestMaxwellPositionsAndNulls(t *testing.T) {
	table := repartitionedTable(t, tables.MaxwellJSON, "id", codectest.Column(t, "id", "int64"))
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var first, second, last tables.Change
	at := `{"database":"shop","table":"t","type":"insert","ts":1596684883,"position":"binlog.000042:777",`
	for more, c := range map[string]*tables.Change{`"xoffset":3,`: &first, `"xoffset":4,`: &second, `"commit":true,`: &last} {
		if err := d.Decode(record("-", at+more+`"data":{"id":1}}`), c); err != nil {
			t.Fatal(err)
		}
		if c.Source.Kind != tables.SourceMySQL || c.Source.Major != 42 || c.Source.Minor != 777 || c.Time != 1_596_684_883_000_000 {
			t.Errorf("%s: %+v at %d", more, c.Source, c.Time)
		}
	}
	if first.Source.Compare(second.Source) >= 0 || second.Source.Compare(last.Source) >= 0 {
		t.Errorf("the rows of one transaction are not in order: %v %v %v", first.Source, second.Source, last.Source)
	}
	var c tables.Change
	if err := d.Decode(record(`{"database":"shop","table":"t","pk.id":7}`, "-"), &c); err != nil || c.Op != tables.Delete || c.Key != tables.EncodeKey(tables.Int64Value(7)) {
		t.Errorf("a null under Maxwell's key is %v, %v", c, err)
	}
	if err := d.Decode(record("-", "-"), &c); err != nil || c.Reason != SkipTombstone {
		t.Errorf("a null without a key is %v, %v", c, err)
	}
}

func TestMessagesThatAreNone(t *testing.T) {
	for _, format := range []tables.Format{tables.MaxwellJSON, tables.CanalJSON} {
		d, err := NewDecoder(repartitionedTable(t, format, "id", codectest.Column(t, "id", "int64")), Options{})
		if err != nil {
			t.Fatal(err)
		}
		for _, c := range []struct{ value, field string }{
			{`{"id":1}`, "value.type"}, {`[1]`, "value"}, {`{"type":"insert","data": {"id":1}`, "value"}, {`"x"`, "value"},
			{"\xff", "value"}, {`{"type":"update","data":{"id":1},"old":7}`, "old"}, {`{"type":"UPDATE","data":[{"id":1}],"old":[7]}`, "old"},
			{`{"type":"insert","data":{"v":1}}`, "key.id"}, {`{"type":"INSERT","data":[{"v":1}]}`, "key.id"},
			{`{"type":"delete","data":7}`, "data"}, {`{"type":"DELETE","data":[7]}`, "data"},
		} {
			if strings.Contains(c.value, `"data":{`) && format == tables.CanalJSON {
				c.field = "data" // which is a list of rows there
			}
			var change tables.Change
			err := d.Decode(record("-", c.value), &change)
			var e *codecs.Error
			if err == nil && change.Reason == SkipUnknownOp {
				continue // the other format's word
			}
			if !errors.As(err, &e) || e.Field != c.field {
				t.Errorf("%s, %s: %v, want a fault of %s", format, c.value, err, c.field)
			}
		}
	}
}

func TestEveryFormatSplits(t *testing.T) {
	table := repartitionedTable(t, tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "n", "decimal(10,2)", "decimal_base64"))
	s, err := NewSplitter(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		r  *codecs.Record
		op tables.Op
	}{
		{record(`{"id":1}`, op("c", `{"id":1,"n":"what"}`)), tables.Upsert}, // its other columns are the processor's
		{record(`{"id":"1"}`, op("d", `null`)), tables.Delete},
		{record(`{"schema":null,"payload":{"id":1}}`, "-"), tables.Delete},
		{record("-", op("t", "null")), tables.Truncate},
		{record("-", op("m", "null")), tables.Skip},
	} {
		parts, err := s.Split(c.r, nil)
		if err != nil || len(parts) != 1 || parts[0].Op != c.op || parts[0].Fault != nil || string(parts[0].Value) != string(c.r.Value) {
			t.Errorf("%s: %+v, %v", c.r.Value, parts, err)
			continue
		}
		if want := tables.EncodeKey(tables.Int64Value(1)); (c.op == tables.Upsert || c.op == tables.Delete) && parts[0].Key != want {
			t.Errorf("%s: key %q, want %q", c.r.Value, parts[0].Key, want)
		}
	}
	if parts, err := s.Split(record("-", op("c", `{"id":1}`)), nil); err != nil || len(parts) != 1 || parts[0].Fault == nil {
		t.Errorf("a row without a key: %+v, %v", parts, err)
	}
}
