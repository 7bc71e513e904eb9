package cdc

import (
	"strings"
	"testing"

	"github.com/tidemark/tidemark/codecs/convert"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

func TestImpossibleEncodings(t *testing.T) {
	for _, c := range [][2]string{
		{"bool", "epoch_ms"}, {"float64", "epoch_us"}, {"timestamp", "decimal_base64"}, {"json", "bits_le"}, {"uuid", "json_string"},
		{"date", "time_us"}, {"bytes", "uint64_wrapped"}, {"decimal(5,2)", "bytes_hex"},
	} {
		col := codectest.Column(t, "c", c[0], c[1])
		if err := convert.CheckEncoding(col.Type, col.Encoding); err == nil || !strings.Contains(err.Error(), c[1]) {
			t.Errorf("%v: %v", c, err)
		}
		table := codectest.Table(tables.UpsertJSON, "id", codectest.Column(t, "id", "int64"), col)
		if _, err := NewDecoder(table, Options{}); err == nil || !strings.Contains(err.Error(), "column c") {
			t.Errorf("%v: %v", c, err)
		}
	}
}

func TestFormatsThatAreNotToBeHad(t *testing.T) {
	for _, f := range []tables.Format{tables.DebeziumAvro, "xml"} {
		if _, err := NewDecoder(codectest.Table(f, "id", codectest.Column(t, "id", "int64")), Options{}); err == nil || !strings.Contains(err.Error(), string(f)) {
			t.Errorf("%s: %v", f, err)
		}
	}
}

func TestTablesWithoutAKeyHaveNoDecoder(t *testing.T) {
	for _, key := range []string{"", "x"} {
		table := codectest.Table(tables.UpsertJSON, key, codectest.Column(t, "id", "int64"))
		if key == "" {
			table.Key = nil
		}
		if _, err := NewDecoder(table, Options{}); err == nil || !strings.Contains(err.Error(), "key") {
			t.Errorf("key %q: %v", key, err)
		}
	}
}

func TestErrorsNameTheField(t *testing.T) {
	table := codectest.Table(tables.DebeziumJSON, "id", codectest.Column(t, "id", "int64"), codectest.Column(t, "total", "decimal(5,2)", "decimal_base64"))
	d, err := NewDecoder(table, Options{})
	if err != nil {
		t.Fatal(err)
	}
	var c tables.Change
	err = d.Decode(record(`{"id":1}`, op("c", `{"id":1,"total":"bg=== and then some more text that is far too long to be repeated in whole"}`)), &c)
	if err == nil || !strings.HasPrefix(err.Error(), "after.total: expected a decimal as base64, found ") || len(err.Error()) > 130 {
		t.Error(err)
	}
	table.Columns[1].NullOnError = true
	if d, err = NewDecoder(table, Options{}); err != nil {
		t.Fatal(err)
	}
	if err := d.Decode(record(`{"id":1}`, op("c", `{"id":1,"total":"x"}`)), &c); err != nil || c.Values[1].Kind() != tables.Null {
		t.Error(err, c.Values)
	}
}
