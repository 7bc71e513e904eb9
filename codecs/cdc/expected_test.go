package cdc

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// The data files of other projects end in the rows that expected.json lists.
func TestFilesOfOtherProjects(t *testing.T) {
	var expected map[string]struct {
		Events int
		Final  []struct {
			Row map[string]json.RawMessage
		}
	}
	b, err := os.ReadFile(fixture(t, "expected.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(b, &expected); err != nil {
		t.Fatal(err)
	}
	products, customers, people, users, births := columnsOfOthers(t)
	for _, c := range []struct {
		file    string
		format  tables.Format
		columns []tables.Column
	}{
		{"flink/debezium-data-schema-include.txt", tables.DebeziumJSON, products},
		{"flink/debezium-data-schema-exclude.txt", tables.DebeziumJSON, products},
		{"flink/debezium-postgres-data-schema-include.txt", tables.DebeziumJSON, products},
		{"flink/debezium-postgres-data-schema-exclude.txt", tables.DebeziumJSON, products},
		{"risingwave/debezium_log.1", tables.DebeziumJSON, customers},
		{"risingwave/debezium_log_no_schema_field.1", tables.DebeziumJSON, customers},
		{"risingwave/upsert_json.1", tables.UpsertJSON, people},
		{"flink/maxwell-data.txt", tables.MaxwellJSON, products},
		{"flink/canal-data.txt", tables.CanalJSON, products},
		{"risingwave/maxwell_json.1", tables.MaxwellJSON, births},
		{"risingwave/cannal_json.1", tables.CanalJSON, users},
	} {
		t.Run(c.file, func(t *testing.T) {
			want := expected[c.file]
			table := &tables.Table{Name: "t", Key: []string{c.columns[0].Name}, Columns: c.columns, Source: tables.Source{Format: c.format}}
			records := readLines(t, c.file)
			if c.format == tables.MaxwellJSON || c.format == tables.CanalJSON {
				table.Source.Partitioner = tables.PartitionAny
				records = split(t, table, records)
			} else if len(records) != want.Events {
				t.Fatalf("%d events, want %d", len(records), want.Events)
			}
			f := fold(t, table, records)
			if len(f.bad) > 0 {
				t.Fatal(f.bad)
			}
			got := f.json(t)
			if len(got) != len(want.Final) {
				t.Fatalf("%d rows, want %d: %v", len(got), len(want.Final), got)
			}
			for _, w := range want.Final {
				sameRow(t, c.columns, w.Row, got[strings.Trim(string(w.Row[c.columns[0].Name]), `"`)])
			}
		})
	}
}

// columnsOfOthers are the columns of the tables in the files.
func columnsOfOthers(t *testing.T) (products, customers, people, users, births []tables.Column) {
	t.Helper()
	products = []tables.Column{
		codectest.Column(t, "id", "int64"), codectest.Column(t, "name", "string"), codectest.Column(t, "description", "string"), codectest.Column(t, "weight", "float64"),
	}
	customers = []tables.Column{
		codectest.Column(t, "id", "int64"), codectest.Column(t, "first_name", "string"), codectest.Column(t, "last_name", "string"), codectest.Column(t, "email", "string"),
	}
	people = []tables.Column{
		codectest.Column(t, "ID", "int64"), codectest.Column(t, "firstName", "string"), codectest.Column(t, "lastName", "string"),
		codectest.Column(t, "age", "int64"), codectest.Column(t, "height", "float64"), codectest.Column(t, "weight", "float64"),
	}
	users = []tables.Column{
		codectest.Column(t, "id", "int64"), codectest.Column(t, "name", "string"), codectest.Column(t, "is_adult", "int64"), codectest.Column(t, "balance", "decimal(10,2)"),
		codectest.Column(t, "reg_time", "string"), codectest.Column(t, "win_rate", "float64"),
	}
	births = []tables.Column{
		codectest.Column(t, "id", "int64"), codectest.Column(t, "name", "string"), codectest.Column(t, "is_adult", "int64"), codectest.Column(t, "birthday", "string"),
	}
	return products, customers, people, users, births
}

// sameRow compares a row with the one that was expected.
func sameRow(t *testing.T, columns []tables.Column, want map[string]json.RawMessage, got map[string]string) {
	t.Helper()
	for _, col := range columns {
		value := string(want[col.Name])
		if col.Type.Kind == tables.Float64 {
			value = strings.Trim(value, `"`) // Canal's are text
		}
		if !sameJSON(t, got[col.Name], value) {
			t.Errorf("row %s: %s is %s, want %s", want[columns[0].Name], col.Name, got[col.Name], value)
		}
	}
}

func sameJSON(t *testing.T, a, b string) bool {
	t.Helper()
	var x, y any
	if json.Unmarshal([]byte(a), &x) != nil || json.Unmarshal([]byte(b), &y) != nil {
		return false
	}
	return fmt.Sprint(x) == fmt.Sprint(y)
}

// readLines reads a file of values, or of key^value lines. The files that hold
// values only were taken without their keys, which then come from the row.
func readLines(t *testing.T, name string) []*codecs.Record {
	t.Helper()
	b, err := os.ReadFile(fixture(t, name))
	if err != nil {
		t.Fatal(err)
	}
	if bytes.HasPrefix(b, []byte("/*")) {
		_, b, _ = bytes.Cut(b, []byte("*/"))
	}
	var out []*codecs.Record
	for line := range bytes.Lines(b) {
		line = bytes.TrimSpace(line)
		if len(line) == 0 || line[0] == '#' {
			continue
		}
		r := &codecs.Record{Offset: int64(len(out)), Time: time.UnixMilli(1), Value: line}
		if key, value, ok := bytes.Cut(line, []byte("^")); ok {
			r.Key, r.Value = key, value
		} else if bytes.Contains(line, []byte(`"data":`)) {
			r.Key = nil // Maxwell's and Canal's have the key in the row
		} else {
			r.Key = keyOf(t, line)
		}
		out = append(out, r)
	}
	return out
}

func keyOf(t *testing.T, line []byte) []byte {
	t.Helper()
	var e struct {
		Payload       json.RawMessage
		Before, After *struct{ ID json.Number }
	}
	if err := json.Unmarshal(line, &e); err != nil {
		t.Fatal(err)
	}
	if e.Payload != nil {
		return keyOf(t, e.Payload)
	}
	row := e.After
	if row == nil {
		row = e.Before
	}
	return []byte(strings.ReplaceAll(`{"id":N}`, "N", row.ID.String()))
}
