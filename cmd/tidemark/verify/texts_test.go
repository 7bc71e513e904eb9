package verify

import (
	"testing"

	"github.com/tidemark/tidemark/tables"
)

// A rule takes one value in the forms that databases and connectors write for the same,
// and distinguishes others.
func TestRulesForTexts(t *testing.T) {
	for name, c := range map[string]struct {
		rule  func(a, b string) bool
		same  [][2]string
		other [][2]string
	}{
		"numbers": {
			sameNumber,
			[][2]string{{"1.10", "1.1"}, {"100", "1E+2"}, {"NaN", "NAN"}, {"Infinity", "POSITIVE_INFINITY"}, {"0", "-0.00"}},
			[][2]string{{"1.10", "1.11"}, {"12345678901234567890", "12345678901234567891"}, {"1", "Kg=="}, {"NaN", "1"}, {"1", "1e999999999"}, {"3", "6/2"}},
		},
		"32-bit floats": {sameSingle, [][2]string{{"0.1", "0.10000000149011612"}, {"NaN", "NaN"}}, [][2]string{{"0.1", "0.2"}, {"1", ""}}},
		"bits":          {sameBits, [][2]string{{"00000101", "101"}, {"0", ""}}, [][2]string{{"101", "100"}, {"101", "x101"}}},
		"bytes": {
			sameBytes,
			[][2]string{{"AP8Q", "AP8Q"}, {"+/8=", "-_8="}, {"AP8Q", "00ff10"}, {"AP8Q", "00FF10"}, {"", ""}},
			[][2]string{{"AP8Q", "00ff11"}, {"AP8Q", ""}},
		},
		"dates": {
			sameClock(tables.Date),
			[][2]string{{"2024-02-29", "19782"}, {"2024-02-29", "2024-02-29Z"}, {"infinity", "infinity"}},
			[][2]string{{"2024-02-29", "19783"}, {"2024-02-29", "x"}},
		},
		"instants": {
			sameClock(tables.Timestamp),
			[][2]string{
				{"1970-01-01 00:00:01.5+00", "1970-01-01T00:00:01.500000Z"}, {"1970-01-01 00:00:01.5", "1500"},
				{"1970-01-01 00:00:01.5", "1500000"}, {"1970-01-01 00:00:01.5", "1500000000"},
			},
			[][2]string{{"1970-01-01 00:00:01.5", "1501"}},
		},
		"times with a zone": {sameZoned, [][2]string{{"12:34:56+02:30", "10:04:56Z"}}, [][2]string{{"12:34:56+02:30", "12:34:56Z"}}},
		"durations": {
			sameDuration,
			[][2]string{{"-838:59:59", "-3020399000000"}, {"00:00:01.5", "1500"}, {"-00:00:00.000001", "-1"}, {"12:00:00", "12:00:00Z"}},
			[][2]string{{"00:00:01", "2000000"}},
		},
		"intervals": {
			sameInterval,
			[][2]string{
				{"P1Y2M3DT4H5M6.789012S", "P14M3DT14706.789012S"}, {"PT0S", "P0Y0M0DT0H0M0S"}, {"P-1Y-2M-3DT-4H-5M-6S", "P-14M-3DT-14706S"}, {"P1W", "P7D"},
			},
			[][2]string{{"P1M", "P30D"}, {"P1D", "PT24H"}, {"P1Y", "1"}, {"PT1S", "P1S"}},
		},
		"points": {samePoint, [][2]string{{`{"x":1.5,"y":-2}`, `{"x":1.5,"y":-2.0,"wkb":"AQ==","srid":null}`}}, [][2]string{{`{"x":1.5,"y":-2}`, `{"x":1.5}`}}},
	} {
		for _, p := range c.same {
			if !c.rule(p[0], p[1]) {
				t.Errorf("%s: %s and %s are told apart", name, p[0], p[1])
			}
		}
		for _, p := range c.other {
			if c.rule(p[0], p[1]) {
				t.Errorf("%s: %s and %s are taken for one", name, p[0], p[1])
			}
		}
	}
}

// Items are compared by the type that they have in the database, in the forms in which
// tables have them.
func TestItemsOfArrays(t *testing.T) {
	for _, c := range []struct {
		native, database, table string
		same                    bool
	}{
		{"numeric", `[0.42,4.20,null]`, `[0.42,4.2,null]`, true},
		{"numeric", `[0.42,"NaN"]`, `["0.42","NaN"]`, true},
		{"numeric", `[0.42,4.20]`, `["Kg==","AaQ="]`, false},
		{"date", `["2024-02-29"]`, `["2024-02-29"]`, true},
		{"date", `["2024-02-29"]`, `[19782]`, true},
		{"timestamp", `["2024-01-01T00:00:00"]`, `["2024-01-01T00:00:00.000000Z"]`, true},
		{"timestamptz", `["2024-01-01T00:00:00+00:00"]`, `["2024-01-01T00:00:00.000000Z"]`, true},
		{"bytea", `["\\x00ff10"]`, `["AP8Q"]`, true},
		{"bytea", `["\\x00ff10"]`, `["AP8R"]`, false},
		{"float4", `[0.1]`, `[0.10000000149011612]`, true},
		{"text", `["a","b,c",null,""]`, `["a","b,c",null,""]`, true},
		{"text", `["a"]`, `["a","a"]`, false},
		{"text", `["null"]`, `[null]`, false},
		{"int4", `[[1,2],[3,4]]`, `[[1,2],[3,4]]`, true},
		{"int4", `[[1,2],[3,4]]`, `[null,null]`, false},
		{"interval", `["P1Y"]`, `["P12M"]`, true},
		{"timestamp", `[]`, `[]`, true},
	} {
		if got := sameItems(c.native)(c.database, c.table); got != c.same {
			t.Errorf("%s: %s and %s: %v", c.native, c.database, c.table, got)
		}
	}
}

func TestNumbersThatStandForTimes(t *testing.T) {
	for _, c := range []struct {
		kind tables.Kind
		e    tables.Encoding
		text string
		want string
	}{
		{tables.Date, tables.EncodingEpochDays, "19782", "2024-02-29"},
		{tables.Timestamp, tables.EncodingEpochMs, "1500", "1970-01-01T00:00:01.500000Z"},
		{tables.Timestamp, tables.EncodingEpochNs, "-1", "1969-12-31T23:59:59.999999Z"},
		{tables.Time, tables.EncodingTimeMs, "1500", "00:00:01.500000"},
	} {
		f, is := counted("x", c.e)
		if !is {
			t.Fatalf("%s is no count", c.e)
		}
		typ := tables.Type{Kind: c.kind}
		v, err := f.read(typ, c.text)
		if got := string(tables.AppendText(nil, typ, v)); err != nil || got != c.want {
			t.Errorf("%s of %s is %s (%v), want %s", c.e, c.text, got, err, c.want)
		}
	}
	if _, is := counted("x", tables.EncodingISOTimestamp); is {
		t.Error("a text is no count")
	}
}

func TestBitsAsNumbersAndBytes(t *testing.T) {
	for want, typ := range map[string]tables.Type{"426": {Kind: tables.Int64}, "qgE=": {Kind: tables.Bytes}} {
		v, err := bitsForm("x").read(typ, "000110101010")
		if got := string(tables.AppendText(nil, typ, v)); err != nil || got != want {
			t.Errorf("%s is %s (%v), want %s", typ, got, err, want)
		}
	}
}

// What connectors make of each type is compared; what depends on what nobody can see is not.
func TestFormsOfColumns(t *testing.T) {
	decimal := tables.Type{Kind: tables.DecimalKind, Precision: 12, Scale: 2}
	of := func(k tables.Kind) tables.Type { return tables.Type{Kind: k} }
	for _, c := range []struct {
		d        dialect
		native   sourceType
		typ      tables.Type
		e        tables.Encoding
		compared bool
	}{
		{postgres{}, sourceType{name: "inet"}, of(tables.String), "", true},
		{postgres{}, sourceType{name: "_numeric", array: true, item: "numeric"}, of(tables.JSON), "", true},
		{postgres{}, sourceType{name: "_point", array: true, item: "point"}, of(tables.JSON), "", false},
		{postgres{}, sourceType{name: "text"}, decimal, "", true},
		{postgres{}, sourceType{name: "int8"}, of(tables.Timestamp), tables.EncodingEpochMs, true},
		{postgres{}, sourceType{name: "int8"}, of(tables.Timestamp), "", false},
		{postgres{}, sourceType{name: "int8"}, of(tables.UUID), "", false},
		{postgres{}, sourceType{name: "interval"}, of(tables.String), "", true},
		{postgres{}, sourceType{name: "tsquery"}, of(tables.String), "", false},
		{postgres{}, sourceType{name: "bytea"}, of(tables.String), "", true},
		{mysqlDialect{}, sourceType{name: "time"}, of(tables.Int64), "", true},
		{mysqlDialect{}, sourceType{name: "bit", length: 8}, of(tables.Bytes), "", true},
		{mysqlDialect{}, sourceType{name: "polygon"}, of(tables.JSON), "", true},
		{mysqlDialect{}, sourceType{name: "polygon"}, of(tables.Bytes), "", false},
		{postgres{}, sourceType{name: "circle"}, of(tables.JSON), "", true},
		{mysqlDialect{}, sourceType{name: "int"}, of(tables.Date), tables.EncodingEpochDays, true},
	} {
		f := c.d.form("t.c", c.native, tables.Column{Name: "c", Type: c.typ, Encoding: c.e})
		if (f.sql != "") != c.compared || (f.reason == "") != c.compared {
			t.Errorf("%s as %s %s: %q, %q", c.native.name, c.typ, c.e, f.sql, f.reason)
		}
	}
}
