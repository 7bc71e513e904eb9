package cdc

import (
	"bufio"
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/codecs/internal/codectest"
	"github.com/tidemark/tidemark/tables"
)

// A scenario is a folder of the conformance suite, as far as a decoder needs it.
type scenario struct {
	name    string
	table   *tables.Table
	records []*codecs.Record
}

// scenarioFile is what a decoder needs of scenario.json.
type scenarioFile struct {
	Table struct {
		Source struct {
			Format      tables.Format
			Placeholder string             `json:"unavailable_placeholder"`
			Missing     tables.MissingMode `json:"missing_columns"`
		}
		Key      []string
		Document tables.DocumentMode
		Columns  []struct{ Name, Type, Path, Encoding string }
	}
	Steps []struct{ Produce string }
}

// scenarios reads the conformance suite's events whose format has JSON values of rows.
func scenarios(t testing.TB, pattern string) []scenario {
	t.Helper()
	files, err := filepath.Glob("../../integration/conformance/scenarios/" + pattern + "/scenario.json")
	if err != nil || len(files) == 0 {
		t.Fatalf("no scenario %s: %v", pattern, err)
	}
	var out []scenario
	for _, path := range files {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var f scenarioFile
		if err := json.Unmarshal(text, &f); err != nil {
			t.Fatal(err)
		}
		switch f.Table.Source.Format {
		case tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON:
			s := scenario{name: filepath.Base(filepath.Dir(path)), table: f.read(t)}
			for _, step := range f.Steps {
				if step.Produce != "" {
					s.records = append(s.records, eventsOf(t, filepath.Join(filepath.Dir(path), step.Produce))...)
				}
			}
			out = append(out, s)
		}
	}
	return out
}

func (f *scenarioFile) read(t testing.TB) *tables.Table {
	table := codectest.Table(f.Table.Source.Format, "")
	table.Key, table.Document = f.Table.Key, f.Table.Document
	table.Source.Placeholder, table.Source.Missing = f.Table.Source.Placeholder, f.Table.Source.Missing
	for _, c := range f.Table.Columns {
		col := codectest.Column(t, c.Name, c.Type)
		col.Path, col.Encoding = c.Path, tables.Encoding(c.Encoding)
		table.Columns = append(table.Columns, col)
	}
	return table
}

func eventsOf(t testing.TB, path string) []*codecs.Record {
	t.Helper()
	text, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	var out []*codecs.Record
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 64<<20)
	for lines.Scan() {
		var c captured
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			t.Fatalf("%s: %v", path, err)
		}
		out = append(out, c.record(t))
	}
	return out
}
