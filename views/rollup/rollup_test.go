package rollup_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/tidemark/tidemark/tables"
	"github.com/tidemark/tidemark/views/query"
	"github.com/tidemark/tidemark/views/rollup"
	"github.com/tidemark/tidemark/views/store"
)

func sales(t testing.TB) *tables.Table {
	t.Helper()
	out := &tables.Table{Name: "sales", Key: []string{"id"}}
	for _, c := range []string{"id int64", "city string", "day date", "total decimal(30,2)", "n int64", "price float64", "paid bool", "ref uuid", "note json"} {
		name, typ, _ := strings.Cut(c, " ")
		parsed, err := tables.ParseType(typ)
		if err != nil {
			t.Fatal(err)
		}
		out.Columns = append(out.Columns, tables.Column{Name: name, Type: parsed})
	}
	return out
}

func definition(groupBy ...string) tables.Rollup {
	r := tables.Rollup{Name: "by_city", GroupBy: groupBy, Measures: []tables.Measure{{Name: "rows_", Function: "count"}}}
	for _, m := range []string{
		"count total", "sum total", "avg total", "min total", "max total", "count_distinct total", "sum n", "avg n", "min n", "max n",
		"min price", "max price", "count_distinct price", "count price", "min ref", "max ref", "count_distinct paid", "max paid", "min day", "count note",
	} {
		f, c, _ := strings.Cut(m, " ")
		r.Measures = append(r.Measures, tables.Measure{Name: f + "_" + c, Function: f, Column: c})
	}
	return r
}

func random(r *rand.Rand, id int64) []tables.Value {
	row := []tables.Value{
		tables.Int64Value(id), tables.StringValue([]string{"Rome", "Oslo", "", "Bern"}[r.IntN(4)]), tables.DateValue(int64(r.IntN(3))),
		tables.DecimalValue(tables.Decimal{Hi: int64(r.IntN(5)) - 2, Lo: r.Uint64()}), tables.Int64Value(r.Int64() - r.Int64()),
		tables.Float64Value([]float64{0, -1.5, 7, 1e300}[r.IntN(4)]), tables.BoolValue(r.IntN(2) == 0),
		tables.UUIDValue([16]byte{byte(r.IntN(4))}), tables.JSONValue(`{"a":1}`),
	}
	for i := 1; i < len(row); i++ {
		switch r.IntN(8) {
		case 0:
			row[i] = tables.Value{}
		case 1:
			row[i] = tables.UnavailableValue()
		}
	}
	return row
}

// A rollup equals the same query on the rows, after every group of inserts, updates,
// deletes, rows that come again, and truncates.
func TestARollupEqualsTheQuery(t *testing.T) {
	for seed := range uint64(60) {
		r := rand.New(rand.NewPCG(seed, 11))
		table := sales(t)
		def := definition([][]string{{"city"}, {"city", "day"}, {"paid", "ref"}, {"total"}}[seed%4]...)
		kept, err := rollup.New(table, def)
		if err != nil {
			t.Fatal(err)
		}
		rows, err := store.New(store.Options{Table: table})
		if err != nil {
			t.Fatal(err)
		}
		derived := map[tables.Key][]tables.Value{}
		have := map[int64][]tables.Value{}
		offset := int64(0)
		for step := range 40 {
			var changes []store.Change
			put := func(id int64, row []tables.Value) {
				kept.Change(have[id], row)
				if have[id] = row; row == nil {
					delete(have, id)
				}
				changes = append(changes, store.Change{Offset: offset, Key: tables.EncodeKey(tables.Int64Value(id)), Values: row})
				offset++
			}
			if step%15 == 14 {
				for id := range have {
					put(id, nil)
				}
			}
			ids, some := int64(40), r.IntN(20)
			if step == 20 {
				ids, some = 1000, 1500 // so that trees are made again
			}
			for range some {
				if id := r.Int64N(ids); r.IntN(3) == 0 {
					put(id, nil)
				} else {
					put(id, random(r, id))
				}
			}
			if err := rows.Apply(changes, tables.Position{offset}); err != nil {
				t.Fatal(err)
			}
			kept.Changed(func(key tables.Key, row []tables.Value) {
				if derived[key] = row; row == nil {
					delete(derived, key)
				}
			})
			compare(t, fmt.Sprintf("seed %d, step %d", seed, step), rows.Snapshot(), kept.Table(), table, def, derived)
		}
		rows.Close()
	}
}

func compare(t *testing.T, where string, snap *store.Snapshot, derived, table *tables.Table, def tables.Rollup, got map[tables.Key][]tables.Value) {
	t.Helper()
	q := &query.Query{Limit: query.NoLimit}
	for _, name := range def.GroupBy {
		i := table.ColumnIndex(name)
		q.Select = append(q.Select, query.Output{Name: name, Column: i, Type: table.Columns[i].Type})
	}
	for i, m := range def.Measures {
		a, _ := query.ParseAggregate(m.Function)
		o := query.Output{Name: m.Name, Column: table.ColumnIndex(m.Column), Aggregate: a, Type: derived.Columns[len(def.GroupBy)+i].Type}
		q.Select = append(q.Select, o)
	}
	want, err := snap.Query(t.Context(), q)
	if err != nil {
		t.Fatal(err)
	}
	if want.Len() != len(got) {
		t.Fatalf("%s: %d groups, want %d", where, len(got), want.Len())
	}
	for i := range want.Len() {
		var key []tables.Value
		for c := range def.GroupBy {
			v := want.Value(i, c)
			if v.IsNull() {
				v = tables.Value{}
			}
			key = append(key, v)
		}
		row := got[tables.EncodeKey(key...)]
		if row == nil {
			t.Fatalf("%s: the group %v is missing", where, key)
		}
		for c := range q.Select {
			w, g := want.Value(i, c), row[c]
			if w.IsNull() != g.IsNull() || !w.IsNull() && tables.Compare(w, g) != 0 {
				t.Fatalf("%s: group %v: %s is %v, want %v", where, key, q.Select[c].Name, g, w)
			}
		}
	}
}

func TestDescribeNamesWhatCannotBeKept(t *testing.T) {
	table := sales(t)
	for _, c := range []struct {
		groupBy string
		m       tables.Measure
		says    string
	}{
		{"", tables.Measure{Name: "n", Function: "count"}, "group_by has no column"},
		{"town", tables.Measure{Name: "n", Function: "count"}, "no column town"},
		{"note", tables.Measure{Name: "n", Function: "count"}, "json cannot be grouped by"},
		{"city", tables.Measure{Name: "n", Function: "median", Column: "n"}, "median is no function"},
		{"city", tables.Measure{Name: "n", Function: "sum"}, "sum needs a column"},
		{"city", tables.Measure{Name: "n", Function: "sum", Column: "price"}, "declare price as a decimal"},
		{"city", tables.Measure{Name: "n", Function: "sum", Column: "city"}, "no sum of string"},
		{"city", tables.Measure{Name: "city", Function: "count"}, "given twice"},
	} {
		def := tables.Rollup{Name: "r", Measures: []tables.Measure{c.m}}
		if c.groupBy != "" {
			def.GroupBy = []string{c.groupBy}
		}
		if _, err := rollup.Describe(table, def); err == nil || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%+v: %v", c, err)
		}
	}
}

func BenchmarkChange(b *testing.B) {
	r := rand.New(rand.NewPCG(1, 1))
	table := sales(b)
	kept, err := rollup.New(table, definition("city"))
	if err != nil {
		b.Fatal(err)
	}
	have := make([][]tables.Value, 10_000)
	b.ReportAllocs()
	for b.Loop() {
		id := r.IntN(len(have))
		row := random(r, int64(id))
		kept.Change(have[id], row)
		have[id] = row
	}
}

// A sum that has had more digits than 128 bits hold is exact again when the values go.
func TestASumComesBackFromBeyondItsRange(t *testing.T) {
	wide := tables.Type{Kind: tables.DecimalKind, Precision: 38}
	from := &tables.Table{Name: "wide", Key: []string{"id"}, Columns: []tables.Column{
		{Name: "id", Type: tables.Type{Kind: tables.Int64}}, {Name: "x", Type: wide},
	}}
	kept, err := rollup.New(from, tables.Rollup{Name: "r", GroupBy: []string{"id"}, Measures: []tables.Measure{{Name: "total", Function: "sum", Column: "x"}}})
	if err != nil {
		t.Fatal(err)
	}
	row := func(text string) []tables.Value {
		d, err := tables.ParseDecimal(text, wide)
		if err != nil {
			t.Fatal(err)
		}
		return []tables.Value{tables.Int64Value(1), tables.DecimalValue(d)}
	}
	most := strings.Repeat("9", 38)
	total := func() (v tables.Value) {
		kept.Changed(func(_ tables.Key, row []tables.Value) { v = row[1] })
		return v
	}
	for _, sign := range []string{"", "-"} {
		kept.Change(nil, row(sign+"5"))
		for range 4 {
			kept.Change(nil, row(sign+most))
		}
		if v := total(); !v.IsNull() {
			t.Errorf("%s: a sum of 39 digits is %v", sign, v)
		}
		for range 4 {
			kept.Change(row(sign+most), nil)
		}
		if v := total(); v != row(sign + "5")[1] {
			t.Errorf("%s: the sum came back as %v", sign, v)
		}
		kept.Change(row(sign+"5"), nil)
		kept.Changed(func(tables.Key, []tables.Value) {})
	}
}

// A group lives for long, and a text of its first row would keep all texts beside it.
func TestAGroupKeepsNoTextOfARow(t *testing.T) {
	kept, err := rollup.New(sales(t), definition("city"))
	if err != nil {
		t.Fatal(err)
	}
	row := random(rand.New(rand.NewPCG(1, 2)), 1)
	row[1] = tables.StringValue("a very large block: Rome"[20:])
	kept.Change(nil, row)
	kept.Changed(func(_ tables.Key, got []tables.Value) {
		if city := got[0].Str(); city != "Rome" || unsafe.StringData(city) == unsafe.StringData(row[1].Str()) {
			t.Errorf("the group's text is %q, at the place of the row's: %v", city, unsafe.StringData(city))
		}
	})
}
