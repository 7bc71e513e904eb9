package checkup_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/cmd/tidemark/checkup"
	"github.com/tidemark/tidemark/cmd/tidemark/sample"
	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/kafka"
	"github.com/tidemark/tidemark/tables"
)

// table has a column v of the given type and whatever else is set.
func table(t *testing.T, format tables.Format, typ string, change ...func(*tables.Table)) *tables.Table {
	t.Helper()
	ty, err := tables.ParseType(typ)
	if err != nil {
		t.Fatal(err)
	}
	out := &tables.Table{
		Name: "t", Source: tables.Source{Topic: "src", Format: format, Partitioner: tables.PartitionMurmur2, Placeholder: tables.DefaultPlaceholder},
		Key: []string{"id"}, Columns: []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: ty}},
	}
	for _, f := range change {
		f(out)
	}
	return out
}

func sampleOf(records ...[2]string) *sample.Sample {
	s := &sample.Sample{Topic: kafka.Topic{Name: "src", Partitions: 1}, Starts: []int64{0}}
	for i, r := range records {
		s.Records = append(s.Records, &codecs.Record{Topic: "src", Offset: int64(i), Key: []byte(r[0]), Value: []byte(r[1])})
	}
	return s
}

// enveloped makes a record whose row has a member v with the given schema.
func enveloped(schema, value string) [2]string {
	row := `[{"type":"int32","field":"id"},` + schema + `]`
	return [2]string{`{"id":1}`, fmt.Sprintf(
		`{"schema":{"type":"struct","fields":[{"type":"struct","field":"after","fields":%s}]},"payload":{"op":"c","after":{"id":1,"v":%s},"source":{"connector":"postgresql","lsn":1}}}`, row, value)}
}

// said wants one finding of the level that holds the words.
func said(t *testing.T, found []checkup.Finding, level checkup.Level, words ...string) {
	t.Helper()
	for _, f := range found {
		all := f.Level == level
		for _, w := range words {
			all = all && (strings.Contains(f.What, w) || strings.Contains(f.Remedy, w))
		}
		if all {
			return
		}
	}
	t.Errorf("no %s with %q in %+v", level, words, found)
}

func unsaid(t *testing.T, found []checkup.Finding, word string) {
	t.Helper()
	for _, f := range found {
		if strings.Contains(f.What, word) {
			t.Errorf("it says %+v", f)
		}
	}
}

// Each loss is reported with the columns that it concerns and the setting that avoids it.
func TestLossesThatASchemaShows(t *testing.T) {
	for _, c := range []struct{ typ, schema, value, what, remedy string }{
		{"string", `{"type":"string","optional":true,"default":"x","field":"v"}`, `"a"`, "a NULL arrives as the column's default", "replace.null.with.default=false"},
		{"string", `{"type":"struct","name":"io.debezium.data.VariableScaleDecimal","field":"v"}`, `{"scale":0,"value":"AA=="}`, "NaN", "decimal.handling.mode=string"},
		{"timestamp", `{"type":"int64","name":"org.apache.kafka.connect.data.Timestamp","field":"v"}`, `1`, "milliseconds", "time.precision.mode=adaptive"},
		{"timestamp", `{"type":"int64","name":"io.debezium.time.NanoTimestamp","field":"v"}`, `1`, "1677", "time.precision.mode=microseconds"},
		{"int64", `{"type":"int64","name":"io.debezium.time.MicroDuration","field":"v"}`, `1`, "30.4375", "interval.handling.mode=string"},
		{"time", `{"type":"string","name":"io.debezium.time.IsoTime","field":"v"}`, `"10:00:00Z"`, "24:00:00", "time.precision.mode=adaptive"},
	} {
		found := checkup.Records(table(t, tables.DebeziumJSON, c.typ), sampleOf(enveloped(c.schema, c.value)), nil)
		said(t, found, checkup.Note, "v: ", c.what, c.remedy)
		unsaid(t, found, "no schema")
	}
	plain := checkup.Records(table(t, tables.DebeziumJSON, "string"), sampleOf(enveloped(`{"type":"string","optional":true,"field":"v"}`, `"a"`)), nil)
	unsaid(t, plain, "default")
}

func TestRecordsWithoutSchemasMayHideDefaults(t *testing.T) {
	bare := sampleOf([2]string{`{"id":1}`, `{"op":"c","after":{"id":1,"v":"a"},"source":{}}`})
	said(t, checkup.Records(table(t, tables.DebeziumJSON, "string"), bare, nil), checkup.Note, "no schema", "replace.null.with.default=false")
}

func TestColumnsThatNoRowHas(t *testing.T) {
	s := sampleOf([2]string{`{"id":1}`, `{"id":1,"w":"a"}`}, [2]string{`{"id":2}`, `{"id":2,"w":null}`})
	said(t, checkup.Records(table(t, tables.UpsertJSON, "string"), s, nil), checkup.Problem, "none of 2 rows has v", "paths")
	known := table(t, tables.UpsertJSON, "string", func(t *tables.Table) { t.Columns[1].Path = "w" })
	unsaid(t, checkup.Records(known, s, nil), "none of")
	// A value that is null or the placeholder is there.
	there := sampleOf([2]string{`{"id":1}`, `{"id":1,"v":"__debezium_unavailable_value"}`})
	unsaid(t, checkup.Records(table(t, tables.UpsertJSON, "int64"), there, nil), "none of")
}

func TestValuesThatOnErrorHides(t *testing.T) {
	forgiving := table(t, tables.UpsertJSON, "timestamp", func(t *tables.Table) { t.Columns[1].NullOnError = true })
	s := sampleOf([2]string{`{"id":1}`, `{"id":1,"v":17000}`}, [2]string{`{"id":2}`, `{"id":2,"v":null}`})
	said(t, checkup.Records(forgiving, s, nil), checkup.Note, "1 of 2 values of column v", "needs a declared encoding")
}

func TestKeysWhoseDeletesHaveNoAddress(t *testing.T) {
	two := table(t, tables.UpsertJSON, "string", func(t *tables.Table) { t.Key = []string{"id", "v"} })
	s := sampleOf([2]string{`{"id":1}`, `{"id":1,"v":"a"}`})
	said(t, checkup.Records(two, s, nil), checkup.Problem, "not their deletes: key.v", "message.key.columns")
	unsaid(t, checkup.Records(two, sampleOf([2]string{`{"v":"a","id":1}`, `{"id":1,"v":"a"}`}), nil), "not their deletes")
	half, whole := [2]string{`{"id":1}`, `{"id":1,"v":"a"}`}, [2]string{`{"v":"a","id":2}`, `{"id":2,"v":"a"}`}
	said(t, checkup.Records(two, sampleOf(half, whole), nil), checkup.Note, "not their deletes: key.v", "key was changed")
	said(t, checkup.Records(two, sampleOf(whole, half), nil), checkup.Problem, "not their deletes: key.v", "message.key.columns")
}

func TestTruncatesThatNeverArrive(t *testing.T) {
	row := [2]string{`{"id":1}`, `{"op":"c","after":{"id":1,"v":"a"},"source":{}}`}
	said(t, checkup.Records(table(t, tables.DebeziumJSON, "string"), sampleOf(row), nil), checkup.Note, "skip TRUNCATE", "skipped.operations=none")
	with := sampleOf(row, [2]string{"", `{"op":"t","before":null,"after":null,"source":{}}`})
	unsaid(t, checkup.Records(table(t, tables.DebeziumJSON, "string"), with, nil), "TRUNCATE")
	flat := sampleOf([2]string{`{"id":1}`, `{"id":1,"v":"a","__op":"c"}`})
	said(t, checkup.Records(table(t, tables.FlattenedJSON, "string"), flat, nil), checkup.Note, "passes no TRUNCATE on")
}

// Without schemas nobody sees that a scale or a unit is another one.
func TestScalesThatCannotBeSeen(t *testing.T) {
	scaled := func(e tables.Encoding) func(*tables.Table) {
		return func(t *tables.Table) { t.Columns[1].Encoding = e }
	}
	s := sampleOf([2]string{`{"id":1}`, `{"op":"c","after":{"id":1,"v":"bg=="},"source":{"connector":"postgresql","lsn":1}}`})
	said(t, checkup.Records(table(t, tables.DebeziumJSON, "decimal(12,2)", scaled(tables.EncodingDecimalBase64)), s, nil), checkup.Note, "v: ", "scale or a unit", "schemas.enable=true")
	for _, f := range checkup.Records(table(t, tables.DebeziumJSON, "string"), s, nil) {
		if strings.Contains(f.What, "scale or a unit") {
			t.Error(f)
		}
	}
}

// An encoding that the newest records' schema overrules is reported.
func TestEncodingsThatTheSchemaOverrules(t *testing.T) {
	declared := table(t, tables.DebeziumJSON, "decimal(12,2)", func(t *tables.Table) { t.Columns[1].Encoding = tables.EncodingDecimalBase64 })
	precise := `{"type":"bytes","name":"org.apache.kafka.connect.data.Decimal","parameters":{"scale":"2"},"field":"v"}`
	changed := checkup.Records(declared, sampleOf(enveloped(precise, `"bg=="`), enveloped(`{"type":"string","field":"v"}`, `"12.50"`)), nil)
	said(t, changed, checkup.Note, "column v declares the encoding decimal_base64", "string", "leave the encoding out")
	for _, f := range checkup.Records(declared, sampleOf(enveloped(precise, `"bg=="`)), nil) {
		if strings.Contains(f.What, "declares the encoding") {
			t.Error(f)
		}
	}
}

// A remedy names the cause: another key, text under a path, or the column's type.
func TestRemediesNameTheCause(t *testing.T) {
	pathed := table(t, tables.UpsertJSON, "string", func(t *tables.Table) { t.Columns[1].Path = "doc.v" })
	extended := table(t, tables.UpsertJSON, "int64", func(t *tables.Table) { t.Key = []string{"id", "v"} })
	for _, c := range []struct {
		table  *tables.Table
		key    string
		value  string
		remedy string
	}{
		{extended, `{"id":1}`, `{"id":1}`, "the columns of the record's key"},
		{extended, `{"other":1}`, `{"id":1,"v":2}`, "the columns of the record's key"},
		{extended, `[1,2]`, `{"id":1,"v":2}`, "the columns of the record's key"},
		{table(t, tables.UpsertJSON, "int64"), `{"id":1}`, `{"id":1,"v":"x"}`, "the type and the encoding of column v"},
		{table(t, tables.UpsertJSON, "int64"), `{"id":"x"}`, `{"id":1,"v":1}`, "the type and the encoding of column id"},
		{pathed, `{"id":1}`, `{"id":1,"doc":"{\"v\":"}`, "on_error: null on column v"},
	} {
		said(t, checkup.Records(c.table, sampleOf([2]string{c.key, c.value}), nil), checkup.Problem, "dead letters", c.remedy)
	}
}
