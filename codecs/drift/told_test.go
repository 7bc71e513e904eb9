package drift

import (
	"slices"
	"testing"

	"github.com/tidemark/tidemark/codecs"
	"github.com/tidemark/tidemark/tables"
)

func record(key, value string) *codecs.Record {
	return &codecs.Record{Topic: "t", Key: []byte(key), Value: []byte(value)}
}

const rowFields = `"fields":[{"field":"id","type":"int64"},{"field":"at","type":"int64","name":"io.debezium.time.MicroTimestamp"},` +
	`{"field":"big","type":"int64","parameters":{"__debezium.source.column.type":"BIGINT UNSIGNED"}},{"field":"odd","type":"","name":""},{"field":"__op","type":"string"}]`

func TestASchemaTellsColumnsAndKey(t *testing.T) {
	row := `{"id":1,"at":2,"big":3,"odd":4,"__op":"c"}`
	for name, c := range map[string]struct {
		format tables.Format
		value  string
	}{
		"flattened": {tables.FlattenedJSON, `{"schema":{"type":"struct",` + rowFields + `},"payload":` + row + `}`},
		"envelope": {tables.DebeziumJSON, `{"schema":{"type":"struct","fields":[{"field":"after","type":"struct",` + rowFields + `}]},` +
			`"payload":{"op":"c","after":` + row + `}}`},
		"upsert": {tables.UpsertJSON, `{"schema":{"type":"struct",` + rowFields + `},"payload":` + row + `}`},
	} {
		t.Run(name, func(t *testing.T) {
			table := &tables.Table{Source: tables.Source{Format: c.format}}
			for key, names := range map[string][]string{
				`{"schema":{"type":"struct","fields":[{"field":"shop"},{"field":"id"}]},"payload":{"id":1,"shop":2}}`: {"shop", "id"},
				`{"id":1,"shop":2}`: {"id", "shop"},
				`7`:                 nil,
				``:                  nil,
			} {
				told, ok, err := ToldBy(table, record(key, c.value), nil)
				if err != nil || !ok {
					t.Fatal(ok, err)
				}
				if !slices.Equal(told.Key, names) {
					t.Errorf("the key %s is %v, want %v", key, told.Key, names)
				}
				var columns []string
				for _, col := range told.Columns {
					columns = append(columns, col.Name+" "+col.Type.String()+" "+string(col.Encoding))
				}
				want := []string{"id int64 ", "at timestamp ", "big decimal(20,0) uint64_wrapped"}
				if c.format != tables.FlattenedJSON {
					want = append(want, "__op string ") // no transform has added it here
				}
				if !slices.Equal(columns, want) || !slices.Equal(told.Typeless, []string{"odd"}) {
					t.Errorf("columns are %q, without a type %q", columns, told.Typeless)
				}
			}
		})
	}
	for _, nothing := range []string{`{"id":1}`, ``, `{"schema":null,"payload":{"id":1}}`, `[`} {
		if _, ok, err := ToldBy(&tables.Table{Source: tables.Source{Format: tables.UpsertJSON}}, record("", nothing), nil); ok || err != nil {
			t.Errorf("%s tells something: %v", nothing, err)
		}
	}
}

func TestATrackerTellsWhatATableHasNot(t *testing.T) {
	value := func(typ string) *codecs.Record {
		return record(`{"id":1}`, `{"schema":{"type":"struct","fields":[{"field":"id","type":"int64"},{"field":"v","type":"`+typ+`"},{"field":"new","type":"string"}]},"payload":{"id":1,"v":1,"new":"x"}}`)
	}
	columns := []tables.Column{{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "v", Type: tables.Type{Kind: tables.Int64}, Told: true}}
	table := &tables.Table{Name: "t", Key: []string{"id"}, Columns: columns, Source: tables.Source{Format: tables.UpsertJSON}, ColumnsFrom: tables.ColumnsSchema}
	d := NewTracker(table, nil)
	if lines := d.Look(value("int64")); len(lines) > 0 {
		t.Errorf("it says %v", lines)
	}
	if told := d.Told(); len(told) != 1 || told[0].Name != "new" || told[0].Type.Kind != tables.String {
		t.Errorf("it tells %v", told)
	}
	if lines := NewTracker(table, nil).Look(value("string")); len(lines) != 1 || lines[0].Kind != Type {
		t.Errorf("of another type than the column has it says %v", lines)
	}
	table.Columns[1].Told = false
	if lines := NewTracker(table, nil).Look(value("string")); len(lines) > 0 {
		t.Errorf("of a declared column it says %v", lines)
	}
	table.ColumnsFrom = tables.ColumnsDeclared
	d = NewTracker(table, nil)
	if d.Look(value("int64")); len(d.Told()) > 0 {
		t.Errorf("it tells %v of a table whose columns are declared", d.Told())
	}
}

func FuzzTold(f *testing.F) {
	f.Add(`{"schema":{"type":"struct",`+rowFields+`},"payload":{"id":1}}`, `{"id":1}`)
	f.Add(`{"schema":{"fields":[{"field":"after","fields":[{"field":"a","type":"bytes","name":"io.debezium.data.Bits","parameters":{"length":"9"}}]}]},"payload":{"op":"c","after":{"a":1}}}`, `7`)
	f.Fuzz(func(t *testing.T, value, key string) {
		for _, format := range []tables.Format{tables.DebeziumJSON, tables.FlattenedJSON, tables.UpsertJSON} {
			told, ok, err := ToldBy(&tables.Table{Source: tables.Source{Format: format}}, record(key, value), nil)
			if err != nil || ok != (len(told.Columns) > 0) || len(told.Columns) != len(told.Doubts) {
				t.Fatal(told, ok, err)
			}
			for _, c := range told.Columns {
				if c.Name == "" || !c.Told {
					t.Fatal(c)
				}
			}
		}
	})
}
