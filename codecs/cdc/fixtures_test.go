package cdc

import (
	"bufio"
	"bytes"
	"encoding/base64"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

// fixturesVariable names the environment variable that holds the folder of
// captured event files. Without it these tests have nothing to read.
const fixturesVariable = "TIDEMARK_FIXTURES"

func fixture(t *testing.T, name string) string {
	t.Helper()
	dir := os.Getenv(fixturesVariable)
	if dir == "" {
		t.Skip(fixturesVariable + " is not set")
	}
	return filepath.Join(dir, name)
}

// captured is one line of a capture.
type captured struct {
	Topic     string
	Partition int32
	Offset    int64
	Timestamp int64
	Key       *string
	Value     *string
	KeyB64    *string `json:"key_b64"`
	ValueB64  *string `json:"value_b64"`
	Headers   [][2]string
}

func (c *captured) record(t testing.TB) *codecs.Record {
	t.Helper()
	pick := func(text, b64 *string) []byte {
		switch {
		case b64 != nil:
			b, err := base64.StdEncoding.DecodeString(*b64)
			if err != nil {
				t.Fatal(err)
			}
			return b
		case text != nil:
			return []byte(*text)
		}
		return nil
	}
	r := &codecs.Record{
		Topic: c.Topic, Partition: c.Partition, Offset: c.Offset, Time: time.UnixMilli(c.Timestamp),
		Key: pick(c.Key, c.KeyB64), Value: pick(c.Value, c.ValueB64),
	}
	for _, h := range c.Headers {
		r.Headers = append(r.Headers, codecs.Header{Name: h[0], Value: []byte(h[1])})
	}
	return r
}

// readCapture returns the records of a capture, of all topics or of one.
func readCapture(t *testing.T, name, topic string) []*codecs.Record {
	t.Helper()
	b, err := os.ReadFile(fixture(t, "captured/"+name+".ndjson"))
	if err != nil {
		t.Fatal(err)
	}
	var out []*codecs.Record
	in := bufio.NewScanner(bytes.NewReader(b))
	in.Buffer(nil, 64<<20)
	for in.Scan() {
		var c captured
		if err := json.Unmarshal(in.Bytes(), &c); err != nil {
			t.Fatal(err)
		}
		if topic == "" || c.Topic == topic {
			out = append(out, c.record(t))
		}
	}
	if len(out) == 0 {
		t.Fatalf("%s has no records of %q", name, topic)
	}
	return out
}

// folded is a table as a map, by the plainest fold there is.
type folded struct {
	table *tables.Table
	rows  map[tables.Key]tables.Row
	skips map[string]int
	bad   []error
}

// fold decodes the records one after the other and keeps the last row of each key.
func fold(t *testing.T, table *tables.Table, records []*codecs.Record) *folded {
	t.Helper()
	return foldWith(t, table, records, Options{})
}

func foldWith(t *testing.T, table *tables.Table, records []*codecs.Record, o Options) *folded {
	t.Helper()
	d, err := NewDecoder(table, o)
	if err != nil {
		t.Fatal(err)
	}
	f := &folded{table: table, rows: map[tables.Key]tables.Row{}, skips: map[string]int{}}
	gone := map[tables.Key]tables.Row{} // by new key: the last row under the old one
	for _, r := range records {
		var c tables.Change
		if err := d.Decode(r, &c); err != nil {
			f.bad = append(f.bad, err)
			continue
		}
		switch c.Op {
		case tables.Skip:
			f.skips[c.Reason]++
		case tables.Truncate:
			clear(f.rows)
		case tables.Delete:
			if old, ok := f.rows[c.Key]; ok && c.NewKey != "" {
				gone[c.NewKey] = old
			}
			delete(f.rows, c.Key)
		case tables.Upsert:
			old, ok := f.rows[c.Key]
			if !ok && c.OldKey != "" {
				old = gone[c.Key]
			}
			f.rows[c.Key] = f.fill(&c, old)
		}
	}
	return f
}

func (f *folded) fill(c *tables.Change, old tables.Row) tables.Row {
	row := tables.Row{Values: c.Values, Document: c.Document}
	for i, v := range row.Values {
		if v.Kind() == tables.Unavailable && i < len(old.Values) {
			row.Values[i] = old.Values[i]
		}
	}
	return row
}

// json returns the rows as JSON objects by the text of their keys.
func (f *folded) json(t *testing.T) map[string]map[string]string {
	t.Helper()
	out := map[string]map[string]string{}
	for k, row := range f.rows {
		values, err := tables.DecodeKey(k, f.table.KeyTypes())
		if err != nil {
			t.Fatal(err)
		}
		var key []string
		for i, v := range values {
			key = append(key, string(tables.AppendText(nil, f.table.KeyTypes()[i], v)))
		}
		m := map[string]string{}
		for i, c := range f.table.Columns {
			m[c.Name] = string(tables.AppendJSON(nil, c.Type, row.Values[i], false))
		}
		out[strings.Join(key, ",")] = m
	}
	return out
}
