package wire_test

import (
	"encoding/json"
	"errors"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/tidemark/tidemark/codecs/wire"
	"github.com/tidemark/tidemark/tables"
)

func declared() tables.Table {
	return tables.Table{
		Name: "orders", Source: tables.Source{Topic: "shop.orders", Format: tables.DebeziumJSON}, Key: []string{"id"},
		Columns: []tables.Column{
			{Name: "id", Type: tables.Type{Kind: tables.Int64}},
			{Name: "total", Type: tables.Type{Kind: tables.DecimalKind, Precision: 12, Scale: 2}, Encoding: tables.EncodingDecimalBase64},
		},
		SortKey: []string{"total"},
	}
}

func generationRecord() wire.GenerationRecord {
	next := declared()
	next.Generation = 2
	next.Columns = append(next.Columns, tables.Column{Name: "city", Type: tables.Type{Kind: tables.String}, Path: "a.city", Index: true})
	at := time.Date(2026, 11, 22, 10, 15, 0, 0, time.UTC)
	return wire.GenerationRecord{
		Version: 1, Number: 7, Writer: "00ff", At: at, Current: declared(), Highest: 2, Earlier: []string{"0123456789abcdef"},
		Build: &wire.Build{
			Table: next, Why: wire.BuildReplay, Asked: at,
			Plan: wire.BootstrapPlan{From: declared(), Rows: "sweep", Offsets: tables.Position{4, 0}},
		},
		Retired: []tables.Table{declared()},
		Last:    &wire.BuildOutcome{Generation: 1, Why: wire.BuildDefinition, Asked: at, Ended: at, Rows: 3, Adopted: 2, Swept: 1, Failure: "f"},
	}
}

// goldenGenerationRecord is version 1: it never changes.
const goldenGenerationRecord = `{"version":1,"number":7,"writer":"00ff","at":"2026-11-22T10:15:00Z",` +
	`"current":{"name":"orders","generation":0,"source":{"topic":"shop.orders","format":"debezium-json"},"key":["id"],` +
	`"columns":[{"name":"id","type":"int64"},{"name":"total","type":"decimal(12,2)","encoding":"decimal_base64"}],"sort_key":["total"],"batch":{}},` +
	`"build":{"table":{"name":"orders","generation":2,"source":{"topic":"shop.orders","format":"debezium-json"},"key":["id"],` +
	`"columns":[{"name":"id","type":"int64"},{"name":"total","type":"decimal(12,2)","encoding":"decimal_base64"},` +
	`{"name":"city","type":"string","path":"a.city","index":true}],"sort_key":["total"],"batch":{}},` +
	`"filling":{"from":{"name":"orders","generation":0,"source":{"topic":"shop.orders","format":"debezium-json"},"key":["id"],` +
	`"columns":[{"name":"id","type":"int64"},{"name":"total","type":"decimal(12,2)","encoding":"decimal_base64"}],"sort_key":["total"],"batch":{}},` +
	`"rows":"sweep","offsets":[4,0]},"why":"replay","asked":"2026-11-22T10:15:00Z"},` +
	`"retired":[{"name":"orders","generation":0,"source":{"topic":"shop.orders","format":"debezium-json"},"key":["id"],` +
	`"columns":[{"name":"id","type":"int64"},{"name":"total","type":"decimal(12,2)","encoding":"decimal_base64"}],"sort_key":["total"],"batch":{}}],` +
	`"last":{"generation":1,"why":"definition","asked":"2026-11-22T10:15:00Z","ended":"2026-11-22T10:15:00Z","rows":3,"adopted":2,"swept":1,"failure":"f"},` +
	`"highest":2,"earlier":["0123456789abcdef"]}`

func TestGenerationRecordIsGolden(t *testing.T) {
	got, err := wire.AppendGenerationRecord(nil, generationRecord())
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(goldenGenerationRecord, string(got)); diff != "" {
		t.Error(diff)
	}
	back, err := wire.ParseGenerationRecord([]byte(goldenGenerationRecord))
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(generationRecord(), back); diff != "" {
		t.Error(diff)
	}
}

// A definition that an earlier program would read as another is refused by it.
func TestGenerationRecordThatEarlierProgramsWouldMisreadIsVersionTwo(t *testing.T) {
	for name, change := range map[string]func(c *tables.Column){
		"paths": func(c *tables.Column) { c.OtherPaths = []string{"old"} }, "items": func(c *tables.Column) { c.Items = &tables.Type{Kind: tables.Date} },
		"seconds": func(c *tables.Column) { c.Encoding = tables.EncodingEpochS }, "": func(*tables.Column) {},
	} {
		l := generationRecord()
		l.Current.Columns = slices.Clone(l.Current.Columns)
		change(&l.Current.Columns[0])
		b, err := wire.AppendGenerationRecord(nil, l)
		if err != nil {
			t.Fatal(err)
		}
		back, err := wire.ParseGenerationRecord(b)
		if want := map[bool]int{true: 2, false: 1}[name != ""]; err != nil || back.Version != want {
			t.Errorf("%s: version %d, %v, want %d", name, back.Version, err, want)
		}
	}
}

// TestGenerationRecordKeepsWholeDefinitions fills every member of a definition, so that one
// that is added later is not lost on the way.
func TestGenerationRecordKeepsWholeDefinitions(t *testing.T) {
	l := generationRecord()
	fill(t, reflect.ValueOf(&l.Current).Elem())
	l.Current.Name, l.Current.Key, l.Current.SortKey = "orders", []string{"x"}, []string{"x"}
	b, err := wire.AppendGenerationRecord(nil, l)
	if err != nil {
		t.Fatal(err)
	}
	back, err := wire.ParseGenerationRecord(b)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(l.Current, back.Current); diff != "" {
		t.Error(diff)
	}
}

func fill(t *testing.T, v reflect.Value) {
	t.Helper()
	if v.Type() == reflect.TypeFor[tables.Type]() {
		v.Set(reflect.ValueOf(tables.Type{Kind: tables.DecimalKind, Precision: 9, Scale: 3}))
		return
	}
	switch v.Kind() {
	case reflect.Struct:
		for i := range v.NumField() {
			fill(t, v.Field(i))
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), 1, 1))
		fill(t, v.Index(0))
	case reflect.Pointer:
		v.Set(reflect.New(v.Type().Elem()))
		fill(t, v.Elem())
	case reflect.String:
		v.SetString("x")
	case reflect.Bool:
		v.SetBool(true)
	case reflect.Int, reflect.Int64, reflect.Int32:
		v.SetInt(7)
	case reflect.Uint8, reflect.Uint64:
		v.SetUint(7)
	default:
		t.Fatalf("a member of kind %s: say here how it is filled", v.Kind())
	}
}

func TestGenerationRecordThatCannotBeUsed(t *testing.T) {
	for name, tc := range map[string]struct {
		text string
		want error
	}{
		"no JSON":            {"\x01\x02", wire.ErrCorrupt},
		"another object":     {`{"a":1}`, wire.ErrCorrupt},
		"a later version":    {`{"version":3,"number":1}`, wire.ErrNewer},
		"no definition":      {`{"version":1,"number":1}`, wire.ErrCorrupt},
		"no number":          {strings.Replace(goldenGenerationRecord, `"number":7`, `"number":0`, 1), wire.ErrCorrupt},
		"a key of no column": {strings.Replace(goldenGenerationRecord, `"key":["id"]`, `"key":["ix"]`, 1), wire.ErrCorrupt},
		"a type of none":     {strings.Replace(goldenGenerationRecord, `"int64"`, `"int65"`, 1), wire.ErrCorrupt},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := wire.ParseGenerationRecord([]byte(tc.text)); !errors.Is(err, tc.want) {
				t.Errorf("the error is %v, want %v", err, tc.want)
			}
		})
	}
}

func FuzzParseGenerationRecord(f *testing.F) {
	f.Add([]byte(goldenGenerationRecord))
	f.Fuzz(func(t *testing.T, b []byte) {
		l, err := wire.ParseGenerationRecord(b)
		if err != nil {
			return
		}
		again, err := wire.AppendGenerationRecord(nil, l)
		if err != nil {
			t.Fatal(err)
		}
		if !json.Valid(again) {
			t.Errorf("%q", again)
		}
	})
}

func TestDigestIsOfWhatRowsDependOn(t *testing.T) {
	base := declared()
	same := declared()
	same.Generation, same.SortKey, same.Batch.KeepLast, same.Columns[0].Index, same.Columns[0].Path = 3, nil, 9, true, "id"
	same.Document, same.Source.Partitioner = tables.DocumentDrop, tables.PartitionMurmur2
	if wire.Digest(&base) != wire.Digest(&same) {
		t.Error("what views do for themselves changes the digest")
	}
	for name, change := range map[string]func(*tables.Table){
		"where":  func(t *tables.Table) { t.Where = "id > 1" },
		"column": func(t *tables.Table) { t.Columns[1].Path = "b" },
		"source": func(t *tables.Table) { t.Source.Topic = "x" },
	} {
		other := declared()
		change(&other)
		if wire.Digest(&base) == wire.Digest(&other) {
			t.Errorf("%s does not change the digest", name)
		}
	}
}
