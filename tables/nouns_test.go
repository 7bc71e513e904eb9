package tables

import (
	"math"
	"slices"
	"strings"
	"testing"
)

func TestParseType(t *testing.T) {
	for text, want := range map[string]string{
		"string": "string", "bool": "bool", "int64": "int64", "float64": "float64", "json": "json", "bytes": "bytes", "uuid": "uuid", "date": "date",
		"time": "time", "timestamp": "timestamp", "decimal(12,2)": "decimal(12,2)", " decimal( 38 , 38 ) ": "decimal(38,38)", "decimal(5)": "decimal(5,0)",
	} {
		ty, err := ParseType(text)
		if err != nil || ty.String() != want {
			t.Errorf("%q: %s %v", text, ty, err)
		}
	}
	for _, text := range []string{"", "int32", "null", "unavailable", "decimal", "decimal()", "decimal(0,0)", "decimal(39,0)", "decimal(5,6)", "decimal(5,-1)", "decimal(a,b)", "decimal(5,2", "Decimal(5,2)", "kind(3)"} {
		if ty, err := ParseType(text); err == nil {
			t.Errorf("%q is %s", text, ty)
		} else if !strings.Contains(err.Error(), "decimal(p,s)") {
			t.Errorf("%q: %v does not say what there is", text, err)
		}
	}
}

func TestParseEncoding(t *testing.T) {
	for _, e := range Encodings() {
		if got, err := ParseEncoding(string(e)); err != nil || got != e {
			t.Errorf("%s: %v", e, err)
		}
	}
	if e, err := ParseEncoding(""); err != nil || e != EncodingNone {
		t.Error(e, err)
	}
	if _, err := ParseEncoding("base64"); err == nil || !strings.Contains(err.Error(), "bytes_base64") {
		t.Error(err)
	}
}

func TestPositions(t *testing.T) {
	p, err := ParsePosition("2:7, 0:1204")
	if err != nil || p.String() != "0:1204,1:0,2:7" {
		t.Fatal(p, err)
	}
	for _, c := range []struct {
		q       string
		reaches bool
	}{{"0:1204,2:7", true}, {"0:1", true}, {"1:1", false}, {"3:1", false}, {"3:0", true}, {"0:1205", false}} {
		q, err := ParsePosition(c.q)
		if err != nil || p.Reaches(q) != c.reaches {
			t.Errorf("%s: %v %v", c.q, p.Reaches(q), err)
		}
	}
	clone := p.Clone().Set(4, 9)
	if p.At(0) != 1204 || p.At(9) != 0 || p.At(-1) != 0 || len(p) != 3 || clone.At(4) != 9 {
		t.Error(p, clone)
	}
	for _, s := range []string{"", "1", "a:1", "1:a", "1:-1", "-1:1", "1:1,", "4294967296:1", "100000:1", "1:9223372036854775808", "0:7,0:1", "0:1,0:1"} {
		if p, err := ParsePosition(s); err == nil {
			t.Errorf("%q is %s", s, p)
		}
	}
}

func FuzzParsePosition(f *testing.F) {
	f.Add("0:1204,1:998")
	f.Add("7:1")
	f.Fuzz(func(t *testing.T, s string) {
		p, err := ParsePosition(s)
		if err != nil {
			return
		}
		if again, err := ParsePosition(p.String()); err != nil || !slices.Equal(again, p) {
			t.Fatalf("%q: %s, then %s: %v", s, p, again, err)
		}
	})
}

func TestTheTablesColumns(t *testing.T) {
	table := Table{Key: []string{"b", "a"}, Columns: []Column{
		{Name: "a", Type: Type{Kind: Int64}, Path: "x.y"}, {Name: "b", Type: Type{Kind: String}}, {Name: "c", Type: decimalType(5, 2)},
	}}
	if table.ColumnIndex("c") != 2 || table.ColumnIndex("d") != -1 || table.Columns[0].Where() != "x.y" || table.Columns[1].Where() != "b" {
		t.Error("columns are not found")
	}
	if !slices.Equal(table.KeyColumns(), []int{1, 0}) || !slices.Equal(table.SortColumns(), []int{1, 0}) {
		t.Error("the key's order is not kept")
	}
	if got := table.KeyTypes(); len(got) != 2 || got[0].Kind != String || got[1].Kind != Int64 {
		t.Error(got)
	}
	table.SortKey = []string{"c"}
	if !slices.Equal(table.SortColumns(), []int{2}) {
		t.Error("the sort key is not used")
	}
}

func TestCompareIsTheDatabasesOrder(t *testing.T) {
	floats := []Value{Float64Value(-1), Float64Value(0), Float64Value(1), Float64Value(math.NaN())}
	for _, ordered := range [][]Value{
		{{}, BoolValue(false), BoolValue(true)}, {UnavailableValue(), Int64Value(-1), Int64Value(0)}, floats,
		{StringValue("A"), StringValue("a"), StringValue("é")}, {BytesValue("\x00"), BytesValue("\xff")},
		{UUIDValue([16]byte{}), UUIDValue([16]byte{15: 1}), UUIDValue([16]byte{0xff})}, {DateValue(DateNegInfinity), DateValue(-1), DateValue(DateInfinity)},
		{DecimalValue(DecimalFromInt64(-5)), DecimalValue(Decimal{}), DecimalValue(Decimal{Hi: 1})},
	} {
		if !slices.IsSortedFunc(ordered, Compare) || Compare(ordered[0], ordered[1]) >= 0 || Compare(ordered[0], ordered[0]) != 0 {
			t.Errorf("%v", ordered)
		}
	}
	if Compare(Value{}, UnavailableValue()) != 0 || !UnavailableValue().IsNull() || UnavailableValue().Kind() != Unavailable {
		t.Error("unavailable is not read as null")
	}
}

func TestSourcePositionsCompare(t *testing.T) {
	ordered := []SourcePosition{{Minor: 1}, {Minor: 1, Sub: 1}, {Minor: 2}, {Major: 1}, {Major: 1, Minor: 1 << 63}}
	if !slices.IsSortedFunc(ordered, SourcePosition.Compare) || ordered[0].Known() || !(SourcePosition{Kind: SourceMySQL}).Known() {
		t.Error("they do not")
	}
}

func TestNamesAreWords(t *testing.T) {
	if Upsert.String() != "upsert" || Skip.String() != "skip" || Delete.String() != "delete" || Truncate.String() != "truncate" {
		t.Error("operations")
	}
	if Timestamp.String() != "timestamp" || Kind(99).String() != "kind(99)" {
		t.Error("kinds")
	}
}
