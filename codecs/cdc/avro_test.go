package cdc

import (
	"encoding/binary"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/twmb/avro"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/datum"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// memory is a registry in memory, which can be away.
type memory struct {
	schemas map[datum.ID]*datum.Schema
	writers map[datum.ID]*avro.Schema
	away    bool
}

func newMemory() *memory {
	return &memory{schemas: map[datum.ID]*datum.Schema{}, writers: map[datum.ID]*avro.Schema{}}
}

func (m *memory) add(t testing.TB, id datum.ID, text string) {
	t.Helper()
	s, err := datum.Parse(text)
	if err != nil {
		t.Fatal(err)
	}
	m.schemas[id], m.writers[id] = s, avro.MustParse(text, avro.WithLaxNames(nil))
}

// Schema implements Schemas.
func (m *memory) Schema(id datum.ID) (*datum.Schema, error) {
	switch {
	case m.away:
		return nil, fmt.Errorf("registry: %w", codecs.ErrUnavailable)
	case m.schemas[id] == nil:
		return nil, errors.New("no such schema")
	}
	return m.schemas[id], nil
}

// bare encodes a value; framed puts its id in front.
func (m *memory) bare(t testing.TB, id datum.ID, v any) []byte {
	t.Helper()
	b, err := m.writers[id].AppendEncode(nil, v)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

func (m *memory) framed(t testing.TB, n uint32, v any) []byte {
	t.Helper()
	b := binary.BigEndian.AppendUint32([]byte{0}, n)
	return append(b, m.bare(t, datum.ID{Number: n}, v)...)
}

// capturedSchemas reads the schemas beside a capture.
func capturedSchemas(t *testing.T, name string) *memory {
	t.Helper()
	b, err := os.ReadFile(fixture(t, "captured/"+name+".schemas.json"))
	if err != nil {
		t.Fatal(err)
	}
	var file struct {
		ByID map[string]struct{ Schema string } `json:"schemas_by_id"`
	}
	if err := json.Unmarshal(b, &file); err != nil {
		t.Fatal(err)
	}
	m := newMemory()
	for id, s := range file.ByID {
		n, err := strconv.ParseUint(id, 10, 32)
		if err != nil {
			t.Fatal(err)
		}
		m.add(t, datum.ID{Number: uint32(n)}, s.Schema)
	}
	return m
}

func TestCaptureAvro(t *testing.T) {
	o := Options{Schemas: capturedSchemas(t, "k_avro_p")}
	all := allTypes(t, tables.DebeziumAvro)
	for i := range all.Columns { // the schema says it all
		all.Columns[i].Encoding = ""
	}
	weird := &all.Columns[all.ColumnIndex("weird")]
	weird.Path = "C_Weird_Col"
	all.Columns = append(all.Columns, codectest.Column(t, "c_new", "string"))
	f := foldWith(t, all, readCapture(t, "k_avro_p", "avro_p.public.all_types"), o)
	if len(f.bad) > 0 {
		t.Fatal(f.bad)
	}
	want := databaseRows(t, "k_avro_p", "public.all_types", "id")
	for _, row := range want {
		row["C_Weird_Col"] = row[`C Weird"Col`]
	}
	got := slices.DeleteFunc(differences(f, want, sameAllTypes(t)), func(d string) bool {
		return notComparable(d) || strings.Contains(d, ".c_gen: null") || strings.HasSuffix(d, ".c_new: null, the database has nw")
	})
	if d := cmp.Diff(lostBeforeAvro, got); d != "" {
		t.Error(d)
	}
	ck := codectest.Table(tables.DebeziumAvro, "region,num,d",
		codectest.Column(t, "region", "string"), codectest.Column(t, "num", "int64"), codectest.Column(t, "d", "date"), codectest.Column(t, "v", "string"))
	f = foldWith(t, ck, readCapture(t, "k_avro_p", "avro_p.public.ck"), o)
	expectNone(t, differences(f, databaseRows(t, "k_avro_p", "public.ck", "region", "num", "d"), exactly))
	if len(f.bad) > 0 {
		t.Error(f.bad)
	}
}

// lostBeforeAvro is where the topic says something else than the database, beside
// generated columns, which are not streamed, and the default of a column that was
// added later.
var lostBeforeAvro = []string{
	"1.c_int2d: [null,null], the database has {{1,2},{3,4}}",
	"10.c_date: 0044-03-15, the database has 0044-03-15 BC",
	"11.c_date: 1582-10-20, the database has 1582-10-10",
	"2.c_def: 42, the database has null",
	"301.c_int2d: [null,null], the database has {{1,2},{3,4}}",
	`304.c_enum_arr: null, the database has {"happy ☺",NULL}`,
	`4.c_enum_arr: null, the database has {"happy ☺",NULL}`,
}

// The same event as the JSON converter would have written it becomes the same change.
func TestAvroAndJSONAreOne(t *testing.T) {
	m := capturedSchemas(t, "k_avro_p")
	table := allTypes(t, tables.DebeziumAvro)
	table.Document = tables.DocumentKeep
	inAvro, err1 := NewDecoder(table, Options{Schemas: m})
	same := *table
	same.Source.Format = tables.DebeziumJSON
	inJSON, err2 := NewDecoder(&same, Options{})
	if err := errors.Join(err1, err2); err != nil {
		t.Fatal(err)
	}
	for _, r := range readCapture(t, "k_avro_p", "avro_p.public.all_types") {
		var a, j tables.Change
		translated := *r
		translated.Key, translated.Value = m.json(t, r.Key), m.json(t, r.Value)
		if err := errors.Join(inAvro.Decode(r, &a), inJSON.Decode(&translated, &j)); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(a, j) {
			t.Errorf("offset %d: %v, want %v", r.Offset, a, j)
		}
	}
}

// json writes a framed datum as the JSON converter would have.
func (m *memory) json(t testing.TB, b []byte) []byte {
	t.Helper()
	if b == nil {
		return nil
	}
	id, data, reason := datum.Unframe(b, nil)
	if reason != "" {
		t.Fatal(reason)
	}
	s := m.schemas[id]
	out := append(s.AppendConnect([]byte(`{"schema":`)), `,"payload":`...)
	out, fault := s.Plan(datum.Everything()).Append(out, data)
	if fault != nil {
		t.Fatal(fault)
	}
	return append(out, '}')
}
