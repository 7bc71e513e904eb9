package cdc

import (
	"encoding/base64"
	"encoding/binary"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// ticdcTable has the columns that the tests of both protocols use.
func ticdcTable(f tables.Format) *tables.Table {
	kind := func(k tables.Kind) tables.Type { return tables.Type{Kind: k} }
	return &tables.Table{
		Name: "t", Key: []string{"id"}, Source: tables.Source{Topic: "t", Format: f, Partitioner: tables.PartitionAny},
		Columns: []tables.Column{
			{Name: "id", Type: kind(tables.Int64)}, {Name: "v", Type: kind(tables.String)},
			{Name: "at", Type: kind(tables.Timestamp)}, {Name: "pic", Type: kind(tables.Bytes)},
		},
	}
}

// openBatch is a record of the open protocol; each event is its key and its value.
func openBatch(events ...[2]string) *codecs.Record {
	r := &codecs.Record{Key: binary.BigEndian.AppendUint64(nil, 1)}
	for _, e := range events {
		r.Key = append(binary.BigEndian.AppendUint64(r.Key, uint64(len(e[0]))), e[0]...)
		r.Value = append(binary.BigEndian.AppendUint64(r.Value, uint64(len(e[1]))), e[1]...)
	}
	return r
}

const openKey = `{"ts":415508878783938562,"scm":"test","tbl":"t","t":1}`

func TestABatchOfTheOpenProtocolIsSplitByItsRows(t *testing.T) {
	r := openBatch(
		[2]string{openKey, `{"u":{"id":{"t":3,"h":true,"f":11,"v":1},"v":{"t":15,"f":0,"v":"a"}}}`},
		[2]string{openKey, `{"u":{"id":{"t":3,"v":3}},"p":{"id":{"t":3,"v":2}}}`},
		[2]string{openKey, `{"d":{"id":{"t":3,"v":4}}}`},
		[2]string{openKey, `{"u":{"id":3}}`},
		[2]string{`{"ts":7,"t":3}`, ``},
		[2]string{`{"ts":7,"t":9}`, `{}`})
	s, err := NewSplitter(ticdcTable(tables.TiCDCOpen), Options{})
	if err != nil {
		t.Fatal(err)
	}
	parts, err := s.Split(r, nil)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, p := range parts {
		line := p.Op.String()
		switch {
		case p.Fault != nil:
			line = "fault at " + p.Fault.Field
		case p.Reason != "":
			line += " " + p.Reason
		}
		if p.NewKey != nil {
			line += " for " + string(p.NewKey)
		}
		got = append(got, line)
	}
	want := []string{"upsert", `delete for {"id":3}`, "upsert", "delete", "fault at value.u.id", "skip heartbeat", "skip unknown_op"}
	if !slices.Equal(got, want) {
		t.Errorf("parts are %q, want %q", got, want)
	}
	d, err := NewDecoder(ticdcTable(tables.TiCDCOpen), Options{})
	if err != nil {
		t.Fatal(err)
	}
	var c tables.Change
	if err := d.Decode(r, &c); err == nil || !strings.Contains(err.Error(), "partitioner: any") {
		t.Errorf("several rows in one record decode: %v", err)
	}
}

func TestBrokenBatchesAreFaultsWithTheirPlace(t *testing.T) {
	whole := openBatch([2]string{openKey, `{"u":{"id":{"t":3,"v":1}}}`})
	d, err := NewDecoder(ticdcTable(tables.TiCDCOpen), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		change func(r *codecs.Record)
		field  string
	}{
		"a length beyond the key":    {func(r *codecs.Record) { r.Key = r.Key[:len(r.Key)-1] }, "key"},
		"a length of almost 2^64":    {func(r *codecs.Record) { copy(r.Value, "\xff\xff\xff\xff\xff\xff\xff\xff") }, "value"},
		"more values than keys":      {func(r *codecs.Record) { r.Value = append(r.Value, 0) }, "value"},
		"a value that is cut":        {func(r *codecs.Record) { r.Value = r.Value[:4] }, "value"},
		"bytes that are no base64":   {func(r *codecs.Record) { *r = *openBatch([2]string{openKey, `{"u":{"id":{"t":252,"v":"*"}}}`}) }, "value.u.id"},
		"escapes that are none":      {func(r *codecs.Record) { *r = *openBatch([2]string{openKey, `{"u":{"id":{"t":15,"f":1,"v":"\\q"}}}`}) }, "value.u.id"},
		"an event without a row":     {func(r *codecs.Record) { *r = *openBatch([2]string{openKey, `{}`}) }, "value"},
		"an event that is no object": {func(r *codecs.Record) { *r = *openBatch([2]string{openKey, `[]`}) }, "value"},
	} {
		r := *whole
		r.Key, r.Value = slices.Clone(whole.Key), slices.Clone(whole.Value)
		c.change(&r)
		var change tables.Change
		fault, _ := d.Decode(&r, &change).(*codecs.Error)
		if fault == nil || fault.Field != c.field || fault.Reason == "" {
			t.Errorf("%s: %v, want a fault at %s", name, fault, c.field)
		}
	}
}

func TestInstantsOfTheSimpleProtocolAreInTheirZone(t *testing.T) {
	d, err := NewDecoder(ticdcTable(tables.TiCDCSimple), Options{})
	if err != nil {
		t.Fatal(err)
	}
	for at, want := range map[string]string{
		`{"location":"Asia/Shanghai","value":"2024-02-26 13:00:00"}`:    `"2024-02-26T05:00:00.000000Z"`,
		`{"location":"UTC","value":"2024-02-26 13:00:00.123456"}`:       `"2024-02-26T13:00:00.123456Z"`,
		`{"location":"America/New_York","value":"2024-07-01 00:00:00"}`: `"2024-07-01T04:00:00.000000Z"`,
		`null`: `null`,
		`{"location":"Local","value":"2024-02-26 13:00:00"}`: "data.at",
		`{"location":"UTC","value":"0000-00-00 00:00:00"}`:   "data.at",
		`{"location":"UTC"}`: "data.at",
	} {
		r := &codecs.Record{Value: []byte(`{"version":1,"database":"d","table":"t","type":"INSERT","commitTs":447984084414103554,"buildTs":1,"data":{"id":"1","at":` + at + `}}`)}
		var c tables.Change
		err := d.Decode(r, &c)
		switch fault, _ := err.(*codecs.Error); {
		case fault != nil:
			if fault.Field != want {
				t.Errorf("%s: %v, want %s", at, err, want)
			}
		default:
			if got := string(tables.AppendJSON(nil, tables.Type{Kind: tables.Timestamp}, c.Values[2], false)); got != want {
				t.Errorf("%s is %s, want %s", at, got, want)
			}
			if c.Time != 1708923661858000 || c.Source.Kind != tables.SourceTiDB {
				t.Errorf("the change is of %d, at %v", c.Time, c.Source)
			}
		}
	}
}

// scenarioRecords are the records of a conformance scenario.
func scenarioRecords(f *testing.F, name string) []*codecs.Record {
	f.Helper()
	text, err := os.ReadFile(filepath.Join("..", "..", "integration", "conformance", "scenarios", name, "events.ndjson"))
	if err != nil {
		f.Fatal(err)
	}
	var out []*codecs.Record
	for line := range strings.Lines(string(text)) {
		out = append(out, &codecs.Record{Key: memberBytes(line, "key"), Value: memberBytes(line, "value")})
	}
	return out
}

func memberBytes(line, name string) []byte {
	if _, rest, ok := strings.Cut(line, `"`+name+`_b64": "`); ok {
		text, _, _ := strings.Cut(rest, `"`)
		b, _ := base64.StdEncoding.DecodeString(text)
		return b
	}
	return nil
}

func FuzzTiCDCSimple(f *testing.F) {
	f.Add([]byte(nil), []byte(`{"version":1,"database":"d","table":"t","type":"UPDATE","commitTs":1,"buildTs":1,"data":{"id":"1","at":{"location":"UTC","value":"2024-02-26 13:00:00"}},"old":{"id":"2"}}`))
	f.Add([]byte(nil), []byte(`{"version":1,"type":"TRUNCATE","commitTs":1,"buildTs":1,"tableSchema":{"schema":"d","table":"t"}}`))
	f.Add([]byte(nil), []byte(`{"version":1,"database":"d","table":"t","type":"DELETE","commitTs":1,"old":{"id":"2"}}`))
	fuzzParts(f, tables.TiCDCSimple)
}

func FuzzTiCDCOpen(f *testing.F) {
	for _, r := range scenarioRecords(f, "ticdc_open_batches") {
		f.Add(r.Key, r.Value)
	}
	fuzzParts(f, tables.TiCDCOpen)
}
